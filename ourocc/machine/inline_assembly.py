"""Assembly text inside a translation unit: file-scope asm, and asm statements within functions.

One assembler serves the whole unit.  A function with asm statements is encoded into a buffer that is also a section of the
assembler, so that its statements can define labels there and refer to them from other sections (`.pushsection`).  Its
relocations are resolved at the end, when those other sections have their places.
"""

from typing import final

from ourocc.assembler.assemble import new_assembler, target_assembler
from ourocc.assembler.assembler import Assembler
from ourocc.assembler.finish import ObjectMaker
from ourocc.assembler.symbols import AsmSection, AssemblyError
from ourocc.base.diagnostics import Diagnostics
from ourocc.machine.emit import CodeBuffer, CodeRelocation
from ourocc.machine.instruction import Label
from ourocc.objects.model import SHF_ALLOC, SHF_EXECINSTR, SHT_PROGBITS, ObjectFile, Section, Symbol


@final
class AssembledFunction:
    """A function with asm statements, waiting for its relocations."""

    def __init__(self, section: AsmSection, buffer: CodeBuffer) -> None:
        self.section = section
        self.buffer = buffer
        self.start = 0


@final
class UnitAssembler:
    """The assembler of one translation unit; `names` are the object's symbols by name."""

    def __init__(self, obj: ObjectFile, diagnostics: Diagnostics, names: dict[str, Symbol]) -> None:
        self.object = obj
        self.diagnostics = diagnostics
        self.names = names
        self.assembler: Assembler = new_assembler(target_assembler(obj.machine), diagnostics)
        self.functions: list[AssembledFunction] = []
        self.current: AssembledFunction | None = None
        self.maker: ObjectMaker | None = None
        self.label_count = 0

    def file_scope(self, texts: list[str]) -> None:
        for text in texts:
            self.assembler.run(text + "\n", "<asm>")

    def begin(self, buffer: CodeBuffer) -> None:
        """Statements go into `buffer` from now on."""
        section = AsmSection(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, self.assembler.branches)
        section.buffer = buffer
        section.subsections = {0: buffer}
        section.is_function = True
        self.current = AssembledFunction(section, buffer)

    def name_label(self, label: Label) -> None:
        """Make a block's label known to the assembler under a name of its own."""
        if label.name in self.assembler.symbols.by_name:
            return
        label.name = f".Lasm{self.label_count}"
        self.label_count += 1
        symbol = self.assembler.symbols.symbol(label.name)
        symbol.label = label

    def bound(self, label: Label) -> None:
        """The block of a named label begins here."""
        current = self.current
        if label.name and current is not None:
            symbol = self.assembler.symbols.by_name.get(label.name)
            if symbol is not None:
                symbol.section = current.section
                symbol.buffer = current.buffer

    def statement(self, text: str, position: int) -> None:
        assert self.current is not None
        self.assembler.run_inline(text, self.current.section, position)

    def placed(self, section: Section, start: int) -> None:
        """The function's code was appended to `section`."""
        current = self.current
        assert current is not None
        current.section.section = section
        current.section.base = start
        current.section.name = section.name
        current.start = start
        self.functions.append(current)
        self.current = None

    def make(self) -> None:
        """Put the assembler's own sections and symbols into the object."""
        maker = ObjectMaker(self.assembler, self.object, self.names)
        maker.make()
        self.maker = maker

    def owns(self, relocation: CodeRelocation) -> bool:
        """The relocation was made by assembly text, or mentions a symbol of it."""
        symbol = relocation.symbol
        if symbol is None:
            return False
        return symbol.name in self.assembler.expressions or symbol.name in self.assembler.symbols.by_name

    def relocate(self, function: AssembledFunction, relocation: CodeRelocation) -> None:
        assert self.maker is not None
        try:
            self.maker.relocate(function.section, relocation)
        except AssemblyError as error:
            self.diagnostics.error(0, str(error))
