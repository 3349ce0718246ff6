"""What a plan is limited to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Selection:
    """What a plan is limited to. ``scope`` is target field -> value, ``only`` are external ids.

    ``fields`` (entity -> names) are the only ones that may change, None for all; ``fix`` is the key of the
    check whose finding a plan with such limits mends.
    """

    scope: Mapping[str, str] = field(default_factory=dict)
    only: frozenset[str] | None = None
    fields: Mapping[str, tuple[str, ...]] | None = None
    fix: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return not self.scope and self.only is None and self.fields is None


EVERYTHING = Selection()
