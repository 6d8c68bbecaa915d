"""Every RISC-V opcode, with several operands: what we print must assemble, by GNU as, to the bytes that we encode."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from ourocc.machine.instruction import Label, MachineInstruction
from ourocc.targets.generated import riscv_opcodes as op
from ourocc.targets.generated import riscv_properties as properties
from ourocc.targets.generated.riscv_encodings import FORMAT
from ourocc.targets.riscv import instructions as table
from ourocc.targets.riscv.encode import encode, new_buffer
from ourocc.targets.riscv.printer import format_instruction

AS = "riscv64-linux-gnu-as"
INTEGERS = (10, 1, 31, 8, 5, 0, 17)
FLOATS = (42, 32, 63, 41, 50)
IMMEDIATES = (0, 1, -1, 2047, -2048, 100)
BIG = (0, 5, -2048, 2048, 0x12345678, -0x80000000, 0x7FFFFFFF, 0x80000000, 0x123456789ABCDEF0, -1 << 63, 0xFFFFFFFF, 4096)
SLOT = 64


def make(opcode: int, variant: int) -> MachineInstruction:
    instruction = MachineInstruction(opcode)
    numbers = []
    for slot in range(properties.REGISTER_COUNT[opcode]):
        choices = FLOATS if properties.CLASSES[opcode * 4 + slot] == properties.CLASS_FLOAT else INTEGERS
        numbers.append(choices[(variant * (slot + 1) + slot) % len(choices)])
    numbers += [-1] * 4
    instruction.r0, instruction.r1, instruction.r2, instruction.r3 = numbers[:4]
    layout = FORMAT[opcode]
    instruction.base = INTEGERS[variant % len(INTEGERS)]
    instruction.imm = IMMEDIATES[variant % len(IMMEDIATES)]
    if layout in (table.LOAD, table.STORE):
        instruction.displacement = IMMEDIATES[variant % len(IMMEDIATES)]
    if layout in (table.SHIFT, table.SHIFT_WORD, table.SYSTEM_IMMEDIATE):
        instruction.imm = instruction.displacement = variant * (5 if layout == table.SHIFT else 2)
    if layout == table.SYSTEM_REGISTER:
        instruction.imm = 0x300 + variant
    if layout == table.UPPER:
        instruction.imm = (0, 1, 0xFFFFF, 0x12345)[variant % 4]
    if layout == table.FENCE:
        instruction.imm = (0xFF, 0x31, 0x13, 0x82)[variant % 4]
    if opcode == op.LI:
        instruction.imm = BIG[variant % len(BIG)]
        instruction.r0 = 10 + variant % 8
    if properties.opcode_name(opcode).startswith(("FADD", "FCVT_W", "FMADD")):
        instruction.condition = variant % 6
    return instruction


@pytest.mark.skipif(shutil.which(AS) is None, reason="needs GNU as for RISC-V as the oracle")
def test_every_opcode_as_gas() -> None:
    lines, wanted, names = [], [], []
    for opcode in range(op.FIRST_OPCODE, op.OPCODE_COUNT):
        layout = FORMAT[opcode]
        if layout in (table.BRANCH, table.JUMP):
            continue
        if layout == table.PSEUDO and opcode not in (op.MV, op.FMV_S, op.FMV_D, op.LI, op.JR, op.RET, op.CALL_REG):
            continue
        for variant in range(12):
            instruction = make(opcode, variant)
            buffer = new_buffer()
            encode(instruction, buffer)
            lines.append(format_instruction(instruction))
            wanted.append(bytes(buffer.data))
            names.append(properties.opcode_name(opcode))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "x.s")
        text = ".option norvc\n.option norelax\n" + "".join(f"{line}\n.balign {SLOT}\n" for line in lines)
        source.write_text(text)
        subprocess.run([AS, "-march=rv64gc_zihintpause", "-o", f"{folder}/x.o", str(source)], check=True)
        subprocess.run(["objcopy", "-I", "elf64-little", "-O", "binary", "-j", ".text", f"{folder}/x.o", f"{folder}/x.bin"], check=True)
        data = Path(folder, "x.bin").read_bytes()
    wrong = []
    for index, ours in enumerate(wanted):
        theirs = data[index * SLOT : index * SLOT + len(ours) + 4]
        if theirs[: len(ours)] != ours or theirs[len(ours) :] not in (b"\x13\0\0\0", b""):
            wrong.append(f"{names[index]}: {lines[index]!r}: ours {ours.hex()} gas {theirs.hex()}")
    assert not wrong, f"{len(wrong)} of {len(wanted)}\n" + "\n".join(wrong[:100])


def test_branch_relaxation() -> None:
    for gap, size in ((4088, 4), (4092, 8)):
        buffer = new_buffer()
        label = Label(1)
        instruction = MachineInstruction(op.BEQ)
        instruction.r0, instruction.r1, instruction.label = 10, 11, label
        encode(instruction, buffer)
        buffer.data += bytes(gap)
        buffer.bind(label)
        buffer.finish()
        assert len(buffer.data) == gap + size
