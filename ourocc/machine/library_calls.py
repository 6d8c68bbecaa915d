"""Turns operations without instructions into calls of the run-time library (libgcc's names): binary128 and binary16
arithmetic, population count, conversions of 128-bit integers.

Before: v3 = fadd.f128 v1, v2
After:  v3 = call.f128 @__addtf3 v1, v2
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import Target

_BINARY: Final = {op.FADD: "__addtf3", op.FSUB: "__subtf3", op.FMUL: "__multf3", op.FDIV: "__divtf3"}
# Comparison: function, and how its int result relates to 0
_COMPARE: Final = {
    op.FOEQ: ("__eqtf2", op.EQ), op.FUNE: ("__netf2", op.NE), op.FOLT: ("__lttf2", op.SLT), op.FOLE: ("__letf2", op.SLE),
    op.FOGT: ("__gttf2", op.SGT), op.FOGE: ("__getf2", op.SGE), op.FULT: ("__getf2", op.SLT), op.FULE: ("__gttf2", op.SLE),
    op.FUGT: ("__letf2", op.SGT), op.FUGE: ("__lttf2", op.SGE), op.FORD: ("__unordtf2", op.EQ),
    op.FUNO: ("__unordtf2", op.NE),
}  # fmt: skip
_LETTER: Final = {ty.F16: "hf", ty.F32: "sf", ty.F64: "df", ty.F80: "xf", ty.F128: "tf"}
_INTEGER: Final = {ty.I32: "si", ty.I64: "di"}


class LibraryCalls:
    """One walk over a function: values that stay, and calls in place of others, in order."""

    def __init__(self, function: Function, target: Target, options: CodeOptions, pool: ConstantPool) -> None:
        self.function = function
        self.target = target
        self.options = options
        self.pool = pool
        self.out: list[Value] = []
        self.block: Block = function.blocks[0]
        self.position = 0

    def emit(self, operation: int, type: int, arguments: list[Value], imm: int = 0) -> Value:
        value = self.function.new_value(operation, type, self.block)
        value.position = self.position
        value.imm = imm
        for argument in arguments:
            value.add_argument(argument)
        self.out.append(value)
        return value

    def become_call(self, value: Value, name: str, arguments: list[Value]) -> None:
        """Turn `value` into a call that gives its type."""
        for argument in arguments:
            argument.uses += 1
        for argument in value.args:
            argument.uses -= 1
        value.args = arguments
        value.op = op.CALL
        value.imm = 0
        value.extra = 0
        value.symbol = self.pool.function(name)
        value.call = self.target.call_info([argument.type for argument in arguments], [value.type])
        self.out.append(value)

    def call(self, name: str, type: int, arguments: list[Value]) -> Value:
        value = self.function.new_value(op.CALL, type, self.block)
        value.position = self.position
        self.become_call(value, name, arguments)
        return value

    def run(self) -> None:
        for block in self.function.blocks:
            self.block = block
            self.out = []
            for value in block.values:
                self.position = value.position
                if not self.lower(value):
                    self.out.append(value)
            block.values = self.out

    def lower(self, value: Value) -> bool:
        """True when it was replaced (and appended)."""
        operation = value.op
        kind = value.type
        source = value.args[0].type if value.args else ty.VOID
        if operation == op.POPCOUNT:
            return self.population_count(value, source)
        if self.target.calls_for_bits and op.BSWAP <= operation <= op.CTZ:
            return self.bit_operation(value, operation, source)
        if kind == ty.F16 or source == ty.F16:
            return self.half(value, operation, kind, source)
        if kind != ty.F128 and source != ty.F128:
            return False
        if operation in _BINARY:
            self.become_call(value, _BINARY[operation], value.args.copy())
        elif operation in _COMPARE:
            self.compare(value)
        elif operation == op.FUEQ or operation == op.FONE:
            self.compare_equal_unordered(value)
        elif op.FCONVERT <= operation <= op.FTOUI:
            self.convert(value, operation, kind, source)
        elif operation == op.FSQRT:
            self.become_call(value, "sqrtf128", value.args.copy())
        elif operation == op.SELECT and source == ty.I1:
            return False
        else:
            return self.target.lower_quad(self.function, value, self.out)
        return True

    def population_count(self, value: Value, source: int) -> bool:
        if self.options.popcnt:
            return False
        argument = value.args[0]
        if source != ty.I64:
            argument = self.emit(op.ZEXT, ty.I64, [argument])
        count = self.call("__popcountdi2", ty.I32, [argument])
        value.clear_arguments()
        if value.type == ty.I64:
            value.op = op.ZEXT
        elif value.type == ty.I32:
            value.op = op.COPY
        else:
            value.op = op.TRUNC
        value.add_argument(count)
        self.out.append(value)
        return True

    def bit_operation(self, value: Value, operation: int, source: int) -> bool:
        """bswap of 32 and 64 bits; clz and ctz of 64, as libgcc has no others there."""
        bits = ty.BITS[source]
        argument = value.args[0]
        if operation == op.BSWAP:
            if bits < 32:
                return False
            self.become_call(value, "__bswapdi2" if bits == 64 else "__bswapsi2", [argument])
            return True
        if bits < 64:
            argument = self.emit(op.ZEXT, ty.I64, [argument])
        count = self.call("__clzdi2" if operation == op.CLZ else "__ctzdi2", ty.I32, [argument])
        if operation == op.CLZ and bits < 64:
            count = self.emit(op.SUB, ty.I32, [count, self.emit(op.CONST, ty.I32, [], 64 - bits)])
        value.clear_arguments()
        wanted = ty.BITS[value.type]
        value.op = op.ZEXT if wanted == 64 else op.COPY if wanted == 32 else op.TRUNC
        value.add_argument(count)
        self.out.append(value)
        return True

    def compare(self, value: Value) -> None:
        name, relation = _COMPARE[value.op]
        result = self.call(name, ty.I32, value.args.copy())
        zero = self.emit(op.CONST, ty.I32, [])
        value.clear_arguments()
        value.op = relation
        value.add_argument(result)
        value.add_argument(zero)
        self.out.append(value)

    def compare_equal_unordered(self, value: Value) -> None:
        """ueq: unordered or equal; one: neither."""
        zero = self.emit(op.CONST, ty.I32, [])
        unordered = self.emit(op.NE, ty.I1, [self.call("__unordtf2", ty.I32, value.args.copy()), zero])
        equal = self.emit(op.EQ, ty.I1, [self.call("__eqtf2", ty.I32, value.args.copy()), zero])
        negate = value.op == op.FONE
        value.clear_arguments()
        either = self.emit(op.OR, ty.I1, [unordered, equal])
        value.op = op.NOT if negate else op.COPY
        value.add_argument(either)
        self.out.append(value)

    def convert(self, value: Value, operation: int, kind: int, source: int) -> None:
        """Names such as __extenddftf2, __trunctfsf2, __floatsitf, __fixunstfdi."""
        argument = value.args[0]
        if operation == op.FCONVERT:
            if ty.BITS[source] < ty.BITS[kind]:
                name = f"__extend{_LETTER[source]}tf2"
            else:
                name = f"__trunctf{_LETTER[kind]}2"
            self.become_call(value, name, [argument])
            return
        if operation == op.SITOF or operation == op.UITOF:
            if source not in _INTEGER:
                argument = self.emit(op.SEXT if operation == op.SITOF else op.ZEXT, ty.I32, [argument])
                operation = op.SITOF
                source = ty.I32
            unsigned = "un" if operation == op.UITOF else ""
            self.become_call(value, f"__float{unsigned}{_INTEGER[source]}tf", [argument])
            return
        wanted = kind if kind in _INTEGER else ty.I32
        unsigned = "uns" if operation == op.FTOUI and kind == wanted else ""
        name = f"__fix{unsigned}tf{_INTEGER[wanted]}"
        if kind == wanted:
            self.become_call(value, name, [argument])
            return
        made = self.call(name, ty.I32, [argument])
        value.clear_arguments()
        value.op = op.TRUNC
        value.add_argument(made)
        self.out.append(value)

    def half(self, value: Value, operation: int, kind: int, source: int) -> bool:
        """binary16: computed in f32 and rounded back."""
        if operation == op.FCONVERT:
            if source == ty.F16:
                if kind == ty.F32:
                    self.become_call(value, "__extendhfsf2", value.args.copy())
                    return True
                wide = self.call("__extendhfsf2", ty.F32, [value.args[0]])
                value.set_argument(0, wide)
                return self.lower_again(value)
            self.become_call(value, f"__trunc{_LETTER[source]}hf2", value.args.copy())
            return True
        if operation in (op.FADD, op.FSUB, op.FMUL, op.FDIV, op.FSQRT, op.SITOF, op.UITOF):
            arguments = [
                self.call("__extendhfsf2", ty.F32, [argument]) if argument.type == ty.F16 else argument
                for argument in value.args
            ]
            wide = self.emit(operation, ty.F32, arguments)
            self.become_call(value, "__truncsfhf2", [wide])
            return True
        if op.FOEQ <= operation <= op.FUNO or operation in (op.FTOSI, op.FTOUI):
            for index, argument in enumerate(value.args):
                value.set_argument(index, self.call("__extendhfsf2", ty.F32, [argument]))
            self.out.append(value)
            return True
        return False

    def lower_again(self, value: Value) -> bool:
        if value.type == ty.F128:
            return self.lower(value)
        if value.args[0].type == value.type:
            value.op = op.COPY
        self.out.append(value)
        return True


def run(function: Function, target: Target, options: CodeOptions, pool: ConstantPool) -> None:
    LibraryCalls(function, target, options, pool).run()
