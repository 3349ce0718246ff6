"""What was written is compared with what the target shows, record by record or in one reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from connectors.contract import Record
from console.planner import TARGET, scratch
from console.sync.events import deaf
from console.sync.reading import collect
from console.sync.verify import Mismatch, expected_line, mismatches
from tests.console.engine_kit import CODEC, record


async def shown(folder: Path, *records: Record, expected: dict[str, str | None]) -> list[Mismatch]:
    """The mismatches between what was written (None: deleted) and these records of the target."""

    async def reading() -> AsyncIterator[Record]:
        for one in records:
            yield one

    lines = [
        expected_line("flat", id_, None if name is None else CODEC.payload("flat", {"name": name}))
        for id_, name in sorted(expected.items())
    ]
    with await collect(
        reading(),
        TARGET,
        CODEC,
        scratch=scratch(folder),
        scope={},
        counts=Counter(),
        listener=deaf,
    ) as actual:
        return mismatches(lines, actual, CODEC)


async def test_what_is_missing_still_there_or_rewritten_is_named_and_the_rest_ignored(tmp_path: Path) -> None:
    there = [record("a", name="x"), record("b", name="X"), record("c", name="x"), record("z", name="x")]
    wanted = {"a": "x", "b": "x", "c": None, "d": "x", "e": None}
    assert await shown(tmp_path, *there, expected=wanted) == [
        Mismatch("flat", "b", ("name",)),
        Mismatch("flat", "c"),
        Mismatch("flat", "d"),
    ]


async def test_a_record_that_stands_there_twice_with_different_values_is_a_mismatch(tmp_path: Path) -> None:
    doubled = [record("a", name="x"), record("a", name="y"), record("b", name="x")]
    assert await shown(tmp_path, *doubled, expected={"a": "x", "b": "x"}) == [Mismatch("flat", "a")]
