"""The text that -E writes: tokens and line markers, and the forms of -P, -C, -dM, -dD, -dN, -dU, -dI.

A token that starts a line goes to that line of the text: few empty lines are written out, more
become a line marker.  Two tokens that would run together into another one get a space between.
"""

from typing import Final

from ourocc.base.source import SourceMap
from ourocc.preprocess.files import (
    DEFINE,
    ENTER_FILE,
    IDENT,
    INCLUDE,
    LEAVE_FILE,
    LINE_CHANGE,
    UNDEFINE,
    Event,
    PreprocessResult,
)
from ourocc.preprocess.include import PRAGMA_SYSTEM, SYSTEM
from ourocc.preprocess.macro import BUILTIN, Macro, definition_text
from ourocc.preprocess.options import PreprocessorOptions
from ourocc.preprocess.token import (
    AFTER_PADDING,
    CHARACTER,
    COMMENT,
    END,
    IDENTIFIER,
    NUMBER,
    PRAGMA,
    PUNCTUATOR,
    SPACE_BEFORE,
    START_OF_LINE,
    STRING,
    Token,
)

_EMPTY_LINES: Final = 8  # that are written as such rather than as a marker
_MARKER_FLAGS: Final = {0: "", PRAGMA_SYSTEM: " 3", SYSTEM: " 3 4"}

# Left token's spelling -> first characters of a right one that would join it
_JOINING: Final = {
    ">": ">=", "<": "<=:%", "=": "=", "+": "+=", "-": "->=", "*": "=/", "/": "/*=", "%": "=:>", "^": "=",
    "&": "&=", "|": "|=", "!": "=", ":": ":>", ".": ".%", "#": "#%", ">>": "=", "<<": "=", "[": ":",
}  # fmt: skip


def avoid_paste(left: Token, right: Token) -> bool:
    """Whether the two would be read as something else without a space."""
    kind = left.kind
    other = right.kind
    if kind == IDENTIFIER:
        if other == IDENTIFIER or other == NUMBER:
            return True
        if other == CHARACTER or other == STRING:
            return right.spelling[0] in "\"'" and left.spelling in ("L", "u", "U", "u8", "R", "LR", "uR", "UR", "u8R")
        return False
    if kind == NUMBER:
        if other == NUMBER or other == IDENTIFIER or right.spelling == "." or right.spelling == "...":
            return True
        return other == PUNCTUATOR and right.spelling[0] in "+-"
    if kind == PUNCTUATOR:
        spelling = left.spelling
        if spelling == "." and other == NUMBER:
            return True
        return right.spelling[:1] in _JOINING.get(spelling, "") and other == PUNCTUATOR
    return kind not in (CHARACTER, STRING, PRAGMA, COMMENT) and other == kind


def quote_name(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def macro_dump(macros: dict[str, Macro]) -> str:
    """-dM: every macro that is defined at the end."""
    lines = [f"#define {definition_text(macro)}\n" for macro in macros.values() if macro.kind < BUILTIN]
    return "".join(lines)


class Printer:
    def __init__(
        self, result: PreprocessResult, options: PreprocessorOptions, sources: SourceMap, markers: bool
    ) -> None:
        self.result = result
        self.options = options
        self.sources = sources
        self.markers = markers  # False for -P
        # Assembly text has no markers within a line.
        self.adjusts = markers and not options.assembler
        self.parts: list[str] = []
        self.line = 0  # of the text's line that is being written, as the markers tell it
        self.file = result.main_file
        self.flags = 0
        self.in_system = False  # the last token was written in a system header
        self.printed = False  # something stands on the current line

    def newline(self) -> None:
        if self.printed:
            self.parts.append("\n")
            self.line += 1
            self.printed = False

    def marker(self, line: int, name: str, flags: str) -> None:
        self.newline()
        self.line = line
        self.file = name
        if self.markers:
            self.parts.append(f"# {line} {quote_name(name)}{flags}\n")

    def write(self) -> str:
        """The whole text."""
        name = self.result.main_file
        if self.options.preprocessed:
            self.marker(0, name, "")
        else:
            for shown in (name, "<built-in>", "<command-line>"):
                self.marker(0, shown, "")
                if shown == "<built-in>" and "D" in self.options.definitions_in_output:
                    self.parts.append(self.options.predefined)
        events = self.result.events
        event_count = len(events)
        next_event = 0
        previous: Token | None = None
        for index, token in enumerate(self.result.tokens):
            while next_event < event_count and events[next_event].index <= index:
                self.event(events[next_event])
                next_event += 1
                previous = None
            if token.kind == END:
                break
            self.token(token, previous)
            previous = token if token.kind != PRAGMA else None
        self.newline()
        return "".join(self.parts)

    def token(self, token: Token, previous: Token | None) -> None:
        if token.kind == PRAGMA:
            self.newline()
            self.to_line(token.location)
            self.parts.append("#pragma " + token.spelling + "\n")
            self.line += 1
            return
        flags = token.flags
        if flags & START_OF_LINE or previous is None:
            self.to_line(token.location)
            column = self.sources.position(token.location).column - 2
            self.parts.append(" " * column if column > 0 else "")
            if flags & SPACE_BEFORE or token.spelling == "#":
                self.parts.append(" ")
        elif flags & (SPACE_BEFORE | AFTER_PADDING):
            # Behind a macro's arguments the source may be lines further.
            if self.adjusts and self.sources.position(token.location).line != self.line:
                self.to_line(token.location)
                self.parts.append(" ")
            elif flags & SPACE_BEFORE or avoid_paste(previous, token):
                self.parts.append(" ")
        elif avoid_paste(previous, token):
            self.parts.append(" ")
        if self.adjusts:
            self.system_marker(token)
        spelling = token.spelling
        if token.kind == IDENTIFIER and not spelling.isascii():
            # GNU C writes extended characters of identifiers as UCNs.
            spelling = "".join([c if c < "\x80" else f"\\U{ord(c):08x}" for c in spelling])
        self.parts.append(spelling)
        self.printed = True
        if token.kind == COMMENT:
            self.line += token.spelling.count("\n")
            if token.spelling.startswith("//"):
                self.newline()
        elif token.kind == STRING and "\n" in token.spelling:
            self.line += token.spelling.count("\n")

    def system_marker(self, token: Token) -> None:
        """Where a line goes from the user's tokens to those of a system header's macro, or back, a marker says so."""
        spelled = self.sources.spelling_location(token.location)
        if spelled <= 0:
            return
        system = self.sources.in_system_header(spelled)
        if system == self.in_system:
            return
        self.in_system = system
        position = self.sources.position(token.location)
        if self.printed:
            self.parts.append("\n")
            self.printed = False
            self.line += 1
            if self.line <= position.line < self.line + _EMPTY_LINES:
                self.parts.append("\n" * (position.line - self.line))
                self.line = position.line
            else:
                self.marker(position.line, position.file, " 3 4" if system else "")

    def to_line(self, location: int) -> None:
        """Bring the text to the line of a token that starts one."""
        position = self.sources.position(location)
        line = position.line
        self.newline()
        if not self.markers:
            self.line = line
            self.file = position.file
            return
        if self.line <= line < self.line + _EMPTY_LINES and position.file == self.file:
            self.parts.append("\n" * (line - self.line))
            self.line = line
        else:
            self.marker(line, position.file, _MARKER_FLAGS[self.flags])

    def event(self, event: Event) -> None:
        kind = event.kind
        if kind == ENTER_FILE:
            if event.flags < 0:
                self.flags = 0
                self.marker(1, event.text, "")
                return
            if event.location > 0 and self.file != "<command-line>":
                self.to_line(event.location)
            self.flags = event.flags
            self.marker(1, event.text, " 1" + _MARKER_FLAGS[event.flags])
        elif kind == LEAVE_FILE:
            self.flags = event.flags
            if event.text == "<command-line>":
                self.marker(0, event.text, " 2")
                return
            self.marker(self.sources.position(event.location).line + 1, event.text, " 2" + _MARKER_FLAGS[event.flags])
        elif kind == LINE_CHANGE:
            self.flags = event.flags
            self.marker(event.line, event.text, _MARKER_FLAGS[event.flags])
        elif kind == IDENT:
            self.directive(event.location, "#ident " + event.text)
        elif kind == INCLUDE:
            self.directive(event.location, event.text)
        elif kind == DEFINE:
            if "D" in self.options.definitions_in_output:
                self.directive(event.location, "#define " + event.text)
            elif "N" in self.options.definitions_in_output:
                self.directive(event.location, "#define " + event.text.split("(")[0].split(" ")[0])
        elif kind == UNDEFINE:
            if "D" in self.options.definitions_in_output or "N" in self.options.definitions_in_output:
                self.directive(event.location, "#undef " + event.text)

    def directive(self, location: int, text: str) -> None:
        self.newline()
        self.to_line(location)
        self.parts.append(text + "\n")
        self.line += 1


def preprocessed_text(result: PreprocessResult, options: PreprocessorOptions, sources: SourceMap, markers: bool) -> str:
    """What -E writes; run the preprocessor with `collect_events` and `preprocess_only`."""
    if "M" in options.definitions_in_output:
        return macro_dump(result.macros)
    return Printer(result, options, sources, markers).write()
