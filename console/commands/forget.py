"""``einzug forget``: deletes everything local about a customer and proves it."""

from __future__ import annotations

import click

from console.errors import ConsoleError, Exit
from console.forgetting import announced, proof
from console.i18n import _
from console.paths import valid_customer
from console.store.places import customer_folder
from console.surroundings import common, surroundings
from console.terminal import note, read_line, say
from console.workspace import forget_customer


@click.command("forget", help=_("Delete journal, id map, cache, keys and credentials of a customer."))
@click.argument("customer")
@click.option("--yes", is_flag=True, help=_("Do not ask."))
def command(customer: str, yes: bool) -> int:
    """0 everything is gone, 1 something could not be deleted and is named."""
    here = surroundings()
    if not valid_customer(customer):
        raise ConsoleError(
            _("{customer!r} is no key of a customer.").format(customer=customer), _("Nothing was deleted.")
        )
    if not yes:
        for line in announced(customer_folder(here.data, customer), here.config_path):
            note(line)
        question = _("This cannot be undone. Type the customer's key ({customer}) to delete:")
        note(question.format(customer=customer))
        typed = read_line()
        if typed is None or typed.strip() != customer:
            raise ConsoleError(_("Nothing was deleted."), _("Scripts use --yes."))
    told = proof(customer, *forget_customer(customer, here.secrets(), here.data))
    for line in (*told.gone, *told.done):
        say(line)
    for line in told.trouble:
        note(line)
    return Exit.OK if told.complete else Exit.FINDINGS


common(command)
