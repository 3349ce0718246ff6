"""The actions of panel 4; the table of all actions takes them in."""

from __future__ import annotations

from console.action import Action
from console.i18n import N_

CHECKLISTS: tuple[Action, ...] = (
    Action(
        "list.answer",
        "enter",
        N_("Answer"),
        N_("Answer the item; on a list: fold or unfold it"),
        "checklists",
        command="checklist answer",
    ),
    Action(
        "list.evidence",
        "e",
        N_("Evidence"),
        N_("Attach a file or a note"),
        "checklists",
        command="checklist answer --file",
    ),
    Action(
        "list.open", "o", N_("Open only"), N_("Show only what is open or blocks, or everything"), "checklists"
    ),
    Action("list.next", "b", N_("Blocks"), N_("Go to the next item that blocks"), "checklists"),
    Action(
        "list.check", "r", N_("Check"), N_("Run the check of this item again"), "checklists", command="check"
    ),
    Action(
        "list.fix",
        "f",
        N_("Fix"),
        N_("Plan what mends the finding of this item"),
        "checklists",
        command="fix",
    ),
    Action(
        "list.walk", "t", N_("Test"), N_("Start the guided test that answers for this item"), "checklists"
    ),
    Action("list.filter", "slash", N_("Filter"), N_("Filter by text"), "checklists"),
    Action(
        "list.aside",
        "n",
        N_("Not needed"),
        N_("Say with a reason that the item does not apply here"),
        "checklists",
        footer=False,
        command="checklist answer --not-applicable",
    ),
    Action(
        "list.accept",
        "a",
        N_("Accept"),
        N_("Accept the failure of a check, with a reason and a name"),
        "checklists",
        footer=False,
        command="checklist answer --accept",
    ),
    Action(
        "list.save",
        "s",
        N_("Copies"),
        N_("Write copies of the files that are attached to the item"),
        "checklists",
        footer=False,
        command="checklist evidence",
    ),
    Action(
        "list.hand_out",
        "h",
        N_("Hand out"),
        N_("Open points as workbooks"),
        "checklists",
        footer=False,
        command="checklist export",
    ),
    Action(
        "list.take_in",
        "i",
        N_("Read in"),
        N_("Answers from a workbook that came back"),
        "checklists",
        footer=False,
        command="checklist import",
    ),
    Action(
        "list.trial",
        "v",
        N_("What if"),
        N_("Count what another choice would mean"),
        "checklists",
        footer=False,
        command="what-if",
    ),
    Action("list.fold", "space", N_("Fold"), N_("Fold or unfold the list"), "checklists", footer=False),
)
"""In the order of the footer."""
