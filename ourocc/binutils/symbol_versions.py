"""Symbol versions of a dynamic symbol table as the tools show them."""

from struct import iter_unpack
from typing import final

from ourocc.linker.shared_library import read_shared_library
from ourocc.objects.elf_numbers import SHT_DYNSYM, SHT_GNU_VERDEF, SHT_GNU_VERSYM
from ourocc.objects.elf_reader import ElfFile


@final
class SymbolVersion:
    """`text` is "@VERSION" or "@@VERSION" ("" for none); `number` the index that .gnu.version has, 0 if defined here."""

    def __init__(self, text: str, number: int) -> None:
        self.text = text
        self.number = number


def symbol_versions(elf: ElfFile) -> list[SymbolVersion]:
    """One for each dynamic symbol; [] when the file has no dynamic symbols."""
    if not any(header.type == SHT_DYNSYM for header in elf.sections):
        return []
    library = read_shared_library(elf, elf.name, elf.name)
    words: list[int] = []
    defined_here: dict[int, bool] = {}
    for index, header in enumerate(elf.sections):
        if header.type == SHT_GNU_VERSYM:
            data = elf.contents(index)
            words = [word[0] for word in iter_unpack("<H", data[: len(data) & ~1])]
        elif header.type == SHT_GNU_VERDEF:
            data = elf.contents(index)
            at = 0
            while at + 20 <= len(data):
                defined_here[int.from_bytes(data[at + 4 : at + 6], "little")] = True
                step = int.from_bytes(data[at + 16 : at + 20], "little")
                if step == 0:
                    break
                at += step
    result: list[SymbolVersion] = []
    for position, version in enumerate(library.versions):
        word = words[position] if position < len(words) else 0
        number = word & 0x7FFF
        if not version:
            result.append(SymbolVersion("", 0))
        elif number in defined_here:
            result.append(SymbolVersion(("@" if word & 0x8000 else "@@") + version, 0))
        else:
            result.append(SymbolVersion("@" + version, number))
    return result
