"""A person's word on a record of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.errors import ConsoleError
from console.handover.mark import refuse_given
from console.i18n import _
from console.store.samples import Mark, Place, Sampled, Samples

if TYPE_CHECKING:
    from console.sampling.take import Beside, Sample
    from console.workspace import Workspace


Records = Sequence[tuple[str, str, Sequence[str]]]
"""The records of a sample with the names of their strata."""


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says of a record."""

    mark: Mark
    who: str = field(repr=False)
    note: str = field(default="", repr=False)


def why_not(word: Word) -> str | None:
    """Why a word cannot be taken, as a sentence; None where it can."""
    if not word.who:
        return _("Who says so? A name is needed.")
    if word.mark is not Mark.RIGHT and not word.note:
        return _("This needs a note: what is wrong, or what is to be looked at?")
    return None


def say_of(workspace: Workspace, place: Place, id_: str, word: Word, *, consent: bool = False) -> Sampled:
    """Keep a word on a record of the last sample, by its id; the sample with it. Blocks.

    Raises ConsoleError where it is in no sample, StoreError.
    """
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        samples = Samples(conn, workspace.vault)
        last = samples.latest(place)
        keys = [(entity, known) for entity, known, _names in last.records if known == id_] if last else []
        if last is None or not keys:
            command = f"einzug sample {workspace.customer.key} {place[0]} {place[2]}"
            raise ConsoleError(
                _("{id} is in no sample.").format(id=id_), _("{command} draws one.").format(command=command)
            )
        if consent and samples.needs_consent:
            samples.agree(word.who)
        for key in keys:
            samples.mark(place, last.seed, key, word.mark, who=word.who, note=word.note)
        return samples.latest(place) or last


def say(
    workspace: Workspace, sample: Sample, one: Beside, word: Word, records: Records, *, consent: bool = False
) -> Sampled | None:
    """Keep a word on a record of a sample that is on the screen, and the sample if it is not kept yet.

    Blocks. Raises ConsoleError where somebody else works on the customer now, StoreError.
    """
    place, wish = sample.place, sample.wish
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        samples = Samples(conn, workspace.vault)
        with samples.together():
            if consent and samples.needs_consent:
                samples.agree(word.who)
            if all(known.seed != wish.seed for known in samples.of(place)):
                samples.draw(place, wish.seed, wish.size, records, sample.total)
            differs = one.differs if one.there else ()
            samples.mark(place, wish.seed, one.key, word.mark, who=word.who, note=word.note, differs=differs)
        return samples.latest(place)
