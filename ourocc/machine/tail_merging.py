"""Equal ends of blocks that go on at the same place become one ("cross jumping").

    b1: ...                    b1: ...
        add $8, %rsi               jmp b3
        jmp b3                 b2: ...
    b2: ...              =>        jmp b4
        mov %rcx, (%rdx)       b3: add $8, %rsi
        add $8, %rsi           ...
        jmp b3

In: blocks over physical registers whose last instructions are branches, before the frame is laid out, so that equal returns
become one epilogue.  Whoever does not fall into the common end makes a jump more, and the branch predictor sees less of where
control came from (the dispatch of an interpreter was 6 % slower so), so that blocks in loops are left alone but at -Os.
"""

from typing import Final, final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import Target

SHORTEST: Final = 3  # instructions that are worth a block of their own, for speed
SHORTEST_SMALL: Final = 1  # at -Os
LONGEST: Final = 60


def run(function: MachineFunction, target: Target, options: CodeOptions) -> None:
    groups: dict[int, list[MachineBlock]] = {}
    for block in function.blocks:
        if block.depth > 0 and not block.cold and not options.size:
            continue
        if block.terminator == len(block.instructions) - 1 and block.terminator > 0:
            last = block.instructions[-1]
            if target.is_jump(last) and last.label is not None and last.label.id >= 0:
                groups.setdefault(last.label.id, []).append(block)
            elif last.op == target.return_operation:
                mask = 0
                for register in last.uses:
                    mask |= 1 << register
                groups.setdefault(-1 - mask, []).append(block)
    merger = _Merger(function, target, SHORTEST_SMALL if options.size else SHORTEST)
    for group in groups.values():
        if len(group) > 1:
            merger.merge(group, 1)
    merger.insert()


@final
class _Merger:
    def __init__(self, function: MachineFunction, target: Target, shortest: int) -> None:
        self.function = function
        self.target = target
        self.shortest = shortest
        self.places: dict[int, int] = {block.id: place for place, block in enumerate(function.blocks)}
        self.behind: dict[int, list[MachineBlock]] = {}  # block id -> tails that were cut off it, the last one first

    def merge(self, blocks: list[MachineBlock], depth: int) -> list[MachineBlock]:
        """Merge the longest common ends of `blocks`, which are equal in their last `depth` instructions (branches included);
        returns those that are left."""
        alike: dict[tuple[int, ...], list[MachineBlock]] = {}
        left: list[MachineBlock] = []
        for block in blocks:
            if len(block.instructions) <= depth or depth > LONGEST:
                left.append(block)
                continue
            key = _signature(block.instructions[-1 - depth])
            if key:
                alike.setdefault(key, []).append(block)
            else:
                left.append(block)
        for group in alike.values():
            for one in self._partition(group, depth):
                left += self.merge(one, depth + 1) if len(one) > 1 else one
        whole = [block for block in left if len(block.instructions) == depth]
        if len(left) < 2 or depth - 1 < self.shortest and not (len(whole) > 1 and depth > 1):
            return left
        if depth - 1 < self.shortest:
            self._join(whole, depth)
            return [block for block in left if len(block.instructions) >= depth]
        return [self._join(left, depth)]

    def _partition(self, blocks: list[MachineBlock], depth: int) -> list[list[MachineBlock]]:
        """Blocks of one signature, by what the signature leaves out."""
        parts: list[list[MachineBlock]] = []
        for block in blocks:
            instruction = block.instructions[-1 - depth]
            for part in parts:
                if _same_objects(part[0].instructions[-1 - depth], instruction):
                    part.append(block)
                    break
            else:
                parts.append([block])
        return parts

    def _join(self, blocks: list[MachineBlock], depth: int) -> MachineBlock:
        """The last `depth` instructions of all blocks in one place: behind the hottest of them, or in one that has no others."""
        owner = blocks[0]
        for block in blocks:
            if self._rank(block, depth) > self._rank(owner, depth):
                owner = block
        tail = owner
        if len(owner.instructions) > depth:
            tail = self.function.new_block()
            tail.instructions = owner.instructions[-depth:]
            tail.terminator = depth - 1
            tail.successors = owner.successors
            tail.predecessors = [owner]
            for successor in tail.successors:
                successor.predecessors = [tail if other is owner else other for other in successor.predecessors]
            self.behind.setdefault(owner.id, []).append(tail)
            tail.frequency = owner.frequency
            tail.depth = owner.depth
            tail.cold = owner.cold
            self._jump(owner, tail, depth)
        for block in blocks:
            if block is not owner:
                for successor in block.successors:
                    successor.predecessors = [other for other in successor.predecessors if other is not block]
                tail.frequency += block.frequency
                tail.predecessors.append(block)
                self._jump(block, tail, depth)
        return tail

    def _rank(self, block: MachineBlock, depth: int) -> tuple[int, int, int]:
        last = block.instructions[-1].label
        place = self.places.get(block.id, -1)
        blocks = self.function.blocks
        falls = last is not None and 0 <= place < len(blocks) - 1 and blocks[place + 1].label is last
        return (0 if block.cold else 1, 1 if falls else 0, 1 if len(block.instructions) == depth else 0)

    def _jump(self, block: MachineBlock, tail: MachineBlock, depth: int) -> None:
        del block.instructions[len(block.instructions) - depth :]
        block.terminator = len(block.instructions)
        block.instructions.append(self.target.jump_to(tail))
        block.successors = [tail]

    def insert(self) -> None:
        """Put the new blocks behind those that they were part of."""
        if not self.behind:
            return
        placed: list[MachineBlock] = []
        for block in self.function.blocks:
            placed.append(block)
            waiting = self.behind.get(block.id)
            while waiting:
                tail = waiting.pop()
                placed.append(tail)
                waiting += self.behind.pop(tail.id, [])
        self.function.blocks = placed


def _signature(instruction: MachineInstruction) -> tuple[int, ...]:
    """What the instruction does, but for symbols and lists; empty when it must stay where it is."""
    if instruction.op < 0 or instruction.places is not None or instruction.assembly is not None:
        return ()
    if instruction.label is not None and instruction.label.id < 0:
        return ()
    return (
        instruction.op, instruction.r0, instruction.r1, instruction.r2, instruction.r3, instruction.base, instruction.index,
        instruction.scale, instruction.displacement, instruction.segment, instruction.imm, instruction.symbol_kind,
        instruction.symbol_offset, instruction.frame_slot, instruction.condition, instruction.clobbers,
    )  # fmt: skip


def _same_objects(x: MachineInstruction, y: MachineInstruction) -> bool:
    return (
        x.symbol is y.symbol
        and x.immediate_symbol is y.immediate_symbol
        and x.label is y.label
        and x.uses == y.uses
        and x.defines == y.defines
    )
