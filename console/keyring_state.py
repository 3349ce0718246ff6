"""The states a keyring can be in, as data: what each means and what to do about it."""

from __future__ import annotations

from enum import StrEnum

from console.errors import ConsoleError, Exit


class KeyringState(StrEnum):
    """What was met when the keyring was asked."""

    OK = "ok"
    NONE = "none"  # no keyring on this machine, or none set up
    LOCKED = "locked"
    NULL = "null"  # a backend that drops everything silently
    PLAINTEXT = "plaintext"  # a backend that keeps secrets readable, or asks on the terminal
    TIMEOUT = "timeout"  # most often a window waits for an answer
    PASSPHRASE = "passphrase"  # noqa: S105 - the passphrase of the encrypted file is missing or wrong
    BROKEN = "broken"

    @property
    def code(self) -> str:
        """Its text code."""
        return f"keyring.{self}"


_SENTENCES: dict[KeyringState, dict[str, tuple[str, str]]] = {
    KeyringState.OK: {
        "de": ("Der Schlüsselbund ist bereit.", ""),
        "en": ("The keyring is ready.", ""),
    },
    KeyringState.NONE: {
        "de": (
            "Auf diesem Rechner ist kein Schlüsselbund eingerichtet.",
            "Richten Sie einen ein, unter Linux zum Beispiel mit gnome-keyring oder KWallet. Ohne ihn: "
            "EINZUG_SECRET_… setzen oder mit EINZUG_KEYRING=file eine verschlüsselte Datei wählen.",
        ),
        "en": (
            "No keyring is set up on this machine.",
            "Set one up, on Linux for example with gnome-keyring or KWallet. Without a keyring: set "
            "EINZUG_SECRET_… or choose an encrypted file with EINZUG_KEYRING=file.",
        ),
    },
    KeyringState.LOCKED: {
        "de": (
            "Der Schlüsselbund ist gesperrt.",
            "Entsperren Sie ihn (meist durch Anmelden am Desktop) und rufen Sie den Befehl erneut auf.",
        ),
        "en": (
            "The keyring is locked.",
            "Unlock it (most often by logging in to the desktop) and run the command again.",
        ),
    },
    KeyringState.NULL: {
        "de": (
            "Der eingestellte Schlüsselbund bewahrt nichts auf: Was ihm übergeben wird, geht verloren.",
            "Entfernen Sie die Einstellung PYTHON_KEYRING_BACKEND oder den Eintrag in keyringrc.cfg.",
        ),
        "en": (
            "The chosen keyring keeps nothing: whatever it is given is lost.",
            "Remove the setting PYTHON_KEYRING_BACKEND or the entry in keyringrc.cfg.",
        ),
    },
    KeyringState.PLAINTEXT: {
        "de": (
            "Der eingestellte Schlüsselbund schützt die Zugangsdaten nicht und wird deshalb nicht verwendet.",
            "Verwenden Sie den Schlüsselbund des Betriebssystems oder EINZUG_KEYRING=file.",
        ),
        "en": (
            "The chosen keyring does not protect credentials and is therefore not used.",
            "Use the keyring of the operating system, or EINZUG_KEYRING=file.",
        ),
    },
    KeyringState.TIMEOUT: {
        "de": (
            "Der Schlüsselbund hat nicht rechtzeitig geantwortet.",
            "Wahrscheinlich wartet ein Fenster auf das Kennwort. Geben Sie es ein und versuchen Sie es neu.",
        ),
        "en": (
            "The keyring did not answer in time.",
            "A window is probably waiting for the password: answer it and try again.",
        ),
    },
    KeyringState.PASSPHRASE: {
        "de": (
            "Die Datei mit den Zugangsdaten lässt sich nicht öffnen: Die Passphrase fehlt oder ist falsch.",
            "Setzen Sie EINZUG_PASSPHRASE auf die Passphrase, mit der die Datei angelegt wurde.",
        ),
        "en": (
            "The encrypted file with the credentials cannot be opened: the passphrase is missing or wrong.",
            "Set EINZUG_PASSPHRASE to the passphrase the file was made with.",
        ),
    },
    KeyringState.BROKEN: {
        "de": (
            "Der Schlüsselbund arbeitet nicht ({detail}).",
            "Entfernen Sie die Zugangsdaten mit „einzug credentials forget“ und hinterlegen Sie sie neu. "
            "Hilft das nicht, prüfen Sie den Schlüsselbund mit dem Programm des Betriebssystems.",
        ),
        "en": (
            "The keyring does not work ({detail}).",
            'Remove the credentials with "einzug credentials forget" and store them again. If that does not '
            "help, check the keyring with the operating system's own program.",
        ),
    },
}


def explain(state: KeyringState, language: str = "de", detail: str = "") -> tuple[str, str]:
    """What a state means and what to do; the second is "" where nothing is to be done."""
    meaning, todo = _SENTENCES[state][language]
    return meaning.format(detail=detail or "?"), todo


class KeyringError(ConsoleError):
    """The keyring cannot be used. ``detail`` names a kind of failure, never a value."""

    def __init__(self, state: KeyringState, detail: str = "") -> None:
        super().__init__(*explain(state, "en", detail), code=Exit.USAGE)
        self.state = state
        self.detail = detail

    def lines(self, language: str = "de") -> tuple[str, ...]:
        """What is wrong, and what to do."""
        return tuple(line for line in explain(self.state, language, self.detail) if line)
