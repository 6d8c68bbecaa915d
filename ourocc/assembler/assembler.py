"""The assembler proper: takes statements from the reader, keeps the state, appends to sections.

In: assembly text (a file, top-level asm or inline asm).  Out: `finish.py` makes an ObjectFile of the state.  Directives
are functions in the `directives_*` modules, found by name in one table; instructions go to the target.
"""

import re
from collections.abc import Callable
from typing import Final, final

from ourocc.assembler import alternate
from ourocc.assembler.expression import (
    SIMPLE_NUMBER,
    ExpressionParser,
    Value,
    binary,
    evaluate,
    number_expression,
    parse_constant,
    symbol_expression,
)
from ourocc.assembler.source import Frame, Macro, Reader, bind_arguments, split_line, split_statements, substitute
from ourocc.assembler.symbols import AsmSection, AsmSymbol, AssemblyError, Expression, Symbols
from ourocc.assembler.target import TargetAssembler
from ourocc.base.diagnostics import Diagnostics
from ourocc.ir.function import Symbol as Reference
from ourocc.machine.emit import CodeBuffer, EncodingError
from ourocc.objects import model

LABEL: Final = re.compile(r'\s*(?:([A-Za-z_.$\x80-\U0010ffff][\w.$]*)|(\d+)|"([^"]+)")\s*:(?!=)')
WORD: Final = re.compile(r"([^\s\"=,()$%*]+|\S)\s*")
FOLDABLE_DIRECTIVES: Final = (".if", ".ifdef", ".ifndef", ".ifnotdef", ".ifb", ".ifnb", ".ifc", ".ifnc", ".ifeq", ".ifne", ".ifge", ".ifgt", ".ifle", ".iflt", ".ifeqs", ".ifnes")  # fmt: skip


@final
class Condition:
    """One open .if: whether statements are taken now, and whether a branch was taken already."""

    def __init__(self, active: bool, taken: bool, outer: bool) -> None:
        self.active = active
        self.taken = taken
        self.outer = outer
        self.seen_else = False


@final
class FrameInstruction:
    """A .cfi directive at a place; `place` is a temporary symbol."""

    def __init__(self, place: AsmSymbol, kind: int, register: int, value: int, data: bytes) -> None:
        self.place = place
        self.kind = kind
        self.register = register
        self.value = value
        self.data = data


@final
class FrameFunction:
    """What stands between .cfi_startproc and .cfi_endproc."""

    def __init__(self, start: AsmSymbol, simple: bool) -> None:
        self.start = start
        self.end = start
        self.simple = simple
        self.instructions: list[FrameInstruction] = []
        self.personality: AsmSymbol | None = None
        self.personality_encoding = 0xFF
        self.lsda: AsmSymbol | None = None
        self.lsda_encoding = 0xFF
        self.signal_frame = False
        self.return_column = -1


@final
class LineRowAt:
    """A .loc that took effect at a place."""

    def __init__(self, file: int, line: int, column: int, flags: int, discriminator: int) -> None:
        self.place = AsmSymbol("")
        self.file = file
        self.line = line
        self.column = column
        self.flags = flags
        self.discriminator = discriminator
        self.view: AsmSymbol | None = None
        self.resets_view = False


@final
class LineFileEntry:
    """A numbered .file."""

    def __init__(self, directory: str, name: str, md5: bytes) -> None:
        self.directory = directory
        self.name = name
        self.md5 = md5


DirectiveFunction = Callable[["Assembler", str], None]


@final
class Assembler:
    """The state of one assembly; several texts may be run one after the other."""

    def __init__(
        self, target: TargetAssembler, diagnostics: Diagnostics, directives: dict[str, DirectiveFunction]
    ) -> None:
        self.target = target
        self.diagnostics = diagnostics
        self.directives = directives
        self.branches = target.new_branches()
        self.symbols = Symbols(self.branches)
        self.reader = Reader()
        self.macros: dict[str, Macro] = {}
        self.macro_count = 0
        self.alternate_macros = False  # .altmacro
        self.local_count = 0  # of the names that LOCAL made
        self.conditions: list[Condition] = []
        self.section_stack: list[tuple[AsmSection, int, AsmSection, int]] = []
        self.previous: tuple[AsmSection, int] | None = None
        self.expressions: dict[str, tuple[Expression, int, str]] = {}  # pending fields: tree, location, modifier
        self.include_paths: list[str] = []
        self.ended = False
        # call frames and lines
        self.frames: list[FrameFunction] = []
        self.frame: FrameFunction | None = None
        self.frame_sections = ".eh_frame"
        self.files: dict[int, LineFileEntry] = {}
        self.file_name = ""
        self.rows: list[LineRowAt] = []
        self.pending_row: LineRowAt | None = None
        self.row_flags = 1  # is_stmt persists
        self.line_directory = ""  # with -g: rows for the lines of the text itself, compiled in this directory
        self.line_version = 5
        self.has_line_directives = False  # .loc and .file N: the text brings its own lines
        self.line_files: dict[str, int] = {}
        self.idents: list[str] = []
        self.local_commons: list[AsmSymbol] = []
        self.relocation_places: list[tuple[AsmSymbol, int, Expression | None, str, int]] = []  # .reloc
        for name, type, flags in (
            (".text", model.SHT_PROGBITS, model.SHF_ALLOC | model.SHF_EXECINSTR),
            (".data", model.SHT_PROGBITS, model.SHF_ALLOC | model.SHF_WRITE),
            (".bss", model.SHT_NOBITS, model.SHF_ALLOC | model.SHF_WRITE),
        ):
            self.symbols.sections.append(AsmSection(name, type, flags, self.branches))
        self.symbols.enter(self.symbols.sections[0], 0)

    # Running

    def run(self, text: str, name: str) -> None:
        """Assemble a whole text, reporting errors as they are met."""
        source = self.diagnostics.sources.add_file(name, text)
        texts, places = split_statements(source)
        self.reader.push(Frame(texts, places, len(self.conditions), False))
        self.loop()
        if self.conditions:
            self.error("end of file inside conditional")
            self.conditions = []
        if self.frame is not None:
            self.error("open CFI at the end of file; missing .cfi_endproc directive")
            self.frame = None

    def run_inline(self, text: str, section: AsmSection, location: int) -> None:
        """Assemble an asm statement into `section`, the function that is being emitted."""
        saved = (self.symbols.section, self.symbols.subsection)
        self.symbols.enter(section, 0)
        first = len(section.buffer.relaxables)
        statements: list[str] = []
        for line in text.split("\n"):
            statements += split_line(line)
        frame = Frame(statements, [], len(self.conditions), False)
        frame.place = location
        self.reader.push(frame)
        self.loop()
        if self.symbols.section is not section:
            self.error("asm statement ends in another section than it began in")
        self.symbols.enter(saved[0], saved[1])
        for relaxable in section.buffer.relaxables[first:]:
            # The function is finished before the unit is: branches out of it must not look at its own labels
            if relaxable.symbol is not None:
                symbol = self.symbols.by_name.get(relaxable.symbol.name)
                if symbol is not None and symbol.section is not None and symbol.section is not section:
                    relaxable.label = None

    def loop(self) -> None:
        while not self.ended:
            text = self.reader.next()
            if text is None:
                return
            try:
                self.statement(text)
            except (AssemblyError, EncodingError) as error:
                self.error(str(error))
            except RecursionError:
                self.error("expression or macro is nested too deeply")
        self.reader.frames = []
        self.ended = False

    def error(self, message: str) -> None:
        self.diagnostics.error(self.reader.location, message)

    def warning(self, message: str) -> None:
        self.diagnostics.warning(self.reader.location, "", message)

    # Statements

    def statement(self, text: str) -> None:
        """One statement: labels, then a directive, an assignment, a macro call or an instruction."""
        if self.conditions and not self.conditions[-1].active:
            self.skipped(text)
            return
        while True:
            match = LABEL.match(text)
            if match is None:
                break
            if match.lastindex == 2:
                self.symbols.define_local(int(match.group(2)))
            else:
                self.symbols.define(self.symbols.symbol(match.group(1) or match.group(3)))
            text = text[match.end() :].lstrip()
        if not text:
            return
        match = WORD.match(text)
        assert match is not None
        word = match.group(1)
        rest = text[match.end() :]
        if rest[:1] == "=":
            self.assign(word, rest[2:] if rest[1:2] == "=" else rest[1:])
            return
        if word[0] == ".":
            function = self.directives.get(word.lower())
            if function is not None:
                function(self, rest)
                return
        if self.macros:
            macro = self.macros.get(word)
            if macro is not None:
                self.expand(macro, rest)
                return
        if word[0] == ".":
            if not self.target.directive(self, word.lower(), rest):
                raise AssemblyError(f"unknown pseudo-op: `{word}'")
            return
        if self.pending_row is not None:
            self.place_row()
        elif self.line_directory and not self.has_line_directives:
            self.row_of_statement()
        self.symbols.section.has_code = True
        self.target.instruction(self, word, rest)

    def skipped(self, text: str) -> None:
        """A statement inside a condition that does not hold: only conditionals count."""
        if "." not in text:
            return
        match = WORD.match(text)
        assert match is not None
        word = match.group(1).lower()
        if word in (".else", ".elseif", ".endif"):
            self.directives[word](self, text[match.end() :])
        elif word in FOLDABLE_DIRECTIVES:
            self.conditions.append(Condition(False, True, False))

    def expand(self, macro: Macro, rest: str) -> None:
        if self.alternate_macros:
            values = bind_arguments(macro, alternate.arguments(rest, self.symbols))
            body = alternate.substitute(macro.body, values, self.macro_count, self.local_count)
            self.local_count += body.count("")  # one blank statement a LOCAL name
        else:
            values = bind_arguments(macro, rest)
            body = substitute(macro.body, values, self.macro_count)
        self.macro_count += 1
        self.reader.push_expansion(body, len(self.conditions), True)

    def assign(self, name: str, text: str) -> None:
        """name = expression."""
        text = text.strip()
        if name == ".":
            self.directives[".org"](self, text)
            return
        symbol = self.symbols.symbol(name.strip('"'))
        if text.startswith("%"):
            symbol.register = text
            return
        parser = ExpressionParser(text, self.symbols)
        expression = parser.parse()
        self.check_end(parser)
        self.equate(symbol, expression)

    def equate(self, symbol: AsmSymbol, expression: Expression) -> None:
        """Give the symbol the expression's present value; forward references stay symbolic."""
        if symbol.section is not None or symbol.is_common:
            raise AssemblyError(f"symbol `{symbol.name}' is already defined")
        value = evaluate(expression, False)
        if value is not None and value.minus is None:
            expression = number_expression(value.number)
            if value.plus is not None:
                expression = binary("+", symbol_expression(value.plus), expression)
        if symbol.expression is not None and mentions(expression, symbol):
            raise AssemblyError(f"symbol definition loop encountered at `{symbol.name}'")
        symbol.expression = expression

    # Helpers of directives and targets

    def check_end(self, parser: ExpressionParser) -> None:
        if not parser.at_end():
            raise AssemblyError(f"junk at end of line, first unrecognized character is `{parser.rest()[0]}'")

    def constant(self, text: str) -> int:
        return parse_constant(text, self.symbols)

    def expression(self, text: str) -> tuple[Expression, str]:
        """A whole operand as expression, and its relocation modifier."""
        parser = ExpressionParser(text, self.symbols)
        expression = parser.parse()
        self.check_end(parser)
        return expression, parser.modifier

    def value(self, expression: Expression) -> Value | None:
        return evaluate(expression, False)

    def pending(self, expression: Expression, modifier: str) -> Reference:
        """A stand-in symbol for an expression that is resolved at the end."""
        name = f"\x03{len(self.expressions)}"
        self.expressions[name] = (expression, self.reader.location, modifier)
        return Reference(name)

    def emit_value(self, text: str, size: int) -> None:
        """A data field of `size` bytes."""
        if SIMPLE_NUMBER.match(text):
            self.store(int(text), size)
            return
        expression, modifier = self.expression(text)
        value = evaluate(expression, False)
        if value is not None and value.constant() and not modifier:
            self.store(value.number, size)
            return
        buffer = self.symbols.buffer
        type = self.target.data_relocation(size, False, modifier)
        if type < 0:
            if modifier:
                raise AssemblyError(f"relocation `@{modifier}' does not fit a field of {size} bytes")
            type = -size  # decided at the end: the expression must become a number
        if value is not None and value.minus is None and value.plus is not None:
            buffer.relocate(type, value.plus.reference(), value.number)
        else:
            buffer.relocate(type, self.pending(expression, modifier), 0)
        buffer.data += bytes(size)

    def store(self, number: int, size: int) -> None:
        bits = size * 8
        if number >= 1 << bits or number < -(1 << (bits - 1)):
            mask = (1 << bits) - 1
            if number < -(1 << bits) or size < 8:
                self.warning(f"value {hex(number & 0xFFFFFFFFFFFFFFFF)} truncated to {hex(number & mask)}")
        self.symbols.buffer.data += (number & ((1 << bits) - 1)).to_bytes(size, "little")

    def place_row(self) -> None:
        """The .loc that waits takes effect here."""
        row = self.pending_row
        if row is not None:
            row.place = self.symbols.here()
            self.rows.append(row)
            self.pending_row = None

    def row_of_statement(self) -> None:
        """-g: the instruction that follows belongs to its own line (within macros: that of the call)."""
        where = self.diagnostics.sources.position(self.reader.location)
        number = self.line_files.get(where.file, 0)
        if not number:
            number = len(self.line_files) + 1
            self.line_files[where.file] = number
            if not self.files:
                self.files[0] = LineFileEntry(self.line_directory, where.file, b"")
            self.files[number] = LineFileEntry("", where.file, b"")
        rows = self.rows
        if rows and rows[-1].line == where.line and rows[-1].file == number:
            if rows[-1].place.section is self.symbols.section:
                return
        row = LineRowAt(number, where.line, 0, 1, 0)
        row.place = self.symbols.here()
        rows.append(row)

    def own_line_directives(self) -> None:
        """.loc or .file N: forget the lines that -g made."""
        if not self.has_line_directives and self.line_files:
            self.rows = []
            self.files = {}
            self.line_files = {}
        self.has_line_directives = True

    def buffer(self) -> CodeBuffer:
        return self.symbols.buffer


def mentions(expression: Expression | None, symbol: AsmSymbol) -> bool:
    if expression is None:
        return False
    return expression.symbol is symbol or mentions(expression.left, symbol) or mentions(expression.right, symbol)
