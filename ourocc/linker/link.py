"""The linker's list of passes: inputs are resolved, collected, scanned, laid out, relocated and written.

`link(options, inputs, errors)` returns the bytes of the output, or b"" when errors were reported.
"""

import gc
from struct import error as struct_error
from typing import TYPE_CHECKING, Final

from ourocc.linker import checks
from ourocc.linker.dynamic import DynamicSections
from ourocc.linker.elements import ErrorSink, InputSection, Link, LinkError, LinkSymbol
from ourocc.linker.exports import decide_exports
from ourocc.linker.frames import FrameTable
from ourocc.linker.image import ImageWriter
from ourocc.linker.inputs import InputLoader
from ourocc.linker.layout import Layout, output_name
from ourocc.linker.merge import merge_sections
from ourocc.linker.options import (
    OUTPUT_PIE,
    OUTPUT_RELOCATABLE,
    OUTPUT_SHARED,
    STRIP_NONE,
    LinkInput,
    LinkOptions,
)
from ourocc.linker.properties import fill_build_id, make_build_id, merge_properties
from ourocc.linker.resolve import Resolver
from ourocc.linker.scan import Scanner
from ourocc.linker.synthesized import Synthesizer, allocate_commons, assign_addresses
from ourocc.linker.tables import Tables
from ourocc.linker.trim import trim_alignment
from ourocc.objects.elf_reader import ObjectFormatError
from ourocc.objects.model import SHF_ALLOC, SHT_NOBITS, UNDEFINED

if TYPE_CHECKING:
    from ourocc.linker.script_language import LinkerScript
    from ourocc.linker.script_match import SectionMatcher


MAXIMUM_IMAGE: Final = 1 << 31


def link(options: LinkOptions, inputs: list[LinkInput], errors: ErrorSink) -> bytes:
    """Link `inputs`; every problem goes to `errors`."""
    collecting = gc.isenabled()
    gc.disable()  # a link allocates much and frees nothing
    try:
        return _link(options, inputs, errors)
    except LinkError as problem:
        errors.error(problem.message)
    except ObjectFormatError as malformed:
        errors.error(malformed.message)
    except (struct_error, IndexError, OverflowError, UnicodeDecodeError) as broken:
        errors.error(f"malformed input: {broken}")
    finally:
        if collecting:
            gc.enable()
    return b""


def _link(options: LinkOptions, inputs: list[LinkInput], errors: ErrorSink) -> bytes:
    state = Link(options, errors)
    resolver = Resolver(state)
    resolver.relocatable = options.kind == OUTPUT_RELOCATABLE
    script_file: LinkerScript | None = None
    if options.script is not None:
        from ourocc.linker.script_language import parse_linker_script
        from ourocc.linker.script_match import apply_commands

        script_file = parse_linker_script(options.script, options.script_name)
        inputs = inputs + apply_commands(script_file, options)

    # Read all inputs; archives give the members that are needed.
    entry = load(state, resolver, options, inputs)
    if errors.errors:
        return b""
    if not state.files:
        raise LinkError("no input files")
    if "__gnu_lto_slim" in state.symbols:
        file = state.symbols["__gnu_lto_slim"].file
        raise LinkError(
            f"{file.name if file is not None else 'an input'}: holds only LTO bytecode, which is not supported"
        )
    if options.kind == OUTPUT_RELOCATABLE:
        from ourocc.linker.relocatable import link_relocatable

        return link_relocatable(state, script_file)
    warn_about_symbols(state, resolver)
    if options.traced:
        checks.trace_symbols(state)
    if options.warn_common:
        checks.warn_about_commons(state)

    # What does the output export, and what can be replaced at run time?
    synthesizer = Synthesizer(state)
    synthesizer.declare_definitions()
    allocate_commons(state)
    script = decide_exports(state)
    checks.check_versions(state, script)
    checks.check_libraries(state)

    # A linker script takes sections and defines symbols.
    matcher: SectionMatcher | None = None
    script_symbols: dict[str, LinkSymbol] = {}
    if script_file is not None:
        from ourocc.linker.script_match import declare_symbols, match_sections

        matcher = match_sections(state, script_file)
        script_symbols = declare_symbols(state, script_file)

    # Drop what nothing reaches.
    if options.gc_sections:
        from ourocc.linker.collect_garbage import GarbageCollector

        GarbageCollector(state).run(entry)
    synthesizer.declare()
    check_entry(state, entry)
    trim_alignment(state)

    # Merge equal constants, call frames and notes; distribute sections over the output's.
    frames = FrameTable(state)
    property_note = merge_properties(state)
    build_id = make_build_id(state)
    sections = collect_sections(state, frames)
    if matcher is not None:
        from ourocc.linker.script_match import name_by_script

        sections = name_by_script(sections, matcher)
        checks.report_orphans(state)
    sections = merge_sections(state, sections)
    if property_note is not None:
        sections.append((property_note.name, property_note))
    if build_id is not None:
        sections.append((build_id.name, build_id))

    # Which table slots and dynamic relocations do the relocations need?
    tables = Tables(state)
    scanner = Scanner(state, tables)
    scanner.scan_all()
    scanner.scan(frames.section)
    if errors.errors:
        return b""
    tables.finish()

    # Call frames, dynamic sections and tables have their sizes now.
    finish_frames(state, frames, sections)
    sections += [(output_name(section), section) for section in tables.sections()]
    layout = Layout(state)
    dynamic = DynamicSections(state, tables, script)
    if script_file is not None and matcher is not None:
        from ourocc.linker.script_layout import ScriptLayout

        by_script = ScriptLayout(state, layout, script_file, script_symbols)
        by_script.collect(sections, matcher)
        dynamic.prepare()
        by_script.collect([(section.name, section) for section in dynamic.used_sections()], matcher)
        by_script.place()
    else:
        layout.collect(sections)
        dynamic.prepare()
        layout.collect([(output_name(section), section) for section in dynamic.used_sections()])
        layout.place()

    checks.warn_about_segments(state, layout.segments)

    # Addresses for symbols.
    assign_addresses(state, tables)
    synthesizer.assign(layout, tables)
    synthesizer.evaluate_definitions()

    # Contents.
    writer = ImageWriter(state, layout, tables, frames)
    writer.number_sections()
    tables.fill(dynamic.dynamic.address)
    dynamic.fill()
    image = writer.write((dynamic.verdef_count, dynamic.verneed_count))
    if build_id is not None:
        fill_build_id(state, build_id, image)
    if options.map_file:
        from ourocc.linker.map_file import write_map

        write_map(state, layout)
    if options.binary and not errors.errors:
        return memory_image(state, image)
    return b"" if errors.errors else bytes(image)


def memory_image(state: Link, image: bytearray) -> bytes:
    """--oformat binary: the loaded sections at their distances, from the lowest load address on."""
    parts: list[tuple[int, bytes]] = []
    for output in state.outputs:
        if output.is_allocated() and output.size and output.type != SHT_NOBITS:
            address = output.load_address if output.load_address >= 0 else output.address
            parts.append((address, bytes(image[output.offset : output.offset + output.size])))
    if not parts:
        return b""
    first = min(address for address, _ in parts)
    last = max(address + len(data) for address, data in parts)
    if last - first > MAXIMUM_IMAGE:
        raise LinkError(f"the memory image would have {last - first} bytes: sections lie too far apart")
    made = bytearray(last - first)
    for address, data in parts:
        made[address - first : address - first + len(data)] = data
    return bytes(made)


def load(state: Link, resolver: Resolver, options: LinkOptions, inputs: list[LinkInput]) -> str:
    """Load the inputs; returns the entry symbol's name ("" for none)."""
    loader = InputLoader(state, resolver)
    if options.machine:
        loader.set_machine(options.machine, "-m")
    entry = options.entry
    if not entry and options.kind not in (OUTPUT_SHARED, OUTPUT_RELOCATABLE):
        entry = "_start"
    if options.kind != OUTPUT_RELOCATABLE and entry and not entry[0].isdigit():
        resolver.require(entry).strong_reference = True
    for name in options.undefined:
        resolver.require(name)
    for name in options.required:
        resolver.require(name)
    loader.load_all(inputs)
    if loader.entry and not options.entry:
        entry = loader.entry
    for name in options.required:
        if not state.symbols[name].is_defined():
            state.errors.error(f"required symbol `{name}' not defined")
    state.shared = options.kind == OUTPUT_SHARED
    state.executable = not state.shared
    state.pic = options.kind in (OUTPUT_PIE, OUTPUT_SHARED)
    state.dynamic = state.pic or (not options.static and bool(state.libraries))
    if options.export_dynamic and not options.static:
        state.dynamic = True
    return entry


def warn_about_symbols(state: Link, resolver: Resolver) -> None:
    """.gnu.warning.SYMBOL sections speak when the symbol is used."""
    from ourocc.linker.scan import location

    for name in sorted(resolver.symbol_warnings):
        symbol = state.symbols.get(name)
        if symbol is None or not symbol.strong_reference:
            continue
        place = ""
        for file in state.files:
            if place or symbol not in file.symbols or symbol.file is file:
                continue
            number = file.symbols.index(symbol)
            for section in file.sections:
                if section is None or not section.relocation_index or not section.flags & SHF_ALLOC:
                    continue
                for relocation in section.relocations():
                    if relocation[2] == number and not place:
                        place = location(section, relocation[0])
        if place:
            state.errors.warning(f"{place}: warning: {resolver.symbol_warnings[name]}")


def check_entry(state: Link, entry: str) -> None:
    """The entry symbol must exist in an executable (GNU ld falls back to the start of .text, with a warning)."""
    if not entry or state.shared or entry[0].isdigit():
        return
    symbol = state.symbols.get(entry)
    if symbol is None or symbol.place == UNDEFINED:
        state.errors.warning(f"cannot find entry symbol {entry}; defaulting to the start of .text")
        if symbol is not None:
            symbol.strong_reference = False


def collect_sections(state: Link, frames: FrameTable) -> list[tuple[str, InputSection]]:
    """(output name, section) for all living input sections, in order; .eh_frame goes to `frames`."""
    result: list[tuple[str, InputSection]] = []
    strip = state.options.strip != STRIP_NONE
    attributes: InputSection | None = None
    for made in state.synthetic:
        if made.name in ("COMMON", ".tbss") and made.size:
            result.append((output_name(made), made))
    for file in state.files:
        for index, section in enumerate(file.sections):
            if section is None or not section.live:
                continue
            name = section.name
            if name == ".eh_frame" and section.flags & SHF_ALLOC:
                frames.add(section)
                continue
            if not section.flags & SHF_ALLOC:
                if strip and name.startswith((".debug", ".zdebug", ".line", ".stab", ".gdb_index")):
                    section.live = False
                    continue
                if section.type == 0x70000003:  # attributes: the first file speaks for all
                    if attributes is not None:
                        section.live = False
                        continue
                    attributes = section
            if name.startswith((".ctors", ".dtors")) and section.size and state.options.script is None:
                reverse_words(section, state.target.bits // 8)
            if index:
                result.append((output_name(section), section))
    return result


def reverse_words(section: InputSection, word: int) -> None:
    """.ctors run from the back; in .init_array they run from the front."""
    if section.size % word:
        return
    data = section.data()
    out = bytearray()
    for at in range(section.size - word, -1, -word):
        out += data[at : at + word]
    section.contents = out
    section.relocation_list = [(section.size - word - o, t, s, a) for o, t, s, a in section.relocations()]


def finish_frames(state: Link, frames: FrameTable, sections: list[tuple[str, InputSection]]) -> None:
    has_input = any(s is not None and s.name == ".eh_frame" for f in state.files for s in f.sections)
    if not has_input:
        return
    frames.finish(True)
    sections.append((".eh_frame", frames.section))
    if state.options.eh_frame_hdr:
        frames.make_header()
        assert frames.header is not None
        sections.append((".eh_frame_hdr", frames.header))
