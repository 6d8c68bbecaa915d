"""-Wmisleading-indentation: a statement that stands as if a clause without braces guarded it.

    if (a)
      b();
      c();      // looks guarded, and is not

What is compared are the columns of the guard's line, of the body and of what follows it, as an editor shows them.
"""

from typing import Final, final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.source import SourceMap
from ourocc.preprocess import token as tok
from ourocc.preprocess.token import Token

_TAB: Final = 8


@final
class Place:
    """A token in its line; columns count from 0, with tabs expanded."""

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.start = text.rfind("\n", 0, offset) + 1
        before = text[self.start : offset]
        self.column = len(before.expandtabs(_TAB))
        self.first = first_column(text, self.start)  # of the first thing in the line


def first_column(text: str, start: int) -> int:
    """The column of the first character that is no blank; -1 for a blank line."""
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    if end == len(text) or text[end] == "\n":
        return -1
    return len(text[start:end].expandtabs(_TAB))


def place_of(sources: SourceMap, token: Token) -> Place | None:
    """Where a token stands; what a macro makes stands where the macro is expanded."""
    location = sources.file_location(token.location)
    index = sources.index_of(location)
    source = sources.files[index] if index >= 0 else None
    return Place(source.text, location - source.base) if source is not None else None


def check_indentation(diagnostics: Diagnostics, word: str, guard: Token, body: Token, following: Token) -> None:
    """`word`: the keyword at `guard`; `body`: the first token of its clause; `following`: the first one behind it."""
    if body.spelling == "{" or following.kind == tok.END or following.spelling in (";", "}", "else"):
        return
    sources = diagnostics.sources
    body_place = place_of(sources, body)
    next_place = place_of(sources, following)
    guard_place = place_of(sources, guard)
    if body_place is None or next_place is None or guard_place is None or guard_place.text is not next_place.text:
        return
    if body_place.offset in (guard_place.offset, next_place.offset):
        return  # of one macro expansion
    is_else = word == "else"
    if is_misleading(guard_place, body_place, next_place, is_else, body.spelling == ";", following.spelling == "{"):
        text = f"this '{word}' clause does not guard..."
        diagnostic = diagnostics.warning(guard.location, "misleading-indentation", text)
        text = "...this statement, but the latter is misleadingly indented as if it were guarded by the "
        diagnostics.note(diagnostic, following.location, f"{text}'{word}'")


def is_misleading(
    guard: Place, body: Place, following: Place, is_else: bool, empty: bool, opens_block: bool
) -> bool:
    """`empty`: the body is a mere ";"; `opens_block`: a "{" follows it."""
    if following.start == body.start:
        return guard.start < body.start or guard.column == guard.first
    if following.first < following.column:
        return False
    if empty:
        if body.start != guard.start and body.first == body.column:
            return False  # meant to be empty
        deeper = following.column > guard.first or opens_block and following.column == guard.first
        return deeper and not unindented_between(body, following)
    if following.column != body.column:
        return False
    if (guard.first if is_else else guard.column) >= body.column:
        return False  # nothing is indented at all
    return not unindented_between(body, following)


def unindented_between(body: Place, following: Place) -> bool:
    """Does a line between both stand further left?"""
    text = body.text
    start = text.find("\n", body.offset) + 1
    while 0 < start < following.start:
        column = first_column(text, start)
        if 0 <= column < following.column:
            return True
        start = text.find("\n", start) + 1
    return False
