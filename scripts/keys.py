"""Write ``docs/keys.md`` from the actions: ``python scripts/keys.py``."""

from __future__ import annotations

from pathlib import Path

from console import actions, window_keys
from console.i18n import setup

HEAD = """# Keys of the console

Made from `console/actions.py` and `console/window_keys.py` by `scripts/keys.py`; do not edit.
"""


def main() -> None:
    """Write the file."""
    setup("en")
    target = Path(__file__).resolve().parent.parent / "docs" / "keys.md"
    target.parent.mkdir(exist_ok=True)
    parts = (HEAD, actions.key_table(), "\n## Windows, questions and tables\n", window_keys.key_table())
    target.write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
