"""Entities, fields and credentials under the names that people use: texts beside those of the partner.

A partner's ``texts.toml`` has ``entity_KEY``, ``field_KEY`` and ``credential_KEY``; what is the same for all
is in ``[names]`` of ``connectors/texts.toml``. A name that neither knows stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.contract import Text
from connectors.problems import Trouble
from connectors.registry import UnknownConnector, partner
from connectors.texts import render, template
from console import formats
from console.i18n import _, language
from console.sync.events import Stage, Waiting

if TYPE_CHECKING:
    from console.sync.guards import Guard


def entity_name(partner: str, entity: str) -> str:
    """A target entity: ``tenant`` as ``Mieter``."""
    return _name(partner, f"entity_{entity}", entity, language())


def field_name(partner: str, field: str) -> str:
    """A field of a target entity: ``contractStart`` as ``Vertragsbeginn``."""
    return _name(partner, f"field_{field}", field, language())


def field_names(partner: str, fields: Iterable[str]) -> str:
    """Several fields in a line."""
    return ", ".join(field_name(partner, field) for field in fields)


def link_name(partner: str, link: str) -> str:
    """A link of a chain: ``booking`` as ``Mailverbuchung``."""
    return _name(partner, f"link_{link}", link, language())


def credential_name(partner: str, field: str) -> str:
    """One of the secrets that a party wants: ``api_key`` as ``API-Schlüssel``."""
    return _name(partner, f"credential_{field}", field, language())


def partner_name(key: str) -> str:
    """A partner by name, also one that is not configured any more."""
    try:
        return partner(key).name
    except UnknownConnector:
        return key


def use_case_name(partner: str, use_case: str) -> str:
    """A use case by its title: ``master-data`` as ``Stammdaten``."""
    return _name(partner, f"title_{use_case}", use_case, language())


def guard_words(partner: str, guard: Guard) -> str:
    """Why a guard stands, with its entity and field under their names."""
    args = dict(guard.message.args)
    if "entity" in args:
        args["entity"] = entity_name(partner, str(args["entity"]))
    if "field" in args:
        args["field"] = field_name(partner, str(args["field"]))
    if "names" in args and guard.key == "source_lacks":
        args["names"] = _dotted(partner, str(args["names"]))
    if "side" in args:
        args["side"] = _name(partner, f"side_{args['side']}", str(args["side"]), language())
    return render(Text(guard.message.code, args), language())


def _dotted(partner: str, names: str) -> str:
    """Fields of entities: ``vacancy.kind, vacancy.rooms`` under their names."""
    return field_names(partner, (name.partition(".")[2] for name in names.split(", ")))


def fix_title(title: str, fix: str) -> str:
    """A use case, and the check whose finding its plan or run mends; "" where it has no such limits."""
    return f"{title} · " + _("mends {check}").format(check=fix) if fix else title


def waiting_words(waiting: Waiting) -> str:
    """What is waited for, and how long still."""
    seconds = formats.count(max(1, round(waiting.seconds)))
    if waiting.problem.trouble is Trouble.LIMIT:
        return _("waiting {seconds} s: limit of the other side").format(seconds=seconds)
    return _("waiting, next try in {seconds} s").format(seconds=seconds)


def guard_name(key: str) -> str:
    """A guard in a word or two."""
    return {
        "exposure": _("becomes visible"),
        "dangerous": _("to be looked at"),
        "withdrawn": _("withdrawal"),
        "source_lacks": _("fields missing"),
        "source_gap": _("not read whole"),
        "deletes": _("mass deletion"),
        "updates": _("mass change"),
        "empty_side": _("empty side"),
        "format_change": _("format changed"),
        "ambiguous_ids": _("ambiguous ids"),
        "separator_changed": _("separator changed"),
        "mapping_changed": _("fields changed"),
        "filter_changed": _("selection changed"),
        "read_back": _("other values"),
        "stale": _("out of date"),
    }.get(key, key)


def stage_name(stage: Stage) -> str:
    """A stage in words."""
    return {
        Stage.SETTLE: _("settling the interrupted run"),
        Stage.SOURCE: _("reading the ERP"),
        Stage.TARGET: _("reading the partner"),
        Stage.COMPARE: _("comparing"),
        Stage.APPLY: _("writing"),
        Stage.VERIFY: _("verifying"),
    }[stage]


@lru_cache(1024)
def _name(partner: str, code: str, raw: str, language: str) -> str:
    for place in (partner, "names"):
        try:
            return template(f"{place}.{code}", language)
        except KeyError:
            continue
    return raw
