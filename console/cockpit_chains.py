"""The chains as the screens see them: which there are, and how each was last read.

Like the cockpit's, its coroutines are run by workers and never raise for what a user can mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.contract import Text
from connectors.texts import render
from console.chains import words
from console.chains.kept import Held
from console.chains.reading import ChainPlace, chains, last_read, read_chain
from console.cockpit_work import at_work
from console.i18n import language

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(slots=True)
class ChainTrack:
    """One chain as it stands now. ``held`` is the last reading, None before the first."""

    place: ChainPlace
    partner: str  # the partner's name
    title: str
    held: Held | None = None
    error: tuple[str, ...] = ()
    busy: bool = False

    @property
    def age(self) -> float | None:
        """Seconds since the last reading; None before."""
        return None if self.held is None else (datetime.now(UTC) - self.held.at).total_seconds()


class ChainRoom:
    """The chains of an opened customer, by name (``PARTNER/CHAIN``)."""

    def __init__(
        self,
        workspace: Workspace,
        changed: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._workspace = workspace
        self._changed = changed
        self._say = say
        self.loaded = False  # whether the readings of former starts are there
        self.tracks: dict[str, ChainTrack] = {}
        for place in chains(workspace):
            name = workspace.connections.partner(place.partner).name
            title = render(Text(f"{place.partner}.title_{place.chain.use_case}"), language())
            self.tracks[place.name] = ChainTrack(place, name, title)

    def load(self) -> None:
        """Show the readings of a former start. Blocks briefly. Raises StoreError."""
        for track in self.tracks.values():
            track.held = last_read(self._workspace, track.place)
        self.loaded = True
        self._changed()

    def refresh(self) -> None:
        """Show what a check has read meanwhile."""
        for track in self.tracks.values():
            newer = self._workspace.readings.get(track.place.name)
            if newer is not None and newer is not track.held:
                track.held, track.error = newer, ()
        self._changed()

    async def read(self, name: str) -> None:
        """Look at every object anew; what was read before stays until then."""
        track = self.tracks[name]
        if track.busy:
            return
        async with at_work(track, self._changed):
            track.held = await read_chain(self._workspace, track.place)
            counts = words.count_words(track.held.reading.rows)
            self._say(f"{track.partner} {track.title}: {counts}")
