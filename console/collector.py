"""Python's collector of garbage, at the start of the screens.

What is imported never becomes garbage, and looking through all of it, again and again, costs time at the
start and holds up the screens later: a full collection looks at everything that was not put aside.
"""

from __future__ import annotations

import gc


def pause() -> None:
    """Do not collect while everything is being imported."""
    gc.disable()


def settle() -> None:
    """Put aside for good what is there now, and collect as usual from here on."""
    gc.freeze()
    gc.enable()
