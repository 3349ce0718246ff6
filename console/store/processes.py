"""Which processes of this machine are alive."""

from __future__ import annotations

import os
import secrets
import sys
from functools import cache


@cache
def process_token() -> str:
    """A random name of this process: a later process with the same number has another one."""
    return secrets.token_hex(8)


def process_alive(pid: int) -> bool:
    """Whether a process with this number runs on this machine; in doubt True."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True  # somebody else's process, or no number we could ask about
    return True


if sys.platform == "win32":

    def _alive_on_windows(pid: int) -> bool:
        """Ask for a handle: os.kill would end the process on Windows, whatever the signal."""
        import ctypes

        query_limited_information, still_active, access_denied = 0x1000, 259, 5
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.OpenProcess.restype = ctypes.c_void_p
        handle = kernel.OpenProcess(query_limited_information, False, pid)
        if not handle:
            return ctypes.get_last_error() == access_denied
        try:
            code = ctypes.c_ulong()
            if not kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code)):
                return True
            return code.value == still_active
        finally:
            kernel.CloseHandle(ctypes.c_void_p(handle))
