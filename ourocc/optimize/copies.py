"""Sweep `copy` values away: every use of a copy becomes a use of what it copies.

    v2 = copy.i32 v1          return v1
    return v2           =>
"""

from ourocc.ir import operations as op
from ourocc.ir.function import Function, Value


def resolve(value: Value) -> Value:
    """What a chain of copies copies."""
    while value.op == op.COPY:
        value = value.args[0]
    return value


def run(function: Function) -> bool:
    """Returns whether there were copies."""
    changed = False
    for block in function.blocks:
        found = False
        for value in block.values:
            if value.op == op.COPY:
                found = True
                continue
            for index, argument in enumerate(value.args):
                if argument.op == op.COPY:
                    value.set_argument(index, resolve(argument))
        terminator = block.terminator
        for index, argument in enumerate(terminator.args):
            if argument.op == op.COPY:
                terminator.set_argument(index, resolve(argument))
        if found:
            changed = True
    if changed:
        for block in function.blocks:
            kept: list[Value] = []
            for value in block.values:
                if value.op == op.COPY:
                    value.clear_arguments()
                    value.op = op.INVALID
                else:
                    kept.append(value)
            if len(kept) != len(block.values):
                block.values = kept
    return changed
