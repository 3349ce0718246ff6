"""A program on a real terminal of its own: tmux on a private socket, with bounded waits."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.console.cli_kit import ROOT

WAIT_S = 60.0
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Pane:
    """The terminal of one program."""

    socket: str
    folder: Path

    def tmux(self, *arguments: str) -> str:
        """Run a tmux command on this socket."""
        command = ["tmux", "-L", self.socket, "-f", os.devnull, *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=20, check=True
        )
        return done.stdout

    def text(self) -> str:
        """What is on the screen."""
        return self.tmux("capture-pane", "-p", "-t", "it")

    def keys(self, *names: str) -> None:
        """Press keys as tmux names them."""
        self.tmux("send-keys", "-t", "it", *names)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        self.tmux("resize-window", "-t", "it", "-x", str(width), "-y", str(height))

    def until(self, *words: str) -> str:
        """Wait until all these words stand on the screen; the screen is shown when they never do."""
        text, end = "", time.monotonic() + WAIT_S
        while time.monotonic() < end:
            text = self.text()
            if all(word in text for word in words):
                return text
            if "ended with" in text:
                break
            time.sleep(LOOK_S)
        raise AssertionError(f"never seen together: {words}\n{text}")

    def pid(self) -> int:
        """The process id of the program."""
        return int((self.folder / "pid").read_text(encoding="ascii"))


@contextmanager
def pane(
    folder: Path, *command: str, size: tuple[int, int] = (120, 36), env: Mapping[str, str] | None = None
) -> Iterator[Pane]:
    """Run a command in tmux; afterwards the screen tells its exit code as ``ended with CODE``."""
    socket = f"einzug-{os.getpid()}-{folder.name}"[:60]
    here = Pane(socket, folder)
    script = folder / "run.sh"
    lines = [f"export {name}='{value}'" for name, value in (env or {}).items()]
    call = " ".join(f"'{word}'" for word in command)
    pid = folder / "pid"
    lines += [f"cd '{ROOT}'", f'sh -c \'echo $$ > "{pid}"; exec "$@"\' sh {call}', 'echo "ended with $?"']
    script.write_text("\n".join([*lines, "sleep 60", ""]), encoding="utf-8")
    width, height = map(str, size)
    here.tmux("new-session", "-d", "-s", "it", "-x", width, "-y", height, "sh", str(script))
    try:
        yield here
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True, check=False, timeout=20)
