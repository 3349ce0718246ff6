"""Every rule is there once, in both languages, and nobody cites one that does not exist."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.rules import RuleKind, rule, rules, sentence

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = """
    C1 C2 C3 C4 C5 C6
    B1 B2 B3 B4 B5 B6 B7 B8 B9 B10 B11 B12 B13 B14 B15 B16 B17 B18
    I1 I2 I3 I4 I5 I6 I7 I8 I9 I10 I11 I12 I13 I14 I15 I16 I17 I18 I19 I20 I21 I22
    X0 X1 X1m X2 X3 X4 X5 X6 X7 X8 X9 X10 X11 X12 X13 X14 X15 X15m X16 X17 X18 X19 X20 X20m X21 X22
    A0 A1 A2 A3 A4 A5 A6 A7
    O1 O2 O3 O4 O5 O6 O7 O8 O9 O10
"""
IDS = EXPECTED.split()
MANUAL = "C6 B8 B11 B12 B13 B14 B15 B17 I18 X1m X10 X14 X15m X19 X20m O5 O6 O7 O9"
MENDABLE = "X2 X4 X5 X7 X8 X9 X11 X13 X15 X16 X17 X18 X20 X21 X22 O2 O4 O8"
SHAPE = re.compile(r"[CBIXAO]\d{1,2}m?")
PROSE = re.compile(r"\brules? ((?:[A-Z]\d+m?(?:, | and | or | )?)+)")
PACKAGES = ("connectors", "console", "checklists", "tests", "scripts")


def test_the_table_holds_every_rule_and_no_other() -> None:
    assert list(rules()) == IDS


def test_each_rule_says_in_both_languages_what_it_demands() -> None:
    for found in rules().values():
        for text in (found.de, found.en):
            assert text.endswith("."), found.id
            assert 30 < len(text) < 340, found.id
            assert text == " ".join(text.split()), found.id
        assert found.de != found.en


def test_no_two_rules_share_a_sentence() -> None:
    assert len({r.de for r in rules().values()}) == len({r.en for r in rules().values()}) == len(IDS)


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        (RuleKind.MANUAL, MANUAL.split()),
        (RuleKind.AUTO_FIX, MENDABLE.split()),
        (RuleKind.GUIDED, ["I11", "A7"]),
        (RuleKind.SIMULATE, ["X6", "X12"]),
        (RuleKind.INFO, ["B9", "B16", "A0"]),
    ],
)
def test_a_rule_that_is_not_automatic_says_who_can_tell(kind: RuleKind, ids: list[str]) -> None:
    assert sorted(r.id for r in rules().values() if r.kind is kind) == sorted(ids)


def test_a_sentence_comes_in_the_language_asked_for() -> None:
    assert sentence("B4", "de") == rule("B4").de
    assert sentence("B4", "en") == rule("B4").en
    assert sentence("B4") == sentence("B4", "de")


def test_an_unknown_id_names_the_nearest_ones() -> None:
    with pytest.raises(KeyError, match=r"no rule 'B33'; nearest: .*B3"):
        rule("B33")


def test_the_table_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        rules()["C1"] = rule("C2")  # type: ignore[index]  # the point of the test


# --- nobody cites an unknown rule ---------------------------------------------------------------------


def cited_in_python(source: str) -> Iterator[str]:
    """Rule ids in ``rule=``, ``rules=``, in strings that look like an id, and in prose ("rule C3")."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in ("rule", "rules"):
            yield from (t for t in _texts(node.value) if t)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if SHAPE.fullmatch(node.value):
                yield node.value
            yield from _in_prose(node.value)
    for line in source.splitlines():
        yield from _in_prose(line.partition("#")[2])


def cited_in_toml(source: str) -> Iterator[str]:
    """The values of every key ``rule`` and ``rules`` at any depth."""

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("rule", "rules") and isinstance(value, str | list):
                    yield from [value] if isinstance(value, str) else map(str, value)
                else:
                    yield from walk(value)
        elif isinstance(node, list):
            for entry in node:
                yield from walk(entry)

    return walk(tomllib.loads(source))


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal strings of a value: alone, in a tuple or list, or in the arms of a conditional."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _texts(part)
        case ast.IfExp(body=left, orelse=right):
            yield from _texts(left)
            yield from _texts(right)


def _in_prose(text: str) -> Iterator[str]:
    for found in PROSE.finditer(text):
        yield from re.findall(r"[A-Z]\d+m?", found[1])


@pytest.mark.parametrize(
    "planted",
    [
        'Skipped("tenant", "1", rule="B99", reason=r)',
        'Check("k", rules=("C1", "Z1"), run=f)',
        'Check("k", rules=["C9"], run=f)',
        'skip("B3" if known else "B44")',
        'skip(rule="B3" if known else "later")',
        'RULE = "O11"',
        '"""Follows rules C1, C2 and C77."""',
        "x = 1  # because of rule X99",
    ],
)
def test_the_scanner_sees_a_planted_unknown_rule_in_code(planted: str) -> None:
    assert set(cited_in_python(planted)) - set(IDS)


@pytest.mark.parametrize(
    "planted", ['[a]\nrule = "B99"', '[[item]]\nrules = ["C1", "C99"]', '[a.b]\nx = [{rule = "?"}]']
)
def test_the_scanner_sees_a_planted_unknown_rule_in_data(planted: str) -> None:
    assert set(cited_in_toml(planted)) - set(IDS)


def test_the_scanner_takes_other_text_for_no_rule() -> None:
    assert not set(cited_in_python('cell("AB12"); street("C 1"); f(key="rule")  # rules as data'))
    assert not set(cited_in_toml('[columns]\nA1 = "x"\n[rules.more]\nname = "y"'))


def _files(suffix: str) -> list[Path]:
    return [path for folder in PACKAGES for path in sorted((ROOT / folder).rglob(f"*{suffix}"))]


def test_nobody_cites_an_unknown_rule() -> None:
    """This file is left out: it plants unknown ones."""
    unknown = []
    for path in [*_files(".py"), *_files(".toml")]:
        if path == Path(__file__).resolve():
            continue
        text = path.read_text(encoding="utf-8")
        cited = cited_in_python(text) if path.suffix == ".py" else cited_in_toml(text)
        unknown += [f"{path.relative_to(ROOT)}: {id_}" for id_ in cited if id_ not in rules()]
    assert unknown == []


def test_the_scan_reaches_the_code_that_cites_rules() -> None:
    cited = {id_ for path in _files(".py") for id_ in cited_in_python(path.read_text(encoding="utf-8"))}
    assert {"C1", "C2", "C3", "C5", "B3"} <= cited
