"""Edits of a configuration file: the value changes, everything a person wrote stays."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.config import example_config, load
from console.config_edit import add_customer, remove, set_value
from console.errors import ConfigError, ProblemKind

TEXT = """# top

[customers.a]
name = "A"   # why
# language = "en"

# about the erp
[customers.a.erp]
source = "files"   # kind
folder = 'x'

# about b
[customers.b]
name = "B"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(TEXT.encode())
    return path


def text(path: Path) -> str:
    return path.read_bytes().decode()


def test_a_value_is_replaced_and_its_comment_stays(file: Path) -> None:
    set_value(file, ("customers", "a", "name"), 'Ä "x" \\ \u202e')
    assert text(file) == TEXT.replace('"A"', tomlkit.item('Ä "x" \\ \u202e').as_string())
    assert load(file).customers["a"].name == 'Ä "x" \\ \u202e'


def test_a_new_key_stands_with_its_table_and_above_the_comment_of_the_next_one(file: Path) -> None:
    set_value(file, ("customers", "a", "mandanten"), ["10", "20"])
    assert text(file) == TEXT.replace("# why\n", '# why\nmandanten = ["10", "20"]\n')


def test_a_new_table_is_added_behind_everything(file: Path) -> None:
    set_value(file, ("customers", "b", "bots4you", "use_cases", "master-data", "birth_date"), True)
    assert text(file) == TEXT + "\n[customers.b.bots4you.use_cases.master-data]\nbirth_date = true\n"


def test_a_table_goes_with_its_own_comment_and_no_other(file: Path) -> None:
    assert remove(file, ("customers", "a"))
    assert text(file) == '# top\n\n# about b\n[customers.b]\nname = "B"\n'
    assert not remove(file, ("customers", "a"))


def test_a_key_goes_alone(file: Path) -> None:
    assert remove(file, ("customers", "a", "erp", "folder"))
    assert text(file) == TEXT.replace("folder = 'x'\n", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[customers]\na.name = "A" # c\n', '[customers]\na.name = "A" # c\na.language = "en"\n'),
        ('[customers]\na = { name = "A" } # c\n', '[customers]\na = { name = "A", language = "en" } # c\n'),
        ('customers.a.name = "A"', 'customers.a.name = "A"\ncustomers.a.language = "en"\n'),
        ('[customers.a] # c', '[customers.a] # c\nlanguage = "en"\n'),
        ("", '[customers.a]\nlanguage = "en"\n'),
    ],
)  # fmt: skip
def test_every_notation_can_be_extended(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(before, encoding="utf-8")
    if "name" in before:
        set_value(path, ("customers", "a", "language"), "en")
        assert text(path) == after
        assert remove(path, ("customers", "a", "language"))
        assert tomllib.loads(text(path)) == tomllib.loads(before)
    elif before:
        set_value(path, ("customers", "a", "language"), "en")
        assert text(path) == after
    else:
        with pytest.raises(ConfigError):  # the name of the customer would be missing
            set_value(path, ("customers", "a", "language"), "en")


def test_windows_line_ends_byte_order_mark_and_mode_survive(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    set_value(file, ("customers", "a", "language"), "en")
    add_customer(file, "c", {"name": "C", "erp": {"source": "files", "folder": Path("x")}})
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert load(file).customers["c"].erp is not None
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o640


def test_a_customer_is_added_to_a_file_that_is_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    add_customer(path, "a", {"name": "A", "mandanten": ["10"], "bots4you": {"url": "http://127.0.0.1:1"}})
    assert load(path).customers["a"].partners["bots4you"].url == "http://127.0.0.1:1"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError):
        add_customer(path, "a", {"name": "twice"})


def test_an_edit_that_would_break_the_configuration_is_not_written(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        set_value(file, ("customers", "a", "separator"), "#")
    assert caught.value.problems[0].key == "customers.a.separator"
    with pytest.raises(ConfigError) as caught:
        set_value(file, ("customers", "a", "name", "first"), "x")
    assert caught.value.problems[0].kind is ProblemKind.REFUSED_EDIT
    with pytest.raises(ConfigError) as caught:
        set_value(file, ("customers", "a", "bots4you", "password"), "geh3im")
    assert "geh3im" not in str(caught.value)
    assert text(file) == TEXT


def test_a_file_with_a_problem_can_be_mended(file: Path) -> None:
    file.write_text(TEXT + "separator = 7\nlanguage = 3\n", encoding="utf-8")
    set_value(file, ("customers", "b", "separator"), "/")
    set_value(file, ("customers", "b", "language"), "de")
    assert load(file).customers["b"].separator == "/"


def test_a_failed_write_leaves_the_old_file_and_no_litter(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        set_value(file, ("customers", "a", "name"), "X")
    assert text(file) == TEXT
    assert [p.name for p in file.parent.iterdir() if p.is_file()] == ["config.toml"]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need rights elsewhere")
def test_a_symbolic_link_stays_one(file: Path) -> None:
    link = file.with_name("link.toml")
    link.symlink_to(file)
    set_value(link, ("customers", "a", "name"), "X")
    assert link.is_symlink()
    assert load(file).customers["a"].name == "X"


def test_the_example_survives_any_single_edit(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    comments = [line for line in example_config().splitlines() if line.startswith("#")]
    for keys in (("network", "timeout"), ("customers", "musterstadt", "bots4you", "burst")):
        path.write_bytes(example_config().encode())
        set_value(path, keys, 7)
        set_value(path, ("customers", "musterstadt", "immomio", "enabled"), False)
        assert remove(path, keys)
        assert [line for line in text(path).splitlines() if line.startswith("#")] == comments


# --- any document -------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c d", 'q"', "ü", "1"])
PLAIN = st.one_of(
    st.booleans(), st.integers(-99, 99), st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.dates(), st.lists(st.sampled_from(["x", "#", "]", '"']), max_size=3),
)  # fmt: skip
TREES = st.dictionaries(
    NAMES,
    st.recursive(PLAIN, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=8),
    max_size=4,
)


def commented(document: dict[str, Any], newline: str) -> str:
    """The document with a comment line before each table and at the end of each line that allows one."""
    lines = []
    # Only what TOML takes for the end of a line: a text may hold others (U+0085).
    for number, line in enumerate(tomlkit.dumps(document).split("\n")[:-1]):
        lines += [f"# above {number}", line] if line.startswith("[") else [f"{line}   # behind {number}"]
    return newline.join([*lines, "# last", ""])


def comments_of(content: str) -> list[str]:
    return [
        f"#{part.split('#')[-1]}".strip()
        for part in content.split("\n")
        if "# above" in part or "# behind" in part
    ]


def dotted_lines(tree: dict[str, Any], newline: str) -> str:
    """The plain values of a tree as ``customers.a.x.name = value``, without any header."""
    plain = {name: value for name, value in tree.items() if not isinstance(value, dict)}
    lines = [line for line in commented(plain, newline).split(newline)[:-1] if not line.startswith("#")]
    return newline.join(['customers.a.name = "A"', *(f"customers.a.x.{line}" for line in lines), ""])


def at(node: Any, keys: list[str]) -> Any:
    """What stands at a path: "blocked" where a plain value is in the way, None where nothing is."""
    for key in keys:
        if not isinstance(node, dict):
            return "blocked"
        node = node.get(key)
        if node is None:
            return None
    return node


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TREES, st.lists(NAMES, min_size=1, max_size=3), PLAIN, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_value_can_be_set_and_removed_while_every_comment_stays(
    tmp_path: Path, tree: dict[str, Any], names: list[str], value: Any, newline: str, dotted: bool
) -> None:
    path, keys = tmp_path / "any.toml", ["customers", "a", "x", *names]
    before = (
        dotted_lines(tree, newline)
        if dotted
        else commented({"customers": {"a": {"name": "A", "x": tree}}}, newline)
    )
    path.write_bytes(before.encode())
    there = at(tomllib.loads(before), keys)
    if isinstance(there, dict) or "blocked" in (there, at(tomllib.loads(before), keys[:-1])):
        with pytest.raises(ConfigError):
            set_value(path, keys, value)
        assert text(path) == before
        return
    set_value(path, keys, value)
    assert comments_of(text(path)) == comments_of(before)
    assert at(tomllib.loads(text(path)), keys) == value
    assert remove(path, keys)
    assert at(tomllib.loads(text(path)), keys) is None
    assert len(comments_of(before)) - len(comments_of(text(path))) <= (there is not None)
