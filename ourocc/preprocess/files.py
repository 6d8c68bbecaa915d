"""Reading files: the stack of open ones, #include's search, the main loop, and built-in macros.

The main loop copies stretches of tokens that are neither macros nor directives as they come; the
rest goes through `Expander.next_token`.
"""

import os
import sys
import time
from typing import Final, final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.signals import let_signals_in
from ourocc.base.source import SourceFile, SourceMap, remap_prefix
from ourocc.preprocess.condition import Condition, ConditionError
from ourocc.preprocess.expansion import Expander
from ourocc.preprocess.features import ATTRIBUTES, BUILTINS, STANDARD_ATTRIBUTES
from ourocc.preprocess.include import (
    USER,
    Found,
    IncludeChain,
    directory_of,
    join,
    read_text,
    tokens_of,
)
from ourocc.preprocess.lexer import (
    DIRECTIVE,
    FILE_END,
    NAME,
    FileTokens,
    canonical_standard,
    lexer_for,
    mode_for,
)
from ourocc.preprocess.macro import (
    BUILTIN,
    NULL_SOURCE,
    POISONED,
    RESERVED,
    Macro,
    quote,
)
from ourocc.preprocess.options import PreprocessorOptions
from ourocc.preprocess.token import (
    AFTER_PADDING,
    CHARACTER,
    END,
    NO_EXPAND,
    NUMBER,
    OTHER,
    PLACEMARKER,
    SPACE_BEFORE,
    STRING,
    Token,
)

# Events between tokens, which only -E prints
ENTER_FILE: Final = 0
LEAVE_FILE: Final = 1
LINE_CHANGE: Final = 2
DEFINE: Final = 3
UNDEFINE: Final = 4
INCLUDE: Final = 5
IDENT: Final = 6

# Built-in macros
_LINE: Final = 1
_FILE: Final = 2
_COUNTER: Final = 3
_INCLUDE_LEVEL: Final = 4
_BASE_FILE: Final = 5
_FILE_NAME: Final = 6
_DATE: Final = 7
_TIME: Final = 8
_TIMESTAMP: Final = 9
PRAGMA_OPERATOR: Final = 10
_HAS: Final = 11

BUILTIN_MACROS: Final = {
    "__LINE__": _LINE, "__FILE__": _FILE, "__COUNTER__": _COUNTER, "__INCLUDE_LEVEL__": _INCLUDE_LEVEL,
    "__BASE_FILE__": _BASE_FILE, "__FILE_NAME__": _FILE_NAME, "__DATE__": _DATE, "__TIME__": _TIME,
    "__TIMESTAMP__": _TIMESTAMP, "_Pragma": PRAGMA_OPERATOR, "__has_include": _HAS, "__has_include_next": _HAS,
    "__has_attribute": _HAS, "__has_cpp_attribute": _HAS, "__has_c_attribute": _HAS, "__has_builtin": _HAS,
}  # fmt: skip

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@final
class Event:
    """Something that -E shows before token `index` of the output."""

    def __init__(self, kind: int, index: int, location: int, text: str, line: int, flags: int) -> None:
        self.kind = kind
        self.index = index
        self.location = location
        self.text = text
        self.line = line
        self.flags = flags  # of a line marker: 0 or SYSTEM


@final
class PreprocessResult:
    def __init__(self) -> None:
        self.tokens: list[Token] = []  # ends with one of kind END; no NEWLINE
        self.macros: dict[str, Macro] = {}
        self.dependencies: list[tuple[str, bool]] = []  # path, found in a system directory
        self.missing: list[tuple[str, bool]] = []  # with -MG: headers that do not exist (yet)
        self.events: list[Event] = []
        self.main_file = ""


@final
class Conditional:
    """An open #if group."""

    def __init__(self, location: int, directive: str, taken: bool) -> None:
        self.location = location
        self.directive = directive
        self.taken = taken
        self.seen_else = False


@final
class Reader:
    """A file that is being read."""

    def __init__(self, file: SourceFile, tokens: FileTokens, below: "Reader | None") -> None:
        self.file = file
        self.base = file.base
        self.tokens = tokens
        self.lexemes = tokens.lexemes
        self.offsets = tokens.offsets
        self.index = 0
        self.below = below
        self.conditionals: list[Conditional] = []
        self.path = file.name
        self.directory = directory_of(file.name)
        self.position = -1  # in the include chain
        self.system = USER
        self.silent = False  # -imacros: tokens are dropped
        self.marks_depth = 0


class FileExpander(Expander):
    def __init__(self, options: PreprocessorOptions, sources: SourceMap, diagnostics: Diagnostics) -> None:
        standard = canonical_standard(options.standard)
        mode = mode_for(
            standard,
            options.effective_trigraphs() and not options.preprocessed,
            options.dollars_in_identifiers and not options.assembler,
            options.keep_comments or options.keep_macro_comments,
            options.assembler,
        )
        super().__init__(sources, diagnostics, lexer_for(mode))
        self.options = options
        self.standard_c = not standard.startswith("gnu")
        self.unsigned_characters = "__CHAR_UNSIGNED__" in options.predefined
        self.reader: Reader | None = None
        self.depth = 0
        self.result = PreprocessResult()
        self.out: list[Token] = self.result.tokens
        self.chain = IncludeChain(
            options.quote_directories, options.directories, options.system_directories, options.after_directories
        )
        self.counter = 0
        self.once: set[tuple[int, int]] = set()  # (size, hash of the text) of #pragma once files
        self.seen_dependencies: set[str] = set()
        self.finished: set[str] = set()  # files that were read to their end
        self.date = ""
        self.time = ""
        self.directive_location = 0
        self.unlex_step = 0  # how far `unlex_token` goes back
        self.pending_pragmas: list[Token] = []
        self.stop_at: Reader | None = None  # `lex_token` ends the input when it returns to this file

    # ------------------------------------------------------------------ what the subclass gives

    def directive(self, reader: Reader, index: int) -> bool:
        """Carry out the directive whose "#" is lexeme `index`; False: it is text after all."""
        raise NotImplementedError

    def pragma(self, line: list[Token], location: int, from_operator: bool) -> Token | None:
        """Carry out a pragma; the token that stands for it in the output, if any."""
        raise NotImplementedError

    # ------------------------------------------------------------------ the main loop

    def run(self) -> None:
        """Read up to the end of what is open above `stop_at`; tokens go to `self.out`."""
        source = -1  # flags of the padding before the next token, -1 for none
        while True:
            if self.context is None and source < 0 and not self.begins_line:
                self.copy_plain()
                if self.reader is None:
                    return
            token = self.next_token()
            kind = token.kind
            if kind == PLACEMARKER:
                if source < 0 or source & NULL_SOURCE or (not source & SPACE_BEFORE and token.flags & NULL_SOURCE):
                    source = token.flags
                continue
            if kind == END:
                if self.reader is self.stop_at:
                    return
                continue
            if source >= 0:
                if not source & NULL_SOURCE:
                    token.flags = (token.flags & ~SPACE_BEFORE) | source
                token.flags |= AFTER_PADDING
                source = -1
            token.flags |= self.begins_line
            self.begins_line = 0
            if kind == OTHER and token.spelling[:1] in ("'", '"'):
                self.unterminated(token)
            self.out.append(token)

    def copy_plain(self) -> None:
        """Copy tokens from the file up to the next one that is a macro, a directive or the end."""
        reader = self.reader
        if reader is None:
            return
        lexemes = reader.lexemes
        offsets = reader.offsets
        base = reader.base
        macros = self.macros
        index = reader.index
        out = self.out
        while True:
            lexeme = lexemes[index]
            dispatch = lexeme.dispatch
            if dispatch:
                if dispatch != NAME or lexeme.spelling in macros:
                    break
            out.append(Token(lexeme.kind, lexeme.spelling, base + offsets[index], lexeme.flags))
            index += 1
        reader.index = index

    def unterminated(self, token: Token) -> None:
        """A literal without its closing quote: an error, and a literal in its stead."""
        message = f"missing terminating {token.spelling[0]} character"
        if self.lexer.mode.assembler:
            return
        if self.options.preprocess_only:
            self.diagnostics.warning(token.location, "", message)
            return
        self.diagnostics.error(token.location, message)
        mark = token.spelling[0]
        token.kind = STRING if mark == '"' else CHARACTER
        token.spelling = token.spelling.rstrip("\\") + mark if mark == '"' else "'0'"

    # ------------------------------------------------------------------ Expander's file

    def lex_token(self) -> Token:
        while True:
            reader = self.reader
            if reader is None:
                self.unlex_step = 0
                return self.end_token
            index = reader.index
            lexeme = reader.lexemes[index]
            dispatch = lexeme.dispatch
            if dispatch == DIRECTIVE:
                if self.parsing_arguments != 1 and self.directive(reader, index):
                    if self.pending_pragmas:
                        return self.pending_pragmas.pop(0)
                    continue
            elif dispatch == FILE_END:
                if self.parsing_arguments:
                    self.unlex_step = 0
                    return self.end_token
                self.leave_file()
                if self.reader is self.stop_at:
                    self.unlex_step = 0
                    return self.end_token
                continue
            reader.index = index + 1
            self.unlex_step = 1
            return Token(lexeme.kind, lexeme.spelling, reader.base + reader.offsets[index], lexeme.flags)

    def unlex_token(self) -> None:
        reader = self.reader
        if reader is not None:
            reader.index -= self.unlex_step

    def is_defined(self, name: Token) -> bool:
        macro = self.macros.get(name.spelling)
        if macro is None:
            return False
        if macro.kind == POISONED:
            self.diagnostics.error(name.location, f'attempt to use poisoned "{macro.name}"')
            return False
        macro.used = True
        return macro.kind != RESERVED and macro.builtin != PRAGMA_OPERATOR

    # ------------------------------------------------------------------ files

    def event(self, kind: int, location: int, text: str, line: int, flags: int) -> None:
        if self.options.collect_events:
            self.result.events.append(Event(kind, len(self.result.tokens), location, text, line, flags))

    def enter_text(self, name: str, text: str, tokens: FileTokens, included_at: int, system: int) -> Reader:
        """Make a text the file that is read."""
        file = self.sources.add_file(name, text, included_at, system != USER)
        reader = Reader(file, tokens, self.reader)
        reader.system = system
        if self.reader is not None:
            reader.silent = self.reader.silent
        self.reader = reader
        self.depth += 1
        for problem in tokens.problems:
            if problem.is_error:
                self.diagnostics.error(file.base + problem.offset, problem.message)
            else:
                self.diagnostics.warning(file.base + problem.offset, problem.option, problem.message)
        return reader

    def leave_file(self) -> None:
        reader = self.reader
        assert reader is not None
        for conditional in reversed(reader.conditionals):
            self.diagnostics.error(conditional.location, f"unterminated #{conditional.directive}")
        self.reader = reader.below
        self.depth -= 1
        self.finished.add(reader.path)
        if reader.below is not None:
            below = reader.below
            self.event(LEAVE_FILE, reader.file.included_at, below.file.name, 0, below.system)

    def add_dependency(self, path: str, system: bool) -> None:
        if path not in self.seen_dependencies:
            self.seen_dependencies.add(path)
            self.result.dependencies.append((path, system))

    def find_include(self, name: str, angled: bool, next_one: bool) -> Found | None:
        """Search a header as #include does."""
        if not name:
            return None
        if name.startswith("/"):
            text = read_text(name)
            return None if text is None else Found(name, text, -1, USER)
        reader = self.reader
        start = self.chain.angled_start if angled else 0
        if next_one and reader is not None and reader.below is not None and reader.path[:1] != "<":
            start = reader.position + 1 if reader.position >= 0 else 0
        elif not angled and reader is not None:
            path = join(reader.directory, name)
            text = read_text(path)
            if text is not None:
                return Found(path, text, -1, reader.system)
        return self.chain.find(name, start)

    def include(self, found: Found, location: int) -> None:
        """Enter a file that was found, unless its guard or #pragma once says that it is in already."""
        reader = self.reader
        system = found.system
        if reader is not None and reader.system > system:
            system = reader.system
        self.add_dependency(found.path, system != USER)
        let_signals_in()
        tokens = tokens_of(found.text, self.lexer)
        if tokens.guard in self.macros and found.path in self.finished:
            if self.macros[tokens.guard].kind <= BUILTIN:
                return
        if self.once and (len(found.text.text), hash(found.text.text)) in self.once:
            return
        if self.depth > self.options.include_depth_limit:
            raise self.diagnostics.fatal(
                location,
                f"#include nested depth {self.depth} exceeds maximum of {self.options.include_depth_limit} "
                "(use -fmax-include-depth=DEPTH to increase the maximum)",
            )
        if self.options.show_includes:
            print("." * (self.include_level() + 1), found.path, file=sys.stderr)
        entered = self.enter_text(found.path, found.text.text, tokens, location, system)
        entered.position = found.position
        self.event(ENTER_FILE, location, found.path, 1, system)

    # ------------------------------------------------------------------ built-in macros

    def define_builtins(self) -> None:
        for name, number in BUILTIN_MACROS.items():
            macro = Macro(name, BUILTIN, 0)
            macro.builtin = number
            macro.system = True
            self.macros[name] = macro
        for name in ("__VA_ARGS__", "__VA_OPT__"):
            self.macros[name] = Macro(name, RESERVED, 0)

    def expand_builtin(self, macro: Macro, token: Token) -> list[Token] | None:
        number = macro.builtin
        space = token.flags & SPACE_BEFORE
        if number == PRAGMA_OPERATOR:
            return self.pragma_operator(token)
        if number == _HAS:
            return self.feature_operator(macro, token)
        if number == _LINE or number == _COUNTER or number == _INCLUDE_LEVEL:
            if number == _COUNTER:
                value = self.counter
                self.counter += 1
            elif number == _LINE:
                value = self.current_line(token)
            else:
                value = self.include_level()
            return [Token(NUMBER, str(value), token.location, space)]
        return [Token(STRING, self.builtin_string(number, token), token.location, space)]

    def current_line(self, token: Token) -> int:
        location = self.directive_location if self.in_directive else self.sources.file_location(token.location)
        return self.sources.position(location or self.invocation_location).line

    def include_level(self) -> int:
        level = 0
        reader = self.reader
        while reader is not None and reader.below is not None:
            if reader.path[:1] != "<":
                level += 1
            reader = reader.below
        return level

    def builtin_string(self, number: int, token: Token) -> str:
        if number == _DATE or number == _TIME or number == _TIMESTAMP:
            text = f'macro "{token.spelling}" might prevent reproducible builds'
            self.diagnostics.warning(token.location, "date-time", text)
        if number == _DATE or number == _TIME:
            self.set_date()
            return quote(self.date if number == _DATE else self.time)
        if number == _TIMESTAMP:
            return quote(self.timestamp())
        if number == _BASE_FILE:
            return quote(remap_prefix(self.options.base_file or self.result.main_file, self.options.prefix_maps))
        location = self.directive_location if self.in_directive else self.sources.file_location(token.location)
        name = self.sources.position(location).file
        if number == _FILE_NAME:
            return quote(name[name.rfind("/") + 1 :])
        return quote(remap_prefix(name, self.options.prefix_maps))

    def set_date(self) -> None:
        if self.date:
            return
        epoch = self.options.source_date_epoch
        now = time.gmtime(epoch) if epoch >= 0 else time.localtime()
        self.date = f"{_MONTHS[now.tm_mon - 1]} {now.tm_mday:2d} {now.tm_year:4d}"
        self.time = f"{now.tm_hour:02d}:{now.tm_min:02d}:{now.tm_sec:02d}"

    def timestamp(self) -> str:
        """When the current file was last changed, as asctime() writes it."""
        if self.options.source_date_epoch >= 0:
            moment = time.gmtime(self.options.source_date_epoch)
        else:
            reader = self.reader
            try:
                moment = time.localtime(os.stat(reader.path if reader is not None else "").st_mtime)
            except OSError:
                return "??? ??? ?? ??:??:?? ????"
        return (
            f"{_DAYS[moment.tm_wday]} {_MONTHS[moment.tm_mon - 1]} {moment.tm_mday:2d} "
            f"{moment.tm_hour:02d}:{moment.tm_min:02d}:{moment.tm_sec:02d} {moment.tm_year}"
        )

    def pragma_operator(self, token: Token) -> list[Token] | None:
        """_Pragma("text") (C17 6.10.9)."""
        if self.in_directive:
            return None
        if not self.find_parenthesis():
            self.diagnostics.error(token.location, "_Pragma takes a parenthesized string literal")
            token.flags |= NO_EXPAND
            return None
        self.parsing_arguments = 2
        literal = self.next_significant()
        closing = literal
        if literal.kind == STRING:
            closing = self.next_significant()
        self.parsing_arguments = 0
        if literal.kind != STRING or closing.spelling != ")" or literal.spelling[0] not in '"L':
            self.diagnostics.error(token.location, "_Pragma takes a parenthesized string literal")
            return []
        text = literal.spelling[literal.spelling.index('"') + 1 : -1]
        text = text.replace('\\"', '"').replace("\\\\", "\\")
        tokens = self.lexer.tokenize(text)
        line = [
            Token(lexeme.kind, lexeme.spelling, token.location, lexeme.flags & SPACE_BEFORE)
            for lexeme in tokens.lexemes[:-1]
        ]
        result = self.pragma(line, token.location, True)
        return [] if result is None else [result]

    # ------------------------------------------------------------------ __has_*

    def feature_operator(self, macro: Macro, token: Token) -> list[Token] | None:
        """__has_attribute and the like in ordinary text; in #if they are the condition's operators."""
        if self.in_directive:
            return None
        if macro.name in ("__has_include", "__has_include_next"):
            self.diagnostics.error(token.location, f'"{macro.name}" used outside of preprocessing directive')
            token.flags |= NO_EXPAND
            return None
        try:
            value = Condition(self, token.location, "#if").has_feature(token)
        except ConditionError:
            return []
        return [Token(NUMBER, str(value.number), token.location, token.flags & SPACE_BEFORE)]

    def has_include(self, name: str, angled: bool, next_one: bool) -> bool:
        return self.find_include(name, angled, next_one) is not None

    def has_feature(self, operator: str, name: str) -> int:
        if operator == "__has_builtin":
            builtins = self.options.builtins
            return 1 if name in (BUILTINS if builtins is None else builtins) else 0
        attributes = self.options.attributes
        known = ATTRIBUTES if attributes is None else attributes
        plain = strip_underscores(name)
        if operator == "__has_attribute":
            if plain.startswith("gnu::"):
                plain = plain[5:]
            return 1 if strip_underscores(plain) in known else 0
        if plain.startswith(("gnu::", "__gnu__::")):
            return 1 if strip_underscores(plain[plain.index("::") + 2 :]) in known else 0
        return STANDARD_ATTRIBUTES.get(plain, 0)


def strip_underscores(name: str) -> str:
    """An attribute's name without the __ __ around it."""
    if len(name) > 4 and name.startswith("__") and name.endswith("__"):
        return name[2:-2]
    return name
