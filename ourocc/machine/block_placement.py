"""Final order of the blocks, and the branches that it spares.

In: blocks whose last instructions are conditional branches and one jump, all with labels.  Out: jumps to the next block are
gone, conditional branches over a jump are inverted, jumps to jumps go straight to the end, cold blocks stand behind
the others, loop headers are aligned.
"""

from typing import Final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import Target

LINE_LOOP: Final = 15  # instructions that are likely to fit a line of the instruction cache (64 bytes), two branches at the end
HALF_LINE_LOOP: Final = 8  # the same for half a line
SHORT_LOOP_BLOCKS: Final = 4


def place_blocks(function: MachineFunction, target: Target, options: CodeOptions) -> None:
    """Drop and invert branches for the order of `function.blocks`."""
    if options.optimize > 0:
        thread_jumps(function, target)
        move_cold_blocks(function)
    blocks = function.blocks
    if options.optimize > 1 and not options.size:
        align_loops(function)
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        simplify_end(block, following, target)


def simplify_end(block: MachineBlock, following: MachineBlock | None, target: Target) -> None:
    """Drop the final jump when it goes to the next block, or invert the branch in front of it when that does."""
    if following is None or not block.instructions:
        return
    instructions = block.instructions
    last = instructions[-1]
    if not target.is_jump(last):
        return
    if last.label is following.label:
        del instructions[-1]
        # A conditional branch to the next block as well decides nothing.
        while len(instructions) > block.terminator and instructions[-1].label is following.label:
            if not target.is_conditional(instructions[-1]):
                break
            del instructions[-1]
        return
    if len(instructions) - 2 >= block.terminator:
        before = instructions[-2]
        if before.label is following.label and target.is_conditional(before) and target.invert(before):
            before.label = last.label
            del instructions[-1]


def thread_jumps(function: MachineFunction, target: Target) -> None:
    """Branches to a block that only jumps on go to its destination."""
    goes_to: dict[int, MachineBlock] = {}
    by_label: dict[int, MachineBlock] = {}
    for block in function.blocks:
        by_label[block.id] = block
    for block in function.blocks:
        if len(block.instructions) == 1 and target.is_jump(block.instructions[0]):
            label = block.instructions[0].label
            if label is not None and label.id in by_label and label.id != block.id:
                goes_to[block.id] = by_label[label.id]
    if not goes_to:
        return
    used: set[int] = {function.blocks[0].id}
    for block in function.blocks:
        for instruction in block.instructions:
            label = instruction.label
            if label is None or not (target.is_jump(instruction) or target.is_conditional(instruction)):
                continue  # an address, or assembly: other code may know it too
            if label.id in goes_to and by_label[label.id].label is label:
                instruction.label = final_target(goes_to, label.id).label
    for table in function.jump_tables:
        table.targets = [
            final_target(goes_to, block.id) if block.id in goes_to else block for block in table.targets
        ]
    for block in function.blocks:
        for instruction in block.instructions:
            if instruction.label is not None and instruction.label.id >= 0:
                used.add(instruction.label.id)
            if instruction.places is not None:
                for place in instruction.places:
                    if place.label is not None:
                        used.add(place.label.id)
    function.blocks = [
        block for block in function.blocks if block.id not in goes_to or block.id in used or block.pinned
    ]


def final_target(goes_to: dict[int, MachineBlock], id: int) -> MachineBlock:
    steps = 0
    block = goes_to[id]
    while block.id in goes_to and steps < 64:
        block = goes_to[block.id]
        steps += 1
    return block


def align_loops(function: MachineFunction) -> None:
    """Headers of hot loops begin at a multiple of 16 when that costs little.  Short loops within others lie within one cache line in any
    case: where a comparison and its branch straddle two lines, a round takes up to half as long again."""
    place: dict[int, int] = {}
    for number, block in enumerate(function.blocks):
        place[id(block.label)] = number
    for number, block in enumerate(function.blocks):
        for instruction in block.instructions[block.terminator :]:
            if instruction.label is None:
                continue
            first = place.get(id(instruction.label), number + 1)
            if first <= number and not block.cold:
                header = function.blocks[first]
                if header.alignment < 16:
                    header.alignment = 16
                    header.padding_limit = 10
                if header.depth < 2 or number - first >= SHORT_LOOP_BLOCKS:
                    continue
                length = _length(function, first, number)
                if length <= LINE_LOOP:
                    header.alignment = max(header.alignment, 32 if length <= HALF_LINE_LOOP else 64)
                    header.padding_limit = header.alignment - 1


def _length(function: MachineFunction, first: int, last: int) -> int:
    """Instructions of consecutive blocks; too many when there is a call among them."""
    total = 0
    for number in range(first, last + 1):
        for instruction in function.blocks[number].instructions:
            total += LINE_LOOP if instruction.clobbers else 1
    return total


def move_cold_blocks(function: MachineFunction) -> None:
    """Cold blocks go to the end, in their order."""
    cold = [block for block in function.blocks[1:] if block.cold]
    if cold:
        hot = [block for block in function.blocks if not block.cold or block is function.blocks[0]]
        function.blocks = hot + cold
