"""The source map: every location in a compilation is one integer.

A location is an offset into one global address space.  Files are appended to it when they are
entered; so are macro expansions: a token that came out of a macro has a location inside an
expansion range, which remembers where the token was spelled and where the macro was expanded.
File, line, column and the macro backtrace are derived only when a message is printed.

Location 0 means "no location" (command line, built-in).
"""

import bisect
import re
from typing import Final, final

_TAG: Final = re.compile(r"\b(?:struct|union|enum)\s+(?=\w)")


def remap_prefix(path: str, maps: list[tuple[str, str]]) -> str:
    """`path` with the first OLD of `maps` that it begins with replaced by its NEW (-ffile-prefix-map and its kin)."""
    for old, new in maps:
        if path.startswith(old):
            return new + path[len(old) :]
    return path


@final
class SourceFile:
    """A file's text in the map: its bytes stand at locations `base` .. `base + len(text)`."""

    def __init__(self, name: str, text: str, base: int, included_at: int, system: bool) -> None:
        self.name = name
        self.text = text
        self.base = base
        self.included_at = included_at  # location of the #include, 0 for the main file
        self.system = system  # messages of -W kind are suppressed
        self.line_starts: list[int] = []  # offsets into `text`; filled on first use
        # (offset in text, presumed line, presumed file name, system flag) of #line and line markers
        self.line_marks: list[tuple[int, int, str, int]] = []

    def mark_at(self, offset: int) -> int:
        """Index of the last line mark at or before `offset`, -1 for none."""
        marks = self.line_marks
        low = 0
        high = len(marks)
        while low < high:
            middle = (low + high) // 2
            if marks[middle][0] <= offset:
                low = middle + 1
            else:
                high = middle
        return low - 1

    def line_index(self, offset: int) -> int:
        """The 0-based physical line that holds `offset`."""
        if not self.line_starts:
            starts = [0]
            position = self.text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = self.text.find("\n", position + 1)
            self.line_starts = starts
        return bisect.bisect_right(self.line_starts, offset) - 1


@final
class Expansion:
    """One macro expansion: locations `base` .. `base + len(spelled)` stand for its tokens in order."""

    def __init__(self, macro: str, base: int, expanded_at: int, spelled: list[int]) -> None:
        self.defined_at = 0  # locations of the macro's name and last token in its definition
        self.defined_end = 0
        self.macro = macro
        self.base = base
        self.expanded_at = expanded_at
        self.spelled = spelled  # where each token was written (definition or argument)


@final
class Position:
    """A location made readable: presumed file and line (after #line), 1-based line and column."""

    def __init__(self, file: str, line: int, column: int, source: SourceFile | None, offset: int) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.source = source
        self.offset = offset


@final
class SourceMap:
    """All files and expansions of a compilation, in order of entry."""

    def __init__(self) -> None:
        self.bases: list[int] = []
        self.files: list[SourceFile | None] = []
        self.expansions: list[Expansion | None] = []
        self.next = 1

    def add_file(self, name: str, text: str, included_at: int = 0, system: bool = False) -> SourceFile:
        source = SourceFile(name, text, self.next, included_at, system)
        self.bases.append(self.next)
        self.files.append(source)
        self.expansions.append(None)
        self.next += len(text) + 1
        return source

    def add_expansion(
        self, macro: str, expanded_at: int, spelled: list[int], defined_at: int = 0, defined_end: int = 0
    ) -> int:
        """Reserve locations for an expansion's tokens; returns the first."""
        base = self.next
        self.bases.append(base)
        self.files.append(None)
        expansion = Expansion(macro, base, expanded_at, spelled)
        expansion.defined_at = defined_at
        expansion.defined_end = defined_end
        self.expansions.append(expansion)
        self.next += len(spelled) + 1
        return base

    def index_of(self, location: int) -> int:
        return bisect.bisect_right(self.bases, location) - 1

    def expansion_of(self, location: int) -> Expansion | None:
        """The expansion that produced this location, or None when it was written in a file."""
        index = self.index_of(location)
        return self.expansions[index] if index >= 0 else None

    def file_location(self, location: int) -> int:
        """Where the outermost expansion stands in a file (gcc's "expansion point")."""
        while location > 0:
            expansion = self.expansion_of(location)
            if expansion is None:
                return location
            location = expansion.expanded_at
        return location

    def spelling_location(self, location: int) -> int:
        """Where the token's characters were written."""
        while location > 0:
            expansion = self.expansion_of(location)
            if expansion is None:
                return location
            location = expansion.spelled[location - expansion.base]
        return location

    def position(self, location: int) -> Position:
        """Presumed file, line and column of a location (of its expansion point)."""
        location = self.file_location(location)
        index = self.index_of(location)
        source = self.files[index] if index >= 0 and location > 0 else None
        if source is None:
            return Position("<built-in>", 0, 0, None, 0)
        offset = location - source.base
        physical = source.line_index(offset)
        column = offset - source.line_starts[physical] + 1
        name = source.name
        line = physical + 1
        mark = source.mark_at(offset)
        if mark >= 0:
            mark_offset, mark_line, mark_name, _ = source.line_marks[mark]
            name = mark_name
            line = mark_line + physical - source.line_index(mark_offset)
        return Position(name, line, column, source, offset)

    def line_start(self, location: int) -> int:
        """Where gcc's lexer believes to be at `location`: the first token of the line, or the tag behind the last
        struct, union or enum before it.  Some of gcc's warnings are placed there."""
        location = self.file_location(location)
        index = self.index_of(location)
        source = self.files[index] if index >= 0 else None
        if source is None:
            return location
        start = source.text.rfind("\n", 0, location - source.base) + 1
        before = source.text[start : location - source.base + 1]
        tags = list(_TAG.finditer(before))
        if tags:
            return source.base + start + tags[-1].end()
        return source.base + start + len(before) - len(before.lstrip())

    def in_system_header(self, location: int) -> bool:
        location = self.file_location(location)
        index = self.index_of(location)
        source = self.files[index] if index >= 0 and location > 0 else None
        if source is None:
            return False
        mark = source.mark_at(location - source.base)
        if mark >= 0:
            return source.line_marks[mark][3] != 0
        return source.system

    def spelled_in_system_header(self, location: int) -> bool:
        """Whether the token was written in a system header: also one in a macro that is defined there."""
        spelled = self.spelling_location(location)
        return self.in_system_header(spelled if spelled > 0 else location)

    def order_key(self, location: int) -> list[int]:
        """Sorts locations as the compiler meets them: an included file's lie at its #include."""
        key: list[int] = []
        location = self.file_location(location)
        while location > 0:
            index = self.index_of(location)
            source = self.files[index] if index >= 0 else None
            if source is None:
                break
            key.append(location)
            location = source.included_at
        key.reverse()
        # The files before the main one (<command-line> and what it includes) come first by their bases.
        return key
