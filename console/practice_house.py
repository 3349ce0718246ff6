"""The practice company ready to be opened: running sandboxes, a configuration, credentials in memory."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from console.config import parse
from console.config_model import Config
from console.credentials import MemorySecrets
from console.demo import sandboxes
from console.practice import CUSTOMER, Practice, config_text, secrets_of

SITTING_S = 12 * 3600.0
"""The sandboxes end by themselves after this long, should nobody be left to end them."""


@dataclass(frozen=True, slots=True)
class PracticeHouse:
    """What is needed to open the practice company; ``folder`` is private and goes with it."""

    config: Config
    path: Path
    secrets: MemorySecrets
    folder: Path


@asynccontextmanager
async def practice_house(practice: Practice) -> AsyncIterator[PracticeHouse]:
    """The practice company for as long as the body runs. Raises ConsoleError, OSError."""
    with tempfile.TemporaryDirectory(prefix="einzug-practice-", ignore_cleanup_errors=True) as folder:
        async with sandboxes(practice, SITTING_S, quiet=True) as ready:
            path = Path(folder) / "config.toml"
            text = config_text(ready)
            path.write_text(text, encoding="utf-8")
            secrets = MemorySecrets()
            for partner, entry in ready["partners"].items():
                secrets.set(CUSTOMER, partner, "practice", secrets_of(entry))
            yield PracticeHouse(parse(text, path), path, secrets, Path(folder))
