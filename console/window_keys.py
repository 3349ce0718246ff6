"""Every key of the windows, questions and tables, once: bindings, hints and documentation derive from here.

Panels and what works everywhere have actions (``console.actions``); a window has only these few keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from console.i18n import N_, _
from console.key_names import shown_key


@dataclass(frozen=True, slots=True)
class WindowKey:
    """One key, or several for the same. ``scope`` names the window, ``label`` what it does as a verb.

    ``does`` is the name of what Textual runs; "" where the widget that has the focus takes the key itself.
    """

    scope: str
    keys: str
    label: str
    does: str = ""

    @property
    def shown_keys(self) -> str:
        """The keys as people write them."""
        return " ".join(shown_key(key) for key in self.keys.split(","))


SCOPES = {
    "welcome": N_("First start"),
    "chooser": N_("Choice of a customer"),
    "wizard": N_("Questions for a new customer"),
    "run": N_("One run"),
    "walk": N_("Guided test"),
    "ticket": N_("One ticket"),
    "pass": N_("What a pass would do"),
    "trip": N_("Acceptance ticket"),
    "links": N_("Links of an object"),
    "letters": N_("Letters"),
    "calls": N_("Calls"),
    "debug": N_("Debug"),
    "help": N_("Help"),
    "palette": N_("Commands"),
    "jump": N_("Jump"),
    "why": N_("Why"),
    "value": N_("Whole value"),
    "apply": N_("Question before writing"),
    "scope": N_("Plan of a part"),
    "export": N_("Export"),
    "answer": N_("Answering an item"),
    "agreement": N_("Before real data is read"),
    "place": N_("Where copies go"),
    "hand_out": N_("Handing out open points"),
    "take_in": N_("Reading a workbook that came back"),
    "sample": N_("Sample check"),
    "note": N_("A word on a record"),
    "trial": N_("What another choice would mean"),
    "secret": N_("Typing a credential"),
    "sure": N_("Are you sure?"),
    "golive": N_("Going live"),
    "handover": N_("Handing over"),
    "takeback": N_("Taking a customer back"),
    "arrival": N_("Taking a customer in"),
    "unlock": N_("Unlock"),
    "forget": N_("Forget a customer"),
    "proof": N_("What was deleted"),
    "leave": N_("Quit during a run"),
    "table": N_("All tables"),
    "fields": N_("Fields of the record"),
    "filter": N_("Filter line"),
}
"""The windows and widgets with keys of their own, by name (source texts of the catalogue)."""

_CLOSES = N_("closes")
_NOTHING = N_("changes nothing")

KEYS: tuple[WindowKey, ...] = (
    WindowKey("welcome", "up,down", N_("choose")),
    WindowKey("welcome", "enter", N_("goes on")),
    WindowKey("welcome", "p", N_("opens the practice company"), "practice"),
    WindowKey("welcome", "n", N_("sets up the first customer"), "wizard"),
    WindowKey("welcome", "i", N_("takes a customer in from a file"), "take_in"),
    WindowKey("welcome", "escape,q,ctrl+q", N_("quits"), "leave"),
    WindowKey("chooser", "v", N_("shows the names")),
    WindowKey("chooser", "a … z", N_("search")),
    WindowKey("chooser", "backspace", N_("takes a letter back"), "rub_out"),
    WindowKey("chooser", "up,down", N_("choose")),
    WindowKey("chooser", "enter", N_("opens")),
    WindowKey("chooser", "escape,ctrl+q", N_("leaves"), "leave"),
    WindowKey("wizard", "enter", N_("goes on")),
    WindowKey("wizard", "escape,ctrl+q", N_("ends without writing"), "leave"),
    WindowKey("run", "slash", N_("filters"), "filter"),
    WindowKey("run", "e", N_("exports as CSV"), "export"),
    WindowKey("run", "escape", _CLOSES, "leave"),
    WindowKey("walk", "enter", N_("begins with this object")),
    WindowKey("walk", "slash", N_("filters"), "filter"),
    WindowKey("walk", "y", N_("copies the link"), "copy"),
    WindowKey("walk", "s", N_("lets the sandbox do the step"), "play"),
    WindowKey("walk", "p", N_("plans the use case"), "plan"),
    WindowKey("walk", "r", N_("looks at once"), "look"),
    WindowKey("walk", "n", N_("ends it, for a new one"), "give_up"),
    WindowKey("walk", "escape", N_("closes; it goes on"), "leave"),
    WindowKey("ticket", "r", N_("reads both sides anew"), "reload"),
    WindowKey("ticket", "up,down,pageup,pagedown,home,end", N_("scroll")),
    WindowKey("ticket", "escape,q", _CLOSES, "leave"),
    WindowKey("pass", "enter", N_("makes the pass"), "make"),
    WindowKey("pass", "escape", _NOTHING, "leave"),
    WindowKey("trip", "enter", N_("begins"), "begin"),
    WindowKey("trip", "r", N_("looks at once"), "look"),
    WindowKey("trip", "x", N_("ends it and cleans up"), "give_up"),
    WindowKey("trip", "n", N_("begins a new one"), "again"),
    WindowKey("trip", "escape", N_("closes; what runs goes on"), "leave"),
    WindowKey("links", "up,down,pageup,pagedown,home,end", N_("scroll")),
    WindowKey("links", "escape,enter,q", _CLOSES, "leave"),
    WindowKey("letters", "n", N_("shows the next one"), "next"),
    WindowKey("letters", "y", N_("copies"), "copy"),
    WindowKey("letters", "s", N_("saves all as files"), "save"),
    WindowKey("letters", "up,down,pageup,pagedown,home,end", N_("scroll")),
    WindowKey("letters", "escape,q", _CLOSES, "leave"),
    WindowKey("calls", "y", N_("copies the line"), "copy"),
    WindowKey("calls", "e", N_("exports all as CSV"), "export"),
    WindowKey("calls", "escape,f9", _CLOSES, "app.pop_screen"),
    WindowKey("debug", "y", N_("copies"), "copy"),
    WindowKey("debug", "escape,f12", _CLOSES, "app.pop_screen"),
    WindowKey("help", "escape,question_mark,q", _CLOSES, "app.pop_screen"),
    WindowKey("palette", "down", N_("goes down"), "move(1)"),
    WindowKey("palette", "up", N_("goes up"), "move(-1)"),
    WindowKey("palette", "enter", N_("runs it")),
    WindowKey("palette", "escape", _CLOSES, "leave"),
    WindowKey("jump", "a … z", N_("jump")),
    WindowKey("jump", "escape", _CLOSES, "leave"),
    WindowKey("why", "escape,w,q,enter", _CLOSES, "leave"),
    WindowKey("value", "r", N_("shows a masked value for a moment"), "reveal"),
    WindowKey("value", "escape,space,q,enter", _CLOSES, "leave"),
    WindowKey("apply", "enter", N_("writes once every number is typed")),
    WindowKey("apply", "escape", _NOTHING, "leave"),
    WindowKey("scope", "enter", N_("compares")),
    WindowKey("scope", "escape", _NOTHING, "leave"),
    WindowKey("export", "enter", N_("exports")),
    WindowKey("export", "space", N_("masks or unmasks")),
    WindowKey("export", "escape", _NOTHING, "leave"),
    WindowKey("answer", "enter", N_("leads on; on the button it stores")),
    WindowKey("answer", "space", N_("chooses")),
    WindowKey("answer", "escape", N_("stores nothing"), "leave"),
    WindowKey("hand_out", "space", N_("chooses")),
    WindowKey("hand_out", "enter", N_("leads on; on the button it writes")),
    WindowKey("hand_out", "escape", _NOTHING, "leave"),
    WindowKey("take_in", "enter", N_("reads the file")),
    WindowKey("take_in", "x", N_("chooses what is kept")),
    WindowKey("take_in", "k", N_("keeps what is chosen"), "keep"),
    WindowKey("take_in", "escape", _CLOSES, "leave"),
    WindowKey("sample", "r", N_("right"), "mark('right')"),
    WindowKey("sample", "w", N_("wrong"), "mark('wrong')"),
    WindowKey("sample", "n", N_("notes something"), "mark('note')"),
    WindowKey("sample", "N", N_("draws another one"), "again"),
    WindowKey("sample", "escape", _CLOSES, "leave"),
    WindowKey("note", "enter", N_("keeps it")),
    WindowKey("note", "escape", N_("says nothing"), "leave"),
    WindowKey("trial", "space", N_("chooses or leaves out"), "choose"),
    WindowKey("trial", "t", N_("takes the choice over"), "take_over"),
    WindowKey("trial", "r", N_("reads the ERP anew"), "reload"),
    WindowKey("trial", "escape", _CLOSES, "leave"),
    WindowKey("agreement", "enter", N_("takes the button")),
    WindowKey("agreement", "escape", N_("reads nothing"), "leave"),
    WindowKey("place", "enter", N_("writes")),
    WindowKey("place", "escape", _NOTHING, "leave"),
    WindowKey("secret", "enter", N_("stores it")),
    WindowKey("secret", "escape", N_("leaves it"), "leave"),
    WindowKey("sure", "enter", N_("takes the button")),
    WindowKey("sure", "escape", _NOTHING, "leave"),
    WindowKey("golive", "enter", N_("leads on; on the button it goes live")),
    WindowKey("golive", "up,down,pageup,pagedown", N_("scroll")),
    WindowKey("golive", "escape", _NOTHING, "leave"),
    WindowKey("handover", "enter", N_("leads on; on the button it writes the file")),
    WindowKey("handover", "escape", _NOTHING, "leave"),
    WindowKey("takeback", "enter", N_("takes it back")),
    WindowKey("takeback", "escape", _NOTHING, "leave"),
    WindowKey("arrival", "enter", N_("leads on; on the button it reads the file")),
    WindowKey("arrival", "escape", _NOTHING, "leave"),
    WindowKey("unlock", "enter", N_("unlocks")),
    WindowKey("unlock", "escape", N_("leaves it"), "leave"),
    WindowKey("forget", "enter", N_("deletes")),
    WindowKey("forget", "escape", _NOTHING, "leave"),
    WindowKey("proof", "enter,escape", N_("leads to the choice of a customer"), "leave"),
    WindowKey("leave", "enter", N_("takes the button")),
    WindowKey("leave", "escape", N_("stays"), "stay"),
    WindowKey("table", "up,down,pageup,pagedown,home,end", N_("move the cursor")),
    WindowKey("table", "enter", N_("opens")),
    WindowKey("table", "x", N_("selects or deselects")),
    WindowKey("table", "X,ctrl+a", N_("selects everything that is shown")),
    WindowKey("table", "escape", N_("deselects everything")),
    WindowKey("fields", "up,down,home,end", N_("move the cursor")),
    WindowKey("fields", "escape", N_("leads back to the table")),
    WindowKey("filter", "enter,down", N_("keeps the filter and leads to the table")),
    WindowKey("filter", "escape", N_("shows everything again")),
)


def of(scope: str) -> Iterator[WindowKey]:
    """The keys of a window."""
    return (key for key in KEYS if key.scope == scope)


def hint(scope: str, only: Collection[str] | None = None) -> str:
    """The keys of a window in a line, or ``only`` some: ``/ filters, e exports as CSV, Esc closes.``"""
    first = [(key.keys.split(",")[0], key.label) for key in of(scope)]
    return ", ".join(f"{shown_key(key)} {_(label)}" for key, label in first if not only or key in only) + "."


def key_table() -> str:
    """All of them as a Markdown table, for the documentation."""
    lines = ["| key | where | what it does |", "|---|---|---|"]
    lines += [f"| `{key.shown_keys}` | {_(SCOPES[key.scope])} | {_(key.label)} |" for key in KEYS]
    return "\n".join(lines)
