"""The commands of guided walks: each follows one, step by step, as far as it gets."""

from __future__ import annotations

import click

from console.i18n import _
from console.surroundings import common, surroundings


def walk_command(name: str, key: str, help_: str) -> click.Command:
    """The command that follows the walk with this key."""

    @click.command(name, help=help_)
    @click.argument("customer")
    @click.option("--object", "object_id", default="", metavar="ID", help=_("The object to apply for."))
    @click.option("--play", is_flag=True, help=_("In practice: let the sandbox do every step."))
    @click.option("--give-up", is_flag=True, help=_("End the test that was begun."))
    @click.option(
        "--json", "as_json", is_flag=True, help=_("Machine-readable output: one look, then it ends.")
    )
    def command(customer: str, *, object_id: str, play: bool, give_up: bool, as_json: bool) -> int:
        """0 every step was seen (or objects listed), 3 no access, 4 begun and not done: the same goes on."""
        from console.running import run
        from console.sitting import Sitting
        from console.walks.command import Wanted, walk

        workspace = surroundings().open_to_read(customer, Sitting())
        wanted = Wanted(object_id, play, give_up, as_json)
        return run(lambda _interrupts: walk(workspace, key, wanted))

    return common(command)
