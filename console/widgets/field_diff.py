"""A record field by field: name, old and new value with what differs marked, source and rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from console.i18n import _
from console.safe import clean
from console.text_diff import Pieces, excerpt, pieces

LINES = 3
"""Lines of one field: its name, the old value (if there are any), the new one."""

EMPTY = "∅"
"""Stands for no value."""

OLD, NEW = "$error", "$success"


@dataclass(frozen=True, slots=True)
class ShownField:
    """One differing field as it is shown: texts, personal ones already masked where they must be.

    ``name`` names it in the mapping, ``title`` among people ("" = the name).
    """

    name: str
    old: str
    new: str
    source: str
    rule: str
    title: str = ""


class FieldDiff(VerticalScroll, can_focus=True):
    """The differing fields of one record with a cursor of its own; it also says what stands above them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "field(-1)", show=False),
        Binding("down", "field(1)", show=False),
        Binding("home", "field(-1000)", show=False),
        Binding("end", "field(1000)", show=False),
    ]
    DEFAULT_CSS = """
    FieldDiff { height: 1fr; }
    FieldDiff > Static { width: 1fr; height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self._head: Sequence[Content] = ()
        self._fields: Sequence[ShownField] = ()
        self.cursor = 0

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    @property
    def field(self) -> int | None:
        """The number of the field under the cursor; None where there are none."""
        return self.cursor if self._fields else None

    def show(self, head: Sequence[Content], fields: Sequence[ShownField], *, same: bool = False) -> None:
        """Show a record: lines above, then its fields. ``same``: the cursor stays where it is."""
        self._head, self._fields = head, fields
        if not same:
            self.cursor = 0
            self.scroll_home(animate=False)
        self._draw()

    def on_resize(self) -> None:
        """Cut the values for the new width."""
        self._draw()

    def on_focus(self) -> None:
        """The cursor shows."""
        self._draw()

    def on_blur(self) -> None:
        """The cursor is only hinted at."""
        self._draw()

    def action_field(self, step: int) -> None:
        """Move the cursor, and what is seen with it."""
        if not self._fields:
            self.scroll_relative(y=step, animate=False)
            return
        self.cursor = max(0, min(self.cursor + step, len(self._fields) - 1))
        self._draw()
        top = len(self._head) + self.cursor * self._lines
        above = 0 if self.cursor == 0 else top
        region = Region(0, above, 1, top + self._lines - above)
        self.call_after_refresh(self.scroll_to_region, region, animate=False)

    @property
    def _lines(self) -> int:
        """Lines of a field: a new record has no old values, and needs no lines for them."""
        return LINES if any(field.old for field in self._fields) else LINES - 1

    def _draw(self) -> None:
        width = max(10, self.size.width - 1)
        lines = list(self._head)
        for number, field in enumerate(self._fields):
            here = number == self.cursor
            drawn = field_lines(field, width, cursor=here, focused=here and self.has_focus)
            lines += drawn if self._lines == LINES else (drawn[0], drawn[-1])
        self.query_one(Static).update(Content("\n").join(lines))


def field_lines(
    field: ShownField, width: int, *, cursor: bool = False, focused: bool = False
) -> list[Content]:
    """A field as three lines of at most ``width`` columns."""
    old, new = clean(field.old), clean(field.new)
    was, will = pieces(old, new)
    whole = "  ".join(part for part in (clean(field.source), clean(field.rule)) if part)
    mark = "> " if cursor else "  "
    name = clean(field.title or field.name, max(4, width - 2))
    style = "bold reverse" if focused else "bold"
    head = Content.assemble(mark, (name, style))
    for origin in (whole, clean(field.rule)):  # the rule alone where the source has no room
        if origin and len(name) + 2 + 2 + len(origin) <= width:
            head = Content.assemble(mark, (name, style), "  ", (origin, "dim"))
            break
    return [
        head,
        _value_line("-", was if old else (), width, OLD),
        _value_line("+", will if new else (), width, NEW),
    ]


def _value_line(sign: str, whole: Pieces, width: int, colour: str) -> Content:
    start = Content.assemble("  ", (f"{sign} ", colour))
    if not whole:
        return start + Content.styled(f"{EMPTY} " + _("empty"), "dim")
    return start + marked(excerpt(whole, width - 4), colour)


def marked(shown: Pieces, colour: str) -> Content:
    """Pieces as content; what differs is bold, underlined and coloured, so it is seen without colours too."""
    return Content.assemble(*(
        (piece.text, f"bold underline {colour}") if piece.differs else piece.text for piece in shown
    ))  # fmt: skip
