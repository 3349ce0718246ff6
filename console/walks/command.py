"""A guided walk at the command line: list, begin or go on, tell each step, play it in practice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click

from connectors.problems import Failure
from connectors.registry import partner, partner_keys
from connectors.walks import Candidate, Step
from console import formats
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.terminal import can_ask, note, read_line, say, table
from console.walks import words
from console.walks.document import document
from console.walks.follow import Pause
from console.walks.guide import Guide, guides
from console.walks.journey import Journey, Standing
from console.workspace import Workspace

OFFERED = 20
"""How many candidates are listed."""

PATIENT = 15
"""Looks after which a step that was played has to be seen."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for."""

    object_id: str = ""
    play: bool = False
    give_up: bool = False
    as_json: bool = False


async def walk(workspace: Workspace, key: str, wanted: Wanted) -> Exit:
    """Make a walk as far as it gets. Raises ConsoleError, Failure, StoreError, GuardStop."""
    guide = await _guide(workspace, key)
    kept = await guide.kept()
    if wanted.give_up:
        await guide.end()
        note(_("Given up.") if kept else _("No test was begun."))
        return Exit.OK
    if wanted.play and (reason := guide.why_not_play(guide.walk.steps[0])) is not None:
        raise ConsoleError(reason)
    journey = kept if kept and wanted.object_id in ("", kept.candidate.id) else await _begun(guide, wanted)
    if journey is None:
        return Exit.OK
    told = Teller(guide, wanted, Standing(journey))
    told.head()
    try:
        return await told.run()
    except asyncio.CancelledError:
        durable = workspace.vault.durable
        note(_("Go on with the same command.") if durable else _("Without a keyring nothing of it is kept."))
        raise


async def _guide(workspace: Workspace, key: str) -> Guide:
    """The walk, or why there is none. Raises ConsoleError."""
    found = [guide for guide in guides(workspace).values() if guide.walk.key == key]
    if not found:
        raise ConsoleError(_("No partner in use has this guided test."), _who_has(key))
    guide = found[0]
    if (reason := await workspace.why_not(guide.partner.key, guide.walk.use_case)) is not None:
        raise reason
    return guide


def _who_has(key: str) -> str:
    """Which partner this walk belongs to."""
    for found in map(partner, partner_keys()):
        for walk in found.walks:
            if walk.key == key:
                text = _("{partner} has it, with the use case {use_case}.")
                return text.format(partner=found.name, use_case=walk.use_case)
    return ""


async def _begun(guide: Guide, wanted: Wanted) -> Journey | None:
    """A new walk on the object that was asked for; None where the objects were only listed."""
    offered = await guide.candidates()
    if wanted.object_id:
        chosen = next((one for one in offered if one.id == wanted.object_id), None)
        if chosen is None:
            text = _("{partner} shows no object {id!r}.")
            raise ConsoleError(
                text.format(partner=guide.partner.name, id=wanted.object_id),
                _("Without --object the objects are listed."),
            )
        return await guide.begin(chosen)
    if not offered:
        raise ConsoleError(
            _("{partner} shows no object.").format(partner=guide.partner.name),
            words.nothing_there(guide.partner, guide.walk),
            Exit.FINDINGS,
        )
    chosen = offered[0] if wanted.play else _chosen(offered, wanted)
    return None if chosen is None else await guide.begin(chosen)


def _chosen(offered: Sequence[Candidate], wanted: Wanted) -> Candidate | None:
    """List them; at a terminal ask for one."""
    if wanted.as_json:
        found = [{"id": one.id, "label": one.label, "link": one.link} for one in offered]
        click.echo(json.dumps({"schema": 1, "objects": found}, ensure_ascii=False, indent=1))
        return None
    head = ("", _("object"), _("number"), _("link"))
    rows = [(str(n), one.label, one.id, one.link) for n, one in enumerate(offered[:OFFERED], 1)]
    for line in table(head, rows).splitlines():
        say(line)
    if len(offered) > OFFERED:
        say(_("… and {count} more; --json has them all.").format(count=formats.count(len(offered) - OFFERED)))
    if not can_ask():
        note(_("Begin with --object and one of these numbers."))
        return None
    note(_("Which one? Its line, or nothing to leave it:"))
    answer = (read_line() or "").strip()
    if not answer:
        return None
    if not (answer.isdecimal() and 1 <= int(answer) <= len(rows)):
        raise ConsoleError(_("There is no line {answer!r}.").format(answer=answer))
    return offered[int(answer) - 1]


@dataclass(slots=True)
class Teller:
    """Tells what is seen as it is seen, and plays the steps where that is wanted."""

    guide: Guide
    wanted: Wanted
    standing: Standing
    pause: Pause = field(default_factory=Pause)
    shown: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)  # steps that were announced, or played
    looks: int = 0  # since the current step was announced
    troubled: bool = False

    async def run(self) -> Exit:
        """Follow to the end; as JSON and unplayed one look is all."""
        if self.wanted.as_json and not self.wanted.play:
            self.standing = await self.guide.look(self.standing.journey)
            if self.standing.problem is not None:
                raise Failure(self.standing.problem)
        else:
            self.standing = await self.guide.follow(self.standing, self.heard, self.pause)
        if self.wanted.as_json:
            click.echo(json.dumps(document(self.guide, self.standing.journey), ensure_ascii=False, indent=1))
        done = self.standing.journey.current(self.guide.walk) is None
        if done:
            self._say(_("Every step was seen: the test is passed."))
        return Exit.OK if done else Exit.INTERRUPTED

    def head(self) -> None:
        """Which object it is, and since when."""
        chosen = self.standing.journey.candidate
        title = words.title(self.guide.partner, self.guide.walk)
        self._say(f"{title}: {chosen.label} ({chosen.id})")
        if chosen.link:
            self._say(_("Link: {link}").format(link=chosen.link))

    async def heard(self, now: Standing) -> None:
        """A look was made: tell what is new, then see to the current step."""
        self.standing = now
        walk_, partner, clock = self.guide.walk, self.guide.partner, datetime.now(UTC)
        for step in walk_.steps:
            if now.journey.sighting(step.key) is not None and step.key not in self.shown:
                self.shown.add(step.key)
                self._say(words.step_line(partner, walk_, now.journey, step, clock))
        if (now.problem is not None) != self.troubled:
            self.troubled = now.problem is not None
            note(words.look_words(now, clock))
        current = now.journey.current(walk_)
        if current is None or now.problem is not None:
            return
        if current.key in self.asked:
            self._still(current)
            return
        self.asked.add(current.key)
        self.looks = 0
        self._say(words.step_line(partner, walk_, now.journey, current, clock))
        self._say("  " + words.turn(current, partner))
        if self.wanted.play:
            await self._play(now.journey)
        else:
            self._say("  " + words.step_how(partner, walk_, current))

    async def _play(self, journey: Journey) -> None:
        step = journey.current(self.guide.walk)
        if step is not None and self.guide.is_own(step):
            await self.guide.run_use_case()
        else:
            await self.guide.play(journey)
        self.pause.cut()

    def _still(self, step: Step) -> None:
        """What was played has to show soon. Raises ConsoleError."""
        self.looks += 1
        if self.wanted.play and self.looks >= PATIENT:
            title = words.step_title(self.guide.partner, self.guide.walk, step)
            raise ConsoleError(
                _("{step}: this was done, and nothing of it is seen.").format(step=title),
                _("Look at it without --play; the same command goes on."),
                Exit.FINDINGS,
            )

    def _say(self, text: str) -> None:
        """A line for the person; as JSON there is none."""
        if not self.wanted.as_json:
            say(text)
