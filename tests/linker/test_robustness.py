"""Damaged inputs: the linker says what is wrong, and never fails in another way."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from ourocc.linker.command_line import parse_command_line
from ourocc.linker.elements import ErrorSink
from ourocc.linker.link import link
from ourocc.linker.options import INPUT_OBJECT, LinkInput, LinkOptions
from ourocc.objects.model import (
    DEFINED,
    EM_X86_64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHT_PROGBITS,
    STT_FUNC,
    ObjectFile,
    Relocation,
    Symbol,
)

SOURCE = r"""
__thread int t; extern int ext; static const char *s = "hello"; int arr[3]; int (*fp)(int);
static int loc(int x) { return x + t; }
int f(int x) { fp = loc; return loc(x) + arr[1] + s[0] + ext; }
__attribute__((weak)) int w(void) { return 1; } __attribute__((constructor)) void c(void) {}
int main(void) { return f(1) + w(); }
"""


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc makes the object to damage")
def test_damaged_objects_archives_and_libraries(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(SOURCE)
    (tmp_path / "lib.c").write_text("int ext = 1; int w(void) { return 2; }")
    for command in (
        ["gcc", "-O1", "-g", "-fPIC", "-fcommon", "-c", "a.c"],
        ["gcc", "-shared", "-fPIC", "lib.c", "-o", "lib.so"],
        ["ar", "rcs", "a.a", "a.o"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True)
    generator = random.Random(7)
    bad = tmp_path / "bad"
    object_path, library_path = str(tmp_path / "a.o"), str(tmp_path / "lib.so")
    modes = {
        "a.o": [
            ["-shared", "--eh-frame-hdr", str(bad)],
            ["-pie", "--gc-sections", "-e", "main", str(bad), library_path],
        ],
        "lib.so": [["-e", "main", object_path, str(bad)]],
        "a.a": [["-static", "-u", "main", str(bad)], ["-r", "--whole-archive", str(bad)]],
    }
    succeeded = failed = 0
    for _ in range(450):
        name = generator.choice(list(modes))
        data = bytearray((tmp_path / name).read_bytes())
        for _ in range(generator.choice([1, 1, 2, 5])):
            near_end = len(data) - 1 - generator.randrange(min(2600, len(data)))
            place = generator.choice([generator.randrange(len(data)), generator.randrange(64), near_end])
            data[place] = generator.choice([0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)])
        if generator.random() < 0.1:
            del data[generator.randrange(len(data)) :]
        bad.write_bytes(data)
        line = parse_command_line(generator.choice(modes[name]))
        errors = ErrorSink()
        output = link(line.options, line.inputs, errors)
        assert bool(output) != bool(errors.errors)
        succeeded += bool(output)
        failed += not output
    assert succeeded > 50 and failed > 50


def test_objects_from_memory() -> None:
    """What the compiler hands over needs no file: exit(7), linked statically."""
    obj = ObjectFile(EM_X86_64)
    text = obj.section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16)
    text.data += bytes.fromhex("e800000000bf07000000b83c0000000f05c3")
    start = Symbol("_start", DEFINED)
    start.section, start.type, start.size = text, STT_FUNC, 17
    callee = Symbol("callee", DEFINED)
    callee.section, callee.value = text, 17
    obj.symbols += [start, callee]
    text.relocations.append(Relocation(1, 4, callee, -4))
    item = LinkInput(INPUT_OBJECT, "memory.o")
    item.object = obj
    options = LinkOptions()
    options.static = True
    errors = ErrorSink()
    image = link(options, [item], errors)
    assert errors.errors == [] and image[:4] == b"\x7fELF"


def test_junk_inputs(tmp_path: Path) -> None:
    for content in (b"", b"junk", b"\x7fELF", b"!<arch>\n123", b"\0\1\2", b"GROUP ( ", b"INPUT(a", b"FROB(1)"):
        (tmp_path / "junk").write_bytes(content)
        errors = ErrorSink()
        line = parse_command_line(["-m", "elf_x86_64", str(tmp_path / "junk")])
        assert link(line.options, line.inputs, errors) == b"" and len(errors.errors) == 1, content
