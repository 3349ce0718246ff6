"""Private temporary files of sorted readings, and what a killed process left of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from console.store.processes import process_alive

_NAME = re.compile(r"spill-(\d{1,10})-.*")


def spill_prefix() -> str:
    """What the name of a temporary file of this process begins with; the rest is up to ``tempfile``."""
    return f"spill-{os.getpid()}-"


def sweep(data_dir: Path) -> tuple[Path, ...]:
    """Remove the spills of dead processes anywhere below the folder; returns what was removed."""
    removed = []
    for path in sorted(data_dir.rglob("spill-*")):
        match = _NAME.fullmatch(path.name)
        if match is None or process_alive(int(match[1])) or not path.is_file():
            continue
        try:
            path.unlink()
        except FileNotFoundError:
            continue  # another sweep was faster
        except PermissionError:
            continue  # still open somewhere (Windows): next time
        removed.append(path)
    return tuple(removed)
