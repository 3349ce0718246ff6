"""Contract numbers that cannot be spoken on the phone (rule B10). Pure.

Everyone speaks dots, slashes and leading zeros differently or leaves them out, so what counts is what remains
without them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 12
"""Letters and digits of a number that a caller still reads out in one go."""


class Fault(StrEnum):
    """Why a number is hard to speak."""

    LETTERS = "letters"  # B and P, D and T, M and N sound alike
    LONG = "long"
    ALIKE = "alike"  # another number sounds the same


@dataclass(frozen=True, slots=True)
class Spoken:
    """The numbers of all running contracts: how many there are, how many hold signs or leading zeros that
    are spoken in many ways, and which cannot be spoken at all, in their order."""

    numbers: int
    signs: int
    faults: tuple[tuple[str, Fault], ...]

    @property
    def faulty(self) -> int:
        """How many numbers have any fault."""
        return len({number for number, _fault in self.faults})

    def count(self, fault: Fault) -> int:
        """How many numbers have a fault."""
        return sum(found is fault for _number, found in self.faults)


def heard(number: str) -> str:
    """What remains of a number when it is spoken: letters and digits, leading zeros left out."""
    return "".join(sign for sign in number.casefold() if sign.isalnum()).lstrip("0")


def judge(numbers: Iterable[str]) -> Spoken:
    """Judge every number once, however many contracts bear it."""
    every = dict.fromkeys(number for number in numbers if number)
    sounds: dict[str, list[str]] = defaultdict(list)
    for number in every:
        sounds[heard(number)].append(number)
    faults = [(number, fault) for number in every for fault in _faults(number, sounds)]
    signs = sum(number.casefold() != heard(number) for number in every)
    return Spoken(len(every), signs, tuple(sorted(faults, key=lambda one: (one[1], one[0]))))


def _faults(number: str, sounds: dict[str, list[str]]) -> Iterable[Fault]:
    sound = heard(number)
    if any(not sign.isdecimal() for sign in sound):
        yield Fault.LETTERS
    if len(sound) > LONGEST:
        yield Fault.LONG
    if len(sounds[sound]) > 1:
        yield Fault.ALIKE
