"""What goes wrong around the screens is told on them; nothing that was written is lost."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.wrappers import Patience
from console.actions import PANELS, get
from console.app import ConsoleApp
from console.config import load
from console.credentials import MemorySecrets, Secrets
from console.doors import Doors
from console.practice import CUSTOMER, Practice, partners, secrets_of
from console.screens.main import MainScreen
from console.surroundings import Surroundings
from tests.console.cli_kit import COMMAND, ROOT, Office, called
from tests.console.screen_kit import main, practice_app, shown, until
from tests.console.tmux_kit import WAIT_S, Pane, pane

PLACE = ("bots4you", "master-data")
TENANTS = ("practice", "bots4you", "master-data")
NOBODY = "http://127.0.0.1:9"
UNASKED = ("--yes", "--accept", "ambiguous_ids=4")
PAUSE = {"partner": "bots4you", "kind": "429", "method": "P*", "after": 1, "count": 1, "retry_after": 15}
"""After the first write the partner wants to be left alone for a while."""

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs signals and terminals of POSIX")


@asynccontextmanager
async def opened(config: Path, data: Path, secrets: Secrets) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    """The console on a configuration; what fails is not tried again."""
    doors = Doors(load(config), secrets, data, only=CUSTOMER, config_path=config)
    app = ConsoleApp(doors)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        main(app).cockpit._patience = Patience(tries=1)
        yield app, pilot
    doors.close()
    assert app.crash is None


def known(office: Office) -> MemorySecrets:
    """The right credentials."""
    secrets = MemorySecrets()
    for partner, entry in office.line["partners"].items():
        secrets.set(CUSTOMER, partner, "practice", secrets_of(entry))
    return secrets


async def test_a_partner_that_is_away_is_told_and_comes_back(office: Office, tmp_path: Path) -> None:
    async with opened(office.config, tmp_path, known(office)) as (app, pilot):
        track = main(app).cockpit.tracks[PLACE]
        await pilot.press("p")
        await until(pilot, lambda: track.plan is not None)
        office.control("POST", "/faults", {"partner": "bots4you", "kind": "503"})
        before = track.plan
        await pilot.press("p")
        await until(pilot, lambda: bool(track.error) and not track.busy)
        await pilot.pause(0.2)
        assert "Bots4You" in shown(app)
        assert "✗" in shown(app)
        assert track.plan is before, "the last state stays"
        office.control("DELETE", "/faults")
        await pilot.press("p")
        await until(pilot, lambda: not track.error and track.plan is not before)


async def test_nobody_answers(office: Office, tmp_path: Path) -> None:
    here = office.changed(tmp_path, (office.line["partners"]["erp"]["url"], NOBODY))
    async with opened(here, tmp_path / "data", known(office)) as (app, pilot):
        track = main(app).cockpit.tracks[PLACE]
        await pilot.press("p")
        await until(pilot, lambda: bool(track.error) and not track.busy)
        await pilot.pause(0.2)
        assert "KEIN NETZ" in shown(app)


async def test_an_expired_token_is_renewed_by_itself(tmp_path: Path) -> None:
    clocks: list[Clock] = []

    def made(clock: Clock) -> list[PartnerSandbox]:
        clocks.append(clock)
        return partners(Practice(60, 1), clock)

    async with practice_app(tmp_path, make=made) as (app, pilot):
        track = main(app).cockpit.tracks[PLACE]
        await pilot.press("p")
        await until(pilot, lambda: track.plan is not None)
        before = track.plan
        clocks[0].advance(24 * 3600)
        await pilot.press("p")
        await until(pilot, lambda: not track.busy and (track.plan is not before or bool(track.error)))
        assert not track.error


async def test_a_tiny_terminal_and_back(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        await pilot.press("p")
        await until(pilot, lambda: main(app).cockpit.tracks[PLACE].plan is not None)
        for scope in PANELS:
            await pilot.press(get(f"panel.{scope}").key)
            before = shown(app)
            for size in ((40, 10), (1, 1), (120, 40)):
                await pilot.resize_terminal(*size)
                await pilot.press("down", "question_mark", "escape")
            assert app.crash is None
            assert shown(app).splitlines()[1] == before.splitlines()[1]


async def test_without_a_keyring_the_panels_explain(office: Office, tmp_path: Path) -> None:
    for name in office.variables():
        os.environ.pop(name, None)
    secrets = Surroundings(config=office.config, data_dir=tmp_path).secrets()
    async with opened(office.config, tmp_path, secrets) as (app, pilot):
        track = main(app).cockpit.tracks[PLACE]
        await pilot.press("p")
        await until(pilot, lambda: bool(track.error) and not track.busy)
        await pilot.press("5")
        await until(pilot, lambda: "Schlüsselbund" in shown(app))


def terminal(office: Office) -> dict[str, str]:
    """What the program on the terminal is given."""
    return {**office.variables(), "TERM": "tmux-256color", "PYTHONPATH": str(ROOT)}


def begin(here: Pane, office: Office) -> None:
    """Plan, confirm, and wait until the partner has some records and asks for a pause."""
    office.control("POST", "/faults", PAUSE)
    here.until("Wohnbau Musterstadt", "noch kein Plan")
    here.keys("p")
    here.until("65 neu")
    here.keys("a")
    here.until("Schreiben")
    here.keys("4", "Enter")
    end = time.monotonic() + WAIT_S
    while not office.control("GET", "/requests/bots4you?status=429&count=1")["count"]:
        assert time.monotonic() < end, here.text()
    assert 0 < len(office.held("tenant")) < 65


def nothing_is_lost(office: Office, data: Path | None = None) -> None:
    """The next run settles what was interrupted and writes the rest; nothing twice."""
    office.control("DELETE", "/faults")
    told = called("sync", *TENANTS, *UNASKED, *(("--data-dir", str(data)) if data else ()))
    assert told.code == 0, told.err
    assert len(office.held("tenant")) == 65
    assert set(office.control("GET", "/state/bots4you/creates")["tenant"].values()) == {1}


@posix
@pytest.mark.system("tmux")
def test_ctrl_c_does_not_break_a_run_and_leaving_is_resumable(office: Office, tmp_path: Path) -> None:
    with pane(tmp_path, *COMMAND, env=terminal(office)) as here:
        begin(here, office)
        here.keys("C-c", "C-q")
        here.until("Bleiben")
        here.keys("BTab", "Enter")
        text = here.until("ended with")
    assert "Traceback" not in text
    nothing_is_lost(office)
