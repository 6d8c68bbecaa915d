"""Division by constants gives the same as the division itself, for all widths and many divisors."""

import random

import pytest

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Function, Symbol, Value, normalize
from ourocc.optimize import division
from ourocc.optimize.fold import fold


def evaluate(value: Value, known: dict[int, int]) -> int:
    if value.id in known:
        return known[value.id]
    if value.op == op.CONST:
        return value.imm
    result = fold(value.op, value.type, value.args[0].type, [evaluate(argument, known) for argument in value.args])
    assert result is not None, op.NAMES[value.op]
    return result


def divided(operation: int, type: int, divisor: int) -> tuple[Value, Value]:
    """(x, x operation divisor) after the pass."""
    function = Function(Symbol("f"))
    block = function.new_block()
    x = function.new_value(op.PARAM, type, block)
    constant = function.new_value(op.CONST, type, block)
    constant.imm = divisor
    value = function.new_value(operation, type, block)
    value.add_argument(x)
    value.add_argument(constant)
    block.values = [x, constant, value]
    division.run(function)
    return x, block.values[-1]


@pytest.mark.parametrize("type", [ty.I8, ty.I16, ty.I32, ty.I64])
def test_quotients_and_remainders(type: int) -> None:
    width = ty.BITS[type]
    generator = random.Random(width)
    edge = 1 << (width - 1)
    divisors = {*range(2, 40), *range(-20, -1), 100, 1000, 641, edge - 1, -edge, 2 * edge - 1, 2 * edge - 2, edge >> 1}
    divisors |= {generator.getrandbits(width) for _ in range(40)}
    for divisor in sorted({normalize(number, type) for number in divisors} - {0, 1, -1}):
        for operation in (op.UDIV, op.SDIV, op.UREM, op.SREM):
            x, result = divided(operation, type, divisor)
            numbers = [0, 1, -1, divisor, divisor - 1, divisor + 1, -divisor, 2 * divisor, edge - 1, -edge]
            numbers += [generator.getrandbits(width) for _ in range(6)]
            for number in (normalize(n, type) for n in numbers):
                expected = fold(operation, type, type, [number, divisor])
                if expected is not None:
                    assert evaluate(result, {x.id: number}) == expected, (number, divisor, op.NAMES[operation])
