"""Copies of as many bytes as an integer has are a load and a store, which the passes for loads and stores understand.

    memcpy v0, v1, 8, !8      =>      v2 = load.i64 v1
                                      store v0, v2
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value


def run(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        if any(_is_small(value) for value in block.values):
            _replace(function, block)
            changed = True
    return changed


def _is_small(value: Value) -> bool:
    """Aligned, so that it stays one access on every target."""
    if value.op != op.MEMCPY and value.op != op.MEMMOVE:
        return False
    length = value.args[2]
    return length.op == op.CONST and length.imm in (1, 2, 4, 8) and value.extra >= length.imm


def _replace(function: Function, block: Block) -> None:
    values: list[Value] = []
    for value in block.values:
        values.append(value)
        if not _is_small(value):
            continue
        load = function.new_value(op.LOAD, ty.integer_of_bits(value.args[2].imm * 8), block)
        load.add_argument(value.args[1])
        load.flags = value.flags
        load.position = value.position
        values.insert(len(values) - 1, load)
        value.op = op.STORE
        value.extra = 0
        value.remove_argument(2)
        value.set_argument(1, load)
    block.values = values
