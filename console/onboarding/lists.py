"""The lists in force: those that come with the console, and a consultant's own beside the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from checklists.loader import load
from checklists.mistakes import Mistake, MistakeKind, Wrong
from checklists.model import Checklist
from console.errors import ConsoleError
from console.i18n import _
from console.safe import clean

FOLDER = "checklists"
SHOWN = 5
"""Mistakes that are told at once; the next ones come when these are mended."""


class WrongLists(ConsoleError):
    """A consultant's own lists cannot be used; the message names the mistakes, one a line."""

    def __init__(self, folder: Path, mistakes: Iterable[Mistake]) -> None:
        told = [mistake_words(mistake) for mistake in mistakes]
        if len(told) > SHOWN:
            told[SHOWN:] = [_("… and {count} more").format(count=len(told) - SHOWN)]
        super().__init__(
            "\n".join(told), _("Mend the lists in {folder}, or move them away.").format(folder=folder)
        )

    def lines(self, language: str = "de") -> tuple[str, ...]:
        """A line for each mistake, then what to do."""
        return (*self.message.split("\n"), self.hint)


def own_folder(config: Path) -> Path:
    """Where a consultant's own lists lie."""
    return config.parent / FOLDER


def lists(config: Path) -> tuple[Checklist, ...]:
    """The lists in force, in their order. Reads files. Raises WrongLists."""
    folder = own_folder(config)
    try:
        return load(folder)
    except Wrong as wrong:
        raise WrongLists(folder, wrong.mistakes) from None


def mistake_words(mistake: Mistake) -> str:
    """A mistake as a person mends it: ``own.toml:12: item[2].kind: …``."""
    place = ": ".join(filter(None, (f"{mistake.file}:{mistake.line}", mistake.key)))
    words = {
        MistakeKind.SYNTAX: _("This is no valid TOML: {found}."),
        MistakeKind.ENCODING: _("The file is not UTF-8."),
        MistakeKind.UNREADABLE: _("The file cannot be read."),
        MistakeKind.MISSING: _("This is missing."),
        MistakeKind.UNKNOWN: _("Nobody knows this key."),
        MistakeKind.TYPE: _("This is of the wrong kind: {found}."),
        MistakeKind.VALUE: _("This value is not possible: {found}."),
        MistakeKind.REPEATED: _("This stands there twice: {found}."),
    }[mistake.kind].format(found=clean(mistake.found))
    allowed = _("Allowed: {values}.").format(values=", ".join(mistake.allowed)) if mistake.allowed else ""
    return clean(" ".join(filter(None, (f"{place}:", words, allowed))))
