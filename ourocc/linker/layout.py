"""Output sections and their addresses: names, order, segments.

The order is that of GNU ld's default script: read-only data that the loader needs, code, read-only data,
data that becomes read-only after relocation (RELRO), data, zeroed data.  Each change of protection starts a
segment on a new page in memory; in the file contents follow each other without gaps, an address always being
congruent to its file offset modulo the page size.
"""

from typing import Final, final

from ourocc.linker.elements import InputSection, Link, OutputSection
from ourocc.objects import elf_numbers as elf
from ourocc.objects.model import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_GNU_RETAIN,
    SHF_GROUP,
    SHF_LINK_ORDER,
    SHF_MERGE,
    SHF_STRINGS,
    SHF_TLS,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
    SHT_PROGBITS,
    SHT_X86_64_UNWIND,
)

_PREFIXES: Final = (
    ".text",
    ".rodata",
    ".data.rel.ro",
    ".data",
    ".bss.rel.ro",
    ".bss",
    ".init_array",
    ".fini_array",
    ".preinit_array",
    ".tdata",
    ".tbss",
    ".ctors",
    ".dtors",
    ".gcc_except_table",
    ".sdata",
    ".sbss",
    ".ldata",
    ".lrodata",
    ".lbss",
    ".sdata2",
    ".sbss2",
)
_RENAMED: Final = {".rela.iplt": ".rela.plt", ".rel.iplt": ".rel.plt", ".iplt": ".plt"}
_LINK_ONCE: Final = {
    "t": ".text",
    "r": ".rodata",
    "d": ".data",
    "b": ".bss",
    "s": ".sdata",
    "sb": ".sbss",
    "td": ".tdata",
    "tb": ".tbss",
    "wi": ".debug_info",
}

# Rank of well-known names; other sections get the rank of their kind (see _rank)
_RANKS: Final = {
    ".interp": 10,
    ".note.gnu.property": 19,
    ".note.gnu.build-id": 20,
    ".hash": 30,
    ".gnu.hash": 31,
    ".dynsym": 32,
    ".dynstr": 33,
    ".gnu.version": 34,
    ".gnu.version_d": 35,
    ".gnu.version_r": 36,
    ".rela.dyn": 37,
    ".rel.dyn": 37,
    ".rela.plt": 38,
    ".rel.plt": 38,
    ".init": 200,
    ".plt": 210,
    ".text": 230,
    ".fini": 240,
    ".rodata": 300,
    ".rodata1": 301,
    ".eh_frame_hdr": 330,
    ".eh_frame": 331,
    ".gcc_except_table": 332,
    ".tdata": 400,
    ".tbss": 401,
    ".preinit_array": 410,
    ".init_array": 411,
    ".fini_array": 412,
    ".ctors": 413,
    ".dtors": 414,
    ".jcr": 415,
    ".data.rel.ro": 420,
    ".dynamic": 430,
    ".got": 440,
    ".got.plt": 500,
    ".data": 510,
    ".sdata": 530,
    ".sbss": 590,
    ".bss": 600,
    ".comment": 700,
}
_RELRO_FIRST: Final = 400
_RELRO_LAST: Final = 499

_TEXT_ORDER: Final = ((".text.unlikely", 0), (".text.exit", 1), (".text.startup", 2), (".text.hot", 3))


def output_name(section: InputSection) -> str:
    """The output section that an input section goes to by default."""
    name = section.name
    if name.startswith("."):
        if name in _RENAMED:
            return _RENAMED[name]
        if name.startswith((".srodata", ".rodata")):
            return ".rodata"
        if name.startswith(".data.rel") and not name.startswith(".data.rel.ro"):
            return ".data"
        if name.startswith(".gnu.linkonce."):
            kind = name[len(".gnu.linkonce.") :].split(".", 1)[0]
            return _LINK_ONCE.get(kind, name)
        if name.startswith((".ctors", ".init_array")):
            return ".init_array"
        if name.startswith((".dtors", ".fini_array")):
            return ".fini_array"
        for prefix in _PREFIXES:
            if name.startswith(prefix) and (len(name) == len(prefix) or name[len(prefix)] == "."):
                return prefix
    elif name == "COMMON":
        return ".bss"
    return name


def _order_in_output(section: InputSection) -> tuple[int, str]:
    """Sort key among the inputs of .text and the init and fini arrays; the sort is stable."""
    name = section.name
    if name.startswith(".text"):
        if name.endswith("_unlikely"):
            return 0, ""
        for prefix, order in _TEXT_ORDER:
            if name.startswith(prefix):
                return order, ""
        if name.startswith(".text.sorted."):
            return 4, name
        return 5, ""
    for prefix in (".init_array.", ".fini_array.", ".ctors.", ".dtors."):
        if name.startswith(prefix):
            text = name[len(prefix) :]
            if text.isdigit():
                priority = int(text)
                return (65535 - priority if prefix in (".ctors.", ".dtors.") else priority), ""
    return 0x10000, ""


def _needs_order(name: str) -> bool:
    return name in (".text", ".init_array", ".fini_array")


@final
class Segment:
    """A program header to be."""

    def __init__(self, type: int, flags: int) -> None:
        self.type = type
        self.flags = flags
        self.sections: list[OutputSection] = []
        self.alignment = 1
        self.has_headers = False
        self.offset = 0
        self.address = 0
        self.file_size = 0
        self.memory_size = 0
        self.physical = -1  # load address, -1: the address
        self.fixed_flags = False


@final
class Layout:
    """Makes the output sections of a link and places them."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.segments: list[Segment] = []
        self.page = link.options.max_page_size or link.target.page_size
        if not link.options.paged:
            self.page = 4 if link.target.bits == 32 else 8
        self.header_size = 0
        self.loads: list[Segment] = []
        self.relro_end = 0
        self.end_of_file = 0
        self.image_start = 0
        self.fills: list[tuple[OutputSection, int, bytes]] = []  # data that a script puts into sections

    def collect(self, sections: list[tuple[str, InputSection]]) -> None:
        """Distribute (output name, section) pairs over output sections."""
        outputs: dict[tuple[str, bool], OutputSection] = {}
        for name, section in sections:
            key = (name, (section.flags & SHF_ALLOC) != 0)
            output = outputs.get(key)
            if output is None:
                output = OutputSection(name, section.type, 0)
                outputs[key] = output
                output.flags = section.flags
                output.entry_size = section.entry_size
                self.link.outputs.append(output)
            else:
                self.unite(output, section)
            output.add(section)
        self.finish_flags()
        for output in self.link.outputs:
            if _needs_order(output.name):
                output.inputs.sort(key=_order_in_output)

    def finish_flags(self) -> None:
        """Flags and types that output sections have and inputs do not, or the other way round."""
        mask = ~(SHF_GROUP | SHF_GNU_RETAIN | SHF_LINK_ORDER)
        for output in self.link.outputs:
            output.flags &= mask
            if output.type == SHT_X86_64_UNWIND:
                output.type = SHT_PROGBITS
            _fix_array_type(output)
            if any(section.flags & SHF_LINK_ORDER for section in output.inputs):
                output.flags |= SHF_LINK_ORDER

    def unite(self, output: OutputSection, section: InputSection) -> None:
        """Flags and type of an output section that gets a further input."""
        flags = section.flags
        both = SHF_MERGE | SHF_STRINGS
        if output.flags & both != flags & both or output.entry_size != section.entry_size:
            output.flags &= ~both
            output.entry_size = 0
            flags &= ~both
        output.flags |= flags
        if output.type != section.type:
            if output.type == SHT_NOBITS or section.type == SHT_PROGBITS:
                output.type = SHT_PROGBITS if section.type == SHT_NOBITS else section.type
            if section.type == SHT_NOBITS and not any(s.type != SHT_NOBITS for s in output.inputs):
                output.type = SHT_NOBITS

    def size_sections(self) -> None:
        """Offsets of the inputs in their output sections."""
        for output in self.link.outputs:
            offset = 0
            for section in output.inputs:
                alignment = section.alignment
                if alignment > output.alignment:
                    output.alignment = alignment
                if alignment > 1:
                    offset = offset + alignment - 1 & ~(alignment - 1)
                section.offset = offset
                offset += section.size
            output.size = offset

    def place(self) -> None:
        """Sort the output sections and give them addresses and file offsets."""
        link = self.link
        for number, output in enumerate(link.outputs):
            output.rank = self._rank(output) * 100000 + number
        link.outputs.sort(key=_by_rank)
        self.size_sections()
        for output in link.outputs:
            rank = output.rank // 100000
            if link.options.relro and output.is_allocated() and _RELRO_FIRST <= rank <= _RELRO_LAST:
                output.relro = True
        self._align_tls()
        for name, address in link.options.section_starts:
            for output in link.outputs:
                if output.name == name:
                    output.fixed_address = address
        self._make_segments()
        self._assign()

    def _rank(self, output: OutputSection) -> int:
        name = output.name
        flags = output.flags
        if name == ".got.plt" and self.link.options.bind_now:
            return 441
        known = _RANKS.get(name, 0)
        if known and (known >= 700) == (not flags & SHF_ALLOC):
            writable = (flags & SHF_WRITE) != 0
            if writable == (known >= 400):
                return known
        if not flags & SHF_ALLOC:
            return 720 if name.startswith(".debug") else 710
        if flags & SHF_TLS:
            return 401 if output.type == SHT_NOBITS else 400
        if flags & SHF_WRITE:
            if flags & SHF_EXECINSTR:
                return 520
            return 605 if output.type == SHT_NOBITS else 515
        if flags & SHF_EXECINSTR:
            return 235
        if output.type == SHT_NOTE:
            return 21
        return 310

    def _align_tls(self) -> None:
        """The TLS block starts aligned for all of it."""
        tls = [output for output in self.link.outputs if output.flags & SHF_TLS and output.size]
        if tls:
            tls[0].alignment = max(output.alignment for output in tls)

    def protection(self, output: OutputSection) -> int:
        flags = elf.PF_R
        if self.link.options.one_segment:
            return elf.PF_R | elf.PF_W | elf.PF_X
        if output.flags & SHF_WRITE:
            flags |= elf.PF_W
        if output.flags & SHF_EXECINSTR:
            flags |= elf.PF_X
        if not self.link.options.separate_code and not flags & elf.PF_W:
            flags |= elf.PF_X
        return flags

    def _make_segments(self) -> None:
        """Group the loaded sections; the program header table's size follows from the count."""
        link = self.link
        options = link.options
        loaded = [o for o in link.outputs if o.is_allocated() and o.size]
        current: Segment | None = None
        previous: OutputSection | None = None
        loads: list[Segment] = []
        first = Segment(elf.PT_LOAD, elf.PF_R if options.separate_code else elf.PF_R | elf.PF_X)
        if options.one_segment:
            first.flags = elf.PF_R | elf.PF_W | elf.PF_X
        first.has_headers = True
        loads.append(first)
        current = first
        for output in loaded:
            flags = self.protection(output)
            relro_changes = previous is not None and previous.relro != output.relro
            if flags != current.flags or relro_changes or output.fixed_address >= 0:
                if output.fixed_address >= 0 or current.sections or not current.has_headers or current.flags != flags:
                    current = Segment(elf.PT_LOAD, flags)
                    loads.append(current)
            current.sections.append(output)
            previous = output
        self.loads = loads
        self.other_segments(loaded, loads)
        wide = link.target.bits == 64
        self.header_size = (64 if wide else 52) + (56 if wide else 32) * len(self.segments)

    def other_segments(self, loaded: list[OutputSection], loads: list[Segment]) -> None:
        """All program headers around the PT_LOADs that are given."""
        link = self.link
        by_name = {output.name: output for output in loaded}
        segments: list[Segment] = []
        self.segments = segments
        has_interp = ".interp" in by_name
        if has_interp or link.dynamic and link.executable:
            segments.append(Segment(elf.PT_PHDR, elf.PF_R))
        if has_interp:
            segments.append(_covering(elf.PT_INTERP, elf.PF_R, [by_name[".interp"]]))
        segments += loads
        if ".dynamic" in by_name:
            segments.append(_covering(elf.PT_DYNAMIC, elf.PF_R | elf.PF_W, [by_name[".dynamic"]]))
        segments += self._note_segments(loaded)
        if ".note.gnu.property" in by_name:
            segments.append(_covering(elf.PT_GNU_PROPERTY, elf.PF_R, [by_name[".note.gnu.property"]]))
        tls = [output for output in loaded if output.flags & SHF_TLS]
        if tls:
            segments.append(_covering(elf.PT_TLS, elf.PF_R, tls))
        if ".eh_frame_hdr" in by_name:
            segments.append(_covering(elf.PT_GNU_EH_FRAME, elf.PF_R, [by_name[".eh_frame_hdr"]]))
        if ".riscv.attributes" in [o.name for o in link.outputs]:
            attributes = [o for o in link.outputs if o.name == ".riscv.attributes"]
            segments.append(_covering(elf.PT_RISCV_ATTRIBUTES, elf.PF_R, attributes))
        stack = Segment(elf.PT_GNU_STACK, elf.PF_R | elf.PF_W | (elf.PF_X if self._executable_stack() else 0))
        stack.alignment = 16
        stack.memory_size = link.options.stack_size
        segments.append(stack)
        relro = [output for output in loaded if output.relro]
        if relro:
            segments.append(_covering(elf.PT_GNU_RELRO, elf.PF_R, relro))

    def _note_segments(self, loaded: list[OutputSection]) -> list[Segment]:
        """One PT_NOTE for each run of note sections of one alignment."""
        result: list[Segment] = []
        previous: OutputSection | None = None
        for output in loaded:
            if output.type == SHT_NOTE:
                if previous is not None and previous.alignment == output.alignment:
                    result[-1].sections.append(output)
                else:
                    result.append(_covering(elf.PT_NOTE, elf.PF_R, [output]))
                previous = output
            else:
                previous = None
        return result

    def _executable_stack(self) -> bool:
        wanted = self.link.options.executable_stack
        if wanted is not None:
            return wanted
        return any(file.wants_executable_stack for file in self.link.files)

    def _assign(self) -> None:
        """Addresses and offsets, segment by segment; then what lies outside of memory."""
        link = self.link
        page = self.page
        base = 0 if link.pic else link.target.image_base
        if link.options.image_base >= 0:
            base = link.options.image_base
        self.image_start = base
        address = base + self.header_size
        offset = self.header_size
        # Empty sections keep their place in the order, so that symbols in them have an address.
        segment_of: dict[int, Segment] = {}
        for segment in self.loads:
            for output in segment.sections:
                segment_of[id(output)] = segment
        current = self.loads[0]
        for output in link.outputs:
            if not output.is_allocated():
                continue
            segment = segment_of.get(id(output), current)
            if segment is not current:
                current = segment
                if output.fixed_address >= 0:
                    address = output.fixed_address
                    offset += (address - offset) % page
                else:
                    address = (address + page - 1) // page * page + offset % page
            alignment = output.alignment
            aligned = address + alignment - 1 & ~(alignment - 1)
            if output.type == SHT_NOBITS and output.flags & SHF_TLS:
                # It takes no room, but may be the first of its segment: offset and address stay congruent.
                offset += aligned - address
                address = aligned
                output.address = self._after_tls(output, aligned)
                output.offset = offset
            elif output.type == SHT_NOBITS:
                output.address = aligned
                output.offset = offset
                address = aligned + output.size
            else:
                offset += aligned - address
                address = aligned
                output.address = address
                output.offset = offset
                address += output.size
                offset += output.size
            for section in output.inputs:
                section.address = output.address + section.offset
        for output in link.outputs:
            if not output.is_allocated():
                offset = offset + output.alignment - 1 & ~(output.alignment - 1)
                output.offset = offset
                offset += 0 if output.type == SHT_NOBITS else output.size
                for section in output.inputs:
                    section.address = section.offset
        self.end_of_file = offset
        self.finish_segments()

    def _after_tls(self, output: OutputSection, aligned: int) -> int:
        """Zeroed TLS sections take no room in the image, but follow each other in the block."""
        for other in self.link.outputs:
            if other is output:
                break
            if other.flags & SHF_TLS and other.type == SHT_NOBITS and other.size:
                after = other.address + other.size
                aligned = max(aligned, after + output.alignment - 1 & ~(output.alignment - 1))
        return aligned

    def finish_segments(self) -> None:
        link = self.link
        table = 64 if link.target.bits == 64 else 52
        for segment in self.segments:
            if segment.type == elf.PT_PHDR:
                segment.offset = table
                segment.address = self.image_start + table
                segment.file_size = segment.memory_size = self.header_size - table
                segment.alignment = 8 if link.target.bits == 64 else 4
                continue
            if segment.type == elf.PT_GNU_STACK:
                continue
            self._measure(segment)
        tls = [segment for segment in self.segments if segment.type == elf.PT_TLS]
        if tls:
            link.tls_start = tls[0].address
            link.tls_size = tls[0].memory_size
            link.tls_alignment = tls[0].alignment

    def _measure(self, segment: Segment) -> None:
        sections = segment.sections
        if segment.has_headers:
            segment.offset = 0
            segment.address = self.image_start
            if sections and sections[0].address - sections[0].offset != self.image_start:
                segment.address = sections[0].address - sections[0].offset
        elif sections:
            segment.offset = sections[0].offset
            segment.address = sections[0].address
        file_end = segment.offset + (self.header_size if segment.has_headers else 0)
        memory_end = segment.address + (self.header_size if segment.has_headers else 0)
        for output in sections:
            if output.type != SHT_NOBITS:
                file_end = max(file_end, output.offset + output.size)
                memory_end = max(memory_end, output.address + output.size)
            elif not output.flags & SHF_TLS or segment.type == elf.PT_TLS:
                memory_end = max(memory_end, output.address + output.size)
            segment.alignment = max(segment.alignment, output.alignment)
        segment.file_size = file_end - segment.offset
        segment.memory_size = memory_end - segment.address
        if segment.type == elf.PT_LOAD:
            segment.alignment = max(self.page, segment.alignment)
        elif segment.type == elf.PT_GNU_RELRO:
            end = (segment.address + segment.memory_size + self.page - 1) // self.page * self.page
            segment.memory_size = end - segment.address
            segment.alignment = 1
        elif segment.type == elf.PT_RISCV_ATTRIBUTES:
            segment.address = 0
            segment.memory_size = 0


def _covering(type: int, flags: int, sections: list[OutputSection]) -> Segment:
    segment = Segment(type, flags)
    segment.sections = sections
    return segment


def _by_rank(output: OutputSection) -> int:
    return output.rank


def _fix_array_type(output: OutputSection) -> None:
    types = {
        ".init_array": SHT_INIT_ARRAY,
        ".fini_array": SHT_FINI_ARRAY,
        ".preinit_array": SHT_PREINIT_ARRAY,
    }
    output.type = types.get(output.name, output.type)
