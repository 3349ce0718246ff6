"""Settings made from the tables of the configuration by the type hints of their dataclasses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest

from console.config_coerce import coerce
from console.config_lines import locate
from console.config_model import At
from console.errors import ConfigError


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    depth: int = 1


@dataclass(frozen=True)
class Settings:
    separator: str
    flag: bool = False
    count: int = 1
    rate: float = 1.0
    share: Decimal = Decimal(0)
    folder: Path | None = None
    words: tuple[str, ...] = ()
    mandanten: tuple[str, ...] | Literal["all"] = ()
    colour: Colour = Colour.RED
    owner: Literal["einzug", "hub"] = "einzug"
    labels: Mapping[str, str] = field(default_factory=dict)
    inner: Inner = Inner()

    def __post_init__(self) -> None:
        if self.count > 9:
            raise ValueError("count: at most 9")


def at(text: str = "") -> At:
    return At(Path("/etc/einzug/config.toml"), (), locate(text))


def made(text: str, **defaults: Any) -> Settings:
    return coerce(Settings, tomllib.loads(text), at(text), defaults=defaults)


def test_settings_are_made_by_their_type_hints() -> None:
    one = made(
        'separator = "/"\nflag = true\ncount = 2\nrate = 3\nshare = 0.1\nfolder = "x"\nwords = ["a"]\n'
        'mandanten = "all"\ncolour = "red"\nowner = "hub"\nlabels = { x = "y" }\ninner.depth = 4'
    )
    assert one.folder == Path("/etc/einzug/x")
    assert (one.rate, one.share, one.words, one.mandanten) == (3.0, Decimal("0.1"), ("a",), "all")
    assert (one.colour, one.labels["x"], one.inner) == (Colour.RED, "y", Inner(4))
    assert isinstance(one.rate, float)


def test_what_the_customer_agreed_fills_the_gaps_and_nothing_else() -> None:
    assert made("", separator="-", mandanten=("10",), language="de") == made(
        'separator = "-"\nmandanten = ["10"]'
    )
    assert made('separator = "."', separator="-").separator == "."


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("flag = 1", "flag"), ("count = true", "count"), ("count = 1.5", "count"), ("rate = inf", "rate"),
        ('rate = "1"', "rate"), ("share = nan", "share"), ('share = "x"', "share"), ("folder = 1", "folder"),
        ('words = "a"', "words"), ("words = [1]", "words.0"), ('mandanten = "10"', "mandanten"),
        ("mandanten = [10]", "mandanten.0"), ('colour = "blue"', "colour"), ('owner = "huub"', "owner"),
        ("labels = 3", "labels"), ("labels = { x = 3 }", "labels.x"),
        ("inner = { depth = 'x' }", "inner.depth"),
        ("count = 10", "count"), ("sepp = 1", "sepp"), ('folder = "~nobody-here/x"', "folder"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_with_its_line(line: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(f'separator = "/"\n{line}')
    assert [(p.line, p.key) for p in caught.value.problems] == [(2, key)]
    assert all(p.sentence(language) for p in caught.value.problems for language in ("de", "en"))


def test_the_message_of_a_settings_class_is_kept() -> None:
    with pytest.raises(ConfigError) as caught:
        made('separator = "/"\ncount = 10')
    assert caught.value.lines("en") == ("/etc/einzug/config.toml:2: count: Found: 10. at most 9",)


def test_keys_that_belong_to_somebody_else_are_passed_over_and_serve_as_suggestions() -> None:
    table = {"separator": "/", "url": "x", "urll": "y"}
    with pytest.raises(ConfigError) as caught:
        coerce(Settings, table, at(), besides=("url",))
    assert [p.nearest for p in caught.value.problems] == ["url"]
