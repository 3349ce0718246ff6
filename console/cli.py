"""The command line: finds the command, gives it its surroundings, and turns every end into an exit code.

Imports nothing heavy: a command's module is imported when the command is called.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from console import i18n
from console.errors import ConsoleError, Exit
from console.i18n import _

COMMANDS = {
    "demo": "show everything on a seeded company, on this machine only",
    "sandbox": "run loopback doubles of the ERP and the partners",
    "init": "write a first configuration",
    "credentials": "store, show or forget credentials in the keyring",
    "check": "test connections, credentials, rights and settings",
    "plan": "compare and show what would be done; changes nothing",
    "sync": "plan, confirm, apply and verify",
    "undo": "take a run back, by a plan like any other",
    "runs": "the history of runs and their outcomes",
    "forget": "delete everything local about a customer",
}
"""Command -> its line in the help (a source text of the catalogue)."""


class Commands(click.Group):
    """The group of all commands; loads one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"console.commands.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(line)) for name, line in COMMANDS.items()])


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"einzug {version('einzug')}")
        ctx.exit()


def root() -> click.Group:
    """The command ``einzug`` with its options, in the language in force."""
    from console.surroundings import common

    group = Commands(
        name="einzug",
        help=_(
            "Connects a housing company's ERP with its partner systems and proves, before go-live, "
            "that everything arrives."
        ),
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    group.params.append(
        click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version,
                     help=_("Show the version and exit."))
    )  # fmt: skip
    return common(group)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; never lets an exception out."""
    try:
        i18n.setup(_language(arguments))
        result: Any = root().main(args=list(arguments), prog_name="einzug", standalone_mode=False)
        return int(result or Exit.OK)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return _usage(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo(_("Interrupted."), err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more: not our mistake, and nothing to say
        return Exit.OK
    except Exception as error:  # noqa: BLE001  (the last one: everything becomes an exit code)
        from console.mishaps import report

        return report(error, debug="--debug" in arguments)


def _usage(error: click.UsageError) -> int:
    click.echo(f"einzug: {error.format_message()}", err=True)
    path = error.ctx.command_path if error.ctx else "einzug"
    click.echo(_("Help: {command} --help").format(command=path), err=True)
    return Exit.USAGE


def _language(arguments: Sequence[str]) -> str | None:
    """The language asked for, read before anything is parsed: help texts depend on it."""
    for place, argument in enumerate(arguments):
        name, _sep, value = argument.partition("=")
        if name == "--lang":
            chosen = value or next(iter(arguments[place + 1 :]), "")
            if chosen not in i18n.LANGUAGES:
                raise ConsoleError(f"--lang {chosen}", " / ".join(i18n.LANGUAGES))
            return chosen
    return None
