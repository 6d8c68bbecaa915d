"""Symbols, sections and the place where the assembler stands: the state that expressions and directives share."""

from typing import Final, final

from ourocc.ir.function import Symbol as Reference
from ourocc.machine.emit import BranchWriter, CodeBuffer
from ourocc.machine.instruction import Label
from ourocc.objects import model

TEMPORARY_PREFIX: Final = ".L"


class AssemblyError(Exception):
    """A statement that cannot be assembled; the message is shown with the statement's place (or `location`)."""

    def __init__(self, message: str, location: int = 0) -> None:
        super().__init__(message)
        self.location = location


@final
class AsmSection:
    """A section under construction.  Each subsection has its own buffer; they are joined before relaxation."""

    def __init__(self, name: str, type: int, flags: int, branches: BranchWriter) -> None:
        self.name = name
        self.type = type
        self.flags = flags
        self.entry_size = 0
        self.group_name = ""
        self.comdat = False
        self.link_name = ""  # SHF_LINK_ORDER
        self.unique = -1
        self.branches = branches
        self.buffer = CodeBuffer(branches)
        self.subsections: dict[int, CodeBuffer] = {0: self.buffer}
        self.symbol: AsmSymbol | None = None
        # Where it ends up: set when the object is made
        self.section: model.Section | None = None
        self.base = 0
        self.is_function = False  # code that the compiler emits; inline assembly writes into its buffer
        self.has_code = False

    def subsection(self, number: int) -> CodeBuffer:
        found = self.subsections.get(number)
        if found is None:
            found = CodeBuffer(self.branches)
            self.subsections[number] = found
        return found


@final
class AsmSymbol:
    """A name of the assembly text, with everything that directives say about it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.label = Label(0)
        self.label.name = name
        self.section: AsmSection | None = None  # set: `label` is bound in `buffer`
        self.buffer: CodeBuffer | None = None
        self.expression: Expression | None = None  # set: equated
        self.evaluating = False
        self.deferred = False  # its value is given at the end only
        self.register = ""  # equated to a register
        self.is_global = False
        self.is_local = False
        self.is_weak = False
        self.is_unique = False
        self.is_weakref = False  # an alias by .weakref: never in the object itself
        self.type = model.STT_NOTYPE
        self.size: Expression | None = None
        self.visibility = model.STV_DEFAULT
        self.other = 0
        self.is_common = False
        self.common_size = 0
        self.common_alignment = 1
        self.versions: list[str] = []
        self.referenced = False
        self.is_section_symbol = False
        self.is_temporary = name.startswith(TEMPORARY_PREFIX)
        self.object: model.Symbol | None = None
        self.alias: Reference | None = None

    def defined(self) -> bool:
        return self.section is not None or self.expression is not None or self.is_common

    def reference(self) -> Reference:
        """The symbol as machine instructions hold it; found again by its name."""
        self.referenced = True
        if self.alias is None:
            self.alias = Reference(self.name)
        return self.alias


# Expression.kind
NUMBER: Final = 0
SYMBOL: Final = 1
UNARY: Final = 2
BINARY: Final = 3


@final
class Expression:
    """A tree; `operator` is the operator's spelling."""

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self.number = 0
        self.symbol: AsmSymbol | None = None
        self.operator = ""
        self.left: Expression | None = None
        self.right: Expression | None = None


@final
class Symbols:
    """All symbols by name, and the current section."""

    def __init__(self, branches: BranchWriter) -> None:
        self.branches = branches
        self.by_name: dict[str, AsmSymbol] = {}
        self.order: list[AsmSymbol] = []
        self.local_counts: dict[int, int] = {}  # "1:" has been defined that many times
        self.temporary_count = 0
        self.sections: list[AsmSection] = []
        self.section = AsmSection("", 0, 0, branches)
        self.subsection = 0
        self.buffer = self.section.buffer

    def symbol(self, name: str) -> AsmSymbol:
        """The symbol of that name, made on first mention."""
        found = self.by_name.get(name)
        if found is None:
            found = AsmSymbol(name)
            self.by_name[name] = found
            self.order.append(found)
        return found

    def enter(self, section: AsmSection, subsection: int) -> None:
        """Make a section current."""
        self.section = section
        self.subsection = subsection
        self.buffer = section.subsection(subsection)

    def define(self, symbol: AsmSymbol) -> None:
        """Bind the symbol to the current place."""
        if symbol.section is not None or symbol.is_common:
            raise AssemblyError(f"symbol `{symbol.name}' is already defined")
        if symbol.expression is not None:
            raise AssemblyError(f"symbol `{symbol.name}' is already defined")
        symbol.section = self.section
        symbol.buffer = self.buffer
        self.buffer.bind(symbol.label)
        if self.section.flags & model.SHF_TLS:
            symbol.type = model.STT_TLS

    def here(self) -> AsmSymbol:
        """A fresh temporary symbol at the current place: what "." means."""
        self.temporary_count += 1
        symbol = AsmSymbol(f".L\x01{self.temporary_count}")
        self.by_name[symbol.name] = symbol
        symbol.section = self.section
        symbol.buffer = self.buffer
        self.buffer.bind(symbol.label)
        return symbol

    def local_name(self, number: int, count: int) -> str:
        return f".L\x02{number}\x02{count}"

    def define_local(self, number: int) -> None:
        """A numeric label "1:"."""
        count = self.local_counts.get(number, 0) + 1
        self.local_counts[number] = count
        self.define(self.symbol(self.local_name(number, count)))

    def local(self, number: int, forward: bool) -> AsmSymbol:
        """The symbol of "1f" or "1b"."""
        count = self.local_counts.get(number, 0)
        if not forward and count == 0:
            raise AssemblyError(f"backward ref to unknown label \"{number}:\"")
        return self.symbol(self.local_name(number, count + 1 if forward else count))
