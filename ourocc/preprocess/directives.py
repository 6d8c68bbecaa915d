"""The directives (C17 6.10.1 to 6.10.6, GNU's, C23's #elifdef and #elifndef) and the preprocessor's own pragmas."""

from typing import Final, final

from ourocc.base.diagnostics import REQUIRED, Diagnostics
from ourocc.base.source import SourceMap
from ourocc.base.spelling import closest
from ourocc.preprocess.condition import Condition
from ourocc.preprocess.files import (
    DEFINE,
    IDENT,
    INCLUDE,
    LINE_CHANGE,
    UNDEFINE,
    Conditional,
    FileExpander,
    Reader,
)
from ourocc.preprocess.include import PRAGMA_SYSTEM, USER
from ourocc.preprocess.macro import (
    BUILTIN,
    FUNCTION_LIKE,
    OBJECT_LIKE,
    POISONED,
    RESERVED,
    DefinitionError,
    Macro,
    definition_text,
    parse_body,
    parse_parameters,
    same_definition,
    spell_tokens,
)
from ourocc.preprocess.options import PreprocessorOptions
from ourocc.preprocess.token import (
    COMMENT,
    END,
    IDENTIFIER,
    NUMBER,
    PLACEMARKER,
    PRAGMA,
    SPACE_BEFORE,
    START_OF_LINE,
    STRING,
    Token,
)

_NAMES: Final = (
    "define", "undef", "include", "include_next", "import", "if", "ifdef", "ifndef", "elif", "elifdef",
    "elifndef", "else", "endif", "line", "error", "warning", "pragma", "ident", "sccs", "assert", "unassert",
    "embed",
)  # fmt: skip
_IN_PREPROCESSED: Final = frozenset(["pragma", "line", "ident"])
# Pragmas whose line is macro-expanded
_KNOWN_PRAGMAS: Final = frozenset(
    ["GCC", "once", "push_macro", "pop_macro", "pack", "weak", "redefine_extname", "scalar_storage_order", "message"]
)
_EXPANDED_PRAGMAS: Final = frozenset(["pack", "redefine_extname", "scalar_storage_order"])


@final
class Preprocessor(FileExpander):
    def __init__(self, options: PreprocessorOptions, sources: SourceMap, diagnostics: Diagnostics) -> None:
        super().__init__(options, sources, diagnostics)
        self.pushed_macros: dict[str, list[Macro | None]] = {}

    # ------------------------------------------------------------------ lines

    def line_tokens(self, reader: Reader, index: int) -> list[Token]:
        """The tokens from lexeme `index` to the end of the line; the reader goes to the next line."""
        lexemes = reader.lexemes
        offsets = reader.offsets
        base = reader.base
        line: list[Token] = []
        while True:
            lexeme = lexemes[index]
            if lexeme.flags & START_OF_LINE:
                break
            line.append(Token(lexeme.kind, lexeme.spelling, base + offsets[index], lexeme.flags))
            index += 1
        reader.index = index
        return line

    def skip_line(self, reader: Reader, index: int) -> None:
        lexemes = reader.lexemes
        while not lexemes[index].flags & START_OF_LINE:
            index += 1
        reader.index = index

    def expand_line(self, line: list[Token]) -> list[Token]:
        """The tokens of a directive after macro expansion."""
        return [token for token in self.expand_all(line) if token.kind not in (PLACEMARKER, COMMENT)]

    def check_end(self, line: list[Token], count: int, directive: str) -> None:
        """Warn of tokens behind the `count` that the directive takes."""
        rest = [token for token in line[count:] if token.kind != COMMENT]
        if rest:
            group = "endif-labels" if directive in ("else", "endif") else REQUIRED
            self.diagnostics.pedwarn(rest[0].location, group, f"extra tokens at end of #{directive} directive")

    # ------------------------------------------------------------------ dispatch

    def directive(self, reader: Reader, index: int) -> bool:
        lexemes = reader.lexemes
        name = lexemes[index + 1]
        location = reader.base + reader.offsets[index]
        spelling = name.spelling
        if name.flags & START_OF_LINE:
            if self.lexer.mode.assembler:
                return False
            reader.index = index + 1
            return True
        # In assembly text "#" also begins a comment.
        assembler_text = self.lexer.mode.assembler and (name.kind != IDENTIFIER or spelling not in _NAMES)
        if assembler_text:
            return False
        if self.options.preprocessed and spelling not in _IN_PREPROCESSED and name.kind != NUMBER:
            return False
        if self.parsing_arguments == 2 and self.diagnostics.pedantic:
            self.diagnostics.pedwarn(location, "", "embedding a directive within macro arguments is not portable")
        saved = (self.prevent_expansion, self.parsing_arguments, self.in_directive)
        saved_location = self.directive_location
        self.prevent_expansion = 0
        self.parsing_arguments = 0
        self.in_directive = True
        self.directive_location = location
        self.dispatch(reader, index, location)
        self.prevent_expansion, self.parsing_arguments, self.in_directive = saved
        self.directive_location = saved_location
        return True

    def dispatch(self, reader: Reader, index: int, location: int) -> None:
        name = reader.lexemes[index + 1]
        spelling = name.spelling
        start = index + 2
        if name.kind == NUMBER:
            self.line_marker(self.line_tokens(reader, index + 1), location, False, reader)
        elif name.kind == COMMENT:
            self.skip_line(reader, start)
        elif spelling == "ifdef" or spelling == "ifndef":
            self.do_ifdef(reader, index, spelling)
        elif spelling == "if":
            self.do_if(reader, index, location)
        elif spelling == "endif":
            if not reader.conditionals:
                self.diagnostics.error(self.location_at(reader, index + 1), "#endif without #if")
                self.skip_line(reader, start)
                return
            reader.conditionals.pop()
            self.check_end(self.line_tokens(reader, start), 0, spelling)
        elif spelling in ("else", "elif", "elifdef", "elifndef"):
            if not reader.conditionals:
                self.diagnostics.error(self.location_at(reader, index + 1), f"#{spelling} without #if")
                self.skip_line(reader, start)
                return
            self.enter_branch(reader, index, spelling)
            self.skip_group(reader, index)
        elif spelling == "define":
            self.do_define(self.line_tokens(reader, start), location)
        elif spelling == "undef":
            self.do_undef(self.line_tokens(reader, start), location)
        elif spelling in ("include", "include_next", "import"):
            self.do_include(reader, start, spelling, location)
        elif spelling == "pragma":
            self.do_pragma(reader, start, location)
        elif spelling == "error" or spelling == "warning":
            self.do_message(reader, start, spelling)
        elif spelling == "line":
            line = self.expand_line(self.line_tokens(reader, start))
            self.line_marker(line, location, True, reader)
        elif spelling == "ident" or spelling == "sccs":
            self.do_ident(self.line_tokens(reader, start), location, spelling)
        else:
            self.unknown(reader, index, spelling)

    def location_at(self, reader: Reader, index: int) -> int:
        return reader.base + reader.offsets[index]

    def unknown(self, reader: Reader, index: int, spelling: str) -> None:
        self.skip_line(reader, index + 2)
        if spelling in ("assert", "unassert", "embed"):
            self.diagnostics.error(self.location_at(reader, index + 1), f"#{spelling} is not supported")
            return
        message = f"invalid preprocessing directive #{spelling}"
        better = closest(spelling, list(_NAMES))
        if better:
            message += f"; did you mean #{better}?"
        self.diagnostics.error(self.location_at(reader, index + 1), message)

    # ------------------------------------------------------------------ conditionals

    def do_if(self, reader: Reader, index: int, location: int) -> None:
        conditional = Conditional(self.location_at(reader, index + 1), "if", False)
        conditional.taken = self.condition(self.line_tokens(reader, index + 2), location, "#if")
        reader.conditionals.append(conditional)
        if not conditional.taken:
            self.skip_group(reader, index)

    def condition(self, line: list[Token], location: int, directive: str) -> bool:
        """Evaluate the expression in `line`."""
        self.push_context(line, None, True)
        barrier = self.context
        truth = Condition(self, location, directive).evaluate()
        while self.context is not barrier:
            self.pop_context()
        self.pop_context()
        self.prevent_expansion = 0
        return truth

    def do_ifdef(self, reader: Reader, index: int, spelling: str) -> None:
        line = self.line_tokens(reader, index + 2)
        conditional = Conditional(self.location_at(reader, index + 1), spelling, False)
        name = self.macro_name(line, spelling, self.location_at(reader, index + 1))
        if name is None:
            conditional.taken = False
        else:
            self.check_end(line, 1, spelling)
            conditional.taken = self.is_defined(name) == (spelling == "ifdef")
        reader.conditionals.append(conditional)
        if not conditional.taken:
            self.skip_group(reader, index)

    def enter_branch(self, reader: Reader, index: int, spelling: str) -> None:
        """Check that #else and #elif come in order."""
        conditional = reader.conditionals[-1]
        location = self.location_at(reader, index + 1)
        if conditional.seen_else:
            message = self.diagnostics.error(location, f"#{spelling} after #else")
            self.diagnostics.note(message, conditional.location, "the conditional began here")
        if spelling == "else":
            conditional.seen_else = True
            conditional.directive = "else"

    def skip_group(self, reader: Reader, index: int) -> None:
        """Go on behind the branch directive that ends the skipping which starts at "#" number `index`."""
        conditional = reader.conditionals[-1]
        jumps = reader.tokens.jumps
        while True:
            index = jumps.get(index, len(reader.lexemes) - 1)
            if reader.lexemes[index].kind == END:
                reader.index = index
                return
            spelling = reader.lexemes[index + 1].spelling
            if spelling == "endif":
                reader.conditionals.pop()
                self.check_end(self.line_tokens(reader, index + 2), 0, spelling)
                return
            self.enter_branch(reader, index, spelling)
            if conditional.taken:
                continue
            if spelling == "else":
                conditional.taken = True
                self.check_end(self.line_tokens(reader, index + 2), 0, spelling)
                return
            line = self.line_tokens(reader, index + 2)
            location = self.location_at(reader, index)
            self.directive_location = location
            if spelling == "elif":
                conditional.taken = self.condition(line, location, "#elif")
            else:
                name = self.macro_name(line, spelling, self.location_at(reader, index + 1))
                conditional.taken = name is not None and self.is_defined(name) == (spelling == "elifdef")
            if conditional.taken:
                return

    # ------------------------------------------------------------------ macros

    def macro_name(self, line: list[Token], directive: str, location: int) -> Token | None:
        """The macro name that a directive's line begins with, checked (C17 6.10.8 p4)."""
        while line and line[0].kind == COMMENT:
            line.pop(0)
        if not line:
            self.diagnostics.error(location, f"no macro name given in #{directive} directive")
            return None
        name = line[0]
        if name.kind != IDENTIFIER:
            self.diagnostics.error(name.location, "macro names must be identifiers")
            return None
        if directive in ("define", "undef"):
            spelling = name.spelling
            if spelling == "defined":
                self.diagnostics.error(name.location, f'"{spelling}" cannot be used as a macro name')
                return None
            if spelling in ("__has_include", "__has_include_next"):
                self.diagnostics.error(name.location, f'"{spelling}" cannot be used as a macro name')
                return None
            macro = self.macros.get(spelling)
            if macro is not None and macro.kind == POISONED:
                self.diagnostics.error(name.location, f'attempt to use poisoned "{spelling}"')
                return None
            if macro is not None and macro.kind == RESERVED:
                self.diagnostics.pedwarn(
                    name.location, REQUIRED, f"{spelling} can only appear in the expansion of a C99 variadic macro"
                )
        return name

    def do_define(self, line: list[Token], location: int) -> None:
        name = self.macro_name(line, "define", location)
        if name is None:
            return
        macro = Macro(name.spelling, OBJECT_LIKE, name.location)
        macro.end = line[-1].location
        reader = self.reader
        macro.system = reader is not None and reader.system != USER
        keep = self.options.keep_macro_comments
        try:
            start = 1
            if len(line) > 1:
                following = line[1]
                if following.spelling == "(" and not following.flags & SPACE_BEFORE:
                    macro.kind = FUNCTION_LIKE
                    start = parse_parameters(macro, line, 2)
                    if macro.variadic:
                        self.check_variadic(macro, line[:start])
                elif not following.flags & SPACE_BEFORE and following.kind != COMMENT:
                    self.diagnostics.pedwarn(
                        following.location, REQUIRED, "ISO C99 requires whitespace after the macro name"
                    )
            self.check_reserved(macro, line, start)
            macro.body = parse_body(macro, line[start:], keep)
        except DefinitionError as error:
            self.diagnostics.error(error.token.location, error.message)
            return
        self.define(macro, name)
        if self.options.definitions_in_output:
            self.event(DEFINE, location, definition_text(macro), 0, 0)

    def check_variadic(self, macro: Macro, line: list[Token]) -> None:
        """-Wvariadic-macros (part of -pedantic)."""
        for token in line:
            if token.spelling == "...":
                if macro.named_variadic:
                    text = "ISO C does not permit named variadic macros"
                    self.diagnostics.warning(token.location, "variadic-macros", text)
                elif self.options.standard in ("c89", "c90", "gnu89", "gnu90", "c94", "gnu94"):
                    text = "anonymous variadic macros were introduced in C99"
                    self.diagnostics.warning(token.location, "variadic-macros", text)

    def check_reserved(self, macro: Macro, line: list[Token], start: int) -> None:
        """__VA_ARGS__ only in variadic macros; poisoned names nowhere."""
        for index in range(start, len(line)):
            token = line[index]
            if token.kind != IDENTIFIER:
                continue
            other = self.macros.get(token.spelling)
            if other is None or other.kind < POISONED:
                continue
            if other.kind == POISONED:
                self.diagnostics.error(token.location, f'attempt to use poisoned "{token.spelling}"')
            elif not macro.variadic or (macro.named_variadic and token.spelling == "__VA_ARGS__"):
                self.diagnostics.pedwarn(
                    token.location, REQUIRED,
                    f"{token.spelling} can only appear in the expansion of a C99 variadic macro",
                )  # fmt: skip

    def define(self, macro: Macro, name: Token) -> None:
        """Enter a definition, after the check of a previous one."""
        old = self.macros.get(macro.name)
        if old is not None and old.kind <= BUILTIN:
            if old.kind == BUILTIN:
                self.diagnostics.warning(
                    name.location, "builtin-macro-redefined", f'redefining builtin macro "{macro.name}"'
                )
            elif not same_definition(old, macro):
                if old.builtin < 0:
                    self.diagnostics.warning(name.location, "", f'"{macro.name}" redefined')
                else:
                    message = self.diagnostics.warning(name.location, "", f'"{macro.name}" redefined')
                    self.diagnostics.note(message, old.location, "this is the location of the previous definition")
        self.macros[macro.name] = macro

    def do_undef(self, line: list[Token], location: int) -> None:
        name = self.macro_name(line, "undef", location)
        if name is None:
            return
        self.check_end(line, 1, "undef")
        self.event(UNDEFINE, location, name.spelling, 0, 0)
        macro = self.macros.get(name.spelling)
        if macro is None or macro.kind > BUILTIN:
            return
        if macro.kind == BUILTIN:
            self.diagnostics.warning(name.location, "builtin-macro-redefined", f'undefining "{name.spelling}"')
        del self.macros[name.spelling]

    # ------------------------------------------------------------------ inclusion

    def do_include(self, reader: Reader, start: int, directive: str, location: int) -> None:
        header = self.header_name(reader, start, directive)
        if header is None:
            return
        name, angled, place = header
        next_one = directive == "include_next"
        if next_one and (reader.below is None or reader.path[:1] == "<"):
            self.diagnostics.warning(place, "", "#include_next in primary source file")
            next_one = False
        if self.options.includes_in_output:
            marks = "<>" if angled else '""'
            self.event(INCLUDE, location, f"#{directive} {marks[0]}{name}{marks[1]}", 0, 0)
        if not name:
            self.diagnostics.error(place, f"empty filename in #{directive}")
            return
        try:
            found = self.find_include(name, angled, next_one)
        except OSError as error:
            raise self.diagnostics.fatal(place, f"{name}: {error.strerror}") from None
        if found is None:
            if self.options.missing_as_dependency:
                self.add_dependency(name, angled)
                return
            raise self.diagnostics.fatal(place, f"{name}: No such file or directory")
        if directive == "import":
            self.once.add((len(found.text.text), hash(found.text.text)))
            if found.path in self.seen_dependencies:
                return
        self.include(found, location)

    def header_name(self, reader: Reader, start: int, directive: str) -> tuple[str, bool, int] | None:
        """Name, whether in <>, and location of an #include's operand; the reader goes to the next line."""
        first = reader.lexemes[start]
        if first.spelling == "<" and not first.flags & START_OF_LINE:
            # Cut anew, from the text: "//" and quotes have no meaning here.
            offset = reader.offsets[start]
            text = reader.tokens.text
            end = text.find("\n", offset)
            line_text = text[offset : end if end >= 0 else len(text)]
            close = line_text.find(">")
            place = self.location_at(reader, start)
            if close < 0:
                self.diagnostics.error(place, "missing terminating > character")
                self.skip_line(reader, start)
                return None
            line = self.line_tokens(reader, start)
            rest = [token for token in line if token.location > place + close and token.kind != COMMENT]
            if rest and "//" not in line_text[:close]:
                self.check_end(rest, 0, directive)
            return line_text[1:close], True, place
        line = self.line_tokens(reader, start)
        while line and line[0].kind == COMMENT:
            line.pop(0)
        if line and line[0].kind == IDENTIFIER:
            line = self.expand_line(line)
        if not line:
            location = self.directive_location
            self.diagnostics.error(location, f'#{directive} expects "FILENAME" or <FILENAME>')
            return None
        place = self.sources.file_location(line[0].location) or self.directive_location
        if line[0].kind == STRING and line[0].spelling[0] == '"':
            self.check_end(line, 1, directive)
            return line[0].spelling[1:-1], False, place
        if line[0].spelling == "<":
            for index, token in enumerate(line):
                if token.spelling == ">":
                    self.check_end(line, index + 1, directive)
                    parts = line[1:index]
                    return spell_tokens(parts), True, place
            self.diagnostics.error(place, "missing terminating > character")
            return None
        self.diagnostics.error(place, f'#{directive} expects "FILENAME" or <FILENAME>')
        return None

    # ------------------------------------------------------------------ #line and line markers

    def line_marker(self, line: list[Token], location: int, is_directive: bool, reader: Reader) -> None:
        """`#line 12 "file"`, or `# 12 "file" flags` as -E writes it (C17 6.10.4)."""
        if not line:
            self.diagnostics.error(location, "unexpected end of file after #line")
            return
        if line[0].kind != NUMBER or not line[0].spelling.isdigit():
            if is_directive:
                message = f'"{line[0].spelling}" after #line is not a positive integer'
            else:
                message = f'"{line[0].spelling}" after # is not a positive integer'
            self.diagnostics.error(line[0].location, message)
            return
        number = int(line[0].spelling)
        if is_directive and (number == 0 or number > 2147483647):
            self.diagnostics.pedwarn(line[0].location, "", "line number out of range")
        name = self.sources.position(location).file
        system = reader.system
        if len(line) > 1:
            if line[1].kind != STRING:
                self.diagnostics.error(line[1].location, f'"{line[1].spelling}" is not a valid filename')
                return
            name = line[1].spelling[1:-1].replace('\\"', '"').replace("\\\\", "\\")
            flags = [token.spelling for token in line[2:]]
            if is_directive:
                self.check_end(line, 2, "line")
            else:
                for token in line[2:]:
                    if token.spelling not in ("1", "2", "3", "4"):
                        self.diagnostics.error(token.location, f'invalid flag "{token.spelling}" in line directive')
                system = 2 if "4" in flags else 1 if "3" in flags else USER
        file = reader.file
        next_line = reader.offsets[reader.index]
        # The mark stands at the start of the next physical line.
        newline = file.text.find("\n", location - file.base)
        offset = newline + 1 if newline >= 0 else next_line
        while newline > 0 and file.text[newline - 1] == "\\":
            newline = file.text.find("\n", newline + 1)
            offset = newline + 1 if newline >= 0 else next_line
        file.line_marks.append((offset, number, name, system))
        self.event(LINE_CHANGE, location, name, number, system)

    # ------------------------------------------------------------------ messages and pragmas

    def do_message(self, reader: Reader, start: int, directive: str) -> None:
        place = self.location_at(reader, start - 1)
        text = spell_tokens(self.line_tokens(reader, start))
        if directive == "error":
            self.diagnostics.error(place, f"#error {text}".rstrip())
        else:
            self.diagnostics.warning(place, "cpp", f"#warning {text}".rstrip())

    def do_ident(self, line: list[Token], location: int, directive: str) -> None:
        if len(line) < 1 or line[0].kind != STRING:
            self.diagnostics.error(location, f"invalid #{directive} directive")
            return
        self.check_end(line, 1, directive)
        self.event(IDENT, location, line[0].spelling, 0, 0)
        if not self.options.preprocess_only:
            token = Token(PRAGMA, "ident " + line[0].spelling, location, START_OF_LINE)
            self.pending_pragmas.append(token)

    def do_pragma(self, reader: Reader, start: int, location: int) -> None:
        line = self.line_tokens(reader, start)
        token = self.pragma(line, location, False)
        if token is not None:
            self.pending_pragmas.append(token)

    def pragma(self, line: list[Token], location: int, from_operator: bool) -> Token | None:
        words = [token.spelling for token in line[:3]]
        keep = True
        if words[:1] == ["once"]:
            keep = False
            self.check_end(line, 1, "pragma")
            self.pragma_once(location)
        elif words[:1] == ["push_macro"] or words[:1] == ["pop_macro"]:
            self.pragma_push_pop(line, words[0])
            keep = False
        elif words[:1] == ["GCC"] and len(words) > 1:
            keep = self.gcc_pragma(line, words[1], location)
        if not keep:
            return None
        if words and words[0] not in _KNOWN_PRAGMAS and not self.options.preprocess_only:
            shown = " ".join(words[:2]) if len(words) > 1 else words[0] + " "
            self.diagnostics.warning(location, "unknown-pragmas", f"ignoring '#pragma {shown}'")
        if words and words[0] in _EXPANDED_PRAGMAS:
            line = line[:1] + self.expand_pragma(line[1:])
        return Token(PRAGMA, spell_tokens(line), location, START_OF_LINE)

    def expand_pragma(self, line: list[Token]) -> list[Token]:
        saved = self.in_directive
        self.in_directive = True
        line = self.expand_line(line)
        self.in_directive = saved
        return line

    def pragma_once(self, location: int) -> None:
        reader = self.reader
        if reader is None:
            return
        if reader.below is None or reader.below.path[:1] == "<" and reader.below.below is None and reader.position < 0:
            if reader.path == self.result.main_file:
                self.diagnostics.warning(location, "", "#pragma once in main file")
        text = reader.tokens.text
        self.once.add((len(text), hash(text)))

    def pragma_push_pop(self, line: list[Token], which: str) -> None:
        if len(line) != 4 or line[1].spelling != "(" or line[2].kind != STRING or line[3].spelling != ")":
            place = line[0].location
            self.diagnostics.warning(place, "pragmas", f"invalid #pragma {which} directive")
            return
        name = line[2].spelling[1:-1]
        stack = self.pushed_macros.setdefault(name, [])
        if which == "push_macro":
            stack.append(self.macros.get(name))
        elif stack:
            macro = stack.pop()
            if macro is not None:
                self.macros[name] = macro
            else:
                self.macros.pop(name, None)

    def gcc_pragma(self, line: list[Token], word: str, location: int) -> bool:
        """#pragma GCC word ...; whether the pragma stays in the output."""
        only = self.options.preprocess_only
        reader = self.reader
        if word == "poison":
            for token in line[2:]:
                if token.kind != IDENTIFIER:
                    self.diagnostics.error(token.location, "invalid #pragma GCC poison directive")
                    break
                macro = self.macros.get(token.spelling)
                if macro is not None and macro.kind == POISONED:
                    continue
                if macro is not None:
                    self.diagnostics.warning(token.location, "", f'poisoning existing macro "{token.spelling}"')
                self.macros[token.spelling] = Macro(token.spelling, POISONED, token.location)
            return False
        if word == "system_header":
            if reader is not None and reader.path == self.result.main_file:
                self.diagnostics.warning(location, "", "#pragma system_header ignored outside include file")
            elif reader is not None:
                reader.system = max(reader.system, PRAGMA_SYSTEM)
                position = self.sources.position(location)
                reader.file.line_marks.append((location - reader.base, position.line, position.file, PRAGMA_SYSTEM))
                self.event(LINE_CHANGE, location, position.file, position.line + 1, PRAGMA_SYSTEM)
            return False
        if word in ("warning", "error"):
            if len(line) < 3 or line[2].kind != STRING:
                self.diagnostics.warning(location, "pragmas", f'invalid "#pragma GCC {word}" directive')
            else:
                text = "".join(token.spelling[1:-1] for token in line[2:] if token.kind == STRING)
                if word == "error":
                    self.diagnostics.error(location, text)
                else:
                    self.diagnostics.warning(location, "", text)
            return False
        if word == "dependency":
            return False
        if word == "diagnostic":
            self.diagnostic_pragma(line[2:], location)
            return only
        return True

    def diagnostic_pragma(self, line: list[Token], location: int) -> None:
        """#pragma GCC diagnostic push | pop | ignored "-Wgroup" | warning ... | error ..."""
        action = line[0].spelling if line else ""
        if action in ("push", "pop"):
            self.diagnostics.change_group(location, action, "")
            return
        if action not in ("ignored", "warning", "error"):
            self.diagnostics.warning(
                location, "pragmas",
                "expected [error|warning|ignored|push|pop] after '#pragma GCC diagnostic'",
            )  # fmt: skip
            return
        option = "".join(token.spelling[1:-1] for token in line[1:] if token.kind == STRING)
        if not option.startswith("-W"):
            self.diagnostics.warning(line[0].location, "pragmas", "missing option after '#pragma GCC diagnostic' kind")
            return
        self.diagnostics.change_group(location, action, option[2:])
