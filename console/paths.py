"""Where the console keeps its things, and how it writes a file so that nothing is ever half there."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from console.errors import ConfigError, ConfigProblem, ProblemKind
from console.store.places import RESERVED, customer_folder, private_folder
from console.store.spills import spill_prefix

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


def write_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file in one step: other processes see the old or the new content, never a part of it.

    An existing file keeps its mode, a symbolic link stays one. Raises OSError.
    """
    target = Path(os.path.realpath(path))
    with contextlib.suppress(FileNotFoundError):
        mode = stat.S_IMODE(target.stat().st_mode)
    # Named like a spill, so that a later start sweeps what a killed process left in the data folder.
    descriptor, name = tempfile.mkstemp(prefix=f"{spill_prefix()}{target.name}-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the replacement itself durable, where the system can open folders."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
