"""`size`: sizes of the sections of objects and programs, in Berkeley (default) or System V format."""

import sys
from typing import Final, final

from ourocc.binutils.common import (
    ToolError,
    complain,
    elf_files,
    show_each,
    split_options,
    version_text,
    write_text,
)
from ourocc.objects.elf_numbers import SHT_NULL, SHT_REL, SHT_RELA, SHT_SYMTAB
from ourocc.objects.elf_reader import ElfFile
from ourocc.objects.model import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, SHT_STRTAB

_LONG: Final = {"format": "format=", "radix": "radix=", "totals": "t", "common": "common", "version": "V", "help": "V"}


def berkeley_sizes(elf: ElfFile) -> tuple[int, int, int]:
    """(text, data, bss): read-only loaded bytes, writable loaded bytes, zeroed bytes."""
    text = data = bss = 0
    for header in elf.sections:
        if not header.flags & SHF_ALLOC:
            continue
        if header.type == SHT_NOBITS:
            bss += header.size
        elif header.flags & SHF_WRITE and not header.flags & SHF_EXECINSTR:
            data += header.size
        else:
            text += header.size
    return text, data, bss


def _number(value: int, radix: str) -> str:
    return f"{value:#x}" if radix == "16" else f"0{value:o}" if radix == "8" else str(value)


def _berkeley_line(sizes: tuple[int, int, int], name: str, radix: str) -> str:
    text, data, bss = sizes
    total = text + data + bss
    columns = "\t".join(f"{_number(value, radix):>7}" for value in (text, data, bss))
    other = f"{total:7o}\t{total:7x}" if radix == "8" else f"{total:7d}\t{total:7x}"
    return f"{columns}\t{other}\t{name}\n"


def _system_v(elf: ElfFile, name: str, radix: str) -> str:
    skipped = (SHT_NULL, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_REL)
    rows = [(h.name, h.size, h.address) for h in elf.sections if h.type not in skipped or h.flags & SHF_ALLOC]
    total = sum(row[1] for row in rows)
    width = max([len(row[0]) for row in rows] + [len("section")])
    size_width = max([len(_number(row[1], radix)) for row in rows] + [len(_number(total, radix)), 4])
    address_width = max([len(_number(row[2], radix)) for row in rows] + [4])
    lines = [f"{name}:\n", f"{'section':<{width}}   {'size':>{size_width}}   {'addr':>{address_width}}\n"]
    for title, size, address in rows:
        lines.append(
            f"{title:<{width}}   {_number(size, radix):>{size_width}}   {_number(address, radix):>{address_width}}\n"
        )
    lines.append(f"{'Total':<{width}}   {_number(total, radix):>{size_width}}\n\n\n")
    return "".join(lines)


@final
class _Table:
    """Lines of the table, and the sums of its columns."""

    def __init__(self, radix: str, system_v: bool) -> None:
        self.radix = radix
        self.system_v = system_v
        self.text = 0
        self.data = 0
        self.bss = 0

    def show(self, path: str) -> int:
        for name, elf in elf_files(path):
            if self.system_v:
                write_text(_system_v(elf, f"{name}   (ex {path})" if name else f"{path}  ", self.radix))
                continue
            sizes = berkeley_sizes(elf)
            self.text += sizes[0]
            self.data += sizes[1]
            self.bss += sizes[2]
            write_text(_berkeley_line(sizes, f"{name} (ex {path})" if name else path, self.radix))
        return 0


def main(arguments: list[str] | None = None) -> int:
    """`size`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        pairs, files = split_options("size", arguments, "ABGdoxtV", "", _LONG)
    except ToolError as problem:
        complain("size", problem.message)
        return 1
    options = dict(pairs)
    if "V" in options:
        write_text(version_text("size"))
        return 0
    radix = options.get("radix", "16" if "x" in options else "8" if "o" in options else "10")
    system_v = "A" in options or options.get("format", "") in ("sysv", "SysV", "A")
    table = _Table(radix, system_v)
    if not system_v:
        total_title = "oct" if radix == "8" else "dec"
        write_text(f"   text\t   data\t    bss\t    {total_title}\t    hex\tfilename\n")
    status = show_each("size", files or ["a.out"], table.show)
    if "t" in options and not system_v:
        write_text(_berkeley_line((table.text, table.data, table.bss), "(TOTALS)", radix))
    return status


if __name__ == "__main__":
    sys.exit(main())
