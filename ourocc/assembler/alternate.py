"""The alternate macro syntax of .altmacro (GNU as, "Altmacro"): <strings>, %expressions, LOCAL names, parameters without \\.

In: a call's arguments, or a macro's body.  Out: the same in the ordinary syntax.
"""

import re
from typing import Final

from ourocc.assembler.expression import parse_constant
from ourocc.assembler.source import split_line
from ourocc.assembler.source import substitute as substitute_ordinary
from ourocc.assembler.symbols import AssemblyError, Symbols

LOCAL: Final = re.compile(r"local\s+(.*)$", re.IGNORECASE)
PIECE: Final = re.compile(r'"(?:\\.|[^"\\])*"|&?[A-Za-z_$][\w$]*&?')
IN_STRING: Final = re.compile(r"&([A-Za-z_$][\w$]*)&?")


def arguments(text: str, symbols: Symbols) -> str:
    """<a!>b> becomes "a>b", and %expression its value."""
    out: list[str] = []
    position = 0
    start = True  # of an argument
    while position < len(text):
        character = text[position]
        if character == '"':
            end = text.find('"', position + 1)
            end = len(text) if end < 0 else end + 1
            out.append(text[position:end])
            position = end
        elif character == "<" and start:
            position = _bracketed(text, position + 1, out)
        elif character == "%" and start:
            end = _end_of_argument(text, position)
            out.append(str(parse_constant(text[position + 1 : end], symbols)))
            position = end
        else:
            out.append(character)
            position += 1
            start = character in ", \t="
            continue
        start = False
    return "".join(out)


def _bracketed(text: str, position: int, out: list[str]) -> int:
    depth = 1
    content: list[str] = []
    while position < len(text):
        character = text[position]
        position += 1
        if character == "!" and position < len(text):
            content.append(text[position])
            position += 1
            continue
        depth += (character == "<") - (character == ">")
        if depth == 0:
            out.append('"' + "".join(content).replace('"', '""') + '"')
            return position
        content.append(character)
    raise AssemblyError("missing closing `>' of a macro argument")


def _end_of_argument(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        character = text[position]
        if depth == 0 and character in ", \t":
            break
        depth += (character == "(") - (character == ")")
        position += 1
    return position


def substitute(body: list[str], values: dict[str, str], count: int, locals_before: int) -> list[str]:
    """The body with parameters replaced wherever they stand as words; a blank statement for each LOCAL name."""
    known = dict(values)
    out: list[str] = []
    rest: list[str] = []
    for text in body:
        match = LOCAL.match(text)
        if match is None:
            rest.append(text)
            continue
        for name in match.group(1).replace(",", " ").split():
            known[name] = f".LL{locals_before + len(out) + 1:04x}"
            out.append("")

    def replace_in_string(match: re.Match[str]) -> str:
        return known.get(match.group(1), match.group())

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if found[0] == '"':
            return IN_STRING.sub(replace_in_string, found)
        return known.get(found.strip("&"), found)

    for text in substitute_ordinary(rest, known, count):
        replaced = PIECE.sub(replace, text)
        out += split_line(replaced) if replaced != text else [text]
    return out
