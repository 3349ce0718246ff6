"""F9: every call that was made. What is secret was masked before it got here."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from connectors.http import Call
from console import formats
from console.clipboard import copy_text
from console.cockpit import Cockpit
from console.i18n import _, ngettext
from console.os_words import os_words
from console.safe import clean
from console.screens.window import crash_of_worker, window_bindings
from console.sheets import save_csv
from console.threads import off_loop
from console.widgets.record_model import Align, Column, TableRow
from console.widgets.record_model import Tone as RowTone
from console.widgets.record_table import RecordTable
from console.window_keys import hint

CANCELLED = "http.cancelled"
"""A page that was read ahead and turned out not to be needed: no mistake of anybody."""

HEAD = ("time", "partner", "method", "path", "status", "ms", "bytes", "problem")


class CallsScreen(ModalScreen[None]):
    """The call log as a table, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = window_bindings("calls")
    on_worker_state_changed = crash_of_worker

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self._cockpit = cockpit
        self._source = CallSource(cockpit.workspace.log.calls())

    def compose(self) -> ComposeResult:
        """Title, table, keys."""
        total = self._cockpit.workspace.log.total
        title = ngettext("{count} call", "{count} calls; the newest first", total)
        title = title.format(count=formats.count(total))
        with Vertical(classes="dialog full"):
            yield Static(title, markup=False, classes="title")
            yield RecordTable(columns(), self._source, id="calls")
            yield Static(hint("calls"), markup=False)

    def action_copy(self) -> None:
        """Copy the line under the cursor."""
        key = self.query_one(RecordTable).cursor_key
        place = None if key is None else self._source.find(key)
        if place is not None:
            text = "  ".join(self._source.window(place, 1)[0].cells)
            self._work(copy_text(self.app, text, self._cockpit.workspace.folder), "copy")

    def action_export(self) -> None:
        """Write all calls to a file of the data folder."""
        self._work(self._export(), "export")

    async def _export(self) -> str:
        path = self._cockpit.workspace.folder / f"calls-{datetime.now():%Y%m%d-%H%M%S}.csv"
        await off_loop(partial(write_calls, self._cockpit.workspace.log.calls(), path), "export")
        return _("Written to {path}").format(path=path)

    def _work(self, work: Coroutine[Any, Any, str], what: str) -> None:
        self.run_worker(self._told(work), group="calls", description=f"calls: {what}", exit_on_error=False)

    async def _told(self, work: Coroutine[Any, Any, str]) -> None:
        try:
            text = _("Secrets in it are masked; record ids are not. It holds no contents of records.")
            self.notify(f"{clean(await work)} {text}", markup=False)
        except OSError as error:
            why = os_words(error)
            text = _("It could not be written: {why}.").format(why=why)
            self.notify(text, severity="error", markup=False)


class CallSource:
    """Calls as rows; frozen when the screen opens, so that the cursor has something to stand on."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = list(reversed(calls))

    def count(self) -> int:
        """How many calls are kept."""
        return len(self._calls)

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some rows."""
        return [
            TableRow(str(offset + n), cells(call), tone=_tone(call))
            for n, call in enumerate(self._calls[offset : offset + limit])
        ]

    def find(self, key: str) -> int | None:
        """The number of a row."""
        return int(key) if key.isdecimal() and int(key) < len(self._calls) else None


def columns() -> tuple[Column, ...]:
    """The columns of the call log."""
    return (
        Column(_("Time"), 8, priority=1),
        Column(_("Partner"), 9, priority=2),
        Column(_("Method"), 6, priority=0),
        Column(_("Path"), None, priority=0),
        Column(_("Status"), 6, priority=0),
        Column("ms", 6, align=Align.RIGHT, priority=1),
        Column(_("Bytes"), 9, align=Align.RIGHT, priority=3),
    )


def cells(call: Call) -> tuple[str, ...]:
    """A call as a row."""
    status = str(call.status or "-")
    if call.problem is not None:
        status += " ·" if call.problem == CANCELLED else " ✗"
    time = f"{call.at.astimezone():%H:%M:%S}"
    return (time, call.partner, call.method, call.path, status, f"{call.ms:.0f}", formats.count(call.bytes))


def write_calls(calls: Sequence[Call], path: Path) -> None:
    """All calls as CSV that Excel opens."""
    save_csv(path, HEAD, map(_line, calls))


def _line(c: Call) -> tuple[str, ...]:
    at = c.at.isoformat(timespec="milliseconds")
    answered = (str(c.status or ""), f"{c.ms:.0f}", str(c.bytes), c.problem or "")
    return (at, c.partner, c.method, c.path, *answered)


def _tone(call: Call) -> RowTone:
    if call.problem == CANCELLED:
        return RowTone.MUTED
    return RowTone.NORMAL if call.problem is None else RowTone.BAD
