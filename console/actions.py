"""Every action of the screens, once: palette, footer, help, bindings and the key table derive from here."""

from __future__ import annotations

from collections.abc import Iterator

from console.action import Action as Action
from console.actions_chain import CHAIN
from console.actions_checklists import CHECKLISTS
from console.i18n import N_

ACTIONS: tuple[Action, ...] = (
    # everywhere
    Action("help", "question_mark", N_("Help"), N_("Explain this panel and its keys")),
    Action("palette", "ctrl+p", N_("Commands"), N_("Find every action by name"), footer=False),
    Action("quit", "ctrl+q", N_("Quit"), N_("Leave; asks while something is being written")),
    Action("panel.overview", "1", N_("Overview"), N_("All use cases at a glance"), footer=False),
    Action("panel.differences", "2", N_("Differences"), N_("The plan, record by record"), footer=False),
    Action("panel.tickets", "3", N_("Tickets"), N_("Every ticket with its hops"), footer=False),
    Action(
        "panel.checklists",
        "4",
        N_("Checklists"),
        N_("What is still to be settled before go-live"),
        footer=False,
    ),
    Action("panel.credentials", "5", N_("Credentials"), N_("Which credentials exist"), footer=False),
    Action("panel.protocol", "6", N_("History"), N_("Runs and their outcomes"), footer=False),
    Action(
        "check",
        "f5",
        N_("Check"),
        N_("Test connections, credentials and settings"),
        footer=False,
        command="check",
    ),
    Action("mask", "m", N_("Mask"), N_("Hide or show personal data on the screen"), footer=False),
    Action(
        "unlock",
        "ctrl+w",
        N_("Unlock"),
        N_("Allow writing outside practice for 30 minutes"),
        footer=False,
        danger=True,
    ),
    Action("calls", "f9", N_("Calls"), N_("Every call made to ERP and partners"), footer=False),
    Action(
        "debug",
        "f12",
        N_("Debug"),
        N_("Versions, paths, settings; made for support"),
        footer=False,
        command="info",
    ),
    Action(
        "report",
        "f6",
        N_("Report"),
        N_("Write the go-live report into the customer's folder, as HTML and PDF"),
        footer=False,
        command="report",
    ),
    Action(
        "report_day",
        "f7",
        N_("Day"),
        N_("Write the protocol of today, one page, as HTML and PDF"),
        footer=False,
        command="report --since today",
    ),
    Action("jump", "j", N_("Jump"), N_("Jump to a part of the screen by letter"), footer=False),
    Action("theme", "f3", N_("Theme"), N_("Next colour theme"), footer=False),
    Action("customer", "f2", N_("Customer"), N_("Choose another customer"), footer=False),
    Action(
        "new_customer",
        "f4",
        N_("New customer"),
        N_("Set up another customer by a few questions"),
        footer=False,
        command="init",
    ),
    Action(
        "forget",
        "f8",
        N_("Forget"),
        N_("Delete everything local about this customer"),
        footer=False,
        danger=True,
        command="forget",
    ),
    Action(
        "handover",
        "H",
        N_("Hand over"),
        N_("Hand the customer over to a colleague in one sealed file, or take it back"),
        footer=False,
        command="handover export",
    ),
    Action(
        "arrival",
        "I",
        N_("Take in"),
        N_("Take a customer in from a file that a colleague wrote"),
        footer=False,
        danger=True,
        command="handover import",
    ),
    # overview
    Action("overview.plan", "p", N_("Plan"), N_("Compare this use case"), "overview", command="plan"),
    Action("overview.open", "enter", N_("Open"), N_("Show its plan, or make one"), "overview"),
    Action(
        "overview.next",
        "n",
        N_("Next step"),
        N_("Do what the line below the table says, whichever row is chosen"),
        "overview",
        footer=False,
    ),
    Action("overview.apply", "a", N_("Apply"), N_("Write its plan"), "overview", danger=True, command="sync"),
    Action(
        "overview.walk",
        "t",
        N_("Test"),
        N_("Guided test: do it step by step, each step is ticked once it is seen"),
        "overview",
        command="test-tenant",
    ),
    Action(
        "overview.live",
        "g",
        N_("Go live"),
        N_("Let this use case go live, or take it back from the hub"),
        "overview",
        footer=False,
        danger=True,
        command="go-live",
    ),
    Action(
        "overview.sample",
        "k",
        N_("Sample"),
        N_("Look some records of every kind through, both sides beside each other"),
        "overview",
        footer=False,
        command="sample",
    ),
    Action("overview.stop", "s", N_("Stop"), N_("Stop safely: what is under way is finished"), "overview"),
    # differences
    Action("diff.plan", "p", N_("Plan"), N_("Compare anew"), "differences", command="plan"),
    Action(
        "diff.scope",
        "P",
        N_("Part"),
        N_("Compare only a part, e.g. one Mandant"),
        "differences",
        footer=False,
        command="plan --scope",
    ),
    Action(
        "diff.exclude",
        "E",
        N_("Leave out"),
        N_("Leave an archive or a category out for good"),
        "differences",
        footer=False,
        command="plan --exclude",
    ),
    Action(
        "diff.apply",
        "a",
        N_("Apply"),
        N_("Write the plan, or what is selected"),
        "differences",
        danger=True,
        command="sync",
    ),
    Action(
        "diff.retry",
        "r",
        N_("Retry"),
        N_("Plan anew what failed"),
        "differences",
        command="sync --retry-failed",
    ),
    Action("diff.stop", "s", N_("Stop"), N_("Stop safely: what is under way is finished"), "differences"),
    Action(
        "diff.filter", "slash", N_("Filter"), N_("Filter by text; ! inverts, /…/ is a pattern"), "differences"
    ),
    Action(
        "diff.action", "t", N_("Action"), N_("Next action: new, changed, gone, skipped, all"), "differences"
    ),
    Action("diff.rule", "g", N_("Rule"), N_("Next rule"), "differences", footer=False),
    Action("diff.sort", "o", N_("Sort"), N_("Sort by action, id or result"), "differences", footer=False),
    Action("diff.select", "x", N_("Select"), N_("Select or deselect the record"), "differences"),
    Action(
        "diff.select_all", "X", N_("All"), N_("Select everything that is shown"), "differences", footer=False
    ),
    Action("diff.why", "w", N_("Why"), N_("Say in plain words why this is planned"), "differences"),
    Action("diff.value", "space", N_("Value"), N_("Show the whole value"), "differences", footer=False),
    Action("diff.copy", "y", N_("Copy"), N_("Copy the record"), "differences", footer=False),
    Action(
        "diff.export",
        "e",
        N_("Export"),
        N_("Export what is shown as CSV or XLSX"),
        "differences",
        footer=False,
        command="plan --csv",
    ),
    Action("diff.next", "n", N_("Next"), N_("Next use case with a plan"), "differences", footer=False),
    # tickets
    Action("ticket.open", "enter", N_("Open"), N_("Both sides of this ticket"), "tickets"),
    Action(
        "ticket.pass",
        "p",
        N_("Pass"),
        N_("Bring the tickets across once; what it would do is shown first"),
        "tickets",
        danger=True,
        command="tickets",
    ),
    Action(
        "ticket.trip",
        "n",
        N_("Test"),
        N_("Acceptance ticket: follow one hop by hop"),
        "tickets",
        command="roundtrip",
    ),
    Action(
        "ticket.watch",
        "w",
        N_("Watch"),
        N_("Make a pass in the agreed interval, or end that"),
        "tickets",
        danger=True,
        command="tickets --watch",
    ),
    Action(
        "ticket.retry",
        "r",
        N_("Retry"),
        N_("Try what was held back again"),
        "tickets",
        danger=True,
        command="tickets --retry-failed",
    ),
    Action("ticket.filter", "slash", N_("Filter"), N_("Filter by text"), "tickets"),
    Action("ticket.partner", "t", N_("Partner"), N_("Tickets of the next partner"), "tickets"),
    Action(
        "ticket.stop",
        "s",
        N_("Stop"),
        N_("Stop safely: what is under way is finished"),
        "tickets",
        footer=False,
    ),
    Action(
        "ticket.live",
        "g",
        N_("Go live"),
        N_("Let the tickets of this partner go live, or take them back from the hub"),
        "tickets",
        footer=False,
        danger=True,
        command="go-live",
    ),
    *CHECKLISTS,
    # credentials
    Action(
        "cred.set", "s", N_("Set"), N_("Store a credential, hidden"), "credentials", command="credentials set"
    ),
    Action("cred.test", "t", N_("Test"), N_("Try the connection"), "credentials", command="check"),
    Action(
        "cred.forget",
        "d",
        N_("Forget"),
        N_("Remove a partner's credentials"),
        "credentials",
        danger=True,
        command="credentials forget",
    ),
    Action(
        "cred.read", "r", N_("Reload"), N_("Ask the keyring again"), "credentials", command="credentials show"
    ),
    Action("cred.where", "w", N_("Where"), N_("Where the customer finds it"), "credentials"),
    # history
    Action("run.open", "enter", N_("Open"), N_("Every change of this run"), "protocol", command="runs"),
    Action(
        "run.undo", "u", N_("Undo"), N_("Plan to take this run back"), "protocol", danger=True, command="undo"
    ),
    Action(
        "run.continue", "c", N_("Continue"), N_("Go on with an interrupted run"), "protocol", command="sync"
    ),
    Action(
        "run.verify",
        "v",
        N_("Verify"),
        N_("Has anybody changed the journal?"),
        "protocol",
        command="runs --verify",
    ),
    Action("run.filter", "slash", N_("Filter"), N_("Filter by text"), "protocol"),
    Action(
        "run.export",
        "e",
        N_("Export"),
        N_("Export what is shown as CSV"),
        "protocol",
        footer=False,
        command="runs --json",
    ),
    *CHAIN,
)

PANELS = ("overview", "differences", "tickets", "checklists", "credentials", "protocol")
"""The panels, in the order of their digits."""

FURTHER = ("chain",)
"""Panels that are opened by a letter."""

EVERY = PANELS + FURTHER


def opener(scope: str) -> Action:
    """The action that opens a panel."""
    return get("overview.chain" if scope == "chain" else f"panel.{scope}")


def of(scope: str) -> Iterator[Action]:
    """The actions of a panel, then those that work everywhere."""
    yield from (action for action in ACTIONS if action.scope == scope)
    if scope:
        yield from (action for action in ACTIONS if not action.scope)


def get(id_: str) -> Action:
    """The action with this id. Raises KeyError."""
    for action in ACTIONS:
        if action.id == id_:
            return action
    raise KeyError(id_)


def key_table() -> str:
    """All keys as a Markdown table, for the documentation."""
    lines = ["| key | action | where | what it does | command |", "|---|---|---|---|---|"]
    for action in ACTIONS:
        command = f"`einzug {action.command}`" if action.command else ""
        where = action.scope or "everywhere"
        key = action.shown_key.replace("|", "\\|")
        lines.append(f"| `{key}` | {action.label} | {where} | {action.help} | {command} |")
    return "\n".join(lines)
