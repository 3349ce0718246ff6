"""Kill ticket passes at random moments, go on, and count what is lost, doubled or left lying about.

``python -m scripts.kill_tickets --kills 100 --tickets 500``: tenants report at Immomio with comments and
attachments, a clerk answers in the ERP meanwhile, and ``einzug tickets`` is killed again and again. Then it
may finish, and every ticket, comment, state and file must stand on both sides exactly once.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from random import Random
from typing import Any

from console.practice import CUSTOMER, secrets_of
from console.store.database import rows
from console.store.journal import Journal
from console.store.schema import open_customer
from console.store.vault import Vault
from scripts.kill_test import LONGEST_S, ROOT, Broken, Control

PARTNER, ARCHIVE = "immomio", "Mieter App"
CATEGORY = "ANL-BESCH"
ANSWERED = {"30": "WAITING", "90": "DONE"}
MOST_TRIES = 50
_REFERENCE = re.compile(r"\[einzug IMMOMIO(?:-PRACTICE)?:(\S+)")


@dataclass(slots=True)
class Figures:
    """What was done. ``unclear`` are the sendings whose outcome a later pass had to look up."""

    kills: int = 0
    tickets: int = 0
    comments: int = 0
    files: int = 0
    unclear: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kills} kills over {self.tickets} tickets, {self.comments} comments, {self.files} files; "
            f"{self.unclear} sendings were unclear and were looked up; lost 0, doubled 0, left behind 0"
        )


@dataclass(slots=True)
class Arena:
    """Running sandboxes, and what every ticket has to end with."""

    control: Control
    config: Path
    environ: Mapping[str, str]
    folder: Path
    comments: dict[str, Counter[str]] = field(default_factory=dict)
    files: dict[str, set[str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)

    def start(self) -> subprocess.Popen[bytes]:
        """Start one pass."""
        with (self.folder / "said.json").open("wb") as said, (self.folder / "err.txt").open("wb") as err:
            return subprocess.Popen(  # noqa: S603  (our own program)
                [sys.executable, "-P", "-m", "console", "tickets", CUSTOMER, PARTNER, "--yes", "--json",
                 "--config", str(self.config), "--data-dir", str(self.folder / "data")],
                env={**self.environ, "EINZUG_KEYRING": "file", "EINZUG_PASSPHRASE": "practice passphrase"},
                stdout=said,
                stderr=err,
            )  # fmt: skip

    def said(self) -> dict[str, Any]:
        """What the last pass told. Raises Broken where it did not come to its end."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "said.json").read_bytes())
        except ValueError:
            raise Broken((self.folder / "err.txt").read_text("utf-8")) from None
        return found

    def report(self, number: int, lease: Mapping[str, Any]) -> None:
        """A tenant reports, with comments and files."""
        pictures = [f"Bild {number}.{n}".encode() * 50 for n in range(number % 3)]
        act = {
            "category": CATEGORY,
            "contract": f"{lease['mandant']}/{lease['number']}",
            "subject": f"Vorgang {number}",
            "text": f"Text {number}",
            "attachments": [
                {"name": f"Küche/{n}.jpg", "base64": base64.b64encode(data).decode()}
                for n, data in enumerate(pictures)
            ],
        }
        id_ = str(self.control.ask("POST", "/objects/immomio/ticket", act)["ticketId"])
        self.files[id_] = {md5(data, usedforsecurity=False).hexdigest() for data in pictures}
        self.comments[id_] = Counter()
        self.states[id_] = "NEW"
        for n in range(number % 4):
            text = "Immer noch." if n % 2 else f"Nachtrag {n}"
            act = {"id": id_, "do": "comment", "author": "TENANT", "text": text}
            self.control.ask("POST", "/objects/immomio/ticket", act)
            self.comments[id_][text] += 1

    def twins(self) -> dict[str, list[dict[str, Any]]]:
        """The ERP tickets of every reported one."""
        found: dict[str, list[dict[str, Any]]] = {}
        for ticket in self.control.ask("GET", "/state/erp/ticket"):
            if match := _REFERENCE.search(ticket["content"]):
                found.setdefault(match[1], []).append(ticket)
        return found

    def answer(self, rng: Random, how_many: int) -> None:
        """A clerk answers some tickets that have none yet."""
        open_ = [(id_, t) for id_, found in self.twins().items() for t in found if self.states[id_] == "NEW"]
        for id_, ticket in rng.sample(open_, min(how_many, len(open_))):
            code = rng.choice(sorted(ANSWERED))
            for act in (
                {"do": "status", "status": code},
                {"do": "comment", "text": "Wir kommen.", "visible": True},
            ):
                self.control.ask("POST", "/objects/erp/ticket", {"id": ticket["id"], **act})
            self.states[id_] = ANSWERED[code]
            self.comments[id_]["Wir kommen."] += 1


@contextmanager
def arena(folder: Path, tickets: int) -> Iterator[Arena]:
    """Serve the sandboxes and let the tenants report."""
    config = folder / "config.toml"
    environ = {k: v for k, v in os.environ.items() if not k.startswith("EINZUG_")} | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-P", "-m", "console", "sandbox", "--units", "200", "--empty-partners",
         "--for", str(LONGEST_S), "--write-config", str(config)],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None  # noqa: S101  (it is a pipe)
            ready = json.loads(process.stdout.readline())
            _speed_up(config)
            credentials = {
                f"EINZUG_SECRET_{CUSTOMER}_{partner}_{name}".upper(): value
                for partner, entry in ready["partners"].items()
                for name, value in secrets_of(entry).items()
            }
            found = Arena(Control(ready["control"]), config, environ | credentials, folder)
            for partner in ("erp", "immomio", "archive"):
                fast = {"partner": partner, "kind": "rate", "per_second": 10_000, "burst": 10_000}
                found.control.ask("POST", "/faults", fast)
            leases = [
                lease
                for lease in found.control.ask("GET", "/state/erp/lease")
                if lease["status"] == "AKTIV" and not lease["is_vacancy"]
            ]
            numbers = Counter(lease["number"] for lease in leases)
            single = [x for x in leases if numbers[x["number"]] == 1 and "/" not in x["number"]]
            for number in range(tickets):
                found.report(number, single[number % len(single)])
            yield found
        finally:
            process.terminate()


def _speed_up(config: Path) -> None:
    """The assumed limits would only make the rounds longer."""
    fast = "requests_per_second = 1000.0\nburst = 1000\n"
    text = re.sub(r"^(requests_per_second|burst) = .*\n", "", config.read_text("utf-8"), flags=re.MULTILINE)
    for party in ("erp", "archive", PARTNER):
        head = f"[customers.{CUSTOMER}.{party}]\n"
        text = text.replace(head, head + fast)
    config.write_text(text, "utf-8")


def play(found: Arena, kills: int, rng: Random, figures: Figures, *, longest: float) -> None:
    """Kill so many passes, a clerk answering in between, then let it finish."""
    answers = -(-len(found.states) // max(1, kills)) * 2
    while figures.kills < kills:
        process = found.start()
        end = time.monotonic() + rng.uniform(0.0, longest)
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.002)
        if process.poll() is None:
            process.kill()
            figures.kills += 1
        process.wait()
        found.answer(rng, answers)
    for _ in range(MOST_TRIES):
        found.start().wait(600)
        told = found.said()
        figures.unclear += told["settled"]
        if not told["outcomes"] and told["error"] is None:
            break
        found.answer(rng, answers)
    prove(found, figures)


def prove(found: Arena, figures: Figures) -> None:
    """Everything once on both sides, nothing left. Raises Broken."""
    twins = found.twins()
    if set(twins) != set(found.states) or any(len(ones) != 1 for ones in twins.values()):
        lost, standing = sorted(set(found.states) - set(twins)), found.said()["standing"]
        raise Broken(f"{len(found.states)} tickets, {Counter(map(len, twins.values()))}: {lost}, {standing}")
    held = {ticket["ticketId"]: ticket for ticket in found.control.ask("GET", "/state/immomio/ticket")}
    for id_, (twin,) in twins.items():
        here = Counter(comment["text"] for comment in held[id_]["comments"])
        there = Counter(_plain(comment) for comment in twin["comments"])
        if not here == there == found.comments[id_]:
            raise Broken(f"{id_}: comments {here} here, {there} there, {found.comments[id_]} written")
        if held[id_]["status"] != found.states[id_]:
            raise Broken(f"{id_}: {held[id_]['status']} instead of {found.states[id_]}")
        shown = Counter(document["md5"] for document in twin["documents"])
        if set(shown) != found.files[id_] or set(shown.values()) - {1}:
            raise Broken(f"{id_}: {shown} instead of {found.files[id_]}")
    made = found.control.ask("GET", "/state/archive/creates")
    if any(count != 1 for name, count in made.items() if name.startswith(f"{ARCHIVE}/Küche")):
        raise Broken("a file was stored twice")
    figures.tickets = len(twins)
    figures.comments = sum(map(Counter.total, found.comments.values()))
    figures.files = sum(map(len, found.files.values()))
    _prove_local(found)


def _plain(comment: Mapping[str, Any]) -> str:
    """The words of a comment without the line that says who wrote it."""
    text = str(comment.get("content") or comment.get("text"))
    return text.splitlines()[-1]


def _prove_local(found: Arena) -> None:
    conn = open_customer(found.folder / "data", CUSTOMER)
    try:
        if not Journal(conn, Vault.ephemeral()).verify().ok:
            raise Broken("the chain of the journal is broken")
        for table in ("pending", "lease"):
            if rows(conn, f"SELECT 1 FROM {table}"):  # noqa: S608  (the names are ours)
                raise Broken(f"left behind: rows in {table}")
    finally:
        conn.close()


def main() -> None:
    """Kill as often as was asked for and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--tickets", type=int, default=500)
    parser.add_argument("--longest", type=float, default=6.0, help="seconds before a kill, at most")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    start, figures = time.monotonic(), Figures()
    with (
        tempfile.TemporaryDirectory(prefix="einzug-kill-") as folder,
        arena(Path(folder), wanted.tickets) as found,
    ):
        rng = Random(wanted.seed)  # noqa: S311  (repeatable, not secret)
        play(found, wanted.kills, rng, figures, longest=wanted.longest)
    print(f"seed {wanted.seed}: {figures}")
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
