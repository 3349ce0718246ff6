"""Secrets on a real keyring of the operating system."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.credentials import SecretSource, layered
from console.keyring_backend import os_backend
from console.keyring_state import KeyringError, KeyringState
from console.keyring_store import KeyringSecrets
from tests.keyring_fixture import HIDDEN, lock, private_keyring

LONG = "x" * 3000
needs_keyring = pytest.mark.system("dbus-daemon", "gnome-keyring-daemon")


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in HIDDEN:
        monkeypatch.delenv(name, raising=False)
    with private_keyring(tmp_path_factory.mktemp("kr")) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        _fresh_backend()
        yield variables["DBUS_SESSION_BUS_ADDRESS"]
    _fresh_backend()


def _fresh_backend() -> None:
    """Let the keyring library choose anew: it keeps its choice and its list for the life of the process."""
    import keyring.backend
    import keyring.core

    keyring.core._keyring_backend = None
    with contextlib.suppress(KeyError):  # nothing was kept yet
        keyring.backend.get_all_keyring.reset()


@needs_keyring
def test_what_is_stored_is_there_for_another_session_and_gone_after_forget(bus: str, tmp_path: Path) -> None:
    first = KeyringSecrets(tmp_path)
    first.set("a", "bots4you", "test", {"username": "u", "password": "geheim"})
    first.set("a", "bots4you", "production", {"password": "anders"})
    second = KeyringSecrets(tmp_path)
    assert second.get("a", "bots4you", "test") == {"username": "u", "password": "geheim"}
    second.forget("a", "bots4you", "test")
    assert KeyringSecrets(tmp_path).get("a", "bots4you", "test") == {}
    assert KeyringSecrets(tmp_path).get("a", "bots4you", "production") == {"password": "anders"}


@needs_keyring
def test_the_customers_key_is_made_once_and_kept(bus: str, tmp_path: Path) -> None:
    assert KeyringSecrets(tmp_path).key("a") is None
    key = KeyringSecrets(tmp_path).key("a", create=True)
    assert key is not None
    assert len(key) == 32
    assert KeyringSecrets(tmp_path).key("a", create=True) == key
    assert KeyringSecrets(tmp_path).key("b", create=True) != key
    KeyringSecrets(tmp_path).forget_key("a")
    assert KeyringSecrets(tmp_path).key("a") is None


@needs_keyring
def test_long_values_lie_encrypted_in_the_customers_folder(bus: str, tmp_path: Path) -> None:
    KeyringSecrets(tmp_path).set("a", "onoffice", "test", {"token": LONG, "secret": "kurz"})
    item = os_backend().get_password("einzug/a/onoffice/test", "einzug")
    assert item is not None
    assert len(item) < 100
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) == 1
    assert b"xxxx" not in files[0].read_bytes()
    assert KeyringSecrets(tmp_path).get("a", "onoffice", "test") == {"token": LONG, "secret": "kurz"}
    KeyringSecrets(tmp_path).forget("a", "onoffice", "test")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@needs_keyring
def test_a_locked_keyring_is_named_as_such_and_opens_no_window(bus: str, tmp_path: Path) -> None:
    secrets = KeyringSecrets(tmp_path)
    secrets.set("a", "erp", "test", {"api_key": "k"})
    lock(bus)
    with pytest.raises(KeyringError) as caught:
        secrets.get("a", "erp", "test")
    assert caught.value.state is KeyringState.LOCKED
    assert "gesperrt" in caught.value.lines("de")[0]
    assert secrets.state() is KeyringState.LOCKED


@needs_keyring
def test_the_environment_wins_over_the_real_keyring(bus: str, tmp_path: Path) -> None:
    store = KeyringSecrets(tmp_path)
    store.set("a", "erp", "test", {"username": "u", "password": "stored"})
    both = layered({"EINZUG_SECRET_A_ERP_PASSWORD": "given"}, store)
    assert both.get("a", "erp", "test") == {"username": "u", "password": "given"}
    assert both.sources("a", "erp", "test") == {
        "username": SecretSource.KEYRING,
        "password": SecretSource.ENVIRONMENT,
    }


@needs_keyring
def test_a_probe_leaves_nothing_behind(bus: str, tmp_path: Path) -> None:
    secrets = KeyringSecrets(tmp_path)
    assert secrets.probe() is KeyringState.OK
    assert os_backend().get_password("einzug-probe", "einzug") is None


@pytest.mark.parametrize(
    ("backend", "state"),
    [
        ("keyring.backends.null.Keyring", KeyringState.NULL),
        ("keyring.backends.fail.Keyring", KeyringState.NONE),
        ("no_such_module.Keyring", KeyringState.BROKEN),
    ],
)
def test_an_unfit_backend_is_told_apart_before_anything_is_lost(
    backend: str, state: KeyringState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    _fresh_backend()
    try:
        with pytest.raises(KeyringError) as caught:
            KeyringSecrets(tmp_path).set("a", "erp", "test", {"password": "p"})
        assert caught.value.state is state
    finally:
        _fresh_backend()


@pytest.mark.skipif(sys.platform != "linux", reason="the message bus is a Linux matter")
def test_a_machine_without_a_message_bus_has_no_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*HIDDEN, "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nowhere")
    _fresh_backend()
    try:
        assert KeyringSecrets(tmp_path).state() is KeyringState.NONE
    finally:
        _fresh_backend()
