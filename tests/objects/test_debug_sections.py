"""Call frame information and line tables, as readelf, addr2line and gdb see them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ourocc.objects.call_frame import (
    CFI_ADJUST_CFA_OFFSET,
    CFI_DEF_CFA,
    CFI_DEF_CFA_OFFSET,
    CFI_DEF_CFA_REGISTER,
    CFI_OFFSET,
    CFI_REMEMBER_STATE,
    CFI_RESTORE_STATE,
    CallFrameFunction,
    CallFrameInstruction,
    write_debug_frame,
    write_eh_frame,
)
from ourocc.objects.debug_info import DW_LANG_C11, DebugFunction, DebugUnit, write_compile_unit
from ourocc.objects.elf_writer import write_object
from ourocc.objects.line_table import ROW_IS_STATEMENT, LineRow, LineSequence, LineTable
from ourocc.objects.model import (
    DEFINED,
    EM_X86_64,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHT_PROGBITS,
    STT_FUNC,
    ObjectFile,
    Symbol,
)

needs_binutils = pytest.mark.skipif(
    shutil.which("readelf") is None, reason="readelf is the independent reader"
)


def code_object() -> ObjectFile:
    """main: push rbp; mov rbp,rsp; xor eax,eax; pop rbp; ret (and the same again as `other`)."""
    obj = ObjectFile(EM_X86_64)
    text = obj.section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16)
    for name in ("main", "other"):
        symbol = Symbol(name, DEFINED)
        symbol.section, symbol.value, symbol.size, symbol.type = text, len(text.data), 8, STT_FUNC
        obj.symbols.append(symbol)
        text.data += bytes.fromhex("554889e531c05dc3")
    return obj


def frames(obj: ObjectFile) -> list[CallFrameFunction]:
    result = []
    for start in (0, 8):
        function = CallFrameFunction(obj.sections[0], start, start + 8)
        function.instructions = [
            CallFrameInstruction(start + 1, CFI_ADJUST_CFA_OFFSET, value=8),
            CallFrameInstruction(start + 1, CFI_OFFSET, 6, -16),
            CallFrameInstruction(start + 4, CFI_DEF_CFA_REGISTER, 6),
            CallFrameInstruction(start + 6, CFI_REMEMBER_STATE),
            CallFrameInstruction(start + 7, CFI_DEF_CFA, 7, 8),
            CallFrameInstruction(start + 8, CFI_RESTORE_STATE),
            CallFrameInstruction(start + 8, CFI_DEF_CFA_OFFSET, value=24),
        ]
        result.append(function)
    return result


@needs_binutils
def test_frames_as_readelf_reads_them(tmp_path: Path) -> None:
    obj = code_object()
    write_eh_frame(obj, frames(obj))
    write_debug_frame(obj, frames(obj))
    (tmp_path / "x.o").write_bytes(write_object(obj))
    text = subprocess.run(
        ["readelf", "--debug-dump=frames", "x.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert text.stderr == ""
    assert text.stdout.count(" CIE") == 2 and text.stdout.count(" FDE cie=") == 4
    assert "pc=0000000000000008..0000000000000010" in text.stdout
    assert "DW_CFA_def_cfa_offset: 16" in text.stdout
    assert "DW_CFA_offset: r6 (rbp) at cfa-16" in text.stdout
    assert "DW_CFA_offset: r16 (rip) at cfa-8" in text.stdout


def lined_object(version: int, directory: str) -> ObjectFile:
    obj = code_object()
    text = obj.sections[0]
    table = LineTable(version, directory, "hello.c")
    header = table.file("include/deep.h")
    assert table.file("hello.c") == 0 and table.file("include/deep.h") == header
    sequence = LineSequence(text, 16)
    for offset, file, line, column in (
        (0, 0, 3, 16),
        (4, 0, 4, 5),
        (6, 0, 5, 1),
        (8, header, 70, 2),
        (12, header, 71, 2),
    ):
        sequence.rows.append(LineRow(offset, file, line, column, ROW_IS_STATEMENT))
    table.sequences.append(sequence)
    unit = DebugUnit(table, "hello.c", directory, "ourocc", DW_LANG_C11)
    unit.functions.append(DebugFunction("main", text, 0, 8, 0, 3, True))
    unit.functions.append(DebugFunction("other", text, 8, 16, header, 70, True))
    write_compile_unit(obj, unit)
    return obj


@needs_binutils
@pytest.mark.parametrize("version", [4, 5])
def test_lines_and_unit(tmp_path: Path, version: int) -> None:
    obj = lined_object(version, str(tmp_path))
    write_eh_frame(obj, frames(obj))
    (tmp_path / "hello.o").write_bytes(write_object(obj))
    (tmp_path / "hello.c").write_text("\n\nint main() {\n return 0;\n}\n")
    shown = subprocess.run(
        ["readelf", "--debug-dump=decodedline,info,aranges", "hello.o"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert shown.stderr == ""
    assert "DW_TAG_subprogram" in shown.stdout
    if shutil.which("gcc") is None:
        return
    subprocess.run(["gcc", "-no-pie", "hello.o", "-o", "hello"], cwd=tmp_path, check=True)
    symbols = subprocess.run(["nm", "hello"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    main = next(int(line.split()[0], 16) for line in symbols.splitlines() if line.endswith(" T main"))
    found = subprocess.run(
        ["addr2line", "-f", "-e", "hello", hex(main + 4), hex(main + 13)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert found == ["main", f"{tmp_path}/hello.c:4", "other", f"{tmp_path}/include/deep.h:71"]
    if shutil.which("gdb"):
        script = ["-ex", "break hello.c:4", "-ex", "run", "-ex", "next", "-ex", "info line", "-ex", "kill"]
        session = subprocess.run(
            ["gdb", "-batch", "-nx", *script, "./hello"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        if "Breakpoint 1, main" in session:  # containers may forbid ptrace
            assert "hello.c:4" in session and "5\t}" in session


@pytest.mark.skipif(shutil.which("gdb") is None, reason="gdb is the independent reader")
@pytest.mark.parametrize("version", ("-g", "-gdwarf-4"))
def test_lines_of_assembly_text(tmp_path: Path, version: str) -> None:
    """-g of a .S file: gdb steps by its lines, a macro's instructions belong to the call's line."""
    import sys

    (tmp_path / "a.S").write_text(
        "#define V 5\n.macro twice x\n nop\n inc \\x\n.endm\n.globl f\n.type f,@function\nf:\n mov $V, %eax\n"
        " twice %eax\n ret\n.section .note.GNU-stack,\"\"\n"
    )
    (tmp_path / "m.c").write_text("int f(void); int main(void) { return f() - 6; }\n")
    compiler = [sys.executable, "-m", "ourocc", version, "a.S", "m.c", "-o", "m"]
    root = Path(__file__).parents[2]
    subprocess.run(compiler, cwd=tmp_path, check=True, env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"})
    script = ["-ex", "break f", "-ex", "run", "-ex", "step", "-ex", "step", "-ex", "backtrace"]
    shown = subprocess.run(
        ["gdb", "-nx", "-batch", *script, "./m"], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout
    if "Breakpoint 1, f" not in shown:
        pytest.skip("gdb cannot run programs here")
    assert "f () at a.S:9" in shown and "10\t twice %eax" in shown and "#0  f () at a.S:11" in shown
