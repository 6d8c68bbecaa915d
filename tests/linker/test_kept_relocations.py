"""--emit-relocs: each relocation of the output says what its place holds."""

from pathlib import Path

from ourocc.objects.elf_reader import ElfFile

from .support import gcc, needs_gcc, readelf, run, write

pytestmark = needs_gcc

MAIN = """
#include <stdio.h>
#include <string.h>
extern int missing(void) __attribute__((weak));
static int counter = 3;
static const char *names[] = {"one", "two", "the one"};
struct row { const char *name; int *count; int (*hook)(void); } rows[] = {
    {"row one", &counter, missing}, {"two", &counter + 1, 0}};
static __attribute__((noinline)) int helper(int x) { counter += x; return counter; }
int shared[4];
int *into = shared + 2;
int main(void) {
    static double scale = 2.5;
    printf("%s %s %d %g %d\\n", names[2], rows[0].name, helper(shared[1]), scale, into == &shared[2]);
    return missing ? missing() : helper(0) - 3;
}
"""
WORD = {"R_X86_64_64": 1, "R_X86_64_PC32": 2, "R_X86_64_PLT32": 4, "R_X86_64_32": 10, "R_X86_64_32S": 11}


def check_places(path: Path) -> dict[str, int]:
    """Evaluates S + A (- P) of each plain relocation; returns how many there are in each section."""
    data = path.read_bytes()
    elf = ElfFile(data, str(path))
    symbol_table = next(n for n, header in enumerate(elf.sections) if header.type == 2)
    symbols = elf.symbols(symbol_table)
    counts: dict[str, int] = {}
    for number, header in enumerate(elf.sections):
        if header.type != 4 or header.link != symbol_table:
            continue
        home = elf.sections[header.info]
        assert header.name == ".rela" + home.name and header.flags & 0x40
        for place, type, symbol, addend in elf.relocations(number):
            offset = place - home.address if home.flags & 2 else place
            assert 0 <= offset < home.size
            if type not in WORD.values() or not home.flags & 2:
                continue
            _name, info, _other, section, value, _size = symbols[symbol]
            if symbol and (section == 0 or info & 15 == 10):
                continue  # through the PLT, or missing and weak
            value += addend
            size = 8 if type == 1 else 4
            held = data[home.offset + offset : home.offset + offset + size]
            value -= place if type in (2, 4) else 0
            assert int.from_bytes(held, "little") == value % (1 << 8 * size), (home.name, hex(place), type, symbol)
            counts[home.name] = counts.get(home.name, 0) + 1
    return counts


def names_of(folder: Path, program: str) -> list[tuple[str, str]]:
    """(type, symbol) of the relocations against named symbols."""
    found = []
    for line in readelf(folder, "-r", program).splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[2].startswith("R_X86_64") and not fields[4].startswith("."):
            found.append((fields[2], fields[4]))
    return sorted(found)


def test_relocations_stay_and_are_true(tmp_path: Path) -> None:
    write(tmp_path, m_c=MAIN)
    options = ["-no-pie", "-g", "-O1", "-fno-pie", "-Wl,-q", "m.c"]
    gcc(tmp_path, *options, "-o", "ours")
    assert run(tmp_path, "ours") == "the one row one 3 2.5 1\n"
    counts = check_places(tmp_path / "ours")
    assert counts[".data"] >= 5 and counts[".text"] > 8 and ".rela.debug_info" in readelf(tmp_path, "-S", "ours")
    gcc(tmp_path, *options, "-o", "theirs", ours=False)
    mine = {"helper", "counter", "shared", "rows", "names", "into", "printf"}
    wanted = [row for row in names_of(tmp_path, "theirs") if row[1] in mine]
    assert [row for row in names_of(tmp_path, "ours") if row[1] in mine] == wanted and len(wanted) > 5


def test_relaxed_types_and_stripping(tmp_path: Path) -> None:
    write(tmp_path, a_c="extern int far; int main(void) { return far - 7; }", b_c="int far = 7;")
    gcc(tmp_path, "-fPIC", "-no-pie", "-O1", "-static", "-Wl,--emit-relocs", "a.c", "b.c", "-o", "a")
    run(tmp_path, "a")
    assert "GOTPCREL" not in "".join(line for line in readelf(tmp_path, "-r", "a").splitlines() if " far " in line)
    check_places(tmp_path / "a")
    gcc(tmp_path, "-no-pie", "-s", "-Wl,-q", "a.c", "b.c", "-o", "stripped")
    assert ".rela.text" not in readelf(tmp_path, "-S", "stripped")


def test_with_a_linker_script(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_s=".globl _start\n_start: jmp 1f\n1: mov $message, %eax\n call there\n.section .init.data,\"aw\"\n"
        "message: .quad _start, there\n.text\nthere: ret\n",
        t_ld="SECTIONS { . = 0x100000; .text : { *(.text) } .init : { *(.init.data) } }",
    )
    gcc(tmp_path, "-nostdlib", "-static", "-no-pie", "-Wl,-q", "-Wl,-T,t.ld", "a.s", "-o", "a")
    assert check_places(tmp_path / "a") == {".text": 1, ".init": 2}
