"""Finding and reading files: the directory chain of #include, and the process's cache of texts.

The chain is quote directories, then -I, then system ones, then those of -idirafter; what does not
exist or stands twice is dropped as GNU C does it, because #include_next counts positions in it.
"""

import os
from typing import Final, final

from ourocc.preprocess.lexer import FileTokens, Lexer, decode

# Levels of "system": 0 user's file, 1 declared so by a pragma, 2 found in a system directory
USER: Final = 0
PRAGMA_SYSTEM: Final = 1
SYSTEM: Final = 2


@final
class CachedText:
    def __init__(self, stamp: tuple[int, int, int], text: str) -> None:
        self.stamp = stamp
        self.text = text
        self.tokens: dict[str, FileTokens] = {}  # by lexer mode


_texts: Final[dict[str, CachedText]] = {}


def read_text(path: str) -> CachedText | None:
    """The file's text, from the cache while the file has not changed; None when it cannot be a source.

    Raises OSError when it exists and cannot be read.
    """
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if (status.st_mode & 0o170000) == 0o040000:
        return None
    stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
    cached = _texts.get(path)
    if cached is not None and cached.stamp == stamp and status.st_size:
        return cached
    with open(path, "rb") as file:
        data = file.read()
    cached = CachedText(stamp, decode(data))
    _texts[path] = cached
    return cached


def tokens_of(cached: CachedText, lexer: Lexer) -> FileTokens:
    key = lexer.mode_key
    tokens = cached.tokens.get(key)
    if tokens is None:
        tokens = lexer.tokenize(cached.text)
        cached.tokens[key] = tokens
    return tokens


def drop_cache() -> None:
    """Forget all texts (for tests and long-lived servers)."""
    _texts.clear()


@final
class Found:
    """A file that #include names: its path and its place in the chain."""

    def __init__(self, path: str, text: CachedText, position: int, system: int) -> None:
        self.path = path
        self.text = text
        self.position = position  # index in the chain, -1 for the directory of the includer
        self.system = system


@final
class IncludeChain:
    def __init__(self, quote: list[str], angled: list[str], system: list[str], after: list[str]) -> None:
        self.directories: list[str] = []
        self.system: list[int] = []
        self.angled_start = 0
        self.missing: set[str] = set()
        self._build(quote, angled, system + after, len(system))

    def _build(self, quote: list[str], angled: list[str], system: list[str], system_count: int) -> None:
        system_keys: set[tuple[int, int]] = set()
        system_part: list[str] = []
        for directory in system:
            key = _directory_key(directory)
            if key is not None and key not in system_keys:
                system_keys.add(key)
                system_part.append(directory)
        seen: set[tuple[int, int]] = set()
        for directory in quote:
            key = _directory_key(directory)
            if key is not None and key not in seen:
                seen.add(key)
                self.directories.append(directory)
                self.system.append(USER)
        self.angled_start = len(self.directories)
        seen = set()
        for directory in angled:
            key = _directory_key(directory)
            # A directory that is a system one as well keeps its place there.
            if key is not None and key not in seen and key not in system_keys:
                seen.add(key)
                self.directories.append(directory)
                self.system.append(USER)
        for directory in system_part:
            self.directories.append(directory)
            self.system.append(SYSTEM)

    def find(self, name: str, start: int) -> Found | None:
        """The first file `name` in the chain from position `start` on."""
        for position in range(start, len(self.directories)):
            path = join(self.directories[position], name)
            if path in self.missing:
                continue
            text = read_text(path)
            if text is not None:
                return Found(path, text, position, self.system[position])
            self.missing.add(path)
        return None


def join(directory: str, name: str) -> str:
    if not directory:
        return name
    return directory + name if directory.endswith("/") else directory + "/" + name


def directory_of(path: str) -> str:
    """Directory part of a path without its last slash; "" for none."""
    slash = path.rfind("/")
    if slash < 0:
        return ""
    return path[:slash] if slash else "/"


def _directory_key(directory: str) -> tuple[int, int] | None:
    try:
        status = os.stat(directory or ".")
    except (OSError, ValueError):
        return None
    if (status.st_mode & 0o170000) != 0o040000:
        return None
    return (status.st_dev, status.st_ino)
