"""Tail recursion becomes a loop, also behind an addition or multiplication that is still to be done.

    f(n): if (n < 2) return n;               f(n): sum = 0
          return f(n-1) + f(n-2);     =>     again: if (n < 2) return sum + n;
                                             sum += f(n-1); n = n-2; goto again

The sum may be made in another order because integer addition is associative (two's complement).  Not when a local object's
address escapes: the activation that it belongs to must stay distinct.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, add_edge, remove_edge
from ourocc.optimize.alias import AliasAnalysis
from ourocc.optimize.inline import arguments_match


@final
class TailCall:
    """`call` is the last thing that its block does, or `combined`: its result plus (or times) something."""

    def __init__(self, call: Value, combined: Value | None) -> None:
        self.call = call
        self.combined = combined


def run(function: Function) -> bool:
    calls = [found for found in map(_tail_call, function.blocks) if found is not None]
    if not calls or not _allowed(function):
        return False
    operation = 0
    for call in calls:
        if call.combined is not None:
            if operation not in (0, call.combined.op):
                return False
            operation = call.combined.op
    _transform(function, calls, operation)
    return True


def _allowed(function: Function) -> bool:
    if function.variadic or function.calls_setjmp or function.has_dynamic_stack or function.naked:
        return False
    if function.symbol.weak or function.symbol.is_ifunc:
        return False
    alias = AliasAnalysis(function)
    for block in function.blocks:
        for value in block.values:
            if value.op == op.ALLOCA and alias.escaped[value.id]:
                return False
            if value.op in (op.STACK_PARAMETER, op.VA_REGISTERS, op.RETURN_ADDRESS, op.FRAME_ADDRESS):
                return False
    return True


def _tail_call(block: Block) -> TailCall | None:
    """The recursive call at the end of a block that returns what it gives."""
    function = block.function
    returned = _returned(block)
    if returned is None:
        return None
    rest = [value for value in block.values if value.op not in (op.CONST, op.FCONST)]
    if not rest:
        return None
    last = rest[-1]
    combined: Value | None = None
    if last.op in (op.ADD, op.MUL) and len(rest) > 1 and returned == [last] and last.uses == 1:
        combined = last
        last = rest[-2]
    info = last.call
    if last.op != op.CALL or last.symbol is not function.symbol or info is None or any(info.byval_sizes):
        return None
    if not arguments_match(last, function):
        return None
    if combined is None:
        fits = last.uses == len(returned) and (not returned or returned == [last])
        if len(function.result_locations) != len(returned) or not fits:
            return None
        return TailCall(last, None)
    if last.uses != 1 or last not in combined.args or ty.is_vector(combined.type) or combined.type == ty.I1:
        return None
    return TailCall(last, combined)


def _returned(block: Block) -> list[Value] | None:
    """What the block returns, itself or by a jump to a block that only returns a phi."""
    if block.terminator.op == op.RETURN:
        return list(block.terminator.args)
    if block.terminator.op != op.JUMP:
        return None
    target = block.successors[0]
    if target.terminator.op != op.RETURN or target is block:
        return None
    if not target.values:
        return [] if not target.terminator.args else None
    phi = target.values[0]
    if len(target.values) != 1 or phi.op != op.PHI or target.terminator.args != [phi] or phi.uses != 1:
        return None
    return [phi.args[target.predecessor_index(block)]]


def _transform(function: Function, calls: list[TailCall], operation: int) -> None:
    entry = function.blocks[0]
    header = Block(function.block_count, function)
    function.block_count += 1
    function.blocks.insert(1, header)
    stay = [value for value in entry.values if value.op in (op.PARAM, op.ALLOCA)]
    header.values = [value for value in entry.values if value.op not in (op.PARAM, op.ALLOCA)]
    for value in header.values:
        value.block = header
    entry.values = stay
    header.terminator = entry.terminator
    header.terminator.block = header
    header.successors = entry.successors
    for successor in header.successors:
        successor.predecessors[successor.predecessor_index(entry)] = header
    entry.successors = []
    entry.terminator = function.new_value(op.JUMP, ty.VOID, entry)
    phis = _parameter_phis(function, stay, header)
    total: Value | None = None
    if operation:
        type = function.result_locations[0].type
        neutral = function.new_value(op.CONST, type, entry)
        neutral.imm = 0 if operation == op.ADD else 1
        entry.values.append(neutral)
        total = function.new_value(op.PHI, type, header)
        total.add_argument(neutral)
        _combine_returns(function, total, operation, {call.call.block.id for call in calls})
    add_edge(entry, header)
    for call in calls:
        _loop_back(function, call, header, phis, total, operation)
    header.values[0:0] = [phi for _, phi in phis] + ([total] if total is not None else [])


def _parameter_phis(function: Function, stay: list[Value], header: Block) -> list[tuple[int, Value]]:
    """A phi for every parameter that is used, in place of it."""
    phis: dict[int, Value] = {}
    found: list[tuple[int, Value]] = []
    for value in stay:
        if value.op == op.PARAM and value.uses:
            phi = function.new_value(op.PHI, value.type, header)
            phi.position = value.position
            phis[value.id] = phi
            found.append((value.imm, phi))
    for block in function.blocks:
        for value in [*block.values, block.terminator]:
            for index, argument in enumerate(value.args):
                replacement = phis.get(argument.id)
                if replacement is not None and argument.op == op.PARAM:
                    value.set_argument(index, replacement)
    for value in stay:
        if value.id in phis:
            phis[value.id].add_argument(value)
    return found


def _combine_returns(function: Function, total: Value, operation: int, ends: set[int]) -> None:
    """Every return that stays adds what has been gathered."""
    for block in function.blocks:
        terminator = block.terminator
        if terminator.op != op.RETURN or block.id in ends or not terminator.args:
            continue
        made = function.new_value(operation, total.type, block)
        made.add_argument(total)
        made.add_argument(terminator.args[0])
        block.values.append(made)
        terminator.set_argument(0, made)


def _loop_back(
    function: Function, tail: TailCall, header: Block, phis: list[tuple[int, Value]], total: Value | None, operation: int
) -> None:
    call = tail.call
    block = call.block
    for number, phi in phis:
        phi.add_argument(call.args[number])
    if block.terminator.op == op.JUMP:
        remove_edge(block, block.successors[0])
    else:
        block.terminator.clear_arguments()
        block.terminator.op = op.JUMP
    if total is not None:
        gathered = total
        if tail.combined is not None:
            x, y = tail.combined.args
            gathered = function.new_value(operation, total.type, block)
            gathered.add_argument(total)
            gathered.add_argument(y if x is call else x)
            block.values.append(gathered)
        total.add_argument(gathered)
    for value in (tail.combined, call):
        if value is not None:
            block.values.remove(value)
            value.clear_arguments()
            value.op = op.INVALID
    function.symbol.references -= 1
    add_edge(block, header)
