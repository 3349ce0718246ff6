"""``einzug what-if``: counts per Mandant from real sandboxes, the setting only on request."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.i18n import setup
from tests.console.cli_kit import Office, Told
from tests.console.conftest import Einzug


@pytest.fixture
def what_if(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, einzug: Einzug) -> Einzug:
    """``einzug what-if practice`` in English, on a configuration of its own that may be written."""
    path = tmp_path / "config.toml"
    path.write_text(office.config.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("EINZUG_CONFIG", str(path))
    monkeypatch.setenv("EINZUG_DATA_DIR", str(tmp_path / "data"))
    setup("en")

    def call(*arguments: str) -> Told:
        return einzug("what-if", "practice", *arguments, "--lang", "en")

    return call


def test_the_setting_in_force_is_counted_per_mandant(what_if: Einzug) -> None:
    told = what_if("bots4you")
    assert told.code == 0, told.err
    assert "[x] birth_date  date of birth" in told.out
    assert "[ ] postal_code" in told.out
    assert "contract numbers" in told.out
    found = what_if("bots4you", "--json").json
    assert found["chosen"] == found["in_force"] == ["birth_date"]
    assert [group["group"] for group in found["groups"]] == ["10", "20"]
    assert sum(group["empty"] for group in found["groups"]) == found["lacking"]["birth_date"]


def test_other_choices_give_other_counts_and_write_nothing_by_themselves(
    what_if: Einzug, tmp_path: Path
) -> None:
    told = what_if("bots4you", "--ask", "postal_code", "--ask", "last_name", "--json")
    assert told.json["chosen"] == ["last_name", "postal_code"]
    assert "Setting bots4you/master-data.authentication: birth_date → last_name, postal_code" in told.err
    path = tmp_path / "config.toml"
    assert "authentication" not in path.read_text(encoding="utf-8")
    assert what_if("bots4you", "--ask", "birth_date", "--ask", "last_name", "--take-over").code == 0
    written = path.read_text(encoding="utf-8")
    assert 'authentication = ["birth_date", "last_name"]' in written
    assert "birth_date = true" in written
    assert what_if("bots4you", "--json").json["in_force"] == ["birth_date", "last_name"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("immomio",), "bots4you"),
        (("nobody",), "nobody"),
        (("bots4you", "--ask", "shoe_size"), "postal_code"),
    ],
)
def test_what_cannot_be_tried_out_is_said(what_if: Einzug, arguments: tuple[str, ...], said: str) -> None:
    told = what_if(*arguments)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_an_erp_that_cannot_be_reached_is_exit_code_3(
    what_if: Einzug, tmp_path: Path, office: Office
) -> None:
    path = tmp_path / "config.toml"
    url = office.line["partners"]["erp"]["url"]
    path.write_text(path.read_text(encoding="utf-8").replace(url, "http://127.0.0.1:9"), encoding="utf-8")
    assert what_if("bots4you").code == 3
