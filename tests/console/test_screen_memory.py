from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.screen_memory import NAME, Remembered, forget, recall, remember


def test_a_view_comes_back_per_customer(tmp_path: Path) -> None:
    remember(tmp_path, "one", Remembered("protocol", {"protocol": {"filter": "!failed"}}))
    remember(tmp_path, "two", Remembered("overview"))
    assert recall(tmp_path, "one") == Remembered("protocol", {"protocol": {"filter": "!failed"}})
    assert recall(tmp_path, "two").panel == "overview"


def test_forgetting_leaves_the_others(tmp_path: Path) -> None:
    remember(tmp_path, "one", Remembered("protocol"))
    remember(tmp_path, "two", Remembered("overview"))
    forget(tmp_path, "one")
    assert recall(tmp_path, "one") == Remembered()
    assert recall(tmp_path, "two").panel == "overview"
    assert b"one" not in (tmp_path / NAME).read_bytes()


_json = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
_files = st.binary(max_size=60) | _json.map(lambda v: json.dumps({"version": 1, "customers": v}).encode())


@given(_files)
def test_whatever_the_file_holds_the_view_is_usable(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("view")
    (folder / NAME).write_bytes(content)
    assert isinstance(recall(folder, "one"), Remembered)
