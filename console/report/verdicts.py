"""What verifying a report found, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console import formats
from console.i18n import _, ngettext
from console.report.digest import Verdict

if TYPE_CHECKING:
    from console.report.files import Verified


def verdict_words(found: Verified) -> Iterator[str]:
    """The verdict, then what it rests on."""
    yield {
        Verdict.AGREES: _("File and journal agree."),
        Verdict.GONE_ON: _("They differ: the journal has gone on since the report was written."),
        Verdict.OTHER_JOURNAL: _("They differ: the report was not made from this journal."),
        Verdict.BROKEN_JOURNAL: _("They differ: the journal on this machine was changed."),
        Verdict.CHANGED_FILE: _("The file was changed after it was written."),
        Verdict.OTHER_KEY: _(
            "The file does not bear the seal of this customer: it was made or changed elsewhere."
        ),
    }[found.verdict]
    if found.verdict is Verdict.GONE_ON:
        entries = ngettext("{count} entry", "{count} entries", found.rows)
        runs = ngettext("{count} run", "{count} runs", found.runs)
        yield _("Since then: {entries} in {runs}; up to there both are the same.").format(
            entries=entries.format(count=formats.count(found.rows)),
            runs=runs.format(count=formats.count(found.runs)),
        )
    if found.agrees and not found.stamp.sealed:
        yield _("It bears no seal: where there was no keyring anybody could have made it.")
    elif found.agrees and not found.proven:
        yield _("Its seal could not be tested: the customer's key is not at hand.")
    yield _("Digest: {digest}").format(digest=found.stamp.digest)
