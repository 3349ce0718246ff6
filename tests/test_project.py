"""The frame of the project: pinned versions, and what a wheel must hold."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import keyring
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.wheel_contents import MADE, PACKAGES, faults
from tests.conftest import pytest_runtest_setup

ROOT = Path(__file__).resolve().parents[1]


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def _declared() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(r) for r in [*project["dependencies"], *project["optional-dependencies"]["dev"]]]


@pytest.mark.parametrize("requirement", _declared(), ids=lambda r: r.name)
def test_every_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    assert requirement.specifier.contains(_pins()[canonicalize_name(requirement.name)])


def _whole_wheel() -> set[str]:
    files = (path for name in PACKAGES for path in (ROOT / name).rglob("*"))
    return MADE | {path.relative_to(ROOT).as_posix() for path in files if path.is_file()}


def test_a_wheel_with_everything_has_no_fault() -> None:
    assert faults(_whole_wheel() | {"einzug-0.1.0.dist-info/METADATA"}) == []


@pytest.mark.parametrize(
    "name", ["connectors/rules.toml", "checklists/go_live.toml", "console/__init__.py", *sorted(MADE)]
)
def test_a_file_missing_from_a_wheel_is_seen(name: str) -> None:
    assert faults(_whole_wheel() - {name}) == [f"missing: {name}"]


def test_tests_in_a_wheel_are_seen() -> None:
    assert faults(_whole_wheel() | {"tests/conftest.py"}) == ["foreign: tests/conftest.py"]


def test_a_missing_program_skips_a_test_and_fails_it_where_it_is_required(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    request.node.add_marker(pytest.mark.system("no-such-program"))
    monkeypatch.delenv("REQUIRE_SYSTEM", raising=False)
    with pytest.raises(pytest.skip.Exception, match="this machine has no no-such-program"):
        pytest_runtest_setup(request.node)
    monkeypatch.setenv("REQUIRE_SYSTEM", "1")
    with pytest.raises(pytest.fail.Exception, match="this machine has no no-such-program"):
        pytest_runtest_setup(request.node)


def test_tests_reach_neither_a_keyring_nor_the_data_of_the_developer(tmp_path: Path) -> None:
    assert Path(os.environ["EINZUG_DATA_DIR"]).parent == tmp_path
    with pytest.raises(RuntimeError, match="No recommended backend"):
        keyring.get_password("einzug/practice", "einzug")
