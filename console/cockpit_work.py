"""What is at work on a trail, for the screens: busy while it runs, its error once it failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from connectors.problems import Failure
from console.cockpit_words import told
from console.errors import ConsoleError
from console.store.errors import StoreError


class Busy(Protocol):
    """Something that shows whether it is at work and what went wrong."""

    busy: bool
    error: tuple[str, ...]


@asynccontextmanager
async def at_work(trail: Busy, changed: Callable[[], None]) -> AsyncIterator[None]:
    """Show the trail busy while the body runs; what it may raise becomes the trail's error."""
    trail.busy, trail.error = True, ()
    changed()
    try:
        yield
    except (ConsoleError, Failure, StoreError) as error:
        trail.error = told(error)
    finally:
        trail.busy = False
        changed()
