"""What the tests of the report share: a customer with answers, runs, a round trip, and files to compare."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from checklists.model import Addressee, Checklist, Item, Kind, Who, Words
from connectors.contract import Text
from console.credentials import MemorySecrets
from console.onboarding.answering import Draft, keep
from console.onboarding.book import read
from console.report.pdf_fonts import printable
from console.store.runs import RunState
from console.store.said import Said
from console.store.walked import WalkedStore
from console.tickets.trip import End, Leg, Stamp, new_trip
from console.tickets.trip_store import TripStore
from console.workspace import Workspace
from tests.console import checklist_kit
from tests.console.journal_kit import change, outcome

NOW = datetime(2026, 11, 22, 11, 4, tzinfo=UTC)
COUNTS = {
    "create": 10, "update": 3, "delete": 0, "unchanged": 12_000, "skip": 57,
    "applied": 13, "failed": 1, "left": 2, "rewritten": 0,
}  # fmt: skip
CONFIG = checklist_kit.CONFIG + (
    '[customers.muster.bots4you.use_cases.tickets]\nowner = "einzug"\n'
    "[customers.muster.bots4you.use_cases.master-data]\n"
)
LIVE = (
    CONFIG.replace('environment = "practice"\n', 'environment = "production"\n')
    .replace("http://127.0.0.1:9", "https://partner.example.org")
    .replace('source = "openwowi"\n', 'source = "openwowi"\nenvironment = "production"\n')
)


def workspace(folder: Path, secrets: MemorySecrets | None = None, text: str = CONFIG) -> Workspace:
    """The customer, who has only the checklist of the kit where ``only_own`` was called."""
    return checklist_kit.workspace(folder, secrets, text)


def answer(
    place: Workspace, item: str = "own.provider", said: Said = Said.DONE, *, note: str = "",
    values: Mapping[str, str] | None = None, paths: tuple[Path, ...] = (), who: str = "Erika Muster",
) -> None:  # fmt: skip
    """Erika Muster says something of an item."""
    standing = read(place).item(item)
    assert standing is not None
    keep(place, standing.item, Draft(said, who, note, values or {}, paths), consent=True)


def run(
    place: Workspace,
    settings: Mapping[str, Any] | None = None,
    counts: Mapping[str, int] = COUNTS,
    state: RunState = RunState.DONE,
) -> int:
    """Somebody writes master data."""
    with place.journal() as journal:
        number = journal.start_run(
            "bots4you", "practice", "master-data", "apply", mapping_version="m1", settings=settings or {}
        )
        journal.intend(number, [change("1")], [None])
        journal.settle(number, [outcome("1")])
        journal.finish_run(number, state, counts)
    return number


def travel(place: Workspace, end: datetime = NOW) -> None:
    """An acceptance ticket comes to its end, and a guided test does."""
    at = end - timedelta(minutes=5)
    trip = new_trip(at, "10/1", "")
    for number, leg in enumerate(Leg):
        began, at = at, at + timedelta(seconds=3 + 7 * number)
        failed = leg is Leg.COMMENT
        note = Text("trip.not_arrived" if failed else "trip.once")
        trip = trip.stamped(leg, Stamp(began, at, at, End.FAILED if failed else End.DONE, note))
    with place.store() as conn:
        TripStore(conn, place.vault, "bots4you", "practice").keep(replace(trip, ended=at))
        WalkedStore(conn, place.vault).keep("immomio", "practice", "test_tenant", at, end, {})


def filled(folder: Path, secrets: MemorySecrets | None = None) -> Workspace:
    """A customer of whom there is something to tell."""
    place = workspace(folder, secrets)
    file = folder / "Angebot SIP.pdf"
    file.write_bytes(b"x" * 2_345)
    values = {"way": "sip", "contact": "Frieda Beispiel, frieda@example.org", "due": "2026-12-01"}
    answer(place, note="Größe äöüß, geprüft.\nZweite Zeile", values=values, paths=(file,))
    answer(place, "own.authentication", Said.NOT_APPLICABLE, note="Nur eine Nummer")
    run(place, {"accepted": {"updates": 420}})
    travel(place)
    return place


class Reader(HTMLParser):
    """The texts of an HTML page, what it refers to, and the elements in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.references: list[tuple[str, str]] = []
        self._inside: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self._inside.append(tag)
        wanted = ("src", "href", "data", "action", "background", "srcset", "xlink:href")
        self.references += [
            (name, value or "") for name, value in attrs if name in wanted or name.startswith("on")
        ]

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        while self._inside and self._inside.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not {"style", "head", "title"} & set(self._inside[-1:]):
            self.texts.append(data)


def squeezed(text: str) -> str:
    """The text without blanks, which lines and columns may add."""
    return "".join(text.split()).replace("\u00a0", "")


def html_text(content: bytes) -> str:
    """Everything that a page shows, without blanks."""
    return squeezed(" ".join(Reader(content.decode()).texts))


def pdf_text(path: Path, *, crop: bool = True, pages: bool = False) -> str:
    """Everything between head and foot of the pages, without blanks; ``pages`` keeps the page feeds."""
    area = ("-x", "0", "-y", "60", "-W", "596", "-H", "730") if crop else ()
    done = subprocess.run(
        ["pdftotext", "-raw", "-enc", "UTF-8", *area, str(path), "-"], capture_output=True, check=True
    )
    text = done.stdout.decode()
    return "\f".join(map(squeezed, text.split("\f"))) if pages else squeezed(text)


def wanted(texts: Iterator[str], *, pdf: bool = False) -> list[str]:
    """The texts as a renderer has to show them."""
    return [squeezed(printable(text) if pdf else text) for text in texts]


def many(count: int) -> tuple[Checklist, ...]:
    """One list of many items with long titles."""
    items = tuple(
        Item(
            f"many.{n:03}", Kind.MANUAL, Who.CUSTOMER, Addressee.IT, Words(f"Punkt {n} " * 8, f"Point {n}"),
            Words("Darum", "Because"), Words("So", "Like this"), blocking=n % 2 == 0,
        )
        for n in range(count)
    )  # fmt: skip
    return (Checklist("many", Words("Viele Punkte", "Many points"), 1, items),)
