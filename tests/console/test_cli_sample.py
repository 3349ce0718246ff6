"""``einzug sample``: both sides side by side from real sandboxes, the clerk's word, the same seed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.i18n import setup
from console.store.samples import Mark
from tests.console.cli_kit import Office, Told
from tests.console.conftest import Einzug

NAME = "Erika Musterfrau"
PLACE = ("practice", "bots4you", "master-data")


@pytest.fixture
def sample(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, einzug: Einzug) -> Einzug:
    """``einzug sample`` in English, with a data folder of its own and no keyring."""
    monkeypatch.setenv("EINZUG_CONFIG", str(office.config))
    monkeypatch.setenv("EINZUG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    setup("en")

    def call(*arguments: str) -> Told:
        return einzug(*arguments, "--lang", "en")

    return call


def drawn(sample: Einzug, *more: str) -> Any:
    """A sample as JSON."""
    return sample("sample", *PLACE, "--json", *more).json


def agreed(sample: Einzug) -> None:
    """Somebody agreed to readable storage before."""
    words = (
        "answer",
        "practice",
        "data_protection.bots4you_agreement",
        "--who",
        NAME,
        "--open",
        "--in-clear",
    )
    told = sample("checklist", *words)
    assert told.code == 0, told.err


def test_a_sample_has_every_kind_and_the_same_seed_draws_the_same(sample: Einzug) -> None:
    first = drawn(sample, "--seed", "4711", "--size", "12")
    assert first["seed"] == 4711
    assert len(first["records"]) >= 12
    strata = {tuple(one) for record in first["records"] for one in record["strata"]}
    assert strata == {(one["sort"], one["what"], one["value"]) for one in first["strata"]}
    assert {("value", "clientNumber", "10"), ("value", "clientNumber", "20")} <= strata
    assert {("value", "isMainTenant", "nein"), ("odd", "umlauts", ""), ("rule", "C2", "")} <= strata
    again = drawn(sample, "--seed", "4711", "--size", "12")
    assert again == first
    other = drawn(sample, "--seed", "4712", "--size", "12")
    assert [one["id"] for one in other["records"]] != [one["id"] for one in first["records"]]


def test_both_sides_stand_side_by_side_before_and_after_a_sync(sample: Einzug) -> None:
    told = sample("sample", *PLACE, "--seed", "1", "--size", "5")
    assert told.code == 1
    assert "seed 1" in told.out
    assert "missing at the partner" in told.out
    assert "left out by rule" in told.out
    assert "readable storage" in told.err, "nothing was kept: nobody agreed"
    assert sample("sync", *PLACE, "--yes", "--accept", "ambiguous_ids=11").code in (0, 5)


def test_a_clerk_marks_records_and_the_marks_stay_with_the_seed(sample: Einzug) -> None:
    agreed(sample)
    told = sample("sample", *PLACE, "--seed", "7", "--size", "5")
    ids = [one["id"] for one in drawn(sample, "--seed", "7", "--size", "5")["records"]]
    assert f"tenant {ids[0]}" in told.out
    mark = ("sample", "mark", *PLACE)
    assert sample(*mark, ids[0], "--right", "--who", NAME).code == 0
    told = sample(*mark, ids[1], "--wrong", "--note", "street of the old flat", "--who", NAME)
    assert told.out.startswith("1 right, 1 wrong, 0 noted, ")
    found = drawn(sample)
    assert (found["seed"], found["size"]) == (7, 5), "without a seed it is the last one again"
    marks = {one["id"]: one["mark"] for one in found["records"] if one["mark"]}
    assert {id_: one["mark"] for id_, one in marks.items()} == {ids[0]: Mark.RIGHT, ids[1]: Mark.WRONG}
    assert marks[ids[1]]["note"] == "street of the old flat"
    assert NAME in sample("sample", *PLACE).out
    assert drawn(sample, "--new")["seed"] != 7
    assert sample(*mark, ids[1], "--right", "--who", NAME).code in (0, 2), "of the new sample, if it is in it"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sample", "practice", "bots4you", "nothing"), "nothing"),
        (("sample", *PLACE, "--size", "0"), "between 1 and 500"),
        (("sample", *PLACE, "--seed", "-1"), "seed from 0"),
        (("sample", "mark", *PLACE, "x", "--right", "--who", NAME), "x is in no sample"),
        (("sample", "mark", *PLACE, "x", "--wrong", "--who", NAME), "needs a note"),
        (("sample", "mark", *PLACE, "x", "--right", "--who", " "), "A name is needed"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(sample: Einzug, arguments: tuple[str, ...], said: str) -> None:
    told = sample(*arguments)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_an_erp_that_does_not_answer_is_exit_code_3(sample: Einzug, office: Office) -> None:
    office.control("POST", "/faults", {"partner": "erp", "kind": "503", "count": 50})
    try:
        assert sample("sample", "practice", "bots4you", "ticket-categories").code == 3
    finally:
        office.control("DELETE", "/faults")
