"""The largest number that a value can be, read as unsigned: `largest(phi(2, 4, zext.i64 v1 (i8)))` is 255."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, unsigned
from ourocc.optimize.facts import known_width

MAXIMUM_VALUES: Final = 32
MAXIMUM_DEPTH: Final = 3


def largest(value: Value, depth: int = 0) -> int:
    """An upper bound; all ones of the type when nothing is known."""
    bound = 0
    limit = (1 << ty.BITS[value.type & 255]) - 1
    seen: set[int] = set()
    work = [value]
    while work:
        item = work.pop()
        if item.id in seen:
            continue
        seen.add(item.id)
        if len(seen) > MAXIMUM_VALUES:
            return limit
        if item.op == op.CONST:
            bound = max(bound, unsigned(item.imm, item.type))
        elif item.op == op.PHI:
            work += item.args
        elif item.op == op.SELECT:
            if not _is_minimum(item, work):
                work += item.args[1:]
        elif item.op in (op.COPY, op.ZEXT):
            work.append(item.args[0])
        elif item.op in (op.SEXT, op.TRUNC) and depth < MAXIMUM_DEPTH:
            bound = max(bound, _of_conversion(item, depth))
        else:
            bound = max(bound, (1 << known_width(item)) - 1)
        if bound >= limit:
            return limit
    return bound


def _of_conversion(item: Value, depth: int) -> int:
    """What is small enough stays what it is."""
    inner = largest(item.args[0], depth + 1)
    kept = ty.BITS[item.type & 255] if item.op == op.TRUNC else ty.BITS[item.args[0].type & 255] - 1
    return inner if inner < 1 << kept else (1 << ty.BITS[item.type & 255]) - 1


def _is_minimum(item: Value, work: list[Value]) -> bool:
    """x <u const ? x : const"""
    test = item.args[0]
    if test.op in (op.ULT, op.ULE) and test.args[0] is item.args[1] and test.args[1].op == op.CONST:
        if item.args[2].op == op.CONST and unsigned(item.args[2].imm, item.type) >= unsigned(
            test.args[1].imm, item.type
        ):
            work.append(item.args[2])
            return True
    return False
