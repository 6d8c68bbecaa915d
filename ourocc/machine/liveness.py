"""Which virtual registers are live at the end of each block: backward data flow on bit sets.

Only registers that are live across a block boundary ("global" ones) get a bit, numbered densely: in unoptimized code there
are next to none, and in optimized code a few in a hundred.  A virtual register is defined in one block (selection works
on SSA form), so a block kills exactly the global registers that it defines.
"""

from typing import final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import FIRST_VIRTUAL, MachineInstruction
from ourocc.machine.target import ROLE_MEMORY, Target


@final
class Liveness:
    """`live_out[block.id]`: bit set of global numbers; `registers[number]`: the virtual register's index."""

    def __init__(self, block_count: int) -> None:
        self.registers: list[int] = []
        self.number: list[int] = []  # by virtual register index, -1: local
        self.live_in: list[int] = [0] * block_count
        self.live_out: list[int] = [0] * block_count


def bits(mask: int) -> list[int]:
    """The positions of the one bits, ascending."""
    result: list[int] = []
    base = 0
    while mask:
        word = mask & 0xFFFFFFFF
        while word:
            low = word & -word
            result.append(base + low.bit_length() - 1)
            word ^= low
        mask >>= 32
        base += 32
    return result


def read_registers(instruction: MachineInstruction, roles: list[int], into: list[int]) -> None:
    """Append the registers that the instruction reads (explicit operands and `uses`)."""
    op = instruction.op
    if op >= 0:
        role = roles[op]
        if role & 1:
            into.append(instruction.r0)
        if role & 4:
            into.append(instruction.r1)
        if role & 16:
            into.append(instruction.r2)
        if role & 64:
            into.append(instruction.r3)
        if role & ROLE_MEMORY:
            if instruction.base >= 0:
                into.append(instruction.base)
            if instruction.index >= 0:
                into.append(instruction.index)
    elif op == -1:
        into.append(instruction.r1)
    if instruction.uses:
        into.extend(instruction.uses)


def written_registers(instruction: MachineInstruction, roles: list[int], into: list[int]) -> None:
    """Append the registers that the instruction writes (explicit operands and `defines`)."""
    op = instruction.op
    if op >= 0:
        role = roles[op]
        if role & 0xAA:
            if role & 2:
                into.append(instruction.r0)
            if role & 8:
                into.append(instruction.r1)
            if role & 32:
                into.append(instruction.r2)
            if role & 128:
                into.append(instruction.r3)
    elif op == -1:
        into.append(instruction.r0)
    if instruction.defines:
        into.extend(instruction.defines)


def compute(function: MachineFunction, target: Target) -> Liveness:
    """Liveness of every virtual register at block boundaries."""
    roles = target.roles
    count = len(function.classes)
    liveness = Liveness(function.block_count)
    home: list[int] = [-1] * count  # block that defines the register
    number: list[int] = [-1] * count
    registers = liveness.registers
    upward: list[list[int]] = [[] for _ in range(function.block_count)]
    operands: list[int] = []
    for block in function.blocks:
        id = block.id
        for phi in block.phis:
            home[phi.destination - FIRST_VIRTUAL] = id
        exposed = upward[id]
        for instruction in block.instructions:
            del operands[:]
            read_registers(instruction, roles, operands)
            for register in operands:
                if register >= FIRST_VIRTUAL:
                    index = register - FIRST_VIRTUAL
                    if home[index] != id:
                        if number[index] < 0:
                            number[index] = len(registers)
                            registers.append(index)
                        exposed.append(number[index])
            del operands[:]
            written_registers(instruction, roles, operands)
            for register in operands:
                if register >= FIRST_VIRTUAL:
                    home[register - FIRST_VIRTUAL] = id
    phi_out: list[int] = [0] * function.block_count
    for block in function.blocks:
        for phi in block.phis:
            for position, argument in enumerate(phi.arguments):
                index = argument - FIRST_VIRTUAL
                if number[index] < 0:
                    number[index] = len(registers)
                    registers.append(index)
                phi_out[block.predecessors[position].id] |= 1 << number[index]
    liveness.number = number
    if not registers:
        return liveness
    generated: list[int] = [0] * function.block_count
    killed: list[int] = [0] * function.block_count
    for block in function.blocks:
        mask = 0
        for position in upward[block.id]:
            mask |= 1 << position
        generated[block.id] = mask
    for position, index in enumerate(registers):
        if home[index] >= 0:
            killed[home[index]] |= 1 << position
    _solve(function.blocks, liveness, generated, killed, phi_out)
    return liveness


def _solve(
    blocks: list[MachineBlock], liveness: Liveness, generated: list[int], killed: list[int], phi_out: list[int]
) -> None:
    """Iterate backwards over the layout, which is close to a post-order, until nothing changes."""
    live_in = liveness.live_in
    live_out = liveness.live_out
    changed = True
    while changed:
        changed = False
        for position in range(len(blocks) - 1, -1, -1):
            block = blocks[position]
            id = block.id
            out = phi_out[id]
            for successor in block.successors:
                out |= live_in[successor.id]
            live_out[id] = out
            entering = generated[id] | (out & ~killed[id])
            if entering != live_in[id]:
                live_in[id] = entering
                changed = True
