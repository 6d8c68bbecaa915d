"""Shrink wrapping (Chow 1988): a function's frame is set up where it is first needed, so that ways out before that are free.

    f: push %rbx               f: test %rdi, %rdi
       test %rdi, %rdi            je 2f
       je 1f             =>       push %rbx
       ...                        ...
    1: pop %rbx                   pop %rbx
       ret                        ret
                               2: ret

There is one place for the prologue: where the block is entered that dominates all those that need the frame, from outside when
it is the header of a loop.  What is reached from there and from before must be a short return, of which both sides get their
own.

Used twice: before register allocation with the blocks that contain calls, to keep values of the blocks before out of
callee-saved registers; and by frame layout, with the blocks that do need the frame.
"""

from typing import Final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.target import Target

LONGEST_RETURN: Final = 6  # instructions of a return that is copied
_ROUNDS: Final = 8


def inside(function: MachineFunction, needs: list[bool], return_operation: int) -> list[bool]:
    """By place in `function.blocks`: does the block lie behind the prologue?  Empty when that stays at the entry.  Changes
    `needs`."""
    blocks = function.blocks
    if needs[0] or len(blocks) < 3:
        return []
    number = [-1] * function.block_count
    for place, block in enumerate(blocks):
        number[block.id] = place
    order = _reverse_postorder(blocks, number)
    above = _dominators(blocks, number, order)
    for _ in range(_ROUNDS):
        first = _common(above, order, needs)
        if first <= 0:
            return []
        reached = _reachable(blocks, number, first)
        while reached[first] and reached[above[first]]:  # not the header of an outermost loop
            first = above[first]
        if first == 0 or not reached[first] and blocks[first].frequency >= blocks[0].frequency:
            return []
        below = [False] * len(blocks)
        below[first] = True
        fits = True
        for place in order:
            if place == first:
                continue
            if below[above[place]]:
                below[place] = True
            elif reached[place] and not is_short_return(blocks[place], return_operation):
                needs[place] = True
                fits = False
        if fits:
            return below if _leaves_before(blocks, number, order, below) else []
    return []


def _leaves_before(blocks: list[MachineBlock], number: list[int], order: list[int], below: list[bool]) -> bool:
    """The function can end without the frame."""
    for place in order:
        if not below[place] and not blocks[place].successors:
            for predecessor in blocks[place].predecessors:
                if not below[number[predecessor.id]]:
                    return True
    return False


def is_short_return(block: MachineBlock, return_operation: int) -> bool:
    instructions = block.instructions
    return (
        block.terminator == len(instructions) - 1 < LONGEST_RETURN
        and instructions[-1].op == return_operation
        and not block.pinned
    )


def _reverse_postorder(blocks: list[MachineBlock], number: list[int]) -> list[int]:
    visited = [False] * len(blocks)
    visited[0] = True
    order: list[int] = []
    stack = [0]
    pending = [0]  # successors that were looked at
    while stack:
        place = stack[-1]
        successors = blocks[place].successors
        if pending[-1] < len(successors):
            other = number[successors[pending[-1]].id]
            pending[-1] += 1
            if other >= 0 and not visited[other]:
                visited[other] = True
                stack.append(other)
                pending.append(0)
        else:
            order.append(place)
            stack.pop()
            pending.pop()
    order.reverse()
    return order


def _dominators(blocks: list[MachineBlock], number: list[int], order: list[int]) -> list[int]:
    """Immediate dominators by place (Cooper, Harvey, Kennedy 2001); the entry's is itself."""
    rank = [-1] * len(blocks)
    for position, place in enumerate(order):
        rank[place] = position
    above = [-1] * len(blocks)
    above[0] = 0
    changed = True
    while changed:
        changed = False
        for place in order[1:]:
            found = -1
            for predecessor in blocks[place].predecessors:
                other = number[predecessor.id]
                if other < 0 or above[other] < 0:
                    continue
                if found < 0:
                    found = other
                    continue
                while other != found:
                    while rank[other] > rank[found]:
                        other = above[other]
                    while rank[found] > rank[other]:
                        found = above[found]
            if found != above[place]:
                above[place] = found
                changed = True
    return above


def _common(above: list[int], order: list[int], needs: list[bool]) -> int:
    """The nearest common dominator of the blocks that need the frame; -1 when there is none."""
    rank = {place: position for position, place in enumerate(order)}
    found = -1
    for place in order:
        if not needs[place]:
            continue
        if found < 0:
            found = place
        other = place
        while other != found:
            while rank[other] > rank[found]:
                other = above[other]
            while rank[found] > rank[other]:
                found = above[found]
    return found


def _reachable(blocks: list[MachineBlock], number: list[int], first: int) -> list[bool]:
    """What can be executed after the block `first`; itself only when it is in a loop."""
    reached = [False] * len(blocks)
    work = [first]
    while work:
        for successor in blocks[work.pop()].successors:
            other = number[successor.id]
            if not reached[other]:
                reached[other] = True
                work.append(other)
    return reached


def part(function: MachineFunction, behind: list[bool], target: Target) -> MachineBlock:
    """Copies of the returns that both sides reach, for the side with the frame, and a block in front of a loop.  Sets
    `function.bare` and `framed_from`; returns the block that begins with the prologue."""
    placed: list[MachineBlock] = []
    framed = {block.id for place, block in enumerate(function.blocks) if behind[place]}
    first = function.blocks[0]
    for place, block in enumerate(function.blocks):
        mine = [other for other in block.predecessors if other.id in framed]
        if behind[place]:
            if len(mine) < len(block.predecessors):
                first = block
                if mine:
                    first = _preheader(function, block, [other for other in block.predecessors if other.id not in framed], target)
                    placed.append(first)
        else:
            function.bare.add(block.id)
            if mine:
                placed.append(_copy_for(function, block, mine))
        placed.append(block)
    function.blocks = placed
    function.framed_from = first.id
    return first


def _preheader(function: MachineFunction, block: MachineBlock, outside: list[MachineBlock], target: Target) -> MachineBlock:
    made = function.new_block()
    for predecessor in outside:
        function.retarget(predecessor, block, made)
        block.predecessors.remove(predecessor)
    made.instructions = [target.jump_to(block)]
    made.successors = [block]
    made.predecessors = outside
    made.frequency = min(block.frequency, function.blocks[0].frequency)
    made.cold = block.cold
    block.predecessors.append(made)
    return made


def mark(function: MachineFunction) -> None:
    """In the final order of the blocks: call frame information where blocks with and without the frame meet."""
    framed = False
    for block in function.blocks:
        begins = block.id not in function.bare and block.id != function.framed_from
        if begins != framed:
            rules = function.frame_rules if begins else function.bare_rules
            block.instructions[0:0] = rules
            block.terminator += len(rules)
        framed = block.id not in function.bare


def _copy_for(function: MachineFunction, block: MachineBlock, predecessors: list[MachineBlock]) -> MachineBlock:
    copy = function.new_block()
    copy.instructions = [clone(instruction) for instruction in block.instructions]
    copy.terminator = block.terminator
    copy.frequency = block.frequency
    copy.depth = block.depth
    copy.cold = block.cold
    copy.predecessors = predecessors
    for predecessor in predecessors:
        function.retarget(predecessor, block, copy)
        block.predecessors.remove(predecessor)
    return copy


def clone(instruction: MachineInstruction) -> MachineInstruction:
    made = MachineInstruction(instruction.op)
    made.r0 = instruction.r0
    made.r1 = instruction.r1
    made.r2 = instruction.r2
    made.r3 = instruction.r3
    made.base = instruction.base
    made.index = instruction.index
    made.scale = instruction.scale
    made.displacement = instruction.displacement
    made.segment = instruction.segment
    made.imm = instruction.imm
    made.symbol = instruction.symbol
    made.symbol_kind = instruction.symbol_kind
    made.symbol_offset = instruction.symbol_offset
    made.immediate_symbol = instruction.immediate_symbol
    made.label = instruction.label
    made.frame_slot = instruction.frame_slot
    made.condition = instruction.condition
    made.uses = instruction.uses
    made.defines = instruction.defines
    made.clobbers = instruction.clobbers
    made.position = instruction.position
    return made
