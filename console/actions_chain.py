"""The actions of the panel of chains, and the one on the overview that opens it."""

from __future__ import annotations

from console.action import Action
from console.i18n import N_

CHAIN: tuple[Action, ...] = (
    Action(
        "overview.chain",
        "c",
        N_("Chain"),
        N_("Show where the chain from an object to what people see is broken"),
        "overview",
        command="chain",
    ),
    Action("chain.open", "enter", N_("Open"), N_("All links of the object; of a cause its objects"), "chain"),
    Action("chain.causes", "g", N_("Causes"), N_("One line for all that one repair mends, or each"), "chain"),
    Action("chain.fix", "f", N_("Fix"), N_("Plan what mends this link"), "chain", command="fix"),
    Action(
        "chain.confirm",
        "c",
        N_("Confirm"),
        N_("Confirm by hand what only a person can see: this one, the selected ones, or the whole cause"),
        "chain",
        command="checklist answer --subject",
    ),
    Action(
        "chain.letters",
        "l",
        N_("Letters"),
        N_("Requests and work lists that follow from it, ready to be sent"),
        "chain",
        command="chain --letters",
    ),
    Action("chain.read", "r", N_("Read"), N_("Look at every object anew"), "chain", command="chain"),
    Action("chain.link", "t", N_("Link"), N_("Only objects that are broken at the next link"), "chain"),
    Action("chain.filter", "slash", N_("Filter"), N_("Filter by text"), "chain"),
    Action(
        "chain.export",
        "e",
        N_("Export"),
        N_("Export what is shown as CSV or XLSX"),
        "chain",
        footer=False,
        command="chain --csv",
    ),
    Action("chain.web", "u", N_("Browser"), N_("Open the object at the partner"), "chain", footer=False),
    Action("chain.select", "x", N_("Select"), N_("Select or deselect the object"), "chain", footer=False),
    Action("chain.select_all", "X", N_("All"), N_("Select everything that is shown"), "chain", footer=False),
    Action("chain.next", "n", N_("Next"), N_("The next chain"), "chain", footer=False),
)
