"""Branch probabilities and block frequencies (after Ball and Larus, "Branch Prediction for Free", 1993).

    branch (expect c, 0), b1, b2     =>     b1 is cold, b2 frequent

`hints` notes what __builtin_expect said in the branch itself (`extra`: 1 the first successor is likely, 2 the second) and lets
the condition go on without it.  `run` estimates, last of all passes, how often each block runs, in sixteenths of the entry:
loops go round eight times, what ends in a call that does not return is cold.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value
from ourocc.optimize import copies
from ourocc.optimize.control_flow import Dominators, Loops

ROUNDS: Final = 8.0
SCALE: Final = 16.0
MAXIMUM: Final = 1e8
UNLIKELY: Final = 0.02


def hints(function: Function) -> bool:
    """Move expectations from values to branches."""
    changed = False
    for block in function.blocks:
        terminator = block.terminator
        if terminator.op == op.BRANCH:
            likely = _expected(terminator.args[0], 0)
            if likely >= 0:
                terminator.extra = 1 if likely else 2
    for block in function.blocks:
        for value in block.values:
            if value.op == op.EXPECT:
                value.become_copy(value.args[0])
                changed = True
    if changed:
        copies.run(function)
    return changed


def _expected(value: Value, depth: int) -> int:
    """The value that an i1 is expected to have; -1: nothing is said."""
    if depth > 4:
        return -1
    if value.op == op.EXPECT:
        return 1 if value.imm else 0
    if value.op in (op.NE, op.EQ) and value.args[1].op == op.CONST:
        inner = value.args[0]
        while inner.op in (op.ZEXT, op.SEXT, op.TRUNC, op.COPY) and inner.args[0].type != ty.I1:
            inner = inner.args[0]
        if inner.op == op.EXPECT:
            equal = inner.imm == value.args[1].imm
            return int(equal == (value.op == op.EQ))
        if inner.op == op.ZEXT and value.args[1].imm == 0:
            known = _expected(inner.args[0], depth + 1)
            if known >= 0:
                return known if value.op == op.NE else 1 - known
    if value.op == op.XOR and value.args[1].op == op.CONST and value.args[1].imm == 1:
        known = _expected(value.args[0], depth + 1)
        return 1 - known if known >= 0 else -1
    return -1


def run(function: Function) -> bool:
    dominators = Dominators(function)
    loops = Loops(function, dominators)
    _find_cold(function, dominators)
    frequency: list[float] = [0.0] * function.block_count
    headers: set[int] = {loop.header.id for loop in loops.loops}
    number = dominators.number
    for block in dominators.order:
        total = 1.0 if block is function.blocks[0] else 0.0
        for predecessor in block.predecessors:
            if number[predecessor.id] < 0 or number[predecessor.id] >= number[block.id]:
                continue  # back edges are in the loop's factor
            total += frequency[predecessor.id] * probability(predecessor, block, loops)
        if block.id in headers:
            total *= ROUNDS
        frequency[block.id] = min(total, MAXIMUM)
        block.frequency = max(1, int(total * SCALE) if total < MAXIMUM else int(MAXIMUM))
    return False


def _find_cold(function: Function, dominators: Dominators) -> None:
    """Blocks that end in no return, all whose successors are cold, or that are only reached by unlikely edges."""
    for block in reversed(dominators.order):
        if block is function.blocks[0]:
            continue
        if block.terminator.op == op.UNREACHABLE and block.values:
            block.cold = True
        elif block.successors and all(
            successor.cold and dominators.number[successor.id] > dominators.number[block.id]
            for successor in block.successors
        ):
            block.cold = True
        elif any(value.op == op.CALL and value.symbol is not None and value.symbol.cold for value in block.values):
            block.cold = True
    for block in dominators.order:
        if block.cold or not block.predecessors or block is function.blocks[0]:
            continue
        if all(
            predecessor.cold or unlikely_edge(predecessor, block)
            for predecessor in block.predecessors
            if dominators.number[predecessor.id] < dominators.number[block.id]
        ):
            block.cold = True


def unlikely_edge(source: Block, target: Block) -> bool:
    terminator = source.terminator
    if terminator.op != op.BRANCH or terminator.extra == 0:
        return False
    return source.successors[2 - terminator.extra] is target


def probability(source: Block, target: Block, loops: Loops) -> float:
    """How likely the edge is taken when `source` runs."""
    count = len(source.successors)
    if count == 1:
        return 1.0
    if count != 2 or source.terminator.op != op.BRANCH:
        return 1.0 / count
    first, second = source.successors
    is_first = target is first
    extra = source.terminator.extra
    if extra:
        return 1.0 - UNLIKELY if (extra == 1) == is_first else UNLIKELY
    if first.cold != second.cold:
        return UNLIKELY if target.cold else 1.0 - UNLIKELY
    loop = loops.innermost[source.id]
    if loop is not None:
        stays = first.id in loop.members
        if stays != (second.id in loop.members):
            return 1.0 - 1.0 / ROUNDS if stays == is_first else 1.0 / ROUNDS
    likely = _guess(source.terminator.args[0])
    return likely if is_first else 1.0 - likely


def _guess(test: Value) -> float:
    """Pointers are seldom equal, numbers seldom negative or equal to a constant."""
    if len(test.args) == 2:
        pointer = test.args[0].type == ty.PTR
        constant = test.args[1].op == op.CONST
        if test.op == op.EQ:
            return 0.3 if pointer else 0.4 if constant else 0.5
        if test.op == op.NE:
            return 0.7 if pointer else 0.6 if constant else 0.5
        if test.op == op.SLT and constant and test.args[1].imm <= 0:
            return 0.3
        if test.op == op.SGT and constant and test.args[1].imm == -1:
            return 0.7
    return 0.5
