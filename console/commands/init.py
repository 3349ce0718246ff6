"""``einzug init``: a wizard that writes a first configuration."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from console.config import load
from console.config_edit import add_customer
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.os_words import os_words
from console.surroundings import common, surroundings
from console.terminal import note, read_line
from console.wizard import Dialog, interview


@click.command("init", help=_("Ask for what a customer needs and write a first configuration."))
def command() -> int:
    """0 written. Answers may come from a pipe, one a line; an existing file keeps its comments."""
    here = surroundings()
    path = here.config_path
    taken = load(path).customers if path.exists() else {}
    note(_("The configuration goes into {path}. Ctrl+C ends without writing.").format(path=path))
    answers = interview(Dialog(note, read_line), taken)
    try:
        add_customer(path, answers.key, answers.table)
    except OSError as error:
        raise ConsoleError(
            _("{path} cannot be written: {why}.").format(path=path, why=os_words(error)),
            _("Name another file with --config."),
        ) from error
    note("")
    click.echo(_("Written: {path}. Next:").format(path=path))
    for line in answers.next_commands(_option(here.config)):
        click.echo(f"  {line}")
    return Exit.OK


def _option(config: Path | None) -> str:
    return f" --config {shlex.quote(str(config))}" if config is not None else ""


common(command)
