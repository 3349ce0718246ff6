"""``einzug forget``: deletes everything local about a customer and proves it."""

from __future__ import annotations

import click

from console.errors import ConsoleError, Exit
from console.i18n import _, language
from console.paths import valid_customer
from console.surroundings import common, surroundings
from console.terminal import note, read_line
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
        question = _("This cannot be undone. Type the customer's key ({customer}) to delete:")
        note(question.format(customer=customer))
        typed = read_line()
        if typed is None or typed.strip() != customer:
            raise ConsoleError(_("Nothing was deleted."), _("Scripts use --yes."))
    report, keyring = forget_customer(customer, here.secrets(), here.data)
    for path in report.gone:
        click.echo(_("deleted: {path}").format(path=path))
    for left in report.left:
        click.echo(_("still there: {path} ({why})").format(path=left.path, why=left.reason), err=True)
    if keyring is not None:
        for line in keyring.lines(language()):
            click.echo(line, err=True)
    if not report.complete:
        return Exit.FINDINGS
    click.echo(_("No file about {customer} is left on this machine.").format(customer=customer))
    if keyring is not None:
        click.echo(_("Whether the keyring still holds credentials could not be seen."), err=True)
        return Exit.FINDINGS
    click.echo(_("Its credentials and keys are gone from the keyring."))
    return Exit.OK


common(command)
