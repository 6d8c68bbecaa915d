"""A hard limit on what an agent can write: a file system of its own, in a sparse file.

Input: a folder, a size. Output: whether the folder is now the root of such a file system. It needs root and loop
devices; elsewhere the harness only watches (``Session._disk``), which a fast writer outruns for seconds. A full file
system then says "No space left on device" to its agent and to nobody else, in every kind of sandbox.

The mounts outlive a killed harness, and the image file the machine: ``attach`` finds either again.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@functools.cache
def possible() -> bool:
    """Whether this process can make such file systems: tried once, with a small one."""
    if os.getuid() != 0 or not all(shutil.which(name) for name in ("mkfs.ext4", "mount", "umount")):
        return False
    with tempfile.TemporaryDirectory(prefix="ouroteam-disk-") as name:
        folder = Path(name) / "root"
        made = attach(folder, Path(name) / "image", 8)
        detach(folder)
        return made


def attach(folder: Path, image: Path, mb: int) -> bool:
    """Mount the image on the folder; both are made when they are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.path.ismount(folder):
        return True
    if not image.exists():
        image.parent.mkdir(parents=True, exist_ok=True)
        new = image.with_suffix(".new")
        with new.open("wb") as stream:
            stream.truncate(mb << 20)
        if not _run("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "nodiscard", str(new)):
            new.unlink()
            return False
        new.rename(image)
    if not _run("mount", "-o", "loop,nodev,nosuid", str(image), str(folder)):
        return False
    with contextlib.suppress(OSError):
        (folder / "lost+found").rmdir()
    return True


def small(folder: Path, mb: int = 4) -> bool:
    """A little in memory, for a folder that holds no more than marks."""
    folder.mkdir(parents=True, exist_ok=True)
    return os.path.ismount(folder) or _run("mount", "-t", "tmpfs", "-o", f"size={mb}m,nodev,nosuid", "tmpfs",
                                           str(folder))


def full(folder: Path) -> bool:
    room = os.statvfs(folder)
    return room.f_bavail * 100 < room.f_blocks


def detach(folder: Path) -> None:
    """Unmount; lazily when somebody still looks at it."""
    if os.path.ismount(folder) and not _run("umount", str(folder)):
        _run("umount", "-l", str(folder))
