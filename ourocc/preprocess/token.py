"""Preprocessing tokens (C17 6.4), which the parser reads as they are."""

from typing import Final, final

# Token kinds
END: Final = 0  # end of input
IDENTIFIER: Final = 1  # also keywords: the parser tells them apart by their interned spelling
NUMBER: Final = 2  # pp-number, spelled as written
CHARACTER: Final = 3  # with prefix and quotes, escapes as written
STRING: Final = 4  # with prefix and quotes, escapes as written; adjacent ones are not yet joined
PUNCTUATOR: Final = 5  # digraphs already spelled as their primary form's meaning: "[" for "<:"
OTHER: Final = 6  # a stray character
PRAGMA: Final = 7  # a #pragma that is not the preprocessor's own: `spelling` is the rest of the line
NEWLINE: Final = 8  # only inside the preprocessor (end of a directive)
PLACEMARKER: Final = 9  # only inside macro expansion (C17 6.10.3.3)
HEADER_NAME: Final = 10  # only inside #include
COMMENT: Final = 11  # only for -C and -CC, which keep comments in the text that -E writes

# Token flags
START_OF_LINE: Final = 1
SPACE_BEFORE: Final = 2
NO_EXPAND: Final = 4  # an identifier painted blue (C17 6.10.3.4 p2)
AFTER_PADDING: Final = 8  # a macro or an argument began or ended just before (only -E looks at it)


@final
class Token:
    """One token.  `spelling` is interned (`sys.intern`): compare with `is`/`==` freely."""

    __slots__ = ("kind", "spelling", "location", "flags")

    def __init__(self, kind: int, spelling: str, location: int, flags: int) -> None:
        self.kind = kind
        self.spelling = spelling
        self.location = location
        self.flags = flags
