"""Every form of the table, printed, must be assembled back to the same bytes."""

import sys
from pathlib import Path

from gnu import describe, ours

from ourocc.targets.generated import x86_properties as properties
from ourocc.targets.generated.x86_opcodes import FIRST_OPCODE, OPCODE_COUNT
from ourocc.targets.x86.encode import encode, new_buffer
from ourocc.targets.x86.printer import format_instruction

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "targets"))

from test_x86_encode import make, opcode_names  # type: ignore[import-not-found]  # noqa: E402

BRANCHES = ("JMP", "JCC", "CALL_SYMBOL", "XBEGIN", "LOOP", "LOOPE", "LOOPNE", "JRCXZ", "JECXZ")


def test_print_and_parse() -> None:
    lines, wanted = [], []
    for opcode in range(FIRST_OPCODE, OPCODE_COUNT):
        name = opcode_names()[opcode - FIRST_OPCODE]
        if name in BRANCHES:
            continue
        memory = properties.PROPERTIES[opcode] & properties.MEMORY
        for variant in range(4 if memory else 2):
            instruction = make(opcode, variant)
            buffer = new_buffer()
            encode(instruction, buffer)
            lines.append(format_instruction(instruction))
            wanted.append(bytes(buffer.data))
    data, messages = ours("".join(f"{line}\n.balign 16, 0\n" for line in lines))
    assert not messages, "\n".join(messages[:50]) + "\n" + lines[0]
    text = describe(data)["section .text"][1]
    wrong = []
    for index, expected in enumerate(wanted):
        found = text[index * 16 : index * 16 + len(expected)]
        if found != expected:
            wrong.append(f"{lines[index]}: {found.hex()} is not {expected.hex()}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:50])
