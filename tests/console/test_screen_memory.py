from __future__ import annotations

from pathlib import Path

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


@given(st.one_of(st.binary(max_size=60), st.recursive(
    st.none() | st.booleans() | st.text(max_size=3), lambda s: st.dictionaries(st.text(max_size=9), s, max_size=3)
).map(lambda v: __import__("json").dumps({"version": 1, "customers": v}).encode())))  # fmt: skip
def test_whatever_the_file_holds_the_view_is_usable(tmp_path_factory, content: bytes) -> None:  # type: ignore[no-untyped-def]  # pytest's own factory
    folder = tmp_path_factory.mktemp("view")
    (folder / NAME).write_bytes(content)
    assert isinstance(recall(folder, "one"), Remembered)
