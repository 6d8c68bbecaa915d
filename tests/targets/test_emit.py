"""Branch relaxation, alignment and label fixups of the code buffer."""

from ourocc.machine.instruction import Label, MachineInstruction
from ourocc.targets.generated import x86_opcodes as op
from ourocc.targets.x86.encode import CodeBuffer, encode, new_buffer


def jump(buffer: CodeBuffer, label: Label, opcode: int = op.JMP, condition: int = 4) -> None:
    instruction = MachineInstruction(opcode)
    instruction.label = label
    instruction.condition = condition
    encode(instruction, buffer)


def test_short_and_long_branches() -> None:
    for gap, size in ((127, 2), (128, 5)):
        buffer = new_buffer()
        label = Label(1)
        jump(buffer, label)
        buffer.data += bytes(gap)
        buffer.bind(label)
        buffer.finish()
        assert len(buffer.data) == gap + size
        assert label.offset == gap + size
    for gap, size in ((126, 2), (127, 6)):
        buffer = new_buffer()
        label = Label(1)
        buffer.bind(label)
        buffer.data += bytes(gap)
        jump(buffer, label, op.JCC)
        buffer.finish()
        assert len(buffer.data) == gap + size
        assert (len(buffer.data) + int.from_bytes(buffer.data[gap + (1 if size == 2 else 2) :], "little", signed=True)) == 0


def test_growth_of_one_branch_makes_another_grow() -> None:
    buffer = new_buffer()
    first, second = Label(1), Label(2)
    jump(buffer, first)
    jump(buffer, second)
    buffer.data += bytes(125)
    buffer.bind(first)
    buffer.data += bytes(10)
    buffer.bind(second)
    buffer.finish()
    assert len(buffer.data) == 5 + 5 + 135


def test_alignment_pads_with_instructions() -> None:
    buffer = new_buffer()
    buffer.data += b"\xc3"
    buffer.align(16)
    label = Label(1)
    buffer.bind(label)
    buffer.align(8, 0)
    buffer.finish()
    assert label.offset == 16 and len(buffer.data) == 16 and buffer.alignment == 16


def test_jump_table_holds_distances() -> None:
    buffer = new_buffer()
    table, targets = Label(1), [Label(2), Label(3)]
    for target in targets:
        buffer.bind(target)
        buffer.data += b"\x90" * 5
    jump(buffer, targets[0])
    buffer.jump_table(table, targets)
    buffer.finish()
    assert buffer.data[-8:] == (-12).to_bytes(4, "little", signed=True) + (-7).to_bytes(4, "little", signed=True)
