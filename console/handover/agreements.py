"""The files in the customer's folder beside the configuration, and which names may come out of a parcel."""

from __future__ import annotations

from pathlib import Path

from console.paths import agreements_dir
from console.store.evidence import LIMIT
from console.store.places import RESERVED

DEEPEST = 8
LONGEST = 120
"""Characters of one part of a name."""

_FORBIDDEN = frozenset('<>:"|?*\\')


def agreements(config: Path, customer: str) -> tuple[list[tuple[str, Path]], list[str]]:
    """Name and place of every file that may travel, and the names of those that may not. Reads the folder."""
    folder = agreements_dir(config, customer)
    found, odd = [], []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        name = path.relative_to(folder).as_posix()
        linked = any(one.is_symlink() for one in (path, *path.parents) if folder in one.parents)
        if path.is_dir() and not linked:
            continue
        if linked or not path.is_file() or not safe_name(name) or path.stat().st_size > LIMIT:
            odd.append(name)
        else:
            found.append((name, path))
    return found, odd


def safe_name(name: str) -> bool:
    """Whether a name can only mean a file below the folder it is put into, on every system."""
    parts = name.split("/")
    return 0 < len(parts) <= DEEPEST and all(map(_safe_part, parts))


def _safe_part(part: str) -> bool:
    return (
        0 < len(part) <= LONGEST
        and part.isprintable()
        and not _FORBIDDEN & set(part)
        and part == part.strip()
        and not part.endswith(".")  # "." and ".." among them
        and not RESERVED.fullmatch(part.casefold().split(".")[0].rstrip())  # "con .txt" is a device too
    )
