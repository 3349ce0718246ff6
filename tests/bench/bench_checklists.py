"""Checklists and the report of a large customer: how long each format takes, how fast the panel answers.

    python -m tests.bench.bench_checklists        every list answered, 200 files, 300 runs; 500 items more
    python -m tests.bench.bench_checklists --runs 10 --entries 20 --files 5 --items 60

The panel runs on a pseudo-terminal, its part needs a POSIX system.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from checklists.model import FieldKind, Item
from connectors.contract import Action, Change, Outcome, Result
from console import i18n
from console.config import parse
from console.credentials import MemorySecrets
from console.onboarding.answering import Draft, say
from console.onboarding.book import read
from console.readiness import State
from console.report import files
from console.report.exhibits import exhibits
from console.report.gather import Wish, gather
from console.sitting import Sitting
from console.store.answers import Answers
from console.store.runs import RunState
from console.store.said import Said
from console.workspace import Workspace
from tests.bench.bench_console import CUSTOMER, credentials
from tests.bench.measure import MB, machine, python
from tests.bench.terminal import terminal

CONFIG = """\
[customers.practice]
name = "Wohnbau Musterstadt eG"
erp_product = "OPENWOWI"
mandanten = "all"
separator = "/"
[customers.practice.erp]
source = "openwowi"
url = "http://127.0.0.1:9"
[customers.practice.bots4you]
environment = "practice"
url = "http://127.0.0.1:9"
[customers.practice.immomio]
environment = "practice"
url = "http://127.0.0.1:9"
sender = "Wohnbau Musterstadt eG"
contact_email = "vermietung@example.org"
"""
ITEM = """
[[item]]
id = "many.{n:03}"
kind = "manual"
who = "customer"
addressee = "it"
blocking = {blocking}
title = {{ de = "Punkt {n} einer langen Liste", en = "Item {n} of a long list" }}
why = {{ de = "Weil es sonst niemand weiß und jemand danach fragt.", en = "Because nobody else knows it." }}
how = {{ de = "Fragen Sie die IT und legen Sie die Antwort bei.", en = "Ask IT and attach the answer." }}
"""
KEYS = (
    ("down", b"\x1b[B", 60), ("page down", b"\x1b[6~", 12), ("page up", b"\x1b[5~", 12),
    ("next that blocks (b)", b"b", 40), ("open ones only (o)", b"o", 10),
)  # fmt: skip
PICTURE = (1600, 900)


@dataclass(frozen=True, slots=True)
class Size:
    """How large the customer is; ``entries`` are the records that each run has written."""

    files: int = 200
    runs: int = 300
    entries: int = 500


def picture(number: int) -> bytes:
    """A screenshot, roughly: large areas, some detail."""
    from PIL import Image, ImageDraw

    chance, out = random.Random(number), io.BytesIO()
    found = Image.new("RGB", PICTURE, (chance.randrange(200, 255),) * 3)
    draw = ImageDraw.Draw(found)
    for _time in range(400):
        x, y = chance.randrange(PICTURE[0]), chance.randrange(PICTURE[1])
        draw.rectangle((x, y, x + chance.randrange(200), y + 12), fill=(chance.randrange(256),) * 3)
    found.save(out, "PNG")
    return out.getvalue()


def pieces(folder: Path, count: int) -> Iterator[Path]:
    """Half of them pictures, a quarter texts, a quarter neither."""
    for n in range(count):
        kind = ("png", "txt", "png", "pdf")[n % 4]
        path = folder / f"Nachweis {n:03}.{kind}"
        texts = {
            "txt": f"Besprochen am {n}.\n".encode() * 40,
            "pdf": f"%PDF-1.7 {n}".encode() + bytes(200_000),
        }
        path.write_bytes(picture(n) if kind == "png" else texts[kind])
        yield path


class Fixed(MemorySecrets):
    """Secrets of which every process has the same key."""

    def key(self, customer: str, *, create: bool = False) -> bytes | None:
        """The key."""
        return bytes(range(32))


def workspace(folder: Path) -> Workspace:
    """The large customer; nobody answers at its addresses."""
    path = folder / "config.toml"
    path.write_text(CONFIG, encoding="utf-8")
    found = parse(CONFIG, path)
    return Workspace(found, found.customers[CUSTOMER], Fixed(), folder / "data", Sitting())


def draft(item: Item, paths: tuple[Path, ...]) -> Draft:
    """An answer to everything that an item asks for."""
    values: dict[str, str | tuple[str, ...]] = {}
    for one in item.fields:
        match one.kind:
            case FieldKind.CHOICE:
                values[one.key] = one.choices[0].key
            case FieldKind.CHOICES:
                values[one.key] = tuple(choice.key for choice in one.choices)
            case FieldKind.NUMBER:
                values[one.key] = "42"
            case FieldKind.DATE:
                values[one.key] = "2026-11-22"
            case FieldKind.PERSON | FieldKind.TEXT:
                values[one.key] = "Frieda Beispiel, frieda@example.org"
    return Draft(Said.DONE, "Erika Muster", "Im Termin geklärt. " * 4, values, paths)


def fill(folder: Path, size: Size) -> None:
    """Answer every item that applies, attach the files, and write the runs into the journal."""
    place = workspace(folder)
    files = list(pieces(folder, size.files))
    items = [one.item for one in read(place).standings if one.state is not State.NOT_APPLICABLE]
    with place.store() as conn:
        answers = Answers(conn, place.vault, place.folder)
        for n, item in enumerate(items):
            say(answers, item, draft(item, tuple(files[n :: len(items)])))
    changes = [Change(Action.CREATE, "tenant", f"10/{n:06}") for n in range(size.entries)]
    outcomes = [Outcome(one.entity, one.id, one.action, Result.DONE) for one in changes]
    counts = {"create": size.entries, "unchanged": 12_000, "applied": size.entries, "failed": 0}
    with place.journal() as journal:
        for _run in range(size.runs):
            run = journal.start_run(
                "bots4you", "practice", "master-data", "apply", mapping_version="m1", settings={}
            )
            journal.intend(run, changes, [None] * len(changes))
            journal.settle(run, outcomes)
            journal.finish_run(run, RunState.DONE, counts)


def write(folder: Path, name: str, *, unmask: bool) -> None:
    """Write one report and say how long it took and how large it is."""
    i18n.setup("de")
    place = workspace(folder)
    begun = time.perf_counter()
    report = gather(place, Wish())
    report = report if unmask else replace(report, cover=replace(report.cover, masked=True, practice=False))
    gathered = time.perf_counter()
    path = folder / name
    files.write(report, path, place.vault, exhibits(place))
    written = time.perf_counter()
    print(json.dumps([gathered - begun, written - gathered, path.stat().st_size]))


def report_files(folder: Path) -> None:
    """Each format in a process of its own."""
    print("| report | gathered s | written s | whole process s | peak MB | size MB |")
    print("|---|---|---|---|---|---|")
    for name in ("whole.html", "whole.pdf", "whole.json", "masked.html", "masked.pdf"):
        mask = name.startswith("masked")
        words = ["--folder", str(folder), "--child", name, *(["--masked"] if mask else [])]
        cost = python("tests.bench.bench_checklists", *words)
        if cost.code:
            raise SystemExit(cost.out)
        gathered, written, size = json.loads(cost.out)
        what = f"{name.rpartition('.')[2]}, {'masked' if mask else 'with pictures and texts'}"
        print(
            f"| {what} | {gathered:.1f} | {written:.1f} | {cost.wall:.1f} | {cost.peak / MB:.0f} | "
            f"{size / MB:.1f} |",
            flush=True,
        )


def report_panel(items: int) -> None:
    """Keys in the panel with a list of so many items more."""
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "checklists").mkdir()
        found = (ITEM.format(n=n, blocking=str(n % 2 == 0).lower()) for n in range(items))
        head = 'id = "many"\ntitle = { de = "Viele Punkte", en = "Many items" }\norder = 1\n'
        (folder / "checklists" / "many.toml").write_text(head + "".join(found), encoding="utf-8")
        place = ["--config", str(folder / "config.toml"), "--data-dir", str(folder / "data"), "--lang", "en"]
        with terminal([sys.executable, "-m", "console", *place, CUSTOMER], credentials()) as child:
            child.until(b"no plan yet")
            child.drain(2.0)
            child.key(b"4")
            shown = child.until(b"Item 0 of a long list")
            child.quiet()
            print(f"\n{items} items more than are shipped; key 4 to the first: {shown * 1000:.0f} ms\n")
            print("| key | median to first byte ms | 95th percentile ms | longest ms | bytes |")
            print("|---|---|---|---|---|")
            for what, key, steps in KEYS:
                answers = [child.step(key) for _step in range(steps)]
                first = sorted(one.first * 1000 for one in answers)
                sizes = statistics.median(one.size for one in answers)
                late = first[max(0, round(len(first) * 0.95) - 1)]
                figures = f"{statistics.median(first):.1f} | {late:.1f} | {first[-1]:.1f}"
                print(f"| {what} | {figures} | {sizes:,.0f} |", flush=True)


def main() -> None:
    """Print the figures, or be a measured process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("files", 200), ("runs", 300), ("entries", 500), ("items", 500)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--masked", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        write(asked.folder, asked.child, unmask=not asked.masked)
        return
    size = Size(asked.files, asked.runs, asked.entries)
    print(f"{machine()}; {size.files} files, {size.runs} runs of {size.entries} records each\n")
    with tempfile.TemporaryDirectory(prefix="einzug-bench-", ignore_cleanup_errors=True) as name:
        fill(Path(name), size)
        report_files(Path(name))
    report_panel(asked.items)


if __name__ == "__main__":
    main()
