"""What may leave this machine in a support text: addresses, paths and values without secrets or persons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from connectors.redaction import MASK, mask_secrets, redact

HOME = "~"
_KEY_LIKE = re.compile(r"(?=[^/]*\d)(?=[^/]*[A-Za-z])[\w-]{12,}")


def concealed(text: str) -> str:
    """A text without secrets, personal data and the name of the user, which is part of the home folder."""
    return _homeless(redact(text))


def concealed_path(path: Path) -> str:
    """A path without the home folder and without e-mail addresses."""
    return mask_secrets(_homeless(str(path)), ())


def concealed_url(url: str) -> str:
    """Scheme, host, port and path of an address; what looks like a key in the path is masked (webhooks)."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return MASK
    path = "/".join(MASK if _KEY_LIKE.fullmatch(part) else part for part in parts.path.split("/"))
    return f"{parts.scheme}://{host}{mask_secrets(path, ())}"


def concealed_proxy(proxy: str) -> str:
    """A proxy's scheme and host; what stands before the last ``@`` is masked, what follows is cut."""
    access, at, place = proxy.strip().rpartition("@")
    scheme, found, host = (access if at else place).partition("://")
    if at or not found:
        host = place
    if not found:
        scheme = ""
    return f"{scheme}{found}{MASK + at if at else ''}{re.split(r'[/?#]', host, maxsplit=1)[0]}"


def concealed_value(value: object) -> object:
    """A value of the configuration as JSON, concealed by its kind."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Path):
        return concealed_path(value)
    if isinstance(value, list | tuple):
        return [concealed_value(inner) for inner in value]
    if isinstance(value, Mapping):
        return [f"{name} = {concealed_value(inner)}" for name, inner in value.items()]
    text = str(value)
    return concealed_url(text) if "://" in text else concealed(text)


def _homeless(text: str) -> str:
    """The home folder as ``~``; a home that is the root of the file system names nobody."""
    folder = _home()
    if len(folder) <= len(Path(folder).anchor):
        return text
    return re.sub(rf"{re.escape(folder)}(?=[\\/\s:]|$)", HOME, text)


def _home() -> str:
    try:
        return str(Path.home())
    except RuntimeError:  # the system knows no home folder
        return ""
