"""Selection of f80 operations: x87.

An f80 value never lives in a register across instructions: it has a 16-byte frame slot, an operation loads its operands,
computes and pops the result into the slot.  So the x87 stack is empty between values, as the psABI wants it at calls.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.select_base import X86Base, strip

_ONE: Final = 0x3FFF8000000000000000
_NEGATIVE: Final = 1 << 79


def slot_of(s: X86Base, value: Value) -> int:
    """The frame slot that holds the value, from its selection on."""
    s.request(value)
    return s.slots[value.id]


def load_operand(s: X86Base, value: Value) -> None:
    """Push an f80 value."""
    value = strip(value)
    if value.op == op.FCONST:
        if value.imm & ~_NEGATIVE == 0:
            s.emit(x.FLDZ)
        elif value.imm & ~_NEGATIVE == _ONE:
            s.emit(x.FLD1)
        else:
            s.pool_operand(s.emit(x.FLD_M80), s.constant_bytes(value))
            return
        if value.imm & _NEGATIVE:
            s.emit(x.FCHS)
    elif value.op == op.UNDEF:
        s.emit(x.FLDZ)
    else:
        s.with_slot(x.FLD_M80, slot_of(s, value))


def pop_to(s: X86Base, value: Value | None) -> None:
    """Pop the top of the stack into the value's slot, or away."""
    if value is None or s.slots[value.id] < 0:
        s.emit(x.FSTP_F).r0 = 32
    else:
        s.with_slot(x.FSTP_M80, s.slots[value.id])


def x87_binary(s: X86Base, v: Value, a: Value, b: Value, operation: int) -> None:
    load_operand(s, a)
    load_operand(s, b)
    s.emit(operation).r0 = 33
    pop_to(s, v)


def x87_unary(s: X86Base, v: Value, a: Value, operation: int) -> None:
    load_operand(s, a)
    s.emit(operation)
    pop_to(s, v)


def x87_copy_sign(s: X86Base, v: Value, a: Value, b: Value) -> None:
    """|a| with b's sign, on the bytes."""
    load_operand(s, a)
    s.emit(x.FABS)
    pop_to(s, v)
    load_operand(s, b)
    scratch = s.machine.new_slot(16, 16)
    s.with_slot(x.FSTP_M80, scratch)
    sign = s.new_register(ty.I32)
    s.with_slot(x.MOVZX32_RM8, scratch, 9).r0 = sign
    s.ri(x.AND32_RI, sign, 0x80)
    s.with_slot(x.OR8_MR, s.slots[v.id], 9).r0 = sign


def x87_load(s: X86Base, v: Value, pointer: Value) -> None:
    s.with_memory(x.FLD_M80, pointer)
    pop_to(s, v)


def x87_store(s: X86Base, v: Value, pointer: Value, stored: Value) -> None:
    load_operand(s, stored)
    s.with_memory(x.FSTP_M80, pointer)


def x87_copy(s: X86Base, v: Value, a: Value) -> None:
    load_operand(s, a)
    pop_to(s, v)


def x87_compare(s: X86Base, value: Value) -> int:
    """Sets the flags as ucomisd would; the condition."""
    place = value.op - op.FOEQ
    a, b = value.args[0], value.args[1]
    if f.FLOAT_SWAPPED[place]:
        a, b = b, a
    load_operand(s, b)
    load_operand(s, a)
    s.emit(x.FUCOMIP_AF).r0 = 33
    s.emit(x.FSTP_F).r0 = 32  # pops, and leaves the flags alone
    return f.FLOAT_CONDITIONS[place]


def to_f80(s: X86Base, v: Value, a: Value) -> None:
    """From f32 or f64: through memory."""
    register = s.use(a)
    scratch = s.machine.new_slot(8, 8)
    s.with_slot(x.MOVSD_MX if a.type == ty.F64 else x.MOVSS_MX, scratch).r0 = register
    s.with_slot(x.FLD_M64 if a.type == ty.F64 else x.FLD_M32, scratch)
    pop_to(s, v)


def from_f80(s: X86Base, v: Value, a: Value) -> None:
    load_operand(s, a)
    scratch = s.machine.new_slot(8, 8)
    s.with_slot(x.FSTP_M64 if v.type == ty.F64 else x.FSTP_M32, scratch)
    s.with_slot(x.MOVSD_XM if v.type == ty.F64 else x.MOVSS_XM, scratch).r0 = s.result(v)


def integer_to_f80(s: X86Base, v: Value, a: Value, signed: bool) -> None:
    source = s.use(a)
    wide = s.new_register(ty.I64)
    kind = a.type
    if kind == ty.I64 or kind == ty.PTR:
        s.copy(wide, source)
    elif kind == ty.I32:
        s.rr(x.MOVSX64_RR32 if signed else x.MOV32_RR, wide, source)
    elif kind == ty.I16:
        s.rr(x.MOVSX64_RR16 if signed else x.MOVZX32_RR16, wide, source)
    elif kind == ty.I8:
        s.rr(x.MOVSX64_RR8 if signed else x.MOVZX32_RR8, wide, source)
    else:
        raise SelectionError("conversion to long double", v.position)
    scratch = s.machine.new_slot(8, 8)
    s.with_slot(x.MOV64_MR, scratch).r0 = wide
    s.with_slot(x.FILD_M64, scratch)
    if not signed and kind == ty.I64:
        # A set highest bit was read as negative: add 2**64, from a table of two f32, by that bit.
        index = s.new_register(ty.I64)
        s.copy(index, wide)
        s.ri(x.SHR64_RI, index, 63)
        table = s.pool.constant((0).to_bytes(4, "little") + (0x5F800000).to_bytes(4, "little"), 4)
        base = s.new_register(ty.PTR)
        lea = s.emit(x.LEA64_RM)
        lea.r0 = base
        lea.base = 40
        lea.symbol = table
        lea.symbol_kind = 2
        add = s.emit(x.FADD_M32)
        add.base = base
        add.index = index
        add.scale = 4
    pop_to(s, v)


def f80_to_integer(s: X86Base, v: Value, a: Value, signed: bool) -> None:
    """Toward zero: by a control word that says so, for this conversion only."""
    kind = v.type
    load_operand(s, a)
    adjust = -1
    if not signed and kind == ty.I64:
        # From 2**63 on: subtract that, and set the highest bit afterwards.
        limit = (0x5F000000).to_bytes(4, "little")
        s.pool_operand(s.emit(x.FLD_M32), limit)
        s.emit(x.FUCOMI_AF).r0 = 33
        adjust = s.new_register(ty.I32)
        low = s.new_register(ty.I1)
        s.emit(x.SETCC_R).r0 = low
        s.chunk[-1].condition = f.CC_BE  # 2**63 <= a (not for NaN, whose result is any)
        s.rr(x.MOVZX32_RR8, adjust, low)
        s.emit(x.FSTP_F).r0 = 32
        table = s.pool.constant((0).to_bytes(4, "little") + limit, 4)
        base = s.new_register(ty.PTR)
        lea = s.emit(x.LEA64_RM)
        lea.r0 = base
        lea.base = 40
        lea.symbol = table
        lea.symbol_kind = 2
        subtract = s.emit(x.FSUB_M32)
        subtract.base = base
        subtract.index = adjust
        subtract.scale = 4
    control = s.machine.new_slot(8, 8)
    s.with_slot(x.FNSTCW_M, control)
    word = s.new_register(ty.I32)
    s.with_slot(x.MOVZX32_RM16, control).r0 = word
    s.ri(x.OR32_RI, word, 0x0C00)
    s.with_slot(x.MOV16_MR, control, 2).r0 = word
    s.with_slot(x.FLDCW_M, control, 2)
    scratch = s.machine.new_slot(8, 8)
    s.with_slot(x.FISTP_M64, scratch)
    s.with_slot(x.FLDCW_M, control)
    result = s.result(v)
    instruction: MachineInstruction = s.with_slot(f.MOV_RM[kind] if kind == ty.I64 else x.MOV32_RM, scratch)
    instruction.r0 = result
    if adjust >= 0:
        top = s.new_register(ty.I64)
        s.copy(top, adjust)
        s.ri(x.SHL64_RI, top, 63)
        s.rr(x.XOR64_RR, result, top)
