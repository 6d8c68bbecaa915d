"""Moves that register allocation left without a reader: liveness of the physical registers, then one backward walk.

Splitting makes reloads, recomputed constants and moves for pieces of live ranges; where such a piece ends before its first use,
or goes on in another register at once, what filled it is not needed:

    mov 8(%rsp), %rax                              mov $1, %eax
    mov %rax, %rdi    =>    mov 8(%rsp), %rdi      mov $2, %eax     =>    mov $2, %eax
"""

from typing import Final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import NOTHING, MachineInstruction
from ourocc.machine.liveness import read_registers, written_registers
from ourocc.machine.target import MOVE_COPY, MOVE_LOAD, MOVE_LONG, MOVE_MAKES, MOVE_PURE, Target

REACH: Final = 5  # instructions between a definition and the move that it may take over


def run(function: MachineFunction, target: Target) -> None:
    """Drop the moves; the branches of the blocks stay as they are."""
    count = function.block_count
    reads: list[list[int]] = [[] for _ in range(count)]
    writes: list[list[int]] = [[] for _ in range(count)]
    needed = [0] * count
    written = [0] * count
    for block in function.blocks:
        effects(block, target, reads[block.id], writes[block.id])
        live = 0
        killed = 0
        for place in range(len(block.instructions) - 1, -1, -1):
            effect = writes[block.id][place]
            live = live & ~effect | reads[block.id][place]
            killed |= effect
        needed[block.id] = live
        written[block.id] = killed
    live_out = _solve(function.blocks, needed, written)
    for block in function.blocks:
        _sweep(function, block, target, live_out[block.id], reads[block.id], writes[block.id])


def effects(block: MachineBlock, target: Target, reads: list[int], writes: list[int]) -> None:
    """Masks of the registers that each instruction reads and writes."""
    roles = target.roles
    implicit = len(target.implicit_reads)
    operands: list[int] = []
    for instruction in block.instructions:
        read = 0
        write = instruction.clobbers
        if 0 <= instruction.op < implicit:
            read = target.implicit_reads[instruction.op]
            write |= target.implicit_writes[instruction.op]
        del operands[:]
        read_registers(instruction, roles, operands)
        for register in operands:
            if register >= 0:
                read |= 1 << register
        del operands[:]
        written_registers(instruction, roles, operands)
        for register in operands:
            if register >= 0:
                write |= 1 << register
        reads.append(read)
        writes.append(write)


def _solve(blocks: list[MachineBlock], needed: list[int], written: list[int]) -> list[int]:
    """Registers that are live at the end of each block."""
    live_in = needed.copy()
    live_out = [0] * len(needed)
    changed = True
    while changed:
        changed = False
        for place in range(len(blocks) - 1, -1, -1):
            block = blocks[place]
            id = block.id
            out = 0
            for successor in block.successors:
                out |= live_in[successor.id]
            live_out[id] = out
            entering = needed[id] | out & ~written[id]
            if entering != live_in[id]:
                live_in[id] = entering
                changed = True
    return live_out


def _sweep(
    function: MachineFunction, block: MachineBlock, target: Target, live: int, reads: list[int], writes: list[int]
) -> None:
    instructions = block.instructions
    kinds = target.moves
    allocatable = target.allocatable
    dropped = 0
    for place in range(len(instructions) - 1, -1, -1):
        instruction = instructions[place]
        op = instruction.op
        if 0 <= op < len(kinds) and kinds[op] and place < block.terminator:
            kind = kinds[op]
            written = writes[place]
            drop = False
            if written & ~allocatable == 0 and _is_pure(function, instruction, kind):
                drop = not written & live
                if not drop and kind & MOVE_COPY:
                    source = 1 << instruction.r1
                    drop = instruction.r0 == instruction.r1 and kind & MOVE_LONG != 0
                    if not drop and not source & live and source & allocatable:
                        drop = _taken_over(instructions, place, kinds, reads, writes)
            if drop:
                instruction.op = NOTHING
                dropped += 1
                continue
        live = live & ~writes[place] | reads[place]
    if dropped:
        kept = block.instructions[: block.terminator]
        block.instructions = [other for other in kept if other.op != NOTHING] + instructions[block.terminator :]
        block.terminator = len(block.instructions) - (len(instructions) - block.terminator)


def _is_pure(function: MachineFunction, instruction: MachineInstruction, kind: int) -> bool:
    """It does nothing but write r0: no memory is read but that of spilled values."""
    if kind & MOVE_LOAD:
        return instruction.frame_slot >= 0 and instruction.base < 0 and function.slots[instruction.frame_slot].value is None
    return kind & MOVE_PURE != 0


def _taken_over(
    instructions: list[MachineInstruction], place: int, kinds: list[int], reads: list[int], writes: list[int]
) -> bool:
    """The move's source is not read any more: what defines it writes the move's destination instead."""
    move = instructions[place]
    source = 1 << move.r1
    both = source | 1 << move.r0
    for number in range(place - 1, max(-1, place - REACH), -1):
        other = instructions[number]
        if other.op < 0:
            if other.op == NOTHING:
                continue
            return False
        if writes[number] == source and other.op < len(kinds) and kinds[other.op] & MOVE_MAKES and other.r0 == move.r1:
            if kinds[other.op] & MOVE_LONG and not kinds[move.op] & MOVE_LONG:
                return False  # the move cuts the value
            other.r0 = move.r0
            writes[number] = 1 << move.r0
            return True
        if (reads[number] | writes[number]) & both:
            return False
    return False
