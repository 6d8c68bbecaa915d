"""Dead code elimination: values that nothing needs go away, cycles of phis that only feed each other too.

    v1 = add.i32 v0, v0
    v2 = load.i32 v9          return v0
    return v0           =>

Mark and sweep from the effects (Cytron et al. 1991, without control dependence: branches are roots).
"""

from ourocc.ir import operations as op
from ourocc.ir.function import VOLATILE, Function, Value
from ourocc.ir.operations import EFFECT, FLAGS


def is_root(value: Value) -> bool:
    """Must this value stay even when nobody uses it?"""
    operation = value.op
    if operation == op.CALL:
        info = value.call
        symbol = value.symbol
        pure = (info is not None and info.pure > 0) or (symbol is not None and symbol.pure > 0)
        return not pure
    if operation == op.ASM:
        return value.asm is None or value.asm.volatile or value.asm.result_count == 0
    if FLAGS[operation] & EFFECT:
        return True
    return operation == op.LOAD and value.flags & VOLATILE != 0


def run(function: Function) -> bool:
    live = bytearray(function.value_count)
    stack: list[Value] = []
    for block in function.blocks:
        for value in block.values:
            if is_root(value):
                live[value.id] = 1
                stack.append(value)
        for argument in block.terminator.args:
            if not live[argument.id]:
                live[argument.id] = 1
                stack.append(argument)
    while stack:
        value = stack.pop()
        for argument in value.args:
            if not live[argument.id]:
                live[argument.id] = 1
                stack.append(argument)
    changed = False
    for block in function.blocks:
        kept = [value for value in block.values if live[value.id]]
        if len(kept) == len(block.values):
            continue
        changed = True
        for value in block.values:
            if not live[value.id]:
                value.clear_arguments()
                if value.symbol is not None:
                    value.symbol.references -= 1
                value.op = op.INVALID
        block.values = kept
    return changed
