"""Division by constants becomes multiplication and shifts.

    v2 = udiv.i32 v1, #10     =>     v2 = lshr (umulh v1, #0xCCCCCCCD), #3

Granlund and Montgomery, "Division by Invariant Integers using Multiplication" (1994); signed magic numbers as in Warren,
"Hacker's Delight", 10-1.  Remainders become x - (x / c) * c, or masks.  32-bit operands use a 64-bit product where that is
cheaper than a high multiplication: both are `umulh`/`smulh` here, the target chooses.  A quotient and a remainder that stay
are put next to each other.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import EXACT, Block, Function, Value, normalize, unsigned

_DIVISIONS = frozenset([op.UDIV, op.SDIV, op.UREM, op.SREM])


def run(function: Function) -> bool:
    changed = False
    for block in function.blocks:
        if any(value.op in _DIVISIONS for value in block.values):
            if Expander(function, block).run():
                changed = True
            if _pair(block):
                changed = True
    return changed


def _pair(block: Block) -> bool:
    """Quotient and remainder of the same operands stand together: one instruction can make both."""
    first: dict[tuple[bool, int, int], Value] = {}
    late: list[tuple[Value, Value]] = []
    for value in block.values:
        if value.op in _DIVISIONS:
            key = (value.op in (op.SDIV, op.SREM), value.args[0].id, value.args[1].id)
            partner = first.get(key)
            if partner is None:
                first[key] = value
            elif partner.op != value.op:
                late.append((partner, value))
                del first[key]
    for partner, value in late:
        block.values.remove(value)
        block.values.insert(block.values.index(partner) + 1, value)
    return bool(late)


def unsigned_magic(divisor: int, width: int) -> tuple[int, int, bool]:
    """Multiplier, shift, and whether the multiplier needs one bit more than `width` (add variant)."""
    shift = (divisor - 1).bit_length()
    multiplier = ((1 << (width + shift)) + divisor - 1) // divisor  # ceil(2**(w+s) / d)
    # A smaller shift may do with a multiplier that fits.
    low = (1 << (width + shift)) // divisor
    high = ((1 << (width + shift)) + (1 << shift)) // divisor
    while low // 2 < high // 2 and shift > 0:
        low //= 2
        high //= 2
        shift -= 1
    if high < 1 << width:
        return high, shift, False
    shift = (divisor - 1).bit_length()
    return multiplier - (1 << width), shift, True


def signed_magic(divisor: int, width: int) -> tuple[int, int]:
    """Multiplier (signed) and shift for a divisor of absolute value >= 2 (Hacker's Delight, figure 10-1)."""
    absolute = abs(divisor)
    two = 1 << (width - 1)
    t = two + (1 if divisor < 0 else 0)
    limit = t - 1 - t % absolute
    power = width - 1
    q1, r1 = divmod(two, limit)
    q2, r2 = divmod(two, absolute)
    while True:
        power += 1
        q1 = 2 * q1
        r1 = 2 * r1
        if r1 >= limit:
            q1 += 1
            r1 -= limit
        q2 = 2 * q2
        r2 = 2 * r2
        if r2 >= absolute:
            q2 += 1
            r2 -= absolute
        delta = absolute - r2
        if not (q1 < delta or (q1 == delta and r1 == 0)):
            break
    multiplier = q2 + 1
    if divisor < 0:
        multiplier = -multiplier
    return multiplier, power - width


@final
class Expander:
    """Rewrites the divisions of one block."""

    def __init__(self, function: Function, block: Block) -> None:
        self.function = function
        self.block = block
        self.out: list[Value] = []
        self.position = 0

    def run(self) -> bool:
        changed = False
        for value in self.block.values:
            if value.op in _DIVISIONS and not ty.is_vector(value.type) and value.args[1].op == op.CONST:
                self.position = value.position
                if self._expand(value):
                    changed = True
                    continue
            self.out.append(value)
        if changed:
            self.block.values = self.out
        return changed

    def _expand(self, value: Value) -> bool:
        x = value.args[0]
        divisor = value.args[1].imm
        type = value.type
        if type not in (ty.I8, ty.I16, ty.I32, ty.I64) or divisor == 0:
            return False
        if value.op in (op.UDIV, op.UREM):
            divisor = unsigned(divisor, type)
            if value.op == op.UREM and divisor & (divisor - 1) == 0:
                self._become(value, op.AND, x, self._const(divisor - 1, type))
                return True
        if divisor in (1, -1):
            return False  # algebra's
        if value.op == op.UDIV:
            self._finish(value, self._unsigned_quotient(x, divisor, type))
        elif value.op == op.SDIV:
            self._finish(value, self._signed_quotient(x, divisor, type, value.flags & EXACT != 0))
        else:
            if value.op == op.UREM:
                quotient = self._unsigned_quotient(x, divisor, type)
            else:
                quotient = self._signed_quotient(x, divisor, type, False)
            product = self._binary(op.MUL, type, quotient, self._const(divisor, type))
            self._become(value, op.SUB, x, product)
        return True

    def _finish(self, value: Value, result: Value) -> None:
        """`value` becomes the last value that was made."""
        value.become_copy(result)
        self.out.append(value)

    def _become(self, value: Value, operation: int, x: Value, y: Value) -> None:
        x.uses += 1
        y.uses += 1
        value.clear_arguments()
        value.op = operation
        value.args = [x, y]
        value.flags = 0
        self.out.append(value)

    # ---- building

    def _const(self, number: int, type: int) -> Value:
        value = self.function.new_value(op.CONST, type, self.block)
        value.imm = normalize(number, type)
        self.out.append(value)
        return value

    def _binary(self, operation: int, type: int, x: Value, y: Value) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        value.add_argument(x)
        value.add_argument(y)
        self.out.append(value)
        return value

    def _unary(self, operation: int, type: int, x: Value) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        value.add_argument(x)
        self.out.append(value)
        return value

    def _shift(self, operation: int, x: Value, count: int) -> Value:
        if count == 0:
            return x
        return self._binary(operation, x.type, x, self._const(count, x.type))

    def _unsigned_quotient(self, x: Value, divisor: int, type: int) -> Value:
        width = ty.BITS[type]
        if divisor & (divisor - 1) == 0:
            return self._shift(op.LSHR, x, divisor.bit_length() - 1)
        if width < 32:  # exact in 32 bits with a multiplier that fits
            wide = self._unary(op.ZEXT, ty.I32, x)
            return self._unary(op.TRUNC, type, self._unsigned_quotient(wide, divisor, ty.I32))
        if divisor >> (width - 1):
            above = self._binary(op.UGE, ty.I1, x, self._const(divisor, type))
            return self._unary(op.ZEXT, type, above)
        multiplier, shift, add = unsigned_magic(divisor, width)
        if add and divisor % 2 == 0:
            zeros = (divisor & -divisor).bit_length() - 1
            return self._even_quotient(x, divisor, zeros, type)
        high = self._binary(op.UMULH, type, x, self._const(multiplier, type))
        if not add:
            return self._shift(op.LSHR, high, shift)
        half = self._shift(op.LSHR, self._binary(op.SUB, type, x, high), 1)
        return self._shift(op.LSHR, self._binary(op.ADD, type, half, high), shift - 1)

    def _even_quotient(self, x: Value, divisor: int, zeros: int, type: int) -> Value:
        """Shift out the divisor's factors of two first: then a multiplier of one bit less does."""
        width = ty.BITS[type]
        odd = divisor >> zeros
        reduced = width - zeros
        for shift in range(odd.bit_length() + 1):
            multiplier = ((1 << (width + shift)) + odd - 1) // odd
            error = multiplier * odd - (1 << (width + shift))
            if multiplier < 1 << width and error << reduced <= 1 << (width + shift):
                high = self._binary(op.UMULH, type, self._shift(op.LSHR, x, zeros), self._const(multiplier, type))
                return self._shift(op.LSHR, high, shift)
        multiplier, shift, _ = unsigned_magic(divisor, width)
        high = self._binary(op.UMULH, type, x, self._const(multiplier, type))
        half = self._shift(op.LSHR, self._binary(op.SUB, type, x, high), 1)
        return self._shift(op.LSHR, self._binary(op.ADD, type, half, high), shift - 1)

    def _signed_quotient(self, x: Value, divisor: int, type: int, exact: bool) -> Value:
        width = ty.BITS[type]
        absolute = abs(divisor)
        if absolute & (absolute - 1) == 0:
            shift = absolute.bit_length() - 1
            if exact:
                quotient = self._shift(op.ASHR, x, shift)
            else:
                sign = self._shift(op.ASHR, x, width - 1) if shift > 1 else x
                bias = self._shift(op.LSHR, sign, width - shift)
                quotient = self._shift(op.ASHR, self._binary(op.ADD, type, x, bias), shift)
            return self._unary(op.NEG, type, quotient) if divisor < 0 else quotient
        if width < 32:
            wide = self._unary(op.SEXT, ty.I32, x)
            return self._unary(op.TRUNC, type, self._signed_quotient(wide, divisor, ty.I32, False))
        multiplier, shift = signed_magic(divisor, width)
        stored = normalize(multiplier, type)
        high = self._binary(op.SMULH, type, x, self._const(stored, type))
        if divisor > 0 and stored < 0:
            high = self._binary(op.ADD, type, high, x)
        elif divisor < 0 and stored > 0:
            high = self._binary(op.SUB, type, high, x)
        high = self._shift(op.ASHR, high, shift)
        return self._binary(op.ADD, type, high, self._shift(op.LSHR, high, width - 1))
