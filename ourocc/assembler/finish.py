"""The end of an assembly: relaxation over all sections, then symbols, relocations, frames and lines into an ObjectFile.

References to local symbols are resolved here when they lie in the same section and are pc-relative; others become
relocations against the section's symbol, as GNU as makes them, unless the relocation needs the symbol itself.
"""

from typing import Final, final

from ourocc.assembler.assembler import Assembler, FrameFunction, LineRowAt
from ourocc.assembler.directives_sections import place_local_commons
from ourocc.assembler.expression import Value, evaluate, number_expression
from ourocc.assembler.symbols import AsmSection, AsmSymbol, AssemblyError
from ourocc.machine.emit import BRANCH, MAXIMUM_ROUNDS, CodeRelocation
from ourocc.machine.instruction import Label
from ourocc.objects import call_frame, line_table, model

DEFAULT_LINE_VERSION: Final = 3


@final
class ObjectMaker:
    """Turns one assembler's state into (a part of) an object.  `names` are the object's symbols by name: a compiler that
    emits functions beside assembly text shares its own table."""

    def __init__(self, assembler: Assembler, obj: model.ObjectFile, names: dict[str, model.Symbol]) -> None:
        self.assembler = assembler
        self.obj = obj
        self.names = names
        self.location = 0
        self.null = model.Symbol("")
        self.null.binding = model.STB_LOCAL
        self.groups: dict[str, model.Group] = {}
        self.symbols_made = False

    def make(self) -> None:
        """Everything; errors are reported to the assembler's diagnostics."""
        assembler = self.assembler
        place_local_commons(assembler)
        for section in assembler.symbols.sections:
            join_subsections(section)
        for section in assembler.symbols.sections:
            check_branches(assembler, section)
        self.relax()
        if self.number_views():
            self.relax()
        for section in assembler.symbols.sections:
            self.settle(section)
        for section in assembler.symbols.sections:
            self.place(section)
        for section in assembler.symbols.sections:
            self.relocate_section(section)
        self.make_symbols()
        self.write_relocation_directives()
        self.write_frames()
        self.write_lines()
        self.write_idents()
        assembler.target.finish_object(self.obj)

    def error(self, message: str) -> None:
        self.assembler.diagnostics.error(self.location, message)

    def report(self, error: AssemblyError) -> None:
        self.assembler.diagnostics.error(error.location or self.location, str(error))

    def relax(self) -> None:
        """All sections until none changes: expressions may mention labels of other sections."""
        sections = [section for section in self.assembler.symbols.sections if section.buffer.relaxables]
        for _ in range(MAXIMUM_ROUNDS):
            changed = False
            for section in sections:
                try:
                    if section.buffer.relax():
                        changed = True
                except AssemblyError as error:
                    self.report(error)
                    return
            if not changed:
                return
        self.error("relaxation does not converge")

    def number_views(self) -> bool:
        """Give .loc's view symbols their values: how many rows came before at the same address."""
        found = False
        previous: LineRowAt | None = None
        view = 0
        for row in self.assembler.rows:
            view = view + 1 if previous is not None and same_place(previous, row) and not row.resets_view else 0
            if row.view is not None:
                row.view.expression = number_expression(view)
                found = True
            previous = row
        return found

    def settle(self, section: AsmSection) -> None:
        buffer = section.buffer
        try:
            buffer.settle()
        except AssemblyError as error:
            self.report(error)
            buffer.relaxables = []
            buffer.growth = [0] * len(buffer.growth)
        for message in buffer.errors:
            self.error(message)

    def place(self, section: AsmSection) -> None:
        """Append the section's bytes to the object's section of that name."""
        buffer = section.buffer
        if section.group_name or section.unique >= 0:
            made = model.Section(section.name, section.type, section.flags, buffer.alignment)
            self.obj.sections.append(made)
            if section.group_name:
                self.join_group(section, made)
        else:
            made = self.obj.section(section.name, section.type, section.flags, buffer.alignment)
        made.entry_size = section.entry_size or made.entry_size
        if section.type in (model.SHT_INIT_ARRAY, model.SHT_FINI_ARRAY, model.SHT_PREINIT_ARRAY):
            made.entry_size = self.obj.bits // 8
        section.section = made
        if section.type == model.SHT_NOBITS:
            section.base = -(-made.nobits_size // buffer.alignment) * buffer.alignment
            if any(buffer.data):
                self.error(f"attempt to store non-zero value in section `{section.name}'")
            made.nobits_size = section.base + len(buffer.data)
            return
        padding = -len(made.data) % buffer.alignment
        made.data += bytes(padding)
        section.base = len(made.data)
        made.data += buffer.data

    def join_group(self, section: AsmSection, made: model.Section) -> None:
        made.flags |= model.SHF_GROUP
        group = self.groups.get(section.group_name)
        if group is None:
            symbol = self.assembler.symbols.symbol(section.group_name)
            if symbol.defined() or symbol.is_global or symbol.is_weak:
                signature = self.object_symbol(symbol)
            else:
                signature = model.Symbol(section.group_name, model.DEFINED)
                signature.section = made
                signature.binding = model.STB_LOCAL
                symbol.object = signature
                self.obj.symbols.append(signature)
            group = model.Group(signature, section.comdat)
            self.groups[section.group_name] = group
            self.obj.groups.append(group)
        made.group = group
        group.members.append(made)

    # Relocations

    def relocate_section(self, section: AsmSection) -> None:
        for relocation in section.buffer.relocations:
            try:
                self.relocate(section, relocation)
            except AssemblyError as error:
                self.error(str(error))
            self.location = 0
        made = section.section
        if made is not None:
            made.relocations.sort(key=relocation_offset)

    def relocate(self, section: AsmSection, relocation: CodeRelocation) -> None:
        """Resolve one field of the section, or add a relocation to the object's section."""
        symbol = relocation.symbol
        if symbol is None:
            label = relocation.label
            if label is None:
                self.add(section, relocation.offset, relocation.type, self.null, relocation.addend)
                return
            self.relocate_label(section, relocation, label)
            return
        pending = self.assembler.expressions.get(symbol.name)
        value: Value | None
        spoken: Value | None = None
        if pending is not None:
            self.location = pending[1]
            value = evaluate(pending[0], True)
            if value is None:
                raise AssemblyError("can't resolve expression")
            value.number += relocation.addend
        else:
            found = self.assembler.symbols.by_name.get(symbol.name)
            if found is None:
                self.add(section, relocation.offset, relocation.type, self.external(symbol.name), relocation.addend)
                return
            value = Value(found, None, relocation.addend)
            if found.expression is not None:
                value = evaluate(found.expression, True)
                if value is None:
                    raise AssemblyError(f"can't resolve value of symbol `{found.name}'")
                value.number += relocation.addend
                if value.plus is not None and value.plus.section is not None and not found.is_weakref:
                    spoken = Value(found, None, relocation.addend)
        self.resolve(section, relocation.offset, relocation.type, value, spoken)

    def relocate_label(self, section: AsmSection, relocation: CodeRelocation, label: Label) -> None:
        """A place in this section that an encoder marked."""
        if label.offset < 0:
            raise AssemblyError(f"label `{label.name}' is not defined in this section")
        made = section.section
        assert made is not None
        offset = section.buffer.address(label) + section.base
        if not self.assembler.target.keeps_symbol(relocation.type):
            symbol = made.section_symbol()
            self.add(section, relocation.offset, relocation.type, symbol, relocation.addend + offset)
            return
        symbol = model.Symbol(".L0 ", model.DEFINED)
        symbol.section, symbol.value, symbol.binding = made, offset, model.STB_LOCAL
        self.obj.symbols.append(symbol)
        self.add(section, relocation.offset, relocation.type, symbol, relocation.addend)

    def resolve(self, section: AsmSection, offset: int, type: int, value: Value, spoken: Value | None) -> None:
        """`spoken` is the equated symbol that the text mentions when `value` is what it stands for."""
        target = self.assembler.target
        if value.minus is not None:
            self.difference(section, offset, type, value)
            return
        plus = value.plus
        if plus is None:
            size = target.absolute_size(type) if type > 0 else -type
            if size:
                self.store(section, offset, size, value.number)
            else:
                self.add(section, offset, type, self.null, value.number)
            return
        if type < 0:
            raise AssemblyError(f"cannot represent relocation type for a field of {-type} bytes against `{plus.name}'")
        mentioned = plus
        if spoken is not None and spoken.plus is not None:
            mentioned = spoken.plus
        local = plus.section is not None and not mentioned.is_global and not mentioned.is_weak
        if local and plus.section is section and plus.type != model.STT_GNU_IFUNC:
            size = target.relative_size(type)
            if size:
                distance = section.buffer.address(plus.label) + value.number - offset
                self.store_relative(section, offset, size, distance)
                return
            made = section.section
            assert made is not None
            distance = section.buffer.address(plus.label) + value.number - offset
            if target.patch_relative(made.data, section.base + offset, type, distance):
                return
        if self.add_to_section(section, offset, type, plus, value.number, local):
            return
        number = value.number if spoken is None else spoken.number
        self.add_against(section, offset, target.section_type(type) if local else type, mentioned, number)

    def add_to_section(
        self, section: AsmSection, offset: int, type: int, symbol: AsmSymbol, addend: int, local: bool
    ) -> bool:
        """A relocation against the section that a local symbol is defined in, where that is allowed."""
        target = self.assembler.target
        home = symbol.section
        if not local or home is None or home.section is None or target.keeps_symbol(type):
            return False
        if home.flags & model.SHF_MERGE and (target.relative_size(type) or addend):
            return False
        if symbol.type in (model.STT_GNU_IFUNC, model.STT_TLS):
            return False
        addend += home.buffer.address(symbol.label) + home.base
        self.add(section, offset, target.section_type(type), home.section.section_symbol(), addend)
        return True

    def add_against(self, section: AsmSection, offset: int, type: int, symbol: AsmSymbol, addend: int) -> None:
        """A relocation that names the symbol."""
        symbol.referenced = True
        made = self.object_symbol(symbol)
        target = self.assembler.target
        if target.is_thread_local(type) and symbol.type == model.STT_NOTYPE:
            symbol.type = made.type = model.STT_TLS
        if symbol.name == "_GLOBAL_OFFSET_TABLE_":
            type, more = target.table_relocation(type)
            addend += more
        if symbol.is_temporary and (symbol.name[2:3] in "\x01\x02" or self.symbols_made):
            # Not in the order of named symbols; or in a function of a compiler, after all of those
            self.define_temporary(symbol, made)
        self.add(section, offset, type, made, addend)

    def define_temporary(self, symbol: AsmSymbol, made: model.Symbol) -> None:
        """A label without a name that a relocation must mention all the same."""
        if made.place == model.UNDEFINED and symbol.section is not None:
            self.define(made, symbol.section, symbol.section.buffer.address(symbol.label))
            made.binding = model.STB_LOCAL
            made.name = f".L{len(self.obj.symbols)}"
            self.obj.symbols.append(made)

    def difference(self, section: AsmSection, offset: int, type: int, value: Value) -> None:
        """symbol - symbol: pc-relative when the second one is here, else a pair where the target has that."""
        target = self.assembler.target
        minus = value.minus
        plus = value.plus
        assert minus is not None
        size = target.absolute_size(type) if type > 0 else -type
        if minus.section is section and plus is not None and size:
            relative = target.data_relocation(size, True, "")
            if relative >= 0:
                addend = value.number + offset - section.buffer.address(minus.label)
                if not self.add_to_section(section, offset, relative, plus, addend, is_local(plus)):
                    self.add_against(section, offset, relative, plus, addend)
                return
        pair = target.difference_relocations(size)
        if pair[0] >= 0 and plus is not None and minus.section is not None:
            self.add(section, offset, pair[0], self.object_or_section(plus), value.number + self.section_offset(plus))
            self.add(section, offset, pair[1], self.object_or_section(minus), self.section_offset(minus))
            return
        first = "0" if plus is None else f"`{plus.name}' {{{section_name(plus)} section}}"
        raise AssemblyError(f"can't resolve {first} - `{minus.name}' {{{section_name(minus)} section}}")

    def object_or_section(self, symbol: AsmSymbol) -> model.Symbol:
        if symbol.is_temporary and symbol.section is not None and symbol.section.section is not None:
            return symbol.section.section.section_symbol()
        return self.object_symbol(symbol)

    def section_offset(self, symbol: AsmSymbol) -> int:
        if symbol.is_temporary and symbol.section is not None:
            return symbol.section.buffer.address(symbol.label) + symbol.section.base
        return 0

    def store(self, section: AsmSection, offset: int, size: int, number: int) -> None:
        bits = size * 8
        if number >= 1 << bits or number < -(1 << (bits - 1)):
            raise AssemblyError(f"value of {number} too large for field of {size} bytes at {offset}")
        made = section.section
        assert made is not None
        at = section.base + offset
        made.data[at : at + size] = (number & ((1 << bits) - 1)).to_bytes(size, "little")

    def store_relative(self, section: AsmSection, offset: int, size: int, distance: int) -> None:
        if size == 1 and not -128 <= distance <= 127:
            raise AssemblyError(f"value of {distance} too large for field of 1 byte at {offset}")
        self.store(section, offset, size, distance)

    def add(self, section: AsmSection, offset: int, type: int, symbol: model.Symbol, addend: int) -> None:
        made = section.section
        assert made is not None
        if type < 0:
            raise AssemblyError(f"cannot represent relocation type for a field of {-type} bytes")
        made.relocations.append(model.Relocation(section.base + offset, type, symbol, addend))

    # Symbols

    def external(self, name: str) -> model.Symbol:
        found = self.names.get(name)
        if found is None:
            found = model.Symbol(name)
            self.names[name] = found
            self.obj.symbols.append(found)
        return found

    def object_symbol(self, symbol: AsmSymbol) -> model.Symbol:
        """The symbol as the object has it."""
        if symbol.object is None:
            found = self.names.get(symbol.name)
            if found is None:
                found = model.Symbol(symbol.name)
                self.names[symbol.name] = found
            symbol.object = found
        return symbol.object

    def make_symbols(self) -> None:
        """Fill in all symbols that the object must have, in order of first mention."""
        if self.assembler.file_name:
            made = model.Symbol(self.assembler.file_name, model.ABSOLUTE)
            made.type = model.STT_FILE
            made.binding = model.STB_LOCAL
            self.obj.symbols.insert(0, made)
        self.symbols_made = True
        listed = {id(symbol) for symbol in self.obj.symbols}
        for symbol in self.assembler.symbols.order:
            if symbol.object is None:
                if symbol.is_temporary or not is_wanted(symbol):
                    continue
                if symbol.is_weakref:
                    continue
            made = self.object_symbol(symbol)
            try:
                self.fill_symbol(symbol, made)
            except AssemblyError as error:
                self.error(str(error))
            if id(made) not in listed:
                self.obj.symbols.append(made)
            self.add_versions(symbol, made)

    def fill_symbol(self, symbol: AsmSymbol, made: model.Symbol) -> None:
        if symbol.is_common:
            made.place = model.COMMON
            made.value = symbol.common_alignment
            made.size = symbol.common_size
        elif symbol.section is not None:
            self.define(made, symbol.section, symbol.section.buffer.address(symbol.label))
        elif symbol.expression is not None:
            value = evaluate(symbol.expression, True)
            if value is None or value.minus is not None:
                raise AssemblyError(f"can't resolve value of symbol `{symbol.name}'")
            target = value.plus
            if target is None:
                made.place = model.ABSOLUTE
                made.value = value.number
            elif target.section is not None:
                self.define(made, target.section, target.section.buffer.address(target.label) + value.number)
                if symbol.type == model.STT_NOTYPE:
                    made.type = target.type
                if symbol.size is None and target.size is not None and value.number == 0:
                    symbol.size = target.size
            else:
                existing = self.names.get(target.name)
                if existing is not None and existing.place == model.DEFINED:
                    made.place, made.section = model.DEFINED, existing.section
                    made.value = existing.value + value.number
                    made.type, made.size = existing.type, existing.size
                elif symbol.referenced or symbol.is_global:
                    raise AssemblyError(f"symbol `{symbol.name}' is equated to undefined symbol `{target.name}'")
        if symbol.size is not None:
            size = evaluate(symbol.size, True)
            if size is None or not size.constant():
                raise AssemblyError(f".size expression for {symbol.name} does not evaluate to a constant")
            made.size = size.number
        if symbol.type != model.STT_NOTYPE:
            made.type = symbol.type
        made.visibility = symbol.visibility or made.visibility
        made.other = symbol.other
        if symbol.is_unique:
            made.binding = model.STB_GNU_UNIQUE
        elif symbol.is_weak:
            made.binding = model.STB_WEAK
        elif symbol.is_global or symbol.is_common:
            made.binding = model.STB_GLOBAL
        elif made.place == model.UNDEFINED:
            if made.binding != model.STB_WEAK:
                made.binding = model.STB_GLOBAL
        elif symbol.defined():  # else the compiler defined it, and knows its binding
            made.binding = model.STB_LOCAL

    def define(self, made: model.Symbol, section: AsmSection, offset: int) -> None:
        made.place = model.DEFINED
        made.section = section.section
        made.value = offset + section.base

    def add_versions(self, symbol: AsmSymbol, made: model.Symbol) -> None:
        """.symver: a versioned alias of a defined symbol, or the version of an undefined one."""
        for text in symbol.versions:
            spelled, _, option = text.partition("\0")
            name, at, version = spelled.partition("@")
            version = at + version
            if made.place == model.UNDEFINED:
                made.name = name
                made.version = "@" + version.lstrip("@")
                continue
            if version.startswith("@@@"):
                version = version[1:]
                option = "remove"
            alias = made
            if option != "remove":
                alias = model.Symbol(name, made.place)
                alias.section, alias.value, alias.size = made.section, made.value, made.size
                alias.binding, alias.type = made.binding, made.type
                alias.visibility = made.visibility
                self.obj.symbols.append(alias)
                if option == "local":
                    made.binding = model.STB_LOCAL
                elif option == "hidden":
                    made.visibility = model.STV_HIDDEN
            alias.name = name
            alias.version = version

    # Tables

    def write_relocation_directives(self) -> None:
        """.reloc"""
        for place, number, expression, name, location in self.assembler.relocation_places:
            self.location = location
            type = self.assembler.target.relocation_number(name)
            section = place.section
            if type < 0 or section is None:
                self.error(f"unrecognized relocation type `{name}'" if section is not None else ".reloc outside of a section")
                continue
            offset = number + (section.buffer.address(place.label) if place.name else 0)
            value = evaluate(expression, True) if expression is not None else Value(None, None, 0)
            if value is None or value.minus is not None:
                self.error("bad .reloc expression")
            elif value.plus is None:
                self.add(section, offset, type, self.null, value.number)
            else:
                plus = value.plus
                if not self.add_to_section(section, offset, type, plus, value.number, is_local(plus)):
                    self.add_against(section, offset, type, plus, value.number)
            if section.section is not None:
                section.section.relocations.sort(key=relocation_offset)
        self.location = 0

    def write_frames(self) -> None:
        functions = [made for frame in self.assembler.frames if (made := self.frame(frame)) is not None]
        if ".eh_frame" in self.assembler.frame_sections:
            call_frame.write_eh_frame(self.obj, functions)
        if ".debug_frame" in self.assembler.frame_sections:
            call_frame.write_debug_frame(self.obj, functions)

    def frame(self, frame: FrameFunction) -> call_frame.CallFrameFunction | None:
        home = frame.start.section
        if home is None or home.section is None or frame.end.section is not home:
            self.error("call frame information spans two sections")
            return None
        start = home.buffer.address(frame.start.label) + home.base
        end = home.buffer.address(frame.end.label) + home.base
        made = call_frame.CallFrameFunction(home.section, start, end)
        made.simple = frame.simple
        made.signal_frame = frame.signal_frame
        made.return_column = frame.return_column
        made.personality_encoding = frame.personality_encoding
        made.lsda_encoding = frame.lsda_encoding
        if frame.personality is not None:
            made.personality = self.object_symbol(frame.personality)
        lsda = frame.lsda
        if lsda is not None:
            if lsda.section is not None and lsda.section.section is not None:
                made.lsda = lsda.section.section.section_symbol()
                made.lsda_addend = lsda.section.buffer.address(lsda.label) + lsda.section.base
            else:
                made.lsda = self.object_symbol(lsda)
        for instruction in frame.instructions:
            offset = home.buffer.address(instruction.place.label) + home.base
            made.instructions.append(
                call_frame.CallFrameInstruction(
                    offset, instruction.kind, instruction.register, instruction.value, instruction.data
                )
            )
        return made

    def write_lines(self) -> None:
        """.debug_line from .file and .loc."""
        assembler = self.assembler
        if not assembler.rows or not assembler.files:
            return
        version = 5 if 0 in assembler.files else DEFAULT_LINE_VERSION
        if assembler.line_files:
            version = assembler.line_version
        primary = assembler.files.get(0)
        table = line_table.LineTable(version, primary.directory if primary is not None else "", "")
        table.files = []
        first = 0 if version >= 5 else 1
        for number in range(first, max(assembler.files) + 1):
            entry = assembler.files.get(number)
            if entry is None:
                table.files.append(line_table.LineFile("", 0))
                continue
            directory, name = entry.directory, entry.name
            if number == 0 and directory:  # the compilation directory
                directory = ""
            if not directory and "/" in name:
                directory, _, name = name.rpartition("/")
                directory = directory or "/"
            index = 0
            if directory:
                if directory not in table.directories:
                    table.directories.append(directory)
                index = table.directories.index(directory)
            table.files.append(line_table.LineFile(name, index, entry.md5))
        sequences: dict[str, line_table.LineSequence] = {}
        for row in assembler.rows:
            home = row.place.section
            if home is None or home.section is None:
                continue
            key = f"{home.name}\0{home.group_name}\0{home.unique}"
            sequence = sequences.get(key)
            if sequence is None:
                sequence = line_table.LineSequence(home.section, home.base + len(home.buffer.data))
                sequences[key] = sequence
                table.sequences.append(sequence)
            offset = home.buffer.address(row.place.label) + home.base
            sequence.rows.append(
                line_table.LineRow(offset, row.file - first, row.line, row.column, row.flags, row.discriminator)
            )
        for sequence in table.sequences:
            sequence.rows.sort(key=row_offset)
        if any(made.name == ".debug_info" and made.data for made in self.obj.sections):
            self.write_line_table(table)
        else:
            self.write_unit(table)

    def write_unit(self, table: line_table.LineTable) -> None:
        """A compile unit for text that has lines and no unit of its own: debuggers find lines by it."""
        from ourocc import __version__
        from ourocc.objects import debug_info

        primary = table.files[0]
        folder = table.directories[primary.directory]
        name = primary.name if primary.directory == 0 else f"{folder}/{primary.name}"
        directory = table.directories[0] or "."
        unit = debug_info.DebugUnit(table, name, directory, f"Ourocc {__version__}", debug_info.DW_LANG_MIPS_ASSEMBLER)
        debug_info.write_compile_unit(self.obj, unit)

    def write_line_table(self, table: line_table.LineTable) -> None:
        version = table.version
        strings = line_table.DebugStrings(self.obj, ".debug_line_str", False) if version >= 5 else None
        line_table.write_line_table(self.obj, table, strings)

    def write_idents(self) -> None:
        if not self.assembler.idents:
            return
        section = self.obj.section(".comment", model.SHT_PROGBITS, model.SHF_MERGE | model.SHF_STRINGS, 1)
        section.entry_size = 1
        if not section.data:
            section.data += b"\0"
        for text in self.assembler.idents:
            section.data += text.encode("utf-8", "surrogateescape") + b"\0"


def relocation_offset(relocation: model.Relocation) -> int:
    return relocation.offset


def row_offset(row: line_table.LineRow) -> int:
    return row.offset


def is_wanted(symbol: AsmSymbol) -> bool:
    """Whether the text says enough about the symbol for it to be in the object."""
    return (
        symbol.defined() or symbol.referenced or symbol.is_global or symbol.is_weak or symbol.size is not None
        or symbol.type != model.STT_NOTYPE
    )  # fmt: skip


def is_local(symbol: AsmSymbol) -> bool:
    """Defined here for good: no other definition can take its place."""
    return symbol.section is not None and not symbol.is_global and not symbol.is_weak


def same_place(first: LineRowAt, second: LineRowAt) -> bool:
    home = first.place.section
    if home is None or home is not second.place.section:
        return False
    return home.buffer.address(first.place.label) == home.buffer.address(second.place.label)


def section_name(symbol: AsmSymbol) -> str:
    return symbol.section.name if symbol.section is not None else "*UND*"


def join_subsections(section: AsmSection) -> None:
    """Append all subsections, in order of their numbers, to the section's first buffer."""
    if len(section.subsections) == 1:
        return
    numbers = sorted(section.subsections)
    first = section.subsections[numbers[0]]
    for number in numbers[1:]:
        first.absorb(section.subsections[number])
    section.buffer = first
    section.subsections = {0: first}


def check_branches(assembler: Assembler, section: AsmSection) -> None:
    """Branches to what is defined elsewhere or weak cannot be short.

    A global symbol of the same section is taken as it is, as GNU as does unless it is told that it makes a shared
    object: code that may be preempted says @PLT.
    """
    for relaxable in section.buffer.relaxables:
        if relaxable.kind == BRANCH and relaxable.symbol is not None:
            symbol = assembler.symbols.by_name.get(relaxable.symbol.name)
            if symbol is None or symbol.section is not section or symbol.is_weak:
                relaxable.label = None
