"""A sync that is killed at any moment and started again loses nothing, doubles nothing, leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.kill_test import kill_rounds

ROUNDS = 10


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bulk", [True, False], ids=["bulk", "single"])
def test_ten_killed_and_resumed_syncs_end_as_if_nothing_had_happened(bulk: bool, tmp_path: Path) -> None:
    figures = kill_rounds(ROUNDS, units=60, bulk=bulk, seed=7, folder=tmp_path)
    assert figures.rounds == ROUNDS
    assert figures.kills >= ROUNDS
    assert figures.unclear > 0
