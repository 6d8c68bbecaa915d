"""Line tables for -g: rows of code offset and source line, one sequence a section, and the compile unit around them."""

from typing import final

from ourocc.base.source import SourceMap, remap_prefix
from ourocc.machine.debug_variables import VariableWriter
from ourocc.machine.emit import CodeBuffer
from ourocc.machine.function import MachineFunction
from ourocc.machine.options import CodeOptions
from ourocc.objects.debug_info import DebugFunction, DebugUnit, write_compile_unit
from ourocc.objects.line_table import (
    ROW_IS_STATEMENT,
    ROW_PROLOGUE_END,
    LineRow,
    LineSequence,
    LineTable,
)
from ourocc.objects.model import ObjectFile, Section, Symbol


@final
class LineCollector:
    def __init__(self, options: CodeOptions, sources: SourceMap, name: str, pointer_size: int) -> None:
        self.options = options
        self.sources = sources
        self.name = remap_prefix(name, options.debug_prefix_maps)
        self.table = LineTable(options.dwarf_version, options.compilation_directory, self.name)
        self.table.prefix_maps = options.debug_prefix_maps
        self.sequences: dict[int, LineSequence] = {}
        self.functions: list[DebugFunction] = []
        self.variables = VariableWriter(self.table, sources, pointer_size)

    def function(
        self, section: Section, start: int, size: int, buffer: CodeBuffer, machine: MachineFunction, symbol: Symbol
    ) -> None:
        """Rows of one function, whose code was appended to `section` at `start`."""
        function = machine.source
        sequence = self.sequences.get(id(section))
        if sequence is None:
            sequence = LineSequence(section, start)
            self.sequences[id(section)] = sequence
            self.table.sequences.append(sequence)
        line = 0
        if function.position:
            line = self.row(sequence, start, function.position, ROW_IS_STATEMENT)
        first = True
        for index, position in enumerate(buffer.mark_positions):
            offset = start + buffer.mark_offsets[index]
            flags = ROW_IS_STATEMENT
            if first and buffer.mark_offsets[index] > 0:
                flags |= ROW_PROLOGUE_END
                first = False
            self.row(sequence, offset, position, flags)
        sequence.end = start + size
        where = self.sources.position(function.position)
        made = DebugFunction(
            function.name, section, start, start + size, self.table.file(where.file), line, not symbol.binding == 0
        )
        self.functions.append(made)
        if function.debug is not None:
            self.variables.subprogram(made.entry, function.debug, machine, buffer, section, start)

    def row(self, sequence: LineSequence, offset: int, position: int, flags: int) -> int:
        where = self.sources.position(position)
        if where.line <= 0:
            return 0
        file = self.table.file(where.file)
        rows = sequence.rows
        if rows and rows[-1].offset == offset:
            rows[-1] = LineRow(offset, file, where.line, where.column, flags | rows[-1].flags)
        elif rows and rows[-1].line == where.line and rows[-1].file == file and rows[-1].column == where.column:
            return where.line
        else:
            rows.append(LineRow(offset, file, where.line, where.column, flags))
        return where.line

    def write(self, obj: ObjectFile, producer: str) -> None:
        unit = DebugUnit(self.table, self.name, self.options.compilation_directory, producer, 0x1D)
        unit.functions = self.functions
        unit.entries = self.variables.entries
        write_compile_unit(obj, unit)
