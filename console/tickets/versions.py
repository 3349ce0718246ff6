"""A comment that was edited after it had crossed: its new words follow as a comment of their own, once. Pure.

No side lets a comment of ours be changed. What stands there stays, and the new words are added below it with
CORRECTION before them. The versions of a comment are parts of their own: ``c7``, ``c7~2``, ``c7~3``. Whether
words have changed is seen by comparing with our copy on the other side; nothing is kept of them.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.tickets import Comment
from console.tickets.ops import Item, ItemKind, Known

CORRECTION = "Korrektur: "
"""What a tenant or clerk reads before the new words."""

MOST = 9
"""So many versions of a comment cross; more look like two systems that do not agree on a text."""

_MARK = "~"


def sent(known: Known, kind: ItemKind, comment: str) -> list[Item]:
    """The versions of a comment that have crossed or are held back, oldest first."""
    found: list[Item] = []
    while (item := known.items.get((kind, _id(comment, len(found) + 1)))) is not None:
        found.append(item)
    return found


def born(id_: str) -> str:
    """The comment that a version is of."""
    return id_.partition(_MARK)[0]


def words(id_: str, comment: Comment) -> str:
    """The words of a version as they are sent."""
    return comment.text if born(id_) == id_ else f"{CORRECTION}{comment.text}"


def says(copy: Comment, comment: Comment) -> bool:
    """Whether a copy of ours has the words of a comment, as they are or as a correction."""
    return any(same_text(text, comment.text) for text in (copy.text, copy.text.removeprefix(CORRECTION)))


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same; blanks and line ends mean nothing."""
    return one.split() == other.split()


def corrected(comment: Comment, versions: int) -> Comment:
    """The next version of a comment."""
    id_ = _id(comment.id, versions + 1)
    return replace(comment, id=id_, text=words(id_, comment))


def _id(comment: str, version: int) -> str:
    return comment if version == 1 else f"{comment}{_MARK}{version}"
