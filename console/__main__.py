"""``python -m console`` and the installed command ``einzug``."""

from __future__ import annotations

import os
import sys
import threading

from console import __version__

EXIT_S = 1.5
"""Seconds that the process may still take once everything is said."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    _prepare_streams()
    code = _run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # nobody reads any more; what Python would flush at its end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if threading.active_count() > 1:  # one of them may hang: in a name's look-up, in a network drive
        from console.threads import end_within

        end_within(EXIT_S, code)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:  # asked by scripts, and often: answered before anything is imported
        print(f"einzug {__version__}")
        return 0
    from console.cli import run

    return run(arguments)


def _prepare_streams() -> None:
    """Streams that are closed lead nowhere, and no character is ever too much for one.

    What a program reads is UTF-8 on every system, unless somebody chose otherwise.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  (for good)
        elif stream.isatty() or "PYTHONIOENCODING" in os.environ:
            stream.reconfigure(errors="replace")
        else:
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    main()
