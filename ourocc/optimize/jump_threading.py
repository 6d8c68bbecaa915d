"""Jump threading: a branch whose outcome is known on the way to it is passed over.

    b1: jump b3      b2: jump b3               b1: jump b4      b2: jump b5
    b3: v1 = phi.i32 1, 0                =>
        branch (v1 != 0), b4, b5

For blocks of phis and a few cheap operations whose values nobody else uses: what `&&`, `||` and functions that were inlined
with their 0 or 1 leave behind.  Loop headers stay as they are (no loops with two entries are made).
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir.function import Block, Function
from ourocc.optimize import simplify_control_flow
from ourocc.optimize.control_flow import Dominators
from ourocc.optimize.fold import fold
from ourocc.optimize.users import Users

SIZE_LIMIT: Final = 6


def run(function: Function) -> bool:
    if not any(block.terminator.op == op.BRANCH and block.values and block.values[0].op == op.PHI for block in function.blocks):
        return False
    dominators = Dominators(function)
    users = Users(function)
    changed = False
    for block in dominators.order:
        if _threadable(block, dominators, users):
            for predecessor in list(block.predecessors):
                if len(block.predecessors) > 1 and _thread(function, predecessor, block):
                    changed = True
    if changed:
        simplify_control_flow.run(function)
    return changed


def _threadable(block: Block, dominators: Dominators, users: Users) -> bool:
    if block.terminator.op != op.BRANCH or len(block.predecessors) < 2 or block.address_taken:
        return False
    if len(block.values) > SIZE_LIMIT or not block.values or block.values[0].op != op.PHI:
        return False
    if not any(argument.op == op.CONST for value in block.values if value.op == op.PHI for argument in value.args):
        return False
    for predecessor in block.predecessors:
        if dominators.dominates(block, predecessor):
            return False
    for value in block.values:
        if value.op == op.CONST:
            continue
        if value.op != op.PHI and op.FLAGS[value.op] & (op.EFFECT | op.READS | op.PINNED | op.MAY_TRAP):
            return False
        for user in users.list_of(value):
            if value not in user.args or user.block is block:
                continue
            if user.op != op.PHI or value.op != op.PHI or user.block not in block.successors:
                return False
            for index, argument in enumerate(user.args):
                if argument is value and user.block.predecessors[index] is not block:
                    return False
    for successor in block.successors:  # their phis may only bring phis, constants or values from further up
        for phi in successor.values:
            if phi.op != op.PHI:
                break
            argument = phi.args[successor.predecessor_index(block)]
            if argument.block is block and argument.op not in (op.PHI, op.CONST):
                return False
    return _constants_stay(block, users)


def _constants_stay(block: Block, users: Users) -> bool:
    """Constants of the block that others use keep it the dominator of those."""
    for value in block.values:
        if value.op == op.CONST:
            for user in users.list_of(value):
                if value in user.args and user.block is not block:
                    if user.op != op.PHI or user.block not in block.successors:
                        return False
    return True


def _outcome(predecessor: Block, block: Block) -> int:
    """Which successor the branch takes when the block is entered from there; -1: not known."""
    index = block.predecessor_index(predecessor)
    known: dict[int, int] = {}
    for value in block.values:
        if value.op == op.CONST:
            known[value.id] = value.imm
        elif value.op == op.PHI:
            if value.args[index].op == op.CONST:
                known[value.id] = value.args[index].imm
        else:
            constants: list[int] = []
            for argument in value.args:
                if argument.op == op.CONST:
                    constants.append(argument.imm)
                elif argument.id in known:
                    constants.append(known[argument.id])
            if len(constants) == len(value.args) and constants:
                result = fold(value.op, value.type, value.args[0].type, constants)
                if result is not None:
                    known[value.id] = result
    control = known.get(block.terminator.args[0].id)
    if control is None:
        return -1
    return 0 if control else 1


def _thread(function: Function, predecessor: Block, block: Block) -> bool:
    if predecessor.terminator.op not in (op.JUMP, op.BRANCH, op.SWITCH):
        return False
    outcome = _outcome(predecessor, block)
    if outcome < 0:
        return False
    target = block.successors[outcome]
    if target in predecessor.successors or target is block:
        return False
    index = block.predecessor_index(predecessor)
    via = target.predecessor_index(block)
    for phi in target.values:
        if phi.op != op.PHI:
            break
        argument = phi.args[via]
        if argument.block is block and argument.op == op.PHI:
            argument = argument.args[index]
        elif argument.block is block:
            copy = function.new_value(op.CONST, argument.type, predecessor)
            copy.imm = argument.imm
            predecessor.values.append(copy)
            argument = copy
        phi.add_argument(argument)
    for phi in block.values:
        if phi.op != op.PHI:
            break
        phi.remove_argument(index)
    del block.predecessors[index]
    simplify_control_flow.replace_successor(predecessor, block, target)
    target.predecessors.append(predecessor)
    return True


