"""Write ``docs/keys.md`` from the actions: ``python scripts/keys.py``."""

from __future__ import annotations

from pathlib import Path

from console.actions import key_table
from console.i18n import setup

HEAD = "# Keys of the console\n\nMade from `console/actions.py` by `scripts/keys.py`; do not edit.\n\n"


def main() -> None:
    """Write the file."""
    setup("en")
    target = Path(__file__).resolve().parent.parent / "docs" / "keys.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{HEAD}{key_table()}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
