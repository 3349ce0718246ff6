"""What is wrong with a delivery, as data: where, how bad, the sentence, and whose turn it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.contract import Text
from connectors.problems import Failure, Owner, Problem, Trouble

PERSONAL = frozenset({"kontaktperson", "weitere_adresse", "interessent"})
"""Elements whose content never enters a sentence."""

_TELLABLE = re.compile(r"[\w.,:;+/|€%-]{1,24}|[\d.,:+/€%\s-]{1,24}")


class Severity(StrEnum):
    """How bad it is. ``error``: the format or a rule forbids it; ``warning``: probably not meant so;
    ``hint``: understood all the same."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One finding in a document. ``path`` is like ``/openimmo/anbieter[1]/immobilie[3]/preise/kaltmiete``,
    ``file`` the member of a ZIP, ``rule`` the id of the rule behind it, ``owner`` who can mend it."""

    path: str
    line: int | None
    severity: Severity
    text: Text
    owner: Owner = Owner.ERP_VENDOR
    rule: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a check stands: the path and the line of an element, and whether it speaks of a person."""

    path: str
    line: int | None
    personal: bool = False
    file: str = field(default="", kw_only=True)

    def error(self, code: str, **args: str | int) -> Complaint:
        """The format forbids it: the program that writes the file has to change."""
        return self._complaint(Severity.ERROR, code, args, Owner.ERP_VENDOR)

    def warning(self, code: str, **args: str | int) -> Complaint:
        """The same, but receivers can live with it."""
        return self._complaint(Severity.WARNING, code, args, Owner.ERP_VENDOR)

    def hint(self, code: str, **args: str | int) -> Complaint:
        """Understood all the same; nobody has to do anything."""
        return self._complaint(Severity.HINT, code, args, Owner.NOBODY)

    def data(self, severity: Severity, code: str, rule: str = "", **args: str | int) -> Complaint:
        """Well-formed, but wrong in itself: whoever maintains the data has to look."""
        return self._complaint(severity, code, args, Owner.CUSTOMER, rule)

    def _complaint(
        self, severity: Severity, code: str, args: Mapping[str, str | int], owner: Owner, rule: str = ""
    ) -> Complaint:
        text = Text(code, args)
        return Complaint(self.path, self.line, severity, text, owner, rule, self.file)

    def told(self, value: str) -> str:
        """A value as a sentence may show it: short, one word or a number, and never a person's; else "…"."""
        bare = value.strip()
        return bare if not self.personal and _TELLABLE.fullmatch(bare) else "…"


def failure(code: str, where: str, *, excerpt: str = "", owner: Owner = Owner.ERP_VENDOR) -> Failure:
    """A file that cannot be read any further. ``where`` is file and line, ``excerpt`` never a value of it."""
    return Failure(Problem(code, Trouble.SOURCE, owner, where=where, excerpt=excerpt))
