"""What windows have in common: bindings made from the one table of keys, and what a crash in them means."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from console import window_keys


def window_bindings(scope: str) -> list[BindingType]:
    """The key bindings of a window; what the focused widget does by itself is left to it."""
    return [Binding(key.keys, key.does, key.label, show=False) for key in window_keys.of(scope) if key.does]


def crash_of_worker(_screen: Screen[Any], event: Worker.StateChanged) -> None:
    """A worker that failed for no reason we know is a crash: let it be treated as one.

    A window takes it as its ``on_worker_state_changed``.
    """
    if event.state is WorkerState.ERROR and event.worker.error is not None:
        raise event.worker.error
