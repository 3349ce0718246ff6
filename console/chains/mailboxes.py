"""Which mailbox a delivery has to name for each object, as the chains of a customer tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.chains import ChainContext
from console.chains.reading import chains
from console.errors import ConsoleError
from console.i18n import _

if TYPE_CHECKING:
    from console.workspace import Workspace


async def mailboxes(workspace: Workspace) -> Mapping[str, str | None]:
    """By the number of each object its mailbox; None where nobody can say. Raises ConsoleError, Failure."""
    found: dict[str, str | None] = {}
    able = [(place, read) for place in chains(workspace) if (read := place.chain.mailboxes) is not None]
    if not able:
        raise ConsoleError(
            _("No partner of {customer} tells which mailbox an object leads to.").format(
                customer=workspace.customer.key
            ),
            _("Configure a use case that has such a chain, or check the file without --contacts."),
        )
    for place, read in able:
        async with workspace.inspecting(*place.use_case) as (target, settings):
            found |= await read(ChainContext(target, settings, datetime.now(UTC)))
    return found
