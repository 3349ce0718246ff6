"""The report as data, in the language it was made in; what is masked is masked in here already. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.readiness import State


@dataclass(frozen=True, slots=True)
class Cover:
    """What the report is about. ``clear_storage`` tells who agreed to it, "" = answers are sealed."""

    customer: str
    name: str
    language: str
    made: datetime
    erp: str
    partners: tuple[str, ...]  # with their environments
    practice: bool
    masked: bool
    since: date | None = None
    clear_storage: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """How far something is; ``share`` is what is done of what applies."""

    title: str
    done: int
    open: int
    blocked: int
    not_applicable: int
    share: float


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner with everything that names it."""

    key: str
    ready: Ready


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is named: by what they said, or in the field of an answer."""

    name: str
    part: str
    answers: int = 0


@dataclass(frozen=True, slots=True)
class File:
    """A piece of evidence."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Said:
    """A word on an item. ``word`` is what was said, in words; ``follows`` what comes of it; ``due`` the day
    by which the rest is promised, ``origin`` the file it was read from."""

    item: str
    title: str
    said: str
    word: str
    who: str
    at: datetime
    note: str = ""
    values: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()
    follows: tuple[str, ...] = ()
    due: date | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. ``stale``: it says nothing about today."""

    key: str
    verdict: str
    evidence: str
    at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class Point:
    """An item of a list with everything that decides about it. ``owner`` is whose desk it lies on."""

    id: str
    title: str
    state: State
    word: str
    because: str
    owner: str
    blocking: bool
    accepted: bool
    rules: tuple[str, ...] = ()
    said: Said | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A checklist: how far it is, and its items."""

    id: str
    ready: Ready
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class UseCase:
    """A use case: which way it flows, how far it is, and what is known of its last run."""

    place: str  # PARTNER/USE_CASE
    title: str  # with its partner
    name: str
    direction: str
    environment: str
    ready: Ready
    before_go_live: Ready  # with what has to be settled for all of them


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the journal with its counts. ``lifted`` are the guards that somebody took away."""

    id: int
    title: str
    place: str
    environment: str
    kind: str
    state: str
    word: str
    started: datetime
    finished: datetime | None
    counts: Mapping[str, int]
    lifted: tuple[tuple[str, int], ...] = ()
    plan_digest: str = ""
    mapping: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What both sides still differ in, as the last plan of a use case knows it."""

    place: str
    title: str
    at: datetime
    run: int | None  # None = a plan that was not written
    later: tuple[int, ...]  # runs over a part of it since
    equal: int
    differing: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Leg:
    """A stage of a round trip."""

    title: str
    state: str
    word: str
    began: datetime | None = None
    at: datetime | None = None
    took: timedelta | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trip:
    """An acceptance ticket that came to its end."""

    id: str
    partner: str
    begun: datetime
    ended: datetime | None
    passed: bool
    verdict: str
    legs: tuple[Leg, ...]
    remains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Walk:
    """A guided test that came to its end."""

    title: str
    environment: str
    ended: datetime


@dataclass(frozen=True, slots=True)
class Live:
    """A use case that is live: since when, by whom, who writes it. Each of ``counts`` is an entity with the
    records of both sides at the go-live, and now where somebody has compared since."""

    place: str
    title: str
    since: datetime
    who: str
    note: str
    owner: str
    accepted: int
    counted: datetime | None
    counts: tuple[tuple[str, int, int, int | None, int | None], ...]


@dataclass(frozen=True, slots=True)
class SampleMark:
    """A record of a sample that was wrong or noted; ``differs`` names the fields that differed then."""

    record: str
    mark: str
    word: str
    who: str
    at: datetime
    note: str = ""
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample check with its counts; ``kinds`` are the kinds of records that were in it."""

    place: str
    title: str
    seed: int
    at: datetime
    total: int
    records: int
    right: int
    wrong: int
    noted: int
    kinds: tuple[str, ...] = ()
    told: tuple[SampleMark, ...] = ()

    @property
    def left(self) -> int:
        """How many nobody has looked at yet."""
        return self.records - self.right - self.wrong - self.noted


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal's chain: its length and its end. ``first_broken`` None = it is whole."""

    rows: int
    head: str
    first_broken: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that both renderers and the JSON show. ``said`` are the words since a day, the oldest first;
    ``open`` are items in the order in which they are best dealt with; ``since`` is what needs somebody since
    the go-live."""

    cover: Cover
    ready: Ready
    general: Ready  # what concerns no partner alone
    partners: tuple[Partner, ...]
    use_cases: tuple[UseCase, ...]
    people: tuple[Person, ...]
    open: tuple[Point, ...]
    chapters: tuple[Chapter, ...]
    accepted: tuple[Point, ...]
    runs: tuple[Run, ...]
    earlier: int  # runs that are not listed
    differences: tuple[Difference, ...]
    trips: tuple[Trip, ...]
    unreadable_trips: tuple[str, ...]  # their marks
    walks: tuple[Walk, ...]
    lives: tuple[Live, ...]
    since: tuple[str, ...]
    said: tuple[Said, ...]
    unreadable: tuple[str, ...]
    lost: tuple[str, ...]  # checksums of evidence that is gone
    versions: tuple[tuple[str, str], ...]
    journal: Journal
    samples: tuple[Sample, ...] = ()
