"""The agreement that comes before everything: who may process personal data for the customer, and since when.

Where real data would be read and nobody has recorded it, it is asked for first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checklists.loader import shipped
from checklists.model import Item
from console.readiness import Facts, State, standing
from console.store.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.store.said import Answer
    from console.workspace import Workspace

LIST, ITEM = "data_protection", "data_protection.consultant_agreement"
SETTLED = (State.DONE, State.NOT_APPLICABLE)


def agreement() -> Item:
    """The item that asks for it; a list of the user's cannot take it away."""
    return next(item for one in shipped() if one.id == LIST for item in one.items if item.id == ITEM)


def unsettled(workspace: Workspace) -> bool:
    """Whether real data would be read before somebody has recorded the agreement, or said why none is needed.

    An answer of another key counts: it is there, though it cannot be read here. Blocks briefly. Raises
    StoreError.
    """
    if workspace.connections.practice:
        return False
    with workspace.store() as conn:
        said = Answers(conn, workspace.vault, workspace.folder).history(ITEM)
    return not said.unreadable and state_of(said.latest) not in SETTLED


def needs_consent(workspace: Workspace) -> bool:
    """Whether somebody has to agree to readable storage before the answer can be kept. Raises StoreError."""
    with workspace.store() as conn:
        return Answers(conn, workspace.vault, workspace.folder).needs_consent


def state_of(answers: Mapping[str, Answer]) -> State:
    """How the item stands, whatever lists are in force."""
    nothing = frozenset[str]()
    facts = Facts(nothing, nothing, "", "", lambda _name: None, answers, {}, nothing, datetime.now(UTC))
    return standing(LIST, agreement(), facts).state
