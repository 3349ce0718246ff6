"""``einzug test-tenant``: the guided test tenant, step by step, each ticked once it can be seen."""

from __future__ import annotations

from console.commands.walking import walk_command
from console.i18n import _

command = walk_command(
    "test-tenant", "test_tenant", _("Guide a test tenant from the application to the ERP, step by step.")
)
