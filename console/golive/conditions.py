"""What has to hold before a use case goes live: each condition with what is known of it. Pure.

Three items of the go-live checklist are conditions of their own and shown with their answers; two more are
what this step proves by itself, and are answered by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.golive.record import Look
from console.onboarding.book import Book
from console.readiness import Standing, State

FRESH = timedelta(hours=1)
"""How old a comparison may be."""

WAY_BACK, CONTACTS, TIME = "go_live.way_back", "go_live.contacts", "go_live.time"
ASKED = (WAY_BACK, CONTACTS, TIME)
PROVEN = ("go_live.baseline", "go_live.no_differences")
"""Items that the step answers itself: what it counts, and that nothing differs."""


class Point(StrEnum):
    """One condition."""

    COMPARED = "compared"  # within the hour
    DIFFERENCES = "differences"  # none, or exactly so many accepted with a reason
    BLOCKERS = "blockers"
    WAY_BACK = "way_back"
    CONTACTS = "contacts"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition. ``standings`` are the items that decide about it: what blocks, or what is asked."""

    point: Point
    met: bool
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of them, for one use case."""

    all: tuple[Condition, ...]

    @property
    def met(self) -> bool:
        """Whether it may go live."""
        return all(one.met for one in self.all)

    @property
    def missing(self) -> tuple[Condition, ...]:
        """Those that do not hold."""
        return tuple(one for one in self.all if not one.met)


def conditions(
    book: Book, place: str, look: Look | None, now: datetime, *, accepted: int | None = None
) -> Conditions:
    """The conditions of ``PARTNER/USE_CASE``; ``accepted`` is how many differences somebody named."""
    fresh = look is not None and timedelta(0) <= now - look.at <= FRESH
    same = look is not None and look.differences in (0, accepted)
    settled = {*ASKED, *PROVEN}
    blockers = tuple(one for one in book.before_go_live(place).blockers if one.item.id not in settled)
    return Conditions(
        (
            Condition(Point.COMPARED, fresh),
            Condition(Point.DIFFERENCES, same),
            Condition(Point.BLOCKERS, not blockers, blockers),
            *_asked(book, zip((Point.WAY_BACK, Point.CONTACTS, Point.TIME), ASKED, strict=True)),
        )
    )


def _asked(book: Book, wanted: Iterable[tuple[Point, str]]) -> Iterable[Condition]:
    for point, id_ in wanted:
        found = book.item(id_)
        met = found is not None and found.state is State.DONE
        yield Condition(point, met, (found,) if found else ())
