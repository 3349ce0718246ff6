"""Tell a network drive, where SQLite's write-ahead log does not work, from a local one."""

from __future__ import annotations

import re
import sys
from pathlib import Path, PurePosixPath

NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "afs", "ceph", "ncpfs"}
    | {"fuse.sshfs", "fuse.davfs", "fuse.davfs2", "fuse.rclone", "fuse.glusterfs", "fuse.gvfsd-fuse"}
)
_LINUX_LINE = re.compile(r"^\S+ (?P<folder>\S+) (?P<type>\S+) ", re.MULTILINE)
_MAC_LINE = re.compile(r"^.+? on (?P<folder>/.*) \((?P<type>[^,)]+)", re.MULTILINE)
_OCTAL = re.compile(r"\\([0-7]{3})")


def on_network_drive(path: Path) -> bool:
    """Whether this path lies on a network drive, as far as the system tells; in doubt False."""
    if sys.platform == "win32":
        return _remote_on_windows(path)
    return drive_type(_mounts(), str(path.absolute())) in NETWORK_TYPES


def drive_type(mounts: str, path: str) -> str:
    """The file system that holds an absolute path, from the text of /proc/mounts or of macOS's ``mount``."""
    pattern = _MAC_LINE if " on /" in mounts else _LINUX_LINE
    best, found = -1, ""
    for match in pattern.finditer(mounts):
        folder = _OCTAL.sub(lambda m: chr(int(m[1], 8)), match["folder"])
        if len(folder) >= best and PurePosixPath(path).is_relative_to(folder):
            best, found = len(folder), match["type"]
    return found


def _mounts() -> str:
    import subprocess  # late: only macOS needs it

    try:
        if sys.platform == "darwin":
            done = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True)
            return done.stdout
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except (OSError, subprocess.SubprocessError):
        return ""


if sys.platform == "win32":

    def _remote_on_windows(path: Path) -> bool:
        import ctypes

        drive_remote = 4
        root = path.absolute().anchor
        return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == drive_remote
