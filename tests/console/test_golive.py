"""The go-live step: its conditions, what it notes, the lock of the hub, and what changed since."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Text, Verdict
from connectors.ticketing import TICKETS
from console.config import load
from console.errors import ConsoleError, Exit
from console.golive import look, step
from console.golive.conditions import Conditions, Point
from console.golive.mandanten import finding
from console.golive.record import Look, refuse_locked
from console.golive.since import Moved, aftermath
from console.golive.step import Word, go_live, live_of, owner_of, take_back, weighed
from console.golive.words import condition_lines, since_lines
from console.handover.export import export
from console.handover.mark import HandedOver
from console.onboarding.book import read
from console.readiness import State
from console.sitting import Sitting
from console.store.counted import Counted, CountedStore
from console.store.said import Said
from console.tickets.events import PassResult, TicketOutcome
from console.tickets.ticket_state import Standing
from console.workspace import Workspace
from tests.console import handover_kit
from tests.console.checklist_kit import CONFIG, workspace
from tests.console.golive_kit import BLOCKER, EXPIRES, NAME, only_short, say, settle

NOW = datetime(2026, 11, 22, 11, 4, tzinfo=UTC)
PLACE = ("bots4you", "practice", "master-data")
LOOK = Look(NOW, 0, {"tenant": 1204}, {"tenant": 1204}, ("10", "20"), "digest", "m1")
HUB = CONFIG + '[customers.muster.bots4you.use_cases.master-data]\nowner = "hub"\n# next\n'
WORD = Word(NAME, "Abnahme am Montag")


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_short(monkeypatch)


def ready(folder: Path, text: str = CONFIG) -> Workspace:
    """A customer of whom every condition holds."""
    place = workspace(folder, text=text)
    settle(place)
    return place


def missing(found: tuple[Conditions, object]) -> list[Point]:
    """The conditions that do not hold."""
    return [one.point for one in found[0].missing]


def test_every_condition_is_named_until_it_holds(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    assert missing(weighed(place, PLACE, None, now=NOW)) == list(Point)
    settle(place)
    assert missing(weighed(place, PLACE, LOOK, now=NOW)) == []


@pytest.mark.parametrize(("age", "met"), [(0, True), (59, True), (61, False), (-1, False)])
def test_a_comparison_counts_for_an_hour(tmp_path: Path, age: int, met: bool) -> None:
    look = replace(LOOK, at=NOW - timedelta(minutes=age))
    assert (Point.COMPARED not in missing(weighed(ready(tmp_path), PLACE, look, now=NOW))) is met


@pytest.mark.parametrize(("accepted", "met"), [(None, False), (2, False), (3, True), (4, False)])
def test_differences_are_accepted_by_their_exact_count(
    tmp_path: Path, accepted: int | None, met: bool
) -> None:
    found = weighed(ready(tmp_path), PLACE, replace(LOOK, differences=3), accepted=accepted, now=NOW)
    assert (missing(found) == []) is met


def test_the_way_back_is_a_text_and_somebody_who_decides(tmp_path: Path) -> None:
    place = ready(tmp_path)
    assert any("zurücknehmen" in line for line in condition_lines(*_told(place), mask=False))
    assert not any("Frieda" in line for line in condition_lines(*_told(place), mask=True))
    say(place, "go_live.way_back", values={})
    assert missing(weighed(place, PLACE, LOOK, now=NOW)) == [Point.WAY_BACK]


def _told(place: Workspace) -> tuple[Any, Look, Any]:
    found, book = weighed(place, PLACE, LOOK, now=NOW)
    return found, LOOK, book


def test_what_blocks_keeps_it_from_going_live(tmp_path: Path) -> None:
    place = ready(tmp_path)
    say(place, BLOCKER, Said.OPEN)
    assert missing(weighed(place, PLACE, LOOK, now=NOW)) == [Point.BLOCKERS]
    with pytest.raises(ConsoleError) as refused:
        go_live(place, PLACE, LOOK, WORD, now=NOW)
    assert refused.value.code is Exit.FINDINGS
    assert live_of(place, PLACE) is None


def test_going_live_notes_who_when_and_the_baseline_in_the_chain(tmp_path: Path) -> None:
    place = ready(tmp_path)
    live = go_live(place, PLACE, LOOK, WORD, now=NOW)
    assert (live.since, live.owner, live.who, live.note) == (NOW, "einzug", NAME, "Abnahme am Montag")
    assert (live.desired, live.actual, live.mandanten) == ({"tenant": 1204}, {"tenant": 1204}, ("10", "20"))
    assert live_of(workspace(tmp_path, place.secrets), PLACE) == live
    with place.journal() as journal:
        assert journal.verify().ok
        run = journal.run(live.run)
    assert (run.kind, run.plan_digest, run.mapping_version) == ("go-live", "digest", "m1")
    assert NAME not in repr(run)
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or NAME.encode() not in path.read_bytes()


def test_the_step_answers_what_it_has_proven(tmp_path: Path) -> None:
    place = ready(tmp_path)
    go_live(place, PLACE, LOOK, WORD, now=NOW)
    book = read(place)
    for id_ in ("go_live.baseline", "go_live.no_differences"):
        standing = book.item(id_)
        assert standing is not None
        assert standing.state is State.DONE
    assert book.history("go_live.baseline")[-1].values == {"erp": "1204", "partner": "1204"}


def test_a_name_is_needed_and_a_reason_where_something_differs(tmp_path: Path) -> None:
    place = ready(tmp_path)
    with pytest.raises(ConsoleError):
        go_live(place, PLACE, LOOK, Word(" "), now=NOW)
    with pytest.raises(ConsoleError):
        go_live(place, PLACE, replace(LOOK, differences=3), Word(NAME, "", 3), now=NOW)
    live = go_live(place, PLACE, replace(LOOK, differences=3), Word(NAME, "drei Garagen", 3), now=NOW)
    assert live.accepted == 3


def test_it_goes_live_once(tmp_path: Path) -> None:
    place = ready(tmp_path)
    go_live(place, PLACE, LOOK, WORD, now=NOW)
    with pytest.raises(ConsoleError):
        go_live(place, PLACE, LOOK, WORD, now=NOW)
    assert not take_back(place, PLACE, WORD, now=NOW)
    assert live_of(place, PLACE) is None
    go_live(place, PLACE, LOOK, WORD, now=NOW)


def test_what_was_handed_over_goes_live_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handover_kit.cheap(monkeypatch)
    place = ready(tmp_path)
    export(place, tmp_path / "x", handover_kit.PASSPHRASE, who=NAME, to="Max Beispiel", now=NOW)
    with pytest.raises(HandedOver):
        go_live(place, PLACE, LOOK, WORD, now=NOW)


def locked(place: Workspace) -> ConsoleError | None:
    """How writing is refused, if it is."""
    with place.store() as conn:
        try:
            refuse_locked(conn, place.vault, place.customer.key, PLACE)
        except ConsoleError as error:
            return error
    return None


def test_where_the_hub_takes_over_writing_is_locked_until_it_is_taken_back_by_name(tmp_path: Path) -> None:
    place = ready(tmp_path, HUB)
    go_live(place, PLACE, LOOK, WORD, now=NOW)
    refused = locked(place)
    assert refused is not None
    assert refused.code is Exit.GUARD
    assert "--take-back" in refused.hint
    path = tmp_path / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"hub"', '"einzug"'), encoding="utf-8")
    place.reconfigure(load(path))
    assert locked(place) is not None  # the setting alone does not unlock it
    with pytest.raises(ConsoleError):
        take_back(place, PLACE, Word(NAME), now=NOW)  # without a reason
    take_back(place, PLACE, WORD, now=NOW)
    assert locked(place) is None


def test_taking_back_sets_the_owner_and_keeps_the_comments(tmp_path: Path) -> None:
    place = ready(tmp_path, HUB)
    go_live(place, PLACE, LOOK, WORD, now=NOW)
    assert take_back(place, PLACE, WORD, now=NOW)
    assert owner_of(place, "bots4you", "master-data") == "einzug"
    assert "# next" in (tmp_path / "config.toml").read_text(encoding="utf-8")


def test_where_the_configuration_cannot_be_written_it_stays_live_and_is_taken_back_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ready(tmp_path, HUB)
    go_live(place, PLACE, LOOK, WORD, now=NOW)

    def full(*_args: object) -> None:
        raise ConsoleError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(step, "take_over", full)
        with pytest.raises(ConsoleError, match="full"):
            take_back(place, PLACE, WORD, now=NOW)
    assert live_of(place, PLACE) is not None
    assert take_back(place, PLACE, WORD, now=NOW)
    assert owner_of(place, "bots4you", "master-data") == "einzug"


async def test_tickets_that_wait_for_a_person_are_differences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass leaves alone what is held back with a reason, so it plans nothing for it."""
    outcomes = [
        TicketOutcome("a", "1", "ticket", Text("tickets.created"), planned=True),
        TicketOutcome("b", "2", "ticket", Text("tickets.twice_in_erp")),
        TicketOutcome("c", "3", "ticket", Text("tickets.already_there")),
    ]

    class Session:
        async def pass_(self, *, dry_run: bool) -> PassResult:
            assert dry_run
            return PassResult(outcomes=outcomes)

        async def state(self) -> Standing:
            return Standing(linked=40, parked=3, held=2)

    @asynccontextmanager
    async def tickets(*_args: object) -> AsyncIterator[Session]:
        yield Session()

    async def mandanten(*_args: object) -> tuple[str, ...]:
        return ("10",)

    place = workspace(tmp_path)
    monkeypatch.setattr(Workspace, "tickets", tickets)
    monkeypatch.setattr(look, "mandanten", mandanten)
    found = await look.compared(place, "bots4you", TICKETS, Sitting())
    assert found.differences == 2 + 3 + 2


async def test_the_session_refuses_what_the_hub_has_taken_over(tmp_path: Path) -> None:
    place = ready(tmp_path, HUB)
    for partner in ("bots4you", "erp"):
        values = {"username": "u", "password": "p", "api_key": "k"}
        place.secrets.set("muster", partner, "practice", values)
    async with place.session("bots4you", "master-data") as session:
        with pytest.raises(ConsoleError) as refused:
            await session.admit()
        assert refused.value.code is Exit.USAGE  # the hub owns it, and nothing is live yet
        go_live(place, PLACE, LOOK, WORD, now=NOW)
        with pytest.raises(ConsoleError) as refused:
            await session.admit()
        assert refused.value.code is Exit.GUARD


def test_nothing_is_told_before_anything_is_live(tmp_path: Path) -> None:
    assert aftermath(ready(tmp_path)) is None


def test_counts_are_told_against_the_baseline(tmp_path: Path) -> None:
    place = ready(tmp_path)
    go_live(place, PLACE, LOOK, WORD, now=NOW)
    found = aftermath(place, now=NOW)
    assert found is not None
    assert (found.lives[0].counted, found.lives[0].moved) == (None, ())
    with place.store() as conn:
        store = CountedStore(conn)
        store.keep(PLACE, Counted(NOW - timedelta(days=1), {"tenant": 1}, {}))
        before = aftermath(place, now=NOW)
        store.keep(PLACE, Counted(NOW + timedelta(days=1), {"tenant": 1210}, {"tenant": 1204, "lease": 2}))
    assert before is not None
    assert before.lives[0].counted is None  # counted before the go-live
    after = aftermath(place, now=NOW)
    assert after is not None
    assert after.lives[0].moved == (
        Moved("tenant", there=False, then=1204, now=1210),
        Moved("lease", there=True, then=0, now=2),
    )
    lines = list(since_lines(after, place, mask=False))
    assert NAME in lines[0]
    assert any("1.210" in line for line in lines)
    assert NAME not in "\n".join(since_lines(after, place, mask=True))


def test_missing_credentials_and_expired_answers_are_told(tmp_path: Path) -> None:
    place = ready(tmp_path)
    say(place, EXPIRES)
    go_live(place, PLACE, LOOK, WORD, now=NOW)
    found = aftermath(place, now=NOW)
    assert found is not None
    assert found.troubled
    assert dict(found.missing).keys() == {"erp", "bots4you"}
    assert found.expired == ()
    later = aftermath(place, now=NOW + timedelta(days=365))
    assert later is not None
    assert [one.day.isoformat() for one in later.expired] == ["2027-03-01"]
    assert any("01.03.2027" in line for line in since_lines(later, place, mask=True))


@pytest.mark.parametrize(
    ("now", "configured", "new"),
    [
        (("10", "20"), frozenset({"10"}), 0),
        (("10", "20", "30"), frozenset({"10"}), 1),
        (("10", "20", "30"), frozenset({"10", "30"}), 0),
        (("10", "20", "30", "40"), frozenset(), 2),
        (("10", "20", "30"), None, 0),
    ],
)
def test_mandanten_that_came_since_and_nobody_configured_are_a_warning(
    tmp_path: Path, now: tuple[str, ...], configured: frozenset[str] | None, new: int
) -> None:
    live = go_live(ready(tmp_path), PLACE, LOOK, WORD, now=NOW)
    found = finding(now, [live], configured)
    assert (found.verdict, found.count) == (Verdict.WARN if new else Verdict.OK, new)
