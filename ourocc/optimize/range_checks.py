"""Two comparisons of a value with constants, joined by branches, become one unsigned comparison.

    b0: branch (v1 > 96), b1, b3                 b0: v2 = add.i32 v1, -97
    b1: branch (v1 < 123), b2, b3         =>         branch (v2 <u 26), b2, b3

Also two equalities with neighbours or with numbers that differ in one bit: v1 == 43 or v1 == 41 is (v1 | 2) == 43.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, normalize, remove_edge


@final
class Interval:
    """The signed numbers low..high for which a condition on `value` holds; `outside`: for which it does not."""

    def __init__(self, value: Value, low: int, high: int, outside: bool) -> None:
        self.value = value
        self.low = low
        self.high = high
        self.outside = outside


def run(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        while block.terminator.op == op.BRANCH and _join(function, block):
            changed = True
    if changed:
        function.blocks = [block for block in function.blocks if block.terminator.op != op.INVALID]
    return changed


def _interval(test: Value, negated: bool) -> Interval | None:
    if len(test.args) != 2 or test.args[1].op != op.CONST:
        return None
    value = test.args[0]
    type = value.type
    if type not in (ty.I8, ty.I16, ty.I32, ty.I64):
        return None
    number = test.args[1].imm
    smallest = -(1 << (ty.BITS[type] - 1))
    largest = -smallest - 1
    operation = test.op
    if operation in (op.EQ, op.NE):
        return Interval(value, number, number, (operation == op.NE) != negated)
    if operation in (op.SLT, op.SGE):
        below = (operation == op.SLT) != negated
        low, high = (smallest, number - 1) if below else (number, largest)
    elif operation in (op.SGT, op.SLE):
        above = (operation == op.SGT) != negated
        low, high = (number + 1, largest) if above else (smallest, number)
    else:
        return None
    return Interval(value, low, high, False) if low <= high else None


def _join(function: Function, head: Block) -> bool:
    for side in (0, 1):
        second = head.successors[side]
        other = head.successors[1 - side]
        if second.predecessors != [head] or second.terminator.op != op.BRANCH or second.address_taken:
            continue
        if second is head or other not in second.successors:
            continue
        target = second.successors[1 if second.successors[0] is other else 0]
        if target is head or target is second or not _is_bare(second):
            continue
        if not _same_phis(head, second, other):
            continue
        first_test = _interval(head.terminator.args[0], side == 1)
        second_test = _interval(second.terminator.args[0], second.successors[1] is target)
        if first_test is None or second_test is None or first_test.value is not second_test.value:
            continue
        made = _combined(function, head, first_test, second_test)
        if made is not None:
            _rewire(function, head, second, other, target, made, side)
            return True
    return False


def _is_bare(block: Block) -> bool:
    """Only constants and the comparison, which nobody else needs."""
    test = block.terminator.args[0]
    for value in block.values:
        if value is test:
            if value.uses != 1:
                return False
        elif value.op != op.CONST:
            return False
    return True


def _same_phis(head: Block, second: Block, other: Block) -> bool:
    x = other.predecessor_index(head)
    y = other.predecessor_index(second)
    for phi in other.values:
        if phi.op != op.PHI:
            break
        a = phi.args[x]
        b = phi.args[y]
        if a is not b and not (a.op == op.CONST and b.op == op.CONST and a.imm == b.imm):
            return False
    return True


def _constant(function: Function, block: Block, number: int, type: int) -> Value:
    made = function.new_value(op.CONST, type, block)
    made.imm = normalize(number, type)
    block.values.append(made)
    return made


def _binary(function: Function, block: Block, operation: int, type: int, x: Value, y: Value) -> Value:
    made = function.new_value(operation, type, block)
    made.add_argument(x)
    made.add_argument(y)
    made.position = block.terminator.position
    block.values.append(made)
    return made


def _combined(function: Function, head: Block, x: Interval, y: Interval) -> Value | None:
    """A condition that holds when both hold."""
    value = x.value
    type = value.type
    smallest = -(1 << (ty.BITS[type] - 1))
    if not x.outside and not y.outside:
        low = max(x.low, y.low)
        high = min(x.high, y.high)
        if low > high or low == smallest or high == -smallest - 1:
            return None
        return _in_range(function, head, value, low, high, op.ULT)
    if not (x.outside and y.outside):
        return None
    if abs(x.low - y.low) == 1:
        return _in_range(function, head, value, min(x.low, y.low), max(x.low, y.low), op.UGE)
    bit = (x.low ^ y.low) & ((1 << ty.BITS[type]) - 1)
    if bit & (bit - 1):
        return None
    joined = _binary(function, head, op.OR, type, value, _constant(function, head, bit, type))
    return _binary(function, head, op.NE, ty.I1, joined, _constant(function, head, x.low | y.low | bit, type))


def _in_range(function: Function, head: Block, value: Value, low: int, high: int, comparison: int) -> Value:
    type = value.type
    shifted = value
    if low != 0:
        shifted = _binary(function, head, op.ADD, type, value, _constant(function, head, -low, type))
    size = _constant(function, head, high - low + 1, type)
    return _binary(function, head, comparison, ty.I1, shifted, size)


def _rewire(
    function: Function, head: Block, second: Block, other: Block, target: Block, made: Value, side: int
) -> None:
    """head branches to target when `made` holds, else to `other`; `second` goes away."""
    for value in second.values:
        if value.op == op.CONST:
            value.block = head
            head.values.append(value)
        else:
            value.clear_arguments()
            value.op = op.INVALID
    via = target.predecessor_index(second)
    target.predecessors[via] = head
    remove_edge(second, other)
    second.terminator.clear_arguments()
    second.terminator.op = op.INVALID
    second.values = []
    second.successors = []
    second.predecessors = []
    head.terminator.set_argument(0, made)
    head.terminator.extra = 0
    head.successors = [target, other]
