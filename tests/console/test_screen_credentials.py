"""The panel of credentials, driven by keys: on doubles of every state, and on a real keyring."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.message import Message
from textual.widgets import Input

from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from console.app import ConsoleApp
from console.cockpit import Cockpit
from console.config import parse
from console.credentials import MemorySecrets, layered
from console.doors import Doors
from console.keyring_state import KeyringError, KeyringState
from console.keyring_store import KeyringSecrets
from console.practice import Practice, config_text, partners, secrets_of
from console.screens.credentials import CredentialsPanel, keyring_words
from console.screens.secret_dialog import HiddenInput, SecretDialog
from console.screens.small_dialogs import SureDialog
from tests.console.panel_kit import CONFIG, StageApp, cockpit, shown, until
from tests.keyring_fixture import HIDDEN, private_keyring

CANARY = "CANARY-9c1e-geheim"
SIZES = [(80, 24), (120, 40)]


class Broken(MemorySecrets):
    """A keyring in a bad state."""

    source = MemorySecrets.source

    def __init__(self, state: KeyringState) -> None:
        super().__init__()
        self.state = state

    def get(self, customer: str, partner: str, environment: str) -> dict[str, str]:
        """Never answers well."""
        raise KeyringError(self.state)

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """As ``get``."""
        raise KeyringError(self.state)


class Hanging(MemorySecrets):
    """A keyring that waits for a window nobody sees."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.answered = threading.Event()

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """Waits for the person."""
        self.asked.set()
        self.answered.wait()
        return super().key(customer, create=create)


def stage(of: Cockpit) -> tuple[StageApp, CredentialsPanel]:
    panel = CredentialsPanel(of)
    return StageApp(panel), panel


def ready(panel: CredentialsPanel) -> bool:
    return panel._sources is not None and panel._asked_at is None


def stored(panel: CredentialsPanel, key: str) -> bool:
    return panel._sources is not None and key in panel._sources.found


@pytest.mark.parametrize("size", SIZES)
async def test_every_credential_is_listed_with_where_it_comes_from_and_no_value(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    store = MemorySecrets()
    store.set("muster", "bots4you", "practice", {"username": "u", "password": CANARY})
    secrets = layered({"EINZUG_SECRET_MUSTER_ERP_PASSWORD": CANARY}, store)
    app, panel = stage(cockpit(tmp_path, secrets))
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.pause(0.15)
        text = shown(app)
        assert any("Umgebungsvariable" in line and "Passwort" in line for line in text.splitlines())
        assert any("Arbeitsspeicher" in line and "Benutzername" in line for line in text.splitlines())
        assert any("fehlt" in line and "API-Schlüssel" in line for line in text.splitlines())
        assert CANARY not in text
        assert not panel.query_one("#keyring").display


@pytest.mark.parametrize(
    ("state", "consequence", "remedy"),
    [
        (KeyringState.NONE, "weder hinterlegen noch lesen", "gnome-keyring"),
        (KeyringState.LOCKED, "nicht lesen", "Entsperren"),
        (KeyringState.NULL, "ginge verloren", "PYTHON_KEYRING_BACKEND"),
        (KeyringState.PLAINTEXT, "auf diesem Rechner", "EINZUG_KEYRING=file"),
        (KeyringState.TIMEOUT, "nicht lesen", "Fenster"),
    ],
)
async def test_each_state_of_the_keyring_is_told_apart_consequence_and_remedy_first(
    tmp_path: Path, state: KeyringState, consequence: str, remedy: str
) -> None:
    app, panel = stage(cockpit(tmp_path, Broken(state)))
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.pause(0.15)
        words = str(keyring_words(panel._sources, None).plain).splitlines()
        assert consequence in words[0]
        assert remedy in words[1]
        assert words[2].strip().startswith("Ursache:")
        assert consequence in shown(app)
        assert "unbekannt" in shown(app)


async def test_a_keyring_that_hangs_blocks_neither_keys_nor_the_end(tmp_path: Path) -> None:
    secrets = Hanging()
    app, _panel = stage(cockpit(tmp_path, secrets))
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await until(pilot, secrets.asked.is_set)
        assert "wird gelesen" in shown(app)
        await pilot.press("down", "w")
        await pilot.pause(0.1)
        assert "EINZUG_SECRET_MUSTER_ERP" in shown(app)
        await pilot.press("s")
        assert app.stage.reasons == ["Der Schlüsselbund wird gerade gefragt."]
    assert not secrets.answered.is_set()
    assert app.return_code in (None, 0)
    secrets.answered.set()


def test_the_whole_console_ends_while_the_keyring_still_hangs(tmp_path: Path) -> None:
    secrets = Hanging()

    async def open_and_leave() -> None:
        path = tmp_path / "config.toml"
        app = ConsoleApp(Doors(parse(CONFIG, path), secrets, tmp_path / "data", config_path=path))
        async with app.run_test(size=(100, 24)) as pilot:
            await until(pilot, secrets.asked.is_set)
            await pilot.press("5")
            await until(pilot, lambda: "wird gelesen" in shown(app))
            app.end()

    asyncio.run(open_and_leave())  # waits for its threads unless they are daemons
    assert not secrets.answered.is_set()
    secrets.answered.set()


async def test_after_a_while_the_person_is_told_of_the_window_that_may_be_waiting() -> None:
    assert "Fenster" in keyring_words(None, 3.0).plain
    assert keyring_words(None, 0.5).plain == ""


async def test_a_value_goes_into_the_store_and_into_no_message_name_or_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real: Any = Input.post_message

    def spy(self: Input, message: Message) -> bool:
        seen.append(repr(vars(message)))
        return bool(real(self, message))

    monkeypatch.setattr(Input, "post_message", spy)
    secrets = MemorySecrets()
    app, panel = stage(cockpit(tmp_path, secrets))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SecretDialog))
        entry = app.screen.query_one(HiddenInput)
        entry.insert_text_at_cursor(CANARY)
        await pilot.pause()
        assert CANARY not in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.stage and ready(panel))
        first = panel._shelf.wanted[0]
        await until(pilot, lambda: stored(panel, first.key))
        assert secrets.get("muster", first.party, first.environment) == {first.field: CANARY}
        assert entry.value == ""
        await until(pilot, lambda: "Hinterlegt" in shown(app))
        told = [shown(app), *seen, *app.stage.descriptions, *(line.text for line in panel.cockpit.feed)]
        assert not [text for text in told if CANARY in text]
        assert seen


async def test_an_empty_value_stores_nothing_and_escape_leaves(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    app, panel = stage(cockpit(tmp_path, secrets))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.press("s", "enter")
        await pilot.pause(0.1)
        assert "nichts hinterlegt" in shown(app)
        await pilot.press("escape")
        assert app.screen is app.stage
        assert secrets.get("muster", "erp", "practice") == {}


async def test_forgetting_asks_by_name_and_only_then_removes(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    secrets.set("muster", "bots4you", "practice", {"username": "u", "password": "p"})
    app, panel = stage(cockpit(tmp_path, secrets))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.press("end", "d")
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        await pilot.pause(0.1)
        assert "Bots4You (Übung)" in shown(app)
        await pilot.press("enter")  # the focus is on the button that changes nothing
        await until(pilot, lambda: app.screen is app.stage)
        assert secrets.get("muster", "bots4you", "practice")
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        await pilot.click("#yes")
        await until(pilot, lambda: not secrets.get("muster", "bots4you", "practice"))


async def test_a_refused_change_is_told_and_the_value_is_gone(tmp_path: Path) -> None:
    app, panel = stage(cockpit(tmp_path, Broken(KeyringState.LOCKED)))
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, SureDialog))
        await pilot.press("escape")
        panel.post_message(CredentialsPanel.Refused("Der Schlüsselbund [/ist] gesperrt.\x1b]52;c;x\x07"))
        await pilot.pause(0.1)
        assert "[/ist] gesperrt" in shown(app)
        assert "\x1b" not in shown(app)


async def test_a_test_that_cannot_begin_says_which_credentials_are_missing(tmp_path: Path) -> None:
    app, panel = stage(cockpit(tmp_path))
    async with app.run_test(size=(120, 30), notifications=True) as pilot:
        await until(pilot, lambda: ready(panel))
        await pilot.press("t")
        await until(pilot, lambda: bool(panel._impossible.get("erp")))
        await pilot.pause(0.1)
        assert "username" in panel._impossible["erp"]
        assert not app.stage.errors


@pytest.fixture
def keyring_of_the_system(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    for name in HIDDEN:
        monkeypatch.delenv(name, raising=False)
    with private_keyring(tmp_path_factory.mktemp("kr")) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        _fresh_backend()
        yield
    _fresh_backend()


def _fresh_backend() -> None:
    import keyring.backend
    import keyring.core

    keyring.core._keyring_backend = None
    with contextlib.suppress(KeyError):
        keyring.backend.get_all_keyring.reset()


@pytest.mark.system("dbus-daemon", "gnome-keyring-daemon")
async def test_on_a_real_keyring_a_credential_is_set_tested_and_forgotten(
    tmp_path: Path, keyring_of_the_system: None
) -> None:
    clock = Clock()
    async with running(partners(Practice(20, 1), clock, ("erp", "bots4you")), clock=clock) as entries:
        store = KeyringSecrets(tmp_path / "data")
        wanted = {party: secrets_of(entry) for party, entry in entries["partners"].items()}
        store.set("practice", "erp", "practice", wanted["erp"])
        store.set("practice", "bots4you", "practice", {"username": wanted["bots4you"]["username"]})
        of = cockpit(tmp_path, layered({}, store), config_text(entries))
        app, panel = stage(of)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await until(pilot, lambda: ready(panel))
            await pilot.pause(0.15)
            assert "Schlüsselbund" in shown(app)
            await pilot.press("end")
            credential = panel.credential
            assert credential is not None
            assert credential.key == "bots4you/password"
            await pilot.press("s")
            await until(pilot, lambda: isinstance(app.screen, SecretDialog))
            app.screen.query_one(HiddenInput).insert_text_at_cursor(wanted["bots4you"]["password"])
            await pilot.press("enter")
            await until(pilot, lambda: stored(panel, "bots4you/password"))
            fields = KeyringSecrets(tmp_path / "data").get("practice", "bots4you", "practice")
            assert fields == wanted["bots4you"]
            await until(pilot, lambda: ready(panel))
            await pilot.press("t")
            await until(pilot, lambda: "bots4you" in of.findings)
            await pilot.pause(0.15)
            assert "Letzter Test von Bots4You" in shown(app)
            assert "✓" in shown(app)
            await pilot.press("d")
            await until(pilot, lambda: isinstance(app.screen, SureDialog))
            await pilot.click("#yes")
            await until(pilot, lambda: not stored(panel, "bots4you/username"))
            assert KeyringSecrets(tmp_path / "data").get("practice", "bots4you", "practice") == {}
            assert not app.stage.errors
