"""Induction variables: multiplications by a loop's counter become additions, 32-bit counters of addresses become 64-bit.

    b1: v1 = phi.i32 v0, v4                       b1: v1 = phi.i64 v0', v4
        v2 = sext.i64 v1                 =>           v3 = ptradd v9, v1
        v3 = ptradd v9, v2                            ...
        v4 = add.i32 v1, 1  (no signed wrap)          v4 = add.i64 v1, 1

Widening is right because C says that the 32-bit addition does not overflow: the sign extension of the sum is the sum of the
sign extensions.  Strength reduction (Allen, Cocke, Kennedy 1981) only where an addressing mode cannot do the multiplication:
factors other than 1, 2, 4, 8, and products of two variables.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import NO_SIGNED_WRAP, Block, Function, Value, normalize
from ourocc.optimize import copies
from ourocc.optimize.control_flow import Dominators, Loop, Loops
from ourocc.optimize.users import Users

REDUCTION_LIMIT: Final = 4  # new induction variables a loop
_SIGNED: Final = frozenset([op.EQ, op.NE, op.SLT, op.SLE, op.SGT, op.SGE])
_UNSIGNED: Final = frozenset([op.EQ, op.NE, op.ULT, op.ULE, op.UGT, op.UGE])


@final
class InductionVariable:
    """phi = (start, phi + step) in a loop's header."""

    def __init__(self, phi: Value, start: Value, next: Value, step: Value) -> None:
        self.phi = phi
        self.start = start
        self.next = next
        self.step = step


def run(function: Function) -> bool:
    loops = Loops(function, Dominators(function))
    if not loops.loops:
        return False
    users = Users(function)
    changed = False
    for loop in loops.loops:
        preheader = loop.preheader()
        if preheader is not None and Improver(function, loop, preheader, users).run():
            changed = True
    if changed:
        copies.run(function)
    return changed


def induction_variable(loop: Loop, preheader: Block, phi: Value) -> InductionVariable | None:
    """What a phi of the header is, when all latches bring the same phi + invariant."""
    next: Value | None = None
    start: Value | None = None
    for index, predecessor in enumerate(loop.header.predecessors):
        if predecessor is preheader:
            start = phi.args[index]
        elif next is None:
            next = phi.args[index]
        elif next is not phi.args[index]:
            return None
    if start is None or next is None or next.op != op.ADD or next.block.id not in loop.members:
        return None
    x, y = next.args
    step = y if x is phi else x if y is phi else None
    if step is None or step is phi or (step.op != op.CONST and step.block.id in loop.members):
        return None
    return InductionVariable(phi, start, next, step)


@final
class Improver:
    """The induction variables of one loop."""

    def __init__(self, function: Function, loop: Loop, preheader: Block, users: Users) -> None:
        self.function = function
        self.loop = loop
        self.preheader = preheader
        self.users = users
        self.reduced = 0

    def run(self) -> bool:
        changed = self._reduce_all(ty.I32)
        for phi in self._phis(ty.I32):
            variable = induction_variable(self.loop, self.preheader, phi)
            if variable is not None and self._widen(variable):
                changed = True
        return self._reduce_all(ty.I64) or changed

    def _phis(self, type: int) -> list[Value]:
        return [value for value in self.loop.header.values if value.op == op.PHI and value.type == type]

    def _reduce_all(self, type: int) -> bool:
        changed = False
        for phi in self._phis(type):
            variable = induction_variable(self.loop, self.preheader, phi)
            if variable is not None and self._reduce(variable):
                changed = True
        return changed

    # ---- building

    def _new(self, operation: int, type: int, block: Block, arguments: list[Value]) -> Value:
        value = self.function.new_value(operation, type, block)
        for argument in arguments:
            value.add_argument(argument)
            self.users.note(value, argument)
        return value

    def _outside(self, value: Value) -> bool:
        return value.op == op.CONST or value.block.id not in self.loop.members

    def _before(self, operation: int, type: int, arguments: list[Value]) -> Value:
        """A value at the end of the preheader (constants among the arguments are made there)."""
        block = self.preheader
        usable: list[Value] = []
        for argument in arguments:
            if argument.op == op.CONST and argument.block.id in self.loop.members:
                argument = self._constant(argument.imm, argument.type)
            usable.append(argument)
        made = self._new(operation, type, block, usable)
        block.values.append(made)
        return made

    def _constant(self, number: int, type: int) -> Value:
        made = self.function.new_value(op.CONST, type, self.preheader)
        made.imm = normalize(number, type)
        self.preheader.values.append(made)
        return made

    def _phi(self, type: int, start: Value, next: Value) -> Value:
        header = self.loop.header
        phi = self.function.new_value(op.PHI, type, header)
        for predecessor in header.predecessors:
            argument = start if predecessor is self.preheader else next
            phi.add_argument(argument)
            self.users.note(phi, argument)
        header.values.insert(0, phi)
        return phi

    def _advance(self, type: int, start: Value, step: Value, after: Value) -> tuple[Value, Value]:
        """A new induction variable that steps where `after` does: its phi and its next value."""
        next = self.function.new_value(op.ADD, type, after.block)
        next.flags = NO_SIGNED_WRAP
        next.position = after.position
        phi = self._phi(type, start, next)
        for argument in (phi, step):
            next.add_argument(argument)
            self.users.note(next, argument)
        insert_after(after, next)
        return phi, next

    # ---- strength reduction

    def _reduce(self, variable: InductionVariable) -> bool:
        changed = False
        for user in list(self.users.list_of(variable.phi)):
            if user.op not in (op.MUL, op.SHL) or user.block.id not in self.loop.members or not user.args:
                continue
            factor = self._factor(user, variable.phi)
            if factor is None or self.reduced >= REDUCTION_LIMIT:
                continue
            type = user.type
            start = self._product(variable.start, factor, type)
            step = self._product(variable.step, factor, type)
            phi, _ = self._advance(type, start, step, variable.next)
            if not user.flags & NO_SIGNED_WRAP:
                self._last_next(phi).flags = 0
            user.become_copy(phi)
            self._take_over(user, phi)
            self.reduced += 1
            changed = True
        return changed

    def _last_next(self, phi: Value) -> Value:
        for argument in phi.args:
            if argument.op == op.ADD and phi in argument.args:
                return argument
        raise AssertionError("no next value")

    def _take_over(self, user: Value, phi: Value) -> None:
        """Those who used the product use the new variable."""
        for other in list(self.users.list_of(user)):
            self.users.redirect(other, user, phi)

    def _factor(self, user: Value, phi: Value) -> Value | None:
        """The invariant factor of a product, when no addressing mode does the multiplication."""
        x, y = user.args
        if user.op == op.SHL:
            if x is not phi or y.op != op.CONST or not 3 < y.imm < ty.BITS[user.type]:
                return None
            return self._constant(1 << y.imm, user.type)
        factor = y if x is phi else x
        if factor is phi or not self._outside(factor):
            return None
        if factor.op == op.CONST and factor.imm in (0, 1, 2, 3, 4, 5, 8, 9):
            return None
        return factor

    def _product(self, x: Value, y: Value, type: int) -> Value:
        if x.op == op.CONST and y.op == op.CONST:
            return self._constant(x.imm * y.imm, type)
        if y.op == op.CONST and y.imm == 1:
            return x
        if x.op == op.CONST and x.imm == 1:
            return y if y.op != op.CONST or y.block.id not in self.loop.members else self._constant(y.imm, type)
        if x.op == op.CONST and x.imm == 0:
            return self._constant(0, type)
        return self._before(op.MUL, type, [x, y])

    # ---- widening

    def _widen(self, variable: InductionVariable) -> bool:
        extension = self._extension(variable)
        if extension == 0:
            return False
        phi = variable.phi
        next = variable.next
        start = self._extended(variable.start, extension)
        step = self._extended(variable.step, op.SEXT if extension == op.SEXT else op.ZEXT)
        wide, wide_next = self._advance(ty.I64, start, step, next)
        self._replace(phi, wide, next, extension, None, 0)
        self._replace(next, wide_next, phi, extension, wide_next, 0)
        return True

    def _extension(self, variable: InductionVariable) -> int:
        """op.SEXT or op.ZEXT when the loop extends the variable, and may; else 0."""
        values = (variable.phi, variable.next)
        if variable.next.flags & NO_SIGNED_WRAP:
            if any(self._is_extended(value, op.SEXT, variable.next, 0) for value in values):
                return op.SEXT
        if any(self._is_extended(value, op.ZEXT, variable.next, 2) for value in values):
            if self._counts_up_unsigned(variable):
                return op.ZEXT
        return 0

    def _is_extended(self, value: Value, extension: int, next: Value, depth: int) -> bool:
        """Does the loop extend the value, or a sum of it and an invariant?"""
        for user in self.users.list_of(value):
            if user.block.id not in self.loop.members or value not in user.args:
                continue
            if user.op == extension and user.type == ty.I64:
                return True
            if depth < 2 and user is not next and self._is_sum(user, value):
                if self._is_extended(user, extension, next, depth + 1):
                    return True
        return False

    def _is_sum(self, user: Value, value: Value) -> bool:
        """value + invariant, without overflow."""
        if user.op != op.ADD or user.type != ty.I32 or not user.flags & NO_SIGNED_WRAP:
            return False
        other = user.args[1] if user.args[0] is value else user.args[0]
        return other is not value and self._outside(other)

    def _counts_up_unsigned(self, variable: InductionVariable) -> bool:
        """From a constant by one while next < bound (unsigned): never reaches 2**32."""
        if variable.step.op != op.CONST or variable.step.imm != 1:
            return False
        start = variable.start
        if start.op != op.CONST or not 0 <= start.imm < 0x7FFFFFFF:
            return False
        for latch in self.loop.latches:
            terminator = latch.terminator
            if terminator.op != op.BRANCH:
                return False
            test = terminator.args[0]
            stays = latch.successors[0] is self.loop.header
            if len(test.args) != 2 or test.args[0] is not variable.next:
                return False
            if not ((test.op == op.ULT and stays) or (test.op == op.UGE and not stays)):
                return False
        return True

    def _extended(self, value: Value, extension: int) -> Value:
        if value.op == op.CONST:
            number = value.imm if extension == op.SEXT else value.imm & 0xFFFFFFFF
            return self._constant(number, ty.I64)
        return self._before(extension, ty.I64, [value])

    def _replace(
        self, old: Value, wide: Value, partner: Value, extension: int, after: Value | None, depth: int
    ) -> None:
        """Uses of the narrow value become uses of the wide one."""
        narrow: Value | None = None
        for user in list(self.users.list_of(old)):
            if user is partner or old not in user.args:
                continue
            inside = user.block.id in self.loop.members
            if user.op == extension and user.type == ty.I64:
                user.become_copy(wide)
                self._take_over(user, wide)
                continue
            allowed = _SIGNED if extension == op.SEXT else _UNSIGNED
            if inside and user.op in allowed and self._widen_comparison(user, old, wide, extension):
                continue
            if inside and extension == op.SEXT and depth < 2 and self._is_sum(user, old):
                if self._is_extended(user, extension, partner, depth + 1):
                    other = user.args[1] if user.args[0] is old else user.args[0]
                    total = self._new(op.ADD, ty.I64, user.block, [wide, self._extended(other, extension)])
                    total.flags = NO_SIGNED_WRAP
                    total.position = user.position
                    insert_after(user, total)
                    self._replace(user, total, partner, extension, total, depth + 1)
                    continue
            if narrow is None:
                narrow = self._new(op.TRUNC, old.type, wide.block, [wide])
                if after is not None:
                    insert_after(after, narrow)
                else:
                    insert_behind_phis(narrow)
            self.users.redirect(user, old, narrow)

    def _widen_comparison(self, user: Value, old: Value, wide: Value, extension: int) -> bool:
        index = 0 if user.args[0] is old else 1
        other = user.args[1 - index]
        if other is old or not self._outside(other):
            return False
        user.set_argument(index, wide)
        self.users.note(user, wide)
        bound = self._extended(other, extension)
        user.set_argument(1 - index, bound)
        self.users.note(user, bound)
        return True


def insert_after(place: Value, made: Value) -> None:
    values = place.block.values
    values.insert(values.index(place) + 1, made)


def insert_behind_phis(made: Value) -> None:
    values = made.block.values
    index = 0
    while index < len(values) and values[index].op == op.PHI:
        index += 1
    values.insert(index, made)
