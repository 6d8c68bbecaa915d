"""If-conversion: a branch around little work becomes a select.

    b0: branch c, b1, b2              b0: v4 = add.i32 v1, v2
    b1: v4 = add.i32 v1, v2                v5 = select c, v4, v1
        jump b2                =>          jump b2
    b2: v5 = phi v4, v1

Only cheap integer work without effects is done unconditionally: at most one operation on each side.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value
from ourocc.optimize import simplify_control_flow

SIDE_LIMIT: Final = 1
PHI_LIMIT: Final = 2
_EXPENSIVE: Final = frozenset([op.MUL, op.SMULH, op.UMULH, op.POPCOUNT, op.CLZ, op.CTZ])


def run(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        if block.terminator.op == op.BRANCH and _convert(function, block):
            changed = True
    if changed:
        simplify_control_flow.run(function)
    return changed


def _is_side(block: Block, head: Block, join: Block) -> bool:
    """An arm of the branch: only reached from `head`, goes to `join`, does little."""
    if block.predecessors != [head] or block.successors != [join] or block.address_taken:
        return False
    if block.terminator.op != op.JUMP:
        return False
    count = 0
    for value in block.values:
        if value.op in (op.CONST, op.ADDRESS, op.COPY):
            continue
        flags = op.FLAGS[value.op]
        if flags & (op.EFFECT | op.READS | op.PINNED | op.MAY_TRAP) or not ty.is_integer(value.type):
            return False
        if value.op in _EXPENSIVE or value.type == ty.I128:
            return False
        count += 1
    return count <= SIDE_LIMIT


def _convert(function: Function, head: Block) -> bool:
    then, otherwise = head.successors
    if then.successors and len(then.successors) == 1 and _is_side(then, head, then.successors[0]):
        join = then.successors[0]
        if otherwise is join:
            sides = [then]
        elif _is_side(otherwise, head, join):
            sides = [then, otherwise]
        else:
            return False
    elif otherwise.successors and len(otherwise.successors) == 1 and _is_side(otherwise, head, then):
        join = then
        sides = [otherwise]
    else:
        return False
    if join is head or head.terminator.extra:
        return False
    true_index = join.predecessor_index(then if then is not join else head)
    false_index = join.predecessor_index(otherwise if otherwise is not join else head)
    phis = [value for value in join.values if value.op == op.PHI]
    different = [phi for phi in phis if phi.args[true_index] is not phi.args[false_index]]
    if len(different) > PHI_LIMIT:
        return False
    for phi in different:
        if not ty.is_integer(phi.type) or phi.type == ty.I128:
            return False
    _select(function, head, join, sides, phis, true_index, false_index)
    return True


def _select(
    function: Function, head: Block, join: Block, sides: list[Block], phis: list[Value], true_index: int,
    false_index: int,
) -> None:  # fmt: skip
    for side in sides:
        for value in side.values:
            value.block = head
        head.values += side.values
        side.values = []
    condition = head.terminator.args[0]
    for phi in phis:
        x = phi.args[true_index]
        y = phi.args[false_index]
        chosen = x
        if x is not y:
            chosen = function.new_value(op.SELECT, phi.type, head)
            chosen.position = phi.position
            for argument in (condition, x, y):
                chosen.add_argument(argument)
            head.values.append(chosen)
        phi.set_argument(true_index, chosen)
        phi.set_argument(false_index, chosen)
    # Both ways to the join carry the same values now: one side, or the direct edge, is enough.
    simplify_control_flow.to_jump(head, sides[0])
