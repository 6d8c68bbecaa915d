"""Control-flow simplification.

    branch v1, b1, b2   (v1 = const 1)   =>   jump b1
    jump b1; b1: jump b2                 =>   jump b2
    b0: ...; jump b1   (b1 has no other predecessor)   =>   b0: ...; the values of b1

Unreachable blocks go, blocks with one way in are merged, empty blocks are passed over, phis of one argument or of equal
arguments become copies (swept at the end).
"""

from ourocc.ir import operations as op
from ourocc.ir.function import Block, Function, Value, remove_edge
from ourocc.optimize import copies
from ourocc.optimize.control_flow import reverse_postorder


def run(function: Function) -> bool:
    changed = remove_unreachable(function)
    again = True
    while again:
        again = False
        if _fold_terminators(function):
            again = True
            remove_unreachable(function)
        if _skip_empty(function):
            again = True
            remove_unreachable(function)
        if _merge_chains(function):
            again = True
        if _simplify_phis(function):
            again = True
        changed = changed or again
    return changed


def remove_unreachable(function: Function) -> bool:
    """Drop the blocks that the entry does not reach (those with their address taken stay only if reached too)."""
    reached = bytearray(function.block_count)
    for block in reverse_postorder(function):
        reached[block.id] = 1
    if len(function.blocks) == sum(reached):
        return False
    gone = [block for block in function.blocks if not reached[block.id]]
    for block in gone:
        for successor in list(block.successors):
            if reached[successor.id]:
                remove_edge(block, successor)
    for block in gone:
        for value in block.values:
            value.clear_arguments()
            if value.symbol is not None:
                value.symbol.references -= 1
        block.terminator.clear_arguments()
        for value in block.values:
            value.op = op.INVALID
        block.values = []
        block.successors = []
        block.predecessors = []
    function.blocks = [block for block in function.blocks if reached[block.id]]
    return True


def to_jump(block: Block, target: Block) -> None:
    """Turn the terminator into a jump to one of its successors; the other edges go."""
    for successor in list(block.successors):
        if successor is not target:
            remove_edge(block, successor)
    block.terminator.clear_arguments()
    block.terminator.op = op.JUMP
    block.terminator.extra = 0
    block.terminator.cases = None


def _fold_terminators(function: Function) -> bool:
    """Branches and switches on constants."""
    changed = False
    for block in function.blocks:
        terminator = block.terminator
        if terminator.op == op.BRANCH:
            control = copies.resolve(terminator.args[0])
            if control.op == op.CONST:
                to_jump(block, block.successors[0 if control.imm else 1])
                changed = True
            elif control.op == op.XOR and control.args[1].op == op.CONST and control.args[1].imm == 1:
                terminator.set_argument(0, control.args[0])
                block.successors.reverse()
                terminator.extra = (0, 2, 1)[terminator.extra]
                changed = True
            elif control.op == op.NOT:
                terminator.set_argument(0, control.args[0])
                block.successors.reverse()
                terminator.extra = (0, 2, 1)[terminator.extra]
                changed = True
        elif terminator.op == op.SWITCH:
            if len(block.successors) == 1:
                to_jump(block, block.successors[0])
                changed = True
                continue
            control = copies.resolve(terminator.args[0])
            if control.op == op.CONST and terminator.cases is not None:
                target = block.successors[0]
                for case in terminator.cases:
                    if case.low <= control.imm <= case.high:
                        target = block.successors[case.target]
                        break
                to_jump(block, target)
                changed = True
    return changed


def replace_successor(block: Block, old: Block, new: Block) -> None:
    """Point the edge block -> old at `new`, which had no edge from `block`; phis of both are the caller's."""
    for index, successor in enumerate(block.successors):
        if successor is old:
            block.successors[index] = new
            return


def _skip_empty(function: Function) -> bool:
    """Edges into an empty block that only jumps on go straight to its target."""
    changed = False
    for block in function.blocks:
        if block.values or block.terminator.op != op.JUMP or block.address_taken or block is function.blocks[0]:
            continue
        target = block.successors[0]
        if target is block:
            continue
        for predecessor in list(block.predecessors):
            if predecessor.terminator.op in (op.INDIRECT_JUMP, op.ASM_GOTO):
                continue
            if _redirect(predecessor, block, target):
                changed = True
    return changed


def _redirect(predecessor: Block, block: Block, target: Block) -> bool:
    """Move the edge predecessor -> block to predecessor -> target."""
    via = target.predecessor_index(block)
    if predecessor in target.predecessors:
        # Both ways lead to the target already: fine when no phi can tell them apart.
        direct = target.predecessor_index(predecessor)
        for value in target.values:
            if value.op != op.PHI:
                break
            if value.args[via] is not value.args[direct]:
                return False
        if predecessor.terminator.op == op.BRANCH:
            to_jump(predecessor, target)
            return True
        return _redirect_switch(predecessor, block, target)
    for value in target.values:
        if value.op != op.PHI:
            break
        value.add_argument(value.args[via])
    replace_successor(predecessor, block, target)
    target.predecessors.append(predecessor)
    del block.predecessors[block.predecessor_index(predecessor)]
    return True


def _redirect_switch(predecessor: Block, block: Block, target: Block) -> bool:
    """The same for a switch whose cases may share the target."""
    cases = predecessor.terminator.cases
    if cases is None:
        return False
    old = predecessor.successors.index(block)
    new = predecessor.successors.index(target)
    if old == 0:
        # The default becomes the target: cases that went there are the default now.
        kept = [case for case in cases if case.target != new]
        predecessor.successors[0] = target
        del predecessor.successors[new]
        for case in kept:
            if case.target > new:
                case.target -= 1
        predecessor.terminator.cases = kept
    else:
        if new == 0:
            cases = [case for case in cases if case.target != old]
        for case in cases:
            if case.target == old:
                case.target = new
        for case in cases:
            if case.target > old:
                case.target -= 1
        predecessor.terminator.cases = cases
        del predecessor.successors[old]
    del block.predecessors[block.predecessor_index(predecessor)]
    return True


def _merge_chains(function: Function) -> bool:
    """Append a block to its only predecessor when that has no other successor."""
    changed = False
    for block in function.blocks:
        while block.terminator.op == op.JUMP:
            target = block.successors[0]
            if len(target.predecessors) != 1 or target is block or target.address_taken or target is function.blocks[0]:
                break
            _append(block, target)
            changed = True
    if changed:
        function.blocks = [block for block in function.blocks if block.terminator.op != op.INVALID]
    return changed


def _append(block: Block, target: Block) -> None:
    for value in target.values:
        if value.op == op.PHI:
            value.become_copy(value.args[0])
        value.block = block
        block.values.append(value)
    block.terminator.op = op.INVALID
    block.terminator = target.terminator
    block.terminator.block = block
    block.successors = target.successors
    for successor in block.successors:
        successor.predecessors[successor.predecessor_index(target)] = block
    target.values = []
    target.successors = []
    target.predecessors = []
    target.terminator = Value(-1, op.INVALID, 0, target)


def _simplify_phis(function: Function) -> bool:
    """phi x, x => x; phi x, itself => x."""
    changed = False
    for block in function.blocks:
        demoted = False
        for value in block.values:
            if value.op == op.COPY:
                continue
            if value.op != op.PHI:
                break
            same: Value | None = None
            for argument in value.args:
                argument = copies.resolve(argument)
                if argument is value:
                    continue
                if same is None:
                    same = argument
                elif same is not argument:
                    same = None
                    break
            else:
                if same is not None:
                    value.become_copy(same)
                    demoted = True
        if demoted:
            changed = True
            # Copies may not stand between phis.
            phis = [value for value in block.values if value.op == op.PHI]
            block.values = phis + [value for value in block.values if value.op != op.PHI]
    if changed:
        copies.run(function)
    return changed
