"""Run something in a process of its own and see what it cost: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: children are started here, so that they import what is measured."""

MB = 1024 * 1024
_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process cost. ``peak`` is its largest resident size in bytes, ``out`` what it printed."""

    wall: float
    cpu: float
    peak: int
    code: int
    out: str

    def __str__(self) -> str:
        return f"{self.wall:.2f} s, processor {self.cpu:.2f} s, peak {self.peak / MB:.0f} MB"


def run(arguments: Sequence[str], *, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command in the checkout to its end; its standard error is passed on."""
    begun, before = time.perf_counter(), _of_children()
    process = psutil.Popen(
        arguments, cwd=ROOT, env={**os.environ, **(env or {})}, stdout=subprocess.PIPE, text=True
    )
    peak, cpu = 0, 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak, cpu
        while not ended.is_set():
            try:
                peak = max(peak, _resident(process))
                times = process.cpu_times()
            except psutil.Error:
                return  # it has just ended
            cpu = max(cpu, times.user + times.system)
            ended.wait(_EVERY_S)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    out = process.stdout.read()
    code = process.wait()
    wall = time.perf_counter() - begun
    ended.set()
    watcher.join()
    return Cost(wall, _of_children() - before or cpu, peak, code, out)


def _of_children() -> float:
    """Processor seconds of all children that have ended; 0 on Windows, which does not count them."""
    times = os.times()
    return times.children_user + times.children_system


def _resident(process: psutil.Popen) -> int:
    """The resident size; where the system keeps its peak (Linux), that."""
    status = Path(f"/proc/{process.pid}/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return int(process.memory_info().rss)


def python(module: str, *arguments: str, env: Mapping[str, str] | None = None) -> Cost:
    """Run a module of the checkout with this interpreter."""
    return run([sys.executable, "-m", module, *arguments], env=env)


def machine() -> str:
    """Day, machine and load in one line: figures mean nothing without."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load before {load:.1f}"
    )
