"""A small function that calls itself gets copies of its own body, up to three, or seven when it is very small and has one call: fewer
calls for the same work.

    f(n): ... f(n-1) ...     =>     f(n): ... { ... { ... f(n-3) ... } ... } ...

After `tail_recursion`, which leaves the calls that need an activation of their own.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir.function import Block, Function, Value
from ourocc.optimize.inline import arguments_match, body_size, can_be_inlined, inline_into

SIZE_LIMIT: Final = 40  # of the body that is copied
TOTAL_LIMIT: Final = 160  # of the result
ROUNDS: Final = 3
SINGLE_ROUNDS: Final = 7  # of a function with one call of itself
SINGLE_LIMIT: Final = 20  # of its body


def run(function: Function) -> bool:
    calls = _calls_of_itself(function)
    if not calls or len(calls) > 2 or function.cold or function.symbol.weak:
        return False
    size = body_size(function)
    if size > SIZE_LIMIT or not can_be_inlined(function):
        return False
    body = clone(function)
    changed = False
    for _ in range(SINGLE_ROUNDS if len(calls) == 1 and size <= SINGLE_LIMIT else ROUNDS):
        calls = _calls_of_itself(function)
        if body_size(function) + len(calls) * size > TOTAL_LIMIT:
            break
        for call in calls:
            if arguments_match(call, body):
                inline_into(function, call, body)
                changed = True
    return changed


def _calls_of_itself(function: Function) -> list[Value]:
    return [
        value
        for block in function.blocks
        for value in block.values
        if value.op == op.CALL and value.symbol is function.symbol and not block.cold
    ]


def clone(function: Function) -> Function:
    """A copy of the body that does not change any more; it is in no module."""
    copy = Function(function.symbol, function.records)
    copy.parameter_locations = function.parameter_locations
    copy.result_locations = function.result_locations
    copy.value_count = function.value_count
    copy.block_count = function.block_count
    copy.has_dynamic_stack = function.has_dynamic_stack
    copy.stack_protect = function.stack_protect
    blocks: dict[int, Block] = {}
    values: list[Value | None] = [None] * function.value_count
    pairs: list[tuple[Value, Value]] = []
    for block in function.blocks:
        made = Block(block.id, copy)
        made.cold = block.cold
        made.address_taken = block.address_taken
        blocks[block.id] = made
        copy.blocks.append(made)
        for value in [*block.values, block.terminator]:
            twin = Value(value.id, value.op, value.type, made)
            twin.copy_details(value)
            pairs.append((value, twin))
            if value is block.terminator:
                made.terminator = twin
            else:
                values[value.id] = twin
                made.values.append(twin)
    for block in function.blocks:
        blocks[block.id].successors = [blocks[other.id] for other in block.successors]
        blocks[block.id].predecessors = [blocks[other.id] for other in block.predecessors]
    for value, twin in pairs:
        if value.target is not None:
            twin.target = blocks[value.target.id]
        for argument in value.args:
            replacement = values[argument.id]
            assert replacement is not None
            twin.add_argument(replacement)
    return copy
