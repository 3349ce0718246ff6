"""Panel 5: which credentials exist, where they come from, and whether they work. Values never show."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from connectors.contract import Finding, Text, Verdict
from connectors.texts import render
from console.cockpit import Cockpit
from console.cockpit_credentials import Credential, CredentialShelf, Sources
from console.cockpit_words import told
from console.errors import ConsoleError
from console.i18n import _, language
from console.keyring_state import KeyringError, KeyringState, explain
from console.os_words import os_words
from console.safe import clean
from console.screens.panel import Panel, bindings
from console.screens.secret_dialog import SecretDialog
from console.screens.small_dialogs import SureDialog
from console.terminal import MARKS, environment_name, source_name
from console.widgets.record_model import Column, Rows, TableRow, Tone
from console.widgets.record_table import RecordTable
from console.widgets.safe_text import content

PATIENT_S = 2.0
"""After so many seconds without an answer the person is told that a window may be waiting."""

DETAILS = 5
STYLES = {Verdict.OK: "$success", Verdict.WARN: "$warning", Verdict.FAIL: "$error", Verdict.MANUAL: ""}


class CredentialsPanel(Panel):
    """The table of credentials, what is wrong with the keyring, and what a test found."""

    SCOPE = "credentials"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("credentials")]

    class SourcesRead(Message):
        """The keyring was asked; the answer holds names and origins only."""

        def __init__(self, sources: Sources) -> None:
            super().__init__()
            self.sources = sources

    class Changed(Message):
        """A credential was stored or forgotten; ``said`` tells which."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    class Refused(Message):
        """It could not be stored or forgotten; ``why`` tells."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    class Tested(Message):
        """A connection was tested; ``why`` is "" unless the test could not begin."""

        def __init__(self, party: str, why: str) -> None:
            super().__init__()
            self.party = party
            self.why = why

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__(cockpit)
        self._shelf = CredentialShelf(cockpit)
        self._sources: Sources | None = None
        self._asked_at: float | None = None
        self._where = False
        self._cursor = ""  # the credential under the cursor at the last start, until the rows are there
        self._impossible: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """What is wrong, the table, and the words below it."""
        yield Static(id="keyring", markup=False)
        empty = _("No party of this customer wants credentials. F5 checks the connections.")
        yield RecordTable(columns(), mark=Column(_("State"), 12), empty=empty, id="secrets")
        with VerticalScroll(id="words"):
            yield Static(id="answer", markup=False)

    def on_show(self) -> None:
        """Ask the keyring whenever the panel comes into sight: it may have been unlocked meanwhile."""
        self._ask()

    def show(self) -> None:
        """Redraw all three."""
        asking = None if self._asked_at is None else time.monotonic() - self._asked_at
        notice = self.query_one("#keyring", Static)
        words = keyring_words(self._sources, asking)
        notice.update(words)
        notice.display = bool(words.plain)
        rows = tuple(secret_row(c, self._sources, asking is not None) for c in self._shelf.wanted)
        table = self.query_one(RecordTable)
        table.set_source(Rows(rows))
        if self._cursor:
            table.move_to(self._cursor)
            self._cursor = ""
        self.query_one("#answer", Static).update(self._answer())

    @property
    def credential(self) -> Credential | None:
        """The credential under the cursor."""
        return self._shelf.get(self.query_one(RecordTable).cursor_key)

    def why_not(self, action: str) -> str | None:
        """Why an action is not possible for the credential under the cursor."""
        if action == "cred.read":
            return _("The keyring is being asked.") if self._asked_at is not None else None
        if self.credential is None:
            return _("There is no credential here.")
        match action:
            case "cred.set" | "cred.forget" if self._asked_at is not None:
                return _("The keyring is being asked.")
            case "cred.test" if self.cockpit.checking:
                return _("The checks are running.")
        return None

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """What the actions do."""
        return {
            "cred.set": self._set,
            "cred.test": self._test,
            "cred.forget": self._forget,
            "cred.where": self._toggle_where,
            "cred.read": self._ask,
        }

    def memory(self) -> dict[str, str]:
        """The cursor is restored."""
        return {"cursor": self.query_one(RecordTable).cursor_key or self._cursor}

    def recall(self, memory: Mapping[str, str]) -> None:
        """Take it up as soon as the rows are there."""
        self._cursor = memory.get("cursor", "")

    # -- asking and changing ------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._asked_at is None:
            self._begin(self._read(), "read")

    def _set(self) -> None:
        credential = self.credential
        if credential is not None:
            self.app.push_screen(SecretDialog(credential, lambda value: self._keep(credential, value)))

    def _keep(self, credential: Credential, value: str) -> None:
        self._begin(self._store(credential, value), f"store {credential.key}")

    def _forget(self) -> None:
        credential = self.credential
        if credential is None:
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._begin(self._remove(credential), f"forget {credential.party}")

        question = _(
            "Remove all stored credentials of {name} ({environment})? Without them it cannot connect."
        )
        text = question.format(name=credential.name, environment=environment_name(credential.environment))
        self.app.push_screen(SureDialog(text, _("Remove them")), answered)

    def _test(self) -> None:
        credential = self.credential
        if credential is not None:
            self._where = False
            self._impossible.pop(credential.party, None)
            party = credential.party
            self.reading(lambda: self._work(self._check(party), f"test {party}", "check"))

    def _toggle_where(self) -> None:
        self._where = not self._where
        self.show()

    def _begin(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self._asked_at = time.monotonic()
        self._work(work, what, "keyring")
        self.show()

    def _work(self, work: Coroutine[Any, Any, None], what: str, group: str) -> None:
        """The screen runs it, so that a crash is noticed there; the name holds no value."""
        self.screen.run_worker(work, group=group, description=f"{group}: {what}", exit_on_error=False)

    # -- in workers ---------------------------------------------------------------------------------------

    async def _read(self) -> None:
        self.post_message(self.SourcesRead(await self._shelf.read()))

    async def _store(self, credential: Credential, value: str) -> None:
        said = _("Stored: {field} of {name}.").format(field=credential.called, name=credential.name)
        await self._change(self._shelf.store(credential, value), said)

    async def _remove(self, credential: Credential) -> None:
        said = _("Removed: the credentials of {name}.").format(name=credential.name)
        await self._change(self._shelf.forget(credential.party), said)

    async def _change(self, change: Coroutine[Any, Any, None], said: str) -> None:
        try:
            await change
        except ConsoleError as error:
            self.post_message(self.Refused(" ".join(told(error))))
        except OSError as error:
            why = _("The credentials cannot be written: {why}.").format(why=os_words(error))
            self.post_message(self.Refused(why))
        else:
            self.post_message(self.Changed(said))
        await self._read()

    async def _check(self, party: str) -> None:
        report = await self.cockpit.check(party)
        why = self.cockpit.feed[-1].text if report is None else ""
        self.post_message(self.Tested(party, why))

    # -- what was answered --------------------------------------------------------------------------------

    def on_credentials_panel_sources_read(self, event: SourcesRead) -> None:
        """Show the answer of the keyring."""
        self._sources, self._asked_at = event.sources, None
        self.cockpit.changed()
        self.show()

    def on_credentials_panel_changed(self, event: Changed) -> None:
        """Say what was changed."""
        self.cockpit.say(event.said)
        self.notify(clean(event.said), markup=False)

    def on_credentials_panel_refused(self, event: Refused) -> None:
        """Say why nothing was changed."""
        self.notify(clean(event.why), title=_("Nothing was changed"), severity="error", markup=False)

    def on_credentials_panel_tested(self, event: Tested) -> None:
        """Show the findings."""
        self._impossible[event.party] = event.why
        self.show()

    def on_record_table_row_highlighted(self) -> None:
        """The words below belong to the party under the cursor."""
        self.query_one("#answer", Static).update(self._answer())

    def on_record_table_row_selected(self) -> None:
        """Enter sets."""
        if self.why_not("cred.set") is None:
            self._set()

    def _answer(self) -> Content:
        credential = self.credential
        if credential is None:
            return Content("")
        if self._where:
            return where_words(credential)
        if self.cockpit.checking:
            return content(_("{name} is being tested …").format(name=credential.name), "dim")
        if why := self._impossible.get(credential.party):
            return content(f"✗ {why}", "$error")
        findings = self.cockpit.findings.get(credential.party)
        if findings is None:
            text = _("{name} was not tested yet: t tries the connection.").format(name=credential.name)
            return content(text, "dim")
        return finding_words(credential.name, findings)


def columns() -> tuple[Column, ...]:
    """The columns of the table, beside the state."""
    return (
        Column(_("Partner"), None),
        Column(_("Environment"), 12, priority=2),
        Column(_("Credential"), 14),
        Column(_("Comes from"), 18, priority=1),
    )


def secret_row(credential: Credential, sources: Sources | None, asking: bool) -> TableRow:
    """A credential as a row."""
    source = None if sources is None else sources.found.get(credential.key)
    head = (credential.name, environment_name(credential.environment), credential.called)
    if asking or sources is None:
        return TableRow(credential.key, (*head, _("being read …")), "◌ " + _("open"), Tone.MUTED)
    if source is not None:
        return TableRow(credential.key, (*head, source_name(source)), "● " + _("there"), Tone.GOOD)
    if sources.trouble is not None:
        return TableRow(credential.key, (*head, _("unknown")), "? " + _("unknown"), Tone.WARN)
    if not credential.required:
        return TableRow(credential.key, (*head, "-"), "○ " + _("optional"), Tone.MUTED)
    return TableRow(credential.key, (*head, "-"), "✗ " + _("missing"), Tone.BAD)


def keyring_words(sources: Sources | None, asking: float | None) -> Content:
    """What is wrong with the keyring: first what that means, then what to do, last what it is."""
    if asking is not None and asking > PATIENT_S:
        text = _(
            "The keyring has not answered yet. Perhaps a window is waiting for its password: look behind."
        )
        return content(f"! {text}", "$warning")
    if sources is None or sources.trouble is None:
        return Content("")
    meaning, todo = explain(sources.trouble.state, language(), sources.trouble.detail)
    return Content("\n").join(
        [
            content(f"✗ {consequence(sources.trouble)}", "$error bold"),
            *([content(f"→ {todo}")] if todo else []),
            content("  " + _("Reason: {meaning} r asks again.").format(meaning=meaning), "dim"),
        ]
    )


def consequence(trouble: KeyringError) -> str:
    """What cannot be done while the keyring is so."""
    if trouble.state is KeyringState.NULL:
        return _("Nothing can be stored here: whatever you set would be lost, and nothing is kept for undo.")
    if trouble.state is KeyringState.NONE:
        return _("Credentials can be neither stored nor read here, and nothing is kept for undo.")
    if trouble.state is KeyringState.PLAINTEXT:
        return _("Nothing is stored here, because everybody on this machine could read it.")
    return _("Just now stored credentials cannot be read, so no partner can be reached with them.")


def where_words(credential: Credential) -> Content:
    """Where the customer finds a credential, and how to give it without a keyring."""
    head = _("{name}: where to find {field}").format(name=credential.name, field=credential.called)
    without = _("Without a keyring the environment variable {variable} may hold it.")
    return Content("\n").join(
        [
            content(head, "bold"),
            content(render(Text(credential.hint), language())),
            content(without.format(variable=credential.variable), "dim"),
        ]
    )


def finding_words(name: str, findings: tuple[Finding, ...]) -> Content:
    """What the last test of a party found: the connection first, as it was tested, then its settings."""
    lines = [content(_("Last test of {name}").format(name=name), "bold")]
    for finding in findings:
        mark = MARKS[finding.verdict]
        lines.append(content(f"{mark} {render(finding.evidence, language())}", STYLES[finding.verdict]))
        lines += [content(f"    {render(detail, language())}") for detail in finding.details[:DETAILS]]
        if len(finding.details) > DETAILS:
            more = _("… and {count} more").format(count=len(finding.details) - DETAILS)
            lines.append(content(f"    {more}", "dim"))
    return Content("\n").join(lines)
