"""Make rules of what a translation unit reads: -M -MM -MD -MMD -MT -MQ -MP.

In: the result's dependencies; out: the rule's text, quoted and wrapped as GNU make reads it.
"""

from typing import Final

from ourocc.preprocess.files import PreprocessResult

_WIDTH: Final = 72


def quote_for_make(name: str) -> str:
    """Spaces, "#" and "$" as make wants them; backslashes before a space are doubled."""
    parts: list[str] = []
    backslashes = 0
    for c in name:
        if c in " \t":
            parts.append("\\" * (backslashes + 1))
        elif c == "#":
            parts.append("\\")
        elif c == "$":
            parts.append("$")
        backslashes = backslashes + 1 if c == "\\" else 0
        parts.append(c)
    return "".join(parts)


def default_target(source: str) -> str:
    """The object file that a source is compiled to when nothing names another."""
    name = source[source.rfind("/") + 1 :]
    dot = name.rfind(".")
    return (name[:dot] if dot > 0 else name) + ".o"


def _write_names(names: list[str], column: int, parts: list[str]) -> int:
    for name in names:
        if column:
            if column + len(name) > _WIDTH:
                parts.append(" \\\n")
                column = 0
            parts.append(" ")
            column += 1
        parts.append(name)
        column += len(name)
    return column


def dependency_rule(
    result: PreprocessResult, targets: list[str], system_headers: bool = True, phony: bool = False
) -> str:
    """`targets: main.c a.h ...`.

    `targets` are written as they are: pass those of -MQ and the default one through
    `quote_for_make`.  `phony` adds an empty rule for each header (-MP), so that make does not stop
    when one is removed.
    """
    names = [quote_for_make(path) for path, system in result.dependencies if system_headers or not system]
    parts: list[str] = []
    column = _write_names(targets, 0, parts)
    parts.append(":")
    _write_names(names, column + 1, parts)
    parts.append("\n")
    if phony:
        parts += [f"{name}:\n" for name in names[1:]]
    return "".join(parts)
