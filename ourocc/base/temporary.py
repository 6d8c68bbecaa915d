"""Files and folders under names that nobody else has: what `tempfile` does, without the 10 ms that importing it costs."""

import os
from typing import Final

_ATTEMPTS: Final = 100


def create_file(prefix: str, folder: str) -> tuple[int, str]:
    """A new file that only its owner may read: (descriptor open for writing, path)."""
    for attempt in range(_ATTEMPTS):
        path = os.path.join(folder, prefix + _random_name())
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), path
        except FileExistsError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("no attempt was made")


def create_folder(prefix: str, parent: str = "") -> str:
    """A new folder that only its owner may enter, by default where TMPDIR says: its path."""
    for attempt in range(_ATTEMPTS):
        path = os.path.join(parent or temporary_folder(), prefix + _random_name())
        try:
            os.mkdir(path, 0o700)
            return path
        except FileExistsError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("no attempt was made")


def temporary_folder() -> str:
    """The first folder of $TMPDIR, $TEMP, $TMP, /tmp, /var/tmp and /usr/tmp that can be written, else the current one."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        path = os.environ.get(name, "")
        if path and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
            return os.path.abspath(path)
    for path in ("/tmp", "/var/tmp", "/usr/tmp"):
        if os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK):
            return path
    return os.getcwd()


def _random_name() -> str:
    return os.urandom(6).hex()
