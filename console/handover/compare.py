"""How what came stands to what is here: it may only go on where this machine stopped.

Where both sides worked since, or this one alone, nothing is offered: whatever were chosen, something would be
lost. The journal tells by its chain, answers and walks by what was said.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from console.errors import ConsoleError
from console.handover.tables import opened
from console.i18n import _, ngettext
from console.store import chain
from console.store.said import SUBJECT
from console.store.sealed import ANSWERS, SAMPLES
from console.store.vault import Vault

INCOMING = "incoming"
"""The name under which the database that came stands beside the one that is here."""


class Relation(StrEnum):
    """What taking it in does to what is here."""

    NEW = "new"  # nothing of the customer's work is here
    CONTINUES = "continues"
    SAME = "same"  # the same work is here already


@dataclass(frozen=True, slots=True)
class Here:
    """How far this machine is: what must not have moved when it is replaced."""

    entries: int
    answers: int
    samples: int = 0

    @property
    def empty(self) -> bool:
        """Whether nobody worked here."""
        return not (self.entries or self.answers or self.samples)


class Diverged(ConsoleError):
    """This machine went on by itself; ``entry`` is the first of the journal that differs, 0 = none does."""

    def __init__(self, message: str, entry: int = 0) -> None:
        super().__init__(
            message,
            _("Nothing was changed: whatever were chosen, something would be lost. Agree whose work holds."),
        )
        self.entry = entry


@contextmanager
def beside(conn: sqlite3.Connection, database: Path) -> Iterator[sqlite3.Connection]:
    """The database that came, attached for the length of a block."""
    conn.execute(f"ATTACH DATABASE ? AS {INCOMING}", (str(database),))
    try:
        yield conn
    finally:
        conn.execute(f"DETACH DATABASE {INCOMING}")


def here(conn: sqlite3.Connection) -> Here:
    """How far this machine is."""
    entries, answers, samples = conn.execute(
        "SELECT (SELECT entries FROM main.head), (SELECT coalesce(max(seq), 0) FROM main.answer), "
        "(SELECT coalesce(max(seq), 0) FROM main.sample)"
    ).fetchone()
    return Here(int(entries or 0), int(answers), int(samples))


def relation(conn: sqlite3.Connection, vault: Vault) -> Relation:
    """How both stand to each other; the incoming one is ``beside``. Raises Diverged, ConsoleError."""
    report = chain.verify(conn)
    if not report.ok:
        raise ConsoleError(
            _("The journal on this machine was changed; the first broken entry is {entry}.").format(
                entry=report.first_broken
            ),
            _("Nothing was changed. einzug forget removes the customer here, for good."),
        )
    now = here(conn)
    there = int(conn.execute(f"SELECT entries FROM {INCOMING}.head").fetchone()[0])  # noqa: S608  (ours)
    _same_journal(conn, now.entries, there)
    answers = _same_words(conn, vault, ANSWERS)
    samples = _same_words(conn, vault, SAMPLES)
    _same_walks(conn)
    if now.empty:
        return Relation.NEW
    return Relation.SAME if now == Here(there, answers, samples) else Relation.CONTINUES


def _same_journal(conn: sqlite3.Connection, ours: int, theirs: int) -> None:
    """Every entry that is here has to be there too."""
    found = conn.execute(
        f"SELECT min(seq) FROM main.entry m JOIN {INCOMING}.entry i USING (seq) WHERE m.hash <> i.hash"  # noqa: S608
    ).fetchone()[0]
    if found is not None:
        text = _("Both sides have worked since: the journals differ from entry {entry} on.")
        raise Diverged(text.format(entry=found), found)
    if ours > theirs:
        text = ngettext(
            "The journal here goes on from entry {entry}: it has {count} entry more than the file.",
            "The journal here goes on from entry {entry}: it has {count} entries more than the file.",
            ours - theirs,
        )
        raise Diverged(text.format(entry=theirs + 1, count=ours - theirs), theirs + 1)


def _same_words(conn: sqlite3.Connection, vault: Vault, table: str) -> int:
    """Every word that is here has to be there too; the number of the last one there."""
    theirs: dict[int, tuple[str, bytes]] = {}
    columns = ("seq", "item", "clear", "content")
    sql = f"SELECT seq, item, clear, content FROM {{}}.{table} ORDER BY seq"  # noqa: S608  (ours)
    for found in conn.execute(sql.format(INCOMING)):
        row = opened(conn, vault, table, dict(zip(columns, found, strict=True)))
        theirs[found[0]] = _item(found[1]), row["content"] if row else b""
    for number, found in enumerate(conn.execute(sql.format("main")), 1):
        row = opened(conn, vault, table, dict(zip(columns, found, strict=True)))
        item, content = theirs.get(found[0], ("", b""))
        if item != _item(found[1]) or (row is not None and row["content"] != content):
            text = _("Both sides have marked samples since: they differ from word {number} on.")
            if table == ANSWERS:
                text = _("Both sides have answered checklists since: they differ from answer {number} on.")
            raise Diverged(text.format(number=number))
    return max(theirs, default=0)


def _item(about: str) -> str:
    """What a word is about, without the mark of a subject, which another key makes otherwise."""
    return about.partition(SUBJECT)[0]


def _same_walks(conn: sqlite3.Connection) -> None:
    """Every guided test and acceptance ticket that is here has to be there, as far as it got here."""
    missing = conn.execute(
        f"""
        SELECT (SELECT count(*) FROM main.trip m LEFT JOIN {INCOMING}.trip i USING (partner, environment, id)
                WHERE i.id IS NULL OR (m.ended <> '' AND m.ended <> i.ended))
             + (SELECT count(*) FROM main.walked m
                LEFT JOIN {INCOMING}.walked i USING (partner, environment, walk, begun) WHERE i.walk IS NULL)
        """  # noqa: S608  (the name is ours)
    ).fetchone()[0]
    if missing:
        text = ngettext(
            "{count} guided test or acceptance ticket is known here only.",
            "{count} guided tests or acceptance tickets are known here only.",
            missing,
        )
        raise Diverged(text.format(count=missing))
