"""Macro expansion: raw tokens in, expanded tokens out (C17 6.10.3.1 to 6.10.3.4).

A stack of contexts holds replacement lists that are still to be read; below it lies the file.  A
macro is disabled while its context is on the stack, and an identifier that names a disabled macro
is painted with NO_EXPAND for good.  That is the algorithm of the C committee's text as GNU C
reads it where the standard leaves it open: what is read behind the end of a context is no longer
inside the macro.

White space is kept by paddings (PLACEMARKER tokens): where a macro or an argument begins, one
that says whether the name had a space before it, where one ends, one that says only that the
tokens must not run together.  `#` and -E read them; the parser never sees them.
"""

import sys
from typing import Final, final

from ourocc.base.diagnostics import REQUIRED, Diagnostics
from ourocc.base.source import SourceMap
from ourocc.preprocess.lexer import Lexer
from ourocc.preprocess.macro import (
    BUILTIN,
    FLAG_MASK,
    FUNCTION_LIKE,
    NO_SLOT,
    NULL_SOURCE,
    OBJECT_LIKE,
    PASTE_LEFT,
    POISONED,
    RESERVED,
    STRINGIFY,
    VA_OPT_SLOT,
    Body,
    Macro,
)
from ourocc.preprocess.token import (
    CHARACTER,
    COMMENT,
    END,
    IDENTIFIER,
    NO_EXPAND,
    OTHER,
    PLACEMARKER,
    PRAGMA,
    PUNCTUATOR,
    SPACE_BEFORE,
    START_OF_LINE,
    STRING,
    Token,
)

_DIGRAPH_MEANINGS: Final = {"[": "<:", "]": ":>", "{": "<%", "}": "%>", "#": "%:", "##": "%:%:"}

AVOID_PASTE: Final = Token(PLACEMARKER, "", 0, NULL_SOURCE)
PADDING: Final = Token(PLACEMARKER, "", 0, 0)
PADDING_WITH_SPACE: Final = Token(PLACEMARKER, "", 0, SPACE_BEFORE)


def padding_for(flags: int) -> Token:
    return PADDING_WITH_SPACE if flags & SPACE_BEFORE else PADDING


@final
class Context:
    """Tokens that are read before anything below.  A `barrier` ends the reader's input."""

    def __init__(self, tokens: list[Token], macro: Macro | None, barrier: bool, below: "Context | None") -> None:
        self.tokens = tokens
        self.index = 0
        self.macro = macro
        self.barrier = barrier
        self.below = below


@final
class Argument:
    """One argument: as written, and, when asked for, expanded or as a string."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.omitted = False  # a variable argument without even a comma
        self.expanded: list[Token] | None = None
        self.text = ""
        self.has_text = False


class Expander:
    """The reader of expanded tokens; `Preprocessor` adds files, directives and built-in macros."""

    def __init__(self, sources: SourceMap, diagnostics: Diagnostics, lexer: Lexer) -> None:
        self.sources = sources
        self.diagnostics = diagnostics
        self.lexer = lexer
        self.macros: dict[str, Macro] = {}
        self.context: Context | None = None
        self.prevent_expansion = 0
        self.parsing_arguments = 0  # 1: looking for "(", 2: between the parentheses
        self.in_directive = False
        self.standard_c = False  # -std=c*: `, ##__VA_ARGS__` keeps its comma when nothing else is named
        self.begins_line = 0  # START_OF_LINE when the next token out of an expansion starts a line
        self.invocation_location = 0  # of the outermost macro that is being expanded
        self.end_token = Token(END, "", 0, START_OF_LINE)
        self.unsigned_characters = False  # plain char in #if

    # ------------------------------------------------------------------ what a subclass gives

    def lex_token(self) -> Token:
        """The next token of the file, after directives."""
        raise NotImplementedError

    def unlex_token(self) -> None:
        """Give back the token that `lex_token` gave last."""
        raise NotImplementedError

    def expand_builtin(self, macro: Macro, token: Token) -> list[Token] | None:
        """Tokens of a built-in macro, or None to leave the name alone."""
        raise NotImplementedError

    def is_defined(self, name: Token) -> bool:
        """`defined name`."""
        raise NotImplementedError

    def has_include(self, name: str, angled: bool, next_one: bool) -> bool:
        raise NotImplementedError

    def has_feature(self, operator: str, name: str) -> int:
        """What __has_attribute and its like give for a name."""
        raise NotImplementedError

    # ------------------------------------------------------------------ reading

    def next_token(self) -> Token:
        """The next expanded token, or a padding."""
        while True:
            context = self.context
            if context is None:
                token = self.lex_token()
            elif context.index < len(context.tokens):
                token = context.tokens[context.index]
                context.index += 1
            else:
                if context.barrier:
                    return self.end_token
                self.pop_context()
                if self.in_directive:
                    continue
                return AVOID_PASTE
            if token.kind != IDENTIFIER or token.flags & NO_EXPAND:
                return token
            macro = self.macros.get(token.spelling)
            if macro is None:
                return token
            if macro.disabled:
                token.flags |= NO_EXPAND
                return token
            if self.prevent_expansion:
                return token
            if self.context is None:
                self.invocation_location = token.location
                self.begins_line |= token.flags & START_OF_LINE
            if not self.enter_macro(macro, token):
                return token
            if not self.in_directive:
                return padding_for(token.flags)

    def next_significant(self) -> Token:
        """The next expanded token that is no padding."""
        while True:
            token = self.next_token()
            if token.kind != PLACEMARKER and token.kind != COMMENT:
                return token

    def push_context(self, tokens: list[Token], macro: Macro | None, barrier: bool) -> None:
        self.context = Context(tokens, macro, barrier, self.context)

    def pop_context(self) -> None:
        context = self.context
        assert context is not None
        if context.macro is not None:
            context.macro.disabled = False
        self.context = context.below

    def expand_all(self, tokens: list[Token]) -> list[Token]:
        """A list expanded as if it were the rest of the file (C17 6.10.3.1)."""
        self.push_context(tokens, None, True)
        barrier = self.context
        saved_prevent = self.prevent_expansion
        saved_arguments = self.parsing_arguments
        self.prevent_expansion = 0
        self.parsing_arguments = 0
        result: list[Token] = []
        while True:
            token = self.next_token()
            if token.kind == END:
                break
            result.append(token)
        while self.context is not barrier:
            self.pop_context()
        self.pop_context()
        self.prevent_expansion = saved_prevent
        self.parsing_arguments = saved_arguments
        return result

    # ------------------------------------------------------------------ invocations

    def enter_macro(self, macro: Macro, token: Token) -> bool:
        """Push what the macro that `token` names stands for; False when it is no invocation."""
        kind = macro.kind
        if kind == OBJECT_LIKE:
            macro.used = True
            body = macro.body
            if body.pastes:
                copied = self.substitute(body, [], macro, token)
            else:
                copied = body.tokens
            self.push_context(self.place(macro, token, copied), macro, False)
            macro.disabled = True
            return True
        if kind == FUNCTION_LIKE:
            if not self.find_parenthesis():
                return False
            arguments = self.collect_arguments(macro, token)
            if arguments is None:
                return False
            macro.used = True
            substituted = self.substitute(macro.body, arguments, macro, token)
            self.push_context(self.place(macro, token, substituted), macro, False)
            macro.disabled = True
            return True
        if kind == BUILTIN:
            result = self.expand_builtin(macro, token)
            if result is None:
                return False
            self.push_context(result, None, False)
            return True
        if kind == POISONED:
            self.diagnostics.error(token.location, f'attempt to use poisoned "{macro.name}"')
        elif kind == RESERVED:
            if macro.name == "__VA_ARGS__":
                message = "__VA_ARGS__ can only appear in the expansion of a C99 variadic macro"
            else:
                message = "__VA_OPT__ can only appear in the expansion of a C++20 variadic macro"
            self.diagnostics.pedwarn(token.location, REQUIRED, message)
        token.flags |= NO_EXPAND
        return False

    def place(self, macro: Macro, name: Token, tokens: list[Token]) -> list[Token]:
        """Fresh tokens, placed inside an expansion of `macro` at `name`."""
        if not tokens:
            return tokens
        spelled = [token.location for token in tokens]
        location = self.sources.add_expansion(macro.name, name.location, spelled, macro.location, macro.end)
        result: list[Token] = []
        for token in tokens:
            if token.kind == PLACEMARKER:
                result.append(token)
            else:
                result.append(Token(token.kind, token.spelling, location, token.flags & FLAG_MASK))
            location += 1
        return result

    def find_parenthesis(self) -> bool:
        """Whether "(" follows; reads it if so, else only ends contexts that are read through."""
        self.parsing_arguments = 1
        padding: Token | None = None
        while True:
            context = self.context
            if context is None:
                token = self.lex_token()
                if token.kind == COMMENT:
                    continue
                self.parsing_arguments = 0
                if token.kind == PUNCTUATOR and token.spelling == "(":
                    return True
                self.unlex_token()
                break
            if context.index < len(context.tokens):
                token = context.tokens[context.index]
                context.index += 1
                if token.kind == PLACEMARKER or token.kind == COMMENT:
                    padding = self._merge_padding(padding, token)
                    continue
                self.parsing_arguments = 0
                if token.kind == PUNCTUATOR and token.spelling == "(":
                    return True
                context.index -= 1
                break
            if context.barrier:
                self.parsing_arguments = 0
                break
            self.pop_context()
            if not self.in_directive:
                padding = self._merge_padding(padding, AVOID_PASTE)
        if padding is not None:
            self.push_context([padding], None, False)
        return False

    def _merge_padding(self, old: Token | None, new: Token) -> Token:
        """Which of two paddings in a row counts."""
        if old is None or old.flags & NULL_SOURCE:
            return new
        if not old.flags & SPACE_BEFORE and new.flags & NULL_SOURCE:
            return new
        return old

    def collect_arguments(self, macro: Macro, name: Token) -> list[Argument] | None:
        """Read arguments up to the closing parenthesis; None after a message."""
        arguments: list[Argument] = []
        current: list[Token] = []
        depth = 0
        parameter_count = len(macro.parameters)
        self.prevent_expansion += 1
        self.parsing_arguments = 2
        ended = False
        while True:
            token = self.next_token()
            kind = token.kind
            if kind == PUNCTUATOR:
                spelling = token.spelling
                if spelling == "(":
                    depth += 1
                elif spelling == ")":
                    if depth == 0:
                        break
                    depth -= 1
                elif spelling == "," and depth == 0:
                    if not (macro.variadic and len(arguments) + 1 == parameter_count):
                        arguments.append(self._finish_argument(current))
                        current = []
                        continue
            elif kind == PLACEMARKER:
                if not current:
                    continue
            elif kind == END:
                ended = True
                break
            if token.flags & START_OF_LINE:
                # Inside the parentheses a new line is white space (C17 6.10.3 p10).
                token.flags = (token.flags & ~START_OF_LINE) | SPACE_BEFORE
            current.append(token)
        arguments.append(self._finish_argument(current))
        self.prevent_expansion -= 1
        self.parsing_arguments = 0
        if ended:
            self.diagnostics.error(name.location, f'unterminated argument list invoking macro "{macro.name}"')
            return None
        return self._check_arguments(macro, name, arguments, token.location)

    def _finish_argument(self, tokens: list[Token]) -> Argument:
        while tokens and tokens[-1].kind == PLACEMARKER:
            tokens.pop()
        return Argument(tokens)

    def _check_arguments(
        self, macro: Macro, name: Token, arguments: list[Argument], closing: int
    ) -> list[Argument] | None:
        """The number of arguments is right (C17 6.10.3 p4), or a message tells."""
        count = len(arguments)
        expected = len(macro.parameters)
        if count == 1 and expected == 0 and not arguments[0].tokens:
            return []
        if count < expected:
            if count + 1 == expected and macro.variadic:
                if self.diagnostics.pedantic and not macro.system:
                    self.diagnostics.pedwarn(
                        name.location, "", 'ISO C99 requires at least one argument for the "..." in a variadic macro'
                    )
                omitted = Argument([])
                omitted.omitted = True
                arguments.append(omitted)
                return arguments
            text = f'macro "{macro.name}" requires {expected} arguments, but only {count} given'
            self._argument_error(macro, closing, text)
            return None
        if count > expected:
            text = f'macro "{macro.name}" passed {count} arguments, but takes just {expected}'
            self._argument_error(macro, closing, text)
            return None
        # A lone variable argument that is empty counts as left out, but for -std=c* (GNU's reading).
        if macro.variadic and count == 1 and not arguments[0].tokens and not self.standard_c:
            arguments[0].omitted = True
        return arguments

    def _argument_error(self, macro: Macro, location: int, text: str) -> None:
        message = self.diagnostics.error(self.sources.file_location(location), text)
        if macro.location > 0:
            self.diagnostics.note(message, macro.location, f'macro "{macro.name}" defined here')

    # ------------------------------------------------------------------ replacement

    def substitute(self, body: Body, arguments: list[Argument], macro: Macro, name: Token) -> list[Token]:
        """The replacement list with arguments, # and ## done; tokens still carry their old places."""
        out: list[Token] = []
        tokens = body.tokens
        slots = body.slots
        paste = body.starts_pasted  # "##" stands before the operand
        have_left = False  # the left operand of that "##" is no placemarker
        for i, token in enumerate(tokens):
            slot = slots[i]
            flags = token.flags
            pastes_next = (flags & PASTE_LEFT) != 0
            if slot == NO_SLOT:
                if paste and have_left:
                    self.paste(out, token)
                else:
                    out.append(token)
                have_left = True
                paste = pastes_next
                continue
            if slot == VA_OPT_SLOT:
                operand = self._optional(body.optional[i], token, arguments, macro, name)
                if flags & STRINGIFY:
                    operand = [self._string_of(operand, token)]
            elif flags & STRINGIFY:
                argument = arguments[slot]
                if not argument.has_text:
                    argument.text = self._string_of(argument.tokens, token).spelling
                    argument.has_text = True
                operand = [Token(STRING, argument.text, token.location, flags & SPACE_BEFORE)]
            elif pastes_next or paste:
                argument = arguments[slot]
                operand = argument.tokens
                if paste and macro.variadic and slot == len(macro.parameters) - 1 and have_left:
                    if out and out[-1].kind == PUNCTUATOR and out[-1].spelling == ",":
                        # GNU: `, ##__VA_ARGS__` drops the comma when the argument is left out.
                        if argument.omitted:
                            out.pop()
                        else:
                            paste = False
                            out += operand
                            have_left = bool(operand) or not pastes_next
                            if not pastes_next:
                                out.append(AVOID_PASTE)
                            paste = pastes_next
                            continue
            else:
                operand = self._expanded(arguments[slot])
            self._append_operand(out, operand, token, i > 0 or paste, paste, have_left, pastes_next, slot)
            have_left = bool(operand) or (paste and have_left)
            paste = pastes_next
        return out

    def _append_operand(
        self,
        out: list[Token],
        operand: list[Token],
        token: Token,
        padded: bool,
        paste: bool,
        have_left: bool,
        pastes_next: bool,
        slot: int,
    ) -> None:
        """Append an argument, pasted or with paddings around it."""
        if token.flags & STRINGIFY:
            if paste and have_left:
                self.paste(out, operand[0])
            else:
                out += operand
            return
        if paste:
            if have_left and operand:
                self.paste(out, operand[0])
                out += operand[1:]
            else:
                out += operand
        else:
            if padded and not self.in_directive:
                out.append(padding_for(token.flags))
            out += operand
        if not pastes_next and not self.in_directive:
            out.append(AVOID_PASTE)

    def _optional(
        self, contents: Body, token: Token, arguments: list[Argument], macro: Macro, name: Token
    ) -> list[Token]:
        """__VA_OPT__(contents): nothing when the variable argument expands to nothing."""
        variable = arguments[len(macro.parameters) - 1]
        if not any(item.kind != PLACEMARKER for item in self._expanded(variable)):
            return []
        result = self.substitute(contents, arguments, macro, name)
        while result and result[0].kind == PLACEMARKER:
            result.pop(0)
        while result and result[-1].kind == PLACEMARKER:
            result.pop()
        if result:
            first = result[0]
            result[0] = Token(
                first.kind, first.spelling, first.location,
                (first.flags & ~SPACE_BEFORE) | (token.flags & SPACE_BEFORE),
            )  # fmt: skip
        return result

    def _expanded(self, argument: Argument) -> list[Token]:
        expanded = argument.expanded
        if expanded is None:
            expanded = argument.tokens
            for token in expanded:
                if token.kind == IDENTIFIER and not token.flags & NO_EXPAND and token.spelling in self.macros:
                    # The expansion must not paint the tokens that # and ## read.
                    copies = [
                        Token(item.kind, item.spelling, item.location, item.flags) if item.kind == IDENTIFIER else item
                        for item in argument.tokens
                    ]
                    expanded = self.expand_all(copies)
                    break
            argument.expanded = expanded
        return expanded

    def _string_of(self, tokens: list[Token], at: Token) -> Token:
        """# (C17 6.10.3.2): the spelling of an argument as a string literal."""
        parts: list[str] = []
        source = -1  # flags of the padding that stands for the space, -1 for none
        backslashes = 0
        for token in tokens:
            if token.kind == PLACEMARKER:
                if source < 0 or source & NULL_SOURCE or (not source & SPACE_BEFORE and token.flags & NULL_SOURCE):
                    source = token.flags
                continue
            if token.kind == COMMENT:
                source = SPACE_BEFORE
                continue
            flags = token.flags
            if source >= 0 and not source & NULL_SOURCE:
                flags = source
            if parts and flags & (SPACE_BEFORE | START_OF_LINE):
                parts.append(" ")
            source = -1
            spelling = token.spelling
            if token.kind == STRING or token.kind == CHARACTER or spelling[:1] in ("'", '"'):
                spelling = spelling.replace("\\", "\\\\").replace('"', '\\"')
                backslashes = 0
            elif spelling in _DIGRAPH_MEANINGS and self.lexer.mode.digraphs:
                spelling = self.written(token)
                backslashes = 0
            elif spelling == "\\" and token.kind == OTHER:
                backslashes += 1
            else:
                backslashes = 0
            parts.append(spelling)
        if backslashes % 2:
            self.diagnostics.warning(at.location, "", "invalid string literal, ignoring final '\\'")
            parts.pop()
        return Token(STRING, sys.intern('"' + "".join(parts) + '"'), at.location, at.flags & SPACE_BEFORE)

    def written(self, token: Token) -> str:
        """The spelling in the source of a token that may be a digraph (they differ only here)."""
        location = self.sources.spelling_location(token.location)
        index = self.sources.index_of(location)
        file = self.sources.files[index] if index >= 0 and location > 0 else None
        if file is not None:
            offset = location - file.base
            digraph = _DIGRAPH_MEANINGS[token.spelling]
            if file.text.startswith(digraph, offset):
                return digraph
        return token.spelling

    def paste(self, out: list[Token], right: Token) -> None:
        """## (C17 6.10.3.3): join `right` to the last token of `out`."""
        left = out.pop()
        spelling = left.spelling + right.spelling
        lexeme = self.lexer.single(spelling)
        if lexeme is None or left.kind == PRAGMA or right.kind == PRAGMA:
            if not self.lexer.mode.assembler:
                self.diagnostics.error(
                    left.location if left.location > 0 else self.invocation_location,
                    f'pasting "{left.spelling}" and "{right.spelling}" does not give a valid preprocessing token',
                )
            out.append(left)
            out.append(AVOID_PASTE)
            out.append(right)
            return
        flags = lexeme.flags & ~START_OF_LINE | (left.flags & SPACE_BEFORE)
        out.append(Token(lexeme.kind, lexeme.spelling, left.location, flags))
