"""What the screens looked like when they were left: panel, filter and cursor per customer; never a record."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.store.atomic import write_atomically
from console.store.places import private_folder

VERSION = 1
NAME = "screens.json"


@dataclass(slots=True)
class Remembered:
    """The view of one customer: the open panel, and for each panel what it wants back."""

    panel: str = ""
    panels: dict[str, dict[str, str]] = field(default_factory=dict)


def recall(data: Path, customer: str) -> Remembered:
    """The view as it was left; an empty one where nothing is known or the file is not ours."""
    found = _customers(data).get(customer, {})
    panels = found.get("panels")
    if not isinstance(found.get("panel"), str) or not isinstance(panels, dict):
        return Remembered()
    return Remembered(
        found["panel"],
        {
            scope: {str(k): str(v) for k, v in memory.items()}
            for scope, memory in panels.items()
            if isinstance(memory, dict)
        },
    )


def remember(data: Path, customer: str, view: Remembered) -> None:
    """Keep the view. A disk that refuses costs the memory and nothing else."""
    customers = _customers(data)
    customers[customer] = {"panel": view.panel, "panels": view.panels}
    with contextlib.suppress(OSError):
        _write(private_folder(data), customers, last=customer)


def last_customer(data: Path) -> str:
    """The key of the customer that was left last; "" where none is known."""
    last = _read(data).get("last")
    return last if isinstance(last, str) else ""


def forget(data: Path, customer: str) -> None:
    """Drop a customer's view."""
    customers = _customers(data)
    if customers.pop(customer, None) is not None:
        last = last_customer(data)
        with contextlib.suppress(OSError):
            _write(data, customers, last="" if last == customer else last)


def _write(folder: Path, customers: Mapping[str, Any], *, last: str) -> None:
    view = {"version": VERSION, "last": last, "customers": customers}
    write_atomically(folder / NAME, json.dumps(view, ensure_ascii=False, indent=1).encode())


def _read(data: Path) -> dict[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads((data / NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return dict(found) if isinstance(found, dict) and found.get("version") == VERSION else {}


def _customers(data: Path) -> dict[str, Any]:
    customers = _read(data).get("customers")
    return {k: v for k, v in customers.items() if isinstance(v, dict)} if isinstance(customers, dict) else {}
