"""``einzug what-if``: what another choice would mean, counted on the ERP's data before it is agreed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from console.errors import ConsoleError, Exit
from console.i18n import _
from console.surroundings import common, surroundings

if TYPE_CHECKING:
    from console.running import Interrupts
    from console.trials.desk import TrialPlace
    from console.workspace import Workspace


@click.command(
    "what-if", help=_("Try a choice out on the ERP's data: what callers are asked for, and the like.")
)
@click.argument("customer")
@click.argument("partner")
@click.option(
    "--ask",
    "asked",
    multiple=True,
    metavar="OPTION",
    help=_("Choose this one; may be repeated. Without it the setting in force is counted."),
)
@click.option("--take-over", is_flag=True, help=_("Write the choice into the configuration."))
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
def command(customer: str, partner: str, *, asked: tuple[str, ...], take_over: bool, as_json: bool) -> int:
    """0 counted, 3 the ERP cannot be read."""
    from console.running import countdown, run
    from console.sitting import Sitting
    from console.terminal import TerminalProgress, printing, say
    from console.trials.desk import counted, read, trial_of
    from console.trials.words import document, lines

    progress = TerminalProgress()
    workspace = surroundings().open_to_read(customer, Sitting(wait=countdown(progress), listener=progress))
    place = trial_of(workspace, partner)
    _known(place, asked)

    async def work(_interrupts: Interrupts) -> int:
        tried = await read(workspace, place)
        chosen = asked or tried.chosen
        rows = await counted(tried, chosen)
        progress.clear()
        with printing():
            if as_json:
                found = document(customer, tried, chosen, rows)
                click.echo(json.dumps(found, ensure_ascii=False, indent=1))
            else:
                for line in lines(tried, chosen, rows):
                    say(line)
        _settings(workspace, place, chosen, take_over=take_over)
        return Exit.OK

    return run(work)


def _known(place: TrialPlace, asked: tuple[str, ...]) -> None:
    """Raises ConsoleError for an option that the trial does not have."""
    for one in asked:
        if one not in place.trial.options:
            raise ConsoleError(
                _("There is no option {key!r}.").format(key=one),
                _("Known: {names}.").format(names=", ".join(place.trial.options)),
            )


def _settings(workspace: Workspace, place: TrialPlace, chosen: tuple[str, ...], *, take_over: bool) -> None:
    """Name the settings that the choice decides otherwise, and write them where that was asked for."""
    from console.onboarding import takeover
    from console.terminal import note
    from console.trials.desk import settings_of

    proposed = settings_of(workspace, place, chosen)
    for each in proposed:
        change = f"{each.setting}: {takeover.shown(each.former)} → {takeover.shown(each.value)}"
        note(_("Setting {change}").format(change=change))
    if proposed and take_over:
        takeover.take_over(workspace, proposed)
        note(_("Written to {path}.").format(path=workspace.config_path))
    elif proposed:
        note(_("--take-over writes it into the configuration."))


common(command)
