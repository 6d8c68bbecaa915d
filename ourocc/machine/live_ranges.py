"""Live ranges: where each virtual register holds a value, in positions of the linear order of instructions.

Instruction number i has the positions 2i (its inputs are read) and 2i+1 (its outputs are written); all terminators of a
block count as one instruction, so that nothing can come between them.  A range [start, end) is half open.  A value read by instruction i lives up to 2i+1, so an output of i may take its register.  Ranges of
physical registers (arguments of calls, operands of division) are `fixed`; what calls destroy is kept as a list of
positions with masks, because it is the same for all of them.

In: a MachineFunction with phis.  Out: for every virtual register its ranges in ascending order, each with its uses.
The walk is backwards over the layout (Wimmer and Franz 2010, with liveness from data flow, so that any graph will do).
"""

from typing import Final, final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import (
    COPY,
    FIRST_VIRTUAL,
    INLINE_ASSEMBLY,
    MachineInstruction,
)
from ourocc.machine.liveness import Liveness, bits
from ourocc.machine.target import ROLE_EARLY, ROLE_MEMORY, Target

# Entries of LiveRange.uses: position << 2 | flags
USE_REGISTER: Final = 1  # must be in a register
USE_DEFINES: Final = 2


@final
class LiveRange:
    """Virtual register `register` (an index) holds a value at [start, end)."""

    def __init__(self, register: int, end: int) -> None:
        self.register = register
        self.start = 0
        self.end = end
        self.uses: list[int] = []  # ascending
        self.weight = 0  # sum of the frequencies of its uses
        self.bundle = -1  # number of the bundle it belongs to
        self.from_phi = False  # it begins with the value of a phi


@final
class LiveRanges:
    """The result; `fixed[r]` is a flat list start, end, ... of physical register r."""

    def __init__(self, function: MachineFunction, target: Target, liveness: Liveness) -> None:
        self.function = function
        self.target = target
        self.liveness = liveness
        count = len(function.classes)
        self.ranges: list[list[LiveRange]] = [[] for _ in range(count)]
        self.open: list[LiveRange | None] = [None] * count
        self.fixed: list[list[int]] = [[] for _ in range(FIRST_VIRTUAL)]
        self.fixed_end: list[int] = [-1] * FIRST_VIRTUAL
        self.fixed_open: list[int] = []
        self.clobber_positions: list[int] = []
        self.clobber_masks: list[int] = []
        self.hints: list[list[int]] = [[] for _ in range(count)]  # physical registers it is copied from or to
        self.copies: list[int] = []  # flat: frequency, one register index, the other one
        self.frequency = 1
        self.block_start = 0

    def build(self) -> None:
        blocks = self.function.blocks
        position = 0
        for block in blocks:
            block.start = position
            position += 2 * (block.terminator + 1)
            block.end = position
            if block.unsplittable:  # entered with every value in memory
                self.clobber_positions.append(block.start)
                self.clobber_masks.append(self.target.allocatable)
        for number in range(len(blocks) - 1, -1, -1):
            self._walk(blocks[number])
        for ranges in self.ranges:
            if len(ranges) > 1:
                ranges.reverse()
            for range_ in ranges:
                if len(range_.uses) > 1:
                    range_.uses.reverse()
        for fixed in self.fixed:
            if fixed:
                fixed.reverse()
        order = sorted(range(len(self.clobber_positions)), key=lambda place: self.clobber_positions[place])
        self.clobber_masks = [self.clobber_masks[place] for place in order]
        self.clobber_positions = [self.clobber_positions[place] for place in order]

    # ---- opening and closing

    def _use(self, register: int, position: int, end: int, flags: int) -> None:
        """`register` is read at `position`."""
        if register >= FIRST_VIRTUAL:
            index = register - FIRST_VIRTUAL
            range_ = self.open[index]
            if range_ is None:
                range_ = self._start(index, end)
            elif range_.end < end:
                range_.end = end
            range_.uses.append(position << 2 | flags)
            range_.weight += self.frequency
        elif register >= 0 and self.target.allocatable >> register & 1:
            if self.fixed_end[register] < 0:
                self.fixed_end[register] = end
                self.fixed_open.append(register)

    def _start(self, index: int, end: int) -> LiveRange:
        ranges = self.ranges[index]
        if ranges:
            last = ranges[-1]
            if last.start == end:  # goes on from the block that was walked before
                self.open[index] = last
                return last
        made = LiveRange(index, end)
        ranges.append(made)
        self.open[index] = made
        return made

    def _define(self, register: int, position: int, at: int, flags: int) -> None:
        """`register` is written by the instruction at `position`, from `at` on."""
        if register >= FIRST_VIRTUAL:
            index = register - FIRST_VIRTUAL
            range_ = self.open[index]
            if range_ is None:
                range_ = LiveRange(index, position + 2)  # dead, but written
                self.ranges[index].append(range_)
            range_.start = at
            range_.uses.append((position + 1) << 2 | flags | USE_DEFINES)
            range_.weight += self.frequency
            self.open[index] = None
        elif register >= 0 and self.target.allocatable >> register & 1:
            self.function.used_registers |= 1 << register  # callee-saved ones in assembly text must be saved
            end = self.fixed_end[register]
            if end < 0:
                end = position + 2
            else:
                self.fixed_end[register] = -1
                self.fixed_open.remove(register)
            fixed = self.fixed[register]
            if fixed and fixed[-1] <= end:  # fixed lists are built backwards: (end, start) pairs, reversed later
                fixed[-1] = at
            else:
                fixed.append(end)
                fixed.append(at)

    def _walk(self, block: MachineBlock) -> None:
        frequency = block.frequency
        self.frequency = frequency
        self.block_start = block.start
        opened = self.open
        liveness = self.liveness
        for number in bits(liveness.live_out[block.id]):
            self._start(liveness.registers[number], block.end)
        instructions = block.instructions
        position = block.end - 2
        terminator = block.terminator
        for place in range(len(instructions) - 1, -1, -1):
            if place < terminator:
                position -= 2
            self._visit(instructions[place], position)
        start = block.start
        for phi in block.phis:
            index = phi.destination - FIRST_VIRTUAL
            range_ = opened[index]
            if range_ is None:
                range_ = LiveRange(index, start + 1)
                self.ranges[index].append(range_)
            range_.start = start
            range_.from_phi = True
            range_.weight += frequency
            opened[index] = None
            for place, argument in enumerate(phi.arguments):
                weight = block.predecessors[place].frequency
                self.copies += [weight, index, argument - FIRST_VIRTUAL]
        for number in bits(liveness.live_in[block.id]):
            index = liveness.registers[number]
            range_ = opened[index]
            if range_ is not None:
                range_.start = start
                opened[index] = None
        for register in self.fixed_open:  # only the entry block has any: parameters
            self.fixed[register] += [self.fixed_end[register], start]
            self.fixed_end[register] = -1
        del self.fixed_open[:]

    def _visit(self, instruction: MachineInstruction, position: int) -> None:
        op = instruction.op
        if op >= 0:
            target = self.target
            role = target.roles[op]
            mask = target.implicit_writes[op] & target.allocatable
            if mask:
                for register in bits(mask):
                    self._define(register, position, position + 1, 0)
            if instruction.defines or instruction.clobbers:
                self._visit_defines(instruction, position)
            foldable = target.foldable(instruction)
            if foldable >= 0 and self._recomputed(instruction.r0 if foldable == 0 else instruction.r1):
                foldable = -1  # it would have no slot
            if role & 3 == 2:
                at = position if role & ROLE_EARLY else position + 1
                flags = 0 if foldable == 0 else USE_REGISTER
                self._define(instruction.r0, position, at, flags)
            if role & 12 == 8:
                self._define(instruction.r1, position, position + 1, USE_REGISTER)
            if role & 48 == 32:
                self._define(instruction.r2, position, position + 1, USE_REGISTER)
            self._visit_reads(instruction, role, position, foldable)
            mask = target.implicit_reads[op] & target.allocatable
            if mask:
                for register in bits(mask):
                    self._use(register, position, position + 1, USE_REGISTER)
        elif op == COPY:
            self._visit_copy(instruction, position)
            return
        else:
            self._visit_defines(instruction, position)
        if instruction.uses:
            # The inputs of inline assembly must survive its clobbers; it may write outputs early only if it says so.
            for register in instruction.uses:
                self._use(register, position, position + 1, USE_REGISTER)

    def _recomputed(self, register: int) -> bool:
        return register >= FIRST_VIRTUAL and self.function.definitions[register - FIRST_VIRTUAL] is not None

    def _visit_reads(self, instruction: MachineInstruction, role: int, position: int, foldable: int) -> None:
        """Explicit inputs.  One that is also written lives on through the instruction."""
        end = position + 1
        if role & 1:
            flags = 0 if foldable == 0 else USE_REGISTER
            if role & 2:
                self._modify(instruction.r0, position, flags)
            else:
                self._use(instruction.r0, position, end, flags)
        if role & 4:
            if role & 8:
                self._modify(instruction.r1, position, USE_REGISTER)
            else:
                self._use(instruction.r1, position, end, 0 if foldable == 1 else USE_REGISTER)
        if role & 16:
            self._use(instruction.r2, position, end, 0 if foldable == 2 else USE_REGISTER)
        if role & 64:
            self._use(instruction.r3, position, end, USE_REGISTER)
        if role & ROLE_MEMORY:
            if instruction.base >= 0:
                self._use(instruction.base, position, end, USE_REGISTER)
            if instruction.index >= 0:
                self._use(instruction.index, position, end, USE_REGISTER)

    def _modify(self, register: int, position: int, flags: int) -> None:
        if register >= FIRST_VIRTUAL:
            self._use(register, position, position + 2, flags | USE_DEFINES)
        else:
            self._define(register, position, position + 1, 0)
            self._use(register, position, position + 1, 0)

    def _visit_copy(self, instruction: MachineInstruction, position: int) -> None:
        destination = instruction.r0
        source = instruction.r1
        self._define(destination, position, position + 1, 0)
        self._use(source, position, position + 1, 0)
        if destination >= FIRST_VIRTUAL:
            if source >= FIRST_VIRTUAL:
                self.copies += [self.frequency, destination - FIRST_VIRTUAL, source - FIRST_VIRTUAL]
            else:
                self.hints[destination - FIRST_VIRTUAL].append(source)
        elif source >= FIRST_VIRTUAL:
            self.hints[source - FIRST_VIRTUAL].append(destination)

    def _visit_defines(self, instruction: MachineInstruction, position: int) -> None:
        """Results beyond the table's, and what is destroyed."""
        early = instruction.early
        assembly = instruction.op == INLINE_ASSEMBLY
        for place, register in enumerate(instruction.defines):
            at = position + 1
            if early >> place & 1 or (assembly and register < FIRST_VIRTUAL):
                at = position
            self._define(register, position, at, USE_REGISTER)
        clobbers = instruction.clobbers
        if clobbers:
            if assembly:
                for register in bits(clobbers & self.target.allocatable):
                    self._define(register, position, position, 0)
            else:
                self.clobber_positions.append(position + 1)
                self.clobber_masks.append(clobbers)


def build(function: MachineFunction, target: Target, liveness: Liveness) -> LiveRanges:
    ranges = LiveRanges(function, target, liveness)
    ranges.build()
    return ranges
