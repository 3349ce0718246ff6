"""Build a delivery of OpenImmo objects with attachments, check it, zip it, and check the ZIP.

It runs in a process of its own. The steps are those of a sync without its network: the pictures are made of
random bytes with the head of a JPEG file, read piece by piece.

    python -m tests.bench.bench_openimmo                    1,000 objects with 5 attachments of 20 kB, 10 s
    python -m tests.bench.bench_openimmo --records 50       the short form
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from connectors.openimmo import package
from connectors.openimmo.build import write
from connectors.openimmo.check import check
from connectors.openimmo.examine import examine
from connectors.openimmo.source import opened
from tests.bench.measure import MB, machine, python
from tests.connectors.openimmo_kit import ENVELOPE, TODAY, changed, offer

ATTACHMENTS = 5
SIZE = 20_000
TARGET_S = 10


@dataclass(frozen=True, slots=True)
class Steps:
    """Seconds of each step, bytes of both files, and the complaints about what was built: none."""

    build: float
    check: float
    pack: float
    reread: float
    xml: int
    zip: int
    complaints: int

    @property
    def total(self) -> float:
        """Built, checked and zipped."""
        return self.build + self.check + self.pack


def objects(count: int) -> Iterator[dict[str, Any]]:
    """Flats with a text of some length and their attachments."""
    text = "Helle Wohnung mit Blick ins Grüne, nahe der Haltestelle. " * 20
    for number in range(count):
        made = changed(
            "freitexte",
            {"objekttitel": f"Wohnung {number}", "objektbeschreibung": text},
            offer(f"10/{number}"),
        )
        made["anhaenge"] = {
            "anhang": [
                {
                    "@location": "EXTERN",
                    "@gruppe": "BILD",
                    "format": "jpg",
                    "daten": {"pfad": picture(number, n)},
                }
                for n in range(ATTACHMENTS)
            ]
        }
        yield made


def picture(number: int, index: int) -> str:
    """The name of an attachment."""
    return f"objekt-{number}-{index}.jpg"


def run(count: int, folder: Path) -> Steps:
    """All steps once."""
    document, target = folder / package.DOCUMENT, folder / "delivery.zip"
    body = random.Random(1).randbytes(SIZE)
    begun = time.perf_counter()
    with document.open("wb") as out:
        write(out, ENVELOPE, objects(count))
    built = time.perf_counter()
    with opened(document) as source:
        complaints = sum(1 for _ in check(source, today=TODAY))
    checked = time.perf_counter()
    with ZipFile(target, "w") as archive:
        made = package.Package(archive)
        with document.open("rb") as file:
            made.add(package.DOCUMENT, iter(lambda: file.read(65536), b""))
        for number in range(count):
            for index in range(ATTACHMENTS):
                made.add(picture(number, index), (b"\xff\xd8\xff\xe0", body))
    packed = time.perf_counter()
    complaints += sum(1 for _ in examine(target, today=TODAY))
    reread = time.perf_counter()
    return Steps(
        built - begun, checked - built, packed - checked, reread - packed,
        document.stat().st_size, target.stat().st_size, complaints,
    )  # fmt: skip


def main() -> None:
    """Print the figures; fails only when what was built has complaints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--step", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        with tempfile.TemporaryDirectory(prefix="einzug-bench-") as name:
            steps = run(asked.records, Path(name))
        print(json.dumps({name: getattr(steps, name) for name in Steps.__slots__}))
        return
    print(machine())
    cost = python("tests.bench.bench_openimmo", "--records", str(asked.records), "--step")
    if cost.code:
        raise SystemExit(f"the step ended with {cost.code}")
    steps = Steps(**json.loads(cost.out))
    print(
        "| objects | build s | check s | zip s | together s | check the ZIP s | XML MB | ZIP MB | peak MB |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
        f"| {asked.records:,} | {steps.build:.2f} | {steps.check:.2f} | {steps.pack:.2f} | {steps.total:.2f} "
        f"| {steps.reread:.2f} | {steps.xml / MB:.1f} | {steps.zip / MB:.1f} | {cost.peak / MB:.0f} |\n\n"
        f"Target: under {TARGET_S} s together. Complaints about what was built: {steps.complaints}."
    )
    if steps.complaints:
        raise SystemExit("what was built has complaints")


if __name__ == "__main__":
    main()
