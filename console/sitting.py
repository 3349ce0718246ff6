"""How a session behaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.problems import Owner, Problem, Trouble
from connectors.wrappers import Patience, Sleep, sleep
from console.sync.events import Listener, Waiting, deaf

HELD = Problem("http.held", Trouble.LIMIT, Owner.NOBODY)


@dataclass(frozen=True, slots=True)
class Sitting:
    """How long a session goes on when something fails, and who hears about it."""

    patience: Patience = field(default_factory=Patience)
    wait: Sleep = sleep
    listener: Listener = deaf

    def pausing(self, seconds: float) -> bool:
        """A limiter waits so long still; False once somebody has asked to stop."""
        self.listener(Waiting(seconds, HELD, 1))
        return not self.patience.stopped()
