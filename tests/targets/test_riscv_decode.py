"""Encode, decode, encode again; compress and expand."""

from test_riscv_encode import make

from ourocc.targets.generated import riscv_opcodes as op
from ourocc.targets.generated import riscv_properties as properties
from ourocc.targets.generated.riscv_encodings import FORMAT
from ourocc.targets.riscv import instructions as table
from ourocc.targets.riscv.compressed import compress, expand
from ourocc.targets.riscv.decode import Decoder
from ourocc.targets.riscv.encode import encode, new_buffer


def test_round_trip() -> None:
    wrong = []
    for opcode in range(op.FIRST_OPCODE, op.OPCODE_COUNT):
        if FORMAT[opcode] in (table.BRANCH, table.JUMP, table.PSEUDO):
            continue
        for variant in range(12):
            buffer = new_buffer()
            encode(make(opcode, variant), buffer)
            decoded = Decoder(buffer.data).decode(0)
            again = new_buffer()
            if decoded is not None:
                encode(decoded.instruction, again)
            if again.data != buffer.data:
                wrong.append(f"{properties.opcode_name(opcode)} {buffer.data.hex()} {again.data.hex()}")
    assert not wrong, "\n".join(wrong)


def test_expansion_of_all_compressed_instructions() -> None:
    """What compress makes of an expansion is the same instruction again (perhaps in another spelling)."""
    legal = 0
    for half in range(1 << 16):
        if half & 3 == 3:
            continue
        word = expand(half)
        if not word or word & 0x7F in (0x63, 0x6F):
            continue
        legal += 1
        again = compress(word)
        if again:
            is_move = word & 0xFFF0707F == 0x13  # addi rd, rs, 0 becomes add rd, x0, rs
            assert expand(again) == word or is_move or word & 0x7F == 0x1B, hex(half)
    assert legal > 30000
