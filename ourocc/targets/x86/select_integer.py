"""Selection of integer operations, comparisons, conditions and branches: the actions of select.rules."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.registers import RAX, RCX, RDX
from ourocc.targets.x86.select_base import X86Base, fits32, strip
from ourocc.targets.x86.select_x87 import x87_compare

Family = tuple[int, ...]


def alias(s: X86Base, v: Value, a: Value) -> None:
    """The same bits in the same kind of register."""
    source = s.use(a)
    result = s.result(v)
    if source != result:
        s.copy(result, source)


def alu(s: X86Base, v: Value, a: Value, b: Value, family: Family) -> None:
    """v = a op b, two registers."""
    right = s.use(b)
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.rr(family[v.type], result, right)


def commutative(s: X86Base, v: Value, a: Value, b: Value, family: Family) -> None:
    """Like `alu`, copying the operand that is not needed any more."""
    if a.uses > 1 and b.uses == 1:
        alu(s, v, b, a, family)
    else:
        alu(s, v, a, b, family)


def alu_constant(s: X86Base, v: Value, a: Value, number: int, family: Family) -> None:
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.ri(family[v.type], result, number)


def alu_load(s: X86Base, v: Value, a: Value, load: Value, family: Family) -> None:
    left = s.use(a)
    instruction = s.with_memory(family[v.type], load.args[0])
    del s.chunk[-1]
    result = s.result(v)
    s.copy(result, left)
    instruction.r0 = result
    s.chunk.append(instruction)


def unary(s: X86Base, v: Value, a: Value, family: Family) -> None:
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.emit(family[v.type]).r0 = result


def add(s: X86Base, v: Value, a: Value, b: Value) -> None:
    """lea when both operands live on, else add."""
    if a.uses > 1 and b.uses > 1 and not s.is_leaf(a) and not s.is_leaf(b):
        lea_address(s, v)
    else:
        commutative(s, v, a, b, f.ADD_RR)


def add_constant(s: X86Base, v: Value, a: Value, number: int) -> None:
    if v.type == ty.I64 or v.type == ty.PTR:
        inner = strip(a)
        if inner.uses > 1 or s.is_leaf(inner) or (s.registers[inner.id] < 0 and inner.op in (op.ADD, op.PTRADD)):
            instruction = s.with_memory(x.LEA64_RM, a)
            instruction.r0 = s.result(v)
            if fits32(instruction.displacement + number):
                instruction.displacement += number
            else:
                s.ri(x.ADD64_RI, instruction.r0, number)
        else:
            alu_constant(s, v, a, number, f.ADD_RI)
    elif a.uses > 1:
        source = s.use(a)
        instruction = s.emit(x.LEA32_RM)
        instruction.r0 = s.result(v)
        instruction.base = source
        instruction.displacement = number
    else:
        alu_constant(s, v, a, number, f.ADD_RI)


def lea_address(s: X86Base, v: Value) -> None:
    """v = base + index * scale + displacement, of any integer type (only the low bits count)."""
    operation = x.LEA64_RM if v.type == ty.I64 or v.type == ty.PTR else x.LEA32_RM
    result = s.registers[v.id]
    s.registers[v.id] = -1  # look inside
    instruction = s.with_memory(operation, v)
    s.registers[v.id] = result
    instruction.r0 = result


def lea_narrow(s: X86Base, v: Value, a: Value, b: Value | None, scale: int, number: int) -> None:
    """v = a + b * scale + number by one lea; b None: a + a * scale."""
    base = s.use(a)
    index = base if b is None else s.use(b)
    instruction = s.emit(x.LEA64_RM if v.type == ty.I64 or v.type == ty.PTR else x.LEA32_RM)
    instruction.r0 = s.result(v)
    instruction.base = base
    instruction.index = index
    instruction.scale = scale
    instruction.displacement = number


def multiply_constant(s: X86Base, v: Value, a: Value, number: int) -> None:
    if number in (3, 5, 9):
        lea_narrow(s, v, a, None, number - 1, 0)
    elif number > 0 and number & (number - 1) == 0:
        alu_constant(s, v, a, number.bit_length() - 1, f.SHL_RI)
    else:
        source = s.use(a)
        instruction = s.rr(f.IMUL_RRI[v.type], s.result(v), source)
        instruction.imm = number


def multiply_high(s: X86Base, v: Value, a: Value, b: Value, family: Family) -> None:
    right = s.use(b)
    left = s.use(a)
    s.copy(RAX, left)
    s.emit(family[v.type]).r0 = right
    s.copy(s.result(v), RDX)


def extend_operand(s: X86Base, a: Value, signed: bool) -> int:
    """A register with the i8 or i16 value extended to 32 bits; wider ones as they are."""
    source = s.use(a)
    if a.type == ty.I32 or a.type == ty.I64 or a.type == ty.PTR:
        return source
    extended = s.new_register(ty.I32)
    if a.type == ty.I16:
        s.rr(x.MOVSX32_RR16 if signed else x.MOVZX32_RR16, extended, source)
    else:
        s.rr(x.MOVSX32_RR8 if signed else x.MOVZX32_RR8, extended, source)
    return extended


def divide(s: X86Base, v: Value, a: Value, b: Value, signed: bool, register: int) -> None:
    """Quotient (register rax) or remainder (rdx).  When the other one is wanted too it is made by the same division."""
    left = extend_operand(s, a, signed)
    right = extend_operand(s, b, signed)
    s.copy(RAX, left)
    wide = v.type == ty.I64
    if signed:
        s.emit(x.CQO if wide else x.CDQ)
        s.emit(f.IDIV_R[v.type]).r0 = right
    else:
        s.ri(x.MOV32_RI, RDX, 0)
        s.emit(f.DIV_R[v.type]).r0 = right
    other = divided_with(s, v)
    if other is not None:
        s.copy(s.result(other), RAX if register == RDX else RDX)
        s.registers[other.id] = -1  # done
    s.copy(s.result(v), register)


def divided_with(s: X86Base, v: Value) -> Value | None:
    """The value right in front of `v` that divides the same operands for the other result."""
    partner = {op.SDIV: op.SREM, op.SREM: op.SDIV, op.UDIV: op.UREM, op.UREM: op.UDIV}[v.op]
    index = s.index - 1
    while index >= 0:
        other = s.block.values[index]
        if other.op == partner and other.args[0] is v.args[0] and other.args[1] is v.args[1]:
            return other if s.registers[other.id] >= 0 else None
        if s.registers[other.id] >= 0 or op.FLAGS[other.op] & op.EFFECT:
            return None
        index -= 1
    return None


def shift(s: X86Base, v: Value, a: Value, b: Value, family: Family) -> None:
    """By a variable amount, which has to be in cl."""
    amount = s.use(b)
    left = s.use(a)
    result = s.result(v)
    s.copy(RCX, amount)
    s.copy(result, left)
    s.emit(family[v.type]).r0 = result


def clear_upper(s: X86Base, v: Value, a: Value) -> None:
    """The low 32 bits."""
    s.rr(x.MOV32_RR, s.result(v), s.use(a))


def low_bits(s: X86Base, v: Value, a: Value, operation: int) -> None:
    """The low 8 or 16 bits, by movzx."""
    s.rr(operation, s.result(v), s.use(a))


def and_short(s: X86Base, v: Value, a: Value, number: int) -> None:
    """A mask without upper bits: the 32-bit instruction clears them."""
    left = s.use(a)
    result = s.result(v)
    s.copy(result, left)
    s.ri(x.AND32_RI, result, number)


def double_shift(s: X86Base, v: Value, a: Value, b: Value, amount: int) -> None:
    """High bits of a:b shifted left by a constant: shld."""
    low = s.use(b)
    high = s.use(a)
    result = s.result(v)
    s.copy(result, high)
    s.rr(x.SHLD64_RRI if v.type == ty.I64 else x.SHLD32_RRI, result, low).imm = amount


def byte_swap(s: X86Base, v: Value, a: Value) -> None:
    if v.type == ty.I16:
        alu_constant(s, v, a, 8, f.ROL_RI)
    else:
        source = s.use(a)
        result = s.result(v)
        s.copy(result, source)
        s.emit(x.BSWAP64_R if v.type == ty.I64 else x.BSWAP32_R).r0 = result


def count_leading_zeros(s: X86Base, v: Value, a: Value) -> None:
    source = extend_operand(s, a, False)
    result = s.result(v)
    s.copy(result, source)
    s.rr(f.BSR_RR[a.type], result, source)
    s.ri(f.XOR_RI[v.type], result, ty.BITS[a.type] - 1)


def count_trailing_zeros(s: X86Base, v: Value, a: Value) -> None:
    source = s.use(a)
    s.rr(x.TZCNT64_RR if a.type == ty.I64 else x.TZCNT32_RR, s.result(v), source)


def population_count(s: X86Base, v: Value, a: Value) -> None:
    if not s.options.popcnt:
        raise SelectionError("population count was not turned into a call", v.position)
    source = extend_operand(s, a, False)
    s.rr(f.POPCNT_RR[a.type], s.result(v), source)


# ---- extensions


ZERO_EXTENDING = frozenset(
    (op.ADD, op.SUB, op.MUL, op.AND, op.OR, op.XOR, op.SHL, op.LSHR, op.ASHR, op.NEG, op.NOT, op.LOAD, op.ZEXT, op.SEXT,
     op.SDIV, op.UDIV, op.SREM, op.UREM, op.ROTL, op.BSWAP, op.CTZ, op.CLZ)
)  # fmt: skip


def zero_extend(s: X86Base, v: Value, a: Value) -> None:
    kind = a.type
    inner = strip(a)
    if kind == ty.I1:
        zero_extend_bool(s, v, a)
    elif kind == ty.I8:
        s.rr(x.MOVZX32_RR8, s.result(v), s.use(a))
    elif kind == ty.I16:
        s.rr(x.MOVZX32_RR16, s.result(v), s.use(a))
    elif inner.op in ZERO_EXTENDING and inner.type == ty.I32:
        alias(s, v, inner)  # written by a 32-bit instruction, which cleared the rest
    else:
        s.rr(x.MOV32_RR, s.result(v), s.use(a))


def zero_extend_bool(s: X86Base, v: Value, a: Value) -> None:
    condition = foldable_condition(s, a)
    if condition:
        low = s.new_register(ty.I1)
        set_condition(s, low, emit_condition(s, a))
        s.rr(x.MOVZX32_RR8, s.result(v), low)
    else:
        s.rr(x.MOVZX32_RR8, s.result(v), s.use(a))


def sign_extend(s: X86Base, v: Value, a: Value) -> None:
    kind = a.type
    wide = v.type == ty.I64
    if kind == ty.I1:
        zero_extend_bool(s, v, a)
        s.emit(f.NEG_R[v.type]).r0 = s.result(v)
    elif kind == ty.I8:
        s.rr(x.MOVSX64_RR8 if wide else x.MOVSX32_RR8, s.result(v), s.use(a))
    elif kind == ty.I16:
        s.rr(x.MOVSX64_RR16 if wide else x.MOVSX32_RR16, s.result(v), s.use(a))
    else:
        s.rr(x.MOVSX64_RR32, s.result(v), s.use(a))


def extend_load(s: X86Base, v: Value, load: Value, signed: bool) -> None:
    """Load and extension in one."""
    kind = load.type
    if not signed:
        operation = f.MOV_RM[kind]
    elif v.type == ty.I64:
        operation = {ty.I8: x.MOVSX64_RM8, ty.I16: x.MOVSX64_RM16, ty.I32: x.MOVSX64_RM32}[kind]
    else:
        operation = {ty.I8: x.MOVSX32_RM8, ty.I16: x.MOVSX32_RM16}[kind]
    s.with_memory(operation, load.args[0]).r0 = s.result(v)


def truncate(s: X86Base, v: Value, a: Value) -> None:
    if v.type == ty.I1:
        alu_constant(s, v, a, 1, f.AND_RI)
    else:
        alias(s, v, a)


# ---- conditions


def foldable_condition(s: X86Base, value: Value) -> bool:
    """Flags can be made for the root directly, without the i1 in a register."""
    value = strip(value)
    operation = value.op
    if op.EQ <= operation <= op.UGE:
        kind = value.args[0].type
        return kind <= ty.PTR and kind != ty.I128 and (s.registers[value.id] < 0 or value.block is s.block)
    if op.FOEQ <= operation <= op.FUNO:
        kind = value.args[0].type
        return (kind == ty.F32 or kind == ty.F64 or kind == ty.F80) and (s.registers[value.id] < 0 or value.block is s.block)
    if op.SADD_OVERFLOWS <= operation <= op.UMUL_OVERFLOWS:
        return s.registers[value.id] < 0 and value.block is s.block
    if operation == op.NOT and value.type == ty.I1:
        return s.registers[value.id] < 0 and foldable_condition(s, value.args[0])
    return False


def emit_condition(s: X86Base, value: Value) -> int:
    """Emit what sets the flags; the condition under which `value` is 1.  Nothing may change flags before they are read."""
    value = strip(value)
    if not foldable_condition(s, value):
        register = s.use(value)
        s.rr(x.TEST8_RR, register, register)
        return f.CC_NE
    return own_condition(s, value)


def own_condition(s: X86Base, value: Value) -> int:
    """As `emit_condition`, for a value that is a comparison, a negation or an overflow predicate itself."""
    operation = value.op
    if operation == op.NOT:
        return emit_condition(s, value.args[0]) ^ 1
    if operation <= op.UMUL_OVERFLOWS:
        return overflow_condition(s, value)
    if operation >= op.FOEQ:
        return x87_compare(s, value) if value.args[0].type == ty.F80 else float_condition(s, value)
    return compare(s, operation, strip_narrow(value.args[0]), strip_narrow(value.args[1]))


def strip_narrow(value: Value) -> Value:
    return strip(value)


def compare(s: X86Base, operation: int, a: Value, b: Value) -> int:
    """cmp or test for an integer comparison."""
    kind = a.type
    conditions = f.INTEGER_CONDITIONS
    if a.op == op.CONST and b.op != op.CONST:
        a, b = b, a
        conditions = f.SWAPPED_CONDITIONS
    condition = conditions[operation - op.EQ]
    if b.op == op.CONST and fits32(b.imm):
        if b.imm == 0 and operation not in (op.ULT, op.ULE, op.UGT, op.UGE):
            return compare_zero(s, a, condition)
        if s.folds(a, kind) and a.op == op.LOAD:
            s.with_memory(f.CMP_MI[kind], a.args[0]).imm = b.imm
        else:
            s.ri(f.CMP_RI[kind], s.use(a), b.imm)
        return condition
    if b.op == op.LOAD and s.folds(b, kind):
        left = s.use(a)
        s.with_memory(f.CMP_RM[kind], b.args[0]).r0 = left
    elif a.op == op.LOAD and s.folds(a, kind):
        right = s.use(b)
        s.with_memory(f.CMP_MR[kind], a.args[0]).r0 = right
    else:
        right = s.use(b)
        s.rr(f.CMP_RR[kind], s.use(a), right)
    return condition


def compare_zero(s: X86Base, a: Value, condition: int) -> int:
    kind = a.type
    if a.op == op.AND and s.registers[a.id] < 0 and a.block is s.block:
        left = strip(a.args[0])
        right = strip(a.args[1])
        if right.op == op.CONST and fits32(right.imm):
            if left.op == op.LOAD and s.folds(left, kind):
                s.with_memory(f.TEST_MI[kind], left.args[0]).imm = right.imm
            else:
                test_constant(s, left, kind, right.imm)
            return condition
        if condition in (f.CC_E, f.CC_NE):
            bit = tested_bit(right)
            other = left
            if bit is None:
                bit = tested_bit(left)
                other = right
            if bit is not None and kind in (ty.I32, ty.I64) and s.registers[right.id] < 0:
                amount = s.use(bit)
                s.rr(f.BT_RR[kind], s.use(other), amount)
                return f.CC_AE if condition == f.CC_E else f.CC_B
        second = s.use(right)
        s.rr(f.TEST_RR[kind], s.use(left), second)
        return condition
    if a.op == op.LOAD and s.folds(a, kind):
        s.with_memory(f.CMP_MI[kind], a.args[0]).imm = 0
        return condition
    register = s.use(a)
    s.rr(f.TEST_RR[kind], register, register)
    return condition


def test_constant(s: X86Base, left: Value, kind: int, number: int) -> None:
    """test with the smallest immediate that does: the sign flag is only right when the width stays."""
    s.ri(f.TEST_RI[kind], s.use(left), number)


def tested_bit(value: Value) -> Value | None:
    """n when the value is 1 << n."""
    if value.op == op.SHL and value.args[0].op == op.CONST and value.args[0].imm == 1 and value.uses == 1:
        return value.args[1]
    return None


def overflow_condition(s: X86Base, value: Value) -> int:
    operation = value.op
    a = strip(value.args[0])
    b = strip(value.args[1])
    kind = a.type
    right = s.use(b)
    left = s.use(a)
    if operation == op.USUB_OVERFLOWS:
        s.rr(f.CMP_RR[kind], left, right)
        return f.CC_B
    if operation in (op.SADD_OVERFLOWS, op.UADD_OVERFLOWS, op.SSUB_OVERFLOWS):
        scratch = s.new_register(kind)
        s.copy(scratch, left)
        family = f.SUB8_RR if operation == op.SSUB_OVERFLOWS else f.ADD8_RR
        s.rr(family[kind], scratch, right)
        return f.CC_B if operation == op.UADD_OVERFLOWS else f.CC_O
    if operation == op.SMUL_OVERFLOWS and kind not in (ty.I8, ty.I1):
        scratch = s.new_register(kind)
        s.copy(scratch, left)
        s.rr({ty.I16: x.IMUL16_RR, ty.I32: x.IMUL32_RR, ty.I64: x.IMUL64_RR}[kind], scratch, right)
        return f.CC_O
    s.copy(RAX, left)
    if operation == op.SMUL_OVERFLOWS:
        s.emit(x.IMUL8_R).r0 = right
    else:
        s.emit({ty.I8: x.MUL8_R, ty.I16: x.MUL16_R, ty.I32: x.MUL32_R, ty.I64: x.MUL64_R}[kind]).r0 = right
    return f.CC_O


def float_condition(s: X86Base, value: Value) -> int:
    place = value.op - op.FOEQ
    a = strip(value.args[0])
    b = strip(value.args[1])
    if f.FLOAT_SWAPPED[place]:
        a, b = b, a
    kind = a.type
    if b.op == op.LOAD and s.folds(b, kind):
        left = s.use(a)
        s.with_memory(f.UCOMI_XM[kind - ty.F32], b.args[0]).r0 = left
    elif b.op == op.FCONST and b.imm != 0:
        left = s.use(a)
        instruction = s.emit(f.UCOMI_XM[kind - ty.F32])
        instruction.r0 = left
        s.pool_operand(instruction, s.constant_bytes(b))
    else:
        right = s.use(b)
        s.rr(f.UCOMI_XX[kind - ty.F32], s.use(a), right)
    return f.FLOAT_CONDITIONS[place]


def set_condition(s: X86Base, register: int, condition: int) -> None:
    """register = 1 when the flags meet the condition, else 0 (low byte)."""
    if condition < 16:
        s.emit(x.SETCC_R).r0 = register
        s.chunk[-1].condition = condition
        return
    s.emit(x.SETCC_R).r0 = register
    s.chunk[-1].condition = f.CC_E if condition == f.CC_ORDERED_EQUAL else f.CC_NE
    parity = s.new_register(ty.I1)
    s.emit(x.SETCC_R).r0 = parity
    s.chunk[-1].condition = f.CC_NP if condition == f.CC_ORDERED_EQUAL else f.CC_P
    s.rr(x.AND32_RR if condition == f.CC_ORDERED_EQUAL else x.OR32_RR, register, parity)


def boolean(s: X86Base, v: Value) -> None:
    """A comparison whose i1 is needed in a register."""
    result = s.result(v)
    set_condition(s, result, own_condition(s, v))


def choose(s: X86Base, v: Value, c: Value, a: Value, b: Value) -> None:
    """v = c ? a : b for integers: cmov."""
    then = s.use(a)
    otherwise = s.use(b)
    result = s.result(v)
    mark = len(s.chunk)
    condition = emit_condition(s, c)
    if condition == f.CC_ORDERED_EQUAL:
        then, otherwise = otherwise, then
        condition = f.CC_UNORDERED_NOT_EQUAL
    s.copy(result, otherwise)
    s.chunk.insert(mark, s.chunk[-1])  # the copy goes in front: it needs no flags, but may be in the way of some
    del s.chunk[-1]
    operation = f.CMOV_RR[v.type]
    if condition == f.CC_UNORDERED_NOT_EQUAL:
        s.rr(operation, result, then).condition = f.CC_NE
        s.rr(operation, result, then).condition = f.CC_P
    else:
        s.rr(operation, result, then).condition = condition


def choose_float(s: X86Base, v: Value, c: Value, a: Value, b: Value) -> None:
    """The same for XMM registers, by a short jump."""
    then = s.use(a)
    otherwise = s.use(b)
    result = s.result(v)
    mark = len(s.chunk)
    condition = emit_condition(s, c)
    s.copy(result, otherwise)
    s.chunk.insert(mark, s.chunk[-1])
    del s.chunk[-1]
    s.rr(f.SELECT_X, result, then).condition = condition
