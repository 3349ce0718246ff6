"""The three things that can be mended in onOffice, each proven by reading again what was written.

What is half done is found half done and finished: nothing here relies on having been the one who began it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from connectors.contract import Value
from connectors.onoffice import errors
from connectors.onoffice.client import OnOfficeClient, granted
from connectors.onoffice.entities import (
    ADDRESS,
    CONTACT_TYPES,
    EMAILS,
    ESTATE,
    MAIN_EMAIL,
    SYSTEM_USER,
    emails,
    main_email,
)
from connectors.onoffice.mailboxes import mailbox
from connectors.onoffice.wire import (
    CONTACT_PERSON,
    CONTACT_PERSON_ALL,
    CREATE,
    DELETE,
    MODIFY,
    READ,
    Call,
    Refusal,
    number,
    selected,
)
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

ENTRY_KINDS = ("email", "email_business", "email_private")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a field shall hold, and what it held when that was planned; ``planned`` False: nobody looked."""

    after: Value
    before: Value = None
    planned: bool = True

    def fits(self, held: Sequence[str]) -> bool:
        """Whether a set is as it was planned on, or somewhere on the way from there to the wish."""
        before, after, now = set(_texts(self.before)), set(_texts(self.after)), set(held)
        return not self.planned or (before & after) <= now <= (before | after)


async def contact_types(client: OnOfficeClient, key: int, wish: Wish) -> bool:
    """Give an address these contact types; whether anything was written.

    A write replaces the whole list, so it is sent complete and in its order. Whether onOffice keeps the type
    ``Systembenutzer`` then is not documented: where it is lost, the former list is restored. Raises Failure.
    """
    held, after = await _types(client, key), _texts(wish.after)
    if set(held) == set(after):
        return False
    before = _texts(wish.before)
    if SYSTEM_USER in before and set(held) == set(after) - {SYSTEM_USER}:  # an earlier try has lost it
        raise await _restored(client, key, before)
    if not wish.fits(held):
        raise _failure("changed_meanwhile", Trouble.CONFLICT)
    if SYSTEM_USER in held and SYSTEM_USER not in after:
        raise _failure("keeps_system_user", Trouble.REJECTED)
    wanted = [kept for kept in held if kept in after] + [new for new in after if new not in held]
    await _write(client, Call(MODIFY, "address", key, {CONTACT_TYPES: wanted}))
    with _begun():
        now = await _types(client, key)
    if set(now) == set(held):
        raise _failure("not_stored", Trouble.REJECTED)
    if not set(wanted) <= set(now):
        raise await _restored(client, key, held)
    if set(now) & (set(held) - set(wanted)):
        raise _failure("not_stored", Trouble.REJECTED, Arrival.PERHAPS)
    return True  # a type that somebody else has added in between stays


async def _restored(client: OnOfficeClient, key: int, former: Sequence[str]) -> Failure:
    """What to raise after the former contact types have been put back. Raises Failure where that fails."""
    with _begun():
        await _write(client, Call(MODIFY, "address", key, {CONTACT_TYPES: list(former)}))
        now = await _types(client, key)
    if set(now) == set(former):
        return _failure("contact_types_restored", Trouble.REJECTED)
    return _failure("contact_types_lost", Trouble.REJECTED, Arrival.PERHAPS)


async def email(client: OnOfficeClient, key: int, wish: Wish) -> bool:
    """Make this the default e-mail entry of an address; whether anything was written.

    An entry that is there already becomes the default one, else it is added; the former one stays beside it.
    No e-mail at all leaves the entry without being the default: nobody can say any more whether it had been
    there before, so none is ever deleted. Raises Failure.
    """
    elements = await _address(client, key, [MAIN_EMAIL, *EMAILS])
    held, known = main_email(elements), emails(elements)
    after = wish.after if isinstance(wish.after, str) and wish.after else None
    if held == after:
        return False
    if wish.planned and held != (wish.before or None):
        raise _failure("changed_meanwhile", Trouble.CONFLICT)
    entry = held or "" if after is None else _as_spelled(known, after)
    if after is None or entry in known or await _holds(client, key, entry):
        kinds = (known[entry],) if entry in known else ENTRY_KINDS
        await _first_that_knows(client, [_default(key, kind, entry, after) for kind in kinds])
    else:
        await _write(client, _entry(key, ENTRY_KINDS[0], action="add", newvalue=after, default=True))
    with _begun():
        now = main_email(await _address(client, key, [MAIN_EMAIL, *EMAILS]))
    if now != after:
        raise _failure("not_stored", Trouble.REJECTED, Arrival.NEVER if now == held else Arrival.PERHAPS)
    return True


async def contact_persons(client: OnOfficeClient, key: int, wish: Wish) -> bool:
    """Make these brokers the contact persons of an object, and no others; whether anything was written.

    The new ones are linked and read back before the former ones are removed, one by one. Raises Failure.
    """
    held, after = await _brokers(client, key), _texts(wish.after)
    if set(held) == set(after):
        return False
    if not wish.fits(held):
        raise _failure("changed_meanwhile", Trouble.CONFLICT)
    new = [one for one in after if one not in held]
    await _write_all(client, [_pair(CREATE, CONTACT_PERSON, key, one) for one in new])
    with _begun(begun=bool(new)):
        held = await _brokers(client, key) if new else held
        if not set(new) <= set(held):
            raise _failure("not_stored", Trouble.REJECTED)
        former = [one for one in held if one not in after]
        await _write_all(client, [_pair(DELETE, CONTACT_PERSON_ALL, key, one) for one in former])
    with _begun():
        if set(await _brokers(client, key)) != set(after):
            raise _failure("contact_left", Trouble.REJECTED)
    return True


MENDED: Mapping[str, Mapping[str, Callable[[OnOfficeClient, int, Wish], Awaitable[bool]]]] = {
    ADDRESS: {"contact_types": contact_types, "email": email},
    ESTATE: {"contact_persons": contact_persons},
}
"""The fields that can be changed, by entity, and how."""


async def _types(client: OnOfficeClient, key: int) -> tuple[str, ...]:
    return selected((await _address(client, key, [CONTACT_TYPES])).get(CONTACT_TYPES))


async def _address(client: OnOfficeClient, key: int, data: list[str]) -> Mapping[str, Any]:
    """These fields of an address. Raises Failure."""
    call = Call(READ, "address", parameters={"data": data, "recordids": [key]})
    (answer,) = await client.read([call])
    found = next((row for row in granted(call, answer).rows if row.id == key), None)
    if found is None:
        raise errors.failure(Refusal(errors.UNKNOWN_RECORD), call.where)
    return found.elements


async def _holds(client: OnOfficeClient, key: int, address: str) -> bool:
    """Whether an e-mail entry is there that a reading may not show; a filter looks at all of them."""
    wanted = {"email": [{"op": "=", "val": address}]}
    parameters = {"data": [EMAILS[0]], "recordids": [key], "filter": wanted}
    call = Call(READ, "address", parameters=parameters)
    (answer,) = await client.ask([call])
    return any(row.id == key for row in granted(call, answer).rows)


async def _brokers(client: OnOfficeClient, key: int) -> tuple[str, ...]:
    found = await client.relations([CONTACT_PERSON], parents=[key])
    return tuple(map(str, found[CONTACT_PERSON][key]))


async def _write(client: OnOfficeClient, call: Call) -> None:
    (answer,) = await client.ask([call])
    granted(call, answer)


async def _write_all(client: OnOfficeClient, calls: Sequence[Call]) -> None:
    for at, call in enumerate(calls):
        with _begun(begun=at > 0):
            await _write(client, call)


@contextmanager
def _begun(*, begun: bool = True) -> Iterator[None]:
    """What fails in here leaves open what stands there, for something has been written before."""
    try:
        yield
    except Failure as failure:
        if not begun:
            raise
        raise Failure(replace(failure.problem, arrival=Arrival.PERHAPS), failure.details) from failure


async def _first_that_knows(client: OnOfficeClient, calls: Sequence[Call]) -> None:
    """Send one call after the other until one names the kind of the entry. Raises the last Failure."""
    for call in calls[:-1]:
        (answer,) = await client.ask([call])
        if answer.error is None or answer.error.code not in errors.ENTRY_UNKNOWN:
            granted(call, answer)
            return
    await _write(client, calls[-1])


def _entry(key: int, kind: str, **parts: Any) -> Call:
    return Call(MODIFY, "address", key, {kind: parts})


def _as_spelled(known: Iterable[str], address: str) -> str:
    """How an entry that is there spells this mailbox; capitals do not make it another one."""
    return next((one for one in known if mailbox(one) == mailbox(address)), address)


def _default(key: int, kind: str, entry: str, after: str | None) -> Call:
    """The call that makes an entry the default one, or leaves it without being it."""
    parts = {"oldvalue": entry, "newvalue": after or entry, "default": after is not None}
    return _entry(key, kind, action="modify", **parts)


def _pair(action: str, relation: str, estate: int, address: str) -> Call:
    pair = {"relationtype": relation, "parentid": estate, "childid": number(address)}
    return Call(action, "relation", parameters=pair)


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _failure(code: str, trouble: Trouble, arrival: Arrival = Arrival.NEVER) -> Failure:
    return Failure(Problem(f"onoffice.{code}", trouble, Owner.CONSULTANT, arrival))
