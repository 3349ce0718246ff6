"""``einzug sandbox``: the loopback partners, for learning, demonstrating and testing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from console.errors import ConsoleError, Exit
from console.i18n import _
from console.practice import Practice, config_text, partners
from console.surroundings import common


@click.command("sandbox", help=_("Run loopback doubles of the ERP and the partners until interrupted."))
@click.option(
    "--partner", "chosen", multiple=True, metavar="P", help=_("Only this partner; may be repeated.")
)
@click.option("--units", type=click.IntRange(20), default=500, show_default=True, help=_("Units in the ERP."))
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
            write_config.write_text(config_text(line), encoding="utf-8")
        click.echo(json.dumps(line))

    try:
        faults = [Fault.parse(spec) for spec in specs]
        served = partners(practice, clock, chosen)
        asyncio.run(
            serve(
                served, ready=ready, faults=faults, port_base=port_base, tls=tls, seconds=seconds, clock=clock
            )
        )
    except ValueError as error:
        raise ConsoleError(str(error)) from error
    except OSError as error:
        raise ConsoleError(_("The sandbox cannot be served: {why}.").format(why=error.strerror)) from error
    return Exit.OK


common(command)
