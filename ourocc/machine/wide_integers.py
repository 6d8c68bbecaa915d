"""Splits 128-bit integers into two 64-bit halves.

Before: v3 = add.i128 v1, v2
After:  v3lo = add v1lo, v2lo;  carry = zext(uadd_overflows v1lo, v2lo);  v3hi = add (add v1hi, v2hi), carry
Division and conversions to floating types become calls of the run-time library.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, normalize
from ourocc.machine.constants import ConstantPool
from ourocc.machine.target import Target
from ourocc.optimize.control_flow import reverse_postorder

_DIVISION: Final = {op.SDIV: "__divti3", op.UDIV: "__udivti3", op.SREM: "__modti3", op.UREM: "__umodti3"}
_LETTER: Final = {ty.F32: "sf", ty.F64: "df", ty.F80: "xf", ty.F128: "tf"}
_MASK: Final = (1 << 64) - 1
# high-half comparison that decides when the halves differ, low-half comparison when they do not
_ORDER: Final = {
    op.SLT: (op.SLT, op.ULT), op.SLE: (op.SLT, op.ULE), op.SGT: (op.SGT, op.UGT), op.SGE: (op.SGT, op.UGE),
    op.ULT: (op.ULT, op.ULT), op.ULE: (op.ULT, op.ULE), op.UGT: (op.UGT, op.UGT), op.UGE: (op.UGT, op.UGE),
}  # fmt: skip


@final
class WideIntegers:
    def __init__(self, function: Function, target: Target, pool: ConstantPool) -> None:
        self.function = function
        self.target = target
        self.pool = pool
        self.low: dict[int, Value] = {}  # by id of the i128 value
        self.high: dict[int, Value] = {}
        self.out: list[Value] = []
        self.block: Block = function.blocks[0]
        self.position = 0
        self.phis: list[Value] = []

    def run(self) -> None:
        for block in self.function.blocks:
            for value in block.values:
                if value.op != op.PHI:
                    break
                if value.type == ty.I128:
                    self.phis.append(value)
                    for halves in (self.low, self.high):
                        made = self.function.new_value(op.PHI, ty.I64, block)
                        made.position = value.position
                        halves[value.id] = made
        order = reverse_postorder(self.function)  # definitions come before uses
        reached = {block.id for block in order}
        for block in order + [block for block in self.function.blocks if block.id not in reached]:
            self.block = block
            self.out = []
            for value in block.values:
                self.position = value.position
                if value.op == op.PHI and value.type == ty.I128:
                    self.out.append(self.low[value.id])
                    self.out.append(self.high[value.id])
                elif not self.lower(value):
                    self.out.append(value)
            block.values = self.out
        for phi in self.phis:
            for argument in phi.args:
                self.low[phi.id].add_argument(self.low[argument.id])
                self.high[phi.id].add_argument(self.high[argument.id])
            phi.clear_arguments()

    # ---- building

    def emit(self, operation: int, type: int, arguments: list[Value], imm: int = 0) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        value.imm = imm
        for argument in arguments:
            value.add_argument(argument)
        self.out.append(value)
        return value

    def binary(self, operation: int, x: Value, y: Value) -> Value:
        return self.emit(operation, ty.I64, [x, y])

    def constant(self, number: int) -> Value:
        return self.emit(op.CONST, ty.I64, [], normalize(number, ty.I64))

    def define(self, value: Value, low: Value, high: Value) -> bool:
        self.low[value.id] = low
        self.high[value.id] = high
        value.clear_arguments()
        return True

    def become(self, value: Value, operation: int, arguments: list[Value]) -> bool:
        """The value stays, with another operation over halves."""
        for argument in arguments:
            argument.uses += 1
        for argument in value.args:
            argument.uses -= 1
        value.args = arguments
        value.op = operation
        self.out.append(value)
        return True

    def halves(self, value: Value) -> list[Value]:
        return [self.low[value.id], self.high[value.id]]

    def call_wide(self, value: Value, name: str, arguments: list[Value]) -> bool:
        """`value` becomes the two results of a library call."""
        call = self.emit(op.CALL, ty.I64, arguments)
        call.symbol = self.pool.function(name)
        call.call = self.target.call_info([argument.type for argument in arguments], [ty.I64, ty.I64])
        high = self.emit(op.RESULT, ty.I64, [call], 1)
        return self.define(value, call, high)

    # ---- one value

    def lower(self, value: Value) -> bool:
        """True when the value was replaced."""
        operation = value.op
        if value.type == ty.I128:
            return self.lower_wide(value, operation)
        if not value.args:
            return False
        if operation == op.STORE:
            return value.args[1].type == ty.I128 and self.store(value)
        x = value.args[0]
        if x.type != ty.I128:
            return False
        if op.EQ <= operation <= op.UGE:
            return self.compare(value, operation)
        if operation == op.TRUNC:
            low = self.low[x.id]
            return self.become(value, op.COPY if value.type == ty.I64 else op.TRUNC, [low])
        if operation == op.SITOF or operation == op.UITOF:
            name = f"__float{'un' if operation == op.UITOF else ''}ti{_LETTER[value.type]}"
            arguments = self.halves(x)
            self.become(value, op.CALL, arguments)
            value.symbol = self.pool.function(name)
            value.call = self.target.call_info([ty.I64, ty.I64], [value.type])
            return True
        if op.SADD_OVERFLOWS <= operation <= op.UMUL_OVERFLOWS:
            return self.overflow(value, operation)
        if operation in (op.CLZ, op.CTZ, op.POPCOUNT):
            return self.count(value, operation)
        if operation == op.BITCAST:
            slot = self.stack_slot(16)
            self.store_halves(slot, x)
            return self.become(value, op.LOAD, [slot])
        if operation == op.ATOMIC_STORE or operation == op.LINE:
            return False
        raise AssertionError(f"{op.NAMES[operation]} of i128")

    def lower_wide(self, value: Value, operation: int) -> bool:
        args = value.args
        if operation == op.CONST:
            return self.define(value, self.constant(value.imm & _MASK), self.constant(value.imm >> 64 & _MASK))
        if operation == op.UNDEF:
            return self.define(value, self.emit(op.UNDEF, ty.I64, []), self.emit(op.UNDEF, ty.I64, []))
        if operation == op.COPY or operation == op.EXPECT:
            low, high = self.halves(args[0])
            return self.define(value, low, high)
        if operation == op.LOAD:
            return self.load(value)
        if operation == op.ZEXT:
            return self.define(value, self.widened(args[0], op.ZEXT), self.constant(0))
        if operation == op.SEXT:
            low = self.widened(args[0], op.SEXT)
            return self.define(value, low, self.binary(op.ASHR, low, self.constant(63)))
        if operation == op.SELECT:
            a, b = self.halves(args[1]), self.halves(args[2])
            low = self.emit(op.SELECT, ty.I64, [args[0], a[0], b[0]])
            return self.define(value, low, self.emit(op.SELECT, ty.I64, [args[0], a[1], b[1]]))
        if operation == op.FTOSI or operation == op.FTOUI:
            unsigned = "uns" if operation == op.FTOUI else ""
            return self.call_wide(value, f"__fix{unsigned}{_LETTER[args[0].type]}ti", [args[0]])
        if operation == op.BITCAST:
            slot = self.stack_slot(16)
            self.emit(op.STORE, ty.VOID, [slot, args[0]])
            return self.define(value, *self.load_halves(slot, 0))
        if operation in _DIVISION:
            return self.call_wide(value, _DIVISION[operation], self.halves(args[0]) + self.halves(args[1]))
        return self.arithmetic(value, operation)

    def widened(self, value: Value, operation: int) -> Value:
        return value if value.type == ty.I64 else self.emit(operation, ty.I64, [value])

    def arithmetic(self, value: Value, operation: int) -> bool:
        a = self.halves(value.args[0])
        if operation == op.NOT:
            return self.define(value, self.emit(op.NOT, ty.I64, [a[0]]), self.emit(op.NOT, ty.I64, [a[1]]))
        if operation == op.BSWAP:
            return self.define(value, self.emit(op.BSWAP, ty.I64, [a[1]]), self.emit(op.BSWAP, ty.I64, [a[0]]))
        if operation == op.NEG:
            zero = self.constant(0)
            low = self.emit(op.NEG, ty.I64, [a[0]])
            borrow = self.emit(op.ZEXT, ty.I64, [self.emit(op.NE, ty.I1, [a[0], zero])])
            return self.define(value, low, self.binary(op.SUB, self.emit(op.NEG, ty.I64, [a[1]]), borrow))
        if operation in (op.SHL, op.LSHR, op.ASHR, op.ROTL):
            return self.shift(value, operation, a)
        b = self.halves(value.args[1])
        if operation == op.ADD or operation == op.SUB:
            low, high = self.add(a, b, operation)
            return self.define(value, low, high)
        if operation in (op.AND, op.OR, op.XOR):
            return self.define(value, self.binary(operation, a[0], b[0]), self.binary(operation, a[1], b[1]))
        if operation == op.MUL:
            low, high = self.multiply(a, b)
            return self.define(value, low, high)
        raise AssertionError(f"{op.NAMES[operation]} of i128")

    def add(self, a: list[Value], b: list[Value], operation: int) -> tuple[Value, Value]:
        low = self.binary(operation, a[0], b[0])
        predicate = op.UADD_OVERFLOWS if operation == op.ADD else op.USUB_OVERFLOWS
        carry = self.emit(predicate, ty.I1, [a[0], b[0]])
        high = self.binary(operation, a[1], b[1])
        return low, self.binary(operation, high, self.emit(op.ZEXT, ty.I64, [carry]))

    def multiply(self, a: list[Value], b: list[Value]) -> tuple[Value, Value]:
        low = self.binary(op.MUL, a[0], b[0])
        high = self.binary(op.UMULH, a[0], b[0])
        high = self.binary(op.ADD, high, self.binary(op.MUL, a[0], b[1]))
        return low, self.binary(op.ADD, high, self.binary(op.MUL, a[1], b[0]))

    def shift(self, value: Value, operation: int, a: list[Value]) -> bool:
        amount = value.args[1]
        if amount.type == ty.I128 and amount.op == op.CONST:
            low, high = self.shift_constant(operation, a, amount.imm & 127)
            return self.define(value, low, high)
        count = self.low[amount.id] if amount.type == ty.I128 else self.widened(amount, op.ZEXT)
        if operation == op.ROTL:
            left = self.shift_variable(op.SHL, a, self.binary(op.AND, count, self.constant(127)))
            back = self.binary(op.AND, self.emit(op.NEG, ty.I64, [count]), self.constant(127))
            right = self.shift_variable(op.LSHR, a, back)
            return self.define(value, self.binary(op.OR, left[0], right[0]), self.binary(op.OR, left[1], right[1]))
        low, high = self.shift_variable(operation, a, count)
        return self.define(value, low, high)

    def shift_constant(self, operation: int, a: list[Value], count: int) -> tuple[Value, Value]:
        if operation == op.ROTL:
            left = self.shift_constant(op.SHL, a, count)
            right = self.shift_constant(op.LSHR, a, 128 - count) if count else left
            return self.binary(op.OR, left[0], right[0]), self.binary(op.OR, left[1], right[1])
        if count == 0:
            return a[0], a[1]
        if operation == op.SHL:
            if count >= 64:
                high = a[0] if count == 64 else self.binary(op.SHL, a[0], self.constant(count - 64))
                return self.constant(0), high
            upper = self.binary(op.SHL, a[1], self.constant(count))
            lower = self.binary(op.LSHR, a[0], self.constant(64 - count))
            return self.binary(op.SHL, a[0], self.constant(count)), self.binary(op.OR, upper, lower)
        fill = self.constant(0) if operation == op.LSHR else self.binary(op.ASHR, a[1], self.constant(63))
        if count >= 64:
            return (a[1] if count == 64 else self.binary(operation, a[1], self.constant(count - 64))), fill
        lower = self.binary(op.LSHR, a[0], self.constant(count))
        upper = self.binary(op.SHL, a[1], self.constant(64 - count))
        return self.binary(op.OR, upper, lower), self.binary(operation, a[1], self.constant(count))

    def shift_variable(self, operation: int, a: list[Value], count: Value) -> tuple[Value, Value]:
        """Both results, for less and for at least 64, and a choice between them."""
        small = self.binary(op.AND, count, self.constant(63))
        zero = self.constant(0)
        big = self.emit(op.NE, ty.I1, [self.binary(op.AND, count, self.constant(64)), zero])
        rest = self.binary(op.XOR, small, self.constant(63))  # 63 - small
        one = self.constant(1)
        if operation == op.SHL:
            low = self.binary(op.SHL, a[0], small)
            carried = self.binary(op.LSHR, self.binary(op.LSHR, a[0], one), rest)
            high = self.binary(op.OR, self.binary(op.SHL, a[1], small), carried)
            return self.emit(op.SELECT, ty.I64, [big, zero, low]), self.emit(op.SELECT, ty.I64, [big, low, high])
        high = self.binary(operation, a[1], small)
        carried = self.binary(op.SHL, self.binary(op.SHL, a[1], one), rest)
        low = self.binary(op.OR, self.binary(op.LSHR, a[0], small), carried)
        fill = zero if operation == op.LSHR else self.binary(op.ASHR, a[1], self.constant(63))
        return self.emit(op.SELECT, ty.I64, [big, high, low]), self.emit(op.SELECT, ty.I64, [big, fill, high])

    def compare(self, value: Value, operation: int) -> bool:
        a = self.halves(value.args[0])
        b = self.halves(value.args[1])
        if operation == op.EQ or operation == op.NE:
            low = self.binary(op.XOR, a[0], b[0])
            high = self.binary(op.XOR, a[1], b[1])
            return self.become(value, operation, [self.binary(op.OR, low, high), self.constant(0)])
        decide, tie = _ORDER[operation]
        upper = self.emit(decide, ty.I1, [a[1], b[1]])
        lower = self.emit(tie, ty.I1, [a[0], b[0]])
        equal = self.emit(op.EQ, ty.I1, [a[1], b[1]])
        return self.become(value, op.SELECT, [equal, lower, upper])

    def overflow(self, value: Value, operation: int) -> bool:
        a = self.halves(value.args[0])
        b = self.halves(value.args[1])
        zero = self.constant(0)
        if operation == op.USUB_OVERFLOWS:
            upper = self.emit(op.ULT, ty.I1, [a[1], b[1]])
            lower = self.emit(op.ULT, ty.I1, [a[0], b[0]])
            return self.become(value, op.SELECT, [self.emit(op.EQ, ty.I1, [a[1], b[1]]), lower, upper])
        if operation == op.UADD_OVERFLOWS:
            low, high = self.add(a, b, op.ADD)
            upper = self.emit(op.ULT, ty.I1, [high, a[1]])
            lower = self.emit(op.ULT, ty.I1, [low, a[0]])
            return self.become(value, op.SELECT, [self.emit(op.EQ, ty.I1, [high, a[1]]), lower, upper])
        if operation == op.SADD_OVERFLOWS or operation == op.SSUB_OVERFLOWS:
            adding = operation == op.SADD_OVERFLOWS
            _, high = self.add(a, b, op.ADD if adding else op.SUB)
            left = self.binary(op.XOR, a[1], high)
            right = self.binary(op.XOR, b[1], high) if adding else self.binary(op.XOR, a[1], b[1])
            return self.become(value, op.SLT, [self.binary(op.AND, left, right), zero])
        if operation == op.SMUL_OVERFLOWS:
            slot = self.stack_slot(8)
            arguments = [*a, *b, slot]
            call = self.emit(op.CALL, ty.I64, arguments)
            call.symbol = self.pool.function("__muloti4")
            call.call = self.target.call_info([argument.type for argument in arguments], [ty.I64, ty.I64])
            flag = self.emit(op.LOAD, ty.I32, [slot])
            return self.become(value, op.NE, [flag, self.emit(op.CONST, ty.I32, [])])
        # Unsigned product: both high halves set, or a cross product or the sum too big.
        both = self.emit(
            op.AND, ty.I1, [self.emit(op.NE, ty.I1, [a[1], zero]), self.emit(op.NE, ty.I1, [b[1], zero])]
        )
        cross1 = self.emit(op.UMUL_OVERFLOWS, ty.I1, [a[1], b[0]])
        cross2 = self.emit(op.UMUL_OVERFLOWS, ty.I1, [a[0], b[1]])
        middle = self.binary(op.ADD, self.binary(op.MUL, a[1], b[0]), self.binary(op.MUL, a[0], b[1]))
        carry = self.emit(op.UADD_OVERFLOWS, ty.I1, [self.binary(op.UMULH, a[0], b[0]), middle])
        first = self.emit(op.OR, ty.I1, [both, cross1])
        return self.become(value, op.OR, [self.emit(op.OR, ty.I1, [first, cross2]), carry])

    def count(self, value: Value, operation: int) -> bool:
        low, high = self.halves(value.args[0])
        if operation == op.POPCOUNT:
            total = self.binary(op.ADD, self.emit(op.POPCOUNT, ty.I64, [low]), self.emit(op.POPCOUNT, ty.I64, [high]))
        else:
            first, second = (high, low) if operation == op.CLZ else (low, high)
            empty = self.emit(op.EQ, ty.I1, [first, self.constant(0)])
            near = self.emit(operation, ty.I64, [first])
            far = self.binary(op.ADD, self.emit(operation, ty.I64, [second]), self.constant(64))
            total = self.emit(op.SELECT, ty.I64, [empty, far, near])
        if value.type == ty.I128:
            return self.define(value, total, self.constant(0))
        return self.become(value, op.COPY if value.type == ty.I64 else op.TRUNC, [total])

    # ---- memory

    def stack_slot(self, size: int) -> Value:
        entry = self.function.blocks[0]
        slot = self.function.new_value(op.ALLOCA, ty.PTR, entry)
        slot.imm = size
        slot.extra = size
        if self.block is entry:
            self.out.insert(0, slot)
        else:
            entry.values.insert(0, slot)
        return slot

    def load_halves(self, pointer: Value, flags: int, alignment: int = 0) -> tuple[Value, Value]:
        low = self.emit(op.LOAD, ty.I64, [pointer])
        upper = self.emit(op.PTRADD, ty.PTR, [pointer, self.constant(8)])
        high = self.emit(op.LOAD, ty.I64, [upper])
        low.flags = high.flags = flags
        low.extra = high.extra = min(alignment, 8)
        return low, high

    def load(self, value: Value) -> bool:
        return self.define(value, *self.load_halves(value.args[0], value.flags, value.extra))

    def store_halves(self, pointer: Value, stored: Value) -> None:
        self.emit(op.STORE, ty.VOID, [pointer, self.low[stored.id]])
        upper = self.emit(op.PTRADD, ty.PTR, [pointer, self.constant(8)])
        self.emit(op.STORE, ty.VOID, [upper, self.high[stored.id]])

    def store(self, value: Value) -> bool:
        pointer, stored = value.args
        upper = self.emit(op.PTRADD, ty.PTR, [pointer, self.constant(8)])
        high = self.emit(op.STORE, ty.VOID, [upper, self.high[stored.id]])
        high.flags = value.flags
        high.extra = min(value.extra, 8)
        value.extra = min(value.extra, 8)
        return self.become(value, op.STORE, [pointer, self.low[stored.id]])


def run(function: Function, target: Target, pool: ConstantPool) -> None:
    WideIntegers(function, target, pool).run()
