"""Options that several commands share, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from console.i18n import _

if TYPE_CHECKING:
    from console.selection import Selection
    from console.session import Session
    from console.sync.guards import Lift
    from console.writing import Asked

F = TypeVar("F", bound=Callable[..., Any])

LAST = 2**63 - 1
"""The highest number of a run that the journal can hold."""


def scope_option(function: F) -> F:
    """``--scope``, repeatable."""
    help_ = _("Only a part, e.g. mandant=10.")
    return click.option("--scope", "scopes", multiple=True, metavar="KEY=VALUE", help=help_)(function)


def only_option(function: F) -> F:
    """``--only``, repeatable."""
    help_ = _("Only this record; may be repeated.")
    return click.option("--only", multiple=True, metavar="ID", help=help_)(function)


def unmask_option(function: F) -> F:
    """``--unmask``."""
    help_ = _("Show personal data outside practice too.")
    return click.option("--unmask", is_flag=True, help=help_)(function)


def write_options(function: F) -> F:
    """The options of all commands that write a plan."""
    for option in (
        click.option("--yes", is_flag=True, help=_("Do not ask; outside practice only with --live.")),
        click.option(
            "--live",
            default="",
            metavar="CUSTOMER",
            help=_("The customer again, to write outside practice."),
        ),
        click.option(
            "--expect", default="", metavar="DIGEST", help=_("Write only if the plan has this digest.")
        ),
        click.option(
            "--accept",
            "accepted",
            multiple=True,
            callback=accepted_lifts,
            metavar="GUARD=COUNT[:SEAL]",
            help=_("Lift a safety guard by naming its exact count, and the seal where the plan shows one."),
        ),
        click.option("--json", "as_json", is_flag=True, help=_("Machine-readable output.")),
        unmask_option,
    ):
        function = option(function)
    return function


def asked(options: Mapping[str, Any]) -> Asked:
    """The options of ``write_options`` as a value."""
    from console.writing import Asked

    return Asked(**options)


def selection(session: Session, scopes: tuple[str, ...], only: tuple[str, ...]) -> Selection:
    """What the options limit the plan to. Raises ConsoleError for an unknown scope."""
    from console.scoping import scope_of
    from console.selection import Selection

    chosen = scope_of(session.job.use_case.scopes, scopes)
    return Selection(chosen, frozenset(only) if only else None)


def accepted_counts(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, int], ...]:
    """The values of ``--accept``: what is accepted, and its exact count. Raises click.BadParameter."""
    return tuple((key, _number(count)) for key, count in map(_pair, values))


def accepted_lifts(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[Lift, ...]:
    """The guards that ``--accept`` lifts, with their seals. Raises click.BadParameter."""
    from console.sync.guards import Lift

    found = []
    for key, named in map(_pair, values):
        count, colon, seal = named.partition(":")
        if bool(colon) != bool(seal):
            raise _unusable()
        found.append(Lift(key, _number(count), seal.lower()))
    return tuple(found)


def _pair(value: str) -> tuple[str, str]:
    key, _sep, named = value.partition("=")
    if not key:
        raise _unusable()
    return key, named


def _number(count: str) -> int:
    if not (count.isascii() and count.isdecimal() and len(count) <= 18):
        raise _unusable()
    return int(count)


def _unusable() -> click.BadParameter:
    return click.BadParameter(_("write GUARD=COUNT, e.g. deletes=30"))
