"""The linker script language: text in, statements out (GNU ld manual, "Linker Scripts").

`parse_linker_script` handles a -T script: SECTIONS, MEMORY, PHDRS, assignments, PROVIDE, ASSERT, ENTRY, INPUT
and the rest.  `script_layout.py` gives the statements their meaning.  Words are split by context: in a
pattern `*(.text.*)` the characters `*?[]-` belong to names, in an expression they are operators.
"""

from typing import Final, final

from ourocc.linker.script_expression import EXPRESSION_NUMBER, Expression, ExpressionParser

# Kinds of statements
STATEMENT_ASSIGN: Final = 0
STATEMENT_ASSERT: Final = 1
STATEMENT_OUTPUT: Final = 2  # an output section description
STATEMENT_INPUT: Final = 3  # an input section description
STATEMENT_DATA: Final = 4  # BYTE, SHORT, LONG, QUAD
STATEMENT_FILL: Final = 5
STATEMENT_ENTRY: Final = 6
STATEMENT_FILE: Final = 7  # INPUT, GROUP
STATEMENT_GROUP_START: Final = 8
STATEMENT_GROUP_END: Final = 9
STATEMENT_SEARCH: Final = 10
STATEMENT_EXTERN: Final = 11

_ASSIGNMENTS: Final = ("<<=", ">>=", "+=", "-=", "*=", "/=", "&=", "|=", "^=", "=")
_DATA_SIZES: Final = {"BYTE": 1, "SHORT": 2, "LONG": 4, "QUAD": 8, "SQUAD": 8}
_SORTS: Final = (
    "SORT",
    "SORT_BY_NAME",
    "SORT_BY_ALIGNMENT",
    "SORT_BY_INIT_PRIORITY",
    "SORT_NONE",
    "REVERSE",
)
_SECTION_TYPES: Final = ("NOLOAD", "DSECT", "COPY", "INFO", "OVERLAY", "READONLY")


@final
class SectionPattern:
    """One pattern within an input section description, with its sort order and excluded files."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.sorts: list[str] = []
        self.excluded: list[str] = []


@final
class Statement:
    """A statement of any kind; which fields hold something follows from `kind`."""

    def __init__(self, kind: int, name: str = "") -> None:
        self.kind = kind
        self.name = name
        self.operator = ""
        self.expression: Expression | None = None
        self.text = ""  # of the expression of an assignment
        self.provide = False
        self.hidden = False
        self.as_needed = False
        self.size = 0
        # Output sections
        self.body: list[Statement] = []
        self.address: Expression | None = None
        self.load_address: Expression | None = None
        self.alignment: Expression | None = None
        self.subalignment: Expression | None = None
        self.type = ""
        self.constraint = ""
        self.region = ""
        self.load_region = ""
        self.headers: list[str] = []
        self.fill = b""
        # Input sections
        self.patterns: list[SectionPattern] = []
        self.keep = False
        self.excluded: list[str] = []
        self.number = -1


@final
class MemoryRegion:
    def __init__(self, name: str, attributes: str, origin: Expression, length: Expression) -> None:
        self.name = name
        self.attributes = attributes
        self.origin_expression = origin
        self.length_expression = length
        self.origin = 0
        self.length = 0
        self.current = 0


@final
class ProgramHeader:
    """A line of PHDRS."""

    def __init__(self, name: str, type: str) -> None:
        self.name = name
        self.type = type
        self.file_header = False
        self.program_headers = False
        self.at: Expression | None = None
        self.flags: Expression | None = None


@final
class LinkerScript:
    def __init__(self, name: str) -> None:
        self.name = name
        self.statements: list[Statement] = []  # in order; those of SECTIONS included
        self.regions: list[MemoryRegion] = []
        self.headers: list[ProgramHeader] = []
        self.aliases: dict[str, str] = {}
        self.version_text = ""
        self.has_sections = False


def parse_linker_script(text: str, name: str) -> LinkerScript:
    """Parse a -T script; raises LinkError with the line of the mistake."""
    parser = _Parser(text, name)
    parser.parse()
    return parser.script


@final
class _Parser(ExpressionParser):
    def __init__(self, text: str, name: str) -> None:
        super().__init__(text, name)
        self.script = LinkerScript(name)
        self.depth = 0

    # Top level

    def parse(self) -> None:
        while self.peek():
            if self.accept(";"):
                continue
            start = self.position
            word = self.symbol()
            if not self._command(word):
                self.position = start
                self.script.statements.append(self._assignment())

    def _command(self, word: str) -> bool:
        statements = self.script.statements
        if word == "SECTIONS":
            self.expect("{")
            self.script.has_sections = True
            while not self.accept("}"):
                self._section_level()
        elif word == "MEMORY":
            self._memory()
        elif word == "PHDRS":
            self._program_headers()
        elif word == "ENTRY":
            self.expect("(")
            statements.append(Statement(STATEMENT_ENTRY, self.symbol()))
            self.expect(")")
        elif word in ("INPUT", "GROUP"):
            self.expect("(")
            if word == "GROUP":
                statements.append(Statement(STATEMENT_GROUP_START))
            self._files(False)
            if word == "GROUP":
                statements.append(Statement(STATEMENT_GROUP_END))
        elif word in ("OUTPUT_FORMAT", "OUTPUT_ARCH", "TARGET", "NOCROSSREFS", "OUTPUT"):
            self._skip_parentheses()
        elif word == "SEARCH_DIR":
            self.expect("(")
            statements.append(Statement(STATEMENT_SEARCH, self._path()))
            self.expect(")")
        elif word == "STARTUP":
            self.expect("(")
            statements.insert(0, Statement(STATEMENT_FILE, self._path()))
            self.expect(")")
        elif word == "EXTERN":
            self.expect("(")
            while not self.accept(")"):
                self.accept(",")
                statements.append(Statement(STATEMENT_EXTERN, self.symbol()))
        elif word == "REGION_ALIAS":
            self.expect("(")
            alias = self.string()
            self.expect(",")
            self.script.aliases[alias] = self.string()
            self.expect(")")
        elif word == "VERSION":
            self._version()
        elif word == "INCLUDE":
            self._include(self._path())
        elif word in ("FORCE_COMMON_ALLOCATION", "INHIBIT_COMMON_ALLOCATION", "FORCE_GROUP_ALLOCATION"):
            pass
        elif word == "INSERT":
            raise self.error("INSERT is not supported")
        else:
            return False
        return True

    def _path(self) -> str:
        """A file name: up to white space or punctuation."""
        if self.peek() == '"':
            return self.quoted()
        start = self.position
        while self.position < len(self.text) and self.text[self.position] not in " \t\r\n(){},;":
            self.position += 1
        return self.text[start : self.position]

    def _files(self, as_needed: bool) -> None:
        while not self.accept(")"):
            if self.accept(","):
                continue
            name = self._path()
            if not name:
                raise self.error("syntax error: ')' expected")
            if name == "AS_NEEDED":
                self.expect("(")
                self._files(True)
                continue
            statement = Statement(STATEMENT_FILE, name)
            statement.as_needed = as_needed
            self.script.statements.append(statement)

    def _skip_parentheses(self) -> None:
        self.expect("(")
        depth = 1
        while depth:
            char = self.peek()
            if not char:
                raise self.error("syntax error: ')' expected")
            if char == '"':
                self.quoted()
                continue
            depth += 1 if char == "(" else -1 if char == ")" else 0
            self.position += 1

    def _version(self) -> None:
        self.expect("{")
        start = self.position
        depth = 1
        while depth:
            char = self.peek()
            if not char:
                raise self.error("syntax error: '}' expected")
            depth += 1 if char == "{" else -1 if char == "}" else 0
            self.position += 1
        self.script.version_text += self.text[start : self.position - 1]

    def _include(self, path: str) -> None:
        self.depth += 1
        if self.depth > 10:
            raise self.error("INCLUDE nests too deeply")
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                included = file.read()
        except OSError as failure:
            raise self.error(f"cannot open linker script file {path}: {failure.strerror}") from None
        self.text = self.text[: self.position] + "\n" + included + "\n" + self.text[self.position :]

    def _memory(self) -> None:
        self.expect("{")
        while not self.accept("}"):
            name = self.word()
            if name == "INCLUDE":
                self._include(self._path())
                continue
            attributes = ""
            if self.accept("("):
                end = self.text.find(")", self.position)
                attributes = self.text[self.position : end].strip()
                self.position = end + 1
            self.expect(":")
            values: list[Expression] = []
            for names in (("ORIGIN", "org", "o"), ("LENGTH", "len", "l")):
                if self.symbol() not in names:
                    raise self.error(f"syntax error in MEMORY: {names[0]} expected")
                self.expect("=")
                values.append(self.expression())
                self.accept(",")
            self.script.regions.append(MemoryRegion(name, attributes, values[0], values[1]))

    def _program_headers(self) -> None:
        self.expect("{")
        while not self.accept("}"):
            header = ProgramHeader(self.word(), self.symbol())
            while not self.accept(";"):
                word = self.symbol()
                if word == "FILEHDR":
                    header.file_header = True
                elif word == "PHDRS":
                    header.program_headers = True
                elif word in ("AT", "FLAGS"):
                    self.expect("(")
                    value = self.expression()
                    self.expect(")")
                    if word == "AT":
                        header.at = value
                    else:
                        header.flags = value
                else:
                    raise self.error(f"syntax error in PHDRS at '{word}'")
            self.script.headers.append(header)

    # Assignments and sections

    def _assignment(self) -> Statement:
        """symbol op expression ;  and PROVIDE, HIDDEN, ASSERT."""
        word = self.symbol()
        if word in ("PROVIDE", "PROVIDE_HIDDEN", "HIDDEN") and self.accept("("):
            statement = self._assign(self.symbol())
            statement.provide = word != "HIDDEN"
            statement.hidden = word != "PROVIDE"
            self.expect(")")
            self.accept(";")
            return statement
        if word == "ASSERT":
            statement = Statement(STATEMENT_ASSERT)
            self.expect("(")
            statement.expression = self.expression()
            self.expect(",")
            statement.name = self.string()
            self.expect(")")
            self.accept(";")
            return statement
        statement = self._assign(word)
        if not self.accept(";") and self.peek() != "}":
            raise self.error("syntax error: ';' expected")
        return statement

    def _assign(self, name: str) -> Statement:
        for operator in _ASSIGNMENTS:
            if self.accept(operator):
                statement = Statement(STATEMENT_ASSIGN, name)
                statement.operator = operator[:-1]
                start = self.position
                statement.expression = self.expression()
                statement.text = self.text[start : self.position].strip()
                return statement
        found = self.text[self.position : self.position + 20].split("\n")[0]
        raise self.error(f"syntax error at '{name or found}'")

    def _is_assignment(self) -> bool:
        """Whether an assignment stands here (so not an output section)."""
        start = self.position
        word = self.symbol()
        if word in ("PROVIDE", "PROVIDE_HIDDEN", "HIDDEN", "ASSERT"):
            self.position = start
            return True
        self.skip()
        rest = self.text[self.position : self.position + 3]
        self.position = start
        if not word or rest.startswith("=="):
            return False
        return any(rest.startswith(operator) for operator in _ASSIGNMENTS)

    def _section_level(self) -> None:
        if not self.peek():
            raise self.error("syntax error: '}' expected at the end of SECTIONS")
        if self.accept(";"):
            return
        if self._is_assignment():
            self.script.statements.append(self._assignment())
            return
        start = self.position
        name = self.word()
        if name in ("ENTRY", "INCLUDE", "EXTERN") and self._command(name):
            return
        if name == "OVERLAY":
            raise self.error("OVERLAY is not supported")
        if not name:
            self.position = start
            raise self.error(f"syntax error at '{self.text[start : start + 10]}'")
        self.script.statements.append(self._output_section(name))

    def _output_section(self, name: str) -> Statement:
        statement = Statement(STATEMENT_OUTPUT, name)
        if not self.accept(":"):
            if self.peek() != "(":
                statement.address = self.expression()
            else:
                start = self.position
                self.expect("(")
                word = self.symbol()
                if word in _SECTION_TYPES or word in ("TYPE", ""):
                    statement.type = word
                    if word == "TYPE":
                        self.position = start
                        self._skip_parentheses()
                    else:
                        self.expect(")")
                else:
                    self.position = start
                    statement.address = self.expression()
            if self.accept("("):
                statement.type = self.symbol()
                if statement.type == "READONLY" and self.accept("("):
                    self.take_while("_ =")
                    self.expect(")")
                self.expect(")")
            self.expect(":")
        while not self.accept("{"):
            word = self.symbol()
            if word in ("AT", "ALIGN", "SUBALIGN"):
                self.expect("(")
                value = self.expression()
                self.expect(")")
                if word == "AT":
                    statement.load_address = value
                elif word == "ALIGN":
                    statement.alignment = value
                else:
                    statement.subalignment = value
            elif word == "ALIGN_WITH_INPUT":
                continue
            elif word in ("ONLY_IF_RO", "ONLY_IF_RW"):
                statement.constraint = word
            else:
                found = word or self.text[self.position : self.position + 10]
                raise self.error(f"syntax error: '{{' expected before '{found}'")
        while not self.accept("}"):
            self._content(statement)
        self._output_tail(statement)
        return statement

    def _output_tail(self, statement: Statement) -> None:
        """>region AT>region :phdr =fill"""
        while True:
            if self.accept(">"):
                statement.region = self.symbol()
            elif self.accept("AT>") or self.accept("AT >"):
                statement.load_region = self.symbol()
            elif self.peek() == ":":
                self.position += 1
                statement.headers.append(self.symbol())
            elif self.peek() == "=":
                self.position += 1
                self.skip()
                start = self.position
                value = self.binary(1)
                statement.fill = _fill_bytes(self.text[start : self.position].strip(), value, self)
            else:
                self.accept(",")
                return

    def _content(self, output: Statement) -> None:
        """One statement within an output section."""
        if not self.peek():
            raise self.error(f"syntax error: '}}' expected at the end of '{output.name}'")
        if self.accept(";"):
            return
        if self._is_assignment():
            output.body.append(self._assignment())
            return
        start = self.position
        word = self.word(True)
        if word in _DATA_SIZES and self.accept("("):
            statement = Statement(STATEMENT_DATA, word)
            statement.size = _DATA_SIZES[word]
            statement.expression = self.expression()
            self.expect(")")
            output.body.append(statement)
        elif word == "FILL" and self.accept("("):
            statement = Statement(STATEMENT_FILL)
            self.skip()
            begin = self.position
            value = self.expression()
            statement.fill = _fill_bytes(self.text[begin : self.position].strip(), value, self)
            self.expect(")")
            output.body.append(statement)
        elif word in ("CONSTRUCTORS", "CREATE_OBJECT_SYMBOLS", "LINKER_VERSION"):
            return
        elif word in ("SORT", "SORT_BY_NAME") and self.accept("(CONSTRUCTORS)"):
            return
        elif word == "INCLUDE":
            self._include(self._path())
        elif word == "KEEP" and self.accept("("):
            statement = self._input_section(self.word(True))
            statement.keep = True
            self.expect(")")
            output.body.append(statement)
        elif word:
            output.body.append(self._input_section(word))
        else:
            self.position = start
            raise self.error(f"syntax error at '{self.text[start : start + 10]}'")

    def _input_section(self, file: str) -> Statement:
        statement = Statement(STATEMENT_INPUT, file)
        if file == "EXCLUDE_FILE":
            statement.excluded = self._excluded()
            statement.name = self.word(True)
        elif file in ("SORT", "SORT_BY_NAME", "SORT_NONE") and self.accept("("):
            statement.name = self.word()
            self.expect(")")
        if self.accept("("):
            excluded: list[str] = []
            while not self.accept(")"):
                if self.accept(","):
                    continue
                word = self.word()
                if not word:
                    raise self.error("syntax error: a section pattern is expected")
                if word == "EXCLUDE_FILE":
                    excluded = self._excluded()
                    continue
                if word in _SORTS and self.accept("("):
                    self._sorted(statement, [word], excluded)
                else:
                    pattern = SectionPattern(word)
                    pattern.excluded = excluded
                    statement.patterns.append(pattern)
                excluded = []
        else:
            statement.patterns.append(SectionPattern("*"))
        return statement

    def _sorted(self, statement: Statement, sorts: list[str], excluded: list[str]) -> None:
        while not self.accept(")"):
            if self.accept(","):
                continue
            word = self.word()
            if word == "EXCLUDE_FILE":
                excluded = self._excluded()
            elif word in _SORTS and self.accept("("):
                self._sorted(statement, [*sorts, word], excluded)
            elif word:
                pattern = SectionPattern(word)
                pattern.sorts = sorts
                pattern.excluded = excluded
                statement.patterns.append(pattern)
            else:
                raise self.error("syntax error: a section pattern is expected")

    def _excluded(self) -> list[str]:
        self.expect("(")
        result: list[str] = []
        while not self.accept(")"):
            word = self.word()
            if not word:
                raise self.error("syntax error in EXCLUDE_FILE")
            result.append(word)
        return result


def _fill_bytes(text: str, value: Expression, parser: _Parser) -> bytes:
    """A fill: the digits of a hexadecimal number as they stand, else four bytes, high one first."""
    if text.lower().startswith("0x") and all(c in "0123456789abcdefABCDEF" for c in text[2:]):
        digits = text[2:]
        return bytes.fromhex("0" + digits if len(digits) % 2 else digits)
    if value.kind != EXPRESSION_NUMBER:
        raise parser.error("a fill must be a number")
    return (value.value & 0xFFFFFFFF).to_bytes(4, "big")
