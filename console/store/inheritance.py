"""The fingerprints of a customer who came from another machine.

The id map and the tickets remember what was written by keyed digests. What they were made of is not kept, so
they cannot be made anew with this machine's key: the key of the fingerprints travels with the customer and
lies here, sealed with the key of this machine. The key that seals never travels.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from console.store.database import row
from console.store.places import DATABASE, customer_folder
from console.store.schema import open_customer
from console.store.vault import Vault, VaultError

CONTEXT = b"inherited/fingerprint"


def bequeath(conn: sqlite3.Connection, vault: Vault, fingerprint_key: bytes) -> None:
    """Let fingerprints be made with this key from now on; part of the caller's transaction."""
    sealed = vault.seal(fingerprint_key, CONTEXT)
    conn.execute("INSERT OR REPLACE INTO inherited (one, sealed) VALUES (1, ?)", (sealed,))


def heir(data_dir: Path, customer: str, key: bytes) -> Vault:
    """The vault of a customer's key, with the fingerprints that the customer brought along.

    Blocks. Raises StoreError.
    """
    vault = Vault(key)
    if not (customer_folder(data_dir, customer) / DATABASE).exists():
        return vault
    with closing(open_customer(data_dir, customer)) as conn:
        found = row(conn, "SELECT sealed FROM inherited")
    if found is None:
        return vault
    try:
        inherited = vault.open(found[0], CONTEXT)
    except VaultError:
        return vault  # sealed with a key that is gone, as is everything else
    return vault.with_fingerprints(inherited)
