"""What the actions do that work in every panel.

Other screens are imported when they are wanted: the first one shall not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from console import actions
from console.errors import Exit
from console.i18n import N_, _
from console.screens import handover_actions

if TYPE_CHECKING:
    from console.screens.main import MainScreen


PARTS = {
    "tracks": N_("Use cases"),
    "filter": N_("Filter"),
    "changes": N_("Records"),
    "fields": N_("Fields of the record"),
    "tickets-list": N_("Tickets"),
    "secrets": N_("Credentials"),
    "words": N_("What the last test found"),
    "runs": N_("Runs"),
    "chain-rows": N_("Objects"),
    "chain-causes": N_("Causes"),
    "chain-detail": N_("Links of the object"),
}
"""What can be jumped to within a panel, with its name (source texts of the catalogue)."""


def handlers(screen: MainScreen) -> Mapping[str, Callable[[], None]]:
    """Action id -> what it does on this screen."""
    panels = {f"panel.{scope}": partial(screen.go, scope) for scope in actions.PANELS}
    return panels | {
        "help": partial(_help, screen),
        "palette": partial(_palette, screen),
        "quit": partial(leave, screen),
        "check": screen.start_check,
        "mask": partial(_mask, screen),
        "unlock": partial(_unlock, screen),
        "calls": partial(_calls, screen),
        "debug": partial(_debug, screen),
        "report": partial(_report, screen),
        "report_day": partial(_report, screen, today=True),
        "jump": partial(_jump, screen),
        "theme": screen.host.next_theme,
        "customer": screen.host.choose,
        "new_customer": screen.host.add_customer,
        "forget": partial(_forget, screen),
        "handover": partial(handover_actions.hand_over, screen),
        "arrival": partial(handover_actions.take_in, screen),
    }


def leave(screen: MainScreen) -> None:
    """Quit; while something is being written, ask how."""
    from console.screens.small_dialogs import QuitDialog

    if isinstance(screen.app.screen, QuitDialog):
        return  # it is being asked already
    if any(screen.cockpit.writing):
        screen.app.push_screen(QuitDialog(screen.cockpit), partial(_left, screen))
    else:
        screen.host.end()


def _left(screen: MainScreen, answer: str | None) -> None:
    if answer == "stop":
        for track in screen.cockpit.writing:
            track.stop.set()
    if answer in ("stop", "wait"):
        screen.host.end_when_done(screen.cockpit)
        screen.notify(_("Einzug ends when the run has."), markup=False)
    elif answer == "leave":  # unless the run has ended meanwhile, work is left
        screen.host.end(Exit.INTERRUPTED if any(screen.cockpit.writing) else Exit.OK)


def _help(screen: MainScreen) -> None:
    from console.screens.help import HelpScreen

    screen.app.push_screen(HelpScreen(screen.panel.SCOPE))


def _calls(screen: MainScreen) -> None:
    from console.screens.calls import CallsScreen

    screen.app.push_screen(CallsScreen(screen.cockpit))


def _debug(screen: MainScreen) -> None:
    from console.screens.debug import DebugScreen

    screen.app.push_screen(DebugScreen(screen.host))


def _report(screen: MainScreen, *, today: bool = False) -> None:
    from console.screens.report_action import write

    screen.run_worker(
        write(screen, today=today), group="report", description="report: write", exit_on_error=False
    )


def _palette(screen: MainScreen) -> None:
    from console.screens.palette import PaletteScreen

    def chosen(id_: str | None) -> None:
        if id_ is not None:
            screen.action_do(id_)

    screen.app.push_screen(PaletteScreen(screen.all_offers()), chosen)


def _jump(screen: MainScreen) -> None:
    from console.screens.jump import JumpScreen

    def chosen(target: str | None) -> None:
        if target in actions.PANELS:
            screen.go(target)
        elif target is not None:
            screen.query_one(f"#{target}").focus()

    screen.app.push_screen(JumpScreen(targets(screen)), chosen)


def targets(screen: MainScreen) -> list[tuple[str, str]]:
    """Where one can jump to: the panels, and what can be focused in the one that is shown."""
    panels = [(scope, _(actions.get(f"panel.{scope}").label)) for scope in actions.PANELS]
    parts = [widget for widget in screen.panel.query("*") if widget.focusable and widget.display]
    return panels + [(str(w.id), _(PARTS[str(w.id)])) for w in parts if w.id in PARTS]


def _mask(screen: MainScreen) -> None:
    from console.screens.small_dialogs import SureDialog

    cockpit = screen.cockpit

    def confirmed(sure: bool | None) -> None:
        if sure:
            _set_mask(screen, masked=False)

    if cockpit.masked and cockpit.live:
        question = _("Show personal data of real people on this screen?")
        screen.app.push_screen(SureDialog(question, _("Show")), confirmed)
    else:
        _set_mask(screen, masked=not cockpit.masked)


def _set_mask(screen: MainScreen, *, masked: bool) -> None:
    screen.cockpit.masked = masked
    screen.cockpit.changed()
    text = _("Personal data is masked.") if masked else _("Personal data is shown.")
    screen.notify(text, markup=False)


def _forget(screen: MainScreen) -> None:
    from console.screens.forget_dialog import ForgetDialog

    def answered(sure: bool | None) -> None:
        if sure:
            screen.host.forget(screen.cockpit.workspace.customer.key)

    screen.app.push_screen(ForgetDialog(screen.cockpit, screen.host.doors), answered)


def why_not(screen: MainScreen, id_: str) -> str | None:
    """Why an action that works everywhere is not possible now; None when it is."""
    cockpit, doors = screen.cockpit, screen.host.doors
    match id_:
        case "panel.tickets" if "tickets" in cockpit.absent:
            return _("No tickets are agreed with any partner.")
        case "check" if cockpit.checking:
            return _("The checks are running.")
        case "unlock" if not cockpit.live:
            return _("In practice nothing is locked.")
        case "customer" | "new_customer" | "forget" | "handover" | "arrival" if any(cockpit.writing):
            return _("Something is being written: wait for it, or stop it first.")
        case "new_customer" | "arrival" if doors.locked:
            return _("This run is locked to one customer.")
        case "customer" if doors.locked or len(doors.customers) < 2:
            return _("There is no other customer in this run.")
        case "forget" | "handover" | "arrival" if cockpit.checking or any(
            track.busy for track in cockpit.tracks.values()
        ):
            return _("Work is under way: wait for it.")
    return None


def _unlock(screen: MainScreen) -> None:
    from console.screens.small_dialogs import UnlockDialog

    def typed(answer: str | None) -> None:
        if answer is None:
            return
        if screen.cockpit.unlock(answer):
            screen.notify(_("Writing is unlocked for 30 minutes."), severity="warning", markup=False)
        else:
            text = _("That is not the customer's key; nothing was unlocked.")
            screen.notify(text, severity="error", markup=False)

    screen.app.push_screen(UnlockDialog(screen.cockpit), typed)
