"""Open points as workbooks: who gets what, and what a filled in one says when it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from checklists import loader
from checklists.model import Addressee, Words
from console.errors import ConsoleError
from console.handouts.asks import handouts
from console.handouts.columns import Column
from console.handouts.proposals import Found
from console.handouts.take_in import keep
from console.handover.mark import HandedOver
from console.i18n import setup
from console.onboarding import answering
from console.onboarding.answering import Draft, Values
from console.onboarding.book import read
from console.readiness import State
from console.report import files
from console.report.blocks import texts as texts_of
from console.report.gather import gather
from console.store.handovers import Handover, Handovers, Move
from console.store.said import Said
from tests.console.checklist_kit import CONFIG, workspace
from tests.console.handouts_kit import DUE, NAME, came_back, handed_out, looked, only_two_desks, two_desks

PROVIDER, AUTHENTICATION, CONNECTION, _TENANT = two_desks()[0].items
WAY, CONTACT, DAY, LINES = (("own.provider", name) for name in ("way", "contact", "due", "lines"))
STATE, NOTE, WHO, UNTIL = (("own.provider", name) for name in ("STATE", "NOTE", "WHO", "DUE"))


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_two_desks(monkeypatch)


def texts(path: Path) -> str:
    """Every text of a workbook."""
    book = openpyxl.load_workbook(path)
    return "\n".join(str(c.value) for s in book.worksheets for row in s.iter_rows() for c in row if c.value)


def test_each_desk_gets_its_own_points_and_the_consultants_stay_here(tmp_path: Path) -> None:
    book = read(workspace(tmp_path))
    assert [one.addressee for one in handouts(book)] == [Addressee.IT, Addressee.TELEPHONY]
    (mine,) = handouts(book, Addressee.CONSULTANT)
    assert [one.item.id for one in mine.questions] == ["own.connection"]


def test_a_folder_gets_a_file_and_a_letter_for_each_desk_in_the_customers_language(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    it, telephony = handed_out(here, tmp_path / "out")
    assert (it.path.name, telephony.letter.name) == (
        "offene-punkte-muster-it.xlsx",
        "offene-punkte-muster-telephony.txt",
    )
    letter = telephony.letter.read_text(encoding="utf-8-sig")
    assert letter.startswith("Betreff: Offene Punkte vor dem Start, Wohnbau Musterstadt eG (Telefonanlage)\n")
    assert "1 davon muss vor dem Start geklärt sein" in letter
    assert "bis zum 31.10.2026" in letter
    english = workspace(tmp_path / "en", text=CONFIG.replace("[customers.muster]", EN))
    assert "Good day," in handed_out(english, tmp_path / "en")[0].letter.read_text(encoding="utf-8-sig")


EN = '[customers.muster]\nlanguage = "en"'


def test_what_is_known_goes_to_its_own_desk_alone(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    values: Values = {"contact": "Max Kontakt", "hours": ("day",), "lines": "4", "due": "2026-05-31"}
    answering.keep(here, PROVIDER, Draft(Said.OPEN, NAME, "internal remark", values))
    it, telephony = handed_out(here, tmp_path / "out")
    (together,) = handed_out(here, tmp_path / "all.xlsx")
    known = texts(telephony.path)
    assert "Max Kontakt" in known
    for path in (it.path, together.path):
        assert "Max Kontakt" not in texts(path)
    assert "internal remark" not in known + texts(together.path)
    assert openpyxl.load_workbook(together.path).sheetnames[:2] == ["IT", "Telefonanlage"]


def test_only_what_is_to_be_filled_in_is_unlocked_and_choices_are_offered(tmp_path: Path) -> None:
    (written,) = handed_out(workspace(tmp_path), tmp_path / "a.xlsx", Addressee.TELEPHONY)
    sheet = openpyxl.load_workbook(written.path).worksheets[0]
    assert sheet.protection.sheet
    assert sheet.column_dimensions["K"].hidden
    free = {at for at, c in enumerate(sheet[7]) if not c.protection.locked}
    assert free == {Column.ANSWER, Column.STATE, Column.WHO, Column.DUE, Column.NOTE}
    lists = [one for one in sheet.data_validations.dataValidation if one.type == "list"]
    assert {str(one.sqref) for one in lists} >= {"F7", "F11", "F12", "G7"}


def test_a_filled_in_workbook_becomes_an_answer_with_who_when_and_from_which_file(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    typed = {
        WAY: "SIP-Trunk",
        CONTACT: "+49 30 123, Max",
        DAY: date(2026, 5, 31),
        LINES: 4,
        ("own.provider", "hours", "day"): "ja",
        NOTE: "=so vereinbart",
    }
    shown = looked(here, came_back(written.path, typed))
    (one,) = shown.proposals
    assert (one.found, one.place, shown.doubts) == (Found.ANSWER, "Telefonanlage!F7", ())
    kept = keep(here, shown.proposals)
    assert (len(kept.kept), kept.late) == (1, ())
    standing = read(here).item("own.provider")
    assert standing is not None
    assert standing.answer is not None
    said = standing.answer
    assert (standing.state, said.said, said.who, said.origin) == (State.DONE, Said.DONE, NAME, "a.xlsx")
    assert dict(said.values) == {
        "way": "sip",
        "contact": "+49 30 123, Max",
        "due": "2026-05-31",
        "lines": "4",
        "hours": ("day",),
    }
    assert said.note == "=so vereinbart"
    again = looked(here, written.path)
    assert (again.proposals, again.doubts, again.same) == ((), (), 1)


def test_an_untouched_workbook_says_nothing(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    values: Values = {"hours": ("day",), "lines": "4.50", "contact": "Max\nMo bis Fr", "due": "2026-05-31"}
    answering.keep(here, PROVIDER, Draft(Said.OPEN, NAME, "asked", values))
    for written in handed_out(here, tmp_path / "out"):
        shown = looked(here, came_back(written.path, {}))
        assert (shown.proposals, shown.doubts, shown.same) == ((), (), 1)


def test_a_wrong_cell_is_named_with_its_place_and_blocks_nothing_else(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    typed = {
        WAY: "Fax",
        DAY: "bald",
        LINES: "=1+1",
        ("own.provider", "hours", "day"): "vielleicht",
        STATE: "halb",
        CONTACT: "Max",
        UNTIL: "=TODAY()",
    }
    shown = looked(here, came_back(written.path, typed))
    assert {doubt.place.partition("!")[2]: doubt.shown for doubt in shown.doubts} == {
        "F7": "Fax",
        "F9": "bald",
        "F10": "=1+1",
        "F11": "vielleicht",
        "G7": "halb",
        "I7": "=TODAY()",
    }
    (one,) = shown.proposals
    assert dict(one.draft.values) == {"contact": "Max"}
    assert one.draft.said is Said.OPEN, "a required field is missing"


def test_what_does_not_apply_needs_its_reason(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    shown = looked(here, came_back(written.path, {STATE: "does not apply", CONTACT: "Max"}))
    assert [doubt.why for doubt in shown.doubts] == ["This needs a reason as a note."]
    assert shown.proposals[0].draft.said is Said.OPEN
    shown = looked(here, came_back(written.path, {NOTE: "no phone here"}))
    assert shown.proposals[0].draft.said is Said.NOT_APPLICABLE


def test_still_open_keeps_the_name_and_the_day(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    path = came_back(written.path, {UNTIL: DUE + timedelta(7), WHO: "Max"})
    keep(here, looked(here, path).proposals)
    said = read(here).history("own.provider")[-1]
    assert (said.said, said.who, said.due) == (Said.OPEN, "Max", DUE + timedelta(7))


def test_a_word_that_was_said_meanwhile_is_a_conflict_and_never_overwritten_unseen(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    path = came_back(written.path, {WAY: "Rufumleitung"})
    early = looked(here, path).proposals
    answering.keep(here, PROVIDER, Draft(Said.DONE, "Max", values={"way": "sip", "lines": "2"}))
    kept = keep(here, early)
    assert (kept.kept, len(kept.late)) == ((), 1)
    (one,) = looked(here, path).proposals
    assert one.found is Found.CONFLICT
    assert one.former is not None
    assert one.former.who == "Max"
    assert [(each.label, each.former, each.new) for each in one.differences] == [
        ("Connection", "SIP trunk", "Forwarding")
    ]
    keep(here, [one])
    history = read(here).history("own.provider")
    assert [said.values["way"] for said in history] == ["sip", "forward"]
    assert history[-1].values["lines"] == "2", "what the file does not mention stays"


def test_the_same_word_said_meanwhile_is_no_conflict(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    answering.keep(here, PROVIDER, Draft(Said.DONE, "Max", values={"way": "forward"}))
    assert looked(here, came_back(written.path, {WAY: "Rufumleitung"})).proposals == ()


def test_several_choices_are_added_and_taken_away_one_by_one(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    answering.keep(here, PROVIDER, Draft(Said.OPEN, NAME, values={"hours": ("day",)}))
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    day, night = (("own.provider", "hours", name) for name in ("day", "night"))
    assert looked(here, came_back(written.path, {day: "nein", night: True})).proposals[0].draft.values == {
        "hours": ("night",)
    }


def test_a_name_is_needed_from_the_file_or_from_whoever_reads_it(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    path = came_back(written.path, {WAY: "Rufumleitung"}, who="")
    shown = looked(here, path)
    assert (shown.proposals, len(shown.doubts)) == ((), 1)
    assert looked(here, path, NAME).proposals[0].draft.who == NAME


def test_another_customers_workbook_is_refused(tmp_path: Path) -> None:
    (written,) = handed_out(workspace(tmp_path / "a"), tmp_path / "a.xlsx", Addressee.TELEPHONY)
    other = workspace(tmp_path / "b", text=CONFIG.replace("muster", "andere"))
    with pytest.raises(ConsoleError, match="another customer"):
        looked(other, written.path)


def test_a_file_that_is_there_already_is_never_overwritten(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    first = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    filled = came_back(first[0].path, {WAY: "Rufumleitung"}).read_bytes()
    (again,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    assert (again.path.name, again.letter.name) == ("a-2.xlsx", "a-2.txt")
    assert first[0].path.read_bytes() == filled
    assert "a-2.xlsx" in again.letter.read_text(encoding="utf-8-sig")


def test_nothing_open_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConsoleError, match="Nothing is open"):
        handed_out(workspace(tmp_path), tmp_path / "a.xlsx", Addressee.LETTING)


@pytest.mark.parametrize(("environment", "shown"), [("practice", "from a.xlsx"), ("test", "from a….xlsx")])
def test_the_report_names_the_file_of_an_answer(tmp_path: Path, environment: str, shown: str) -> None:
    text = CONFIG.replace('"practice"', f'"{environment}"')
    text = text if environment == "practice" else text.replace("http:", "https:")
    here = workspace(tmp_path, text=text)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    keep(here, looked(here, came_back(written.path, {WAY: "Rufumleitung"})).proposals)
    report = gather(here)
    told = "\n".join(texts_of(files.document(report, "").blocks))
    assert shown in told


def test_points_that_lie_with_partners_go_to_each_of_them_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine,) = two_desks()
    item = replace(PROVIDER, addressee=Addressee.PARTNER)
    both = [
        replace(mine, id=key, partner=key, items=(replace(item, id=f"{key}.one", title=Words(key, key)),))
        for key in ("bots4you", "immomio")
    ]
    monkeypatch.setattr(loader, "shipped", lambda: tuple(both))
    second = '[customers.muster.immomio]\nenvironment = "practice"\nurl = "http://127.0.0.1:9"\n'
    here = workspace(tmp_path, text=CONFIG + second)
    one, other = handed_out(here, tmp_path / "out", Addressee.PARTNER)
    assert one.path.name == "offene-punkte-muster-partner-bots4you.xlsx"
    assert (one.desks, other.desks) == (("Bots4You",), ("Immomio",))
    assert "immomio" not in texts(one.path)
    assert "bots4you" not in texts(other.path)


def test_nothing_is_kept_of_a_workbook_while_somebody_else_works_on_the_customer(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    (written,) = handed_out(here, tmp_path / "a.xlsx", Addressee.TELEPHONY)
    came_back(written.path, {NOTE: "x", UNTIL: DUE})
    found = looked(here, written.path)
    assert found.proposals
    with here.store() as conn:
        given = Handover("token", Move.GIVEN, datetime.now(UTC), "Erika Muster", "Max Beispiel")
        Handovers(conn, here.vault).note(given)
    with pytest.raises(HandedOver):
        keep(here, found.proposals)
    assert read(here).history("own.provider") == ()
