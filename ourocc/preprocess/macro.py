"""A macro and its replacement list, and how a #define line becomes one (C17 6.10.3)."""

from typing import Final, final

from ourocc.preprocess.token import COMMENT, IDENTIFIER, PUNCTUATOR, SPACE_BEFORE, STRING, Token

# Kinds of macros
OBJECT_LIKE: Final = 0
FUNCTION_LIKE: Final = 1
BUILTIN: Final = 2  # computed when it is expanded: `builtin` says which
POISONED: Final = 3  # #pragma GCC poison: any use is an error
RESERVED: Final = 4  # __VA_ARGS__ and __VA_OPT__: any use outside of a variadic macro is an error

# Flags of tokens in replacement lists, beside those of token.py
PASTE_LEFT: Final = 16  # "##" follows
STRINGIFY: Final = 32  # "#" stands before this parameter
NULL_SOURCE: Final = 64  # a padding that says only: do not paste
FLAG_MASK: Final = 7  # those that a token keeps when it leaves the macro

# Entries of `Body.slots` that are not a parameter's index
NO_SLOT: Final = -1
VA_OPT_SLOT: Final = -2


@final
class Body:
    """A replacement list: `slots[i]` says which parameter `tokens[i]` names."""

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.slots: list[int] = []
        self.optional: dict[int, Body] = {}  # index of __VA_OPT__ -> its contents
        self.pastes = False  # any "##"
        self.starts_pasted = False  # "##" first in __VA_OPT__ (an error elsewhere)


@final
class Macro:
    def __init__(self, name: str, kind: int, location: int) -> None:
        self.name = name
        self.kind = kind
        self.location = location
        self.end = location  # of the last token of the definition
        self.parameters: list[str] = []
        self.variadic = False
        self.named_variadic = False  # GNU `args...`
        self.body = Body()
        self.builtin = 0
        self.disabled = False  # it is being expanded (C17 6.10.3.4 p2)
        self.used = False
        self.system = False  # defined in a system header or built in


class DefinitionError(Exception):
    """A #define that is wrong: message and the token where."""

    def __init__(self, token: Token, message: str) -> None:
        super().__init__(message)
        self.token = token
        self.message = message


def parse_parameters(macro: Macro, line: list[Token], index: int) -> int:
    """Read `a, b, ...)` from `line[index]` on; returns the index behind the parenthesis."""
    expect_name = True
    while True:
        if index >= len(line):
            raise DefinitionError(
                line[-1],
                "expected ')' before end of line"
                if not expect_name or not macro.parameters
                else "expected parameter name, found end of line",
            )
        token = line[index]
        index += 1
        if token.kind == COMMENT:
            continue
        if expect_name:
            if token.kind == IDENTIFIER:
                if token.spelling in macro.parameters:
                    raise DefinitionError(token, f'duplicate macro parameter "{token.spelling}"')
                if token.spelling == "__VA_ARGS__":
                    raise DefinitionError(token, "__VA_ARGS__ can only appear in the expansion of a C99 variadic macro")
                macro.parameters.append(token.spelling)
                if index < len(line) and line[index].spelling == "..." and line[index].kind == PUNCTUATOR:
                    macro.variadic = True
                    macro.named_variadic = True
                    index += 1
                expect_name = False
                continue
            if token.spelling == "..." and token.kind == PUNCTUATOR:
                macro.variadic = True
                macro.parameters.append("__VA_ARGS__")
                expect_name = False
                continue
            if token.spelling == ")" and not macro.parameters:
                return index
            raise DefinitionError(token, f'expected parameter name, found "{token.spelling}"')
        if token.spelling == ")":
            return index
        if macro.variadic:
            raise DefinitionError(token, "expected ')' after \"...\"")
        if token.spelling != ",":
            raise DefinitionError(token, f"expected ',' or ')', found \"{token.spelling}\"")
        expect_name = True


def parse_body(macro: Macro, line: list[Token], keep_comments: bool) -> Body:
    """The replacement list `line` of `macro`; operators become flags of their operands."""
    body = _parse_operands(macro, line, keep_comments, False)
    if body.tokens:
        # The space before the first token is no part of the list (C17 6.10.3 p7).
        body.tokens[0].flags &= ~SPACE_BEFORE
    return body


def _parse_operands(macro: Macro, line: list[Token], keep_comments: bool, in_optional: bool) -> Body:
    body = Body()
    function_like = macro.kind == FUNCTION_LIKE
    positions: dict[str, int] = {name: i for i, name in enumerate(macro.parameters)}
    index = 0
    count = len(line)
    stringify: Token | None = None
    while index < count:
        token = line[index]
        index += 1
        if token.kind == COMMENT and not keep_comments:
            continue
        slot = NO_SLOT
        token = Token(token.kind, token.spelling, token.location, token.flags & SPACE_BEFORE)
        if token.kind == PUNCTUATOR and stringify is None:
            if token.spelling == "##":
                if not body.tokens and in_optional:
                    body.starts_pasted = True
                    continue
                if not body.tokens or (index == count and not in_optional):
                    raise DefinitionError(token, "'##' cannot appear at either end of a macro expansion")
                body.pastes = True
                # "####" is an operand between two operators only where it came from "# ##".
                body.tokens[-1].flags |= PASTE_LEFT
                continue
            if token.spelling == "#" and function_like:
                stringify = token
                continue
        if token.kind == IDENTIFIER:
            slot = positions.get(token.spelling, NO_SLOT)
            if slot == NO_SLOT and token.spelling == "__VA_OPT__" and macro.variadic:
                end = _matching_parenthesis(line, index, token)
                contents = line[index + 1 : end]
                slot = VA_OPT_SLOT
                body.optional[len(body.tokens)] = _parse_operands(macro, contents, keep_comments, True)
                body.pastes = True
                index = end + 1
        if stringify is not None:
            if slot == NO_SLOT:
                raise DefinitionError(token, "'#' is not followed by a macro parameter")
            token.flags = (stringify.flags & SPACE_BEFORE) | STRINGIFY
            stringify = None
        body.tokens.append(token)
        body.slots.append(slot)
    if stringify is not None:
        raise DefinitionError(stringify, "'#' is not followed by a macro parameter")
    return body


def _matching_parenthesis(line: list[Token], index: int, token: Token) -> int:
    """Index of the ")" that closes __VA_OPT__'s "(" at `index`."""
    if index >= len(line) or line[index].spelling != "(":
        raise DefinitionError(token, "__VA_OPT__ must be followed by an open parenthesis")
    depth = 0
    for position in range(index, len(line)):
        inner = line[position]
        if inner.kind == PUNCTUATOR:
            if inner.spelling == "(":
                depth += 1
            elif inner.spelling == ")":
                depth -= 1
                if depth == 0:
                    return position
        elif inner.kind == IDENTIFIER and inner.spelling == "__VA_OPT__":
            raise DefinitionError(inner, "__VA_OPT__ may not appear in a __VA_OPT__")
    raise DefinitionError(token, "unterminated __VA_OPT__")


def same_definition(a: Macro, b: Macro) -> bool:
    """Whether a redefinition is allowed (C17 6.10.3 p1-2)."""
    if a.kind != b.kind or a.parameters != b.parameters or a.variadic != b.variadic:
        return False
    return _same_body(a.body, b.body)


def _same_body(a: Body, b: Body) -> bool:
    if len(a.tokens) != len(b.tokens) or a.slots != b.slots or a.starts_pasted != b.starts_pasted:
        return False
    for i, left in enumerate(a.tokens):
        right = b.tokens[i]
        if left.kind != right.kind or left.spelling != right.spelling or left.flags != right.flags:
            return False
    return all(_same_body(a.optional[i], b.optional[i]) for i in a.optional)


def _body_text(body: Body) -> str:
    parts: list[str] = []
    if body.starts_pasted:
        parts.append("##")
    for i, token in enumerate(body.tokens):
        if token.flags & SPACE_BEFORE and parts:
            parts.append(" ")
        if token.flags & STRINGIFY:
            parts.append("#")
        parts.append(token.spelling)
        if i in body.optional:
            parts.append("(" + _body_text(body.optional[i]) + ")")
        if token.flags & PASTE_LEFT:
            parts.append(" ##")
    return "".join(parts)


def definition_text(macro: Macro) -> str:
    """`NAME(a, b) body` as -dM and -dD print it."""
    text = macro.name
    if macro.kind == FUNCTION_LIKE:
        names = list(macro.parameters)
        if macro.variadic:
            names[-1] = names[-1] + "..." if macro.named_variadic else "..."
        text += "(" + ",".join(names) + ")"
    return text + " " + _body_text(macro.body)


def spell_tokens(tokens: list[Token]) -> str:
    """A line of tokens as text, with one space where there was white space."""
    parts: list[str] = []
    for token in tokens:
        if token.flags & SPACE_BEFORE and parts:
            parts.append(" ")
        parts.append(token.spelling)
    return "".join(parts)


def quote(text: str) -> str:
    """A string literal with these characters."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def string_token(text: str, location: int, flags: int) -> Token:
    return Token(STRING, quote(text), location, flags)
