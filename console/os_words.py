"""Why the operating system refused a file, in the language of the console and the words of an office.

Its own texts stay English under a German console, and say ``Permission denied`` where Excel has the file
open.
"""

from __future__ import annotations

import errno

from console.i18n import _

SHARING = (32, 33)
"""Windows: another program has the file open, or a part of it."""


def os_words(error: BaseException) -> str:
    """Why a file could not be used; what nobody has words for keeps the number to look it up by."""
    if not isinstance(error, OSError):
        return type(error).__name__
    if getattr(error, "winerror", None) in SHARING:
        return _("another program has it open")
    if (known := _words(error.errno)) is not None:
        return known
    if error.errno:
        return _("the operating system refused it, error {number}").format(number=error.errno)
    return error.strerror or type(error).__name__


def _words(number: int | None) -> str | None:
    name = errno.errorcode.get(number or 0, "").removeprefix("WSA")  # Windows names some after its sockets
    return {
        "ENOENT": _("it is not there"),
        "EACCES": _("access is denied, or another program has it open"),
        "EPERM": _("access is denied"),
        "EROFS": _("the drive is read-only"),
        "ENOSPC": _("the drive is full"),
        "EDQUOT": _("the room granted on this drive is used up"),
        "EISDIR": _("it is a folder"),
        "ENOTDIR": _("a part of the path is no folder"),
        "EEXIST": _("it is there already"),
        "ENOTEMPTY": _("the folder is not empty"),
        "ENAMETOOLONG": _("the name is too long"),
        "EBUSY": _("it is in use"),
        "EIO": _("the drive has failed"),
        "EMFILE": _("too many files are open"),
        "EADDRINUSE": _("the port is taken"),
        "EADDRNOTAVAIL": _("the address is not of this computer"),
        "EINVAL": _("the name cannot be used here"),
    }.get(name)
