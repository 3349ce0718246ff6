"""Whatever a partner or the ERP sends, the terminal gets nothing of it raw; secrets show nowhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from console import mishaps
from console.app import ConsoleApp
from console.cockpit import Cockpit, Place
from console.credentials import variable
from console.errors import Exit
from console.practice import CUSTOMER, config_text, secrets_of
from console.screens.apply_dialog import ApplyDialog
from console.widgets.record_table import RecordTable
from tests.console.chain_kit import only_chain_lists
from tests.console.cli_kit import COMMAND, ROOT
from tests.console.hostile_kit import ATTACKS, BIDI, CLIPBOARD, hostile_partners, raw
from tests.console.screen_kit import main, practice_app, shown, until
from tests.console.test_screen_chain import stage
from tests.console.tmux_kit import pane

CANARY = "CANARY-7f3a-secret"
PLACE = ("bots4you", "master-data")
CATEGORIES = ("bots4you", "ticket-categories")


class Watch:
    """Looks at every screen: nothing raw, nothing crashed; remembers what was seen."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.seen = ""

    async def press(self, *keys: str) -> None:
        """Press keys one by one and look after each."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()
            self.look()

    def look(self) -> None:
        """What is on the screen now."""
        assert self.app.crash is None
        text = shown(self.app)
        assert raw(text.replace("\n", "")) == set()
        self.seen += text + "\n"


def texts_in(folder: Path, pattern: str) -> str:
    """The files of a pattern, together."""
    return "".join(path.read_text(encoding="utf-8-sig") for path in folder.rglob(pattern))


async def planned(watch: Watch, place: Place) -> None:
    """Plan a use case and open the plan."""
    screen = main(watch.app)
    screen.start_plan(place)
    track = screen.cockpit.tracks[place]
    await until(watch.pilot, lambda: track.plan is not None or bool(track.error))
    assert not track.error
    screen.open_plan(place)
    await until(watch.pilot, lambda: screen.query_one("#changes", RecordTable).cursor_key is not None)


async def written(watch: Watch, place: Place) -> None:
    """Write the plan that is open, with everything the dialog asks for, to the end of the run."""
    track = main(watch.app).cockpit.tracks[place]
    await watch.press("a")
    await until(watch.pilot, lambda: isinstance(watch.app.screen, ApplyDialog))
    guards = track.plan.guards if track.plan else []
    for guard in guards:
        await watch.press(*str(guard.count), "tab")
    if not guards:
        await watch.press("shift+tab")
    await watch.press("enter")
    await until(watch.pilot, lambda: track.result is not None and not track.busy)


async def test_no_text_of_a_record_reaches_a_screen_raw(tmp_path: Path) -> None:
    async with practice_app(tmp_path, make=hostile_partners) as (app, pilot):
        watch, cockpit = Watch(app, pilot), main(app).cockpit
        await watch.press("f5")
        await until(pilot, lambda: cockpit.checked_at is not None)
        for place in (PLACE, CATEGORIES):
            await planned(watch, place)
            for _row in range(4):
                await watch.press("down", "w", "escape", "enter", "end", "space", "escape", "escape")
            await watch.press("end", "m", "w", "escape", "m", "y", "slash", *"[neu", "enter", "escape")
        assert "[/x] [neu]" in watch.seen
        assert "NNNN" in watch.seen
        await watch.press("5", "w", "1", "f9", "escape", "ctrl+p", "escape")


async def test_a_run_on_hostile_records_is_shown_and_exported_safely(tmp_path: Path) -> None:
    async with practice_app(tmp_path, make=hostile_partners) as (app, pilot):
        watch = Watch(app, pilot)
        await planned(watch, PLACE)
        await written(watch, PLACE)
        await watch.press("end", "home", "6")
        await until(pilot, lambda: main(app).query_one("#runs", RecordTable).cursor_key is not None)
        await watch.press("enter", "down", "end", "e", "escape")
        await until(pilot, lambda: bool(list(tmp_path.rglob("*.csv"))))
        await pilot.pause(0.1)
        watch.look()
    exported = texts_in(tmp_path, "*.csv")
    assert "tenant" in exported
    assert CLIPBOARD not in exported


@pytest.mark.usefixtures("toy_installed")
async def test_a_chain_of_hostile_objects_is_shown_saved_and_exported_safely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_chain_lists(monkeypatch)
    items = tuple(
        {"ref": f"{nth}{attack[:200]}", "title": attack, "note": attack if nth % 2 else None}
        for nth, attack in enumerate(ATTACKS)
    )
    async with stage(tmp_path, items=items) as here:
        watch = Watch(here.app, here.pilot)
        for _row in ATTACKS:
            await watch.press("enter", "escape", "down")
        await watch.press("g", "home", *["down"] * 4, "c", "escape", "enter", "escape", "g", "t", "t", "t")
        await watch.press("slash", *"[neu", "enter", "escape", "m", "m", "l", "s", "escape", "u", "e")
        here.app.screen.query_one(Input).value = str(tmp_path / "seen.csv")
        await watch.press("enter")
        await until(here.pilot, lambda: (tmp_path / "seen.csv").exists())
        await here.pilot.pause(0.2)
        watch.look()
        assert "[/x] [neu]" in watch.seen
    assert CLIPBOARD not in texts_in(tmp_path, "seen.csv")


async def test_a_hostile_name_in_the_configuration_is_shown_safely(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        watch, cockpit = Watch(app, pilot), main(app).cockpit
        for attack in ATTACKS:
            object.__setattr__(cockpit.workspace.customer, "name", attack)
            object.__setattr__(cockpit.workspace.customer, "erp_product", attack)
            cockpit.say(attack)
            cockpit.tracks[PLACE].error = (attack,)
            await pilot.pause(0.15)
            watch.look()
            await watch.press("2", "1")


async def test_secrets_are_on_no_screen_and_in_no_file(tmp_path: Path) -> None:
    async with practice_app(tmp_path) as (app, pilot):
        watch, secrets = Watch(app, pilot), main(app).cockpit.workspace.secrets
        fields = {partner: secrets.get("practice", partner, "practice") for partner in ("erp", "bots4you")}
        canaries = {value for found in fields.values() for name, value in found.items() if name != "username"}
        await watch.press("f5")
        await until(pilot, lambda: main(app).cockpit.checked_at is not None)
        await planned(watch, PLACE)
        await written(watch, PLACE)
        secrets.set("practice", "bots4you", "practice", {**fields["bots4you"], "password": CANARY})
        await watch.press("5", "end", "t")
        await until(pilot, lambda: not main(app).cockpit.checking)
        await watch.press("f9", "escape", "f12", "escape", "6", "1", "p")
        await until(pilot, lambda: not main(app).cockpit.tracks[PLACE].busy)
        await pilot.pause(0.2)
        watch.look()
    assert len(canaries) == 3
    written_ = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    for canary in (CANARY, *canaries):
        assert canary not in watch.seen
        assert canary.encode() not in written_


@pytest.mark.parametrize("kind", ["load_history", "check", "plan", "sync"])
async def test_a_crash_in_a_worker_reports_without_its_values(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object) -> None:
        secret = CANARY
        raise RuntimeError(f"it was {secret}")

    if kind == "load_history":
        monkeypatch.setattr(Cockpit, kind, broken)
    async with practice_app(tmp_path) as (app, pilot):
        watch = Watch(app, pilot)
        if kind == "sync":
            await planned(watch, PLACE)
        if kind != "load_history":
            monkeypatch.setattr(main(app).cockpit, kind, crashing(broken))
        if kind == "sync":
            main(app)._start(main(app).cockpit.sync(PLACE), PLACE, "write")
        else:
            await pilot.press({"check": "f5", "plan": "p"}.get(kind, "1"))
        await until(pilot, lambda: app.crash is not None)
        watch.seen += shown(app)
    assert app.return_code == Exit.CRASH
    assert app.crash is not None
    assert mishaps.report(app.crash, debug=True) == Exit.CRASH
    reports = texts_in(tmp_path, "crash-*")
    assert "broken" in reports
    assert CANARY not in reports + watch.seen + "".join(capsys.readouterr())


def crashing(broken: Callable[[], None]) -> Callable[..., Awaitable[None]]:
    """The same as a coroutine function."""

    async def crash(*_args: object) -> None:
        broken()

    return crash


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal of POSIX")
@pytest.mark.system("tmux")
async def test_the_bytes_on_a_real_terminal_hold_nothing_of_the_attacks(tmp_path: Path) -> None:
    clock = Clock()
    async with running(hostile_partners(clock), clock=clock) as ready:
        config = tmp_path / "config.toml"
        config.write_text(config_text(ready), encoding="utf-8")
        env = {"TERM": "tmux-256color", "PYTHONPATH": str(ROOT), "EINZUG_CONFIG": str(config)}
        for partner, entry in ready["partners"].items():
            env |= {variable(CUSTOMER, partner, name): text for name, text in secrets_of(entry).items()}
        sent = await asyncio.to_thread(walk, tmp_path, env)
    text = sent.decode("utf-8", "replace")
    assert "NNNN" in text
    assert "[/x] [neu]" in text
    assert "\x1b]52" not in text
    assert not BIDI & set(text)
    assert not {char for char in text if "\x80" <= char <= "\x9f"}


def walk(folder: Path, env: dict[str, str]) -> bytes:
    """Look at hostile records in a terminal; everything that the program sent to it."""
    stream = folder / "stream"
    with pane(folder, *COMMAND, env=env) as here:
        here.tmux("pipe-pane", "-t", "it", f"cat > '{stream}'")
        here.until("noch kein Plan")
        here.keys("p")
        here.until("neu,")
        here.keys("Enter")
        here.until("Datensätze", "fehlt im Zielsystem")
        for _row in range(10):
            here.keys("Down", "w", "Escape")
        here.keys("End", "C-q")
        here.until("ended with 0")
    return stream.read_bytes()
