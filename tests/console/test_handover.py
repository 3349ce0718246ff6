"""Handed over, a customer is on the other machine what it was on the first, and only there."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from connectors.walks import Begun, Candidate
from console.config import load
from console.credentials import MemorySecrets
from console.errors import ConsoleError, Exit
from console.handover.compare import Diverged, Relation
from console.handover.export import export
from console.handover.mark import HandedOver, given, history, refuse, take_back
from console.onboarding.answering import Draft, evidence, keep
from console.onboarding.book import read
from console.report import files
from console.report.gather import gather
from console.sampling.marking import Word, say_of
from console.store.answers import Answers
from console.store.handovers import Move
from console.store.idmap import IdMap
from console.store.leases import LeaseHeld, Leases
from console.store.runs import RunState
from console.store.said import Said
from console.store.samples import Mark
from console.store.schema import MIGRATIONS
from console.walks.guide import guides
from console.walks.journey import Journey
from console.walks.kept import keep as keep_walk
from tests.console import report_kit
from tests.console.checklist_kit import LIST, only_own
from tests.console.handover_kit import (
    BEFORE,
    CUSTOMER,
    NOW,
    PASSPHRASE,
    PLACE,
    Machine,
    cheap,
    everything,
    first,
    second,
)


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    only_own(monkeypatch)


@pytest.fixture
def one(tmp_path: Path) -> Machine:
    """The machine that hands over."""
    return first(tmp_path / "one")


@pytest.fixture
def two(tmp_path: Path) -> Machine:
    """The machine that takes in."""
    return second(tmp_path / "two")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the file goes."""
    return tmp_path / "muster.einzug"


@contextmanager
def answers_of(machine: Machine) -> Iterator[Answers]:
    """The answers of the customer on a machine."""
    place = machine.open()
    with place.store() as conn:
        yield Answers(conn, place.vault, place.folder)


def test_the_other_machine_tells_the_same_as_the_first(one: Machine, two: Machine, file: Path) -> None:
    before = gather(one.open(), now=NOW)
    one.export(file)
    two.take(file)
    after = gather(two.open(), now=NOW)
    assert (after.journal, after.chapters, after.runs, after.trips) == (
        before.journal, before.chapters, before.runs, before.trips,
    )  # fmt: skip
    assert after.walks == before.walks
    assert not after.unreadable
    assert after.journal.rows > 0


def test_evidence_is_there_byte_for_byte_and_sealed_with_the_new_key(
    one: Machine, two: Machine, file: Path
) -> None:
    one.export(file)
    two.take(file)
    (kept,) = read(two.open()).history("own.provider")[-1].files
    assert (kept.name, evidence(two.open(), kept)) == ("Angebot SIP.pdf", b"x" * 2_345)
    assert one.secrets.key(CUSTOMER) != two.secrets.key(CUSTOMER)
    for content in everything(two.folder / "data").values():
        assert b"x" * 100 not in content


def test_undo_values_and_fingerprints_survive_the_new_key(one: Machine, two: Machine, file: Path) -> None:
    one.export(file)
    two.take(file)
    place = two.open()
    with place.journal() as journal:
        run = journal.last_run(*PLACE, kind="apply")
        assert run is not None
        assert journal.before(run.id, "tenant", "1") == BEFORE
    with place.store() as conn:
        link = IdMap(conn, *PLACE[:2]).get("tenant", "1")
    assert link is not None
    assert link.digest == place.vault.fingerprint(b"written")[:16]


def test_a_report_of_the_first_machine_is_proven_on_the_other(
    one: Machine, two: Machine, file: Path, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    files.write(gather(one.open(), now=NOW), page, one.open().vault)
    one.export(file)
    two.take(file)
    found = files.verify(two.open(), *files.read(page))
    assert (found.agrees, found.proven) == (True, True)


def test_who_begins_to_write_while_it_is_handed_over_is_refused_or_stops_it(one: Machine, file: Path) -> None:
    lease = "sync bots4you/practice/master-data"  # held, and no run has begun
    with one.open().store() as conn, Leases(conn).held(lease), pytest.raises(LeaseHeld):
        one.export(file)
    assert given(one.open()) is None
    assert not file.exists()


def test_no_secret_and_no_key_is_in_the_file(one: Machine, two: Machine, file: Path) -> None:
    one.export(file)
    content = file.read_bytes()
    assert b"canary" not in content
    assert b"Erika" not in content
    two.take(file)
    assert two.secrets.get(CUSTOMER, "bots4you", "practice") == {}
    key = one.secrets.key(CUSTOMER)
    assert key
    assert all(key not in held for held in everything(two.folder).values())


def test_configuration_and_agreements_join_what_is_there(one: Machine, two: Machine, file: Path) -> None:
    one.export(file)
    two.take(file)
    text = two.config.read_text(encoding="utf-8")
    assert text.startswith('# mine\n[customers.other]\nname = "Andere eG" # kept\n')
    assert load(two.config).customers[CUSTOMER] == load(one.config).customers[CUSTOMER]
    agreement = two.folder / CUSTOMER / "kanäle" / "übersicht.toml"
    assert agreement.read_text(encoding="utf-8") == "a = 1\n"


def test_comments_of_the_configuration_travel(one: Machine, two: Machine, file: Path) -> None:
    text = one.config.read_text(encoding="utf-8")
    one.config.write_text(
        text.replace("[customers.muster.erp]", "# agreed on Monday\n[customers.muster.erp]")
    )
    one.export(file)
    two.take(file)
    assert "# agreed on Monday\n[customers.muster.erp]" in two.config.read_text(encoding="utf-8")


def test_what_is_handed_over_cannot_be_written_until_somebody_takes_it_back(one: Machine, file: Path) -> None:
    one.export(file)
    place = one.open()
    with pytest.raises(HandedOver) as stopped:
        refuse(place)
    assert stopped.value.code is Exit.GUARD
    assert "Max Beispiel" in stopped.value.message
    item = read(place).item("own.provider")
    assert item is not None
    with pytest.raises(HandedOver):
        keep(place, item.item, Draft(Said.OPEN, "Erika Muster"))
    with pytest.raises(HandedOver):
        say_of(place, PLACE, "1", Word(Mark.RIGHT, "Erika Muster"))
    with pytest.raises(ConsoleError):
        take_back(place, " ", NOW)
    take_back(place, "Erika Muster", NOW)
    refuse(place)
    keep(place, item.item, Draft(Said.OPEN, "Erika Muster"))
    assert [move.move for move in history(place)] == [Move.GIVEN, Move.BACK]


async def test_the_session_refuses_below_every_screen(one: Machine, file: Path) -> None:
    one.export(file)
    place = one.open()
    async with place.session("bots4you", "master-data") as session:
        with pytest.raises(HandedOver):
            await session.admit()
        assert await session.settle() == 0  # the journal does not go on here
    async with place.tickets("bots4you") as tickets:
        with pytest.raises(HandedOver):
            await tickets.pass_(stop=asyncio.Event())
    with place.journal() as journal:
        assert journal.verify().ok


def test_the_machine_that_took_it_in_may_write(one: Machine, two: Machine, file: Path) -> None:
    one.export(file)
    taken = two.take(file)
    assert (taken.who, taken.to) == ("Erika Muster", "Max Beispiel")
    assert given(two.open()) is None
    refuse(two.open())
    assert [move.move for move in history(two.open())] == [Move.GIVEN, Move.TAKEN]


def test_there_and_back_again_continues_the_journal(
    one: Machine, two: Machine, file: Path, tmp_path: Path
) -> None:
    one.export(file)
    two.take(file)
    two.run("2")
    report_kit.answer(two.open(), note="drüben geklärt")
    back = tmp_path / "back.einzug"
    two.export(back, to="Erika Muster")
    with one.arriving(back) as arrival:
        assert arrival.preview.relation is Relation.CONTINUES
        assert arrival.preview.overwrites
        arrival.take(now=NOW)
    assert given(one.open()) is None
    assert gather(one.open(), now=NOW).journal == gather(two.open(), now=NOW).journal
    assert read(one.open()).history("own.provider")[-1].note == "drüben geklärt"
    with one.open().journal() as journal:
        assert journal.before(2, "tenant", "1") == BEFORE
    moves = [move.move for move in history(one.open())]
    assert moves == [Move.GIVEN, Move.TAKEN, Move.GIVEN, Move.TAKEN]


def test_where_both_worked_since_the_entry_is_named_and_nothing_changes(
    one: Machine, two: Machine, file: Path, tmp_path: Path
) -> None:
    one.export(file)
    two.take(file)
    shared = gather(one.open(), now=NOW).journal.rows
    two.run("2")
    take_back(one.open(), "Erika Muster", NOW)
    one.run("3")
    back = tmp_path / "back.einzug"
    two.export(back)
    before = everything(one.folder)
    with pytest.raises(Diverged) as refused, one.arriving(back):
        pytest.fail("it is refused before anything is offered")
    assert refused.value.entry == shared + 1
    assert str(shared + 1) in refused.value.message
    assert everything(one.folder) == before


def test_a_file_that_is_older_than_what_is_here_is_refused(one: Machine, file: Path) -> None:
    one.export(file)
    shared = gather(one.open(), now=NOW).journal.rows
    take_back(one.open(), "Erika Muster", NOW)
    one.run("2")
    with pytest.raises(Diverged) as refused, one.arriving(file):
        pytest.fail("it is refused")
    assert refused.value.entry == shared + 1


def test_answers_that_only_this_machine_has_are_not_lost(one: Machine, file: Path) -> None:
    one.export(file)
    take_back(one.open(), "Erika Muster", NOW)
    report_kit.answer(one.open(), note="danach")
    with pytest.raises(Diverged, match="Antwort 3") as refused, one.arriving(file):
        pytest.fail("it is refused")
    assert refused.value.entry == 0
    assert read(one.open()).history("own.provider")[-1].note == "danach"


def test_tests_that_only_this_machine_has_are_not_lost(one: Machine, file: Path) -> None:
    one.export(file)
    report_kit.travel(one.open(), NOW.replace(hour=15))
    with pytest.raises(Diverged), one.arriving(file):
        pytest.fail("it is refused")


def test_what_would_be_replaced_is_told_beforehand(one: Machine, two: Machine, file: Path) -> None:
    one.export(file)
    with two.config.open("a", encoding="utf-8") as config:
        config.write('\n[customers.muster]\nname = "Anders"\n')
    (two.folder / CUSTOMER / "kanäle").mkdir(parents=True)
    (two.folder / CUSTOMER / "kanäle" / "übersicht.toml").write_text("b = 2\n")
    before = everything(two.folder)
    with two.arriving(file) as arrival:
        preview = arrival.preview
        assert (preview.relation, preview.config, preview.files) == (
            Relation.NEW, True, ("kanäle/übersicht.toml",),
        )  # fmt: skip
        assert preview.overwrites
    assert everything(two.folder) == before  # nobody said yes: nothing of it stays
    two.take(file)
    assert load(two.config).customers[CUSTOMER].name == "Wohnbau Musterstadt eG"


def test_the_same_file_once_more_changes_nothing(one: Machine, two: Machine, file: Path) -> None:
    one.export(file)
    two.take(file)
    with two.arriving(file) as arrival:
        assert arrival.preview.relation is Relation.SAME
        assert not arrival.preview.overwrites
        arrival.take(now=NOW)
    assert gather(two.open(), now=NOW).journal == gather(one.open(), now=NOW).journal


def test_nothing_is_handed_over_while_somebody_writes(one: Machine, file: Path) -> None:
    place = one.open()
    with place.journal() as journal:
        run = journal.start_run(*PLACE, "apply", settings={})
        with pytest.raises(Exception, match="run"):
            one.export(file)
        journal.finish_run(run, RunState.DONE, {})
    assert given(place) is None
    assert not file.exists()
    one.export(file)


def test_a_broken_journal_is_not_handed_over(one: Machine, file: Path) -> None:
    with one.open().store() as conn:
        conn.execute("UPDATE entry SET record = 'x' WHERE seq = 2")
    with pytest.raises(ConsoleError, match="2"):
        one.export(file)
    assert (given(one.open()), file.exists()) == (None, False)


def disk_full(_descriptor: int) -> None:
    """Nothing more fits."""
    raise OSError(errno.ENOSPC, "full")


def test_a_file_that_cannot_be_written_leaves_no_mark(
    one: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConsoleError, match="missing"):
        one.export(tmp_path / "missing" / "muster.einzug")
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", disk_full)
        with pytest.raises(ConsoleError):
            one.export(tmp_path / "muster.einzug")
    assert list(tmp_path.glob("*muster.einzug*")) == []
    assert given(one.open()) is None


def test_names_are_needed_and_a_file_is_never_overwritten(one: Machine, file: Path) -> None:
    with pytest.raises(ConsoleError):
        export(one.open(), file, PASSPHRASE, who="Erika", to=" ")
    file.write_text("mine")
    with pytest.raises(ConsoleError):
        one.export(file)
    assert file.read_text() == "mine"


def test_a_link_out_of_the_folder_of_agreements_does_not_travel(one: Machine, file: Path) -> None:
    outside = one.folder / "private.txt"
    outside.write_text("canary")
    (one.folder / CUSTOMER / "link.txt").symlink_to(outside)
    done = one.export(file)
    assert (done.agreements, done.skipped) == (1, ("link.txt",))


def test_what_does_not_travel_is_named(one: Machine, file: Path) -> None:
    own = one.folder / "checklists"
    own.mkdir()
    (own / "own.toml").write_text(LIST.replace('"own', '"mine'), encoding="utf-8")
    with one.config.open("a", encoding="utf-8") as config:
        config.write('[customers.muster.immomio]\nenvironment = "practice"\nurl = "http://127.0.0.1:9"\n')
    place = one.open()
    journey = Journey(Candidate("1", "Testwohnung", ""), Begun("1", NOW, frozenset()))
    with closing(place.cache()) as cache:
        for guide in guides(place).values():
            keep_walk(cache, guide._name, journey)
    done = one.export(file)
    assert any(str(own) in name for name in done.skipped)
    assert "ein geführter Test, der gerade läuft" in done.skipped


def test_answers_that_were_stored_readable_are_sealed_on_arrival(
    tmp_path: Path, two: Machine, file: Path
) -> None:
    class NoKeyring(MemorySecrets):
        def key(self, customer: str, *, create: bool = False) -> bytes | None:
            return None

    folder = tmp_path / "bare"
    folder.mkdir()
    bare = Machine(folder, NoKeyring())
    report_kit.filled(folder, bare.secrets)
    with answers_of(bare) as answers:
        answers.say("own.mailbox", Said.DONE, who="Erika Muster", subject="post@example.org")
    done = bare.export(file)
    assert done.lost["trip"] == 1  # sealed with a key that ended with its process
    two.take(file)
    book = read(two.open())
    assert book.history("own.provider")[-1].who == "Erika Muster"
    assert book.consent is None
    with answers_of(two) as answers:
        answers.say("own.mailbox", Said.OPEN, who="Max Beispiel", subject="post@example.org")
        one, other = (a for a in answers.history().answers if a.about == "own.mailbox")
    assert one.item == other.item  # the mark of a subject is made with the key from now on
    assert all(b"Erika" not in content for content in everything(two.folder / "data").values())
    with pytest.raises(ConsoleError):
        bare.take(file)  # what is sealed could not be kept there


def test_every_table_travels_or_is_known_to_stay(one: Machine) -> None:
    from console.handover.tables import STAYS, TRAVELS

    with one.open().store() as conn:
        tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables == TRAVELS.keys() | STAYS
    assert len(MIGRATIONS) >= 5
