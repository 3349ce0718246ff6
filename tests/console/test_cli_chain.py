"""``einzug chain``: what it tells, its files, its exit codes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.console.chain_kit import (
    CUSTOMER,
    LETTING,
    SALES,
    Shelves,
    beside,
    only_chain_lists,
)
from tests.console.conftest import Einzug

pytestmark = pytest.mark.usefixtures("toy_installed")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelves]:
    """The toy beside this thread, and the environment that leads a command there."""
    only_chain_lists(monkeypatch)
    with beside(tmp_path) as found:
        found.workspace()
        monkeypatch.setenv("EINZUG_CONFIG", str(tmp_path / "config.toml"))
        monkeypatch.setenv("EINZUG_DATA_DIR", str(tmp_path / "data"))
        for name, value in found.environ().items():
            monkeypatch.setenv(name, value)
        yield found


def answer(einzug: Einzug, item: str, *subjects: str) -> None:
    """Somebody confirms these subjects at the command line."""
    named = [word for subject in subjects for word in ("--subject", subject)]
    said = ("--done", "--who", "Erika Musterfrau", "--set", "way=sip", "--in-clear")
    usual = said if item == "own.provider" else (*said[:3], said[-1])
    told = einzug("checklist", "answer", CUSTOMER, item, *usual, *named)
    assert told.code == 0, told.err


def test_what_does_not_hold_is_told_with_its_repair_and_who_can_do_it(einzug: Einzug, here: Shelves) -> None:
    told = einzug("chain", CUSTOMER)
    assert told.code == 1
    lines = told.out.splitlines()
    assert lines[0] == "Toy: ✗ 1 gebrochen  ? 3 unbestätigt"
    assert lines[1] == "  Für 3 Dinge braucht es einen Platz."
    assert lines[2] == "✗ gebrochen  ✗··  Birkenweg 4  Postfach"
    assert lines[3:7] == [
        "    Ding D-4 hat kein Postfach.",
        "    → Das Postfach eintragen.",
        "    Am Zug: Einzug",
        "    → einzug fix muster toy noted",
    ]
    assert f"→ einzug checklist answer muster own.provider --subject {LETTING}" in told.out
    assert "Brief: Support: Verbuchung einschalten" in told.out


def test_by_cause_one_mailbox_is_one_entry(einzug: Einzug, here: Shelves) -> None:
    told = einzug("chain", CUSTOMER, "toy", "--by-cause")
    assert told.code == 1
    heads = [line for line in told.out.splitlines()[2:] if not line.startswith("    ")]
    assert heads[:3] == [
        f"? unbestätigt  2 Objekte  Verbuchung  {LETTING}",
        "✗ gebrochen  1 Objekt  Postfach",
        f"? unbestätigt  1 Objekt  Verbuchung  {SALES}",
    ]


def test_where_everything_holds_the_exit_code_is_0(einzug: Einzug, here: Shelves) -> None:
    answer(einzug, "own.provider", LETTING, SALES, "shelf@example.org")
    assert einzug("fix", CUSTOMER, "toy", "noted", "--yes").code == 0
    answer(einzug, "own.shown", "D-1", "D-2", "D-3", "D-4")
    told = einzug("chain", CUSTOMER)
    assert (told.code, told.out.splitlines()[0]) == (0, "Toy: ✓ 4 in Ordnung")


def test_the_json_has_every_object_with_all_its_links(einzug: Einzug, here: Shelves) -> None:
    told = einzug("chain", CUSTOMER, "--json")
    assert (told.code, told.err) == (1, "")
    assert (told.json["schema"], told.json["customer"]) == (1, CUSTOMER)
    (chain,) = told.json["chains"]
    assert (chain["partner"], chain["chain"], chain["use_case"], chain["rules"]) == (
        "toy",
        "sight",
        "shelf",
        ["O10"],
    )
    assert chain["counts"] == {"ok": 0, "broken": 1, "unconfirmed": 3, "unknown": 0}
    first = chain["objects"][0]
    assert (first["id"], first["person"], first["link"]) == ("D-1", LETTING, "booking")
    assert [link["state"] for link in first["links"]] == ["ok", "unconfirmed", "after"]
    assert (chain["causes"][0]["objects"], chain["causes"][0]["subject"]) == (["D-1", "D-2"], LETTING)
    assert chain["letters"][0]["paragraphs"][-1] == "Vielen Dank."


def test_files_hold_what_was_asked_for(einzug: Einzug, here: Shelves, tmp_path: Path) -> None:
    objects, book, letters = tmp_path / "o.csv", tmp_path / "c.xlsx", tmp_path / "new" / "letters"
    told = einzug("chain", CUSTOMER, "--csv", str(objects), "--letters", str(letters))
    assert told.code == 1
    rows = list(csv.reader(objects.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][:3] == ["Objekt", "Name", "Stand"]
    assert rows[0][-3:] == ["Postfach", "Verbuchung", "Gezeigt"]
    assert rows[1][:4] == ["D-4", "Birkenweg 4", "gebrochen", "Postfach"]
    assert len(rows) == 5
    (letter,) = letters.iterdir()
    assert letter.name == "toy-booking.txt"
    assert letter.read_bytes().startswith(b"Verbuchung einschalten\r\n\r\nBitte")
    assert einzug("chain", CUSTOMER, "--xlsx", str(book), "--by-cause").code == 1
    sheet = openpyxl.load_workbook(book).active
    assert sheet is not None
    found = list(sheet.values)
    assert found[1][:4] == ("2", "unbestätigt", "Verbuchung", LETTING)
    assert found[1][-1] == "Birkenweg 1, Birkenweg 2"


def test_what_cannot_be_is_told(einzug: Einzug, here: Shelves, tmp_path: Path) -> None:
    assert einzug("chain", CUSTOMER, "bots4you").code == 2
    folder = tmp_path / "folder"
    folder.mkdir()
    told = einzug("chain", CUSTOMER, "--csv", str(folder))
    assert told.code == 2
    assert "lässt sich nicht schreiben" in told.err
    here.toy.act("rights", {"remove": ["read"]})
    assert einzug("chain", CUSTOMER).code == 3


def test_outside_practice_nobody_is_named(
    einzug: Einzug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_chain_lists(monkeypatch)
    with beside(tmp_path, environment="test") as found:
        found.agree()
        monkeypatch.setenv("EINZUG_CONFIG", str(tmp_path / "config.toml"))
        for name, value in found.environ().items():
            monkeypatch.setenv(name, value)
        for how in ((), ("--by-cause",)):
            assert LETTING not in einzug("chain", CUSTOMER, *how).out
            assert LETTING in einzug("chain", CUSTOMER, *how, "--unmask").out
        told = einzug("chain", CUSTOMER, "--json")
        assert LETTING in told.out
        assert "in voller Länge" in told.err
