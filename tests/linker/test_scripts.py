"""-T linker scripts: GNU ld's own default ones, and one for a small machine; ld is the oracle."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ourocc.linker.command_line import parse_command_line
from ourocc.linker.elements import ErrorSink, LinkError
from ourocc.linker.link import link
from ourocc.linker.script_language import parse_linker_script

from .support import gcc, needs_gcc, readelf, run, write
from .test_linked_programs import EXPECTED, HELLO

pytestmark = needs_gcc

SCRIPT = """
/* flash and memory */
OUTPUT_ARCH(i386:x86-64)
ENTRY(_start)
MEMORY { FLASH (rx) : ORIGIN = 0x400000, LENGTH = 64K
         RAM (rwx) : ORIGIN = 0x800000, LENGTH = 0x10000 }
_stack = ORIGIN(RAM) + LENGTH(RAM);
SECTIONS {
  .vectors : { KEEP(*(.vectors)) LONG(0x12345678) BYTE(1) . = ALIGN(16); } > FLASH
  .text : { _text = .; *(.text .text.*) *(EXCLUDE_FILE(*b.o) .rodata .rodata.*) *(.rodata*) _etext = .; } >FLASH =0x90
  .data : ALIGN(16) { _data = .; *(SORT_BY_NAME(.data.*)) *(.data) . = . + 8; _edata = .; } >RAM AT>FLASH
  _load = LOADADDR(.data);
  .bss (NOLOAD) : { _bss = .; *(.bss COMMON) . = ALIGN(8); _ebss = .; } > RAM
  PROVIDE(unused = 3); PROVIDE(_used = DEFINED(_stack) ? 5 : 6);
  ASSERT(SIZEOF(.text) < 0x1000, "text is too big")
  /DISCARD/ : { *(.comment) *(.note*) *(.eh_frame) }
}
"""
PROGRAM = r"""
extern char _data[], _edata[], _load[], _bss[], _ebss[], _used[], _stack[], _text[], _etext[];
int a2 __attribute__((section(".data.b"))) = 5; int a1 __attribute__((section(".data.a"))) = 6;
int plain = 7; int zeroed[10];
__attribute__((section(".vectors"))) int v = 9;
static void put(const char *s, int n) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(1), "D"(1), "S"(s), "d"(n) : "rcx", "r11", "memory");
}
static void hex(unsigned long x) {
  char b[17];
  for (int i = 15; i >= 0; i--, x >>= 4) b[i] = "0123456789abcdef"[x & 15];
  b[16] = '\n'; put(b, 17);
}
void _start(void) {
  hex((long)_data); hex(_edata - _data); hex((long)_load); hex((long)_used); hex((long)_stack);
  hex(a1 + plain + zeroed[3]); hex((long)&a2 - (long)&a1); hex((long)&v);
  __asm__ volatile("syscall" :: "a"(60), "D"(0));
}
"""
BARE = ["-O1", "-ffreestanding", "-fno-pic", "-fno-stack-protector", "-nostdlib", "-static", "-no-pie"]


@pytest.mark.skipif(shutil.which("ld") is None, reason="asks ld for its default scripts")
@pytest.mark.parametrize(
    "flags",
    [["-no-pie", "-fno-pie"], ["-static", "-no-pie", "-fno-pie"], ["-pie", "-fPIE"], ["-static-pie", "-fPIE"]],
    ids=lambda flags: flags[0],
)
def test_default_scripts_of_ld(tmp_path: Path, flags: list[str]) -> None:
    mode = ["-pie"] if "pie" in flags[0] and flags[0] != "-no-pie" else []
    text = subprocess.run(["ld", *mode, "--verbose"], capture_output=True, text=True, check=True).stdout
    write(tmp_path, hello_c=HELLO, default_ld=text.split("=" * 50)[1])
    gcc(tmp_path, *flags, "-T", "default.ld", "hello.c", "-o", "hello")
    assert run(tmp_path, "hello") == EXPECTED
    if not mode or flags[0] == "-pie":
        readelf(tmp_path, "-l", "hello")


def test_small_machine_like_ld(tmp_path: Path) -> None:
    write(tmp_path, bare_ld=SCRIPT, bare_c=PROGRAM)
    gcc(tmp_path, *BARE, "-T", "bare.ld", "bare.c", "-o", "ours")
    gcc(tmp_path, *BARE, "-T", "bare.ld", "bare.c", "-o", "theirs", ours=False)
    assert run(tmp_path, "ours") == run(tmp_path, "theirs")
    names = []
    for program in ("ours", "theirs"):
        output = subprocess.run(["nm", program], cwd=tmp_path, capture_output=True, text=True).stdout
        names.append([line.split()[::2] for line in output.splitlines()])
    assert names[0] == names[1]
    segments = [readelf(tmp_path, "-l", program).split("Section to")[0].count("LOAD") for program in ("ours", "theirs")]
    assert segments[0] == segments[1]


def test_program_headers_and_load_addresses(tmp_path: Path) -> None:
    write(
        tmp_path,
        k_ld="""
        ENTRY(_start)
        PHDRS { text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); note PT_NOTE FLAGS(0); }
        SECTIONS {
          . = 0xffffffff81000000;
          .text : AT(ADDR(.text) - 0xffffffff80000000) { _text = .; *(.text) } :text =0xcccc
          .rodata : AT(ADDR(.rodata) - 0xffffffff80000000) { *(.rodata*) }
          .notes : AT(ADDR(.notes) - 0xffffffff80000000) { *(.note.*) } :text :note
          . = ALIGN(0x1000);
          .data : AT(ADDR(.data) - 0xffffffff80000000) { *(.data) } :data
          size = ABSOLUTE(. - _text); late = early + 1; early = 4;
          /DISCARD/ : { *(.comment) *(.eh_frame) }
        }
        """,
        k_c="int x = 3; const int y = 4; int _start(void) { return x + y; }",
    )
    flags = [
        "-O1",
        "-mcmodel=kernel",
        "-nostdlib",
        "-static",
        "-no-pie",
        "-fno-pic",
        "-Wl,-T,k.ld,-z,max-page-size=0x1000",
    ]
    for program, own in (("ours", True), ("theirs", False)):
        gcc(tmp_path, *flags, "k.c", "-o", program, ours=own)
    headers = []
    for program in ("ours", "theirs"):
        lines = readelf(tmp_path, "-l", program).splitlines()
        rows = [line.split() for line in lines if line.strip().startswith(("LOAD", "NOTE"))]
        headers.append([row[:1] + row[2:4] for row in rows])
    assert headers[0] == headers[1]
    symbols = readelf(tmp_path, "-s", "ours")
    assert " ABS early" in symbols and "0000000000000005" in symbols


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("SECTIONS { .text : { *(.text) } > NOWHERE }", "NOWHERE"),
        ('SECTIONS { ASSERT(0, "never") }', "never"),
        ("SECTIONS { .text : { *(.text) ", "expected"),
        ("SECTIONS { x = ; }", "expression"),
        ("MEMORY { R : ORIGIN = 0, LENGTH = 1 } SECTIONS { .text : { *(.text) LONG(1) } > R }", "overflowed"),
        ("SECTIONS { x = 1 / 0; }", "division by zero"),
        ("SECTIONS { x = undefined_name; }", "undefined_name"),
        ("/* open", "comment"),
    ],
)
def test_mistakes_are_reported(tmp_path: Path, script: str, message: str) -> None:
    write(tmp_path, a_ld=script, a_c="void _start(void) {}")
    gcc(tmp_path, "-c", "a.c")
    line = parse_command_line(["-static", str(tmp_path / "a.o"), "-T", str(tmp_path / "a.ld")])
    errors = ErrorSink()
    assert link(line.options, line.inputs, errors) == b""
    assert any(message in error for error in errors.errors), errors.errors


def test_parser_survives_damage() -> None:
    import random

    generator = random.Random(3)
    for _ in range(400):
        text = list(SCRIPT)
        for _ in range(generator.randint(1, 4)):
            place = generator.randrange(len(text))
            text[place] = generator.choice(["", "{", "}", "(", ")", ";", "*", '"', "=", " ", ":", "/", "0"])
        try:
            parse_linker_script("".join(text), "bad.ld")
        except LinkError as problem:
            assert problem.message.startswith("bad.ld:")


def test_relocatable_output_by_script(tmp_path: Path) -> None:
    """As kernel modules are linked: sections joined, sorted, discarded, named; still an object."""
    write(
        tmp_path,
        a_c="""
        #include <stdio.h>
        int a1 = 1, a2 = 2, b1; static int tab[4] = { 1, 2, 3, 4 }; int *place = &tab[2];
        int z __attribute__((section("table+z"))) = 26, a __attribute__((section("table+a"))) = 1;
        int gone __attribute__((section(".discard.x"))) = 3;
        extern char text_start[], text_end[]; extern int table_start[];
        int f1(void) { return a1 + b1; }
        int main(void) { printf("%d %d %d %d\\n", f1() + a2, *place, table_start[0], text_end > text_start); return 0; }
        """,
        m_lds="""SECTIONS {
          /DISCARD/ : { *(.discard.*) *(.comment) }
          table 0 : ALIGN(64) { table_start = .; *(SORT(table+*)) LONG(0x77) }
          .data : { *(.data .data.*) }
          .bss : { . = ALIGN(16); *(.bss .bss.*) }
          .text : { text_start = .; *(.text .text.*) text_end = .; }
        }""",
    )
    gcc(tmp_path, "-ffunction-sections", "-fdata-sections", "-c", "a.c")
    gcc(tmp_path, "-nostdlib", "-r", "-T", "m.lds", "a.o", "-o", "r.o")
    shown = readelf(tmp_path, "-SW", "r.o")
    assert ".text.f1" not in shown and ".discard" not in shown and "table+" not in shown
    table = next(line.split() for line in shown.splitlines() if "] table" in line)
    assert table[-1] == "64" and int(table[-6], 16) == 12
    gcc(tmp_path, "r.o", "-o", "m", ours=False)
    assert run(tmp_path, "m") == "3 3 1 1\n"
    write(tmp_path, w_lds="SECTIONS { .text : { *(.text.*) } } end = .;")
    assert "not supported with -r" in gcc(tmp_path, "-nostdlib", "-r", "-T", "w.lds", "a.o", "-o", "x.o", fails=True)
