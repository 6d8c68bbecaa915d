"""What dead_moves drops, and what it must leave."""

from ourocc.ir.function import Function, Symbol
from ourocc.machine import dead_moves
from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86.target import X86Target

RAX, RCX, RDI = 0, 1, 7


def instruction(op: int, r0: int = -1, r1: int = -1, *, slot: int = -1, uses: tuple[int, ...] = ()) -> MachineInstruction:
    made = MachineInstruction(op)
    made.r0, made.r1, made.frame_slot, made.uses = r0, r1, slot, list(uses)
    return made


def swept(*instructions: MachineInstruction) -> list[tuple[int, int, int]]:
    symbol = Symbol("f")
    function = MachineFunction("f", symbol, Function(symbol))
    function.new_slot(8, 8)
    block: MachineBlock = function.new_block()
    block.instructions = list(instructions)
    block.terminator = len(instructions) - 1
    function.blocks = [block]
    dead_moves.run(function, X86Target())
    return [(made.op, made.r0, made.r1) for made in block.instructions[: block.terminator]]


def test_dead_constant_goes() -> None:
    code = [instruction(x.MOV32_RI, RAX), instruction(x.MOV32_RI, RAX), instruction(x.RET, uses=(RAX,))]
    assert swept(*code) == [(x.MOV32_RI, RAX, -1)]


def test_reload_goes_where_its_copy_went() -> None:
    code = [instruction(x.MOV64_RM, RAX, slot=0), instruction(x.MOV64_RR, RDI, RAX), instruction(x.RET, uses=(RDI,))]
    assert swept(*code) == [(x.MOV64_RM, RDI, -1)]


def test_source_that_lives_on_stays() -> None:
    code = [
        instruction(x.MOV64_RM, RAX, slot=0),
        instruction(x.MOV64_RR, RDI, RAX),
        instruction(x.RET, uses=(RDI, RAX)),
    ]
    assert len(swept(*code)) == 2


def test_move_that_cuts_its_value_stays() -> None:
    code = [instruction(x.MOV64_RM, RAX, slot=0), instruction(x.MOV32_RR, RDI, RAX), instruction(x.RET, uses=(RDI,))]
    assert len(swept(*code)) == 2


def test_destination_in_use_between_stays() -> None:
    code = [
        instruction(x.MOV64_RM, RAX, slot=0),
        instruction(x.MOV64_RR, RCX, RDI),
        instruction(x.MOV64_RR, RDI, RAX),
        instruction(x.RET, uses=(RDI, RCX)),
    ]
    assert len(swept(*code)) == 3


def test_load_of_memory_stays() -> None:
    load = instruction(x.MOV64_RM, RAX)
    load.base = RDI  # may be volatile
    assert len(swept(load, instruction(x.RET))) == 1
