"""The partners at the side, each with its state as glyph and word."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from connectors.contract import Finding, Verdict
from console import formats
from console.cockpit import Cockpit
from console.i18n import _
from console.safe import clean
from console.widgets.header import age_words


class PartnerList(Static):
    """ERP and partners; the state is that of the last checks."""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(id="partners", markup=False)
        self._cockpit = cockpit

    def show(self) -> None:
        """Redraw."""
        lines = [Content.styled(_("Partners"), "bold"), Content("")]
        for key, name in self._cockpit.parties():
            lines += self._party(key, name)
        lines += [Content(""), Content.styled(self._checked(), "dim")]
        self.update(Content("\n").join(lines), layout=False)

    def _party(self, key: str, name: str) -> list[Content]:
        glyph, word, style = state_of(self._cockpit.findings.get(key), checking=self._cockpit.checking)
        head = Content.assemble((f"{glyph} ", style), clean(name, 18))
        return [head, Content.styled(f"  {word}", "dim")]

    def _checked(self) -> str:
        age = self._cockpit.checked_age
        return _("F5 checks") if age is None else age_words(age)


class PartyLine(Static):
    """The same in a line, for windows too narrow for the list; what failed comes first, with its number."""

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(id="parties", markup=False)
        self._cockpit = cockpit

    def show(self) -> None:
        """Redraw; nothing is shown before the first checks."""
        cockpit, found = self._cockpit, self._cockpit.findings
        parts = []
        for key, name in cockpit.parties():
            glyph, _word, style = state_of(found.get(key), checking=cockpit.checking)
            failed = sum(finding.verdict is Verdict.FAIL for finding in found.get(key) or ())
            told = f"{name} {formats.count(failed)}" if glyph == BAD else name
            parts.append((glyph != BAD, Content.assemble((f"{glyph} ", style), clean(told, 24))))
        parts.sort(key=lambda part: part[0])
        self.set_class(bool(found) or cockpit.checking, "told")
        self.update(Content("  ").join(part for _fine, part in parts))


BAD = "✗"


def state_of(findings: tuple[Finding, ...] | None, *, checking: bool = False) -> tuple[str, str, str]:
    """Glyph, word and style for the findings of a party."""
    if checking:
        return "◌", _("being checked"), "dim"
    if findings is None:
        return "○", _("not checked"), "dim"
    bad = sum(finding.verdict is Verdict.FAIL for finding in findings)
    warned = sum(finding.verdict is Verdict.WARN for finding in findings)
    if bad:
        return BAD, _("{count} failed").format(count=bad), "$error"
    if warned:
        return "◐", _("{count} open").format(count=warned), "$warning"
    return "●", _("fine"), "$success"
