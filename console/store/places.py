"""Where a customer's files lie, and folders that only their owner may enter."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from console.store.errors import StoreError

DATABASE = "customer.sqlite"
CACHE = "cache"
_CUSTOMERS = "customers"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
RESERVED = re.compile(
    r"con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]"
)  # names that Windows keeps for devices


def customer_folder(data_dir: Path, customer: str) -> Path:
    """The folder of a customer. Two keys never share one, whatever the file system thinks of case."""
    if _PLAIN.fullmatch(customer) and not RESERVED.fullmatch(customer):
        return data_dir / _CUSTOMERS / customer
    return data_dir / _CUSTOMERS / f"key.{hashlib.sha256(customer.encode()).hexdigest()[:32]}"


def new_folder(path: Path) -> Path:
    """Create the folder where it is missing; what is created is closed to others (POSIX). Raises OSError."""
    for folder in (*reversed(path.parents), path):
        folder.mkdir(mode=0o700, exist_ok=True)
    return path


def private_folder(path: Path) -> Path:
    """Create the folder where it is missing, and close it to others (POSIX). Raises StoreError."""
    try:
        new_folder(path)
        if os.name == "posix":
            path.chmod(0o700)
    except OSError as error:
        raise StoreError("folder", path=str(path)) from error
    return path


def private_file(path: Path) -> Path:
    """Create the file where it is missing, and close it to others (POSIX). Raises StoreError.

    An existing file is never opened here: closing it again would drop the locks that SQLite holds on it.
    """
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if os.name == "posix":
            path.chmod(0o600)
    except PermissionError as error:
        raise StoreError("read_only") from error
    except OSError as error:
        raise StoreError("cannot_open") from error
    return path
