"""``einzug info``: what support wants to know about this installation."""

from __future__ import annotations

import json
import os

import click

from console.errors import Exit
from console.i18n import _
from console.info import collect, document
from console.info_text import text_lines
from console.paths import places
from console.surroundings import common, surroundings
from console.terminal import say


@click.command(
    "info",
    help=_(
        "Show versions, paths, configuration, keyring, proxies, certificates and what the connectors can do. "
        "Without secrets and personal data: made to be sent to support."
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output."))
def command(as_json: bool) -> int:
    """Always 0: whatever is wrong is listed."""
    chosen = surroundings()
    here = places(os.environ, config=chosen.config, data=chosen.data_dir)
    info = collect(here.config, here.data, config_origin=here.config_origin, data_origin=here.data_origin)
    if as_json:
        click.echo(json.dumps(document(info), ensure_ascii=False, indent=1))
    else:
        for line in text_lines(info):
            say(line)
    return Exit.OK


common(command)
