"""Every exception that reaches the top becomes one or two lines on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from connectors.problems import Failure, Problem, Trouble
from connectors.redaction import redact
from console.errors import ConsoleError, Exit
from console.i18n import _, language
from console.names import guard_words
from console.store.errors import StoreError
from console.sync.codec import CodecError
from console.syncer import STALE, GuardStop
from console.terminal import note
from console.views import sentences

SHOWN = 20
"""How many of equal-ranking problems are listed one by one."""

_CODES = {
    Trouble.CONFIG: Exit.USAGE,
    Trouble.SOURCE: Exit.USAGE,
    Trouble.REJECTED: Exit.FINDINGS,
    Trouble.MISSING: Exit.FINDINGS,
    Trouble.CONFLICT: Exit.FINDINGS,
}


def report(error: BaseException, *, debug: bool = False, data: Path | None = None) -> int:
    """Say what happened and what to do next; return the exit code. Groups of errors speak as their first.

    ``data`` is the data folder that was given; a crash leaves its report there.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    lines, code = _told(error, data)
    if debug:
        click.echo(_trace(error), err=True)
    for line in lines:
        note(line)
    return code


def exit_code(problem: Problem) -> Exit:
    """The exit code for a problem that ended a command."""
    return _CODES.get(problem.trouble, Exit.UNREACHABLE)


def _told(error: BaseException, data: Path | None) -> tuple[list[str], int]:
    match error:
        case ConsoleError():
            return [
                f"einzug: {line}" if not n else line for n, line in enumerate(error.lines(language()))
            ], error.code
        case StoreError():
            return [f"einzug: {error.render(language())[0]}", error.render(language())[1]], Exit.USAGE
        case Failure():
            return list(_failure(error)), exit_code(error.problem)
        case GuardStop():
            return list(_guards(error)), Exit.GUARD
        case CodecError():
            line = _("A record cannot be compared: {what}.").format(what=error)
            return [f"einzug: {line}"], Exit.USAGE
        case _:
            return _crash(error, data), Exit.CRASH


def _failure(failure: Failure) -> Iterator[str]:
    first, *rest = sentences(failure.problem, language())
    yield f"einzug: {first}"
    for problem in failure.details[:SHOWN]:
        yield "  " + " ".join(sentences(problem, language())[:1])
    if len(failure.details) > SHOWN:
        yield "  " + _("… and {count} more").format(count=len(failure.details) - SHOWN)
    yield from rest


def _guards(stop: GuardStop) -> Iterator[str]:
    yield "einzug: " + _("Stopped by a safety guard; nothing was written.")
    for guard in stop.guards:
        yield f"  {guard.named}: {guard_words(stop.partner, guard)}"
    if any(guard.key == STALE.key for guard in stop.guards):
        yield _("Make a new plan and look at it: einzug plan")
        return
    yield _("If this is intended, repeat with: {options}").format(
        options=" ".join(f"--accept {guard.named}" for guard in stop.guards)
    )


def _crash(error: BaseException, data: Path | None) -> list[str]:
    path = _crash_file(error, data)
    return [
        "einzug: " + _("This should not have happened ({kind}).").format(kind=type(error).__name__),
        _("A report without personal data lies in {path}.").format(path=path)
        if path
        else _("Repeat with --debug to see where."),
    ]


def _crash_file(error: BaseException, data: Path | None) -> Path | None:
    """Write the redacted traceback where the user can find it; None where even that fails."""
    from console.paths import places
    from console.store.atomic import write_atomically
    from console.store.places import new_folder

    try:
        folder = new_folder(places(os.environ, data=data).data / "crashes")
        path = folder / f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
        write_atomically(path, _trace(error).encode())
    except (OSError, ConsoleError):
        return None
    return path


def _trace(error: BaseException) -> str:
    """The traceback without local variables and, since a message may quote a value, with types only."""
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__))
    cause = f" <- {type(error.__cause__).__name__}" if error.__cause__ else ""
    head = f"Einzug, Python {sys.version.split()[0]}, {sys.platform}\n"
    return redact(head + "".join(frames.format()) + type(error).__name__ + cause)
