"""A path as people type it, paste it, or drop a file on the terminal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_QUOTES = ("'", '"')


def typed_path(text: str) -> Path:
    """The path that is meant: quotes, ``file:`` addresses, escaped blanks and ``~`` are understood."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES:
        text = text[1:-1]
    elif text.startswith("file://"):
        path = unquote(urlsplit(text).path)
        text = path.removeprefix("/") if re.match(r"/[A-Za-z]:", path) else path
    elif os.name == "posix":  # elsewhere a backslash parts folders
        text = re.sub(r"\\([ ()\[\]&'\"$;!])", r"\1", text)
    return Path(os.path.expanduser(text))
