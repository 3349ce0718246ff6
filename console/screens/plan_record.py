"""What can be done with the record under the cursor, and with everything that is seen of its plan."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widget import Widget

from console import formats
from console.clipboard import copy_text
from console.exports import View, write_csv, write_xlsx
from console.i18n import _, language, ngettext
from console.names import entity_name
from console.os_words import os_words
from console.screens.export_dialog import ExportDialog, ExportWish
from console.screens.plan_source import PlanSource, is_personal, record_text, shown_fields
from console.screens.value_dialog import Sides, ValueDialog
from console.screens.why_dialog import WhyDialog, explanation, title
from console.sheets import SheetFull
from console.threads import off_loop

if TYPE_CHECKING:
    from console.screens.differences import DifferencesPanel

COPIES = "copies"
"""The folder beside a customer's plans for what no clipboard takes."""


def show_why(panel: DifferencesPanel) -> None:
    """Explain the record, and the field under the cursor."""
    row, source = panel.row, panel.source
    if row is None or source is None:
        return
    fields = shown_fields(row.planned, source.plan, hide=True)
    at = panel.fields.field
    name = fields[at].name if at is not None and at < len(fields) else None
    panel.app.push_screen(WhyDialog(title(row, source.plan), explanation(row, source.plan, name)))


def show_value(panel: DifferencesPanel) -> None:
    """Show the whole value of the field under the cursor."""
    row, source, at = panel.row, panel.source, panel.fields.field
    if row is None or source is None or at is None:
        return
    field = shown_fields(row.planned, source.plan, hide=False)[at]
    hidden = None
    if panel.cockpit.masked and is_personal(row.planned, source.plan, field.name):
        masked = shown_fields(row.planned, source.plan, hide=True)[at]
        hidden = Sides(masked.old, masked.new)
    name = f"{entity_name(source.plan.job.partner, row.planned.entity)} {row.planned.id}  {field.title}"
    panel.app.push_screen(ValueDialog(name, Sides(field.old, field.new), hidden))


def copy_record(panel: DifferencesPanel) -> None:
    """Copy the record as it is seen, masked or not."""
    row, source = panel.row, panel.source
    if row is None or source is None:
        return
    masked = panel.cockpit.masked
    text = record_text(row, source.plan, hide=masked)
    panel.work(_copy(panel, source, text, masked=masked), "copy")


async def _copy(panel: DifferencesPanel, source: PlanSource, text: str, *, masked: bool) -> None:
    try:
        done = await copy_text(panel.app, text, source.plan.store.folder.parent / COPIES)
    except OSError as error:
        refuse(panel, error)
        return
    panel.notify(f"{done} {mask_words(masked=masked)}", title=_("Copied"), markup=False)


def mask_words(*, masked: bool) -> str:
    """Whether what left the screen is masked."""
    return _("Personal data is masked.") if masked else _("With personal data in full.")


def ask_export(panel: DifferencesPanel) -> None:
    """Ask for a file, then write exactly what is seen into it."""
    source = panel.source
    if source is None or panel.place is None:
        return

    def answered(wish: ExportWish | None) -> None:
        if wish is not None:
            panel.work(_export(panel, source, wish), "export", exclusive=False)

    count = source.count()
    what = ngettext(
        "Export {count} record as it is filtered",
        "Export {count} records as they are filtered and sorted",
        count,
    ).format(count=formats.count(count))
    name = f"einzug-{'-'.join(panel.place)}-{datetime.now():%Y%m%d-%H%M}.csv"
    cockpit = panel.cockpit
    dialog = ExportDialog(what, Path.cwd() / name, masked=cockpit.masked, live=cockpit.live)
    panel.app.push_screen(dialog, answered)


async def _export(panel: DifferencesPanel, source: PlanSource, wish: ExportWish) -> None:
    write = write_xlsx if wish.path.suffix.lower() == ".xlsx" else write_csv
    view = View(source.numbers, wish.masked)
    try:
        count = await off_loop(partial(write, source.plan, wish.path, language(), view))
    except OSError as error:
        refuse(panel, error)
    except sqlite3.Error:
        if not source.plan.store.closed:
            raise
        text = _("The plan was replaced meanwhile: the file is not complete.")
        panel.notify(text, severity="error", markup=False)
    except SheetFull:
        panel.notify(_("The plan has more rows than a workbook holds."), severity="error", markup=False)
    else:
        text = ngettext("{count} row written to {path}.", "{count} rows written to {path}.", count)
        text = text.format(count=formats.count(count), path=wish.path)
        panel.notify(f"{text} {mask_words(masked=wish.masked)}", title=_("Exported"), markup=False)


def refuse(widget: Widget, error: OSError) -> None:
    """Say why a file could not be written."""
    why = os_words(error)
    widget.notify(_("It could not be written: {why}.").format(why=why), severity="error", markup=False)
