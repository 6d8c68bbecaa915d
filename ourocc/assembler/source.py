"""Assembly text to statements: comments, separators, line markers, macro expansion, repetition.

A `Reader` is a stack of statement lists; macros and repetitions push lists.  Statements are plain strings without
comments; each has a location in the source map.
"""

import re
from typing import Final, final

from ourocc.assembler.symbols import AssemblyError
from ourocc.base.source import SourceFile

BLOCK_COMMENT: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|#[^\n]*', re.DOTALL)
SPECIAL: Final = re.compile(r'["\';#]')
LINE_MARKER: Final = re.compile(r'\s*#\s*(?:line\s+)?(\d+)\s+"((?:\\.|[^"\\])*)"([\s\d]*)$')
MACRO_PARAMETER: Final = re.compile(r"\\(?:\(\)|@|\+|[A-Za-z_$][\w$]*)")
NESTING_LIMIT: Final = 200
REPEAT_LIMIT: Final = 10_000_000


def strip_block_comments(text: str) -> str:
    """Replace /* */ comments by as many newlines as they hold."""
    if "/*" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        return " " + "\n" * found.count("\n") if found.startswith("/*") else found

    return BLOCK_COMMENT.sub(replace, text)


def split_line(line: str) -> list[str]:
    """The statements of a line that has quotes, separators or comments."""
    statements = []
    start = position = 0
    length = len(line)
    while True:
        match = SPECIAL.search(line, position)
        if match is None:
            statements.append(line[start:].strip())
            break
        at = match.start()
        character = line[at]
        if character == '"':
            position = at + 1
            while position < length and line[position] != '"':
                position += 2 if line[position] == "\\" else 1
            position += 1
        elif character == "'":
            position = at + (3 if line[at + 1 : at + 2] == "\\" else 2)
        elif character == ";":
            statements.append(line[start:at].strip())
            start = position = at + 1
        else:
            statements.append(line[start:at].strip())
            break
    return [statement for statement in statements if statement]


def split_statements(source: SourceFile) -> tuple[list[str], list[int]]:
    """All statements of a file and their locations; line markers go into the source map."""
    texts: list[str] = []
    places: list[int] = []
    offset = source.base
    for line in strip_block_comments(source.text).split("\n"):
        stripped = line.strip()
        if stripped:
            if stripped[0] in "#/":
                match = LINE_MARKER.match(line)
                if match is not None:
                    name = match.group(2).replace("\\\\", "\\").replace('\\"', '"')
                    following = offset + len(line) + 1 - source.base
                    source.line_marks.append((following, int(match.group(1)), name, int("3" in match.group(3))))
            elif SPECIAL.search(stripped) is None:
                texts.append(stripped)
                places.append(offset)
            else:
                for statement in split_line(stripped):
                    texts.append(statement)
                    places.append(offset)
        offset += len(line) + 1
    return texts, places


@final
class Parameter:
    def __init__(self, name: str) -> None:
        self.name = name
        self.default = ""
        self.required = False
        self.vararg = False


@final
class Macro:
    """A .macro: parameters and the statements of its body."""

    def __init__(self, name: str, parameters: list[Parameter], body: list[str]) -> None:
        self.name = name
        self.parameters = parameters
        self.body = body


@final
class Frame:
    """A list of statements that is being read."""

    def __init__(self, texts: list[str], places: list[int], condition_depth: int, is_macro: bool) -> None:
        self.texts = texts
        self.places = places  # empty: all have `place`
        self.place = 0
        self.index = 0
        self.condition_depth = condition_depth
        self.is_macro = is_macro


@final
class Reader:
    """The statements to come, innermost expansion first."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.location = 0

    def push(self, frame: Frame) -> None:
        if len(self.frames) > NESTING_LIMIT:
            raise AssemblyError("macros nested too deeply")
        self.frames.append(frame)

    def push_expansion(self, texts: list[str], condition_depth: int, is_macro: bool) -> None:
        frame = Frame(texts, [], condition_depth, is_macro)
        frame.place = self.location
        self.push(frame)

    def next(self) -> str | None:
        """The next statement; None at the end."""
        while self.frames:
            frame = self.frames[-1]
            if frame.index < len(frame.texts):
                index = frame.index
                frame.index = index + 1
                self.location = frame.places[index] if frame.places else frame.place
                return frame.texts[index]
            self.frames.pop()
        return None

    def collect(self, opening: tuple[str, ...], closing: tuple[str, ...], what: str) -> list[str]:
        """The statements up to the closing directive that matches, which is consumed."""
        body: list[str] = []
        depth = 1
        while True:
            text = self.next()
            if text is None:
                raise AssemblyError(f"end of file inside {what} definition")
            word = first_word(text)
            if word in opening:
                depth += 1
            elif word in closing:
                depth -= 1
                if depth == 0:
                    return body
            body.append(text)


def first_word(text: str) -> str:
    """The directive a statement starts with, labels skipped, in lower case."""
    if "." not in text:
        return ""
    for word in text.split():
        if not word.endswith(":"):
            return word.lower()
    return ""


def squeeze(text: str) -> str:
    """Blanks removed wherever they do not separate two words, outside of quotes."""
    out: list[str] = []
    quoted = False
    pending = False
    for character in text:
        if quoted:
            out.append(character)
            quoted = character != '"' or (len(out) > 1 and out[-2] == "\\")
            continue
        if character in " \t":
            pending = True
            continue
        if pending and out and (is_word(out[-1]) or out[-1] in ")]\"") and (is_word(character) or character in '%$\\"('):
            out.append(" ")
        pending = False
        out.append(character)
        quoted = character == '"'
    return "".join(out)


def is_word(character: str) -> bool:
    return character.isalnum() or character in "_.$@\\%"


def split_arguments(text: str) -> list[str]:
    """Macro arguments: at commas, and at blanks outside of brackets."""
    text = squeeze(text)
    arguments: list[str] = []
    current = ""
    depth = 0
    position = 0
    while position < len(text):
        character = text[position]
        if character == '"':
            end = position + 1
            while end < len(text) and text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            current += text[position : end + 1]
            position = end + 1
            continue
        if character == "," or (character == " " and depth == 0):
            arguments.append(current)
            current = ""
        else:
            depth += (character in "([") - (character in ")]")
            current += character
        position += 1
    if current or arguments:
        arguments.append(current)
    return arguments


def unquote(argument: str) -> str:
    """A macro argument without its quotes."""
    if len(argument) >= 2 and argument[0] == '"' and argument[-1] == '"':
        return argument[1:-1].replace('""', '"')
    return argument


def bind_arguments(macro: Macro, text: str) -> dict[str, str]:
    """Parameter values of one call."""
    values: dict[str, str] = {}
    names = [parameter.name for parameter in macro.parameters]
    position = 0
    rest = text
    if macro.parameters and macro.parameters[-1].vararg:
        arguments = split_arguments(text)
        ordinary = len(macro.parameters) - 1
        if len(arguments) > ordinary:
            rest = ",".join(arguments[ordinary:])
            arguments = [*arguments[:ordinary], rest]
    else:
        arguments = split_arguments(text)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals and name.strip() in names and not value.startswith("="):
            values[name.strip()] = unquote(value)
            continue
        if position >= len(names):
            raise AssemblyError(f"too many positional arguments for macro `{macro.name}'")
        parameter = macro.parameters[position]
        values[parameter.name] = argument if parameter.vararg else unquote(argument)
        position += 1
    for parameter in macro.parameters:
        if not values.get(parameter.name):
            if parameter.required:
                raise AssemblyError(f"missing value for required parameter `{parameter.name}' of macro `{macro.name}'")
            values[parameter.name] = parameter.default
    return values


def substitute(body: list[str], values: dict[str, str], count: int) -> list[str]:
    """The body with \\name, \\@ and \\() replaced; statements that arguments brought in are split off."""

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if found == "\\()":
            return ""
        if found == "\\@":
            return str(count)
        value = values.get(found[1:])
        return found if value is None else value

    out: list[str] = []
    for text in body:
        if "\\" in text:
            text = MACRO_PARAMETER.sub(replace, text)
            if ";" in text or "#" in text:
                out += split_line(text)
                continue
        out.append(text)
    return out


def parse_macro(text: str) -> tuple[str, list[Parameter]]:
    """Name and parameters behind .macro."""
    match = re.match(r"\s*([^\s,(]+)\s*,?\s*(.*)$", text, re.DOTALL)
    if match is None:
        raise AssemblyError("Missing macro name")
    parameters: list[Parameter] = []
    rest = match.group(2).strip()
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1]
    pattern = re.compile(r'\s*,?\s*([A-Za-z_.$][\w.$]*)(?:\s*:\s*(req|vararg))?(?:\s*=\s*("(?:[^"]|"")*"|[^\s,]*))?', re.IGNORECASE)
    position = 0
    while position < len(rest.rstrip()):
        found = pattern.match(rest, position)
        if found is None:
            raise AssemblyError(f"bad macro parameter in `{rest[position:]}'")
        parameter = Parameter(found.group(1))
        qualifier = (found.group(2) or "").lower()
        parameter.required = qualifier == "req"
        parameter.vararg = qualifier == "vararg"
        parameter.default = unquote(found.group(3) or "")
        parameters.append(parameter)
        position = found.end()
    return match.group(1), parameters
