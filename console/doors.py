"""The customers of a configuration, and how one is opened for the screens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from console.cockpit import Cockpit
from console.config import customer as find
from console.config_model import Config
from console.credentials import Secrets
from console.forgetting import Proof, proof
from console.sitting import Sitting
from console.workspace import Workspace, forget_customer


class Doors:
    """What can be opened. ``only`` is the one customer to which this run is locked, if any.

    ``config`` None means that nothing is configured yet.
    """

    def __init__(
        self,
        config: Config | None,
        secrets: Secrets,
        data: Path,
        *,
        only: str | None = None,
        config_path: Path,
    ) -> None:
        self.secrets = secrets
        self.data = data
        self.config_path = config_path
        self._home = (config_path, secrets, data)
        self._config = config
        self._only = only
        self._opened: list[Cockpit] = []

    @property
    def customers(self) -> Mapping[str, str]:
        """Customer key -> name; in a locked run no other customer is there."""
        found = {key: one.name for key, one in self._config.customers.items()} if self._config else {}
        return {key: name for key, name in found.items() if self._only in (None, key)}

    @property
    def only(self) -> str | None:
        """The customer to open without asking: the one asked for, or the only one there is."""
        if self._only is not None:
            return self._only
        return next(iter(self.customers)) if len(self.customers) == 1 else None

    @property
    def locked(self) -> bool:
        """Whether no other customer may show in this run."""
        return self._only is not None

    @property
    def home_path(self) -> Path:
        """The configuration that stays; the practice company has one that goes with it."""
        return self._home[0]

    @property
    def home(self) -> tuple[Path, Secrets, Path]:
        """The configuration that stays, its secrets and its data folder: where a customer is taken in."""
        return self._home

    def furnish(self, config: Config) -> None:
        """Take up what was written into the configuration after the start."""
        self._config = config
        self.config_path, self.secrets, self.data = self._home

    def visit(self, config: Config, path: Path, secrets: Secrets, data: Path) -> None:
        """Take up the practice company, which has everything of its own."""
        self._config, self.config_path, self.secrets, self.data = config, path, secrets, data

    def open(self, customer: str) -> Cockpit:
        """The cockpit of a customer. Raises ConsoleError."""
        assert self._config is not None  # noqa: S101  (there are no customers to open otherwise)
        workspace = Workspace(self._config, find(self._config, customer), self.secrets, self.data, Sitting())
        cockpit = Cockpit(workspace)
        self._opened.append(cockpit)
        return cockpit

    def leave(self, cockpit: Cockpit) -> None:
        """Close a cockpit that is not shown any more: its plans go."""
        cockpit.close()
        if cockpit in self._opened:
            self._opened.remove(cockpit)

    def forget(self, customer: str) -> Proof:
        """Delete everything local about a customer and look again. Blocks. Raises StoreError."""
        return proof(customer, *forget_customer(customer, self.secrets, self.data))

    def close(self) -> None:
        """Close every cockpit that was opened."""
        for cockpit in tuple(self._opened):
            self.leave(cockpit)

    def information(self, lag: float) -> list[str]:
        """What ``einzug info`` tells, with the loop's longest stall. Asks the keyring: may block."""
        from console.info import collect
        from console.info_text import text_lines

        return text_lines(collect(config_path=self.config_path, data=self.data, loop_lag=lag))
