"""Requests and work lists that follow from a chain, ready to send: to onOffice's support and sales, and for
whoever transmits the objects again.

They name mailboxes and the firm: they are written for a person to send on, and belong into no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from connectors.chains import ChainContext, ChainRow, Confirmation, Hand, Letter, LinkState
from connectors.contract import Text
from connectors.onoffice.chain_links import BOOKING, TRANSMITTED
from connectors.onoffice.evidence import Evidence
from connectors.onoffice.mailboxes import MailboxKind, guess
from connectors.onoffice.model import Office


def letters(
    office: Office, evidence: Evidence, context: ChainContext, rows: tuple[ChainRow, ...]
) -> Iterator[Letter]:
    """Every letter that has a reason."""
    firm = office.firm or "…"
    if not office.key.usable:
        yield _key(office, firm)
    external = {name: said for name, said in _mailboxes(context, rows).items() if _external(name, said)}
    if external:
        yield _mailbox(external, firm)
    if places := [name for name in unbooked(rows) if name not in external]:
        yield _quota(places, firm)
    if waiting := [row for row in rows if (first := row.first) is not None and first.link == TRANSMITTED]:
        yield _retransmission(waiting, evidence)


def unbooked(rows: Iterable[ChainRow]) -> tuple[str, ...]:
    """The mailboxes whose tick nobody has confirmed: so many places of the quota are needed (rule O6)."""
    open_ = (link.subject for row in rows for link in row.links if link.link == BOOKING and _open(link.state))
    return tuple(sorted({name for name in open_ if name}))


def _open(state: LinkState) -> bool:
    return state in (LinkState.BROKEN, LinkState.UNCONFIRMED)


def _mailboxes(context: ChainContext, rows: Iterable[ChainRow]) -> Mapping[str, Confirmation | None]:
    """The mailboxes of all objects, with what was said of each."""
    names = {link.subject for row in rows for link in row.links if link.link == BOOKING and link.subject}
    return {name: context.confirmation(BOOKING, name) for name in sorted(names)}


def _external(name: str, said: Confirmation | None) -> bool:
    """Whether a mailbox cannot be booked: a person has said so, or its provider is one for private people."""
    if said is not None:
        return not said.holds and said.values.get("kind") == "external"
    return guess(name) is MailboxKind.PRIVATE


def _letter(key: str, to: Hand, *paragraphs: Text, **args: str | int) -> Letter:
    return Letter(key, to, Text(f"onoffice.letter_{key}_subject", args), paragraphs)


def _key(office: Office, firm: str) -> Letter:
    """To support: the contact type broker is switched off or gone (rule O3)."""
    why = Text(f"onoffice.letter_key_{office.key.state}", {"label": office.key.label})
    alike = (
        [Text("onoffice.letter_key_alike", {"keys": ", ".join(office.key.alike)})] if office.key.alike else []
    )
    return _letter("key", Hand.SUPPORT, why, *alike, _greeting(firm), firm=firm)


def _mailbox(external: Iterable[str], firm: str) -> Letter:
    """To support: mailboxes that cannot be booked need one at onOffice instead (rule O7)."""
    wishes = [Text("onoffice.letter_mailbox_line", {"mailbox": name}) for name in external]
    return _letter(
        "mailbox",
        Hand.SUPPORT,
        Text("onoffice.letter_mailbox_why", {"count": len(wishes)}),
        *wishes,
        Text("onoffice.letter_mailbox_wish"),
        _greeting(firm),
        firm=firm,
    )


def _quota(places: list[str], firm: str) -> Letter:
    """To sales: so many places of the quota for mail booking are needed (rule O6)."""
    return _letter(
        "quota",
        Hand.SALES,
        Text("onoffice.letter_quota_why", {"count": len(places)}),
        *(Text("onoffice.letter_quota_line", {"mailbox": name}) for name in places),
        _greeting(firm),
        firm=firm,
    )


def _retransmission(waiting: list[ChainRow], evidence: Evidence) -> Letter:
    """A work list: which objects have to be transmitted again, portal by portal (rule O9)."""
    numbers = ", ".join(row.label for row in waiting)
    args: dict[str, str | int] = {"count": len(waiting), "objects": numbers}
    lists = [Text("onoffice.letter_portal", {"portal": name, **args}) for name in evidence.portals]
    return _letter(
        "retransmission",
        Hand.CONSULTANT,
        Text("onoffice.letter_retransmission_how"),
        *(lists or [Text("onoffice.letter_portals_unknown", args)]),
        Text("onoffice.letter_retransmission_then"),
        count=len(waiting),
    )


def _greeting(firm: str) -> Text:
    return Text("onoffice.letter_greeting", {"firm": firm})
