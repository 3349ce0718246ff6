"""What every command is given: where configuration and data are, the language, and how to open a customer."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from console.i18n import LANGUAGES, _

if TYPE_CHECKING:
    from console.config_model import Config
    from console.credentials import Layered
    from console.sitting import Sitting
    from console.workspace import Workspace

C = TypeVar("C", bound=click.Command)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The options that every command takes."""

    config: Path | None = None
    data_dir: Path | None = None
    debug: bool = False

    @property
    def config_path(self) -> Path:
        """The configuration file in force."""
        from console.paths import places

        return places(os.environ, config=self.config, data=self.data_dir).config

    @property
    def data(self) -> Path:
        """The data folder in force."""
        from console.paths import places

        return places(os.environ, config=self.config, data=self.data_dir).data

    def load(self) -> Config:
        """The configuration. Raises ConfigError."""
        from console.config import load

        self.settle()
        return load(self.config_path)

    def settle(self) -> None:
        """Bring to its end what a killed process had begun to take in. Raises ConsoleError, StoreError."""
        if (self.data / "handover").is_dir():
            from console.handover.settle import finish

            finish(self.data)

    def secrets(self) -> Layered:
        """Environment over keyring; opens nothing yet."""
        from console.credentials import layered, open_store

        return layered(os.environ, open_store(self.data, os.environ))

    def open(self, customer: str, sitting: Sitting) -> Workspace:
        """A customer's workspace. Raises ConsoleError, ConfigError."""
        from console.config import customer as find
        from console.workspace import Workspace

        config = self.load()
        return Workspace(config, find(config, customer), self.secrets(), self.data, sitting)

    def open_to_read(self, customer: str, sitting: Sitting) -> Workspace:
        """The same, once the agreement was asked for that comes before reading real data."""
        from console.commands.asking import before_reading

        workspace = self.open(customer, sitting)
        before_reading(workspace)
        return workspace


def surroundings() -> Surroundings:
    """The surroundings of the running command."""
    found = click.get_current_context().find_root().obj
    return found if isinstance(found, Surroundings) else Surroundings()


def common(command: C) -> C:
    """Give a command the options that all have; they may stand before or after its name."""
    command.params += [
        _option(
            "--config", _keep("config"), _("Configuration file (or EINZUG_CONFIG)."), type=_path(file=True)
        ),
        _option(
            "--data-dir", _keep("data_dir"), _("Data folder (or EINZUG_DATA_DIR)."), type=_path(file=False)
        ),
        _option("--lang", _nothing, _("Language of all texts."), type=click.Choice(LANGUAGES)),
        _option("--debug", _debug, _("Show what goes on, and details of errors; no secrets."), is_flag=True),
    ]
    return command


def _option(name: str, callback: Callable[..., object], help_: str, **how: Any) -> click.Option:
    return click.Option([name], expose_value=False, is_eager=True, callback=callback, help=help_, **how)


def _path(*, file: bool) -> click.Path:
    return click.Path(dir_okay=not file, file_okay=file, path_type=Path)


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
        if value not in (None, False):
            change: dict[str, Any] = {name: value}
            top = ctx.find_root()
            top.obj = replace(top.obj or Surroundings(), **change)

    return keep


def _debug(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        import logging

        from connectors.redaction import RedactingFormatter

        handler = logging.StreamHandler()
        handler.setFormatter(RedactingFormatter())
        logging.basicConfig(level=logging.DEBUG, handlers=[handler])
        for chatty in ("httpx", "httpcore", "asyncio", "h11"):  # they log whole headers; we log each call
            logging.getLogger(chatty).setLevel(logging.WARNING)
    _keep("debug")(ctx, param, value)


def _nothing(_ctx: click.Context, _param: click.Parameter, _value: object) -> None:
    """The language was read before parsing began."""
