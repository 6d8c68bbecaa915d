"""A module as an object file: code, data, symbols, relocations, unwind and line tables.

In: an optimized module and a target.  Out: an `ObjectFile` as the assembler would have made it from the -S output.
Sections are those of gcc: .text, .data, .bss, .rodata, .rodata.cst*, .rodata.str*, .data.rel.ro*, .tdata, .tbss,
.init_array; with -ffunction-sections and -fdata-sections one a symbol.
"""

from struct import pack
from typing import final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.signals import let_signals_in
from ourocc.base.source import SourceMap
from ourocc.ir.function import Data, Function, Module
from ourocc.ir.function import Symbol as IrSymbol
from ourocc.machine.cleanup_list import CLEANUP_PERSONALITY, cleanup_list_offset
from ourocc.machine.compile_function import compile_function
from ourocc.machine.constants import ConstantPool
from ourocc.machine.data_sections import section_of
from ourocc.machine.emit import CodeBuffer, CodeRelocation
from ourocc.machine.function import MachineFunction
from ourocc.machine.inline_assembly import UnitAssembler
from ourocc.machine.instruction import BIND, CALL_FRAME, INLINE_ASSEMBLY, MachineInstruction
from ourocc.machine.line_rows import LineCollector
from ourocc.machine.options import CodeOptions
from ourocc.machine.register_allocation import AllocationError
from ourocc.machine.selection import SelectionError
from ourocc.machine.target import AssemblyTextError, Target
from ourocc.objects.call_frame import (
    DW_EH_PE_PCREL,
    DW_EH_PE_SDATA4,
    CallFrameFunction,
    CallFrameInstruction,
    write_eh_frame,
)
from ourocc.objects.model import (
    ABSOLUTE,
    COMMON,
    DEFINED,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_MERGE,
    SHF_STRINGS,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STT_TLS,
    STV_HIDDEN,
    UNDEFINED,
    ObjectFile,
    Relocation,
    Section,
    Symbol,
)

PRODUCER = "Ourocc 0.1.0"


@final
class ObjectEmitter:
    def __init__(
        self, module: Module, target: Target, options: CodeOptions, sources: SourceMap, diagnostics: Diagnostics
    ) -> None:
        self.module = module
        self.target = target
        self.options = options
        self.diagnostics = diagnostics
        self.object = ObjectFile(target.elf_machine, target.elf_flags)
        self.pool = ConstantPool(module)
        self.symbols: dict[int, Symbol] = {}  # by id of the IR symbol
        self.names: dict[str, Symbol] = {}  # the same by name, shared with the assembler
        self.assembler: UnitAssembler | None = None
        self.statement_count = 0
        self.keep: list[IrSymbol] = []  # those symbols: their ids stay theirs
        self.frames: list[CallFrameFunction] = []
        self.labels: dict[int, tuple[Section, int]] = {}  # address-taken blocks: by id of the block
        self.pool_done = 0
        self.waiting: list[tuple[Section, int, Data]] = []  # data with relocations, until all labels have places
        self.strings: dict[tuple[str, bytes], tuple[Section, int]] = {}
        self.lines = LineCollector(options, sources, module.name, target.pointer_size) if options.debug else None
        self.text = self.object.section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1)
        self.object.section(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 1)
        self.object.section(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 1)

    def run(self) -> ObjectFile:
        module = self.module
        if module.assembly:
            self.unit_assembler().file_scope(module.assembly)
        for symbol in module.objects:
            self.data_object(symbol)
        for function in module.functions:
            let_signals_in()
            if not function.inline_only:
                self.function(function)
                self.constants()
        for section, start, data in self.waiting:
            self.data_relocations(section, start, data)
        for symbol in module.aliases:
            self.alias(symbol)
        self.versioned_symbols()
        self.arrays()
        self.finish_assembly()
        if self.options.unwind_tables:
            write_eh_frame(self.object, self.frames)
        if self.lines is not None:
            for variable in module.variables:
                if variable.symbol is not None and variable.symbol.defined and variable.symbol in module.objects:
                    self.lines.variables.object(variable, self.symbol(variable.symbol))
            self.lines.write(self.object, PRODUCER)
        self.undefined_kept()
        self.notes()
        self.target.finish_object(self.object)
        return self.object

    # ---- symbols

    def symbol(self, source: IrSymbol) -> Symbol:
        """The object's symbol for an IR symbol, made on first mention."""
        found = self.symbols.get(id(source))
        if found is not None:
            return found
        made = self.names.get(source.name)
        if made is None:
            made = Symbol(source.name)
            self.names[source.name] = made
            self.object.symbols.append(made)
        if source.local and source.defined:
            made.binding = STB_LOCAL
        elif source.weak:
            made.binding = STB_WEAK
        elif made.binding == STB_GLOBAL:
            made.binding = STB_GLOBAL
        if source.visibility:
            made.visibility = source.visibility
        if source.thread_local:
            made.type = STT_TLS
        self.symbols[id(source)] = made
        self.keep.append(source)
        return made

    def define(self, source: IrSymbol, section: Section, offset: int, size: int, kind: int) -> Symbol:
        symbol = self.symbol(source)
        symbol.place = DEFINED
        symbol.section = section
        symbol.value = offset
        symbol.size = size
        symbol.type = STT_TLS if source.thread_local else kind
        return symbol

    # ---- code

    def function(self, function: Function) -> None:
        target = self.target
        try:
            machine = compile_function(function, target, self.options, self.pool)
        except SelectionError as error:
            self.diagnostics.error(error.position or function.position, f"in function '{function.name}': {error.message}")
            return
        except AllocationError as error:
            self.diagnostics.error(function.position, f"in function '{function.name}': {error}")
            return
        buffer = target.new_buffer()
        assembled = self.prepare_assembly(machine, buffer)
        records: list[CallFrameInstruction] = []
        section = self.code_section(function)
        alignment = max(function.symbol.alignment, 1 if self.options.size else target.function_alignment)
        if not assembled:  # else the section may grow meanwhile
            buffer.origin = len(section.data) + -len(section.data) % alignment
        self.encode(machine, buffer, records)
        if assembled:
            alignment = max(alignment, buffer.alignment)
        section.alignment = max(section.alignment, buffer.alignment)
        missing = -len(section.data) % alignment
        if missing:
            buffer.branches.pad(section.data, missing)
        start = append_aligned(section, alignment, b"\0")
        section.data += buffer.data
        kind = STT_GNU_IFUNC if function.symbol.is_ifunc else STT_FUNC
        symbol = self.define(function.symbol, section, start, len(buffer.data), kind)
        if assembled:
            self.unit_assembler().placed(section, start)
        else:
            self.relocate(section, start, buffer)
        for message in buffer.errors:
            self.diagnostics.error(function.position, f"in function '{function.name}': {message}")
        if self.options.unwind_tables:
            frame = CallFrameFunction(section, start, start + len(buffer.data))
            for record in records:
                record.offset += start
            frame.instructions = records
            self.cleanup_data(function, machine, frame)
            self.frames.append(frame)
        for block in function.blocks:
            if block.address_taken:
                for made in machine.blocks:
                    if made.source is block:
                        self.labels[id(block)] = (section, start + made.label.offset)
        if self.lines is not None:
            self.lines.function(section, start, len(buffer.data), buffer, machine, symbol)

    def encode(self, machine: MachineFunction, buffer: CodeBuffer, records: list[CallFrameInstruction]) -> None:
        """All instructions into the buffer, with marks of positions and of call frame information."""
        ranks: list[int] = []
        target = self.target
        debug = self.options.debug > 0
        position = 0
        for block in machine.blocks:
            if block.alignment > 1:
                buffer.align(block.alignment, -1, block.padding_limit)
            buffer.bind(block.label)
            if block.label.name and self.assembler is not None:
                self.assembler.bound(block.label)
            for instruction in block.instructions:
                operation = instruction.op
                if debug and instruction.position != position and instruction.position:
                    position = instruction.position
                    buffer.mark(position)
                if operation >= 0:
                    target.encode(instruction, buffer)
                elif operation == BIND:
                    assert instruction.label is not None
                    buffer.bind(instruction.label)
                elif operation == CALL_FRAME:
                    ranks.append(len(buffer.relaxables))
                    records.append(
                        CallFrameInstruction(
                            len(buffer.data), instruction.imm, instruction.r0, instruction.displacement
                        )
                    )
                elif operation == INLINE_ASSEMBLY:
                    self.statement(instruction)
        for table in machine.jump_tables:
            buffer.align(4, 0)
            buffer.jump_table(table.label, [block.label for block in table.targets])
        growth = buffer.growth
        buffer.finish()
        for number, record in enumerate(records):
            record.offset += growth[ranks[number]]

    def cleanup_data(self, function: Function, machine: MachineFunction, frame: CallFrameFunction) -> None:
        """Where the personality routine finds the list of cleanups that are due."""
        offset = cleanup_list_offset(function, machine, self.target)
        if offset is None:
            return
        section = self.object.section(".gcc_except_table", SHT_PROGBITS, SHF_ALLOC, 4)
        frame.lsda = section.section_symbol()
        frame.lsda_addend = append_aligned(section, 4, b"\0")
        frame.lsda_encoding = frame.personality_encoding = DW_EH_PE_PCREL | DW_EH_PE_SDATA4
        section.data += pack("<ii", self.target.frame_register, offset)
        source = self.module.symbol(CLEANUP_PERSONALITY)
        source.visibility = STV_HIDDEN
        frame.personality = self.symbol(source)

    # ---- assembly text

    def unit_assembler(self) -> UnitAssembler:
        if self.assembler is None:
            self.assembler = UnitAssembler(self.object, self.diagnostics, self.names)
        return self.assembler

    def prepare_assembly(self, machine: MachineFunction, buffer: CodeBuffer) -> bool:
        """Name the labels that asm statements mention; False when there are no statements."""
        found = False
        for block in machine.blocks:
            for instruction in block.instructions:
                if instruction.op == INLINE_ASSEMBLY:
                    assembler = self.unit_assembler()
                    if not found:
                        assembler.begin(buffer)
                        found = True
                    for place in instruction.places or []:
                        if place.label is not None:
                            assembler.name_label(place.label)
                        elif place.memory is not None and place.memory.label is not None:
                            assembler.name_label(place.memory.label)
        return found

    def statement(self, instruction: MachineInstruction) -> None:
        self.statement_count += 1
        try:
            text = self.target.assembly_text(instruction, self.statement_count)
        except AssemblyTextError as error:
            self.diagnostics.error(instruction.position, str(error))
            return
        self.unit_assembler().statement(text, instruction.position)

    def finish_assembly(self) -> None:
        assembler = self.assembler
        if assembler is None:
            return
        assembler.make()
        for function in assembler.functions:
            section = function.section.section
            assert section is not None
            for relocation in function.buffer.relocations:
                if assembler.owns(relocation):
                    assembler.relocate(function, relocation)
                else:
                    self.relocate_one(section, function.start, relocation)

    def code_section(self, function: Function) -> Section:
        name = function.symbol.section
        if not name:
            if not self.options.function_sections:
                if function.cold and self.options.optimize > 0:
                    return self.object.section(".text.unlikely", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1)
                return self.text
            name = ".text." + function.name
        return self.object.section(name, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1)

    def relocate(self, section: Section, start: int, buffer: CodeBuffer) -> None:
        for relocation in buffer.relocations:
            self.relocate_one(section, start, relocation)

    def relocate_one(self, section: Section, start: int, relocation: CodeRelocation) -> None:
        if relocation.symbol is not None:
            source = relocation.symbol
            if source.constant_pool and id(source) not in self.symbols:
                self.constants()
            self.relocation(section, start + relocation.offset, relocation.type, source, relocation.addend)
        elif relocation.label is not None:
            if relocation.type in self.target.label_symbols:
                place = self.label_symbol(section, start + relocation.label.offset)
                section.relocations.append(Relocation(start + relocation.offset, relocation.type, place, 0))
                return
            section.relocations.append(
                Relocation(
                    start + relocation.offset, relocation.type, section.section_symbol(),
                    relocation.addend + start + relocation.label.offset,
                )  # fmt: skip
            )
        else:
            raise AssertionError("relocation against nothing")

    def label_symbol(self, section: Section, offset: int) -> Symbol:
        """A local symbol for a place in the code."""
        symbol = Symbol(".L0 ", DEFINED)  # a name that assembly text cannot have: GNU as gives it too
        symbol.section = section
        symbol.value = offset
        symbol.binding = STB_LOCAL
        self.object.symbols.append(symbol)
        return symbol

    def relocation(self, section: Section, offset: int, type: int, source: IrSymbol, addend: int) -> None:
        """Anonymous objects go by section symbol and offset, as GNU as does it; not so in mergeable sections, where an
        addend such as -4 would name another piece."""
        symbol = self.symbol(source)
        owner = symbol.section
        if owner is not None and symbol.binding == STB_LOCAL and symbol.name.startswith(".L"):
            if not owner.flags & SHF_MERGE:
                section.relocations.append(Relocation(offset, type, owner.section_symbol(), addend + symbol.value))
                return
        section.relocations.append(Relocation(offset, type, symbol, addend))

    # ---- data

    def constants(self) -> None:
        """Place what the constant pool got since the last time."""
        while self.pool_done < len(self.pool.symbols):
            source = self.pool.symbols[self.pool_done]
            self.pool_done += 1
            size = source.size
            data = source.data
            assert data is not None
            if size in (4, 8, 16, 32) and source.alignment == size:
                section = self.object.section(
                    f".rodata.cst{size}", SHT_PROGBITS, SHF_ALLOC | SHF_MERGE, size
                )
                section.entry_size = size
            else:
                section = self.object.section(".rodata", SHT_PROGBITS, SHF_ALLOC, 1)
            start = append_aligned(section, source.alignment, b"\0")
            section.data += data.contents
            self.hidden_symbol(source, section, start)

    def hidden_symbol(self, source: IrSymbol, section: Section, offset: int) -> None:
        """A symbol that does not appear in the symbol table: relocations use its section's."""
        symbol = Symbol(source.name, DEFINED)
        symbol.section = section
        symbol.value = offset
        symbol.binding = STB_LOCAL
        self.symbols[id(source)] = symbol
        self.names[source.name] = symbol
        self.keep.append(source)

    def data_object(self, source: IrSymbol) -> None:
        if source.common and not source.defined:
            self.common(source)
            return
        data = source.data
        contents = data.contents if data is not None else b""
        relocated = data is not None and len(data.relocations) > 0
        section = section_of(self.object, source, contents, relocated, self.options)
        anonymous = source.name.startswith(".L")
        if source.mergeable_string and section.flags & SHF_STRINGS and not relocated:
            key = (section.name, contents)
            found = self.strings.get(key)
            if found is None:
                start = append_aligned(section, max(source.alignment, 1), b"\0")
                section.data += contents + bytes(source.size - len(contents))
                found = (section, start)
                self.strings[key] = found
            self.hidden_symbol(source, found[0], found[1])
            return
        alignment = max(source.alignment, 1)
        if section.type == SHT_NOBITS:
            start = (section.nobits_size + alignment - 1) & -alignment
            section.nobits_size = start + source.size
            section.alignment = max(section.alignment, alignment)
        else:
            start = append_aligned(section, alignment, b"\0")
            section.data += contents
            if len(contents) < source.size:
                section.data += bytes(source.size - len(contents))
        if anonymous and source.local:
            existing = self.symbols.get(id(source))
            if existing is None:
                self.hidden_symbol(source, section, start)
            else:
                self.define(source, section, start, source.size, STT_OBJECT)
        else:
            self.define(source, section, start, source.size, STT_OBJECT)
        if data is not None and data.relocations:
            self.waiting.append((section, start, data))

    def common(self, source: IrSymbol) -> None:
        symbol = self.symbol(source)
        symbol.place = COMMON
        symbol.value = max(source.alignment, 1)
        symbol.size = source.size
        symbol.type = STT_TLS if source.thread_local else STT_OBJECT

    def data_relocations(self, section: Section, start: int, data: Data) -> None:
        for relocation in data.relocations:
            offset = start + relocation.offset
            if relocation.minus_label is not None:
                self.label_difference(section, offset, relocation.size, id(relocation.label), id(relocation.minus_label),
                                      relocation.addend)  # fmt: skip
                continue
            type = self.target.absolute_relocation(relocation.size)
            if relocation.label is not None:
                owner, place = self.labels[id(relocation.label)]
                section.relocations.append(
                    Relocation(offset, type, owner.section_symbol(), place + relocation.addend)
                )
            elif relocation.symbol is not None:
                self.relocation(section, offset, type, relocation.symbol, relocation.addend)

    def label_difference(self, section: Section, offset: int, size: int, label: int, minus: int, addend: int) -> None:
        value = self.labels[label][1] - self.labels[minus][1] + addend
        section.data[offset : offset + size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")

    def alias(self, source: IrSymbol) -> None:
        target = source.alias_of
        assert target is not None
        place = self.symbol(target)
        symbol = self.symbol(source)
        if place.place == UNDEFINED:
            self.diagnostics.error(0, f"'{source.name}' aliased to undefined symbol '{target.name}'")
            return
        symbol.place = place.place
        symbol.section = place.section
        symbol.value = place.value
        symbol.size = place.size
        symbol.type = STT_GNU_IFUNC if source.is_ifunc else place.type

    def arrays(self) -> None:
        """Constructors and destructors: addresses in .init_array and .fini_array, by priority."""
        for rows, name, type in (
            (self.module.constructors, ".init_array", SHT_INIT_ARRAY),
            (self.module.destructors, ".fini_array", SHT_FINI_ARRAY),
        ):
            for priority, function in rows:
                full = name if priority < 0 or priority == 65535 else f"{name}.{priority:05d}"
                section = self.object.section(full, type, SHF_ALLOC | SHF_WRITE, self.target.pointer_size)
                start = len(section.data)
                section.data += bytes(self.target.pointer_size)
                self.relocation(
                    section, start, self.target.absolute_relocation(self.target.pointer_size), function, 0
                )

    # ---- the rest

    def versioned_symbols(self) -> None:
        """Attribute symver: NAME@VERSION beside the symbol's own name, as the assembler's .symver makes it."""
        for source in self.keep:
            made = self.symbols[id(source)]
            if source.version and made.place == UNDEFINED:
                self.diagnostics.error(0, f"symbol '{source.name}' needs to be defined to have a version")
            elif source.version:
                name, _, version = source.version.partition("@")
                versioned = Symbol(name, made.place)
                versioned.version = "@" + version
                versioned.section, versioned.value, versioned.size = made.section, made.value, made.size
                versioned.binding, versioned.type, versioned.visibility = made.binding, made.type, made.visibility
                self.object.symbols.append(versioned)

    def undefined_kept(self) -> None:
        """Undefined symbols have no type; unused declarations are not in the table at all."""
        for symbol in self.object.symbols:
            if symbol.place == UNDEFINED and symbol.type != STT_TLS:
                symbol.type = STT_NOTYPE
            if symbol.place == ABSOLUTE:
                symbol.section = None

    def notes(self) -> None:
        if self.options.ident:
            section = self.object.section(".comment", SHT_PROGBITS, SHF_MERGE | SHF_STRINGS, 1)
            section.entry_size = 1
            for text in [*self.module.idents, PRODUCER]:
                section.data += b"\0" * (len(section.data) == 0) + text.encode() + b"\0"
        flags = SHF_EXECINSTR if self.module.executable_stack else 0
        self.object.section(".note.GNU-stack", SHT_PROGBITS, flags, 1)


def append_aligned(section: Section, alignment: int, fill: bytes) -> int:
    """Pad the section with `fill`; the offset of what is appended next."""
    if alignment > section.alignment:
        section.alignment = alignment
    missing = -len(section.data) % alignment
    if missing:
        section.data += fill * missing
    return len(section.data)


def emit_module(
    module: Module, target: Target, options: CodeOptions, sources: SourceMap, diagnostics: Diagnostics
) -> ObjectFile:
    """The module's object file.  What cannot be compiled is reported to `diagnostics`."""
    return ObjectEmitter(module, target, options, sources, diagnostics).run()
