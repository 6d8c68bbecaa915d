"""Messages as text: gcc's layout with include chain, source line, caret, macro backtrace; or JSON.

A place inside a macro expansion is shown where its token was written, followed by notes that lead
from the macro's definition to the place of its use; tokens written in system headers are shown at
the use instead.
"""

import os
import re
import sys
from typing import Final

from ourocc.base.diagnostics import ERROR, FATAL, NOTE, REQUIRED, WARNING, Diagnostic, Diagnostics
from ourocc.base.source import Expansion, Position, SourceFile, SourceMap

# Groups that gcc shows with the "=" of their levels
_SHOWN: Final = {
    name: name + "="
    for name in ("format", "implicit-fallthrough", "shift-overflow", "unused-const-variable", "format-overflow",
                 "format-truncation", "stringop-overflow", "array-parameter", "attribute-alias")
}  # fmt: skip
_NAMES: Final = {NOTE: "note", WARNING: "warning", ERROR: "error", FATAL: "fatal error"}
_TAB: Final = 8
_TOKEN: Final = re.compile(
    r"[A-Za-z_$\x80-\U0010ffff][\w$]*|\.?[0-9](?:[eEpP][+-]|[\w.])*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|"
    r"<<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|##|[^\s]"
)
# GCC_COLORS' capabilities with their defaults
_COLORS: Final = {
    "error": "01;31", "warning": "01;35", "note": "01;36", "range1": "32", "locus": "01", "quote": "01",
    "fixit-insert": "32",
}  # fmt: skip


def print_line(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def print_diagnostic(diagnostics: Diagnostics, diagnostic: Diagnostic) -> None:
    """Write one message to standard error."""
    renderer = Renderer(diagnostics, _wants_color(diagnostics))
    text = renderer.render(diagnostic)
    data = text.encode("utf-8", "surrogateescape")
    sys.stderr.flush()
    buffer = getattr(sys.stderr, "buffer", None)
    if buffer is not None:
        buffer.write(data)
        buffer.flush()
    else:
        sys.stderr.write(data.decode("utf-8", "replace"))


def _wants_color(diagnostics: Diagnostics) -> bool:
    if diagnostics.color == "always":
        return True
    if diagnostics.color == "never" or os.environ.get("GCC_COLORS") == "":
        return False
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _color_table() -> dict[str, str]:
    colors = dict(_COLORS)
    for item in os.environ.get("GCC_COLORS", "").split(":"):
        name, equals, value = item.partition("=")
        if equals:
            colors[name] = value
    return colors


# ---------------------------------------------------------------------- places


def shown_location(sources: SourceMap, location: int) -> int:
    """The place to show for a location: its spelling, or the use when that is in a system header."""
    where = location
    while where > 0:
        expansion = sources.expansion_of(where)
        if expansion is None:
            return where
        spelled = sources.spelling_location(where)
        if spelled > 0 and not sources.in_system_header(spelled):
            return spelled
        where = expansion.expanded_at
    return where


def _unwind(sources: SourceMap, location: int) -> list[tuple[int, Expansion]]:
    """The expansions that a location stands in, innermost first."""
    result: list[tuple[int, Expansion]] = []
    where = location
    while where > 0:
        expansion = sources.expansion_of(where)
        if expansion is None:
            break
        result.append((where, expansion))
        spelled = expansion.spelled[where - expansion.base]
        where = spelled if spelled > 0 and sources.expansion_of(spelled) is not None else expansion.expanded_at
    return result


def _definition_location(sources: SourceMap, where: int, expansion: Expansion) -> int:
    """Where in the macro's definition the token (or the parameter it came through) stands."""
    spelled = expansion.spelled[where - expansion.base]
    if expansion.defined_at <= spelled <= expansion.defined_end:
        return spelled
    return expansion.defined_at


def macro_trace(sources: SourceMap, location: int) -> list[tuple[int, str]]:
    """Notes (place, text) that lead from a token to the outermost macro's use."""
    trace: list[tuple[int, str]] = []
    unwound = _unwind(sources, location)
    if not unwound:
        return trace
    shown = sources.position(shown_location(sources, location))
    for index, (where, expansion) in enumerate(unwound):
        defined = _definition_location(sources, where, expansion)
        if defined <= 0 or sources.in_system_header(defined):
            continue
        place = sources.position(defined)
        if index == 0 and (place.line != shown.line or place.file != shown.file):
            trace.append((defined, f"in definition of macro '{expansion.macro}'"))
            continue
        used = expansion.expanded_at
        outer = sources.expansion_of(used)
        if outer is not None:
            used = _definition_location(sources, used, outer)
        trace.append((used, f"in expansion of macro '{expansion.macro}'"))
    return trace


def _expanded_column(text: str, column: int) -> int:
    """0-based display column of character `column` (0-based) of a line: tabs go to multiples of 8."""
    width = 0
    for c in text[:column]:
        width += _TAB - width % _TAB if c == "\t" else _width(c)
    return width


def _width(c: str) -> int:
    """Columns that a character takes on a terminal."""
    code = ord(c)
    if code < 0x300:
        return 1
    if 0x300 <= code < 0x370 or 0x200B <= code <= 0x200F or 0xFE00 <= code < 0xFE10:
        return 0
    wide = (
        0x1100 <= code <= 0x115F or 0x2E80 <= code <= 0xA4CF or 0xAC00 <= code <= 0xD7A3
        or 0xF900 <= code <= 0xFAFF or 0xFE30 <= code <= 0xFE6F or 0xFF00 <= code <= 0xFF60
        or 0xFFE0 <= code <= 0xFFE6 or 0x1F300 <= code <= 0x1FAFF or 0x20000 <= code <= 0x3FFFD
    )  # fmt: skip
    return 2 if wide else 1


def _expand_tabs(text: str) -> str:
    if "\t" not in text:
        return text
    parts: list[str] = []
    width = 0
    for c in text:
        if c == "\t":
            count = _TAB - width % _TAB
            parts.append(" " * count)
            width += count
        else:
            parts.append(c)
            width += _width(c)
    return "".join(parts)


def _line_of(source: SourceFile, offset: int) -> tuple[str, int]:
    """The physical line that holds `offset`, and its start."""
    start = source.line_starts[source.line_index(offset)]
    end = source.text.find("\n", start)
    return source.text[start : end if end >= 0 else len(source.text)], start


def display_column(position: Position) -> int:
    """1-based column on the screen."""
    if position.source is None:
        return position.column
    line, start = _line_of(position.source, position.offset)
    return _expanded_column(line, position.offset - start) + 1


# ---------------------------------------------------------------------- text


class Renderer:
    def __init__(self, diagnostics: Diagnostics, color: bool) -> None:
        self.diagnostics = diagnostics
        self.sources = diagnostics.sources
        self.colors = _color_table() if color else {}

    def paint(self, name: str, text: str) -> str:
        code = self.colors.get(name, "")
        return f"\33[{code}m\33[K{text}\33[m\33[K" if code and text else text

    def render(self, diagnostic: Diagnostic) -> str:
        """The whole message with include chain, function, source and macro backtrace."""
        location = shown_location(self.sources, diagnostic.location)
        parts = [self.include_chain(location)]
        if diagnostic.severity != NOTE:
            parts.append(self.function_line(location))
        parts.append(self.message(diagnostic, location))
        if diagnostic.severity == FATAL:
            return "".join(parts) + "compilation terminated.\n"
        for place, text in macro_trace(self.sources, diagnostic.location):
            parts.append(self.message(Diagnostic(NOTE, place, text, ""), place))
        return "".join(parts)

    def include_chain(self, location: int) -> str:
        """ "In file included from ..." when the file is another than that of the last message."""
        index = self.sources.index_of(location) if location > 0 else -1
        if index < 0 or index == self.diagnostics.shown_include:
            return ""
        self.diagnostics.shown_include = index
        source = self.sources.files[index]
        if source is None or source.included_at == 0:
            return ""
        lines: list[str] = []
        at = source.included_at
        while at > 0:
            position = self.sources.position(at)
            place = f"{position.file}:{position.line}" if position.line else position.file
            if position.file == "<command-line>":
                place = position.file
            head = "In file included from " if not lines else "                 from "
            lines.append(head + self.paint("locus", place))
            at = position.source.included_at if position.source is not None else 0
        return ",\n".join(lines) + ":\n"

    def function_line(self, location: int) -> str:
        """ "file: In function 'f':" when the function is another than that of the last message."""
        function = self.diagnostics.function
        if function == self.diagnostics.shown_function:
            return ""
        self.diagnostics.shown_function = function
        name = self.paint("locus", self.sources.position(location).file + ":")
        if not function:
            return f"{name} At top level:\n"
        return f"{name} In function '{self.paint('quote', function)}':\n"

    def locus(self, location: int) -> str:
        if location <= 0:
            return self.diagnostics.program + ":"
        position = self.sources.position(location)
        if position.source is None or position.file == "<command-line>":
            return position.file + ":"
        if not self.diagnostics.show_column:
            return f"{position.file}:{position.line}:"
        return f"{position.file}:{position.line}:{display_column(position)}:"

    def quoted(self, message: str) -> str:
        """The message with what it quotes highlighted."""
        if not self.colors:
            return message
        return re.sub(r"'([^']+)'", lambda match: "'" + self.paint("quote", match.group(1)) + "'", message)

    def message(self, diagnostic: Diagnostic, location: int) -> str:
        """One line of text and the source below it."""
        severity = diagnostic.severity
        name = "error" if severity >= ERROR else _NAMES[severity]
        head = self.paint("locus", self.locus(location)) + " "
        head += self.paint(name, _NAMES[severity] + ":") + " " + self.quoted(diagnostic.message)
        option = _SHOWN.get(diagnostic.option, diagnostic.option)
        if option and option != REQUIRED and self.diagnostics.show_option:
            if diagnostic.promoted:
                head += f" [{self.paint(name, '-Werror=' + option)}]"
            elif severity == WARNING:
                head += f" [{self.paint(name, '-W' + option)}]"
        elif diagnostic.promoted and self.diagnostics.show_option:
            head += f" [{self.paint(name, '-Werror')}]"
        return head + "\n" + self.snippet(diagnostic, location, name)

    def snippet(self, diagnostic: Diagnostic, location: int, color: str) -> str:
        """The source line, the caret with its range, and the fix-it below."""
        if location <= 0 or not self.diagnostics.show_caret:
            return ""
        position = self.sources.position(location)
        source = position.source
        if source is None or position.file in ("<command-line>", "<built-in>"):
            return ""
        if source.line_marks and position.file != source.name:
            return ""  # a preprocessed file: its lines are not those that the markers name
        line, start = _line_of(source, position.offset)
        if not line.strip():
            return ""
        column = position.offset - start
        first, last = self.range(diagnostic, location, line, start, source, column)
        caret = _expanded_column(line, column)
        left = _expanded_column(line, first)
        right = max(_expanded_column(line, last), caret + 1)
        marks = " " * left + "~" * (caret - left) + "^" + "~" * (right - caret - 1)
        number = max(5, len(str(position.line)))
        text = _expand_tabs(line).rstrip()
        if self.colors:
            text = text[:left] + self.paint(color, text[left:right]) + text[right:]
            marks = " " * left + self.paint(color, marks[left:])
        numbered = self.diagnostics.show_line_numbers
        margin = " " * number + " | " if numbered else " "
        head = f"{position.line:{number}d} | " if numbered else " "
        result = f"{head}{text}\n{margin}{marks}\n"
        if diagnostic.fixit:
            result += margin + " " * left + self.paint("fixit-insert", diagnostic.fixit) + "\n"
        return result

    def range(
        self, diagnostic: Diagnostic, location: int, line: str, start: int, source: SourceFile, column: int
    ) -> tuple[int, int]:
        """First and one past the last character of `line` to underline."""
        first = column
        last_token = column
        if diagnostic.start_location:
            other = shown_location(self.sources, diagnostic.start_location) - source.base - start
            if 0 <= other <= column:
                first = other
        if diagnostic.end_location:
            other = shown_location(self.sources, diagnostic.end_location) - source.base - start
            if column <= other < len(line):
                last_token = other
            elif other >= len(line):
                return first, len(line.rstrip())
        match = _TOKEN.match(line, last_token)
        return first, match.end() if match is not None else last_token + 1


# ---------------------------------------------------------------------- JSON


def print_json(diagnostics: Diagnostics) -> None:
    import json

    data = [_json_of(diagnostics, record, True) for record in diagnostics.records]
    print_line(json.dumps(data))


def _json_place(diagnostics: Diagnostics, location: int) -> dict[str, object]:
    position = diagnostics.sources.position(location)
    column = display_column(position)
    bytes_before = position.column
    if position.source is not None:
        line, start = _line_of(position.source, position.offset)
        bytes_before = len(line[: position.offset - start].encode("utf-8", "surrogateescape")) + 1
    return {
        "file": position.file,
        "line": position.line,
        "display-column": column,
        "byte-column": bytes_before,
        "column": column,
    }


def _json_of(diagnostics: Diagnostics, record: Diagnostic, with_children: bool) -> dict[str, object]:
    location = shown_location(diagnostics.sources, record.location)
    where: dict[str, object] = {"caret": _json_place(diagnostics, location)}
    if record.start_location:
        where["start"] = _json_place(diagnostics, shown_location(diagnostics.sources, record.start_location))
    position = diagnostics.sources.position(location)
    end = shown_location(diagnostics.sources, record.end_location) if record.end_location else location
    if position.source is not None:
        offset = end - position.source.base
        match = _TOKEN.match(position.source.text, offset)
        if match is not None and match.end() - 1 > position.offset:
            where["finish"] = _json_place(diagnostics, position.source.base + match.end() - 1)
    result: dict[str, object] = {
        "kind": _NAMES[record.severity],
        "message": record.message,
        "column-origin": 1,
        "escape-source": False,
        "locations": [where] if location > 0 else [],
    }
    if record.option and record.option != REQUIRED:
        result["option"] = ("-Werror=" if record.promoted else "-W") + record.option
    if record.fixit:
        place = where["caret"]
        result["fixits"] = [{"start": place, "next": where.get("finish", place), "string": record.fixit}]
    if with_children:
        result["children"] = [_json_of(diagnostics, note, False) for note in record.notes]
    return result
