"""Start the screens from the command line: on a configuration, or on the practice company."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from console.config import customer as find
from console.doors import Doors
from console.errors import ConfigError, Exit, ProblemKind
from console.hangup import heeding
from console.i18n import _
from console.practice import CUSTOMER, Practice
from console.surroundings import Surroundings
from console.threads import end_within, use_daemon_threads

if TYPE_CHECKING:
    from console.app import ConsoleApp

EXIT_S = 1.5
"""Seconds that the process may still take once the screens are closed."""

HUNG_UP_S = 2.3
"""Seconds that it may take in all once a signal asked it to end."""


async def start(here: Surroundings, customer: str | None) -> int:
    """Open the console on the configuration; without one it offers the practice company.

    Raises ConsoleError, ConfigError.
    """
    from console.app import ConsoleApp, guard_terminal

    guard_terminal()
    try:
        config = here.load()
    except ConfigError as error:
        if customer is not None or any(
            problem.kind is not ProblemKind.MISSING_FILE for problem in error.problems
        ):
            raise
        config = None
    if customer is not None and config is not None:
        find(config, customer)  # says the nearest key where there is none
    doors = Doors(config, here.secrets(), here.data, only=customer, config_path=here.config_path)
    return await _run(ConsoleApp(doors))


async def start_demo(practice: Practice, data: Path | None) -> int:
    """Open the console on the practice company. Raises ConsoleError."""
    from console.app import ConsoleApp, guard_terminal
    from console.practice_house import practice_house  # late: it knows the sandboxes
    from console.terminal import note

    guard_terminal()
    note(_("The practice company is being made ready …"))
    async with practice_house(practice) as house:
        doors = Doors(
            house.config, house.secrets, data or house.folder, only=CUSTOMER, config_path=house.path
        )
        code = await _run(ConsoleApp(doors))
    return code


async def _run(app: ConsoleApp) -> int:
    """Run the screens; a signal to end, or a terminal that hangs up, ends them safely and soon."""
    from console.app import run_console

    use_daemon_threads()
    loop = asyncio.get_running_loop()

    def heed(_number: int) -> None:
        end_within(HUNG_UP_S, Exit.INTERRUPTED if app.writing else Exit.OK)
        loop.call_soon_threadsafe(app.call_later, app.wind_up)

    with heeding(heed):
        code = await run_console(app)
    end_within(EXIT_S, code)
    return code
