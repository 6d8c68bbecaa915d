"""Objects and archives: read what gcc and ar write, write it again, and let independent readers look."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ourocc.objects.archive import Archive, ArchiveMember, write_archive
from ourocc.objects.elf_reader import ObjectFormatError, read_object
from ourocc.objects.elf_writer import write_object
from ourocc.objects.model import (
    COMMON,
    DEFINED,
    EM_X86_64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_LOCAL,
    STT_FUNC,
    STT_OBJECT,
    ObjectFile,
    Relocation,
    Symbol,
)

needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is the oracle")

SOURCE = r"""
#include <stdio.h>
__thread int counter = 3;
int zeroed[100];
static int twice(int x) { return x * 2; }
static inline int thrice(int x) { return x * 3; }
__attribute__((weak)) int maybe(void);
int main(void) {
    int (*f)(int) = zeroed[1] ? thrice : twice;
    printf("%d %d %d\n", f(21), counter, maybe ? 1 : 0);
    return 0;
}
"""


def compile_object(tmp_path: Path, source: str, *flags: str) -> bytes:
    (tmp_path / "in.c").write_text(source)
    subprocess.run(["gcc", "-c", *flags, "in.c", "-o", "in.o"], cwd=tmp_path, check=True)
    return (tmp_path / "in.o").read_bytes()


@needs_gcc
@pytest.mark.parametrize("flags", [["-O0"], ["-O2", "-g", "-ffunction-sections"]])
def test_written_again_links_and_runs(tmp_path: Path, flags: list[str]) -> None:
    data = compile_object(tmp_path, SOURCE, *flags)
    again = write_object(read_object(data, "in.o"))
    (tmp_path / "out.o").write_bytes(again)
    subprocess.run(["gcc", "out.o", "-o", "out"], cwd=tmp_path, check=True)
    result = subprocess.run(["./out"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert result.stdout == "42 3 0\n"
    assert write_object(read_object(again, "out.o")) == again


def made_object() -> ObjectFile:
    obj = ObjectFile(EM_X86_64)
    text = obj.section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16)
    bss = obj.section(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 8)
    bss.nobits_size = 24
    text.data += bytes.fromhex("e800000000c3")
    main = Symbol("main", DEFINED)
    main.section, main.type, main.size = text, STT_FUNC, 6
    local = Symbol("buffer", DEFINED)
    local.section, local.type, local.size, local.binding = bss, STT_OBJECT, 24, STB_LOCAL
    shared = Symbol("shared", COMMON)
    shared.value, shared.size = 8, 16
    callee = Symbol("callee")
    obj.symbols += [main, local, shared]
    text.relocations.append(Relocation(1, 4, callee, -4))
    text.relocations.append(Relocation(1, 2, bss.section_symbol(), 8))
    return obj


def test_symbols_that_only_relocations_mention_are_written() -> None:
    obj = read_object(write_object(made_object()), "x.o")
    assert [s.name for s in obj.symbols if s.name] == ["buffer", "main", "shared", "callee"]
    text = obj.sections[0]
    assert [(r.offset, r.type, r.symbol.name, r.addend) for r in text.relocations] == [
        (1, 4, "callee", -4),
        (1, 2, "", 8),
    ]
    assert obj.sections[1].size() == 24


def test_pyelftools_reads_it(tmp_path: Path) -> None:
    elffile = pytest.importorskip("elftools.elf.elffile")
    path = tmp_path / "x.o"
    path.write_bytes(write_object(made_object()))
    with path.open("rb") as file:
        elf = elffile.ELFFile(file)
        names = [section.name for section in elf.iter_sections()]
        assert names == ["", ".text", ".rela.text", ".bss", ".symtab", ".strtab", ".shstrtab"]
        table = elf.get_section_by_name(".symtab")
        assert table["sh_info"] == 3
        assert table.get_symbol_by_name("shared")[0]["st_shndx"] == "SHN_COMMON"


@needs_gcc
def test_groups_keep_their_members(tmp_path: Path) -> None:
    data = compile_object(tmp_path, "int x;\n")
    (tmp_path / "g.s").write_text(
        '.section .text.f,"axG",@progbits,f,comdat\n.weak f\nf: call g\n.section .rodata.f,"aG",@progbits,f,comdat\n.byte 1\n'
    )
    subprocess.run(["gcc", "-c", "g.s"], cwd=tmp_path, check=True)
    obj = read_object((tmp_path / "g.o").read_bytes(), "g.o")
    again = read_object(write_object(obj), "g.o")
    assert [m.name for m in again.groups[0].members] == [".text.f", ".rodata.f"]
    assert again.groups[0].signature.name == "f" and again.groups[0].comdat
    assert data


@needs_gcc
def test_archives_of_ar(tmp_path: Path) -> None:
    data = compile_object(tmp_path, "int first(void) { return 1; } int common_name;")
    (tmp_path / "a_name_that_is_longer_than_fifteen.o").write_bytes(data)
    subprocess.run(
        ["ar", "rcs", "x.a", "in.o", "a_name_that_is_longer_than_fifteen.o"], cwd=tmp_path, check=True
    )
    archive = Archive((tmp_path / "x.a").read_bytes(), "x.a")
    members = archive.members()
    assert [m.name for m in members] == ["in.o", "a_name_that_is_longer_than_fifteen.o"]
    assert archive.symbol_index() == {"first": members[0].offset, "common_name": members[0].offset}
    assert write_archive(members) == (tmp_path / "x.a").read_bytes()
    subprocess.run(["ar", "rcsT", "thin.a", "in.o"], cwd=tmp_path, check=True)
    thin = Archive((tmp_path / "thin.a").read_bytes(), "thin.a")
    assert thin.thin and [m.name for m in thin.members()] == ["in.o"]
    assert write_archive([ArchiveMember("in.o", data)], thin=True) == (tmp_path / "thin.a").read_bytes()


def test_malformed_objects_raise_one_error() -> None:
    good = write_object(made_object())
    generator = random.Random(1)
    for _ in range(1500):
        data = bytearray(good)
        for _ in range(generator.randint(1, 4)):
            data[generator.randrange(len(data))] = generator.choice(
                [0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)]
            )
        if generator.random() < 0.2:
            del data[generator.randrange(len(data)) :]
        try:
            read_object(bytes(data), "bad.o")
        except ObjectFormatError as problem:
            assert problem.message.startswith("bad.o: ")


def test_malformed_archives_raise_one_error() -> None:
    good = write_archive(
        [ArchiveMember("a.o", write_object(made_object())), ArchiveMember("a_long_name_of_member.o", b"x")]
    )
    generator = random.Random(2)
    for _ in range(1500):
        data = bytearray(good)
        data[generator.randrange(200)] = generator.randrange(256)
        if generator.random() < 0.3:
            del data[generator.randrange(len(data)) :]
        try:
            archive = Archive(bytes(data), "bad.a")
            archive.symbol_index()
            archive.members()
        except ObjectFormatError as problem:
            assert problem.message.startswith("bad.a: ")
