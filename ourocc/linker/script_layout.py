"""Layout by a linker script: input sections are matched to its statements, which are then executed.

Executing walks the statements with the location counter; expressions may look forward (SIZEOF of a later
section, the address of an object's symbol), so the walk is repeated until no address changes.  Sections that
no statement mentions ("orphans") follow the last section of their kind.
"""

from typing import Final, final

from ourocc.linker.elements import InputSection, Link, LinkError, LinkSymbol, OutputSection
from ourocc.linker.layout import Layout, Segment
from ourocc.linker.script_expression import Evaluator, Expression, apply_operator
from ourocc.linker.script_language import (
    STATEMENT_ASSERT,
    STATEMENT_ASSIGN,
    STATEMENT_DATA,
    STATEMENT_FILL,
    STATEMENT_INPUT,
    STATEMENT_OUTPUT,
    LinkerScript,
    MemoryRegion,
    Statement,
)
from ourocc.linker.script_match import SectionMatcher, sort_members
from ourocc.objects import elf_numbers as elf
from ourocc.objects.model import (
    ABSOLUTE,
    DEFINED,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_TLS,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
)

_WORD: Final = 0xFFFFFFFFFFFFFFFF
_PASSES: Final = 12
_SEGMENT_NUMBERS: Final = {
    "PT_NULL": 0,
    "PT_LOAD": elf.PT_LOAD,
    "PT_DYNAMIC": elf.PT_DYNAMIC,
    "PT_INTERP": elf.PT_INTERP,
    "PT_NOTE": elf.PT_NOTE,
    "PT_PHDR": elf.PT_PHDR,
    "PT_TLS": elf.PT_TLS,
    "PT_GNU_EH_FRAME": elf.PT_GNU_EH_FRAME,
    "PT_GNU_STACK": elf.PT_GNU_STACK,
    "PT_GNU_RELRO": elf.PT_GNU_RELRO,
    "PT_GNU_PROPERTY": elf.PT_GNU_PROPERTY,
}


@final
class ScriptLayout(Evaluator):
    """Executes a script over the collected sections and fills in a `Layout`."""

    def __init__(self, link: Link, layout: Layout, script: LinkerScript, defined: dict[str, LinkSymbol]) -> None:
        super().__init__(script.name)
        self.link = link
        self.layout = layout
        self.script = script
        self.defined = defined
        self.values: dict[str, int] = {}
        self.symbol_homes: dict[str, OutputSection] = {}
        self.numbers: dict[str, bool] = {}  # symbols whose value is a plain number
        self.outputs: dict[str, OutputSection] = {}
        self.statement_outputs: dict[int, OutputSection] = {}
        self.dot = 0
        self.current: OutputSection | None = None
        self.final = False
        self.changed = False
        self.regions: dict[str, MemoryRegion] = {region.name: region for region in script.regions}
        self.relro_from = -1
        self.relro_to = -1
        self.uses_headers = False
        self.fills: list[tuple[OutputSection, int, bytes]] = []  # BYTE() and kin: section, offset, bytes
        self.region_of: dict[int, str] = {}
        self.headers_of: dict[int, list[str]] = {}

    # Distribution

    def collect(self, sections: list[tuple[str, InputSection]], matcher: SectionMatcher) -> None:
        """Make the output sections in the order of the statements; orphans after their kind."""
        members: dict[int, list[InputSection]] = {}
        orphans: list[tuple[str, InputSection]] = []
        for name, section in sections:
            number = section.statement if section.statement >= 0 else matcher.find(section)
            if number < 0:
                orphans.append((name, section))
            elif matcher.owner[number].name != "/DISCARD/":
                members.setdefault(number, []).append(section)
        link = self.link
        for index, statement in enumerate(self.script.statements):
            if statement.kind != STATEMENT_OUTPUT or statement.name == "/DISCARD/":
                continue
            output = self.outputs.get(statement.name)
            if statement.constraint:
                # Of the ONLY_IF_RO and ONLY_IF_RW variants of a section the one with contents counts.
                known = self.statement_outputs.get(index)
                if known is None and not any(inner.number in members for inner in statement.body):
                    continue
            if output is None:
                output = OutputSection(statement.name, SHT_NOBITS, 0)
                self.outputs[statement.name] = output
                link.outputs.append(output)
            self.statement_outputs[index] = output
            for inner in statement.body:
                if inner.kind == STATEMENT_INPUT:
                    for section in sort_members(inner, members.get(inner.number, []), link.options.sort_section):
                        self._add(output, section, statement)
                elif inner.kind == STATEMENT_DATA:
                    output.type = SHT_PROGBITS
                    output.flags |= SHF_ALLOC
            if output.flags == SHF_ALLOC and not output.inputs:
                output.flags |= SHF_WRITE  # nothing but data statements
            if statement.type in ("NOLOAD",):
                output.type = SHT_NOBITS
            elif statement.type in ("INFO", "COPY", "DSECT", "OVERLAY"):
                output.flags &= ~SHF_ALLOC
            output.fill = statement.fill
        for name, section in orphans:
            self._add_orphan(name, section)
        self.layout.finish_flags()

    def _add(self, output: OutputSection, section: InputSection, statement: Statement | None) -> None:
        if not output.inputs:
            output.type = section.type
            if output.flags & SHF_ALLOC and section.type == SHT_NOBITS:
                output.type = SHT_PROGBITS  # data statements stand here already
            output.flags |= section.flags
            output.entry_size = section.entry_size
        else:
            self.layout.unite(output, section)
        output.add(section)

    def _add_orphan(self, name: str, section: InputSection) -> None:
        output = self.outputs.get(name)
        if output is None:
            output = OutputSection(name, section.type, section.flags)
            self.outputs[name] = output
            outputs = self.link.outputs
            position = len(outputs)
            wanted = _kind(section.flags, section.type)
            best = -1
            for index, other in enumerate(outputs):
                if not other.inputs or not other.flags & SHF_ALLOC:
                    continue
                kind = _kind(other.flags, other.type)
                if best <= kind <= wanted:  # behind the last one of the nearest kind
                    best = kind
                    position = index + 1
            if not section.flags & SHF_ALLOC:
                position = len(outputs)
            outputs.insert(position, output)
        self._add(output, section, None)

    # Execution

    def place(self) -> None:
        """Repeat the walk until it is stable, then make segments and file offsets."""
        self.layout.size_sections()
        for region in self.script.regions:
            region.origin = self.evaluate(region.origin_expression)
            region.length = self.evaluate(region.length_expression)
        self.layout.header_size = self._estimate_headers()
        for _ in range(_PASSES):
            self.changed = False
            self._walk()
            self._make_segments()
            if not self.changed:
                break
        self.final = True
        self._walk()
        self._make_segments()
        self._assign_offsets()
        self._export_symbols()

    def _estimate_headers(self) -> int:
        wide = self.link.target.bits == 64
        return (64 if wide else 52) + (56 if wide else 32) * max(len(self.script.headers), 4)

    def _walk(self) -> None:
        self.dot = 0
        if self.link.options.image_base >= 0:
            self.dot = self.link.options.image_base
        self.current = None
        self.fills = []
        for region in self.script.regions:
            region.current = region.origin
        orphans_after: dict[int, list[OutputSection]] = {}
        in_script = {id(output) for output in self.statement_outputs.values()}
        previous = 0
        for output in self.link.outputs:
            if id(output) in in_script:
                previous = id(output)
            else:
                orphans_after.setdefault(previous, []).append(output)
        for output in orphans_after.get(0, []):
            self._place_section(output, None)
        for index, statement in enumerate(self.script.statements):
            if statement.kind == STATEMENT_ASSIGN:
                self._assign(statement)
            elif statement.kind == STATEMENT_ASSERT:
                self._check(statement)
            elif statement.kind == STATEMENT_OUTPUT and index in self.statement_outputs:
                output = self.statement_outputs[index]
                self._place_section(output, statement)
                for orphan in orphans_after.get(id(output), []):
                    self._place_section(orphan, None)
                orphans_after.pop(id(output), None)

    def _check(self, statement: Statement) -> None:
        assert statement.expression is not None
        if self.evaluate(statement.expression) == 0 and self.final:
            self.link.errors.error(f"{self.script.name}: {statement.name}")

    def _assign(self, statement: Statement) -> None:
        assert statement.expression is not None
        name = statement.name
        if name != "." and name not in self.defined:
            return  # a PROVIDE that nobody needs
        value = self.evaluate(statement.expression)
        number = self.is_number
        if statement.operator:
            old = self.dot if name == "." else self.values.get(name, 0)
            value = apply_operator(statement.operator, old, value, self.script.name)
            number = False
        value &= _WORD
        if name == ".":
            if self.current is not None and number:
                value += self.current.address
            if self.current is not None and value < self.dot and self.final:
                self.link.errors.error(
                    f"{self.script.name}: cannot move location counter backwards (from {self.dot:#x} to {value:#x})"
                )
            self.dot = value
            return
        if self.current is not None and number:
            value += self.current.address
            number = False
        if self.values.get(name, -1) != value:
            self.changed = True
        self.values[name] = value
        self.numbers[name] = number
        if self.current is not None:
            self.symbol_homes[name] = self.current
        symbol = self.defined[name]
        symbol.address = value
        symbol.value = value

    def _place_section(self, output: OutputSection, statement: Statement | None) -> None:
        """Give one output section its address, and its contents their offsets."""
        if not output.flags & SHF_ALLOC and (output.inputs or statement is None):
            self._place_outside(output)
            return
        address = self.dot
        region = self._region(output, statement)
        if region is not None:
            address = region.current
        if statement is not None and statement.address is not None:
            address = self.evaluate(statement.address)
        alignment = output.alignment
        if statement is not None and statement.alignment is not None:
            alignment = max(alignment, self.evaluate(statement.alignment))
        if output.inputs or statement is not None and statement.alignment is not None:
            if statement is None or statement.address is None or output.inputs:
                address = _align(address, alignment)
        if output.address != address:
            self.changed = True
        output.address = address
        output.alignment = max(alignment, 1)
        after_tls = self.dot
        self.dot = address
        self.current = output
        if statement is not None:
            self._contents(output, statement)
        else:
            for section in output.inputs:
                self._put(output, section, 0)
        self.current = None
        size = self.dot - address
        if output.size != size:
            self.changed = True
        output.size = size
        if output.flags & SHF_TLS and output.type == SHT_NOBITS:
            self.dot = after_tls
        self._set_load_address(output, statement, region)
        if region is not None:
            region.current = max(region.current, self.dot)
            if self.final and region.current > region.origin + region.length:
                over = region.current - region.origin - region.length
                self.link.errors.error(
                    f"section `{output.name}' will not fit in region `{region.name}': "
                    f"region `{region.name}' overflowed by {over} bytes"
                )

    def _region(self, output: OutputSection, statement: Statement | None) -> MemoryRegion | None:
        if statement is not None and statement.region:
            name = self.script.aliases.get(statement.region, statement.region)
            if name not in self.regions:
                raise LinkError(f"{self.script.name}: memory region `{statement.region}' is not declared")
            self.region_of[id(output)] = name
            return self.regions[name]
        if not self.script.regions or not output.inputs:
            return None
        if statement is not None and statement.address is not None:
            return None
        wanted = "x" if output.flags & SHF_EXECINSTR else "w" if output.flags & SHF_WRITE else "r"
        for region in self.script.regions:
            allowed = region.attributes.lower().split("!")[0]
            if wanted in allowed or wanted == "r" and "x" in allowed:
                return region
        return None

    def _set_load_address(
        self, output: OutputSection, statement: Statement | None, region: MemoryRegion | None
    ) -> None:
        if statement is not None and statement.load_address is not None:
            output.load_address = self.evaluate(statement.load_address)
        elif statement is not None and statement.load_region:
            name = self.script.aliases.get(statement.load_region, statement.load_region)
            if name not in self.regions:
                raise LinkError(f"{self.script.name}: memory region `{statement.load_region}' is not declared")
            load = self.regions[name]
            output.load_address = _align(load.current, output.alignment)
            load.current = output.load_address + (0 if output.type == SHT_NOBITS else output.size)
            if self.final and load.current > load.origin + load.length:
                self.link.errors.error(f"section `{output.name}' will not fit in region `{load.name}'")
        else:
            output.load_address = -1
        if statement is not None and statement.headers:
            self.headers_of[id(output)] = statement.headers

    def _place_outside(self, output: OutputSection) -> None:
        offset = 0
        for section in output.inputs:
            offset = _align(offset, section.alignment)
            section.offset = offset
            section.address = offset
            offset += section.size
        output.size = offset
        output.address = 0

    def _put(self, output: OutputSection, section: InputSection, subalignment: int) -> None:
        alignment = subalignment or section.alignment
        self.dot = _align(self.dot, alignment)
        section.offset = self.dot - output.address
        if section.address != self.dot:
            self.changed = True
        section.address = self.dot
        self.dot += section.size

    def _contents(self, output: OutputSection, statement: Statement) -> None:
        subalignment = self.evaluate(statement.subalignment) if statement.subalignment is not None else 0
        groups: dict[int, list[InputSection]] = {}
        numbers = {inner.number for inner in statement.body if inner.kind == STATEMENT_INPUT}
        rest: list[InputSection] = []
        for section in output.inputs:
            if section.statement in numbers:
                groups.setdefault(section.statement, []).append(section)
            elif section.statement < 0:
                rest.append(section)
        for inner in statement.body:
            if inner.kind == STATEMENT_ASSIGN:
                self._assign(inner)
            elif inner.kind == STATEMENT_ASSERT:
                self._check(inner)
            elif inner.kind == STATEMENT_INPUT:
                for section in groups.get(inner.number, []):
                    self._put(output, section, subalignment)
            elif inner.kind == STATEMENT_DATA:
                assert inner.expression is not None
                value = self.evaluate(inner.expression) & ((1 << (8 * inner.size)) - 1)
                self.fills.append((output, self.dot - output.address, value.to_bytes(inner.size, "little")))
                self.dot += inner.size
            elif inner.kind == STATEMENT_FILL:
                output.fill = inner.fill
        for section in rest:
            self._put(output, section, subalignment)

    # Expressions

    def name_value(self, name: str) -> int:
        if name == ".":
            self.is_number = False
            return self.dot
        if name in self.values:
            if not self.numbers.get(name, False):
                self.is_number = False
            return self.values[name]
        symbol = self.link.symbols.get(name)
        if symbol is None or symbol.place not in (DEFINED, ABSOLUTE):
            if self.final:
                self.link.errors.error(f"{self.script.name}: undefined symbol `{name}' referenced in expression")
            return 0
        if symbol.place == ABSOLUTE:
            return symbol.value
        self.is_number = False
        section = symbol.section
        if section is None:
            return symbol.address
        if section.merge is not None:
            return section.merge.into.address + section.merge.offset(symbol.value)
        return section.address + symbol.value

    def _output(self, name: str) -> OutputSection | None:
        return self.outputs.get(name)

    def call_value(self, function: str, arguments: list[Expression]) -> int:
        if function == "SIZEOF_HEADERS":
            self.uses_headers = True
            return self.layout.header_size
        if function in ("ADDR", "LOADADDR", "SIZEOF", "ALIGNOF"):
            output = self._output(arguments[0].text)
            if function in ("ADDR", "LOADADDR"):
                self.is_number = False
            if output is None:
                if self.final and function != "SIZEOF":
                    self.link.errors.error(f"{self.script.name}: undefined section `{arguments[0].text}' in expression")
                return 0
            if function == "ADDR":
                return output.address
            if function == "LOADADDR":
                return output.load_address if output.load_address >= 0 else output.address
            return output.size if function == "SIZEOF" else output.alignment
        if function == "DEFINED":
            name = arguments[0].text
            symbol = self.link.symbols.get(name)
            return int(name in self.values or symbol is not None and symbol.is_defined() and name not in self.defined)
        if function in ("ORIGIN", "LENGTH"):
            name = self.script.aliases.get(arguments[0].text, arguments[0].text)
            if name not in self.regions:
                raise LinkError(f"{self.script.name}: memory region `{name}' is not declared")
            return self.regions[name].origin if function == "ORIGIN" else self.regions[name].length
        if function == "CONSTANT":
            common = self.link.options.common_page_size or self.link.target.page_size
            return self.layout.page if arguments[0].text == "MAXPAGESIZE" else common
        if function == "SEGMENT_START":
            return self._segment_start(arguments[0].text, self.value(arguments[1]))
        return self._arithmetic_call(function, arguments)

    def _segment_start(self, segment: str, default: int) -> int:
        wanted = {"text-segment": ".text", "data-segment": ".data", "bss-segment": ".bss"}.get(segment, "")
        if segment == "text-segment" and self.link.options.image_base >= 0:
            return self.link.options.image_base
        for name, address in self.link.options.section_starts:
            if name == wanted:
                return address
        return default

    def _arithmetic_call(self, function: str, arguments: list[Expression]) -> int:
        if function == "ASSERT":
            value = self.value(arguments[0])
            if value == 0 and self.final:
                self.link.errors.error(f"{self.script.name}: {arguments[1].text}")
            return value
        values = [self.value(argument) for argument in arguments]
        if function in ("ALIGN", "NEXT", "BLOCK"):
            if len(values) == 2:
                return _align(values[0], values[1])
            self.is_number = False
            return _align(self.dot, values[0])
        if function == "ABSOLUTE":
            self.is_number = False
            return values[0]
        if function in ("MAX", "MIN") and len(values) == 2:
            return max(values) if function == "MAX" else min(values)
        if function == "LOG2CEIL":
            return (values[0] - 1).bit_length() if values[0] > 1 else 0
        if function == "DATA_SEGMENT_ALIGN" and len(values) == 2:
            self.is_number = False
            self.relro_from = _align(self.dot, values[0]) + (self.dot & (values[0] - 1))
            return self.relro_from
        if function == "DATA_SEGMENT_RELRO_END" and len(values) == 2:
            self.is_number = False
            if not self.link.options.relro:
                return values[1]
            self.relro_to = _align(values[1] + values[0], self.layout.page) - values[0]
            return self.relro_to
        if function == "DATA_SEGMENT_END":
            return values[0]
        raise LinkError(f"{self.script.name}: function {function} is not supported in expressions")

    # Segments and the file

    def _loaded(self) -> list[OutputSection]:
        return [output for output in self.link.outputs if output.flags & SHF_ALLOC and output.size]

    def _make_segments(self) -> None:
        layout = self.layout
        for output in self.link.outputs:
            if self.relro_to >= 0 and output.flags & SHF_ALLOC and output.size:
                output.relro = self.relro_from <= output.address < self.relro_to
        if self.script.headers:
            self._declared_segments()
        else:
            layout.loads = self._default_loads()
            layout.other_segments(self._loaded(), layout.loads)
        wide = self.link.target.bits == 64
        size = (64 if wide else 52) + (56 if wide else 32) * len(layout.segments)
        if size != layout.header_size:
            layout.header_size = size
            self.changed = True

    def _default_loads(self) -> list[Segment]:
        """PT_LOADs as protection, gaps and load addresses ask."""
        layout = self.layout
        loads: list[Segment] = []
        previous: OutputSection | None = None
        for output in self._loaded():
            flags = layout.protection(output)
            starts = previous is None
            if previous is not None:
                end = previous.address + previous.size
                gap = output.address - end
                shift = _load_shift(output, previous)
                writable_changes = (flags ^ loads[-1].flags) & elf.PF_W != 0
                code_changes = (flags ^ loads[-1].flags) & elf.PF_X != 0 and self.link.options.separate_code
                far = gap < 0 or gap >= layout.page
                # Protection changes need a page of their own; within one page the segment goes on.
                same_page = output.address // layout.page == (end - 1) // layout.page
                starts = far or shift or (writable_changes or code_changes) and not same_page
                if previous.type == SHT_NOBITS and output.type != SHT_NOBITS and not previous.flags & SHF_TLS:
                    starts = True
            if starts:
                loads.append(Segment(elf.PT_LOAD, flags))
            loads[-1].flags |= flags
            loads[-1].sections.append(output)
            if not (output.flags & SHF_TLS and output.type == SHT_NOBITS):
                previous = output
        if loads and self._headers_fit(loads[0]):
            loads[0].has_headers = True
        return loads

    def _headers_fit(self, segment: Segment) -> bool:
        """Whether the headers can be loaded in front of the first section."""
        first = segment.sections[0]
        return first.address % self.layout.page >= self.layout.header_size

    def _declared_segments(self) -> None:
        """PHDRS: sections go where :NAME says, and stay there until the next one says otherwise."""
        layout = self.layout
        segments: dict[str, Segment] = {}
        layout.segments = []
        layout.loads = []
        for header in self.script.headers:
            number = _SEGMENT_NUMBERS.get(header.type, -1)
            if number < 0:
                if not header.type[:1].isdigit():
                    raise LinkError(f"{self.script.name}: unknown program header type `{header.type}'")
                number = int(header.type, 0)
            segment = Segment(number, self.evaluate(header.flags) if header.flags is not None else 0)
            segment.has_headers = header.file_header or header.program_headers
            segment.fixed_flags = header.flags is not None
            if header.at is not None:
                segment.physical = self.evaluate(header.at)
            segments[header.name] = segment
            layout.segments.append(segment)
            if number == elf.PT_LOAD:
                layout.loads.append(segment)
        current: list[str] = []
        for output in self._loaded():
            current = self.headers_of.get(id(output), current)
            if not current:
                current = [header.name for header in self.script.headers if header.type == "PT_LOAD"][:1]
            for name in current:
                if name == "NONE":
                    continue
                if name not in segments:
                    raise LinkError(f"{self.script.name}: section `{output.name}' assigned to unknown phdr `{name}'")
                segments[name].sections.append(output)
                if not segments[name].fixed_flags:
                    segments[name].flags |= layout.protection(output)
        for segment in layout.segments:
            if segment.type == elf.PT_GNU_STACK and not segment.fixed_flags:
                segment.flags = elf.PF_R | elf.PF_W

    def _assign_offsets(self) -> None:
        """File offsets: congruent to addresses within a PT_LOAD, then what is not loaded."""
        layout = self.layout
        page = layout.page
        offset = layout.header_size
        placed: dict[int, bool] = {}
        for segment in layout.loads:
            base: int | None = None
            for output in segment.sections:
                if id(output) in placed:
                    continue
                placed[id(output)] = True
                if output.type == SHT_NOBITS:
                    output.offset = offset
                    continue
                if base is None:
                    offset += (output.address - offset) % page
                    base = offset - output.address
                offset = output.address + base
                output.offset = offset
                offset += output.size
        for output in self.link.outputs:
            if output.flags & SHF_ALLOC and output.size and id(output) not in placed:
                offset = _align(offset, output.alignment)
                output.offset = offset
                offset += 0 if output.type == SHT_NOBITS else output.size
        for output in self.link.outputs:
            if not output.flags & SHF_ALLOC:
                offset = _align(offset, output.alignment)
                output.offset = offset
                offset += 0 if output.type == SHT_NOBITS else output.size
        layout.end_of_file = offset
        layout.fills = self.fills
        loaded = self._loaded()
        layout.image_start = loaded[0].address - loaded[0].offset if loaded else 0
        if layout.loads and not layout.loads[0].has_headers and loaded:
            layout.image_start = loaded[0].address
        layout.finish_segments()
        for segment in layout.segments:
            if segment.sections and segment.physical < 0:
                first = segment.sections[0]
                if first.load_address >= 0:
                    segment.physical = first.load_address - (first.address - segment.address)

    def _export_symbols(self) -> None:
        """Hand the values to the link's symbols."""
        for name, symbol in self.defined.items():
            if name not in self.values:
                continue
            value = self.values[name]
            symbol.address = value
            symbol.plt_address = value
            symbol.value = value
            home = self.symbol_homes.get(name)
            if self.numbers.get(name, False) and home is None:
                symbol.place = ABSOLUTE


def _load_shift(output: OutputSection, previous: OutputSection) -> bool:
    """Whether the distance of load address and address changes between two sections."""
    first = previous.load_address - previous.address if previous.load_address >= 0 else 0
    second = output.load_address - output.address if output.load_address >= 0 else 0
    return first != second


def _kind(flags: int, type: int) -> int:
    """Order of kinds for orphans: read-only, code, writable, zeroed, not loaded."""
    if not flags & SHF_ALLOC:
        return 9
    if flags & SHF_TLS:
        return 3
    if flags & SHF_WRITE:
        return 6 if type == SHT_NOBITS else 4
    return 1 if flags & SHF_EXECINSTR else 0


def _align(value: int, alignment: int) -> int:
    if alignment <= 1:
        return value
    return (value + alignment - 1) // alignment * alignment
