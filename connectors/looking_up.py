"""What a look-up tells of a change of unknown outcome: all of it arrived, a part, or nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.contract import Action, Change, EntityMapping, Record, Value
from connectors.equality import equal, field_changes


def arrived(change: Change, record: Record | None, mapping: EntityMapping | None) -> bool:
    """Whether the target holds what the change was to bring about, by the mapping's equality."""
    if change.action is Action.DELETE or change.after is None:
        return record is None
    return record is not None and _holds(record, change.after, mapping)


def begun_by(change: Change, record: Record | None, mapping: EntityMapping | None) -> bool:
    """Whether a record that an update was sent for is no longer what the update was planned on."""
    if record is None or change.action is not Action.UPDATE or change.before is None:
        return False
    former = {name: change.before[name] for name in change.after or {} if name in change.before}
    return not _holds(record, former, mapping)


def instead(change: Change, found: Record, mapping: EntityMapping | None) -> Change:
    """The update to send where a create met a record; what stands there is what an undo brings back."""
    fields = field_changes(mapping, found.fields, change.after) if mapping else change.fields
    return replace(change, action=Action.UPDATE, before=dict(found.fields), fields=fields)


def _holds(record: Record, values: Mapping[str, Value], mapping: EntityMapping | None) -> bool:
    fields = {field.name: field for field in mapping.fields} if mapping else {}
    return all(
        held == value or (name in fields and equal(fields[name], held, value))
        for name, value in values.items()
        for held in (record.fields.get(name),)
    )
