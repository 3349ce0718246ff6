"""Secrets: the order of sources, the states of a keyring, and that nothing shows a value."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from console.credentials import (
    Layered,
    MemorySecrets,
    Secrets,
    SecretSource,
    from_environment,
    layered,
    open_store,
    variable,
)
from console.errors import ConfigError, Exit
from console.keyring_backend import Bounded, judge, translated
from console.keyring_state import KeyringError, KeyringState, explain
from console.keyring_store import ITEM_LIMIT, KeyringSecrets
from console.passphrase_file import PassphraseFile

CANARY = "kanarienvogel"


class DictBackend:
    """A keyring in memory, which can be told to misbehave."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.drops = False
        self.garbles = False

    def get_password(self, service: str, username: str) -> str | None:
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.drops:
            self.items[service, username] = password[:-1] if self.garbles else password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


class Failing(DictBackend):
    """A keyring that fails as the real ones do; the error quotes the secret."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error


def named(name: str) -> Exception:
    """An exception of a library that is not there, quoting a secret."""
    error: Exception = type(name, (Exception,), {})(CANARY)
    return error


def stores(tmp_path: Path) -> list[Secrets]:
    file = PassphraseFile(tmp_path / "secrets.enc", "p", cost=2)
    return [
        MemorySecrets(),
        KeyringSecrets(tmp_path / "a", backend=DictBackend()),
        KeyringSecrets(tmp_path / "b", backend=file, source=SecretSource.FILE),
        layered({}, MemorySecrets()),
    ]


@pytest.mark.parametrize("index", range(4))
def test_every_store_keeps_adds_and_forgets_per_environment(index: int, tmp_path: Path) -> None:
    store = stores(tmp_path)[index]
    assert store.get("a", "erp", "test") == {}
    store.set("a", "erp", "test", {"username": "u", "password": CANARY})
    store.set("a", "erp", "test", {"password": "neu", "token": "t" * 2000})
    store.set("a", "erp", "production", {"password": "p"})
    assert store.get("a", "erp", "test") == {"username": "u", "password": "neu", "token": "t" * 2000}
    store.forget("a", "erp", "test")
    store.forget("a", "erp", "test")
    assert store.get("a", "erp", "test") == {}
    assert store.get("a", "erp", "production") == {"password": "p"}
    assert store.key("b") is None
    key = store.key("b", create=True)
    assert key is not None
    assert len(key) == 32
    assert store.key("b") == key
    store.forget_key("b")
    assert store.key("b") is None
    assert CANARY not in repr(store)


def test_one_item_holds_all_fields_of_a_connection_and_stays_below_the_limit(tmp_path: Path) -> None:
    backend = DictBackend()
    store = KeyringSecrets(tmp_path, backend=backend)
    store.set("a", "bots4you", "test", {"username": "ü" * 50, "password": "p"})
    assert [service for service, _ in backend.items] == ["einzug/a/bots4you/test"]
    store.set("a", "bots4you", "test", {"token": "ü" * 600})
    assert {service for service, _ in backend.items} == {"einzug/a/bots4you/test", "einzug/a"}
    assert all(len(value) <= ITEM_LIMIT for value in backend.items.values())
    assert store.get("a", "bots4you", "test")["token"] == "ü" * 600


def test_a_file_that_was_changed_or_belongs_elsewhere_is_not_believed(tmp_path: Path) -> None:
    store = KeyringSecrets(tmp_path, backend=DictBackend())
    store.set("a", "erp", "test", {"token": "t" * 2000})
    store.set("a", "erp", "production", {"token": "u" * 2000})
    test, production = sorted(tmp_path.rglob("secrets.erp.*"), reverse=True)
    production.write_bytes(test.read_bytes())
    with pytest.raises(KeyringError) as caught:
        store.get("a", "erp", "production")
    assert caught.value.state is KeyringState.BROKEN
    store.forget_key("a")
    with pytest.raises(KeyringError):
        store.get("a", "erp", "test")


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"fields": {"a": 1}}', '{"fields": []}'])
def test_an_item_that_somebody_else_wrote_is_named_and_can_be_forgotten(text: str, tmp_path: Path) -> None:
    backend = DictBackend()
    backend.items["einzug/a/erp/test", "einzug"] = text
    store = KeyringSecrets(tmp_path, backend=backend)
    with pytest.raises(KeyringError) as caught:
        store.get("a", "erp", "test")
    assert caught.value.state is KeyringState.BROKEN
    store.forget("a", "erp", "test")
    assert store.get("a", "erp", "test") == {}


def test_a_keyring_that_drops_or_changes_values_is_found_out_at_once(tmp_path: Path) -> None:
    backend = DictBackend()
    store = KeyringSecrets(tmp_path, backend=backend)
    backend.drops = True
    assert store.probe() is KeyringState.NULL
    with pytest.raises(KeyringError) as caught:
        store.set("a", "erp", "test", {"x": "y"})
    assert caught.value.state is KeyringState.NULL
    with pytest.raises(KeyringError) as caught:
        store.key("a", create=True)
    assert caught.value.state is KeyringState.NULL
    backend.drops, backend.garbles = False, True
    with pytest.raises(KeyringError) as caught:
        store.set("a", "erp", "test", {"x": "y"})
    assert caught.value.state is KeyringState.BROKEN


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (named("NoKeyringError"), KeyringState.NONE),
        (named("InitError"), KeyringState.NONE),
        (named("KeyringLocked"), KeyringState.LOCKED),
        (named("PasswordSetError"), KeyringState.BROKEN),
        (OSError(CANARY), KeyringState.BROKEN),
        (TimeoutError(CANARY), KeyringState.BROKEN),
    ],
)
def test_failures_of_a_keyring_are_told_apart_and_their_texts_stay_behind(
    error: Exception, state: KeyringState, tmp_path: Path
) -> None:
    store = KeyringSecrets(tmp_path, backend=Failing(error))
    with pytest.raises(KeyringError) as caught:
        store.get("a", "erp", "test")
    assert caught.value.state is state
    assert store.state() is state
    assert CANARY not in " ".join([str(caught.value), repr(caught.value), *caught.value.lines("de")])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert caught.value.code is Exit.USAGE


def test_a_keyring_that_never_answers_is_given_up_and_not_asked_again() -> None:
    release, calls = threading.Event(), []

    def hang() -> None:
        calls.append(1)
        release.wait(30)

    bounded = Bounded(limit=0.01)
    try:
        for _ in range(3):
            with pytest.raises(KeyringError) as caught:
                bounded.run(hang)
            assert caught.value.state is KeyringState.TIMEOUT
        assert calls == [1]
    finally:
        release.set()


def test_a_hanging_keyring_does_not_hold_up_the_end_of_the_program() -> None:
    code = (
        "import threading\nfrom console.keyring_backend import Bounded\n"
        "from console.keyring_state import KeyringError\n"
        "try: Bounded(limit=0.01).run(threading.Event().wait)\n"
        "except KeyringError as error: print(error.state)\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "timeout"


def test_backends_are_judged_by_where_they_come_from() -> None:
    def backend(module: str, name: str = "Keyring") -> object:
        return type(name, (), {"__module__": module})()

    assert judge(backend("keyring.backends.SecretService")) is KeyringState.OK
    assert judge(backend("keyring.backends.Windows", "WinVaultKeyring")) is KeyringState.OK
    assert judge(backend("keyring.backends.fail")) is KeyringState.NONE
    assert judge(backend("keyring.backends.null")) is KeyringState.NULL
    assert judge(backend("keyrings.alt.file", "PlaintextKeyring")) is KeyringState.PLAINTEXT
    assert judge(backend("mine", "MyPlaintextStore")) is KeyringState.PLAINTEXT
    assert translated(KeyringError(KeyringState.LOCKED)).state is KeyringState.LOCKED


@pytest.mark.parametrize("state", list(KeyringState))
def test_every_state_has_a_sentence_and_a_remedy_in_both_languages(state: KeyringState) -> None:
    for language in ("de", "en"):
        meaning, todo = explain(state, language, "X")
        assert meaning.endswith(".")
        assert "{" not in meaning + todo
        assert bool(todo) is (state is not KeyringState.OK)
    assert state.code == f"keyring.{state.value}"


def test_a_variable_of_the_environment_wins_and_is_never_stored(tmp_path: Path) -> None:
    backend = DictBackend()
    store = KeyringSecrets(tmp_path, backend=backend)
    store.set("a-b", "bots4you", "test", {"username": "u", "password": "alt"})
    both = layered(
        {"EINZUG_SECRET_A_B_BOTS4YOU_PASSWORD": CANARY, "EINZUG_SECRET_A_B_BOTS4YOU_TOKEN": ""}, store
    )
    assert both.get("a-b", "bots4you", "test") == {"username": "u", "password": CANARY}
    both.set("a-b", "bots4you", "test", {"api_key": "k"})
    assert CANARY not in "".join(backend.items.values())
    assert both.sources("a-b", "bots4you", "test") == {
        "username": SecretSource.KEYRING,
        "password": SecretSource.ENVIRONMENT,
        "api_key": SecretSource.KEYRING,
    }
    assert CANARY not in repr(both)


def test_unattended_runs_need_no_keyring_when_the_environment_has_the_secrets(tmp_path: Path) -> None:
    broken = KeyringSecrets(tmp_path, backend=Failing(named("NoKeyringError")))
    both = Layered({"EINZUG_SECRET_A_ERP_API_KEY": "k"}, broken)
    assert both.get("a", "erp", "test") == {"api_key": "k"}
    with pytest.raises(KeyringError):
        both.get("a", "bots4you", "test")
    with pytest.raises(KeyringError):
        both.key("a", create=True)


def test_names_of_variables_are_upper_case_with_underscores() -> None:
    assert variable("practice", "immomio", "password") == "EINZUG_SECRET_PRACTICE_IMMOMIO_PASSWORD"
    assert variable("a-1", "x_y", "ftp_username") == "EINZUG_SECRET_A_1_X_Y_FTP_USERNAME"
    assert from_environment({"EINZUG_SECRET_AB_ERP_TOKEN": "t"}, "a", "erp") == {}


def test_the_encrypted_file_is_used_only_when_asked_for_by_name(tmp_path: Path) -> None:
    assert open_store(tmp_path, {"EINZUG_PASSPHRASE": "p"}).source == SecretSource.KEYRING
    store = open_store(tmp_path, {"EINZUG_KEYRING": "file", "EINZUG_PASSPHRASE": "richtig"})
    assert store.source == SecretSource.FILE
    store.set("a", "erp", "test", {"password": CANARY})
    data = (tmp_path / "secrets.enc").read_bytes()
    assert CANARY.encode() not in data
    assert b"erp" not in data
    again = open_store(tmp_path, {"EINZUG_KEYRING": "file", "EINZUG_PASSPHRASE": "richtig"})
    assert again.get("a", "erp", "test") == {"password": CANARY}
    for environ in ({"EINZUG_PASSPHRASE": "falsch"}, {}):
        with pytest.raises(KeyringError) as caught:
            open_store(tmp_path, {"EINZUG_KEYRING": "file", **environ}).get("a", "erp", "test")
        assert caught.value.state is KeyringState.PASSPHRASE
    store.forget("a", "erp", "test")
    assert not (tmp_path / "secrets.enc").exists()
    with pytest.raises(ConfigError):
        open_store(tmp_path, {"EINZUG_KEYRING": "plain"})


def test_a_damaged_secrets_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets.enc").write_bytes(b"something else")
    store = open_store(tmp_path, {"EINZUG_KEYRING": "file", "EINZUG_PASSPHRASE": "p"})
    with pytest.raises(KeyringError) as caught:
        store.get("a", "erp", "test")
    assert caught.value.state is KeyringState.BROKEN


def test_neither_keyring_nor_cryptography_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, console.credentials, console.keyring_store, console.passphrase_file\n"
        "import console.config_edit\n"
        "print([m for m in ('keyring', 'cryptography', 'tomlkit', 'platformdirs') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
