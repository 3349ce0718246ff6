"""What every test shares: a frozen environment, a private data folder, no keyring, the system marker."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from connectors import registry
from console import i18n
from scripts.messages import compile_catalogues

hypothesis.settings.register_profile("einzug", deadline=None)
hypothesis.settings.load_profile("einzug")

FROZEN = {
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "TZ": "Europe/Berlin",
    "COLUMNS": "120",
    "NO_COLOR": "1",
    "NO_PROXY": "127.0.0.1,localhost",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
}
FOREIGN = ("EINZUG_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "LC_MESSAGES", "FORCE_COLOR")


def pytest_configure(config: pytest.Config) -> None:
    """The German texts are read from the compiled catalogue: bring it up to date once."""
    compile_catalogues()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """German, Berlin time, nothing of the developer's own settings, data in a private folder."""
    for name in list(os.environ):
        if name.upper().startswith(FOREIGN):
            monkeypatch.delenv(name)
    for name, value in FROZEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EINZUG_DATA_DIR", str(tmp_path / "data"))
    _use_time_zone()
    i18n.setup("de")
    yield
    monkeypatch.undo()
    _use_time_zone()


def _use_time_zone() -> None:
    if hasattr(time, "tzset"):
        time.tzset()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """``@pytest.mark.system("tmux")`` skips where the program is missing, and fails if REQUIRE_SYSTEM=1."""
    wanted = [str(command) for marker in item.iter_markers("system") for command in marker.args]
    missing = [command for command in wanted if shutil.which(command) is None]
    if missing:
        reason = f"this machine has no {', '.join(missing)}"
        if os.environ.get("REQUIRE_SYSTEM") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


Install = Callable[[str, str], None]
"""Installs a third party's partner: its key and its entry point (``package:object``)."""


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Distributions with an entry point, as an installer leaves them; gone after the test."""
    site = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(site)

    def put(key: str, entry: str) -> None:
        info = site / f"einzug_{key}-1.0.dist-info"
        info.mkdir()
        about = f"Metadata-Version: 2.1\nName: einzug-{key}\nVersion: 1.0\n"
        (info / "METADATA").write_text(about, encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{key} = {entry}\n", encoding="utf-8")
        _forget()

    yield put
    monkeypatch.undo()
    _forget()


@pytest.fixture
def toy_installed(install: Install) -> None:
    """The toy as a third party's partner."""
    install("toy", "tests.connectors.toy:partner")


def _forget() -> None:
    registry._third_parties.cache_clear()
    registry.partner.cache_clear()
