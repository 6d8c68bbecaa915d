"""Opening inputs: files, -l libraries, archives, groups and input scripts, in command-line order.

Archives are searched as GNU ld does it: at their place, for what is undefined then, again and again until
nothing new comes; the archives between --start-group and --end-group are searched in turns.
"""

from os import path as paths
from struct import error as struct_error
from typing import final

from ourocc.linker.elements import ErrorSink, Link, LinkError
from ourocc.linker.options import (
    INPUT_FILE,
    INPUT_GROUP_END,
    INPUT_GROUP_START,
    INPUT_LIBRARY,
    INPUT_OBJECT,
    LinkInput,
)
from ourocc.linker.resolve import Resolver
from ourocc.linker.script_language import (
    STATEMENT_ASSIGN,
    STATEMENT_ENTRY,
    STATEMENT_EXTERN,
    STATEMENT_FILE,
    STATEMENT_GROUP_END,
    STATEMENT_GROUP_START,
    STATEMENT_SEARCH,
    parse_linker_script,
)
from ourocc.linker.shared_library import read_shared_library
from ourocc.objects.archive import ARCHIVE_MAGIC, THIN_MAGIC, Archive
from ourocc.objects.elf_numbers import ET_DYN, ET_REL, MACHINE_NAMES
from ourocc.objects.elf_reader import ElfFile, ObjectFormatError
from ourocc.objects.elf_writer import write_object
from ourocc.objects.model import EM_386, EM_RISCV, EM_X86_64
from ourocc.targets.relocation_table import RelocationTarget


def relocation_target(machine: int) -> RelocationTarget:
    """The relocation table of an e_machine; KeyError when we have none."""
    if machine == EM_X86_64:
        from ourocc.targets.x86 import relocations as x86

        return x86.relocation_target()
    if machine == EM_RISCV:
        from ourocc.targets.riscv import relocations as riscv

        return riscv.relocation_target()
    raise KeyError(machine)


def machine_name(machine: int) -> str:
    return MACHINE_NAMES.get(machine, f"machine {machine}")


def looks_like_script(data: bytes) -> bool:
    """Whether a file that is neither ELF nor archive could be a script: text without control characters."""
    head = data[:512]
    return len(head) > 0 and all(byte >= 32 or byte in b"\t\n\r\f" for byte in head)


@final
class _OpenArchive:
    """An archive with its index, and which members were loaded."""

    def __init__(self, archive: Archive, path: str) -> None:
        self.archive = archive
        self.path = path
        self.index: dict[str, int] = {}
        self.loaded: dict[int, bool] = {}


@final
class InputLoader:
    """Feeds the inputs to a Resolver."""

    def __init__(self, link: Link, resolver: Resolver) -> None:
        self.link = link
        self.resolver = resolver
        self.errors: ErrorSink = link.errors
        self.group: list[_OpenArchive] | None = None
        self.entry = ""
        self.loaded_archives: dict[str, _OpenArchive] = {}
        self.script_depth = 0
        self.library_path: list[str] = [self._in_sysroot(d) for d in link.options.library_path]

    def _in_sysroot(self, directory: str) -> str:
        if directory.startswith("="):
            return self.link.options.sysroot + directory[1:]
        if directory.startswith("$SYSROOT"):
            return self.link.options.sysroot + directory[len("$SYSROOT") :]
        return directory

    def load_all(self, inputs: list[LinkInput]) -> None:
        for item in inputs:
            try:
                self.load(item)
            except ObjectFormatError as malformed:
                self.errors.error(malformed.message)
            except LinkError as problem:
                self.errors.error(problem.message)
            except (struct_error, IndexError, ValueError, OverflowError) as broken:
                self.errors.error(f"{item.name}: malformed input file ({broken})")
        if self.group is not None:
            self._end_group()

    def load(self, item: LinkInput) -> None:
        kind = item.kind
        if kind == INPUT_FILE:
            self._load_path(item.name, item, False)
        elif kind == INPUT_LIBRARY:
            self._load_path(self.find_library(item.name, item.static), item, True)
        elif kind == INPUT_OBJECT:
            assert item.object is not None
            name = item.name or item.object.name or "<object>"
            self._load_bytes(write_object(item.object), name, item, False)
        elif kind == INPUT_GROUP_START:
            if self.group is not None:
                raise LinkError("may not nest groups (--start-group)")
            self.group = []
        elif kind == INPUT_GROUP_END:
            if self.group is None:
                raise LinkError("group ended before it began (--end-group)")
            self._end_group()

    def find_library(self, name: str, static: bool) -> str:
        """The path for -lNAME: in each directory the shared library before the archive."""
        if name.startswith(":"):
            candidates = [name[1:]]
        elif static or self.link.options.static:
            candidates = [f"lib{name}.a"]
        else:
            candidates = [f"lib{name}.so", f"lib{name}.a"]
        skipped: list[str] = []
        for directory in self.library_path:
            for candidate in candidates:
                path = paths.join(directory, candidate)
                if paths.isfile(path):
                    if self._is_compatible(path):
                        return path
                    skipped.append(path)
        for path in skipped:
            self.errors.warning(f"skipping incompatible {path} when searching for -l{name}")
        raise LinkError(f"cannot find -l{name}: No such file or directory")

    def _is_compatible(self, path: str) -> bool:
        if not self.link.has_target:
            return True
        try:
            with open(path, "rb") as file:
                head = file.read(20)
        except OSError:
            return False
        if head[:4] != b"\x7fELF" or len(head) < 20:
            return True
        return head[18] | head[19] << 8 == self.link.target.machine

    def _load_path(self, path: str, item: LinkInput, searched: bool) -> None:
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as failure:
            raise LinkError(f"cannot find {path}: {failure.strerror}") from None
        self.link.loaded_files.append(path)
        self._load_bytes(data, path, item, searched)

    def _load_bytes(self, data: bytes, path: str, item: LinkInput, searched: bool) -> None:
        magic = data[:8]
        if magic[:4] == b"\x7fELF":
            elf = ElfFile(data, path)
            if elf.type == ET_REL:
                self._check_machine(elf)
                self.resolver.add_object(elf, path, "")
            elif elf.type == ET_DYN:
                self._add_shared(elf, path, item, searched)
            else:
                raise LinkError(f"{path}: cannot link an executable")
        elif magic == ARCHIVE_MAGIC or magic == THIN_MAGIC:
            self._add_archive(data, path, item)
        elif not data:
            raise LinkError(f"{path}: file format not recognized: the file is empty")
        elif looks_like_script(data):
            self._run_script(data.decode("utf-8", "replace"), path, item)
        else:
            raise LinkError(f"{path}: file format not recognized")

    def _check_machine(self, elf: ElfFile) -> None:
        link = self.link
        if not link.has_target:
            self.set_machine(elf.machine, elf.name)
        if elf.machine != link.target.machine or elf.bits != link.target.bits:
            bits = f" ({elf.bits}-bit)" if elf.machine != EM_386 else ""
            raise LinkError(
                f"{elf.name}: is for {machine_name(elf.machine)}{bits}, "
                f"which is incompatible with {link.target.name} output"
            )

    def set_machine(self, machine: int, name: str) -> None:
        try:
            self.link.target = relocation_target(machine)
        except KeyError:
            raise LinkError(f"{name}: linking for {machine_name(machine)} is not supported") from None
        self.link.has_target = True

    def _add_shared(self, elf: ElfFile, path: str, item: LinkInput, searched: bool) -> None:
        if self.link.options.static:
            raise LinkError(f"{path}: attempted static link of dynamic object")
        self._check_machine(elf)
        if self.resolver.relocatable:
            raise LinkError(f"{path}: a shared object cannot take part in a relocatable link (-r)")
        fallback = paths.basename(path) if searched else path
        library = read_shared_library(elf, path, fallback)
        library.as_needed = item.as_needed
        self.resolver.add_library(library)

    # Archives

    def _add_archive(self, data: bytes, path: str, item: LinkInput) -> None:
        known = self.loaded_archives.get(path)
        if known is None:
            known = _OpenArchive(Archive(data, path), path)
            self.loaded_archives[path] = known
            if known.archive.has_index:
                known.index = known.archive.symbol_index()
            else:
                self._index_without_table(known)
        if item.whole_archive:
            for member in known.archive.members():
                self._load_member(known, member.offset, "", "")
            return
        self._search(known)
        if self.group is not None:
            self.group.append(known)

    def _index_without_table(self, opened: _OpenArchive) -> None:
        """An archive without symbol table: read the members' own (GNU ld refuses; ranlib is one step fewer)."""
        from ourocc.objects.archive import defined_symbols

        for member in opened.archive.members():
            data = member.data
            if opened.archive.thin:
                data = self._thin_data(opened, member.name)
            for symbol in defined_symbols(data, f"{opened.path}({member.name})"):
                opened.index.setdefault(symbol, member.offset)

    def _search(self, opened: _OpenArchive) -> bool:
        """Load members for what is undefined; what they leave undefined is appended and searched as well."""
        undefined = self.link.undefined
        index = opened.index
        progress = False
        position = 0
        while position < len(undefined):
            symbol = undefined[position]
            position += 1
            if symbol.place == 0 and symbol.name in index:
                offset = index[symbol.name]
                if offset not in opened.loaded:
                    progress = True
                    self._load_member(opened, offset, symbol.name, "")
        if self._search_for_libraries(opened):
            progress = True
        # Forget what is resolved, so that later searches are short.
        self.link.undefined = [symbol for symbol in undefined if symbol.place == 0]
        return progress

    def _search_for_libraries(self, opened: _OpenArchive) -> bool:
        """Load members for what shared libraries leave undefined: the executable will export it to them."""
        index = opened.index
        progress = False
        symbols = self.link.symbols
        for library in self.link.libraries:
            for name in library.required:
                if name not in index or index[name] in opened.loaded:
                    continue
                symbol = symbols.get(name)
                if symbol is not None and symbol.place != 0:
                    continue
                if any(name in other.exports for other in self.link.libraries):
                    continue
                progress = True
                self._load_member(opened, index[name], name, library.name)
        return progress

    def _thin_data(self, opened: _OpenArchive, name: str) -> bytes:
        path = paths.join(paths.dirname(opened.path), name)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as failure:
            raise LinkError(f"{opened.path}: cannot read member {path}: {failure.strerror}") from None

    def _load_member(self, opened: _OpenArchive, offset: int, symbol: str, _why: str) -> None:
        if offset in opened.loaded:
            return
        opened.loaded[offset] = True
        member = opened.archive.member_at(offset)
        name = f"{opened.path}({member.name})"
        data = self._thin_data(opened, member.name) if opened.archive.thin else member.data
        if data[:4] != b"\x7fELF":
            if symbol:
                raise LinkError(f"{name}: archive member is not an object")
            return
        elf = ElfFile(data, name)
        if elf.type != ET_REL:
            raise LinkError(f"{name}: archive member is not a relocatable object")
        self._check_machine(elf)
        self.link.archive_reasons.append((name, "", symbol))
        self.resolver.add_object(elf, name, opened.path)

    def _end_group(self) -> None:
        group = self.group
        self.group = None
        if group is None:
            return
        progress = True
        while progress:
            progress = False
            for opened in group:
                if self._search(opened):
                    progress = True

    # Scripts

    def _run_script(self, text: str, path: str, item: LinkInput) -> None:
        if self.script_depth > 10:
            raise LinkError(f"{path}: linker scripts include each other without end")
        self.script_depth += 1
        outer_group = self.group
        script = parse_linker_script(text, path)
        if script.has_sections or script.regions or script.headers:
            raise LinkError(f"{path}: a linker script with SECTIONS, MEMORY or PHDRS must be given by -T")
        for statement in script.statements:
            kind = statement.kind
            if kind == STATEMENT_FILE:
                inner = LinkInput(INPUT_FILE, statement.name)
                inner.as_needed = item.as_needed or statement.as_needed
                inner.static = item.static
                inner.whole_archive = item.whole_archive
                self._load_script_file(statement.name, path, inner)
            elif kind == STATEMENT_GROUP_START:
                if outer_group is None:
                    self.group = []
            elif kind == STATEMENT_GROUP_END:
                if outer_group is None:
                    self._end_group()
            elif kind == STATEMENT_SEARCH:
                self.library_path.append(self._in_sysroot(statement.name))
            elif kind == STATEMENT_ENTRY:
                self.entry = statement.name
            elif kind == STATEMENT_EXTERN:
                self.resolver.require(statement.name)
            elif kind == STATEMENT_ASSIGN:
                self.link.options.defsyms.append((statement.name, statement.text))
        self.script_depth -= 1

    def _load_script_file(self, name: str, script: str, item: LinkInput) -> None:
        if name.startswith("-l"):
            self._load_path(self.find_library(name[2:], item.static), item, True)
            return
        sysroot = self.link.options.sysroot
        if name.startswith("/"):
            inside = sysroot != "" and paths.realpath(script).startswith(paths.realpath(sysroot) + "/")
            rooted = sysroot + name
            self._load_path(rooted if inside and paths.exists(rooted) else name, item, True)
            return
        if name.startswith("="):
            self._load_path(sysroot + name[1:], item, True)
            return
        for directory in [".", paths.dirname(script) or ".", *self.library_path]:
            candidate = name if directory == "." else paths.join(directory, name)
            if paths.isfile(candidate):
                self._load_path(candidate, item, True)
                return
        raise LinkError(f"{script}: cannot find {name}: No such file or directory")
