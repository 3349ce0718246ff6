from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from console.safe import CUT, cell_width
from console.text_diff import Piece, excerpt, pieces
from console.widgets.field_diff import FieldDiff, ShownField, field_lines


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_a_text_are_the_text(old: str, new: str) -> None:
    was, will = pieces(old, new)
    assert "".join(piece.text for piece in was) == old
    assert "".join(piece.text for piece in will) == new


@given(st.text(max_size=60), st.text(max_size=60))
def test_what_is_not_marked_is_the_same_in_both(old: str, new: str) -> None:
    was, will = pieces(old, new)
    assert [p.text for p in was if not p.differs] == [p.text for p in will if not p.differs]
    if old == new:
        assert not any(piece.differs for piece in (*was, *will))


def test_only_the_differing_words_are_marked() -> None:
    was, will = pieces("3. OG links, Lindenhof", "3. OG rechts, Lindenhof")
    assert [piece.text for piece in was if piece.differs] == ["links"]
    assert [piece.text for piece in will if piece.differs] == ["rechts"]


def test_very_long_texts_are_compared_as_one_difference_between_what_they_share() -> None:
    old = "head " + " ".join(f"a{n}" for n in range(5000)) + " tail"
    new = "head " + " ".join(f"b{n}" for n in range(5000)) + " tail"
    was, _ = pieces(old, new)
    assert [piece.differs for piece in was] == [False, True, False]


@given(st.text(max_size=200), st.text(max_size=200), st.integers(10, 60))
def test_an_excerpt_fits_and_shows_the_first_difference(old: str, new: str, width: int) -> None:
    was, _ = pieces(old, new)
    shown = excerpt(was, width)
    assert sum(cell_width(piece.text) for piece in shown) <= max(width, 0) or shown == was
    if any(piece.differs for piece in was) and old.isascii() and old.isprintable():
        assert any(piece.differs for piece in shown)


def test_what_stands_before_the_first_difference_is_cut() -> None:
    was, _ = pieces("x" * 100 + " old", "x" * 100 + " new")
    shown = excerpt(was, 30)
    assert shown[0] == Piece(CUT, differs=False)
    assert shown[-1] == Piece("old", differs=True)


def test_a_field_is_three_lines_with_signs_that_work_without_colour() -> None:
    head, old, new = field_lines(ShownField("email", "", "a@example.org", "person.emails", "B10"), 60)
    assert head.plain == "  email  person.emails  B10"
    assert old.plain.startswith("  - ∅")
    assert new.plain == "  + a@example.org"


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield FieldDiff()


async def test_the_cursor_walks_through_the_fields_and_is_always_seen() -> None:
    fields = [ShownField(f"field{n}", "a [/b]", "a [red]c\x1b[31m", "", "B3") for n in range(20)]
    app = Shown()
    async with app.run_test(size=(50, 12)) as pilot:
        diff = app.query_one(FieldDiff)
        diff.show([Content("above")], fields)
        diff.focus()
        await pilot.press("end")
        assert diff.field == 19
        await pilot.pause()
        assert diff.scroll_offset.y == 1 + 20 * 3 - 12
        await pilot.press("home")
        await pilot.pause()
        assert (diff.field, diff.scroll_offset.y) == (0, 0)
        diff.show([], fields[:1])
        assert diff.field == 0
        diff.show([], [])
        assert diff.field is None


async def test_a_new_record_wastes_no_lines_on_old_values() -> None:
    app = Shown()
    async with app.run_test(size=(50, 12)):
        diff = app.query_one(FieldDiff)
        diff.show([], [ShownField("a", "", "1", "", ""), ShownField("b", "", "2", "", "")])
        text = str(diff.query_one(Static).content)
        assert text.split("\n") == ["> a", "  + 1", "  b", "  + 2"]
