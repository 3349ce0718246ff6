"""The checklists of a customer: where items stand, what an answer leads to, and what keeps one from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checklists import loader
from checklists.model import Item
from connectors.contract import Finding, Text, Verdict
from console.errors import ConsoleError
from console.i18n import setup
from console.keyring_state import KeyringError, KeyringState
from console.onboarding import takeover
from console.onboarding.answering import (
    Draft,
    consequence_words,
    consequences,
    evidence,
    filled,
    keep,
    read_values,
)
from console.onboarding.book import read
from console.onboarding.lists import WrongLists, lists, own_folder
from console.onboarding.words import age, hidden_file, readiness_words
from console.readiness import Because, State
from console.store.errors import StoreError
from console.store.said import Said
from console.store.walked import WalkedStore
from tests.console.checklist_kit import CONFIG, LIST, only_own, own_lists, workspace

NAME = "Erika Musterfrau"
PROVIDER, AUTHENTICATION, CONNECTION, TENANT = own_lists()[0].items


@pytest.fixture(autouse=True)
def _only_own(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_own(monkeypatch)


class NoKeyring:
    """Secrets of a machine without a keyring."""

    source = None

    def key(self, _customer: str, *, create: bool = False) -> bytes | None:
        raise KeyringError(KeyringState.NONE)


def test_an_answer_moves_its_item_and_the_readiness(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    before = read(here)
    assert [one.item.id for one in before.readiness.blockers] == ["own.provider"]
    keep(here, PROVIDER, Draft(Said.DONE, NAME, values={"way": "sip"}))
    after = read(here)
    assert after.item("own.provider").state is State.DONE  # type: ignore[union-attr]
    assert (before.readiness.done, after.readiness.done) == (0, 1)
    assert "blocking 0" in readiness_words(after.readiness)


def test_two_opened_customers_see_each_others_answers(tmp_path: Path) -> None:
    from console.credentials import MemorySecrets

    secrets = MemorySecrets()
    one, other = workspace(tmp_path, secrets), workspace(tmp_path, secrets)
    keep(one, PROVIDER, Draft(Said.OPEN, "A", "asked"))
    keep(other, PROVIDER, Draft(Said.DONE, "B", values={"way": "sip"}))
    assert [said.who for said in read(one).history("own.provider")] == ["A", "B"]


def test_what_a_check_found_decides_until_it_is_old(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    assert read(here).item(CONNECTION.id).because is Because.UNCHECKED  # type: ignore[union-attr]
    here._found.keep([Finding(CONNECTION.key, (), Verdict.OK, Text("sync.check_impossible"))])
    now = datetime.now(UTC)
    assert read(here).item(CONNECTION.id).state is State.DONE  # type: ignore[union-attr]
    old = read(here, now=now + timedelta(days=2)).item(CONNECTION.id)
    assert old is not None
    assert (old.state, old.because) == (State.OPEN, Because.STALE)


def test_findings_outlive_the_process_where_there_is_a_key_and_last_it_where_not(tmp_path: Path) -> None:
    here = workspace(tmp_path, NoKeyring())  # type: ignore[arg-type]
    here._found.keep([Finding(CONNECTION.key, (), Verdict.FAIL, Text("sync.check_impossible"))])
    assert read(here).item(CONNECTION.id).because is Because.FAILURE  # type: ignore[union-attr]


def test_a_failure_is_accepted_by_name_and_stays_visible(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    here._found.keep([Finding(CONNECTION.key, (), Verdict.FAIL, Text("sync.check_impossible"))])
    for wrong in (Draft(Said.ACCEPTED, NAME), Draft(Said.ACCEPTED, " ", "Monday")):
        with pytest.raises(ConsoleError):
            keep(here, CONNECTION, wrong)
    with pytest.raises(ConsoleError):
        keep(here, PROVIDER, Draft(Said.ACCEPTED, NAME, "no check here"))
    keep(here, CONNECTION, Draft(Said.ACCEPTED, NAME, "mended on Monday"))
    one = read(here).item(CONNECTION.id)
    assert one is not None
    assert (one.state, one.because, one.accepted) == (State.DONE, Because.FAILURE, True)


def test_what_did_not_fail_cannot_be_accepted_in_advance(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    draft = Draft(Said.ACCEPTED, NAME, "whatever comes")
    with pytest.raises(ConsoleError):
        keep(here, CONNECTION, draft)
    here._found.keep([Finding(CONNECTION.key, (), Verdict.OK, Text("sync.check_impossible"))])
    with pytest.raises(ConsoleError):
        keep(here, CONNECTION, draft)
    assert read(here).history(CONNECTION.id) == ()


def test_who_did_not_see_the_last_answer_is_told_and_covers_nothing(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    keep(here, PROVIDER, Draft(Said.OPEN, "A", "asked", seen=0))
    with pytest.raises(StoreError) as told:
        keep(here, PROVIDER, Draft(Said.DONE, "B", "guessed", seen=0))
    assert told.value.code == "answered"
    keep(here, PROVIDER, Draft(Said.DONE, "B", "known", seen=read(here).words["own.provider"]))
    assert [one.note for one in read(here).history("own.provider")] == ["asked", "known"]


def test_a_walk_answers_where_the_partner_is_now(tmp_path: Path) -> None:
    text = CONFIG + '[customers.muster.immomio]\nenvironment = "practice"\nurl = "http://127.0.0.1:9"\n'
    here = workspace(tmp_path, text=text)
    at = datetime(2025, 6, 1, tzinfo=UTC)
    with here.store() as conn:
        WalkedStore(conn, here.vault).keep("immomio", "test", "test_tenant", at, at, {})
    assert read(here).item(TENANT.id).because is Because.WALK  # type: ignore[union-attr]
    with here.store() as conn:
        WalkedStore(conn, here.vault).keep("immomio", "practice", "test_tenant", at, at, {})
    assert read(here).item(TENANT.id).state is State.DONE  # type: ignore[union-attr]


def test_readiness_is_told_for_use_case_partner_and_customer(tmp_path: Path) -> None:
    text = CONFIG + '[customers.muster.immomio]\nenvironment = "practice"\nurl = "http://127.0.0.1:9"\n'
    book = read(workspace(tmp_path, text=text))
    assert book.of_use_case("immomio/prospects").blocked + book.of_use_case("immomio/prospects").open == 1
    assert book.of_use_case("immomio/vacancies").open == 0
    assert book.of_partner("immomio").open == 1
    assert book.of_partner("bots4you").open == 0
    assert [one.item.id for one in book.before_go_live("immomio/vacancies").blockers] == ["own.provider"]


def test_evidence_is_kept_with_the_answer(tmp_path: Path) -> None:
    here, file = workspace(tmp_path), tmp_path / "plan.pdf"
    file.write_bytes(b"%PDF")
    keep(here, PROVIDER, Draft(Said.DONE, NAME, paths=(file,)))
    file.unlink()
    (kept,) = read(here).history("own.provider")[-1].files
    assert (kept.name, evidence(here, kept)) == ("plan.pdf", b"%PDF")


def test_a_file_that_cannot_be_taken_leaves_the_answer_untold(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    with pytest.raises(StoreError):
        keep(here, PROVIDER, Draft(Said.DONE, NAME, paths=(tmp_path / "none.pdf",)))
    assert read(here).history("own.provider") == ()


def test_without_a_keyring_one_consent_is_needed_and_is_told(tmp_path: Path) -> None:
    here = workspace(tmp_path, NoKeyring())  # type: ignore[arg-type]
    assert read(here).needs_consent
    with pytest.raises(StoreError) as error:
        keep(here, PROVIDER, Draft(Said.DONE, NAME))
    assert error.value.code == "no_key"
    keep(here, PROVIDER, Draft(Said.DONE, NAME), consent=True)
    book = read(workspace(tmp_path, NoKeyring()))  # type: ignore[arg-type]
    assert not book.needs_consent
    assert book.consent is not None
    assert len(book.history("own.provider")) == 1


# --- values and consequences


@pytest.mark.parametrize(
    ("field", "texts", "value"),
    [
        ("way", ["sip"], "sip"),
        ("way", ["SIP-Trunk"], "sip"),
        ("hours", ["day", "night"], ("day", "night")),
        ("hours", ["day, night,day"], ("day", "night")),
        ("due", ["31.05.2026"], "2026-05-31"),
        ("due", ["2026-05-31"], "2026-05-31"),
        ("lines", ["12.5"], "12.5"),
        ("contact", [" Max "], "Max"),
    ],
)
def test_values_are_read_as_people_write_them(field: str, texts: list[str], value: object) -> None:
    assert read_values(PROVIDER, {field: texts}) == {field: value}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("way", "fax"),
        ("due", "32.05.2026"),
        ("lines", "many"),
        ("lines", "NaN"),
        ("lines", "1e999"),
        ("none", "x"),
    ],
)
def test_what_a_field_cannot_hold_is_refused(field: str, text: str) -> None:
    with pytest.raises(ConsoleError):
        read_values(PROVIDER, {field: [text]})


def test_german_numbers_are_read_in_german() -> None:
    setup("de")
    assert read_values(PROVIDER, {"lines": ["1.234,5"]}) == {"lines": "1234.5"}


@given(st.text(max_size=30))
def test_no_text_in_a_field_breaks_its_reading(text: str) -> None:
    for one in PROVIDER.fields:
        try:
            values = read_values(PROVIDER, {one.key: [text]})
        except ConsoleError:
            continue
        assert set(values) <= {one.key}


def test_a_consequence_follows_from_the_value_and_names_it() -> None:
    (one,) = consequences(PROVIDER, {"way": "sip"})
    assert consequence_words(PROVIDER, one, {"way": "sip"}, mask=False) == "All calls arrive by SIP trunk."
    assert consequences(PROVIDER, {}) == []


def test_braces_in_a_value_mean_nothing() -> None:
    text = filled("{contact} and {other}", PROVIDER, {"contact": "{way} {0}", "way": "sip"})
    assert text.endswith("and {other}")
    assert "{0}" in text
    assert filled("{contact}", PROVIDER, {"contact": "{way}", "way": "sip"}) == "{way}"


def test_a_masked_consequence_names_nobody() -> None:
    values = {"way": "sip", "contact": "Max Kontakt"}
    sip, contact = consequences(PROVIDER, values)
    assert consequence_words(PROVIDER, sip, values, mask=True) == "All calls arrive by SIP trunk."
    assert consequence_words(PROVIDER, contact, values, mask=True) == "Calls for M… name the customer."


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Vertrag Meier.PDF", "V….pdf"), ("Brief an Dr.Meier", "B…"), ("Dr.Max", "D…"), ("x.tar.gz", "x…")],
)
def test_of_a_masked_file_name_only_a_usual_ending_stays(name: str, shown: str) -> None:
    assert hidden_file(name, True) == shown
    assert hidden_file(name, False) == name


# --- settings taken over


def test_a_decision_is_proposed_as_a_setting_and_written_once_confirmed(tmp_path: Path) -> None:
    here = workspace(tmp_path)
    values = {"birth": "yes"}
    keep(here, AUTHENTICATION, Draft(Said.DONE, NAME, values=values))
    (proposal,) = takeover.proposals(here, AUTHENTICATION, values)
    assert (proposal.setting, proposal.value, proposal.former) == (
        "bots4you/master-data.birth_date",
        True,
        False,
    )
    before = here.config_path.read_text(encoding="utf-8")
    assert "birth_date" not in before, "only once it is confirmed"
    used = here.connections.use_cases("bots4you")
    takeover.take_over(here, [proposal])
    assert "birth_date = true" in here.config_path.read_text(encoding="utf-8")
    assert here.connections.job("bots4you", "master-data").settings.birth_date is True
    assert here.connections.use_cases("bots4you") == used, "naming one must not switch off the others"
    assert takeover.proposals(here, AUTHENTICATION, values) == ()
    assert workspace(tmp_path).connections.job("bots4you", "master-data").settings.birth_date is True


@pytest.mark.parametrize(
    "setting",
    ["immomio/master-data.birth_date", "bots4you/none.birth_date", "bots4you/master-data.none", "none", ""],
)
def test_a_setting_that_is_not_there_is_not_proposed(tmp_path: Path, setting: str) -> None:
    (one,) = AUTHENTICATION.consequences
    item: Item = replace(AUTHENTICATION, consequences=(replace(one, takes_over={setting: "true"}),))
    assert takeover.proposals(workspace(tmp_path), item, {"birth": "yes"}) == ()


# --- a consultant's own lists


def test_mistakes_in_an_own_list_are_named_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "shipped", tuple)
    folder = own_folder(tmp_path / "config.toml")
    folder.mkdir()
    wrong = LIST.replace('kind = "automatic"', 'kind = "sometimes"').replace(
        'who = "customer"', 'who = "you"', 1
    )
    (folder / "mine.toml").write_text(wrong, encoding="utf-8")
    line = wrong.splitlines().index('who = "you"') + 1
    for language, allowed in (("en", "Allowed: customer, consultant, vendor."), ("de", "Erlaubt: customer")):
        setup(language)
        with pytest.raises(WrongLists) as error:
            lists(tmp_path / "config.toml")
        first, *_more = error.value.lines(language)
        assert first.startswith(f"mine.toml:{line}: ")
        assert "who" in first
        assert allowed in first
        assert str(folder) in error.value.lines(language)[-1]


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_file_in_the_folder_is_more_than_a_mistake_with_a_place(content: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = own_folder(Path(name) / "config.toml")
        folder.mkdir()
        (folder / "x.toml").write_bytes(content)
        with pytest.raises(WrongLists) as error:
            lists(Path(name) / "config.toml")
        told = error.value.lines()
        assert all(line.startswith("x.toml:") or line.startswith("…") for line in told[:-1])
        assert not any(c in "".join(told) for c in "\x1b\x00\x9b\u202e")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 minutes ago"),
        (59, "59 minutes ago"),
        (60, "1 hour ago"),
        (47 * 60, "47 hours ago"),
        (2880, "2 days ago"),
    ],
)
def test_the_age_of_a_finding_is_told_roughly(minutes: int, words: str) -> None:
    at = datetime(2025, 6, 1, tzinfo=UTC)
    assert age(at, at + timedelta(minutes=minutes)) == words
