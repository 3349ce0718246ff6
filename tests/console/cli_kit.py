"""What the tests of the command line share: a running office, and ways to call ``einzug`` on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from console.credentials import variable
from console.practice import CUSTOMER, secrets_of

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "console")
LONGEST_S = "3600"  # the session's sandbox outlives the slowest run of all tests


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as the JSON it has to be."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Office:
    """Running sandboxes: the ready line, and the configuration written for them."""

    line: Mapping[str, Any]
    config: Path

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Call the sandboxes' control API."""
        url = self.line["control"] + path
        # Plain http: without "verify" each call would load all certificates for nothing.
        answer = httpx.request(method, url, json=body, trust_env=False, verify=False)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def reset(self) -> None:
        """Empty Bots4You, take away all faults, forget the requests so far."""
        self.control("POST", "/objects/bots4you/reset", {})
        self.control("DELETE", "/faults")
        self.control("DELETE", "/requests/bots4you")

    def held(self, entity: str) -> list[dict[str, Any]]:
        """What Bots4You holds."""
        found: list[dict[str, Any]] = self.control("GET", f"/state/bots4you/{entity}")
        return found

    def variables(self) -> dict[str, str]:
        """The variables that lead a command here."""
        found = {"EINZUG_CONFIG": str(self.config)}
        for partner, entry in self.line["partners"].items():
            for name, value in secrets_of(entry).items():
                found[variable(CUSTOMER, partner, name)] = value
        return found

    def changed(self, folder: Path, *edits: tuple[str, str]) -> Path:
        """A copy of the configuration with texts replaced."""
        text = self.config.read_text(encoding="utf-8")
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        path = folder / "changed.toml"
        path.write_text(text, encoding="utf-8")
        return path


@contextmanager
def process(
    *arguments: str, env: Mapping[str, str] | None = None, **how: Any
) -> Iterator[subprocess.Popen[str]]:
    """``einzug`` as a process of its own; whatever happens, it does not outlive the block."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    with subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT, env={**os.environ, **(env or {})}, text=True, encoding="utf-8", **streams,
    ) as running:  # fmt: skip
        try:
            yield running
        finally:
            running.kill()  # does nothing to one that has ended


def called(*arguments: str, env: Mapping[str, str] | None = None, **how: Any) -> Told:
    """Run ``einzug`` as a process of its own to its end."""
    with process(*arguments, env=env, **how) as running:
        out, err = running.communicate(timeout=60)
    return Told(running.returncode, out or "", err or "")
