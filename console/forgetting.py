"""What forgetting a customer deletes, said beforehand; and the proof, said afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from console.i18n import _, language
from console.keyring_state import KeyringError
from console.os_words import os_words
from console.store.forget import ForgetReport


@dataclass(frozen=True, slots=True)
class Proof:
    """What is gone, what is left or could not be seen, and the words that sum it up."""

    gone: tuple[str, ...]
    trouble: tuple[str, ...]
    done: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left and everything could be looked at."""
        return not self.trouble


def announced(folder: Path, config: Path) -> Iterator[str]:
    """What will be deleted, and what stays."""
    yield _(
        "Deleted for good: history, id map, plans, exports, cache and everything else in {folder};"
    ).format(folder=folder)
    yield _("the credentials and keys in the keyring. No run can be taken back afterwards.")
    yield _("What the ERP and the partners hold stays, and so does the entry in {config}.").format(
        config=config
    )


def proof(customer: str, report: ForgetReport, keyring: KeyringError | None) -> Proof:
    """The words for what forgetting has done."""
    gone = tuple(_("deleted: {path}").format(path=path) for path in report.gone)
    trouble = [
        _("still there: {path} ({why})").format(
            path=left.path, why=os_words(left.reason) if left.reason else "?"
        )
        for left in report.left
    ]
    done = []
    if report.complete:
        done.append(_("No file about {customer} is left on this machine.").format(customer=customer))
    if keyring is None:
        done.append(_("Its credentials and keys are gone from the keyring."))
    else:
        trouble += keyring.lines(language())
        trouble.append(_("Whether the keyring still holds credentials could not be seen."))
    return Proof(gone, tuple(trouble), tuple(done))
