"""Late steps: a counter's next value is computed after the last use of the counter, so that both can share a register.

    b1: v2 = phi.i64 v0, v3               b1: v2 = phi.i64 v0, v3
        v3 = add.i64 v2, 1                    v4 = load p[v2]
        v4 = load p[v2]            =>         v3 = add.i64 v2, 1
        v5 = slt.i1 v3, v1                    v5 = slt.i1 v3, v1

Within the block that ends the round.
"""

from ourocc.ir import operations as op
from ourocc.ir.function import Block, Function, Value

_STEPS = frozenset([op.ADD, op.SUB, op.PTRADD])


def run(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        for successor in block.successors:
            if successor.values and successor.values[0].op == op.PHI and _sink_steps(block, successor):
                changed = True
    return changed


def _sink_steps(block: Block, header: Block) -> bool:
    index = header.predecessor_index(block)
    changed = False
    for phi in header.values:
        if phi.op != op.PHI:
            break
        next = phi.args[index]
        if next.block is block and next.op in _STEPS and phi in next.args and _sink(block, next, phi):
            changed = True
    return changed


def _sink(block: Block, next: Value, phi: Value) -> bool:
    """Behind the last use of the phi, unless the next value is used before that."""
    values = block.values
    place = values.index(next)
    last = -1
    indexed: set[int] = {phi.id}  # the phi, and addresses of it, which become part of those who use them
    for index, value in enumerate(values):
        if value is next or value.op == op.PHI:
            continue
        for argument in value.args:
            if argument.id in indexed:
                if value.op == op.PTRADD or value.op == op.SHL:
                    indexed.add(value.id)
                last = index
                break
    if last <= place:
        return False
    for index in range(place + 1, last + 1):
        if next in values[index].args:
            return False
    values.insert(last + 1, next)
    del values[place]
    return True
