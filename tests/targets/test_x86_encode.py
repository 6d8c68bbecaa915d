"""Every x86-64 opcode, with several operands: what we print must assemble, by GNU as, to the bytes that we encode."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from ourocc.ir.function import Symbol
from ourocc.machine import instruction as machine
from ourocc.machine.instruction import MachineInstruction
from ourocc.targets.generated import x86_properties as properties
from ourocc.targets.generated.x86_opcodes import FIRST_OPCODE, OPCODE_COUNT
from ourocc.targets.x86.encode import ADDRESS_32, encode, new_buffer
from ourocc.targets.x86.printer import format_instruction
from ourocc.targets.x86.registers import RIP

SLOT = 16
REGISTERS = {
    1: (0, 1, 3, 4, 6, 8, 13, 15), 2: (0, 1, 5, 9, 12), 3: (0, 1, 5, 8, 12, 13), 4: (0, 1, 5, 9, 12, 15),
    5: (16, 17, 24, 31), 6: (33, 39, 34), 7: (48, 53), 8: (46, 47), 9: (0, 3, 8), 10: (0, 7),
}  # fmt: skip
MEMORIES = (
    (0, -1, 1, 0), (5, -1, 1, 0), (4, -1, 1, 8), (12, 1, 4, 0), (13, 9, 8, -128), (3, 12, 2, 128), (-1, -1, 1, 64),
    (-1, 1, 8, 5), (13, -1, 1, 0), (RIP, -1, 1, 16), (9, -1, 1, -70000), (5, 5, 1, 0),
)  # fmt: skip


def opcode_names() -> list[str]:
    return properties.NAMES.split()


def make(opcode: int, variant: int) -> MachineInstruction:
    """The opcode with operands that depend on `variant`."""
    instruction = MachineInstruction(opcode)
    numbers = []
    for slot in range(properties.REGISTER_COUNT[opcode]):
        choices = REGISTERS[properties.CLASSES[opcode * 4 + slot]]
        numbers.append(choices[(variant * (slot + 1) + slot) % len(choices)])
    numbers += [-1] * 4
    instruction.r0, instruction.r1, instruction.r2 = numbers[:3]
    if properties.PROPERTIES[opcode] & properties.MEMORY:
        base, index, scale, displacement = MEMORIES[variant % len(MEMORIES)]
        instruction.base, instruction.index = base, index
        instruction.scale, instruction.displacement = scale, displacement
        if variant == 5:
            instruction.segment = 46
        if variant in (3, 6):
            instruction.segment = ADDRESS_32 if base >= 0 else 47
    instruction.imm = (1, 5, 127, 100, 0, 18, 1, 2, 33, 77, 3, 90)[variant % 12]
    instruction.condition = variant + 2
    name = opcode_names()[opcode - FIRST_OPCODE]
    if properties.PROPERTIES[opcode] & properties.IMMEDIATE:
        if variant == 4 and name.startswith(("ADD", "CMP", "XOR", "MOV", "TEST", "AND", "IMUL", "PUSH")) and "X" not in name[3:]:
            instruction.imm = 0x1234 if "16" in name else 0x12345678 if "8" not in name else 0x12
    if name.startswith("MOVABS"):
        instruction.base = instruction.index = -1
        instruction.displacement = 0x1122334455667788
        instruction.imm = 0x1122334455667788
    if name == "ENTER":
        instruction.displacement = 3
    return instruction


def gnu_bytes(lines: list[str]) -> tuple[bytes, dict[int, str]]:
    """Contents of .text, one slot a line, and gas's errors by line index."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "x.s")
        errors: dict[int, str] = {}
        for _ in range(3):
            text = "".join(
                f".balign {SLOT}, 0\n" + ("nop" if index in errors else line) + "\n" for index, line in enumerate(lines)
            )
            source.write_text(text + f".balign {SLOT}, 0\n")
            result = subprocess.run(
                ["as", "-mtune=generic64", "-o", f"{folder}/x.o", str(source)], capture_output=True, text=True, check=False
            )
            if result.returncode == 0:
                break
            for message in result.stderr.splitlines():
                parts = message.split(":")
                if len(parts) > 2 and parts[1].isdigit() and "Warning" not in message:
                    errors[(int(parts[1]) - 1) // 2] = message
        subprocess.run(["objcopy", "-O", "binary", "-j", ".text", f"{folder}/x.o", f"{folder}/x.bin"], check=True)
        return Path(folder, "x.bin").read_bytes(), errors


@pytest.mark.skipif(shutil.which("as") is None, reason="needs GNU as as the oracle")
def test_every_opcode_as_gas() -> None:
    lines, wanted = [], []
    names = opcode_names()
    for opcode in range(FIRST_OPCODE, OPCODE_COUNT):
        name = names[opcode - FIRST_OPCODE]
        if name in ("JMP", "JCC", "CALL_SYMBOL", "XBEGIN", "LOOP", "LOOPE", "LOOPNE", "JRCXZ", "JECXZ", "FCLEX", "FINIT"):
            continue
        if name.startswith("PREFIX"):
            continue
        memory = properties.PROPERTIES[opcode] & properties.MEMORY
        for variant in range(12 if memory else 8 if properties.REGISTER_COUNT[opcode] else 1):
            instruction = make(opcode, variant)
            buffer = new_buffer()
            encode(instruction, buffer)
            lines.append(format_instruction(instruction))
            wanted.append((name, bytes(buffer.data)))
    data, errors = gnu_bytes(lines)
    wrong = []
    for index, (name, ours) in enumerate(wanted):
        theirs = data[index * SLOT : index * SLOT + SLOT]
        if index in errors:
            wrong.append(f"{name}: {lines[index]!r}: {errors[index]}")
        elif theirs != ours.ljust(SLOT, b"\0"):
            wrong.append(f"{name}: {lines[index]!r}: ours {ours.hex()} gas {theirs.hex()}")
    assert not wrong, f"{len(wrong)} of {len(wanted)}\n" + "\n".join(wrong[:400])


def test_relocations() -> None:
    symbol = Symbol("x")
    for kind, expected in ((machine.SYMBOL_PC_RELATIVE, 2), (machine.SYMBOL_GOT, 42), (machine.SYMBOL_GOTTPOFF, 22)):
        instruction = MachineInstruction(opcode_names().index("MOV64_RM") + FIRST_OPCODE)
        instruction.r0, instruction.base, instruction.symbol, instruction.symbol_kind = 0, RIP, symbol, kind
        buffer = new_buffer()
        encode(instruction, buffer)
        relocation = buffer.relocations[0]
        assert (relocation.type, relocation.offset, relocation.addend) == (expected, 3, -4)
