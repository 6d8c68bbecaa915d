"""`__builtin_constant_p` gets its answer.

    v2 = is_constant.i1 v1 (v1 = const)     =>     v2 = const 1

A constant is one at once; what is still no constant when the last pass before the answer ran never will be.
"""

from ourocc.ir import operations as op
from ourocc.ir.function import Function


def run(function: Function) -> bool:
    """Answer what is certainly constant by now."""
    return _answer(function, False)


def finish(function: Function) -> bool:
    """Answer everything."""
    return _answer(function, True)


def _answer(function: Function, all: bool) -> bool:
    changed = False
    for block in function.blocks:
        for value in block.values:
            if value.op == op.IS_CONSTANT:
                known = value.args[0].op in (op.CONST, op.FCONST)
                if known or all:
                    value.become_constant(1 if known else 0)
                    changed = True
    return changed
