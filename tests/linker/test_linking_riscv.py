"""RISC-V: the same programs through the same linker."""

from pathlib import Path

import pytest

from ourocc.targets.riscv.relocations import RiscvRelocations

from .support import needs_riscv, riscv_gcc, riscv_run, write
from .test_linked_programs import EXPECTED, HELLO, LIBRARY, USER


@needs_riscv
@pytest.mark.parametrize(
    "flags",
    [
        ["-static"],
        ["-static", "-O2", "-mno-relax", "-Wl,--gc-sections", "-ffunction-sections"],
        ["-no-pie", "-fno-pie"],
        ["-pie", "-fPIE", "-O2"],
    ],
    ids=" ".join,
)
def test_hello(tmp_path: Path, flags: list[str]) -> None:
    write(tmp_path, hello_c=HELLO)
    riscv_gcc(tmp_path, *flags, "hello.c", "-o", "hello")
    assert riscv_run(tmp_path, "hello") == EXPECTED


@needs_riscv
@pytest.mark.parametrize("flags", [["-no-pie", "-fno-pie"], ["-pie", "-fPIE", "-O2"]], ids=" ".join)
def test_shared_library(tmp_path: Path, flags: list[str]) -> None:
    library = LIBRARY.replace('__attribute__((ifunc("resolve")))', "").replace(
        "int indirect(void) ;", "int indirect(void) { return implementation(); }"
    )
    write(tmp_path, lib_c=library, user_c=USER)
    riscv_gcc(tmp_path, "-shared", "-fPIC", "lib.c", "-o", "libours.so")
    riscv_gcc(tmp_path, *flags, "user.c", "-o", "user", "-L.", "-lours")
    assert riscv_run(tmp_path, "user") == "say x\n109 7 3 100 1 77 77 1 1 109\n"


@needs_riscv
def test_padding_is_trimmed_to_the_alignment(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_s="""
        .option rvc
        .globl main
        main: c.nop
        .p2align 4
        here: la a0, here
        andi a0, a0, 15
        beqz a0, good
        li a0, 1
        ret
        .p2align 5
        good: c.nop
        la a1, good
        andi a0, a1, 31
        ret
        .size main, .-main
        """,
    )
    riscv_gcc(tmp_path, "-static", "a.s", "-o", "a")
    riscv_run(tmp_path, "a")


def decode_branch(word: int) -> int:
    value = (word >> 31 & 1) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 0x3F) << 5 | (word >> 8 & 0xF) << 1
    return value - 0x2000 if value & 0x1000 else value


def test_branch_field_round_trip() -> None:
    target = RiscvRelocations()
    field = target.fields[16]
    for value in (-4096, -2, 0, 2, 30, 2046, 2048, 4094):
        data = bytearray.fromhex("63840500")
        assert target.patch(data, 0, field, value)
        assert decode_branch(int.from_bytes(data, "little")) == value
    assert not target.patch(bytearray(4), 0, field, 4096)
    assert not target.patch(bytearray(4), 0, field, 3)
