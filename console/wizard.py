"""The questions of ``einzug init``: each explained in one sentence, asked until it has a usable answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from connectors.partner import ENVIRONMENTS, Source
from connectors.registry import partner, partner_keys, source, source_keys
from console.config_model import Separator, is_loopback, valid_url
from console.errors import ConsoleError
from console.i18n import _, language
from console.paths import valid_customer

T = TypeVar("T")
SEPARATORS: tuple[str, ...] = get_args(Separator)


class Unusable(ValueError):
    """An answer that cannot be taken; its text tells what can."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """Where questions go and answers come from; ``read`` gives None when no more will come."""

    say: Callable[[str], None]
    read: Callable[[], str | None]

    def ask(self, label: str, why: str, check: Callable[[str], T], default: str = "") -> T:
        """Explain, ask, and ask again until ``check`` takes the answer. Raises ConsoleError at the end."""
        self.say("")
        self.say(why)
        while True:
            self.say(f"{label} [{default}]:" if default else f"{label}:")
            answer = self.read()
            if answer is None:
                raise ConsoleError(
                    _("The answers ended before {label!r}; nothing was written.").format(label=label),
                    _("Give one line for each question, in their order."),
                )
            try:
                return check(answer.strip() or default)
            except Unusable as unusable:
                self.say(f"  {unusable}")


@dataclass(frozen=True, slots=True)
class Answers:
    """What the wizard was told: the customer's key and its table of the configuration."""

    key: str
    table: Mapping[str, Any]
    source: Source
    partners: tuple[str, ...]

    def next_commands(self, options: str = "") -> list[str]:
        """What to type next, in order; ``options`` are appended to each command."""
        commands = [f"einzug credentials set {self.key} erp"] if self.source.secrets else []
        commands += [f"einzug credentials set {self.key} {p}" for p in self.partners if partner(p).secrets]
        commands.append(f"einzug check {self.key}")
        for name in self.partners:
            commands += [f"einzug plan {self.key} {name} {case.key}" for case in partner(name).use_cases[:1]]
        return [f"{command}{options}" for command in commands]


def interview(dialog: Dialog, taken: Collection[str]) -> Answers:
    """Ask everything a first configuration needs. Raises ConsoleError for a customer in ``taken``."""
    key = dialog.ask(
        _("Customer key"),
        _("The short name of the customer in every command: lower-case letters, digits and hyphens."),
        _customer,
    )
    if key in taken:
        raise ConsoleError(
            _("The customer {key!r} is in the configuration already and stays as it is.").format(key=key),
            _("Choose another key, or change the file by hand."),
        )
    table: dict[str, Any] = {
        "name": dialog.ask(_("Name"), _("So the customer is called on screens and in reports."), _name)
    }
    kind = source(_source_key(dialog))
    environment = dialog.ask(
        _("Environment"),
        _(
            "practice works with sandboxes on this machine only, test and production with real systems: "
            "{all}."
        ).format(all=", ".join(ENVIRONMENTS)),
        lambda answer: _one_of(answer.lower(), ENVIRONMENTS),
        "practice",
    )
    erp = {"source": kind.key, "environment": environment, kind.place: _place(dialog, kind, environment)}
    table |= {"erp_product": kind.name, "mandanten": _mandanten(dialog), "separator": _separator(dialog)}
    table |= {"language": language(), "erp": erp}
    partners = _partners(dialog)
    for name in partners:
        url = _url(dialog, partner(name).name, environment)
        table[name] = {"enabled": True, "environment": environment, "url": url}
    return Answers(key, table, kind, partners)


def _source_key(dialog: Dialog) -> str:
    known = {key: source(key).name for key in source_keys()}
    listed = ", ".join(f"{key} ({name})" for key, name in known.items())
    return dialog.ask(
        _("ERP source"),
        _("Where the ERP's data come from: {sources}.").format(sources=listed),
        lambda answer: _one_of(answer.lower(), known),
    )


def _place(dialog: Dialog, kind: Source, environment: str) -> str:
    if kind.place == "url":
        return _url(dialog, kind.name, environment)
    return dialog.ask(
        _("Folder"),
        _("The folder with the ERP's exports; a relative one counts from the configuration file."),
        _name,
    )


def _url(dialog: Dialog, name: str, environment: str) -> str:
    def check(answer: str) -> str:
        if not valid_url(answer):
            raise Unusable(_("Write an address with http:// or https://, without user and password."))
        if environment == "practice" and not is_loopback(answer):
            raise Unusable(
                _("In practice the address has to be on this machine, e.g. http://127.0.0.1:8801.")
            )
        return answer

    return dialog.ask(
        _("Address of {name}").format(name=name),
        _("The address (URL) of the interface of {name}; the customer or the vendor knows it.").format(
            name=name
        ),
        check,
    )


def _mandanten(dialog: Dialog) -> str | list[str]:
    def check(answer: str) -> str | list[str]:
        if answer.lower() in ("all", "alle"):
            return "all"
        numbers = [part.strip() for part in answer.split(",")]
        if not all(number and all(c.isalnum() or c in "-_./" for c in number) for number in numbers):
            raise Unusable(_("Write the numbers separated by commas, e.g. 10, 20, or all."))
        return list(dict.fromkeys(numbers))

    return dialog.ask(
        _("Mandanten"),
        _("The Mandanten that take part, separated by commas; all takes every one of them expressly."),
        check,
    )


def _separator(dialog: Dialog) -> str:
    return dialog.ask(
        _("Separator"),
        _(
            "It joins the parts of composed numbers and should occur in none of them; "
            "do not change it later. One of: {all}"
        ).format(all=" ".join(SEPARATORS)),
        lambda answer: _one_of(answer, SEPARATORS),
        "/",
    )


def _partners(dialog: Dialog) -> tuple[str, ...]:
    known = partner_keys()

    def check(answer: str) -> tuple[str, ...]:
        chosen = dict.fromkeys(part.strip().lower() for part in answer.split(",") if part.strip())
        return tuple(_one_of(name, known) for name in chosen)

    return dialog.ask(
        _("Partners"),
        _(
            "The partner systems in use, separated by commas; an empty line for none. There are: {all}."
        ).format(all=", ".join(known)),
        check,
    )


def _customer(answer: str) -> str:
    if not valid_customer(answer):
        raise Unusable(_("Only lower-case letters, digits and hyphens, at most 40, e.g. musterstadt."))
    return answer


def _name(answer: str) -> str:
    if not answer or not answer.isprintable():
        raise Unusable(_("Please write a text on one line."))
    return answer


def _one_of(answer: str, allowed: Collection[str]) -> str:
    if answer not in allowed:
        raise Unusable(_("Choose one of: {all}").format(all=" ".join(allowed)))
    return answer
