"""Made-up records of 25 text fields in two versions, 1 % of them different: the same rows for everybody."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

from connectors.contract import EntityMapping, Field, Kind

ENTITY = "row"
NAMES = tuple(f"field_{number:02}" for number in range(25))
MAPPING = EntityMapping(ENTITY, tuple(Field(name, Kind.TEXT, name, "C3") for name in NAMES))
SIDES = ("old", "new")

_WORDS = (
    "Ahornweg", "Birkenallee", "Dachgeschoss", "Erdgeschoss links", "Fliederstraße", "Gartenwohnung",
    "Hinterhaus", "Kastanienring", "Lindenplatz", "Maisonette", "Nordflügel", "Quergebäude",
)  # fmt: skip
_EVERY = 100


def ids(count: int) -> Iterator[str]:
    """The ids in order."""
    return (f"10/{number:08}" for number in range(count))


def row(number: int, side: str) -> list[str]:
    """The fields of a record. In the new version every hundredth record differs in one to three of them."""
    values = [
        f"{_WORDS[(number + place) % len(_WORDS)]} {(number * 31 + place * 7919) % 99991}"
        for place in range(len(NAMES))
    ]
    if side == "new" and number % _EVERY == 0:
        for place in range(1 + number // _EVERY % 3):
            values[(number // _EVERY + place * 8) % len(NAMES)] += " neu"
    return values


def write_csv(folder: Path, count: int) -> None:
    """Both versions as CSV, their rows shuffled."""
    order = list(enumerate(ids(count)))
    random.Random(count).shuffle(order)
    for side in SIDES:
        with csv_path(folder, side).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("id", *NAMES))
            writer.writerows([id_, *row(number, side)] for number, id_ in order)


def csv_path(folder: Path, side: str) -> Path:
    """Where ``write_csv`` puts a version."""
    return folder / f"{side}.csv"
