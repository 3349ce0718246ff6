"""``einzug test-enquiry``: the guided test enquiry, which proves the whole chain of one object."""

from __future__ import annotations

from console.commands.walking import walk_command
from console.i18n import _

command = walk_command(
    "test-enquiry", "test_enquiry", _("Guide a test enquiry from the portal to the activity log of onOffice.")
)
