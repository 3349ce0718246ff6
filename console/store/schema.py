"""The tables of ``customer.sqlite``. A published version is never edited: changes are a new migration."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from console.store.database import Migration, open_database
from console.store.places import DATABASE, customer_folder

_V1: Migration = (
    # The chain. kind: start and finish of a run, intent and outcome of a change. Never updated or deleted.
    """
    CREATE TABLE entry (
        seq INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('start', 'intent', 'outcome', 'finish')),
        at TEXT NOT NULL,
        scope TEXT NOT NULL,
        entity TEXT NOT NULL,
        record TEXT NOT NULL,
        action TEXT NOT NULL,
        result TEXT NOT NULL,
        detail TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX entry_record ON entry (run, kind, entity, record, seq)",
    "CREATE INDEX entry_scope ON entry (scope, run) WHERE kind = 'start'",
    # The end of the chain, so that a missing end is found.
    """
    CREATE TABLE head (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        entries INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT
    """,
    "INSERT INTO head (one, entries, hash) VALUES (1, 0, zeroblob(32))",
    # Intents without outcome, derived from the chain; verify compares both.
    """
    CREATE TABLE pending (
        run INTEGER NOT NULL,
        entity TEXT NOT NULL,
        record TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (run, entity, record)
    ) STRICT, WITHOUT ROWID
    """,
    # Sealed values that undo needs; outside the chain, because they expire.
    """
    CREATE TABLE before (
        seq INTEGER PRIMARY KEY,
        expires TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX before_expires ON before (expires)",
    """
    CREATE TABLE lease (
        name TEXT PRIMARY KEY,
        token TEXT NOT NULL,
        pid INTEGER NOT NULL,
        host TEXT NOT NULL,
        since TEXT NOT NULL,
        beat TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE link (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        entity TEXT NOT NULL,
        id TEXT NOT NULL,
        remote TEXT,
        digest BLOB,
        run INTEGER,
        at TEXT NOT NULL,
        PRIMARY KEY (partner, environment, entity, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE fact (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        use_case TEXT NOT NULL,
        counts TEXT NOT NULL,
        mapping_version TEXT NOT NULL,
        settings TEXT NOT NULL,
        PRIMARY KEY (partner, environment, use_case)
    ) STRICT, WITHOUT ROWID
    """,
)

# Tickets by their id at the partner: ids, codes and keyed fingerprints, never a text or a name.
_V2: Migration = (
    """
    CREATE TABLE ticket (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        id TEXT NOT NULL,
        erp TEXT NOT NULL,
        stand TEXT NOT NULL CHECK (stand IN ('open', 'parked', 'gone')),
        reason TEXT NOT NULL,
        args TEXT NOT NULL,
        erp_status TEXT NOT NULL,
        category TEXT NOT NULL,
        merged INTEGER NOT NULL,
        waiting TEXT NOT NULL,
        since TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (partner, environment, id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX ticket_erp ON ticket (partner, environment, erp) WHERE erp <> ''",
    "CREATE INDEX ticket_at ON ticket (partner, environment, at)",
    "CREATE INDEX ticket_waiting ON ticket (partner, environment, waiting) WHERE waiting <> ''",
    "CREATE INDEX ticket_stand ON ticket (partner, environment, stand) WHERE stand <> 'open'",
    # Comments, files, links and states that crossed, or are held back with a reason.
    """
    CREATE TABLE ticket_item (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        ticket TEXT NOT NULL,
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        target TEXT NOT NULL,
        digest BLOB,
        reason TEXT NOT NULL,
        args TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (partner, environment, ticket, kind, id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX ticket_item_reason ON ticket_item (partner, environment, ticket) WHERE reason <> ''",
    # How far each ticket of a side was read. born: it came to be there and is never sent.
    """
    CREATE TABLE ticket_head (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        side TEXT NOT NULL,
        id TEXT NOT NULL,
        changed TEXT NOT NULL,
        born INTEGER NOT NULL,
        PRIMARY KEY (partner, environment, side, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE ticket_cursor (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        side TEXT NOT NULL,
        cursor TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (partner, environment, side)
    ) STRICT, WITHOUT ROWID
    """,
    # What went which way and when: born where it came to be, at when it arrived.
    """
    CREATE TABLE ticket_hop (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        ticket TEXT NOT NULL,
        hop TEXT NOT NULL,
        item TEXT NOT NULL,
        born TEXT NOT NULL,
        at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        run INTEGER,
        PRIMARY KEY (partner, environment, ticket, hop, item)
    ) STRICT, WITHOUT ROWID
    """,
)

# Acceptance tickets, sealed; ended is "" while one is under way.
_V3: Migration = (
    """
    CREATE TABLE trip (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        id TEXT NOT NULL,
        begun TEXT NOT NULL,
        ended TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (partner, environment, id)
    ) STRICT, WITHOUT ROWID
    """,
)

# Answers of the checklists: one row a word, never changed; the last one of an item counts. clear: no key was
# there and somebody agreed to that (consent). Walks that came to their end, sealed.
_V4: Migration = (
    """
    CREATE TABLE answer (
        seq INTEGER PRIMARY KEY,
        item TEXT NOT NULL,
        clear INTEGER NOT NULL CHECK (clear IN (0, 1)),
        content BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX answer_item ON answer (item, seq)",
    """
    CREATE TABLE consent (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        at TEXT NOT NULL,
        who TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE walked (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        walk TEXT NOT NULL,
        begun TEXT NOT NULL,
        ended TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (partner, environment, walk, begun)
    ) STRICT, WITHOUT ROWID
    """,
)

# Hand-overs as this machine saw them: given away, taken in, taken back; who and to whom is sealed. The key of
# the fingerprints where the customer came from another machine, sealed. What the last whole plan counted.
_V5: Migration = (
    """
    CREATE TABLE handover (
        seq INTEGER PRIMARY KEY,
        token TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('given', 'taken', 'back')),
        at TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE inherited (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        sealed BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE counted (
        partner TEXT NOT NULL,
        environment TEXT NOT NULL,
        use_case TEXT NOT NULL,
        at TEXT NOT NULL,
        counts TEXT NOT NULL,
        PRIMARY KEY (partner, environment, use_case)
    ) STRICT, WITHOUT ROWID
    """,
)

# Sample checks: what was drawn and what was said of each record, one sealed row a word, like answers. item is
# partner, environment and use case.
_V6: Migration = (
    """
    CREATE TABLE sample (
        seq INTEGER PRIMARY KEY,
        item TEXT NOT NULL,
        clear INTEGER NOT NULL CHECK (clear IN (0, 1)),
        content BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX sample_item ON sample (item, seq)",
)

MIGRATIONS: tuple[Migration, ...] = (_V1, _V2, _V3, _V4, _V5, _V6)


def open_customer(data_dir: Path, customer: str) -> sqlite3.Connection:
    """Open or create the database of a customer. Raises StoreError."""
    return open_database(customer_folder(data_dir, customer) / DATABASE, MIGRATIONS)
