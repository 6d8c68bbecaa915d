"""A module as assembly text: what -S prints, from the same machine instructions that `emit_object` encodes.

In: an optimized module and a target.  Out: text in GNU as syntax that assembles to the same object.
"""

from typing import Final, final

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.source import SourceMap, remap_prefix
from ourocc.ir.function import Block, Data, Function, Module, Symbol
from ourocc.machine.cleanup_list import CLEANUP_PERSONALITY, cleanup_list_offset
from ourocc.machine.compile_function import compile_function
from ourocc.machine.constants import ConstantPool
from ourocc.machine.data_sections import section_of
from ourocc.machine.emit_object import PRODUCER
from ourocc.machine.function import MachineFunction
from ourocc.machine.instruction import BIND, CALL_FRAME, INLINE_ASSEMBLY, Label, MachineInstruction
from ourocc.machine.options import CodeOptions
from ourocc.machine.register_allocation import AllocationError
from ourocc.machine.selection import SelectionError
from ourocc.machine.target import AssemblyTextError, Target
from ourocc.objects import call_frame as cfi
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_MERGE,
    SHF_STRINGS,
    SHF_TLS,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    ObjectFile,
    Section,
)

_VISIBILITIES: Final = ("", ".internal", ".hidden", ".protected")
_DIRECTIVES: Final = {1: ".byte", 2: ".value", 4: ".long", 8: ".quad"}
_PLAIN: Final = (".text", ".data", ".bss")


def section_directive(section: Section) -> str:
    if section.name in _PLAIN:
        return section.name
    flags = ""
    for bit, letter in (
        (SHF_ALLOC, "a"), (SHF_WRITE, "w"), (SHF_EXECINSTR, "x"), (SHF_MERGE, "M"), (SHF_STRINGS, "S"), (SHF_TLS, "T"),
    ):  # fmt: skip
        if section.flags & bit:
            flags += letter
    types = {SHT_NOBITS: "nobits", SHT_NOTE: "note", SHT_INIT_ARRAY: "init_array", SHT_FINI_ARRAY: "fini_array"}
    text = f'.section\t{section.name},"{flags}",@{types.get(section.type, "progbits")}'
    if section.flags & SHF_MERGE:
        text += f",{section.entry_size}"
    return text


def quoted(contents: bytes) -> str:
    """A string literal of the assembler."""
    out = ['"']
    for byte in contents:
        if byte == 34 or byte == 92:
            out.append("\\" + chr(byte))
        elif 32 <= byte < 127:
            out.append(chr(byte))
        elif byte == 10:
            out.append("\\n")
        elif byte == 9:
            out.append("\\t")
        else:
            out.append(f"\\{byte:03o}")
    out.append('"')
    return "".join(out)


@final
class TextEmitter:
    def __init__(
        self, module: Module, target: Target, options: CodeOptions, sources: SourceMap, diagnostics: Diagnostics
    ) -> None:
        self.module = module
        self.target = target
        self.options = options
        self.sources = sources
        self.diagnostics = diagnostics
        self.scratch = ObjectFile(target.elf_machine)  # only for its section table
        self.pool = ConstantPool(module)
        self.out: list[str] = []
        self.current = ""
        self.label_count = 0
        self.function_count = 0
        self.statement_count = 0
        self.files: dict[str, int] = {}
        self.labels: dict[int, str] = {}  # address-taken blocks

    def line(self, text: str) -> None:
        self.out.append("\t" + text)

    def enter(self, directive: str) -> None:
        if directive != self.current:
            self.current = directive
            self.line(directive)

    def run(self) -> str:
        module = self.module
        name = module.name.rpartition("/")[2]
        self.line(f'.file\t"{name}"')
        for directive in self.target.text_header():
            self.line(directive)
        for text in module.assembly:
            self.out += ["#APP", text, "#NO_APP"]
            self.current = ""
        for function in module.functions:
            if not function.inline_only:
                self.function(function)
        for symbol in module.objects:
            self.data_object(symbol)
        for constant in self.pool.symbols:
            self.constant(constant)
        for alias in module.aliases:
            self.alias(alias)
        self.arrays()
        for symbol in module.symbols.values():
            if symbol.weak and not symbol.defined and symbol.references:
                self.line(f".weak\t{symbol.name}")
            if symbol.visibility and not symbol.defined and symbol.references:
                self.line(f"{_VISIBILITIES[symbol.visibility]}\t{symbol.name}")
        if self.options.ident:
            for text in [*module.idents, PRODUCER]:
                self.line(f'.ident\t"{text}"')
        flags = "x" if module.executable_stack else ""
        self.line(f'.section\t.note.GNU-stack,"{flags}",@progbits')
        return "\n".join(self.out) + "\n"

    # ---- functions

    def function(self, function: Function) -> None:
        try:
            machine = compile_function(function, self.target, self.options, self.pool)
        except SelectionError as error:
            self.diagnostics.error(error.position or function.position, f"in function '{function.name}': {error.message}")
            return
        except AllocationError as error:
            self.diagnostics.error(function.position, f"in function '{function.name}': {error}")
            return
        symbol = function.symbol
        if symbol.section or self.options.function_sections:
            name = symbol.section or ".text." + function.name
            self.enter(f'.section\t{name},"ax",@progbits')
        elif function.cold and self.options.optimize > 0:
            self.enter('.section\t.text.unlikely,"ax",@progbits')
        else:
            self.enter(".text")
        alignment = max(symbol.alignment, 1 if self.options.size else self.target.function_alignment)
        if alignment > 1:
            self.line(f".p2align {alignment.bit_length() - 1}")
        self.binding(symbol)
        self.line(f".type\t{symbol.name}, @{'gnu_indirect_function' if symbol.is_ifunc else 'function'}")
        self.out.append(f"{symbol.name}:")
        self.name_labels(machine, function)
        if self.options.unwind_tables:
            self.line(".cfi_startproc")
            offset = cleanup_list_offset(function, machine, self.target)
            if offset is not None:
                self.line(f".hidden\t{CLEANUP_PERSONALITY}")
                self.line(f".cfi_personality 0x1b,{CLEANUP_PERSONALITY}")
                self.line(f".cfi_lsda 0x1b,.LLSDA{symbol.name}")
        position = 0
        for number, block in enumerate(machine.blocks):
            if block.alignment > 1:
                self.line(f".p2align {block.alignment.bit_length() - 1},,{block.padding_limit}")
            if number:
                self.out.append(f"{block.label.name}:")
            for instruction in block.instructions:
                if self.options.debug and instruction.position and instruction.position != position:
                    position = instruction.position
                    self.location(position)
                self.instruction(instruction)
        for table in machine.jump_tables:
            self.line(".p2align 2")
            self.out.append(f"{self.name(table.label)}:")
            for target in table.targets:
                self.line(f".long\t{target.label.name}-{table.label.name}")
        if self.options.unwind_tables:
            self.line(".cfi_endproc")
            if offset is not None:
                self.line('.pushsection\t.gcc_except_table,"a",@progbits')
                self.line(".p2align 2")
                self.out.append(f".LLSDA{symbol.name}:")
                self.line(f".long\t{self.target.frame_register}, {offset}")
                self.line(".popsection")
        self.line(f".size\t{symbol.name}, .-{symbol.name}")

    def name(self, label: Label) -> str:
        if not label.name:
            label.name = f".L{self.label_count}"
            self.label_count += 1
        return label.name

    def name_labels(self, machine: MachineFunction, function: Function) -> None:
        for block in machine.blocks:
            self.name(block.label)
            if block.source is not None and block.source.address_taken:
                self.labels[id(block.source)] = block.label.name
            for instruction in block.instructions:
                if instruction.label is not None:
                    self.name(instruction.label)
                for place in instruction.places or []:
                    if place.label is not None:
                        self.name(place.label)
                    if place.memory is not None and place.memory.label is not None:
                        self.name(place.memory.label)

    def instruction(self, instruction: MachineInstruction) -> None:
        operation = instruction.op
        if operation >= 0:
            self.line(self.target.format(instruction))
        elif operation == BIND:
            assert instruction.label is not None
            self.out.append(f"{instruction.label.name}:")
        elif operation == CALL_FRAME:
            if self.options.unwind_tables:
                self.line(call_frame_directive(instruction))
        elif operation == INLINE_ASSEMBLY:
            self.statement_count += 1
            try:
                text = self.target.assembly_text(instruction, self.statement_count)
            except AssemblyTextError as error:
                self.diagnostics.error(instruction.position, str(error))
                return
            self.out += ["#APP", "\t" + text, "#NO_APP"]

    def location(self, position: int) -> None:
        where = self.sources.position(position)
        if where.line <= 0:
            return
        number = self.files.get(where.file)
        if number is None:
            number = len(self.files) + 1
            self.files[where.file] = number
            path = remap_prefix(where.file, self.options.debug_prefix_maps)
            self.line(f'.file {number} "{path}"')
        self.line(f".loc {number} {where.line} {where.column}")

    def binding(self, symbol: Symbol) -> None:
        if symbol.weak:
            self.line(f".weak\t{symbol.name}")
        elif not symbol.local:
            self.line(f".globl\t{symbol.name}")
        if symbol.visibility:
            self.line(f"{_VISIBILITIES[symbol.visibility]}\t{symbol.name}")
        if symbol.version:
            self.line(f".symver\t{symbol.name}, {symbol.version}")

    # ---- data

    def data_object(self, symbol: Symbol) -> None:
        alignment = max(symbol.alignment, 1)
        if symbol.common and not symbol.defined:
            self.line(f".comm\t{symbol.name},{symbol.size},{alignment}")
            return
        data = symbol.data
        contents = data.contents if data is not None else b""
        relocated = data is not None and len(data.relocations) > 0
        section = section_of(self.scratch, symbol, contents, relocated, self.options)
        self.enter(section_directive(section))
        if not symbol.name.startswith(".L"):
            self.binding(symbol)
            self.line(f".type\t{symbol.name}, @object")
            self.line(f".size\t{symbol.name}, {symbol.size}")
        if alignment > 1:
            self.line(f".balign {alignment}")
        self.out.append(f"{symbol.name}:")
        if section.type == SHT_NOBITS:
            self.line(f".zero\t{symbol.size}")
            return
        if data is not None and relocated:
            self.relocated(data)
        else:
            self.strings(contents)
        if symbol.size > len(contents):
            self.line(f".zero\t{symbol.size - len(contents)}")

    def strings(self, contents: bytes) -> None:
        start = 0
        while start < len(contents):
            end = min(start + 4096, len(contents))
            piece = contents[start:end]
            if end == len(contents) and piece.endswith(b"\0"):
                self.line(".string\t" + quoted(piece[: len(piece) - 1]))
            else:
                self.line(".ascii\t" + quoted(piece))
            start = end

    def relocated(self, data: Data) -> None:
        at = 0
        contents = data.contents
        for relocation in sorted(data.relocations, key=lambda row: row.offset):
            if relocation.offset > at:
                self.bytes_exactly(contents[at : relocation.offset])
            text = ""
            if relocation.label is not None:
                text = self.block_label(relocation.label)
                if relocation.minus_label is not None:
                    text += "-" + self.block_label(relocation.minus_label)
            elif relocation.symbol is not None:
                text = relocation.symbol.name
            if relocation.addend:
                text += f"{relocation.addend:+d}"
            self.line(f"{_DIRECTIVES[relocation.size]}\t{text}")
            at = relocation.offset + relocation.size
        self.bytes_exactly(contents[at:])

    def block_label(self, block: Block) -> str:
        return self.labels.get(id(block), "0")

    def bytes_exactly(self, contents: bytes) -> None:
        start = 0
        while start < len(contents):
            if contents[start] == 0:
                end = start
                while end < len(contents) and contents[end] == 0:
                    end += 1
                self.line(f".zero\t{end - start}")
            else:
                end = start
                while end < len(contents) and contents[end] != 0 and end - start < 64:
                    end += 1
                self.line(".ascii\t" + quoted(contents[start:end]))
            start = end

    def constant(self, symbol: Symbol) -> None:
        size = symbol.size
        data = symbol.data
        assert data is not None
        if size in (4, 8, 16, 32) and symbol.alignment == size:
            self.enter(f'.section\t.rodata.cst{size},"aM",@progbits,{size}')
        else:
            self.enter(".section\t.rodata")
        self.line(f".balign {symbol.alignment}")
        self.out.append(f"{symbol.name}:")
        for start in range(0, size, 4):
            self.line(f".long\t{int.from_bytes(data.contents[start : start + 4], 'little')}")

    def alias(self, symbol: Symbol) -> None:
        assert symbol.alias_of is not None
        self.binding(symbol)
        if symbol.is_ifunc:
            self.line(f".type\t{symbol.name}, @gnu_indirect_function")
        self.line(f".set\t{symbol.name},{symbol.alias_of.name}")

    def arrays(self) -> None:
        for rows, name in ((self.module.constructors, ".init_array"), (self.module.destructors, ".fini_array")):
            for priority, function in rows:
                full = name if priority < 0 or priority == 65535 else f"{name}.{priority:05d}"
                self.enter(f'.section\t{full},"aw",@{name[1:]}')
                self.line(f".balign {self.target.pointer_size}")
                self.line(f"{_DIRECTIVES[self.target.pointer_size]}\t{function.name}")


def call_frame_directive(instruction: MachineInstruction) -> str:
    kind = instruction.imm
    register = instruction.r0
    value = instruction.displacement
    if kind == cfi.CFI_DEF_CFA:
        return f".cfi_def_cfa {register}, {value}"
    if kind == cfi.CFI_DEF_CFA_REGISTER:
        return f".cfi_def_cfa_register {register}"
    if kind == cfi.CFI_DEF_CFA_OFFSET:
        return f".cfi_def_cfa_offset {value}"
    if kind == cfi.CFI_OFFSET:
        return f".cfi_offset {register}, {value}"
    if kind == cfi.CFI_RESTORE:
        return f".cfi_restore {register}"
    if kind == cfi.CFI_REMEMBER_STATE:
        return ".cfi_remember_state"
    assert kind == cfi.CFI_RESTORE_STATE
    return ".cfi_restore_state"


def emit_module_text(
    module: Module, target: Target, options: CodeOptions, sources: SourceMap, diagnostics: Diagnostics
) -> str:
    """The module's assembly text."""
    return TextEmitter(module, target, options, sources, diagnostics).run()
