"""Relations of the onOffice sandbox: contact persons with the rule of brokers, addresses of users, jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from connectors.onoffice.sandbox_action import Asked, Found, written
from connectors.onoffice.sandbox_refused import Refused
from connectors.onoffice.sandbox_world import BROKER, Estate, World, told
from connectors.sandbox.faults import rejects

_PREFIX = "urn:onoffice-de-ns:smart:2.5:relationTypes:"
_BROKERS = f"{_PREFIX}estate:address:contactPerson"
_CONTACTS = f"{_PREFIX}estate:address:contactPersonAll"
_USER = f"{_PREFIX}user:address"
_JOB = f"{_PREFIX}job:estate"


def related(world: World, kind: str, *, downwards: bool) -> Mapping[int, Sequence[int]]:
    """From parents to children, or the other way round. Raises Refused for an unknown relation."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for parent, child in _pairs(world, kind):
        found[parent if downwards else child].append(child if downwards else parent)
    return found


def _pairs(world: World, kind: str) -> Iterable[tuple[int, int]]:
    estates = world.estates.values()
    if kind == _BROKERS:
        return [(estate.id, id_) for estate in estates for id_ in world.brokers(estate)]
    if kind == _CONTACTS:
        return [(estate.id, id_) for estate in estates for id_ in estate.contacts]
    if kind == _USER:
        users = world.users.values()
        return [(int(u["Nr"]), int(u["adrId:adressen.ID"])) for u in users if u["adrId:adressen.ID"] != "0"]
    if kind == _JOB and world.assumptions.job_relation == "readable":
        return list(world.jobs.items())
    raise Refused(132)


def create_relation(world: World, asked: Asked) -> Found:
    """Link contacts to estates: one to many in either direction. A contact person has to be a broker."""
    kind = str(asked.parameters.get("relationtype", ""))
    parents, children = asked.ids("parentid"), asked.ids("childid")
    if kind not in (_BROKERS, _CONTACTS):
        raise Refused(132)
    if len(parents) > 1 and len(children) > 1:
        raise Refused(219)
    _writable(world, asked, parents)
    for id_ in children:
        if id_ not in world.addresses:
            raise Refused(173)
        if kind == _BROKERS and BROKER not in world.addresses[id_].types:
            raise Refused(263)
    for estate in (world.estates[id_] for id_ in parents):
        for id_ in children:
            if id_ in estate.contacts and world.assumptions.double_relation == "refused":
                raise Refused(173)
            if id_ not in estate.contacts:
                estate.contacts.append(id_)
                _touch(world, estate, "link")
    return written("")


def delete_relation(world: World, asked: Asked) -> Found:
    """Take one pair apart; whichever of the two types is named, broker and contact are one relation."""
    for name in ("parentid", "childid"):
        if isinstance(asked.parameters.get(name), list):
            raise Refused(187)
    kind, parent, child = asked.parameters.get("relationtype"), asked.id("parentid"), asked.id("childid")
    if kind not in (_BROKERS, _CONTACTS):
        raise Refused(132)
    _writable(world, asked, [parent])
    estate = world.estates[parent]
    linked = world.brokers(estate) if kind == _BROKERS else estate.contacts
    if child not in linked:
        raise Refused(168)
    estate.contacts.remove(child)
    _touch(world, estate, "unlink")
    return written("")


def _writable(world: World, asked: Asked, ids: Iterable[int]) -> None:
    """Raises Refused for estates that are not there or may not be written."""
    for id_ in ids:
        if id_ not in world.estates:
            raise Refused(173)
        if not world.rights.write_estates or rejects(asked.request, str(id_)):
            raise Refused(262, id_)


def _touch(world: World, estate: Estate, action: str) -> None:
    estate.values["geaendert_am"] = told(world.now())
    world.note("contact person", action, estate.id)
