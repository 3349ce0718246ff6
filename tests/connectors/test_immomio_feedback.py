"""Applications out of feedback files: amounts as people write them, files in the order they came."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.contract import Value
from connectors.immomio.feedback import applications_in
from connectors.problems import Failure

FILE = """<openimmo_feedback><version>1.2.5</version>
<sender><name>Immomio</name><makler_id>1</makler_id></sender>
<objekt><oobj_id>10/1/2/3</oobj_id><interessent><int_id>77</int_id><nachname>Muster</nachname>
<user_defined_extend><feld><name>rent</name><wert>{rent}</wert></feld></user_defined_extend>
</interessent></objekt></openimmo_feedback>"""


async def _rents(folder: Path) -> list[Value]:
    return [one.fields["acceptedRent"] for one in await applications_in(folder)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("512.40", "512.40"),
        ("512,4", "512.40"),
        ("1.234", "1234.00"),
        ("1.234,56", "1234.56"),
        ("1234 EUR", "1234.00"),
        ("1.234,56 €", "1234.56"),
    ],
)
async def test_a_rent_is_read_as_it_was_meant(tmp_path: Path, written: str, meant: str) -> None:
    (tmp_path / "a.xml").write_text(FILE.format(rent=written), encoding="utf-8")
    assert await _rents(tmp_path) == [Decimal(meant)]


@pytest.mark.parametrize(
    "written", ["", "1,234.56", "12.3456", "-5", "NaN", "1e3", "12345678", "nach Absprache"]
)
async def test_a_rent_that_could_mean_anything_means_nothing(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.xml").write_text(FILE.format(rent=written), encoding="utf-8")
    assert await _rents(tmp_path) == [None]


async def test_the_oldest_file_comes_first_whatever_it_is_called(tmp_path: Path) -> None:
    for age, name in ((300, "z.xml"), (200, "a.xml"), (100, "m.xml")):
        path = tmp_path / name
        path.write_text(FILE.format(rent=age), encoding="utf-8")
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    assert await _rents(tmp_path) == [Decimal(300), Decimal(200), Decimal(100)]


async def test_a_file_that_another_program_keeps_locked_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> None:
        raise PermissionError

    (tmp_path / "a.xml").write_text(FILE.format(rent=1), encoding="utf-8")
    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(Failure) as caught:
        await applications_in(tmp_path)
    assert (caught.value.problem.code, caught.value.problem.where) == ("openimmo.file_unreadable", "a.xml")
