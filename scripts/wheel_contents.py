"""Check what a wheel holds: all code and data of the three packages, compiled texts, and nothing else."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("console", "connectors", "checklists")
PATTERNS = ("*.py", "*.toml", "*.tcss")
MADE = {"console/config.example.toml"} | {
    f"console/locale/de/LC_MESSAGES/{name}.mo" for name in ("einzug", "click")
}


def faults(names: set[str], root: Path = ROOT) -> list[str]:
    """One line for every file that the wheel lacks or should not hold."""
    found = (path for name in PACKAGES for pattern in PATTERNS for path in (root / name).rglob(pattern))
    wanted = MADE | {path.relative_to(root).as_posix() for path in found}
    foreign = {name for name in names if name.split("/")[0] not in PACKAGES and ".dist-info/" not in name}
    return [f"missing: {name}" for name in sorted(wanted - names)] + [
        f"foreign: {name}" for name in sorted(foreign)
    ]


def main(arguments: list[str]) -> int:
    """Print the faults of the wheel named as the only argument; 1 if there are any."""
    with zipfile.ZipFile(arguments[0]) as wheel:
        names = {name for name in wheel.namelist() if not name.endswith("/")}
    found = faults(names)
    print("\n".join(found) or f"{len(names)} files, as it should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
