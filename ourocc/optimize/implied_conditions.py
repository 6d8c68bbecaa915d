"""Comparisons that the branches on the way to them have decided.

    b0: branch (v1 > 0), b1, b2                    b0: branch (v1 > 0), b1, b2
    b1: branch (v1 != 0), b3, b4           =>      b1: branch 1, b3, b4

A walk over the dominator tree: a block with one predecessor learns from its branch which orders two values can stand in, and in
which range a value lies that was compared with a constant.  Facts are forgotten when the walk leaves the subtree.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, unsigned
from ourocc.optimize import copies
from ourocc.optimize.control_flow import Dominators
from ourocc.optimize.facts import known_width

LESS: Final = 1
EQUAL: Final = 2
GREATER: Final = 4
UNORDERED: Final = 8

# In which orders of its operands each comparison holds
_ORDERS: Final[dict[int, int]] = {
    op.EQ: EQUAL, op.NE: LESS | GREATER, op.SLT: LESS, op.SLE: LESS | EQUAL, op.SGT: GREATER, op.SGE: GREATER | EQUAL,
    op.ULT: LESS, op.ULE: LESS | EQUAL, op.UGT: GREATER, op.UGE: GREATER | EQUAL,
    op.FOEQ: EQUAL, op.FOLT: LESS, op.FOLE: LESS | EQUAL, op.FOGT: GREATER, op.FOGE: GREATER | EQUAL,
    op.FUNE: LESS | GREATER | UNORDERED, op.FULT: LESS | UNORDERED, op.FULE: LESS | EQUAL | UNORDERED,
    op.FUGT: GREATER | UNORDERED, op.FUGE: GREATER | EQUAL | UNORDERED, op.FUEQ: EQUAL | UNORDERED,
    op.FONE: LESS | GREATER, op.FORD: LESS | EQUAL | GREATER, op.FUNO: UNORDERED,
}  # fmt: skip
_UNSIGNED: Final = (op.ULT, op.ULE, op.UGT, op.UGE)


@final
class Range:
    """The numbers that a value can be, read as signed and as unsigned."""

    def __init__(self, low: int, high: int, unsigned_low: int, unsigned_high: int) -> None:
        self.low = low
        self.high = high
        self.unsigned_low = unsigned_low
        self.unsigned_high = unsigned_high

    def copy(self) -> "Range":
        return Range(self.low, self.high, self.unsigned_low, self.unsigned_high)

    def exchange(self, bits: int) -> None:
        """What one reading says about the other: on one side of the sign, both have the same order."""
        modulus = 1 << bits
        if self.low >= 0 or self.high < 0:
            offset = 0 if self.low >= 0 else modulus
            self.unsigned_low = max(self.unsigned_low, self.low + offset)
            self.unsigned_high = min(self.unsigned_high, self.high + offset)
        half = modulus >> 1
        if self.unsigned_high < half or self.unsigned_low >= half:
            offset = 0 if self.unsigned_high < half else modulus
            self.low = max(self.low, self.unsigned_low - offset)
            self.high = min(self.high, self.unsigned_high - offset)


@final
class Undo:
    """What a table held before a fact was learned."""

    def __init__(self, key: tuple[int, int, int], orders: int, range: Range | None) -> None:
        self.key = key
        self.orders = orders
        self.range = range


def run(function: Function) -> bool:
    branches = 0
    for block in function.blocks:
        if block.terminator.op == op.BRANCH:
            branches += 1
    return branches > 0 and Walk(function).run()


@final
class Walk:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.dominators = Dominators(function)
        self.orders: dict[tuple[int, int, int], int] = {}  # x, y, unsigned: possible orders
        self.ranges: dict[int, Range] = {}
        self.known: dict[int, int] = {}  # conditions as they were tested
        self.undo: list[Undo] = []
        self.changed = False

    def run(self) -> bool:
        entry = self.function.blocks[0]
        self._block(entry)
        stack: list[tuple[Block, int, int]] = [(entry, 0, 0)]
        while stack:
            block, index, mark = stack.pop()
            children = self.dominators.children[block.id]
            if index < len(children):
                stack.append((block, index + 1, mark))
                child = children[index]
                start = len(self.undo)
                self._enter(child)
                self._block(child)
                stack.append((child, 0, start))
                continue
            while len(self.undo) > mark:
                self._forget(self.undo.pop())
        if self.changed:
            copies.run(self.function)
        return self.changed

    def _forget(self, undo: Undo) -> None:
        key = undo.key
        if key[1] == -1:
            if undo.range is None:
                del self.ranges[key[0]]
            else:
                self.ranges[key[0]] = undo.range
        elif key[1] == -2:
            del self.known[key[0]]
        else:
            self.orders[key] = undo.orders

    # ---- learning

    def _enter(self, block: Block) -> None:
        if len(block.predecessors) != 1:
            return
        branch = block.predecessors[0].terminator
        if branch.op == op.BRANCH:
            self._learn(branch.args[0], block.predecessors[0].successors[0] is block, 0)

    def _learn(self, condition: Value, truth: bool, depth: int) -> None:
        while condition.op == op.COPY:
            condition = condition.args[0]
        if condition.op == op.CONST or condition.id in self.known:
            return
        self.known[condition.id] = 1 if truth else 0
        self.undo.append(Undo((condition.id, -2, 0), 0, None))
        if depth > 4:
            return
        if condition.op == op.XOR and condition.args[1].op == op.CONST and condition.args[1].imm == 1:
            self._learn(condition.args[0], not truth, depth + 1)
        elif condition.op == (op.AND if truth else op.OR):
            self._learn(condition.args[0], truth, depth + 1)
            self._learn(condition.args[1], truth, depth + 1)
        holds = _ORDERS.get(condition.op)
        if holds is None or not _is_scalar(condition.args[0]):
            return
        if not truth:
            holds = 15 & ~holds
        self._learn_order(condition, holds)

    def _learn_order(self, comparison: Value, holds: int) -> None:
        x, y = comparison.args
        if y.op == op.CONST and ty.is_integer(x.type):
            self._learn_range(x, comparison.op in _UNSIGNED, y.imm, holds)
            return
        kind = 1 if comparison.op in _UNSIGNED else 0
        self._narrow_order(x, y, kind, holds)
        if comparison.op in (op.EQ, op.NE):
            self._narrow_order(x, y, 1, holds)
        elif not holds & EQUAL:
            self._narrow_order(x, y, 1 - kind, LESS | GREATER)

    def _narrow_order(self, x: Value, y: Value, kind: int, holds: int) -> None:
        key, flipped = _key(x, y, kind)
        old = self.orders.get(key, 15)
        self.undo.append(Undo(key, old, None))
        self.orders[key] = old & (_flip(holds) if flipped else holds)

    def _learn_range(self, x: Value, is_unsigned: bool, number: int, holds: int) -> None:
        old = self.ranges.get(x.id)
        range = self._range(x)
        if range is None:
            return
        new = range.copy()
        bits = ty.BITS[x.type]
        positive = unsigned(number, x.type)
        holds &= LESS | EQUAL | GREATER
        if not is_unsigned or holds in (EQUAL, LESS | GREATER):
            new.low, new.high = _narrow(new.low, new.high, number, holds)
        if is_unsigned or holds in (EQUAL, LESS | GREATER):
            new.unsigned_low, new.unsigned_high = _narrow(new.unsigned_low, new.unsigned_high, positive, holds)
        new.exchange(bits)
        self.undo.append(Undo((x.id, -1, 0), 0, old))
        self.ranges[x.id] = new

    def _range(self, x: Value) -> Range | None:
        if not ty.is_integer(x.type) or x.type == ty.I1:
            return None
        found = self.ranges.get(x.id)
        if found is None:
            bits = ty.BITS[x.type]
            found = Range(-(1 << (bits - 1)), (1 << (bits - 1)) - 1, 0, (1 << known_width(x)) - 1)
            found.exchange(bits)
        return found

    def _derived(self, x: Value) -> Range | None:
        """What was learned of x, or of what it is made of."""
        found = self.ranges.get(x.id)
        if found is not None or not x.args:
            return found
        inner = self.ranges.get(x.args[0].id)
        if inner is None:
            return None
        bits = ty.BITS[x.type]
        if x.op == op.ADD and x.args[1].op == op.CONST:
            return _moved(inner, x.args[1].imm, bits)
        if x.op == op.ZEXT:
            return Range(inner.unsigned_low, inner.unsigned_high, inner.unsigned_low, inner.unsigned_high)
        if x.op == op.SEXT:
            wide = Range(inner.low, inner.high, 0, (1 << bits) - 1)
            wide.exchange(bits)
            return wide
        return None

    # ---- deciding

    def _block(self, block: Block) -> None:
        if not self.undo:
            return
        for value in block.values:
            if value.op in _ORDERS and value.type == ty.I1:
                answer = self._answer(value)
                if answer >= 0:
                    value.become_constant(answer)
                    self.changed = True
            elif value.op in (op.SELECT, op.ZEXT) and value.args[0].type == ty.I1 and value.args[0].op != op.CONST:
                answer = self._answer(value.args[0])
                if answer >= 0:
                    self._decide(value, answer)
        terminator = block.terminator
        if terminator.op == op.BRANCH and terminator.args[0].op != op.CONST:
            answer = self._answer(terminator.args[0])
            if answer >= 0:
                made = self.function.new_value(op.CONST, ty.I1, block)
                made.imm = answer
                block.values.append(made)
                terminator.set_argument(0, made)
                self.changed = True

    def _decide(self, value: Value, answer: int) -> None:
        self.changed = True
        if value.op == op.ZEXT:
            value.become_constant(answer)
        else:
            value.become_copy(value.args[1] if answer else value.args[2])

    def _answer(self, condition: Value) -> int:
        """1, 0, or -1 when it is open."""
        while condition.op == op.COPY:
            condition = condition.args[0]
        known = self.known.get(condition.id, -1)
        holds = _ORDERS.get(condition.op, 0)
        if known >= 0 or holds == 0 or not _is_scalar(condition.args[0]):
            return known
        x, y = condition.args
        if y.op == op.CONST and ty.is_integer(x.type):
            possible = self._orders_with(x, y.imm, condition.op)
        else:
            key, flipped = _key(x, y, 1 if condition.op in _UNSIGNED else 0)
            possible = self.orders.get(key, 15)
            if flipped:
                possible = _flip(possible)
            if not ty.is_float(x.type):
                possible &= ~UNORDERED
        if not possible & holds:
            return 0
        return 1 if not possible & ~holds else -1

    def _orders_with(self, x: Value, number: int, operation: int) -> int:
        range = self._derived(x)
        if range is None:
            return 15
        if operation in _UNSIGNED:
            return _compare(range.unsigned_low, range.unsigned_high, unsigned(number, x.type))
        possible = _compare(range.low, range.high, number)
        if operation in (op.EQ, op.NE) and not _compare(
            range.unsigned_low, range.unsigned_high, unsigned(number, x.type)
        ) & EQUAL:
            possible &= ~EQUAL
        return possible


def _moved(range: Range, number: int, bits: int) -> Range | None:
    """The range of the sum; None when it may wrap in both readings."""
    moved = Range(-(1 << (bits - 1)), (1 << (bits - 1)) - 1, 0, (1 << bits) - 1)
    found = False
    if moved.low <= range.low + number and range.high + number <= moved.high:
        moved.low, moved.high = range.low + number, range.high + number
        found = True
    if 0 <= range.unsigned_low + number and range.unsigned_high + number <= moved.unsigned_high:
        moved.unsigned_low, moved.unsigned_high = range.unsigned_low + number, range.unsigned_high + number
        found = True
    moved.exchange(bits)
    return moved if found else None


def _is_scalar(value: Value) -> bool:
    return not ty.is_vector(value.type)


def _key(x: Value, y: Value, kind: int) -> tuple[tuple[int, int, int], bool]:
    if x.id <= y.id:
        return (x.id, y.id, kind), False
    return (y.id, x.id, kind), True


def _flip(orders: int) -> int:
    """The same with the operands exchanged."""
    kept = orders & (EQUAL | UNORDERED)
    return kept | (GREATER if orders & LESS else 0) | (LESS if orders & GREATER else 0)


def _narrow(low: int, high: int, number: int, holds: int) -> tuple[int, int]:
    """The numbers of low..high that stand so to `number`."""
    if not holds & LESS:
        low = max(low, number if holds & EQUAL else number + 1)
    if not holds & GREATER:
        high = min(high, number if holds & EQUAL else number - 1)
    if not holds & EQUAL:
        if low == number:
            low += 1
        if high == number:
            high -= 1
    return low, high


def _compare(low: int, high: int, number: int) -> int:
    """How the numbers low..high can stand to `number`; an empty range is code that never runs."""
    possible = 0
    if low < number:
        possible |= LESS
    if high > number:
        possible |= GREATER
    if low <= number <= high:
        possible |= EQUAL
    return possible if low <= high else 15
