"""Who is there: our own partners and sources, and third parties through their entry points."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.contract import Action, Change, Result, Text
from connectors.partner import Partner, Source
from connectors.registry import (
    UnknownConnector,
    partner,
    partner_keys,
    source,
    source_keys,
    third_party_package,
)
from connectors.texts import LANGUAGES, render
from connectors.wrappers import Journaled, Retrying
from tests.connectors.conformance import PATIENCE, Notes, Subject, at_once, opened
from tests.connectors.test_conformance import TARGETS

Install = Callable[[str, str], None]


def test_every_partner_and_source_of_ours_is_what_it_says() -> None:
    assert "bots4you" in partner_keys()
    for key in partner_keys():
        assert isinstance(partner(key), Partner)
        assert partner(key).key == key
    for key in source_keys():
        assert isinstance(source(key), Source)
        assert source(key).key == key


@pytest.mark.parametrize(("ask", "known"), [(partner, partner_keys), (source, source_keys)])
def test_an_unknown_key_is_answered_with_the_known_ones(
    ask: Callable[[str], object], known: Callable[[], tuple[str, ...]]
) -> None:
    with pytest.raises(UnknownConnector) as caught:
        ask("spaceship")
    assert (caught.value.key, caught.value.known) == ("spaceship", known())


def test_a_third_party_joins_by_being_installed(install: Install) -> None:
    assert "toy" not in partner_keys()
    install("toy", "tests.connectors.toy:partner")
    assert partner_keys() == tuple(sorted(partner_keys()))
    assert {"toy", "bots4you"} <= set(partner_keys())
    found = partner("toy")
    assert (found.key, found.name) == ("toy", "Toy")
    for language in LANGUAGES:
        assert render(Text(found.secrets[0].hint), language)


def test_a_third_party_does_not_take_the_place_of_ours(install: Install) -> None:
    install("bots4you", "tests.connectors.toy:partner")
    assert partner("bots4you").name == "Bots4You"
    assert partner_keys().count("bots4you") == 1
    assert third_party_package("bots4you") is None


@pytest.mark.parametrize("entry", ["tests.connectors.toy.client:Toy", "tests.connectors.toy:partner"])
def test_an_entry_that_is_no_partner_or_another_one_is_refused_by_name(install: Install, entry: str) -> None:
    install("gadget", entry)
    with pytest.raises(TypeError, match="gadget"):
        partner("gadget")


@pytest.fixture
def toy(toy_installed: None) -> Subject:
    """The toy as the registry finds it."""
    subject = next(subject for subject in TARGETS if subject.key == "toy")
    assert partner("toy").connect is subject.connect
    return subject


async def test_a_partner_that_doubles_every_repeated_create_gets_each_once(
    toy: Subject, tmp_path: Path
) -> None:
    """The first answers are lost after the creates took effect: sending them again would make doubles."""
    entity = toy.writable[0]
    creates = [Change(Action.CREATE, "item", f"new/{n}", after=entity.sample) for n in range(30)]
    async with opened(toy, tmp_path, "cut-after,method=POST,count=9") as scene:
        stack = Retrying(Journaled(scene.target, Notes()), PATIENCE, at_once)
        outcomes = await stack.apply_many(creates)
        assert all(outcome.ok for outcome in outcomes)
        assert sum(outcome.result is Result.ALREADY for outcome in outcomes) == 9
        assert {scene.creates("item")[change.id] for change in creates} == {1}
    async with opened(toy, tmp_path, "cut-after,method=POST,count=1") as scene:
        blind = [await scene.target.apply(creates[0]) for _ in range(2)]
        assert [outcome.result for outcome in blind] == [Result.UNKNOWN, Result.DONE]
        assert scene.creates("item") == scene.creates("item") | {"new/0": 2}
