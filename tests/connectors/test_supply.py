"""What a source does not carry is told field by field of a mapping."""

from __future__ import annotations

from typing import Any

from connectors.contract import EntityInfo
from connectors.immomio.entities import TENANT_MAPPING, VACANCY_MAPPING
from connectors.supply import unsupplied


class _Source:
    """A source of these entities."""

    def __init__(self, *infos: EntityInfo) -> None:
        self._infos = infos

    def entities(self) -> tuple[EntityInfo, ...]:
        """What it carries."""
        return self._infos


def _lacking(mapping: Any, *infos: EntityInfo) -> set[str]:
    source: Any = _Source(*infos)
    return set(unsupplied(source, mapping))


def test_a_field_lacks_what_one_of_its_origins_lacks() -> None:
    operating = EntityInfo("vacancy", ("operating_costs", "energy"))
    found = _lacking(VACANCY_MAPPING, operating)
    assert {"operatingCosts", "coldRent", "energyKind", "energyHotWater"} <= found
    assert not {"baseRent", "totalRent", "title"} & found


def test_one_part_of_a_field_may_be_lacking_alone() -> None:
    found = _lacking(VACANCY_MAPPING, EntityInfo("vacancy", ("energy.value", "address.street")))
    assert found == {"energyValue", "street"}


def test_the_same_name_in_another_entity_means_nothing() -> None:
    assert _lacking(VACANCY_MAPPING, EntityInfo("unit", ("title",))) == set()
    assert _lacking(TENANT_MAPPING, EntityInfo("person", ("language",))) == {"language"}
    assert _lacking(TENANT_MAPPING, EntityInfo("person")) == set()
