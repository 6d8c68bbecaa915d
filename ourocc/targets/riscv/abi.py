"""The RISC-V ELF psABI, lp64d: integer and hardware floating-point calling convention, void * va_list.

Scalars go to a0..a7 (integers, pointers) or fa0..fa7 (float, double); when those run out, floating ones go to integer
registers, then to the stack.  Records that flatten to one or two scalars with a float among them travel in floating
registers ("hardware floating-point calling convention"), other records of at most 16 bytes in one or two integer
registers, larger ones by reference.  Objects with 16-byte alignment that are variable arguments start at an even
register.  A result travels as a first argument of its type would, larger ones through a hidden pointer in a0.

The register save area, op `va_registers`: a variadic function's prologue stores a0..a7 (those not named, see
Function.va_info = named registers) directly below the incoming stack arguments, so that both are one array of
doublewords: the op's value is the address of a0's slot, `stack_parameter` 0 minus 64.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.builder import Builder
from ourocc.ir.function import PieceLocation, Value
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type
from ourocc.targets.abi import (
    BY_REFERENCE,
    DIRECT,
    IGNORE,
    Abi,
    ArgumentLayout,
    CallLayout,
    FrameJump,
    Piece,
    align_up,
    stack_piece,
)
from ourocc.targets.riscv import registers as reg

REGISTERS: Final = 8  # a0..a7, fa0..fa7
XLEN_BYTES: Final = 8
SAVE_AREA: Final = 64


@final
class Leaf:
    """One scalar of a flattened record."""

    def __init__(self, type: Type, offset: int) -> None:
        self.type = type
        self.offset = offset


def flatten(type: Type, offset: int, leaves: list[Leaf]) -> bool:
    """The scalars of a record in order; False when there are more than two, or a shape that gcc does not flatten:
    unions (empty ones too), pointers, arrays without elements."""
    kind = type.kind
    if kind == ct.STRUCT:
        for field in type.fields:
            if field.bit_width >= 0:
                if field.bit_width == 0:
                    continue
                leaves.append(Leaf(field.type, offset + field.offset))
            elif not flatten(field.type, offset + field.offset, leaves):
                return False
        return len(leaves) <= 2
    if kind == ct.ARRAY:
        return flatten_array(type, offset, leaves)
    if kind == ct.COMPLEX:
        part = type.base
        assert part is not None
        if leaves:
            return False
        leaves.append(Leaf(part, offset))
        leaves.append(Leaf(part, offset + part.size))
        return is_hardware_float(part)
    if not (is_hardware_float(type) or (type.is_integer() and type.size <= XLEN_BYTES)):
        return False
    leaves.append(Leaf(type, offset))
    return len(leaves) <= 2


def flatten_array(type: Type, offset: int, leaves: list[Leaf]) -> bool:
    base = type.base
    assert base is not None
    inner: list[Leaf] = []
    if not flatten(base, 0, inner):
        return False
    if base.size == 0 and type.length > 0:
        return True
    if not inner or type.length <= 0:
        return False
    for index in range(type.length):
        for leaf in inner:
            if len(leaves) >= 2:
                return False
            leaves.append(Leaf(leaf.type, offset + index * base.size + leaf.offset))
    return True


def is_hardware_float(type: Type) -> bool:
    return type.kind in (ct.FLOAT, ct.DOUBLE, ct.FLOAT16)


# The "machine mode" that gcc gives a type: a record that is nothing but one scalar behaves like it
NO_MODE: Final = 0
INTEGER_MODE: Final = 1
FLOAT_MODE: Final = 2
COMPLEX_MODE: Final = 3


def mode_of(type: Type) -> tuple[int, Type]:
    """The mode's class, and for FLOAT_MODE and COMPLEX_MODE the (complex) scalar type it is of."""
    kind = type.kind
    if kind == ct.COMPLEX and type.base is not None:
        return (COMPLEX_MODE if type.base.is_floating() else INTEGER_MODE), type
    if type.is_floating():
        return FLOAT_MODE, type
    if kind == ct.ARRAY and type.base is not None and type.length == 1:
        return mode_of(type.base)
    if kind == ct.STRUCT or kind == ct.UNION:
        found = (NO_MODE, type)
        for field in type.fields:
            if field.type.size == 0 or field.bit_width >= 0:
                continue
            inner = mode_of(field.type)
            if inner[0] == NO_MODE:
                return NO_MODE, type
            if kind == ct.STRUCT and field.type.size == type.size and found[0] == NO_MODE:
                found = inner
        if found[0] != NO_MODE:
            return found if type.alignment >= min(natural_alignment(found[1]), 16) else (NO_MODE, type)
    if type.size in (1, 2, 4, 8, 16) and type.alignment >= type.size:
        return INTEGER_MODE, type
    return NO_MODE, type


def natural_alignment(type: Type) -> int:
    if type.kind == ct.COMPLEX and type.base is not None:
        return type.base.size
    return type.size


@final
class Assigner:
    def __init__(self) -> None:
        self.integers = 0
        self.floats = 0
        self.stack = 0


@final
class RiscvAbi(Abi):
    """lp64d."""

    def __init__(self, long_double: int = ty.F128) -> None:
        super().__init__(long_double)
        self.argument_registers = [PieceLocation(ty.I64, reg.A0 + number, 0) for number in range(8)]
        self.argument_registers += [PieceLocation(ty.F64, reg.FA0 + number, 0) for number in range(8)]
        self.result_registers = [*self.argument_registers[:2], *self.argument_registers[8:10]]
        self.static_chain = reg.T2
        self.frame_jump = FrameJump(
            "r",
            "a0",
            "sd s0, 0(%0)\n\tsd sp, 16(%0)\n\tlla t0, %l1\n\tsd t0, 8(%0)",
            "ld s0, 0(%0)\n\tld sp, 16(%0)\n\tld t0, 8(%0)\n\tjr t0",
            "ra t0 t1 t2 t3 t4 t5 t6 a1 a2 a3 a4 a5 a6 a7 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 ft0 ft1 ft2 ft3 ft4 ft5 ft6 "
            "ft7 ft8 ft9 ft10 ft11 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs0 fs1 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 memory",
        )

    def scalar_piece_type(self, type: Type) -> int:
        value = self.ir_type(type)
        return ty.I32 if value == ty.I8 or value == ty.I16 else value

    def location(self, type: int, register: int) -> PieceLocation:
        found = PieceLocation(type, register, 0)
        if type == ty.I32:
            found.extension = 1  # 32-bit values are sign-extended, unsigned ones too
        return found

    def integer_piece(self, type: int, offset: int, valid: int, assigner: Assigner) -> Piece:
        """One doubleword in the next integer register, or on the stack."""
        if assigner.integers < REGISTERS:
            location = self.location(type, reg.A0 + assigner.integers)
            assigner.integers += 1
        else:
            location = stack_piece(type, assigner.stack)
            if type == ty.I32:
                location.extension = 1
            assigner.stack += XLEN_BYTES
        return Piece(type, offset, valid, location)

    def align_pair(self, alignment: int, assigner: Assigner, variable: bool) -> None:
        """Objects of 16-byte alignment: even register when variadic, aligned stack slot."""
        if alignment < 16:
            return
        if variable and assigner.integers < REGISTERS:
            assigner.integers += assigner.integers & 1
        if assigner.integers >= REGISTERS:
            assigner.stack = align_up(assigner.stack, 16)

    def floating(self, type: Type, layout: ArgumentLayout, assigner: Assigner) -> bool:
        """Try the hardware floating-point convention; True when it applies."""
        leaves: list[Leaf] = []
        floats = 0
        if flatten(type, 0, leaves) and 0 < len(leaves) <= 2:
            for leaf in leaves:
                if is_hardware_float(leaf.type):
                    floats += 1
        if floats == 0 or floats < len(leaves):
            mode, scalar = mode_of(type)
            part = scalar.base if mode == COMPLEX_MODE and scalar.base is not None else scalar
            if mode in (FLOAT_MODE, COMPLEX_MODE) and is_hardware_float(part):
                leaves = [Leaf(part, 0)]
                if mode == COMPLEX_MODE:
                    leaves.append(Leaf(part, part.size))
                floats = len(leaves)
        integers = len(leaves) - floats
        if floats == 0 or assigner.floats + floats > REGISTERS or assigner.integers + integers > REGISTERS:
            return False
        for leaf in leaves:
            if is_hardware_float(leaf.type):
                kind = self.ir_type(leaf.type)
                layout.pieces.append(
                    Piece(kind, leaf.offset, leaf.type.size, PieceLocation(kind, reg.FA0 + assigner.floats, 0))
                )
                assigner.floats += 1
            else:
                kind = ty.integer_of_bits(leaf.type.size * 8) if leaf.type.size < 8 else ty.I64
                wide = ty.I32 if kind in (ty.I8, ty.I16) else kind
                layout.pieces.append(self.integer_piece(wide, leaf.offset, leaf.type.size, assigner))
        return True

    def by_integers(self, type: Type, layout: ArgumentLayout, assigner: Assigner) -> None:
        """The integer calling convention for a scalar or record of at most 16 bytes."""
        if type.size <= XLEN_BYTES:
            if type.is_scalar() and type.kind != ct.COMPLEX:
                layout.pieces.append(self.integer_piece(self.scalar_piece_type(type), 0, type.size, assigner))
            else:
                kind = ty.I32 if type.size <= 4 else ty.I64
                piece = self.integer_piece(ty.I64 if kind == ty.I64 else kind, 0, type.size, assigner)
                layout.pieces.append(piece)
            return
        for part in (0, XLEN_BYTES):
            valid = min(XLEN_BYTES, type.size - part)
            layout.pieces.append(self.integer_piece(ty.I64, part, valid, assigner))

    def argument(self, type: Type, assigner: Assigner, variable: bool) -> ArgumentLayout:
        layout = ArgumentLayout(DIRECT, type.size, type.alignment)
        if type.size == 0:
            layout.kind = IGNORE
            return layout
        if not variable and self.floating(type, layout, assigner):
            return layout
        if type.size > 16:
            layout.kind = BY_REFERENCE
            layout.pieces.append(self.integer_piece(ty.PTR, 0, 8, assigner))
            return layout
        alignment = type.alignment
        if type.is_scalar() and type.kind != ct.COMPLEX:
            alignment = type.size
        self.align_pair(alignment, assigner, variable)
        self.by_integers(type, layout, assigner)
        return layout

    def classify_call(self, result: Type, arguments: list[Type], named_count: int, variadic: bool) -> CallLayout:
        layout = CallLayout()
        assigner = Assigner()
        if result.kind != ct.VOID:
            layout.result = self.argument(result, Assigner(), False)
            if layout.result.kind == BY_REFERENCE:
                layout.result = ArgumentLayout(IGNORE, 0, 1)
                layout.sret = PieceLocation(ty.PTR, reg.A0, 0)
                assigner.integers = 1
        layout.va_info = assigner.integers
        for index, type in enumerate(arguments):
            layout.arguments.append(self.argument(type, assigner, variadic and index >= named_count))
            if index + 1 == named_count:
                layout.va_info = assigner.integers
        layout.stack_size = assigner.stack
        return layout

    # ---- variable arguments

    def va_start(self, builder: Builder, layout: CallLayout, pointer: Value) -> None:
        if layout.va_info < REGISTERS:
            area = builder.emit(op.VA_REGISTERS, ty.PTR)
            builder.store(pointer, builder.ptradd(area, XLEN_BYTES * layout.va_info))
        else:
            overflow = builder.emit(op.STACK_PARAMETER, ty.PTR)
            overflow.imm = layout.stack_size
            builder.store(pointer, overflow)

    def va_copy(self, builder: Builder, destination: Value, source: Value) -> None:
        builder.store(destination, builder.load(ty.PTR, source))

    def va_arg(self, builder: Builder, type: Type, pointer: Value) -> Value:
        current = builder.load(ty.PTR, pointer)
        if type.size > 16:
            builder.store(pointer, builder.ptradd(current, XLEN_BYTES))
            return builder.load(ty.PTR, current)
        alignment = type.alignment
        if type.is_scalar() and type.kind != ct.COMPLEX:
            alignment = type.size
        if alignment >= 16:
            number = builder.unary(op.BITCAST, ty.I64, current)
            number = builder.binary(op.ADD, ty.I64, number, builder.const(15, ty.I64))
            number = builder.binary(op.AND, ty.I64, number, builder.const(-16, ty.I64))
            current = builder.unary(op.BITCAST, ty.PTR, number)
        builder.store(pointer, builder.ptradd(current, align_up(type.size, XLEN_BYTES)))
        return current

    # ---- inline assembly and nested functions

    def asm_immediate(self, letter: str, value: int) -> int:
        """gcc's machine constraints of RISC-V."""
        if letter == "I":
            return 1 if -2048 <= value <= 2047 else 0
        if letter == "J":
            return 1 if value == 0 else 0
        if letter == "K":
            return 1 if 0 <= value <= 31 else 0
        if letter in ("i", "n", "g", "X", "E", "F", "s", "S"):
            return 1
        return -1

    def trampoline_size(self) -> int:
        return 32

    def write_trampoline(self, builder: Builder, place: Value, function: Value, chain: Value) -> None:
        """auipc t2, 0; ld t0, 24(t2); ld t2, 16(t2); jr t0; chain; function"""
        builder.store(place, builder.const(0x00000397, ty.I32))
        builder.store(builder.ptradd(place, 4), builder.const(0x0183B283, ty.I32))
        builder.store(builder.ptradd(place, 8), builder.const(0x0103B383, ty.I32))
        builder.store(builder.ptradd(place, 12), builder.const(0x00028067, ty.I32))
        builder.store(builder.ptradd(place, 16), chain)
        builder.store(builder.ptradd(place, 24), function)


_RISCV = RiscvAbi()


def classify_call(result: Type, arguments: list[Type], named_count: int, variadic: bool) -> CallLayout:
    """`RiscvAbi.classify_call` with binary128 long double."""
    return _RISCV.classify_call(result, arguments, named_count, variadic)
