"""Rewrites binary128 into 128-bit integers and calls, for targets that pass it in pairs of integer registers.

Before: v3 = fadd.f128 v1, v2;  v4 = fneg.f128 v3
After:  v5 = call.i64 @__addtf3 (halves of v1), (halves of v2);  v6 = result v5, 1;  v3 = or.i128 (v5, v6);
        v4 = xor.i128 v3, 1 << 127
`wide_integers` splits what is left into halves; putting halves together and taking them apart then costs nothing.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value, normalize
from ourocc.machine.constants import ConstantPool
from ourocc.machine.target import Target

_BINARY: Final = {op.FADD: "__addtf3", op.FSUB: "__subtf3", op.FMUL: "__multf3", op.FDIV: "__divtf3"}
# Comparison: function, and how its int result relates to 0
_COMPARE: Final = {
    op.FOEQ: ("__eqtf2", op.EQ), op.FUNE: ("__netf2", op.NE), op.FOLT: ("__lttf2", op.SLT), op.FOLE: ("__letf2", op.SLE),
    op.FOGT: ("__gttf2", op.SGT), op.FOGE: ("__getf2", op.SGE), op.FULT: ("__getf2", op.SLT), op.FULE: ("__gttf2", op.SLE),
    op.FUGT: ("__letf2", op.SGT), op.FUGE: ("__lttf2", op.SGE), op.FORD: ("__unordtf2", op.EQ),
    op.FUNO: ("__unordtf2", op.NE),
}  # fmt: skip
_LETTER: Final = {ty.F16: "hf", ty.F32: "sf", ty.F64: "df"}
_INTEGER: Final = {ty.I32: "si", ty.I64: "di", ty.I128: "ti"}
_SIGN: Final = 1 << 127


@final
class QuadIntegers:
    def __init__(self, function: Function, target: Target, pool: ConstantPool) -> None:
        self.function = function
        self.target = target
        self.pool = pool
        self.out: list[Value] = []
        self.block: Block = function.blocks[0]
        self.position = 0
        self.quads: set[int] = set()  # ids of values that were binary128

    def run(self) -> None:
        for block in self.function.blocks:
            for value in block.values:
                if value.type == ty.F128:
                    self.quads.add(value.id)
        for block in self.function.blocks:
            self.block = block
            self.out = []
            for value in block.values:
                self.position = value.position
                if not self.lower(value):
                    self.out.append(value)
            block.values = self.out

    def emit(self, operation: int, type: int, arguments: list[Value], imm: int = 0) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        value.imm = imm
        for argument in arguments:
            value.add_argument(argument)
        self.out.append(value)
        return value

    def become(self, value: Value, operation: int, arguments: list[Value]) -> bool:
        for argument in arguments:
            argument.uses += 1
        for argument in value.args:
            argument.uses -= 1
        value.args = arguments
        value.op = operation
        value.imm = value.extra = 0
        self.out.append(value)
        return True

    def halves(self, value: Value) -> list[Value]:
        amount = self.emit(op.CONST, ty.I128, [], 64)
        upper = self.emit(op.LSHR, ty.I128, [value, amount])
        return [self.emit(op.TRUNC, ty.I64, [value]), self.emit(op.TRUNC, ty.I64, [upper])]

    def call(self, name: str, result: int, arguments: list[Value]) -> Value:
        """A library function; a 128-bit argument is two, a 128-bit result the low half, with the high one behind it."""
        pieces: list[Value] = []
        for argument in arguments:
            if argument.type == ty.I128 or argument.type == ty.F128:
                pieces += self.halves(argument)
            else:
                pieces.append(argument)
        value = self.emit(op.CALL, ty.I64 if result == ty.I128 else result, pieces)
        value.symbol = self.pool.function(name)
        types = [ty.I64, ty.I64] if result == ty.I128 else [result]
        value.call = self.target.call_info([piece.type for piece in pieces], types)
        return value

    def wide_call(self, value: Value, name: str, arguments: list[Value]) -> bool:
        low = self.call(name, ty.I128, arguments)
        high = self.emit(op.RESULT, ty.I64, [low], 1)
        upper = self.emit(op.SHL, ty.I128, [self.emit(op.ZEXT, ty.I128, [high]), self.emit(op.CONST, ty.I128, [], 64)])
        return self.become(value, op.OR, [self.emit(op.ZEXT, ty.I128, [low]), upper])

    def is_quad(self, value: Value) -> bool:
        return value.id in self.quads

    def lower(self, value: Value) -> bool:
        """True when it was replaced (and appended)."""
        operation = value.op
        if value.type == ty.F128:
            value.type = ty.I128
            return self.lower_quad(value, operation)
        if not value.args or not self.is_quad(value.args[0]):
            return False
        if operation in _COMPARE:
            name, relation = _COMPARE[operation]
            result = self.call(name, ty.I32, value.args)
            return self.become(value, relation, [result, self.emit(op.CONST, ty.I32, [])])
        if operation == op.FUEQ or operation == op.FONE:
            return self.compare_equal_unordered(value, operation)
        if op.FCONVERT <= operation <= op.FTOUI:
            return self.convert(value, operation)
        if operation == op.BITCAST and value.type == ty.I128:
            return self.become(value, op.COPY, [value.args[0]])
        return False

    def compare_equal_unordered(self, value: Value, operation: int) -> bool:
        """ueq: unordered or equal; one: neither."""
        zero = self.emit(op.CONST, ty.I32, [])
        unordered = self.emit(op.NE, ty.I1, [self.call("__unordtf2", ty.I32, value.args), zero])
        equal = self.emit(op.EQ, ty.I1, [self.call("__eqtf2", ty.I32, value.args), zero])
        either = self.emit(op.OR, ty.I1, [unordered, equal])
        return self.become(value, op.NOT if operation == op.FONE else op.COPY, [either])

    def convert(self, value: Value, operation: int) -> bool:
        """From binary128."""
        argument = value.args[0]
        if operation == op.FCONVERT:
            made = self.call(f"__trunctf{_LETTER[value.type]}2", value.type, [argument])
            return self.become(value, op.COPY, [made])
        wanted = value.type if value.type in _INTEGER else ty.I32
        unsigned = "uns" if operation == op.FTOUI and value.type == wanted else ""
        name = f"__fix{unsigned}tf{_INTEGER[wanted]}"
        if wanted == ty.I128:
            return self.wide_call(value, name, [argument])
        made = self.call(name, wanted, [argument])
        return self.become(value, op.COPY if value.type == wanted else op.TRUNC, [made])

    def lower_quad(self, value: Value, operation: int) -> bool:
        """A binary128 result."""
        args = value.args
        if operation == op.FCONST:
            value.op = op.CONST
            value.imm = normalize(value.imm, ty.I128)
            return False
        if operation in _BINARY:
            return self.wide_call(value, _BINARY[operation], args)
        if operation == op.FSQRT:
            return self.wide_call(value, "sqrtl", args)
        if operation == op.FNEG:
            return self.become(value, op.XOR, [args[0], self.emit(op.CONST, ty.I128, [], -_SIGN)])
        if operation == op.FABS:
            return self.become(value, op.AND, [args[0], self.emit(op.CONST, ty.I128, [], _SIGN - 1)])
        if operation == op.FCOPYSIGN:
            magnitude = self.emit(op.AND, ty.I128, [args[0], self.emit(op.CONST, ty.I128, [], _SIGN - 1)])
            sign = self.emit(op.AND, ty.I128, [args[1], self.emit(op.CONST, ty.I128, [], -_SIGN)])
            return self.become(value, op.OR, [magnitude, sign])
        if operation == op.FCONVERT:
            if self.is_quad(args[0]):
                return self.become(value, op.COPY, [args[0]])
            return self.wide_call(value, f"__extend{_LETTER[args[0].type]}tf2", [args[0]])
        if operation == op.SITOF or operation == op.UITOF:
            argument = args[0]
            if argument.type not in _INTEGER:
                argument = self.emit(op.SEXT if operation == op.SITOF else op.ZEXT, ty.I32, [argument])
                operation = op.SITOF
            unsigned = "un" if operation == op.UITOF else ""
            return self.wide_call(value, f"__float{unsigned}{_INTEGER[argument.type]}tf", [argument])
        if operation == op.BITCAST and (args[0].type == ty.I128 or self.is_quad(args[0])):
            return self.become(value, op.COPY, [args[0]])
        return False


def run(function: Function, target: Target, pool: ConstantPool) -> None:
    QuadIntegers(function, target, pool).run()
