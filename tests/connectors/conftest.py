"""What the tests of connectors share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connectors import registry

# The conformance suite asserts in modules that are no test files: pytest shows their values as well.
for _module in ("conformance", "conformance_reading", "conformance_writing"):
    pytest.register_assert_rewrite(f"tests.connectors.{_module}")


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
