"""What a source does not carry: the fields of a mapping of which it can say nothing."""

from __future__ import annotations

from typing import Any

from connectors.contract import EntityMapping, Reader


def unsupplied(source: Reader[Any], mapping: EntityMapping) -> frozenset[str]:
    """The fields that come, at least in part, from what the source declares as not supplied.

    A field names its origins as ``vacancy.net_cold_rent, vacancy.operating_costs``; of what has parts
    (``vacancy.energy.kind``) a source may lack one (``energy.kind``) or all (``energy``).
    """
    lacking = {f"{info.name}.{name}" for info in source.entities() for name in info.not_supplied}
    return frozenset(
        field.name
        for field in mapping.fields
        if any({path, path.rpartition(".")[0]} & lacking for path in field.source.split(", "))
    )
