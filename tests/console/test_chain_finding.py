"""What a chain comes to stands beside the findings of the checks, and what a check read the panel shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.chains import ChainReading, ChainRow, LinkState, LinkVerdict
from connectors.contract import Finding, Text, Verdict
from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.texts import render
from console.chains import finding as findings
from console.chains.finding import CAUSES, finding
from console.chains.kept import Held
from console.chains.reading import read_chain
from console.i18n import setup
from console.store.errors import StoreError
from tests.console.chain_kit import LETTING, SALES, Shelves, only_chain_lists, shelves
from tests.console.screen_kit import main, until
from tests.console.test_screen_chain import stage

pytestmark = pytest.mark.usefixtures("toy_installed")


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_chain_lists(monkeypatch)


def row(number: int, state: LinkState, reason: Text | None = None) -> ChainRow:
    """An object that has one link."""
    return ChainRow(str(number), "Birkenweg", (LinkVerdict("note", state, reason, cause=str(number)),))


async def told(here: Shelves, partner: str | None = None) -> dict[str, Finding]:
    """What a check finds, by key."""
    report = await here.workspace().check(partner)
    return {one.key: one for one in report.findings}


@pytest.mark.parametrize(
    ("states", "verdict", "count"),
    [
        ((LinkState.OK, LinkState.OK), Verdict.OK, 0),
        ((LinkState.OK, LinkState.UNCONFIRMED), Verdict.MANUAL, 0),
        ((LinkState.UNCONFIRMED, LinkState.UNKNOWN), Verdict.WARN, 1),
        ((LinkState.UNKNOWN, LinkState.BROKEN, LinkState.OK), Verdict.FAIL, 2),
        ((), Verdict.WARN, 0),
    ],
)
async def test_the_worst_object_decides(
    tmp_path: Path, states: tuple[LinkState, ...], verdict: Verdict, count: int
) -> None:
    rows = tuple(row(number, state) for number, state in enumerate(states))
    async with shelves(tmp_path) as here:
        found = finding(here.place(), Held(ChainReading(rows), datetime.now(UTC)))
    assert (found.verdict, found.count) == (verdict, count)


async def test_causes_that_read_alike_are_told_once_and_not_all_of_many(tmp_path: Path) -> None:
    alike = Text("toy.not_booked")
    rows = [row(number, LinkState.UNCONFIRMED, alike) for number in range(3)]
    rows += [row(n, LinkState.BROKEN, Text("toy.no_note", {"item": str(n)})) for n in range(10, 10 + CAUSES)]
    async with shelves(tmp_path) as here:
        found = finding(here.place(), Held(ChainReading(tuple(rows)), datetime.now(UTC)))
    assert sum(detail == alike for detail in found.details) == 1
    assert len(found.details) == CAUSES


async def test_a_check_tells_how_the_objects_stand(tmp_path: Path) -> None:
    async with shelves(tmp_path) as here:
        found = (await told(here))["toy.chain"]
        assert found.verdict is Verdict.FAIL
        assert render(found.evidence, "en").startswith(
            "Of 4 objects 0 are in order; broken 1, unconfirmed 3,"
        )
        assert LETTING not in repr(found)
        here.confirm("own.provider", LETTING, SALES, "shelf@example.org")
        here.confirm("own.shown", "D-1", "D-2", "D-3", "D-4")
        found = (await told(here, "toy"))["toy.chain"]
        assert (found.count, [detail.code for detail in found.details]) == (1, ["toy.no_note"])


async def test_a_partner_that_is_not_reached_is_told_once(tmp_path: Path) -> None:
    async with shelves(tmp_path) as here:
        here.url = "http://127.0.0.1:9"
        found = await told(here)
        assert found["toy.connection"].verdict is Verdict.FAIL
        assert "toy.chain" not in found


async def test_what_keeps_a_chain_from_an_answer_is_a_failure_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter(
        [
            Failure(Problem("http.refused", Trouble.UNREACHABLE, Owner.CUSTOMER, where="GET items")),
            StoreError("full", path="muster.db"),
        ]
    )

    async def fails(*_args: object) -> Held:
        raise next(errors)

    monkeypatch.setattr(findings, "read_chain", fails)
    async with shelves(tmp_path) as here:
        refused, full = (await told(here))["toy.chain"], (await told(here))["toy.chain"]
    assert refused.verdict is full.verdict is Verdict.FAIL
    assert refused.evidence.code == "sync.check_impossible"
    assert "no space left" in render(full.evidence, "en")


async def test_the_panel_shows_what_a_check_has_read(tmp_path: Path) -> None:
    async with stage(tmp_path) as here:
        before = here.track.held
        here.here.confirm("own.provider", LETTING)
        here.track.error = ("It did not answer.",)
        await main(here.app).cockpit.check()
        assert here.track.held is not before
        assert not here.track.error
        await until(here.pilot, lambda: here.panel._wanted[0] is here.track.held)


async def test_what_a_check_finds_is_the_reading_of_the_panel(tmp_path: Path) -> None:
    async with shelves(tmp_path) as here:
        held = await read_chain(here.workspace(), here.place())
        assert (await told(here))["toy.chain"] == finding(here.place(), held)
