"""A workbook comes from outside: damaged, rearranged, tampered with, huge or clever. Nothing of it harms."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checklists import loader
from checklists.model import Addressee
from console.errors import ConsoleError
from console.handouts import reading
from console.handouts.keys import MARK, Key, read, spelled
from console.handouts.take_in import keep
from console.i18n import setup
from console.onboarding.book import read as read_book
from tests.console.checklist_kit import own_lists, workspace
from tests.console.handouts_kit import NAME, Typed, came_back, handed_out, looked, only_two_desks

CONTACT = ("own.provider", "contact")
WAY = ("own.provider", "way")


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    setup("en")
    only_two_desks(monkeypatch)


def one_file(folder: Path) -> Path:
    """The workbook of a desk."""
    (written,) = handed_out(workspace(folder), folder / "a.xlsx", Addressee.TELEPHONY)
    return written.path


def repacked(path: Path, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> None:
    """The same archive with its members changed, and some more."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    path.write_bytes(out.getvalue())


KEYS = st.builds(Key, *[st.text(max_size=20)] * 7)


@given(KEYS)
def test_a_hidden_cell_is_read_as_it_was_written(key: Key) -> None:
    assert read(spelled(key)) == key


@given(KEYS, st.integers(0, 400), st.characters())
def test_a_hidden_cell_that_was_changed_is_never_taken_for_another(key: Key, at: int, letter: str) -> None:
    text = spelled(key)
    at %= len(text)
    changed = text[:at] + letter + text[at + 1 :]
    assert read(changed) in (None, key)


@given(st.one_of(st.text(), st.text().map(lambda t: f'["{MARK}", {t}'), st.just(f'["{MARK}"' + "[" * 900)))
def test_no_text_in_a_hidden_cell_does_harm(text: str) -> None:
    assert read(text) is None


def survives(text: str) -> bool:
    """Whether a workbook can hold a text at all: not blanks alone, nor what stands for a character there."""
    return bool(text.strip()) and not re.search(r"_x[0-9A-Fa-f]{4}_", text)


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
EXCEL = st.text(LETTERS, min_size=1, max_size=80).filter(survives)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.one_of(EXCEL, EXCEL.flatmap(lambda t: st.sampled_from("=+-@").map(lambda sign: sign + t))))
def test_any_text_comes_back_as_it_was_typed_whatever_it_begins_with(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = came_back(one_file(Path(folder)), {CONTACT: text})
        (one,) = looked(workspace(Path(folder)), path).proposals
        assert one.draft.values["contact"] == text.strip()


@pytest.mark.parametrize("content", [b"", b"PK", b"\x00" * 5000, b"no workbook", b"PK\x03\x04" + b"x" * 400])
def test_what_is_no_workbook_is_refused_with_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(ConsoleError, match=r"a\.xlsx cannot be read as a workbook"):
        looked(workspace(tmp_path), path)
    with pytest.raises(ConsoleError):
        looked(workspace(tmp_path), tmp_path / "none.xlsx")
    with pytest.raises(ConsoleError):
        looked(workspace(tmp_path), tmp_path)


def test_a_foreign_workbook_says_that_nothing_of_ours_is_in_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Question", "Not for you"])  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ConsoleError, match="holds no open points"):
        looked(workspace(tmp_path), tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_damage_in_any_part_is_a_sentence_and_no_crash(part: str, cut: float, tmp_path: Path) -> None:
    path = one_file(tmp_path)
    repacked(path, lambda name, content: content[: int(len(content) * cut)] if name == part else content)
    with pytest.raises(ConsoleError):
        looked(workspace(tmp_path), path)


def test_entities_and_bombs_are_refused_before_anything_is_parsed(tmp_path: Path) -> None:
    path = one_file(tmp_path)
    lol = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    repacked(
        path, lambda name, content: content.replace(b"?>", b"?>" + lol, 1) if "sheet1" in name else content
    )
    with pytest.raises(ConsoleError, match="cannot be read"):
        looked(workspace(tmp_path), path)
    path = one_file(tmp_path)
    repacked(path, lambda _name, content: content, {"xl/media/x.bin": b"\0" * 30_000_000})
    with pytest.raises(ConsoleError, match="disproportionately large"):
        looked(workspace(tmp_path), path)


EXTENSION = (
    b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
    b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    b'<x14:dataValidations count="1"/></ext></extLst></worksheet>'
)
"""What Excel writes for choices that stand on another sheet."""


def test_what_excel_adds_when_it_saves_is_read_without_a_murmur(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    path = came_back(one_file(tmp_path), {CONTACT: "Max"})
    repacked(
        path,
        lambda name, content: content.replace(b"</worksheet>", EXTENSION) if "sheet1" in name else content,
    )
    assert looked(workspace(tmp_path), path).proposals[0].draft.values == {"contact": "Max"}
    assert [str(warning.message) for warning in recwarn] == []


def test_size_and_rows_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = one_file(tmp_path)
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["K1048576"] = spelled(Key("muster", "own.provider", "way"))
    book.save(path)
    assert looked(workspace(tmp_path), path).doubts == ()
    monkeypatch.setattr(reading, "LARGEST", 1000)
    with pytest.raises(ConsoleError, match="too large"):
        looked(workspace(tmp_path), path)


def test_rows_and_columns_that_were_moved_are_found_again(tmp_path: Path) -> None:
    path = came_back(one_file(tmp_path), {WAY: "Rufumleitung", CONTACT: "Max"})
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    sheet.insert_cols(3)
    sheet.insert_rows(2, 3)
    sheet.insert_rows(11)
    book.save(path)
    (one,) = looked(workspace(tmp_path), path).proposals
    assert dict(one.draft.values) == {"way": "forward", "contact": "Max"}
    assert one.draft.who == NAME


def test_a_tampered_hidden_cell_loses_its_row_alone_and_says_so(tmp_path: Path) -> None:
    path = came_back(one_file(tmp_path), {WAY: "Rufumleitung", CONTACT: "Max"})
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    values = json.loads(str(sheet["K8"].value))
    sheet["K8"] = json.dumps([*values[:3], "own.authentication", *values[4:]])
    book.save(path)
    shown = looked(workspace(tmp_path), path)
    assert [(doubt.place, doubt.shown) for doubt in shown.doubts] == [("Telefonanlage!F8", "Max")]
    assert shown.proposals[0].draft.values == {"way": "forward"}


def test_a_column_that_is_gone_and_a_question_that_changed_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = came_back(one_file(tmp_path), {WAY: "Rufumleitung"})
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["J6"] = "Notizen"
    book.save(path)
    assert [doubt.why for doubt in looked(workspace(tmp_path), path).doubts] == ["The column Note is gone."]
    (mine,) = own_lists()
    item = replace(mine.items[0], fields=mine.items[0].fields[:2])
    monkeypatch.setattr(loader, "shipped", lambda: (replace(mine, items=(item,)),))
    shown = looked(workspace(tmp_path), path)
    assert shown.proposals == ()
    assert "asks for something else" in shown.doubts[-1].why
    monkeypatch.setattr(loader, "shipped", lambda: (replace(mine, items=mine.items[1:]),))
    assert "not on the lists any more" in looked(workspace(tmp_path), path).doubts[-1].why


def test_a_question_that_stands_in_the_file_twice_counts_once(tmp_path: Path) -> None:
    path = came_back(one_file(tmp_path), {WAY: "Rufumleitung"})
    book = openpyxl.load_workbook(path)
    book.copy_worksheet(book.worksheets[0])
    book.save(path)
    shown = looked(workspace(tmp_path), path)
    assert len(shown.proposals) == 1
    assert "twice" in shown.doubts[0].why


def test_five_hundred_points_go_there_and_back_in_one_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mine,) = own_lists()
    items = tuple(replace(mine.items[0], id=f"own.n{number}") for number in range(500))
    monkeypatch.setattr(loader, "shipped", lambda: (replace(mine, items=items),))
    here = workspace(tmp_path)
    path = one_file(tmp_path)
    typed: Typed = {(item.id, "way"): "Rufumleitung" for item in items}
    shown = looked(here, came_back(path, typed))
    assert len(shown.proposals) == 500
    statements: list[str] = []
    with here.store() as conn:
        conn.set_trace_callback(statements.append)
        monkeypatch.setattr(type(here), "store", lambda _self: nullcontext(conn))
        assert len(keep(here, shown.proposals).kept) == 500
    assert sum(text.startswith(("BEGIN", "COMMIT")) for text in statements) == 2
    monkeypatch.undo()
    only_two_desks(monkeypatch)
    assert len(read_book(here).histories) == 500


def test_a_long_foreign_workbook_does_not_read_the_texts_anew_for_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = tmp_path / "a.xlsx", Counter[str]()
    book = openpyxl.Workbook()
    for number in range(200):
        book.worksheets[0].append([f"Mieter {number}", "10/0001"])
    book.save(path)
    real = Path.open

    def counted(self: Path, *args: Any, **named: Any) -> Any:
        opened[self.suffix] += 1
        return real(self, *args, **named)

    monkeypatch.setattr(Path, "open", counted)
    with pytest.raises(ConsoleError):
        reading.sheets(path)
    assert opened[".mo"] <= 2
