"""A real keyring of the operating system for tests: gnome-keyring on a private message bus.

Nothing of the developer's own keyring is touched: home, runtime folder and bus are temporary.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

HIDDEN = ("DISPLAY", "WAYLAND_DISPLAY", "PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS")


@contextmanager
def private_keyring(folder: Path) -> Iterator[dict[str, str]]:
    """Start bus and keyring, unlocked; yields the variables that lead a process to them."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    paths = {"HOME": folder, "XDG_DATA_HOME": folder / "data", "XDG_CONFIG_HOME": folder / "config"}
    variables = {name: str(path) for name, path in paths.items()} | {"XDG_RUNTIME_DIR": str(runtime)}
    env = {name: value for name, value in os.environ.items() if name not in HIDDEN} | variables
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:dir={runtime}"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    daemon = None
    try:
        assert bus.stdout is not None
        variables["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            env=env | variables, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert daemon.stdin is not None
        daemon.stdin.write(b"pw")
        daemon.stdin.close()
        _wait_for_service(variables["DBUS_SESSION_BUS_ADDRESS"], daemon)
        yield variables
    finally:
        for process in (daemon, bus):
            if process is not None:
                process.terminate()
                process.wait(10)
        if bus.stdout is not None:
            bus.stdout.close()


def _wait_for_service(address: str, daemon: subprocess.Popen[bytes]) -> None:
    from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # ships no types
    from jeepney.io.blocking import Proxy, open_dbus_connection  # type: ignore[import-untyped]  # as above

    end = time.monotonic() + 20
    with closing(open_dbus_connection(address)) as connection:
        names = Proxy(message_bus, connection)
        while not names.NameHasOwner("org.freedesktop.secrets")[0]:
            assert daemon.poll() is None, "gnome-keyring-daemon ended"
            assert time.monotonic() < end, "gnome-keyring-daemon does not answer"
            time.sleep(0.01)


def lock(address: str) -> None:
    """Lock the default collection, as a screen saver would."""
    import secretstorage
    from jeepney.io.blocking import open_dbus_connection

    with closing(open_dbus_connection(address)) as connection:
        secretstorage.get_default_collection(connection).lock()
