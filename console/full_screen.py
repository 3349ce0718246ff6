"""Start the screens from the command line: on a configuration, or on the practice company."""

from __future__ import annotations

from pathlib import Path

from console.config import customer as find
from console.config import load
from console.doors import Doors
from console.errors import ConfigError, ProblemKind
from console.practice import CUSTOMER, Practice
from console.surroundings import Surroundings
from console.threads import end_within

EXIT_S = 1.5
"""Seconds that the process may still take once the screens are closed."""


async def start(here: Surroundings, customer: str | None) -> int:
    """Open the console on the configuration; without one it offers the practice company.

    Raises ConsoleError, ConfigError.
    """
    from console.app import ConsoleApp, guard_terminal, run_console

    guard_terminal()
    try:
        config = load(here.config_path)
    except ConfigError as error:
        if customer is not None or any(
            problem.kind is not ProblemKind.MISSING_FILE for problem in error.problems
        ):
            raise
        config = None
    if customer is not None and config is not None:
        find(config, customer)  # says the nearest key where there is none
    doors = Doors(config, here.secrets(), here.data, only=customer, config_path=here.config_path)
    code = await run_console(ConsoleApp(doors))
    end_within(EXIT_S, code)
    return code


async def start_demo(practice: Practice, data: Path | None) -> int:
    """Open the console on the practice company. Raises ConsoleError."""
    from console.app import ConsoleApp, guard_terminal, run_console
    from console.practice_house import practice_house  # late: it knows the sandboxes

    guard_terminal()
    async with practice_house(practice) as house:
        doors = Doors(
            house.config, house.secrets, data or house.folder, only=CUSTOMER, config_path=house.path
        )
        code = await run_console(ConsoleApp(doors))
    end_within(EXIT_S, code)
    return code
