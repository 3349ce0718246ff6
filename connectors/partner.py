"""What a partner folder declares of itself, and what it is given to connect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from connectors.chains import Chain
from connectors.contract import Check, Connector, Files, Limits, Reader, UseCase
from connectors.http import CallLog, Network
from connectors.trials import Trial
from connectors.walks import Walk

if TYPE_CHECKING:
    from connectors.limiter import Pausing
    from connectors.ticketing import Act, Stage, TicketFlow
    from connectors.tickets import ErpTerms, ErpTicketSide

ENVIRONMENTS = ("practice", "test", "production")


@dataclass(frozen=True, slots=True)
class SecretField:
    """One secret of a partner. ``hint`` is the text code that says where the customer finds it."""

    name: str
    hint: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything a connector needs to speak to one account. Secrets never appear in its repr.

    ``options`` is the partner's own settings dataclass; ``limits_path`` the file of the shared limiter,
    None in tests that need none; ``files`` gives the bytes of the files that the ERP's records refer to;
    ``pausing`` is told when the limiter waits long. ``use_cases`` are the keys of those in use, None where
    nobody knows: what they need is asked of the account, and nothing else.
    """

    customer: str
    partner: str
    environment: str
    url: str
    secrets: Mapping[str, str]
    options: Any
    network: Network
    log: CallLog
    limits_path: Path | None = None
    files: Files | None = None
    pausing: Pausing | None = None
    use_cases: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"Connection({self.customer}/{self.partner}/{self.environment})"


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner folder in one object. ``connect`` opens no connection before the first call.

    ``options`` is a dataclass of connection settings (``[customers.KEY.PARTNER]`` in the configuration).
    """

    key: str
    name: str
    secrets: tuple[SecretField, ...]
    options: type[Any]
    connect: Callable[[Connection], Connector]
    limits: Limits
    use_cases: tuple[UseCase[Any], ...] = ()
    checks: tuple[Check, ...] = ()
    walks: tuple[Walk, ...] = ()
    chains: tuple[Chain, ...] = ()
    trials: tuple[Trial, ...] = ()
    tickets: TicketFlow | None = None

    def use_case(self, key: str) -> UseCase[Any] | None:
        """The use case with this key, or None."""
        return next((u for u in self.use_cases if u.key == key), None)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of ERP source (``openwowi``, ``files``), declared like a partner.

    ``place`` says which key of the configuration leads to it: ``url`` or ``folder``. ``writer`` connects the
    same ERP as a target, for what flows back to it; its capabilities tell whether it can take it. ``tickets``
    opens the ERP's side of the ticket flow, None where the source knows no tickets; ``ticket_stage`` plays
    the clerk in the practice sandbox.
    """

    key: str
    name: str
    secrets: tuple[SecretField, ...]
    options: type[Any]
    connect: Callable[[Connection], Reader[Any]]
    checks: tuple[Check, ...] = ()
    place: Literal["url", "folder"] = "url"
    writer: Callable[[Connection], Connector] | None = None
    tickets: Callable[[Connection, ErpTerms], ErpTicketSide] | None = None
    ticket_stage: Mapping[Act, Stage] = field(default_factory=dict)
