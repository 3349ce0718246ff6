"""``einzug credentials``: keyring entries of a customer; values go in hidden and never come out."""

from __future__ import annotations

import click

from connectors.contract import Text
from connectors.texts import render
from console.connections import ARCHIVE, ERP, Connections
from console.errors import ConsoleError, Exit
from console.i18n import _, language
from console.names import credential_name
from console.sitting import Sitting
from console.surroundings import Surroundings, common, surroundings
from console.terminal import can_ask, environment_name, note, read_line, source_name, table


@click.group("credentials", help=_("Store, show or forget credentials in the system's keyring."))
def command() -> None:
    """The group."""


@command.command("set", help=_("Store credentials. Asks for each hidden, or reads one line from stdin."))
@click.argument("customer")
@click.argument("partner")
@click.argument("field", required=False)
def set_(customer: str, partner: str, field: str | None) -> int:
    """0 stored and read back."""
    here = surroundings()
    connections = _connections(here, customer)
    fields, environment = connections.secret_fields(partner)
    if not fields:
        raise ConsoleError(_("{partner} needs no credentials here.").format(partner=partner))
    names = tuple(known.name for known in fields)
    if field is not None and field not in names:
        raise ConsoleError(
            _("{partner} has no credential {field!r}.").format(partner=partner, field=field),
            _("Known: {names}.").format(names=", ".join(names)),
        )
    wanted = [known for known in fields if field in (None, known.name)]
    values = {}
    for known in wanted:
        if can_ask():
            note(render(Text(known.hint), language()))
            values[known.name] = click.prompt(credential_name(partner, known.name), hide_input=True, err=True)
        elif len(wanted) == 1:
            values[known.name] = read_line() or ""
        else:
            raise ConsoleError(
                _("Name the credential when its value comes from stdin."),
                _("Known: {names}.").format(names=", ".join(names)),
            )
        if not values[known.name]:
            raise ConsoleError(_("{field} is empty; nothing was stored.").format(field=known.name))
    here.secrets().set(customer, partner, environment, values)
    click.echo(
        _("Stored for {partner} ({environment}): {names}.").format(
            partner=partner, environment=environment, names=", ".join(values)
        )
    )
    return Exit.OK


@command.command("show", help=_("Tell which credentials are there and where they come from; no values."))
@click.argument("customer")
@click.argument("partner", required=False)
def show(customer: str, partner: str | None) -> int:
    """0 all there, 1 something is missing."""
    here = surroundings()
    connections = _connections(here, customer)
    secrets = here.secrets()
    rows = []
    complete = True
    archive = (ARCHIVE,) if connections.has_archive else ()
    for key in (partner,) if partner else (ERP, *archive, *connections.partner_keys()):
        fields, environment = connections.secret_fields(key)
        sources = secrets.sources(customer, key, environment) if fields else {}
        for field in fields:
            where = sources.get(field.name)
            complete &= where is not None or not field.required
            name = f"{credential_name(key, field.name)} ({field.name})"
            optional = where is None and not field.required
            there = _("optional") if optional else source_name(where)
            rows.append((key, environment_name(environment), name, there))
    click.echo(table((_("partner"), _("environment"), _("field"), _("source")), rows))
    return Exit.OK if complete else Exit.FINDINGS


@command.command("forget", help=_("Remove the credentials of a partner from the keyring."))
@click.argument("customer")
@click.argument("partner")
def forget(customer: str, partner: str) -> int:
    """0 removed, also when nothing was there."""
    here = surroundings()
    _fields, environment = _connections(here, customer).secret_fields(partner)
    here.secrets().forget(customer, partner, environment)
    click.echo(
        _("The keyring holds no credentials of {partner} ({environment}) any more.").format(
            partner=partner, environment=environment
        )
    )
    return Exit.OK


def _connections(here: Surroundings, customer: str) -> Connections:
    return here.open(customer, Sitting()).connections


for part in (command, set_, show, forget):
    common(part)
