"""Selection of integer operations, comparisons, conditions and branches: the actions of select.rules."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, unsigned
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.registers import ZERO
from ourocc.targets.riscv.select_base import RiscvBase, fits32, imm12, strip

Family = tuple[int, ...]
Condition = tuple[int, int, int]  # branch instruction and its two registers


def alias(s: RiscvBase, v: Value, a: Value) -> None:
    """The same bits in the same kind of register."""
    source = s.use(a)
    s.copy(s.result(v), source)


def alu(s: RiscvBase, v: Value, a: Value, b: Value, family: Family) -> None:
    """v = a op b, two registers."""
    right = s.operand(b)
    left = s.operand(a)
    result = s.result(v)
    s.rrr(family[v.type], result, left, right)
    if v.type == ty.I1:
        s.rri(x.ANDI, result, result, 1)


def logic(s: RiscvBase, v: Value, a: Value, b: Value, operation: int) -> None:
    """and, or, xor: the same instruction for every width."""
    right = s.operand(b)
    left = s.operand(a)
    s.rrr(operation, s.result(v), left, right)


def logic_constant(s: RiscvBase, v: Value, a: Value, number: int, operation: int) -> None:
    if number == 0 and operation != x.ANDI:
        alias(s, v, a)
        return
    source = s.operand(a)
    s.rri(operation, s.result(v), source, number)


def add(s: RiscvBase, v: Value, a: Value, b: Value) -> None:
    alu(s, v, a, b, f.ADD)


def add_constant(s: RiscvBase, v: Value, a: Value, number: int) -> None:
    if v.type == ty.I64 or v.type == ty.PTR:
        inner = strip(a)
        if s.is_leaf(inner) or (s.registers[inner.id] < 0 and inner.op in (op.ADD, op.PTRADD)):
            address_value(s, v, a, number)
            return
    source = s.operand(a)
    s.rri(f.ADDI[v.type], s.result(v), source, number)
    if v.type == ty.I1:
        s.rri(x.ANDI, s.result(v), s.result(v), 1)


def address_value(s: RiscvBase, v: Value, a: Value, number: int) -> None:
    """a + number as a memory operand would have it."""
    place = s.use_address(a)
    result = s.result(v)
    if place.symbol is not None:
        near = fits32(place.symbol_offset + number)
        s.symbol_address(place.symbol, place.symbol_offset + (number if near else 0), result)
        if not near:
            s.add_number(result, result, number)
    elif place.frame_slot >= 0:
        s.slot_address(place.frame_slot, place.displacement + number, result)
    else:
        s.add_number(result, place.base, place.displacement + number)


def pointer_sum(s: RiscvBase, v: Value, a: Value, b: Value) -> None:
    offset = strip(b)
    if offset.op == op.CONST:
        address_value(s, v, a, offset.imm)
    else:
        alu(s, v, a, b, f.ADD)


def unary_negate(s: RiscvBase, v: Value, a: Value) -> None:
    source = s.operand(a)
    s.rrr(f.SUB[v.type], s.result(v), ZERO, source)
    if v.type == ty.I1:
        s.rri(x.ANDI, s.result(v), s.result(v), 1)


# ---- multiplication and division


def multiply_constant(s: RiscvBase, v: Value, a: Value, number: int) -> None:
    source = s.operand(a)
    if number > 0 and number & (number - 1) == 0:
        s.rri(f.SLLI[v.type], s.result(v), source, number.bit_length() - 1)
    elif number > 2 and (number - 1 & number - 2 == 0 or number + 1 & number == 0):
        # 2**n + 1 or 2**n - 1 times
        shifted = s.new_register(v.type)
        more = number - 1 & number - 2 == 0
        s.rri(f.SLLI[v.type], shifted, source, (number - 1 if more else number + 1).bit_length() - 1)
        s.rrr(f.ADD[v.type] if more else f.SUB[v.type], s.result(v), shifted, source)
    else:
        s.rrr(f.MUL[v.type], s.result(v), source, s.number(number))


def multiply_high(s: RiscvBase, v: Value, a: Value, b: Value, signed: bool) -> None:
    if v.type == ty.I64:
        right = s.operand(b)
        left = s.operand(a)
        s.rrr(x.MULH if signed else x.MULHU, s.result(v), left, right)
        return
    right = extended(s, b, signed) if signed else zero_extended(s, b)
    left = extended(s, a, signed) if signed else zero_extended(s, a)
    product = s.new_register(ty.I64)
    s.rrr(x.MUL, product, left, right)
    s.rri(x.SRAI, s.result(v), product, 32)


def divide(s: RiscvBase, v: Value, a: Value, b: Value, signed: bool, family: Family) -> None:
    right = extended(s, b, signed)
    left = extended(s, a, signed)
    s.rrr(family[v.type], s.result(v), left, right)


# ---- extensions


def extended(s: RiscvBase, a: Value, signed: bool) -> int:
    """A register with an i8 or i16 extended to 64 bits; wider ones as they are, i32 sign-extended."""
    if a.type != ty.I8 and a.type != ty.I16:
        return s.operand(a)
    if a.op == op.CONST:
        return s.number(a.imm if signed else unsigned(a.imm, a.type))
    source = s.use(a)
    if a.op == op.LOAD and not signed:
        return source  # lbu and lhu
    result = s.new_register(ty.I64)
    extend(s, result, source, a.type, signed)
    return result


def zero_extended(s: RiscvBase, a: Value) -> int:
    """A register with the value zero-extended to 64 bits."""
    if a.type == ty.I32 and a.op != op.CONST:
        source = s.use(a)
        result = s.new_register(ty.I64)
        extend(s, result, source, ty.I32, False)
        return result
    if a.op == op.CONST:
        return s.number(unsigned(a.imm, a.type) if a.type < ty.I64 else a.imm)
    return extended(s, a, False)


def extend(s: RiscvBase, result: int, source: int, type: int, signed: bool) -> None:
    if type == ty.I8 and not signed:
        s.rri(x.ANDI, result, source, 255)
        return
    amount = 64 - ty.BITS[type]
    upper = s.new_register(ty.I64)
    s.rri(x.SLLI, upper, source, amount)
    s.rri(x.SRAI if signed else x.SRLI, result, upper, amount)


def is_short(a: Value) -> bool:
    """An i32 whose upper half is zero: sign extension is zero extension."""
    a = strip(a)
    operation = a.op
    if operation == op.AND:
        return a.args[1].op == op.CONST and a.args[1].imm >= 0
    if operation == op.LSHR:
        return a.args[1].op == op.CONST and a.args[1].imm & 31 != 0
    return operation == op.ZEXT


def shift_extended(s: RiscvBase, v: Value, a: Value, number: int) -> None:
    """A zero-extended i32 shifted left, as indices are."""
    if is_short(a):
        s.rri(x.SLLI, s.result(v), s.operand(a), number)
        return
    upper = s.new_register(ty.I64)
    s.rri(x.SLLI, upper, s.operand(a), 32)
    s.rri(x.SRLI, s.result(v), upper, 32 - number)


def zero_extend(s: RiscvBase, v: Value, a: Value) -> None:
    if a.type == ty.I1 or (a.type == ty.I32 and is_short(a)) or ((a.type == ty.I8 or a.type == ty.I16) and a.op == op.LOAD):
        alias(s, v, a)
    else:
        extend(s, s.result(v), s.operand(a), a.type, False)


def sign_extend(s: RiscvBase, v: Value, a: Value) -> None:
    if a.type == ty.I1:
        unary_negate_bool(s, v, a)
    elif a.type == ty.I32 or a.type == ty.I64 or a.type == ty.PTR:
        alias(s, v, a)
    else:
        extend(s, s.result(v), s.operand(a), a.type, True)


def unary_negate_bool(s: RiscvBase, v: Value, a: Value) -> None:
    source = s.operand(a)
    s.rrr(x.SUB, s.result(v), ZERO, source)


def extend_load(s: RiscvBase, v: Value, load: Value, signed: bool) -> None:
    """Load and extension in one."""
    kind = load.type
    operation = f.LOAD_SIGNED[kind] if signed else f.LOAD[kind]
    if kind == ty.I32 and not signed:
        operation = x.LWU
    s.with_memory(operation, load.args[0]).r0 = s.result(v)


def truncate(s: RiscvBase, v: Value, a: Value) -> None:
    if v.type == ty.I1:
        s.rri(x.ANDI, s.result(v), s.operand(a), 1)
    elif v.type == ty.I32 and (a.type == ty.I64 or a.type == ty.PTR):
        s.rri(x.ADDIW, s.result(v), s.operand(a), 0)
    else:
        alias(s, v, a)


# ---- bits


def mask(s: RiscvBase, v: Value, a: Value, number: int) -> None:
    """and with a constant: low ones by two shifts when andi does not do it."""
    width = number.bit_length()
    if number > 0 and number & (number + 1) == 0 and width > 11:
        upper = s.new_register(ty.I64)
        s.rri(x.SLLI, upper, s.operand(a), 64 - width)
        s.rri(x.SRLI, s.result(v), upper, 64 - width)
        return
    source = s.operand(a)
    s.rrr(x.AND, s.result(v), source, s.number(number))


def shift(s: RiscvBase, v: Value, a: Value, b: Value, family: Family) -> None:
    """By a variable amount: the upper bits of it do not count."""
    amount = s.operand(b)
    if family is f.SLL:
        source = s.operand(a)
    else:
        source = extended(s, a, family is f.SRA)
    s.rrr(family[v.type], s.result(v), source, amount)
    if v.type == ty.I1:
        s.rri(x.ANDI, s.result(v), s.result(v), 1)


def shift_constant(s: RiscvBase, v: Value, a: Value, number: int, family: Family) -> None:
    bits = ty.BITS[v.type]
    if family is f.SLLI or bits >= 32 or bits == 1:
        s.rri(family[v.type], s.result(v), s.operand(a), number & (63 if bits == 64 else 31))
        if bits == 1:
            s.rri(x.ANDI, s.result(v), s.result(v), 1)
        return
    # Narrow ones: to the top of the register, and down again
    upper = s.new_register(ty.I64)
    s.rri(x.SLLI, upper, s.operand(a), 64 - bits)
    s.rri(x.SRAI if family is f.SRAI else x.SRLI, s.result(v), upper, min(64 - bits + (number & 63), 63))


def rotate(s: RiscvBase, v: Value, a: Value, b: Value) -> None:
    bits = ty.BITS[v.type]
    if bits < 32:
        source = zero_extended(s, a)
    else:
        source = s.operand(a)
    left = s.new_register(v.type)
    right = s.new_register(v.type)
    if b.op == op.CONST:
        count = b.imm & (bits - 1)
        if count == 0:
            alias(s, v, a)
            return
        s.rri(f.SLLI[v.type], left, source, count)
        s.rri(f.SRLI[v.type], right, source, bits - count)
    else:
        amount = s.operand(b)
        back = s.new_register(ty.I64)
        if bits < 32:
            inside = s.new_register(ty.I64)
            s.rri(x.ANDI, inside, amount, bits - 1)
            amount = inside
        s.rrr(x.SUB, back, ZERO, amount)
        if bits < 32:
            masked = s.new_register(ty.I64)
            s.rri(x.ANDI, masked, back, bits - 1)
            back = masked
        s.rrr(f.SLL[v.type], left, source, amount)
        s.rrr(f.SRL[v.type], right, source, back)
    s.rrr(x.OR, s.result(v), left, right)


def byte_swap_short(s: RiscvBase, v: Value, a: Value) -> None:
    """i16; the wider ones are calls."""
    source = zero_extended(s, a)
    high = s.new_register(ty.I64)
    low = s.new_register(ty.I64)
    s.rri(x.SLLI, high, source, 8)
    s.rri(x.SRLI, low, source, 8)
    s.rrr(x.OR, s.result(v), high, low)


# ---- conditions


def foldable_condition(s: RiscvBase, value: Value) -> bool:
    """A branch can make the comparison itself, without the i1 in a register."""
    value = strip(value)
    operation = value.op
    if s.registers[value.id] >= 0:
        return False
    if op.EQ <= operation <= op.UGE:
        return value.args[0].type <= ty.PTR
    if op.FOEQ <= operation <= op.FUNO:
        return value.args[0].type == ty.F32 or value.args[0].type == ty.F64
    if operation == op.NOT and value.type == ty.I1:
        return foldable_condition(s, value.args[0])
    return False


def emit_condition(s: RiscvBase, value: Value) -> Condition:
    """The branch that is taken when `value` is 1."""
    value = strip(value)
    if not foldable_condition(s, value):
        return x.BNE, s.operand(value), ZERO
    operation = value.op
    if operation == op.NOT:
        branch, left, right = emit_condition(s, value.args[0])
        return branch ^ 1, left, right
    if operation >= op.FOEQ:
        flag, inverted = float_compare(s, value, -1)
        return x.BEQ if inverted else x.BNE, flag, ZERO
    a = strip(value.args[0])
    b = strip(value.args[1])
    signed = compares_signed(operation, a, b)
    right = extended(s, b, signed)
    left = extended(s, a, signed)
    number = operation - op.EQ
    if f.BRANCH_SWAPPED[number]:
        left, right = right, left
    return f.BRANCHES[number], left, right


def compares_signed(operation: int, a: Value, b: Value) -> bool:
    """How narrow operands are extended; for equality any way will do."""
    if operation <= op.NE:
        return not (a.op == op.LOAD or b.op == op.LOAD or a.type == ty.I8)
    return operation <= op.SGE


def float_compare(s: RiscvBase, value: Value, result: int) -> tuple[int, bool]:
    """A register that is 1 when the comparison holds, or when it does not (second result)."""
    a = strip(value.args[0])
    b = strip(value.args[1])
    place = a.type - ty.F32
    right = s.use(b)
    left = s.use(a)
    operation = value.op
    if result < 0:
        result = s.new_register(ty.I64)
    if operation in (op.FUEQ, op.FONE, op.FORD, op.FUNO):
        first = s.new_register(ty.I64)
        second = s.new_register(ty.I64)
        if operation in (op.FUEQ, op.FONE):
            s.rrr(f.FLT[place], first, left, right)
            s.rrr(f.FLT[place], second, right, left)
            s.rrr(x.OR, result, first, second)
            return result, operation == op.FUEQ
        s.rrr(f.FEQ[place], first, left, left)
        s.rrr(f.FEQ[place], second, right, right)
        s.rrr(x.AND, result, first, second)
        return result, operation == op.FUNO
    family, swapped, inverted = _FLOAT_COMPARE[operation]
    if swapped:
        left, right = right, left
    s.rrr(family[place], result, left, right)
    return result, inverted


# Instruction, operands exchanged, result inverted
_FLOAT_COMPARE: dict[int, tuple[Family, bool, bool]] = {
    op.FOEQ: (f.FEQ, False, False), op.FUNE: (f.FEQ, False, True), op.FOLT: (f.FLT, False, False),
    op.FOLE: (f.FLE, False, False), op.FOGT: (f.FLT, True, False), op.FOGE: (f.FLE, True, False),
    op.FULT: (f.FLE, True, True), op.FULE: (f.FLT, True, True), op.FUGT: (f.FLE, False, True),
    op.FUGE: (f.FLT, False, True),
}  # fmt: skip


def float_boolean(s: RiscvBase, v: Value) -> None:
    """A floating comparison whose i1 is needed in a register."""
    result = s.result(v)
    flag = s.new_register(ty.I64)
    _, inverted = float_compare(s, v, flag)
    if inverted:
        s.rri(x.XORI, result, flag, 1)
    else:
        s.copy(result, flag)


def boolean(s: RiscvBase, v: Value) -> None:
    """An integer comparison whose i1 is needed in a register."""
    operation = v.op
    a = strip(v.args[0])
    b = strip(v.args[1])
    result = s.result(v)
    signed = compares_signed(operation, a, b)
    if operation <= op.NE:
        equality(s, v, a, b, signed, result)
        return
    left = extended(s, a, signed)
    less = x.SLT if signed else x.SLTU
    if b.op == op.CONST:
        number = b.imm if signed or b.type >= ty.I32 else unsigned(b.imm, b.type)
        compare_constant(s, operation, left, number, less, result)
        return
    right = extended(s, b, signed)
    if operation in (op.SGT, op.UGT, op.SLE, op.ULE):
        left, right = right, left
    if operation in (op.SLT, op.ULT, op.SGT, op.UGT):
        s.rrr(less, result, left, right)
    else:
        opposite = s.new_register(ty.I64)
        s.rrr(less, opposite, left, right)
        s.rri(x.XORI, result, opposite, 1)


def equality(s: RiscvBase, v: Value, a: Value, b: Value, signed: bool, result: int) -> None:
    left = extended(s, a, signed)
    if b.op == op.CONST:
        number = b.imm if signed or b.type >= ty.I32 else unsigned(b.imm, b.type)
        if number == 0:
            difference = left
        else:
            difference = s.new_register(ty.I64)
            if imm12(number):
                s.rri(x.XORI, difference, left, number)
            else:
                s.rrr(x.XOR, difference, left, s.number(number))
    else:
        right = extended(s, b, signed)
        difference = s.new_register(ty.I64)
        s.rrr(x.XOR, difference, left, right)
    if v.op == op.EQ:
        s.rri(x.SLTIU, result, difference, 1)
    else:
        s.rrr(x.SLTU, result, ZERO, difference)


def compare_constant(s: RiscvBase, operation: int, left: int, number: int, less: int, result: int) -> None:
    """An ordering relation to a constant: x <= n is x < n + 1."""
    immediate = x.SLTI if less == x.SLT else x.SLTIU
    below = number
    if operation in (op.SGT, op.UGT, op.SLE, op.ULE):
        below += 1
    inverted = operation in (op.SGT, op.UGT, op.SGE, op.UGE)
    wraps = below == 1 << 63 or (less == x.SLTU and below == 0 and number == -1)
    if imm12(below) and not wraps:
        if inverted:
            opposite = s.new_register(ty.I64)
            s.rri(immediate, opposite, left, below)
            s.rri(x.XORI, result, opposite, 1)
        else:
            s.rri(immediate, result, left, below)
        return
    right = s.number(number)
    if operation in (op.SGT, op.UGT, op.SLE, op.ULE):
        left, right = right, left
    if operation in (op.SLT, op.ULT, op.SGT, op.UGT):
        s.rrr(less, result, left, right)
    else:
        opposite = s.new_register(ty.I64)
        s.rrr(less, opposite, left, right)
        s.rri(x.XORI, result, opposite, 1)


def choose(s: RiscvBase, v: Value, c: Value, a: Value, b: Value) -> None:
    """v = c ? a : b, by a branch around a move."""
    branch, left, right = emit_condition(s, c)
    then = s.operand(a) if v.type <= ty.PTR else s.use(a)
    otherwise = s.operand(b) if v.type <= ty.PTR else s.use(b)
    result = s.result(v)
    s.copy(result, otherwise)
    instruction = s.rrr(f.SELECT, result, then, left)
    instruction.r3 = right
    instruction.condition = branch


# ---- overflow predicates


def overflow(s: RiscvBase, v: Value, a: Value, b: Value) -> None:
    kind = a.type
    operation = v.op
    signed = operation in (op.SADD_OVERFLOWS, op.SSUB_OVERFLOWS, op.SMUL_OVERFLOWS)
    result = s.result(v)
    if kind == ty.I64 or kind == ty.PTR:
        overflow_wide(s, operation, s.operand(a), s.operand(b), result)
        return
    right = extended(s, b, True) if signed else zero_extended(s, b)
    left = extended(s, a, True) if signed else zero_extended(s, a)
    if operation == op.USUB_OVERFLOWS:
        s.rrr(x.SLTU, result, left, right)
        return
    exact = s.new_register(ty.I64)
    if operation in (op.SADD_OVERFLOWS, op.UADD_OVERFLOWS):
        s.rrr(x.ADD, exact, left, right)
    elif operation == op.SSUB_OVERFLOWS:
        s.rrr(x.SUB, exact, left, right)
    else:
        s.rrr(x.MUL, exact, left, right)
    bits = ty.BITS[kind]
    if not signed:
        rest = s.new_register(ty.I64)
        s.rri(x.SRLI, rest, exact, bits)
        s.rrr(x.SLTU, result, ZERO, rest)
        return
    wrapped = s.new_register(ty.I64)
    if kind == ty.I32:
        s.rri(x.ADDIW, wrapped, exact, 0)
    else:
        extend(s, wrapped, exact, kind, True)
    difference = s.new_register(ty.I64)
    s.rrr(x.XOR, difference, exact, wrapped)
    s.rrr(x.SLTU, result, ZERO, difference)


def overflow_wide(s: RiscvBase, operation: int, left: int, right: int, result: int) -> None:
    """64 bits."""
    if operation == op.USUB_OVERFLOWS:
        s.rrr(x.SLTU, result, left, right)
        return
    first = s.new_register(ty.I64)
    second = s.new_register(ty.I64)
    if operation == op.UADD_OVERFLOWS:
        s.rrr(x.ADD, first, left, right)
        s.rrr(x.SLTU, result, first, left)
    elif operation == op.UMUL_OVERFLOWS:
        s.rrr(x.MULHU, first, left, right)
        s.rrr(x.SLTU, result, ZERO, first)
    elif operation == op.SMUL_OVERFLOWS:
        s.rrr(x.MULH, first, left, right)
        s.rrr(x.MUL, second, left, right)
        sign = s.new_register(ty.I64)
        s.rri(x.SRAI, sign, second, 63)
        difference = s.new_register(ty.I64)
        s.rrr(x.XOR, difference, first, sign)
        s.rrr(x.SLTU, result, ZERO, difference)
    else:
        # The sum is less than one operand exactly when the other one is negative, unless it overflowed
        moved = s.new_register(ty.I64)
        down = s.new_register(ty.I64)
        if operation == op.SADD_OVERFLOWS:
            s.rrr(x.ADD, moved, left, right)
            s.rri(x.SLTI, down, right, 0)
        else:
            s.rrr(x.SUB, moved, left, right)
            s.rrr(x.SLT, down, ZERO, right)
        s.rrr(x.SLT, first, moved, left)
        s.rrr(x.XOR, result, first, down)
