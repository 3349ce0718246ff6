"""``einzug sandbox``: the loopback partners, for learning, demonstrating and testing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from console.config import load
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.os_words import os_words
from console.practice import CUSTOMER, Practice, config_text, partners
from console.surroundings import common


@click.command("sandbox", help=_("Run loopback doubles of the ERP and the partners until interrupted."))
@click.option(
    "--partner", "chosen", multiple=True, metavar="P", help=_("Only this partner; may be repeated.")
)
@click.option(
    "--units",
    type=click.IntRange(20),
    default=500,
    show_default=True,
    help=_("Units in the ERP; fewer than 60 give 60."),
)
@click.option("--seed", type=int, default=1, show_default=True, help=_("Another seed, another company."))
@click.option(
    "--port-base", type=click.IntRange(0, 65000), default=0, help=_("First port; 0 takes free ones.")
)
@click.option("--tls", is_flag=True, help=_("Speak https, with a certificate made now."))
@click.option(
    "--fault", "specs", multiple=True, metavar="SPEC", help=_("e.g. bots4you:429,retry_after=2,count=3")
)
@click.option("--empty-partners", is_flag=True, help=_("Partners start without records."))
@click.option(
    "--write-config", type=click.Path(dir_okay=False, path_type=Path), help=_("Write a configuration for it.")
)
@click.option(
    "--for", "seconds", type=click.FloatRange(0, min_open=True), help=_("End after so many seconds.")
)
def command(
    chosen: tuple[str, ...],
    units: int,
    seed: int,
    port_base: int,
    tls: bool,
    specs: tuple[str, ...],
    empty_partners: bool,
    write_config: Path | None,
    seconds: float | None,
) -> int:
    """0 when ended; prints one line of JSON when ready."""
    from connectors.sandbox.clock import Clock
    from connectors.sandbox.faults import Fault
    from connectors.sandbox.server import serve

    clock = Clock()
    practice = Practice(units, seed, empty_partners)

    def ready(line: dict[str, object]) -> None:
        if write_config is not None:
            _write_config(write_config, config_text(line))
        click.echo(json.dumps(line))

    if write_config is not None:
        _require_practice_only(write_config)
    served = partners(practice, clock, chosen)
    try:
        faults = [Fault.parse(spec) for spec in specs]
        asyncio.run(
            serve(
                served, ready=ready, faults=faults, port_base=port_base, tls=tls, seconds=seconds, clock=clock
            )
        )
    except ValueError as error:
        raise ConsoleError(
            _("The sandbox cannot be served: {why}.").format(why=error),
            _("A fault is written PARTNER:KIND[,KEY=VALUE]..., e.g. bots4you:429,retry_after=2,count=3."),
        ) from error
    except OSError as error:
        raise ConsoleError(_("The sandbox cannot be served: {why}.").format(why=os_words(error))) from error
    return Exit.OK


def _require_practice_only(path: Path) -> None:
    """Refuse to write over somebody's configuration. Raises ConsoleError, ConfigError."""
    if path.exists() and set(load(path).customers) - {CUSTOMER}:
        raise ConsoleError(
            _("{path} holds other customers and stays as it is.").format(path=path),
            _("Name another file with --write-config."),
        )


def _write_config(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConsoleError(
            _("{path} cannot be written: {why}.").format(path=path, why=os_words(error))
        ) from error


common(command)
