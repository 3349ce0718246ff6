"""Where the console keeps its things, and how it writes a file so that nothing is ever half there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.errors import ConfigError, ConfigProblem, ProblemKind
from console.store.places import RESERVED, customer_folder, private_folder

APP = "einzug"
CONFIG_VARIABLE = "EINZUG_CONFIG"
DATA_VARIABLE = "EINZUG_DATA_DIR"

_CUSTOMER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Places:
    """The two places of a session, and what decided them (an option, a variable, or "" for the default)."""

    config: Path
    data: Path
    config_origin: str = ""
    data_origin: str = ""


def places(environ: Mapping[str, str], *, config: Path | None = None, data: Path | None = None) -> Places:
    """The configuration file and the data folder: option, environment variable, or platform default."""
    import platformdirs

    config, config_origin = _chosen(config, "--config", environ, CONFIG_VARIABLE)
    data, data_origin = _chosen(data, "--data-dir", environ, DATA_VARIABLE)
    return Places(
        config=config or platformdirs.user_config_path(APP, appauthor=False) / "config.toml",
        data=data or platformdirs.user_data_path(APP, appauthor=False),
        config_origin=config_origin,
        data_origin=data_origin,
    )


def _chosen(
    given: Path | None, option: str, environ: Mapping[str, str], variable: str
) -> tuple[Path | None, str]:
    if given is not None:
        return given, option
    if value := environ.get(variable, ""):
        return Path(value), variable
    return None, ""


def valid_customer(key: str) -> bool:
    """Whether this may be a customer key: ``[a-z0-9-]``, at most 40 and no device name of Windows."""
    return bool(_CUSTOMER.fullmatch(key)) and not RESERVED.fullmatch(key)


def customer_dir(data: Path, customer: str) -> Path:
    """The private folder with everything local about one customer, created where missing.

    Raises ConfigError for what is no customer key, StoreError when the folder cannot be made.
    """
    if not valid_customer(customer):
        problem = ConfigProblem(
            ProblemKind.VALUE, "", key="customers", found=repr(customer), allowed=("@key",)
        )
        raise ConfigError((problem,))
    return private_folder(customer_folder(data, customer))


def agreements_dir(config: Path, customer: str) -> Path:
    """The folder beside the configuration file with a customer's larger agreements."""
    return config.parent / customer
