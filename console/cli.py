"""The command line: finds the command, gives it its surroundings, and turns every end into an exit code.

Imports nothing heavy: a command's module is imported when the command is called.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from console import __version__, i18n
from console.errors import ConsoleError, Exit
from console.i18n import _

COMMANDS = (
    "demo", "sandbox", "init", "credentials", "check", "plan", "sync", "fix", "sample", "chain", "undo",
    "runs", "tickets", "roundtrip", "test-tenant", "test-enquiry", "checklist", "what-if", "report",
    "go-live", "handover", "openimmo", "forget", "info",
)  # fmt: skip
"""All commands in the order in which they are used."""


def summaries() -> dict[str, str]:
    """Each command's line in the help, in the language in force."""
    return {
        "demo": _("show everything on a seeded company, on this machine only"),
        "sandbox": _("run loopback doubles of the ERP and the partners"),
        "init": _("write a first configuration"),
        "credentials": _("store, show or forget credentials in the keyring"),
        "check": _("test connections, credentials, rights and settings"),
        "plan": _("compare and show what would be done; changes nothing"),
        "sync": _("plan, confirm, apply and verify"),
        "fix": _("mend what a check has found, by a plan like any other"),
        "chain": _("tell whether every object reaches what people see; where not, what mends it"),
        "sample": _("look some records through on both sides, and mark each right or wrong"),
        "undo": _("take a run back, by a plan like any other"),
        "runs": _("the history of runs and their outcomes"),
        "tickets": _("bring tickets, states, comments and files across, both ways"),
        "roundtrip": _("follow an acceptance ticket hop by hop, with a verdict"),
        "test-tenant": _("guide a test tenant from the application to the ERP"),
        "test-enquiry": _("guide a test enquiry from the portal to onOffice, which proves the chain"),
        "checklist": _("where the checklists stand; answer an item, with evidence"),
        "what-if": _("count what another choice would mean, before it is agreed"),
        "report": _("the go-live report as HTML, PDF or JSON; verify one"),
        "go-live": _("let a use case go live: conditions, baseline, and what changed since"),
        "handover": _("hand a customer over in one sealed file, or take one in"),
        "openimmo": _("check OpenImmo deliveries and feedback files"),
        "forget": _("delete everything local about a customer"),
        "info": _("versions, paths, configuration and abilities, safe to send to support"),
    }


class Commands(click.Group):
    """The group of all commands; loads one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module; a customer's key opens the console on that customer alone."""
        if cmd_name not in COMMANDS:
            return _customer_command(cmd_name)
        found: click.Command = import_module(f"console.commands.{cmd_name.replace('-', '_')}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl(list(summaries().items()))


def _customer_command(key: str) -> click.Command | None:
    """A command for a configured customer; None for any other word."""
    from console.errors import ConfigError
    from console.surroundings import surroundings

    here = surroundings()
    try:
        known = key in here.load().customers
    except ConfigError:
        known = False
    return click.Command(key, callback=lambda: _open(key)) if known else None


@click.pass_context
def _open_all(ctx: click.Context) -> int:
    """Without a command: the console."""
    return Exit.OK if ctx.invoked_subcommand else _open(None)


def _open(customer: str | None) -> int:
    import asyncio

    from console import collector

    collector.pause()
    from console.full_screen import start
    from console.surroundings import surroundings

    return asyncio.run(start(surroundings(), customer))


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"einzug {__version__}")
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
        invoke_without_command=True,
        callback=_open_all,
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
        _speak_as_we_do()
        result: Any = root().main(args=list(arguments), prog_name="einzug", standalone_mode=False)
        return int(result or Exit.OK)
    except click.exceptions.Exit as end:
        return end.exit_code
    except SystemExit as end:  # click has written a completion; else it found that nobody reads any more
        return int(end.code or 0) if "_EINZUG_COMPLETE" in os.environ else Exit.OK
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return Exit.USAGE
    except click.UsageError as error:
        return _usage(error)
    except (KeyboardInterrupt, click.Abort):
        click.echo(_("Interrupted."), err=True)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.OK  # nobody reads any more: not our mistake, and nothing to say
    except Exception as error:  # noqa: BLE001  (the last one: everything becomes an exit code)
        from console.mishaps import report

        data = _value(arguments, "--data-dir")
        return report(error, debug="--debug" in arguments, data=Path(data) if data else None)


def _usage(error: click.UsageError) -> int:
    from console.safe import clean_lines

    click.echo(clean_lines(f"einzug: {error.format_message()}"), err=True)
    path = error.ctx.command_path if error.ctx else "einzug"
    hint = [_("Help: {command} --help").format(command=path)]
    if isinstance(error, click.MissingParameter) and error.param and error.param.name == "customer":
        hint = [*_only_customer(error.ctx), *hint]
    click.echo(" ".join(hint), err=True)
    return Exit.USAGE


def _only_customer(ctx: click.Context | None) -> list[str]:
    """Where a customer is missing and there is one only: a sentence with its key."""
    from console.errors import ConfigError
    from console.surroundings import Surroundings

    given = ctx.find_root().obj if ctx else None
    here = given if isinstance(given, Surroundings) else Surroundings()
    try:
        customers = list(here.load().customers)
    except ConfigError:
        return []
    only = _("One customer is configured: {customer}.").format(customer="".join(customers))
    return [only] if len(customers) == 1 else []


def _language(arguments: Sequence[str]) -> str | None:
    """The language asked for, read before anything is parsed: help texts depend on it.

    Raises ConsoleError for one that is not known.
    """
    chosen = _value(arguments, "--lang")
    if chosen is not None and chosen not in i18n.LANGUAGES:
        raise ConsoleError(
            _("--lang: there is no language {language!r}.").format(language=chosen),
            _("Known: {names}.").format(names=", ".join(i18n.LANGUAGES)),
        )
    return chosen


def _value(arguments: Sequence[str], option: str) -> str | None:
    """The last value of an option, wherever it stands; None without it."""
    found = None
    for place, argument in enumerate(arguments):
        name, separator, value = argument.partition("=")
        if name == option:
            found = value if separator else next(iter(arguments[place + 1 :]), "")
    return found


def _speak_as_we_do() -> None:
    """Let click, which asks the standard gettext, speak the language in force; its texts lie beside ours."""
    os.environ["LANGUAGE"] = i18n.language()
    gettext.bindtextdomain("click", str(i18n.LOCALE))
    gettext.textdomain("click")
