"""The last two steps of the demo without a screen: checklists and report, against what the seed predicts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from checklists.model import Kind
from connectors.sandbox.expected import Expected
from console.errors import ConsoleError
from console.i18n import _
from console.onboarding.answering import Draft, evidence, keep
from console.onboarding.book import Book, read
from console.practice import CUSTOMER
from console.readiness import Because, Standing, State
from console.report import files
from console.report.gather import gather
from console.store.said import Said
from console.syncer import APPLY

if TYPE_CHECKING:
    from console.demo import Summary
    from console.workspace import Workspace

WHO = "Erika Muster"
AGREEMENT = "data_protection.consultant_agreement"
ACCOUNT = "immomio_activation.account"
"""Its answer rules the check of FTP out: the practice account is none of the old system."""


async def checklists(workspace: Workspace, summary: Summary, predicted: Expected) -> None:
    """Everything was written, so the checks run once more; then two items are answered."""
    await workspace.check()
    kept = _answered(workspace)
    book = read(workspace)
    done = [key for key in (AGREEMENT, ACCOUNT) if _standing(book, key).state is State.DONE]
    summary.step(CUSTOMER, _("checklists: items answered and settled"), len(done), 2)
    same = _("byte for byte")
    seen = same if kept else _("otherwise than it was attached")
    summary.step(CUSTOMER, _("checklists: evidence read back"), seen, same)
    automatic = [one for one in book.standings if one.item.kind is Kind.AUTOMATIC and _applies(one)]
    silent = [one.item.id for one in automatic if one.because is Because.UNCHECKED]
    summary.step(CUSTOMER, _("checklists: items without their check"), ", ".join(silent) or "0", "0")
    settled = sum(one.state is State.DONE for one in automatic)
    fine = sum(predicted.fine(one.checked.finding.key) for one in automatic if one.checked is not None)
    text = _("{settled} of {all}")
    summary.step(
        CUSTOMER,
        _("checklists: settled by checks"),
        text.format(settled=settled, all=len(automatic)),
        text.format(settled=fine, all=len(automatic)),
    )


def report(workspace: Workspace, summary: Summary, predicted: Expected) -> None:
    """Written in every format and verified; what it tells of the round before."""
    found = gather(workspace)
    with TemporaryDirectory(prefix="einzug-demo-", ignore_cleanup_errors=True) as folder:
        agreeing = []
        for ending in files.FORMATS:
            path = Path(folder) / f"report{ending}"
            files.write(found, path, workspace.vault)
            if files.verify(workspace, *files.read(path)).agrees:
                agreeing.append(ending)
    summary.step(CUSTOMER, _("report: written and verified"), " ".join(agreeing), " ".join(files.FORMATS))
    written = {run.place for run in found.runs if run.kind == APPLY and run.counts}
    summary.step(CUSTOMER, _("report: use cases written"), len(written), len(predicted.flows))
    left = sum(one.differing + one.failed for one in found.differences)
    summary.step(CUSTOMER, _("report: differences left"), left, 0)
    passed = sum(trip.passed for trip in found.trips)
    wanted = sum(map(workspace.connections.has_tickets, workspace.connections.partner_keys()))
    summary.step(CUSTOMER, _("report: acceptance tickets passed"), passed, wanted)


def _answered(workspace: Workspace) -> bool:
    """Answer both items; whether the evidence that was attached is read back as it was."""
    book = read(workspace)
    with TemporaryDirectory(prefix="einzug-demo-", ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "agreement.txt"
        page.write_text(_("Practice: the signature page of an agreement.") + "\n", encoding="utf-8")
        content = page.read_bytes()
        values = {"signed_on": date.today().isoformat(), "signed_by": WHO}
        draft = Draft(Said.DONE, WHO, values=values, paths=(page,))
        said = keep(workspace, _standing(book, AGREEMENT).item, draft)
        account = Draft(Said.DONE, WHO, values={"system": "current"}, paths=(page,))
        keep(workspace, _standing(book, ACCOUNT).item, account)
    return [evidence(workspace, file) for file in said.files] == [content]


def _standing(book: Book, key: str) -> Standing:
    """An item of ours. Raises ConsoleError where a list of the user's took its place."""
    found = book.item(key)
    if found is None:
        raise ConsoleError(_("There is no item {key!r}.").format(key=key))
    return found


def _applies(one: Standing) -> bool:
    return one.state is not State.NOT_APPLICABLE
