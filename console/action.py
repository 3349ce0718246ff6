"""What an action of the screens is."""

from __future__ import annotations

from dataclasses import dataclass

from console.key_names import shown_key


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do. ``scope`` is the panel it belongs to, "" = everywhere.

    ``label`` (for the footer, short) and ``help`` are source texts of the catalogue; ``footer`` False keeps
    it out of the footer, where only the most used ones find room in 80 columns. ``command`` is its
    counterpart on the command line, "" where it only moves the view.
    """

    id: str
    key: str
    label: str
    help: str
    scope: str = ""
    footer: bool = True
    danger: bool = False
    command: str = ""

    @property
    def binding(self) -> str:
        """The name under which Textual runs it: ``action_do`` of the screen."""
        return f"screen.do('{self.id}')"

    @property
    def shown_key(self) -> str:
        """The key as people write it."""
        return shown_key(self.key)
