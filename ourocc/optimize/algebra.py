"""Algebraic simplification: constants folded, then the rewrites of `algebraic.rules`, until nothing changes.

    v2 = mul.i32 v1, #8      =>      v2 = shl.i32 v1, #3

New inner values are inserted in front of the value that is rewritten.  Users are visited again through the outer rounds.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import NO_SIGNED_WRAP, Function, Value, normalize
from ourocc.optimize import copies
from ourocc.optimize.facts import SWAPPED
from ourocc.optimize.fold import fold
from ourocc.optimize.rewriter import Rewriter
from ourocc.targets.generated.algebraic import rewrite


def run(function: Function) -> bool:
    rewriter = Rewriter(function)
    changed = False
    for _ in range(8):
        again = False
        for block in function.blocks:
            rewriter.block = block
            values = block.values
            out: list[Value] = []
            for value in values:
                for index, argument in enumerate(value.args):
                    if argument.op == op.COPY:
                        value.set_argument(index, copies.resolve(argument))
                rewriter.position = value.position
                tries = 0
                while tries < 6 and _step(value, rewriter):
                    again = True
                    tries += 1
                if rewriter.made:
                    out += rewriter.made
                    rewriter.made = []
                out.append(value)
            block.values = out
            for index, argument in enumerate(block.terminator.args):
                if argument.op == op.COPY:
                    block.terminator.set_argument(index, copies.resolve(argument))
        if not again:
            break
        changed = True
    if changed:
        copies.run(function)
    return changed


def _step(value: Value, rewriter: Rewriter) -> bool:
    """One folding or rewriting; False when there is nothing to do."""
    flags = op.FLAGS[value.op]
    if flags & (op.EFFECT | op.PINNED | op.READS) or not value.args or value.op == op.COPY:
        return False
    if ty.is_vector(value.type) or ty.is_vector(value.args[0].type):
        return False
    if _fold(value):
        return True
    _order(value, flags)
    if value.op in _KEEPING and _keep_flags(value, rewriter):
        return True
    return rewrite(rewriter, value)


def _keep_flags(value: Value, rewriter: Rewriter) -> bool:
    """Rewrites that know when signed overflow stays impossible (the rules forget it)."""
    operation = value.op
    if operation == op.SEXT:
        return _extend_sum(value, rewriter)
    x, y = value.args
    if y.op != op.CONST or not value.flags & NO_SIGNED_WRAP:
        return False
    type = value.type
    smallest = -(1 << (ty.BITS[type] - 1))
    if operation == op.SUB and y.imm != smallest and y.imm != 0:
        constant = rewriter.constant(-y.imm, type)
        rewriter.become(value, op.ADD, [x, constant])
        value.flags = NO_SIGNED_WRAP
        return True
    if operation == op.ADD and x.op == op.ADD and x.flags & NO_SIGNED_WRAP and x.args[1].op == op.CONST:
        total = x.args[1].imm + y.imm
        if (x.args[1].imm < 0) == (y.imm < 0) and normalize(total, type) == total:
            rewriter.become(value, op.ADD, [x.args[0], rewriter.constant(total, type)])
            value.flags = NO_SIGNED_WRAP
            return True
    return False


def _extend_sum(value: Value, rewriter: Rewriter) -> bool:
    """sext (x + c) => sext x + c, when the sum does not overflow: addresses take the constant."""
    inner = value.args[0]
    if value.type != ty.I64 or inner.op != op.ADD or not inner.flags & NO_SIGNED_WRAP or inner.args[1].op != op.CONST:
        return False
    wide = rewriter.unary(op.SEXT, ty.I64, inner.args[0])
    rewriter.become(value, op.ADD, [wide, rewriter.constant(inner.args[1].imm, ty.I64)])
    value.flags = NO_SIGNED_WRAP
    return True


_KEEPING = frozenset([op.SUB, op.ADD, op.SEXT])


def _fold(value: Value) -> bool:
    if value.op == op.IS_CONSTANT:
        return _answer(value)
    constants: list[int] = []
    for argument in value.args:
        if argument.op != op.CONST and argument.op != op.FCONST:
            return False
        constants.append(argument.imm)
    result = fold(value.op, value.type, value.args[0].type, constants)
    if result is None:
        return False
    value.clear_arguments()
    value.op = op.FCONST if ty.is_float(value.type) else op.CONST
    value.imm = result
    value.extra = 0
    value.flags = 0
    return True


def _answer(value: Value) -> bool:
    """__builtin_constant_p of a constant; the address of a string literal is one too."""
    x = value.args[0]
    symbol = x.symbol
    literal = x.op == op.ADDRESS and symbol is not None and symbol.mergeable_string
    if x.op not in (op.CONST, op.FCONST) and not literal:
        return False
    value.become_constant(1)
    return True


def _order(value: Value, flags: int) -> None:
    """The constant of a commutative operation or a comparison goes to the right."""
    args = value.args
    if len(args) != 2 or args[0].op not in (op.CONST, op.FCONST) or args[1].op in (op.CONST, op.FCONST):
        return
    if flags & op.COMMUTATIVE:
        args[0], args[1] = args[1], args[0]
    else:
        swapped = SWAPPED.get(value.op)
        if swapped is not None:
            value.op = swapped
            args[0], args[1] = args[1], args[0]
