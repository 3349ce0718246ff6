"""Carry what was taken in to its place, now or after a process was killed: each step may be done again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.config_edit import replace_table
from console.handover import staging
from console.paths import agreements_dir, valid_customer
from console.store.atomic import write_atomically
from console.store.errors import StoreError
from console.store.evidence import FOLDER as EVIDENCE
from console.store.handovers import Handovers, Move
from console.store.places import DATABASE, customer_folder, new_folder, private_folder
from console.store.processes import process_alive
from console.store.schema import open_customer
from console.store.vault import Vault

ORDER = "order.json"
"""What is to be done with what lies ready; there once everything does."""

_OWNER = re.compile(r"spill-(\d{1,10})-.*")


@dataclass(frozen=True, slots=True)
class Order:
    """Whose it is, the token that its database holds once it was taken in, and the configuration it joins."""

    customer: str
    token: str
    config: Path

    def plain(self) -> dict[str, str]:
        """As JSON values."""
        return {"customer": self.customer, "token": self.token, "config": str(self.config.absolute())}


def settle(data: Path, folder: Path, order: Order) -> None:
    """Evidence, agreements and configuration of who was taken in. Raises ConfigError, StoreError."""
    try:
        _evidence(folder / EVIDENCE, customer_folder(data, order.customer) / EVIDENCE)
        _agreements(folder / staging.AGREEMENTS, agreements_dir(order.config, order.customer))
        section = (folder / staging.SECTION).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if folder.exists():
            raise StoreError("disk") from error
        return  # another start was faster
    except OSError as error:
        raise StoreError("disk") from error
    replace_table(order.config, ("customers", order.customer), section)
    staging.drop(folder)


def finish(data: Path) -> None:
    """Bring to its end, or undo, what a killed process had begun. Raises ConfigError, StoreError."""
    home = data / staging.FOLDER
    if not home.is_dir():
        return
    for folder in sorted(home.iterdir()):
        owner = _OWNER.fullmatch(folder.name)
        if owner is None or process_alive(int(owner[1])):
            continue  # somebody is at it
        order = drop_unless_taken(data, folder)
        if order is not None:
            settle(data, folder, order)


def drop_unless_taken(data: Path, folder: Path) -> Order | None:
    """Remove what lies ready, unless its customer was taken in: then its order. Raises StoreError."""
    order = _order(folder / ORDER)
    if order is not None and _taken(data, order):
        return order
    staging.drop(folder)
    return None


def _evidence(ready: Path, place: Path) -> None:
    for path in sorted(ready.iterdir()) if ready.is_dir() else []:
        private_folder(place)
        path.replace(place / path.name)


def _agreements(ready: Path, place: Path) -> None:
    for path in sorted(ready.rglob("*")) if ready.is_dir() else []:
        if path.is_file():
            target = place / path.relative_to(ready)
            new_folder(target.parent.absolute())
            write_atomically(target, path.read_bytes())


def _order(path: Path) -> Order | None:
    """What was to be done; None where it was not written whole: then nothing had been taken in.

    Raises StoreError where nobody can tell just now.
    """
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:  # a scanner may hold it: what was taken in must not be thrown away for that
        raise StoreError("disk") from error
    match found:
        case Mapping() if valid_customer(str(found.get("customer"))):
            return Order(str(found["customer"]), str(found.get("token")), Path(str(found.get("config"))))
    return None


def _taken(data: Path, order: Order) -> bool:
    if not (customer_folder(data, order.customer) / DATABASE).exists():
        return False
    with closing(open_customer(data, order.customer)) as conn:
        return Handovers(conn, Vault.ephemeral()).knows(order.token, Move.TAKEN)  # names are not read
