"""The words every room shares: records, mappings, changes, outcomes, findings and the connector protocols.

Nothing here performs input or output. A partner speaks to the engine in these words only, so the engine
knows no partner and a partner knows no screen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from connectors.problems import Problem
from connectors.records import ALL as ALL
from connectors.records import EntityMapping as EntityMapping
from connectors.records import Equality as Equality
from connectors.records import Field as Field
from connectors.records import Kind as Kind
from connectors.records import Page as Page
from connectors.records import Record as Record
from connectors.records import Scope as Scope
from connectors.records import Skipped as Skipped
from connectors.records import Text as Text
from connectors.records import Value as Value

T_co = TypeVar("T_co", covariant=True)
S = TypeVar("S")


class Action(StrEnum):
    """What a plan does with one record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One differing field: both values, where the new one comes from, and the rule."""

    name: str
    old: Value
    new: Value
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class Change:
    """One planned action with everything needed to show it, apply it and undo it.

    ``before`` is what the target holds, ``after`` what it shall hold; None where there is nothing.
    """

    action: Action
    entity: str
    id: str
    fields: tuple[FieldChange, ...] = ()
    before: Mapping[str, Value] | None = None
    after: Mapping[str, Value] | None = None
    rule: str = ""
    reason: Text | None = None


class Result(StrEnum):
    """How one change ended."""

    DONE = "done"
    ALREADY = "already"  # the target held it before we wrote
    REJECTED = "rejected"  # the target said no; nothing changed there
    FAILED = "failed"  # it never arrived; nothing changed there
    UNKNOWN = "unknown"  # it may have arrived and cannot be looked up


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of applying one change. ``attempts`` counts how often it was sent."""

    entity: str
    id: str
    action: Action
    result: Result
    problem: Problem | None = None
    remote_id: str | None = None
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the target now holds what was planned."""
        return self.result in (Result.DONE, Result.ALREADY)


class Verdict(StrEnum):
    """What a check says. ``manual`` = nobody but a person can tell."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of a check: a verdict, one sentence of evidence, and the records concerned."""

    key: str
    rules: tuple[str, ...]
    verdict: Verdict
    evidence: Text
    details: tuple[Text, ...] = ()
    count: int = 0  # how many records are concerned; details may list fewer


class Capability(StrEnum):
    """What a connector can do beyond reading; what is missing is greyed out with the reason."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    BULK = "bulk"
    TICKETS = "tickets"
    TICKET_CATEGORIES = "ticket_categories"
    VACANCIES = "vacancies"
    PROSPECTS = "prospects"
    USERS = "users"
    ARCHIVE = "archive"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class EntityInfo:
    """An entity a connector knows, with what it does not supply (shown as such, never defaulted)."""

    name: str
    not_supplied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What the other side allows. ``documented`` False = our assumption."""

    requests_per_second: float
    burst: int
    bulk: int = 1  # records in one writing call; 1 = no bulk
    in_flight: int = 8
    documented: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something a watched side did: created, changed or deleted a record."""

    entity: str
    id: str
    action: Action
    cursor: str


class Reader(Protocol[T_co]):
    """The reading half of a connector. An ERP source is a Reader of ``housing`` entities."""

    @property
    def name(self) -> str:
        """Partner key (``erp``, ``bots4you``)."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this connector can do here and now."""

    async def check(self) -> list[Finding]:
        """Test reachability, credentials and rights without side effects; never raises Failure."""

    def entities(self) -> tuple[EntityInfo, ...]:
        """The entities that can be read."""

    def read(self, entity: str, *, scope: Scope = ALL, start: str | None = None) -> AsyncIterator[Page[T_co]]:
        """Stream pages, from ``start`` (a former ``Page.next``) on. Raises Failure."""

    def limits(self) -> Limits:
        """The limits that the console keeps before it is refused."""

    async def aclose(self) -> None:
        """Release connections. Idempotent."""


@runtime_checkable
class Files(Protocol):
    """Where the bytes of a record's files come from. Records hold references only; the bytes are fetched when
    they are sent, piece by piece, and kept nowhere."""

    def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """The bytes of one file in pieces. Raises Failure."""


class Connector(Reader[Record], Protocol):
    """A target: what is read can be compared, and changed through ``apply``.

    ``apply`` and ``apply_many`` never raise Failure for a single record: its Outcome tells. They send
    each change once; repeating is the Retrying wrapper's business.
    """

    async def get(self, entity: str, key: str) -> Record | None:
        """The record with this key of the target, or None. Raises Failure."""

    async def find(self, entity: str, external_id: str) -> Record | None:
        """Look a record up by the id we gave it, where ``get`` wants the partner's own. Raises Failure."""

    async def apply(self, change: Change) -> Outcome:
        """Send one change once."""

    async def apply_many(self, changes: Sequence[Change]) -> list[Outcome]:
        """Send changes in as few calls as the partner allows; one outcome per change, in order."""

    def watch(self, entity: str, cursor: str | None = None) -> AsyncIterator[Event]:
        """What happened since ``cursor``, by events or polling; ends when nothing more is there."""


class Direction(StrEnum):
    """Which way a use case flows, seen from the ERP."""

    TO_PARTNER = "erp_to_partner"
    TO_ERP = "partner_to_erp"
    WITHIN = "within_partner"  # what is desired follows from the partner's own data: no ERP is read


class Deletes(StrEnum):
    """Whether a use case may remove records at the target, and which."""

    NEVER = "never"
    OWNED = "owned"


EINZUG = "einzug"  # the owner of a use case that Einzug runs itself


@runtime_checkable
class Agreed(Protocol):
    """The settings of a use case that somebody else may run; without ``owner`` nobody but Einzug does."""

    @property
    def owner(self) -> str:
        """Who writes: ``einzug``, or ``hub``, which is the ERP vendor's."""


@dataclass(frozen=True, slots=True)
class UseCase(Generic[S]):
    """One job of a partner, as data and a few functions; the engine does the rest.

    ``mappings(settings)`` gives the fields in force: a setting may leave one out. ``owns(entity, id,
    settings)`` proves by the id's form alone that Einzug made it for a configured Mandant. ``scopes`` names,
    for each scope key a person may type, the target field that carries it. Towards the partner ``desired``
    reads the ERP; towards the ERP it gets a ``Paired`` reader: the partner, with the ERP's records beside it;
    within the partner the partner itself.
    ``needs`` names what the ERP must be able to do, ``filters`` the settings that decide which records take
    part: a plan made after one of them changed asks first. ``forgets`` names entity and id of what may no
    longer be known here (a term is over): links and kept values of it are removed before each plan. A use
    case with a ``review`` makes records visible to others: it says what of one a person must look at, and
    nothing is written before somebody has named how many become visible. ``gaps`` are the codes of skips that
    stand for something which could not be read whole: while there is one, taking away is asked about.
    ``strata`` names target fields of few values (Mandant, type of unit): a sample has one record of each.
    ``excludes`` names, for what a person may leave out for good (``archive``), the setting that lists it.
    """

    key: str
    direction: Direction
    settings: type[S]
    mappings: Callable[[S], tuple[EntityMapping, ...]]
    deletes: Deletes
    desired: Callable[[Any, S], AsyncIterator[Record | Skipped]]
    actual: Callable[[Connector, S], AsyncIterator[Record]]
    owns: Callable[[str, str, S], bool]
    scopes: Mapping[str, str] = field(default_factory=dict)
    needs: frozenset[Capability] = frozenset()
    filters: tuple[str, ...] = ("mandanten",)
    forgets: Callable[[Any, S], AsyncIterator[tuple[str, str]]] | None = None
    review: Callable[[Record | Skipped], tuple[Text, ...]] | None = None
    gaps: frozenset[str] = frozenset()
    strata: tuple[str, ...] = ()
    excludes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check may look at. ``former`` are the settings of the last applied run, None before the first;
    ``owned`` how many records of the use case Einzug has written. ``siblings`` are the settings of all use
    cases the customer has agreed, by partner and use case; ``options`` those of the partner's connection.
    ``erp`` is the ERP as a target, for use cases that flow towards it; None where it takes nothing back.
    For tickets ``owned`` counts the partner's master data, and ``tickets`` are their ``Ends``. In ``shared``
    the checks of one run keep what several of them need, so that it is read once.
    """

    source: Reader[Any] | None
    target: Connector | None
    settings: Any
    former: Mapping[str, Any] | None = None
    owned: int = 0
    siblings: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    options: Any = None
    erp: Connector | None = None
    tickets: Any = None
    shared: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix:
    """How a plan of a use case mends a finding: it changes these fields (entity -> names) and nothing else,
    and neither creates nor deletes a record."""

    use_case: str
    fields: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """An automatic check. ``use_case`` None = it belongs to the connection; ``fix`` None = no plan mends what
    it finds."""

    key: str
    rules: tuple[str, ...]
    run: Callable[[CheckContext], Awaitable[Finding]]
    use_case: str | None = None
    fix: Fix | None = None


class JournalPort(Protocol):
    """What the Journaled wrapper needs of a journal; console/store implements it."""

    def intend(self, changes: Sequence[Change]) -> None:
        """Durably note that these changes are about to be sent."""

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Durably note how they ended."""
