"""Why a use case is not possible with the customer's ERP, told without connecting to it."""

from __future__ import annotations

from typing import Any

from connectors.contract import Capability, Reader
from console.errors import ConsoleError
from console.i18n import _


def lacking(needs: frozenset[Capability], erp: Reader[Any]) -> ConsoleError | None:
    """What the ERP cannot do that the use case needs, as a reason with its remedy; None where all is there.

    ``erp`` is the end that the use case reads, or writes where it flows towards the ERP. May read a folder.
    """
    missing = sorted(needs - erp.capabilities)
    if not missing:
        return None
    if Capability.PROSPECTS in missing:
        return ConsoleError(
            _("This ERP source takes no prospects back."),
            _(
                "Hand them over in the ERP by hand; or, if it imports them from a file, "
                "set prospects_file in the ERP's settings."
            ),
        )
    return ConsoleError(
        _("This ERP source cannot supply: {what}.").format(what=", ".join(missing)),
        _("Choose another source, or leave this use case out."),
    )
