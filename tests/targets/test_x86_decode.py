"""Encode, decode, encode again: the bytes and the printed text must be the same for every opcode."""

from test_x86_encode import make, opcode_names

from ourocc.targets.generated import x86_properties as properties
from ourocc.targets.generated.x86_opcodes import FIRST_OPCODE, OPCODE_COUNT
from ourocc.targets.x86.decode import Decoder
from ourocc.targets.x86.encode import encode, new_buffer
from ourocc.targets.x86.printer import format_instruction

# Opcodes whose bytes are also another row's (the shorter spelling of the same instruction)
SAME_BYTES = ("PREFIX_", "FCLEX", "FINIT", "FSTSW", "FSTCW", "FSTENV", "FSAVE")


def test_round_trip() -> None:
    wrong = []
    for opcode in range(FIRST_OPCODE, OPCODE_COUNT):
        name = opcode_names()[opcode - FIRST_OPCODE]
        if name.startswith(SAME_BYTES):
            continue
        memory = properties.PROPERTIES[opcode] & properties.MEMORY
        for variant in range(12 if memory else 8 if properties.REGISTER_COUNT[opcode] else 1):
            instruction = make(opcode, variant)
            buffer = new_buffer()
            encode(instruction, buffer)
            buffer.finish()
            data = bytes(buffer.data)
            decoded = Decoder(data + b"\x90" * 8).decode(0)
            if decoded is None or decoded.size != len(data):
                wrong.append(f"{name} {format_instruction(instruction)} {data.hex()}: {decoded and decoded.size}")
                continue
            again = new_buffer()
            again_instruction = decoded.instruction
            if decoded.has_target and decoded.instruction.base < 0:
                continue  # branches: no target
            encode(again_instruction, again)
            again.finish()
            if bytes(again.data) != data or decoded.prefixes:
                wrong.append(
                    f"{name} {format_instruction(instruction)} {data.hex()}: "
                    f"{decoded.prefixes} {format_instruction(again_instruction)} {again.data.hex()}"
                )
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:100])
