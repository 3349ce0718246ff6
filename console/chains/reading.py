"""Read a chain at its partner, with what people confirmed and what Einzug wrote; the last reading is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from connectors.chains import Chain, ChainContext
from console.chains.kept import Held, held_of, plain
from console.onboarding.book import read
from console.onboarding.subjects import confirmations
from console.store.errors import StoreError
from console.threads import off_loop

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """A chain of a partner in use."""

    partner: str
    chain: Chain

    @property
    def use_case(self) -> tuple[str, str]:
        """Partner key and use-case key."""
        return self.partner, self.chain.use_case

    def item(self, link: str) -> str:
        """The checklists' item under which a person confirms a link; "" where Einzug can tell by itself."""
        return next((one.item for one in self.chain.links if one.key == link), "")

    @property
    def name(self) -> str:
        """``PARTNER/CHAIN``."""
        return f"{self.partner}/{self.chain.key}"


def chains(workspace: Workspace) -> Iterator[ChainPlace]:
    """The chains of the use cases in use. Raises ConsoleError."""
    connections = workspace.connections
    for key in connections.partner_keys():
        for chain in connections.partner(key).chains:
            if chain.use_case in connections.use_cases(key):
                yield ChainPlace(key, chain)


async def read_chain(workspace: Workspace, place: ChainPlace) -> Held:
    """Look at every object once; nothing is written at the partner.

    Raises ConsoleError, Failure, StoreError.
    """
    book = await off_loop(partial(read, workspace), "checklists")
    environment = workspace.connections.partner_config(place.partner).environment
    changed = await off_loop(partial(workspace.last_written, place.partner, environment), "journal")
    now = datetime.now(UTC)
    async with workspace.inspecting(*place.use_case) as (target, settings):
        context = ChainContext(target, settings, now, confirmations(book, place.chain), changed)
        held = Held(await place.chain.read(context), now)
    workspace.readings[place.name] = held
    with suppress(StoreError):  # a cache that cannot be written costs the memory and nothing else
        await off_loop(partial(_keep, workspace, place, held), "cache")
    return held


def last_read(workspace: Workspace, place: ChainPlace) -> Held | None:
    """The last reading, perhaps of a former start; None where there is none that this version can read.

    Blocks briefly. Raises StoreError.
    """
    if (own := workspace.readings.get(place.name)) is not None:
        return own
    with closing(workspace.cache()) as cache:
        value = cache.get(_name(workspace, place))
    with suppress(KeyError, TypeError, ValueError):  # of another version: the next reading replaces it
        return None if value is None else held_of(value)
    return None


def _keep(workspace: Workspace, place: ChainPlace, held: Held) -> None:
    with closing(workspace.cache()) as cache:
        cache.set(_name(workspace, place), plain(held))


def _name(workspace: Workspace, place: ChainPlace) -> str:
    environment = workspace.connections.partner_config(place.partner).environment
    return f"chain/{environment}/{place.name}"
