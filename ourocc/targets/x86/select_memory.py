"""Selection of loads, stores, read-modify-write, block copies, atomics and the stack."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Symbol, Value
from ourocc.machine.instruction import SYMBOL_PLT, MachineInstruction
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.registers import RAX, RBP, RDI, RDX, RSI, RSP
from ourocc.targets.x86.select_base import CALL_CLOBBERS, X86Base, fits32

Family = tuple[int, ...]

_RMW_FAMILIES = (f.XCHG_MR, f.LOCK_ADD_MR, f.LOCK_SUB_MR, f.LOCK_AND_MR, f.LOCK_OR_MR, f.LOCK_XOR_MR)


def load_operation(type: int, alignment: int) -> int:
    """The instruction that loads a value of the type into a register."""
    if type <= ty.PTR:
        return f.MOV_RM[type]
    if type == ty.F32 or type == ty.F64:
        return f.FLOAT_LOAD[type - ty.F32]
    size = ty.size(type)
    if size == 16:
        return x.MOVAPS_XM if alignment == 0 or alignment >= 16 else x.MOVUPS_XM
    if size == 8:
        return x.MOVQ_XM
    if size == 4:
        return x.MOVD_XM
    return 0


def store_operation(type: int, alignment: int) -> int:
    if type <= ty.PTR:
        return f.MOV_MR[type]
    if type == ty.F32 or type == ty.F64:
        return f.FLOAT_STORE[type - ty.F32]
    size = ty.size(type)
    if size == 16:
        return x.MOVAPS_MX if alignment == 0 or alignment >= 16 else x.MOVUPS_MX
    if size == 8:
        return x.MOVQ_MX
    if size == 4:
        return x.MOVD_MX
    return 0


def load(s: X86Base, v: Value, pointer: Value) -> None:
    operation = load_operation(v.type, v.extra)
    if not operation:
        raise SelectionError(f"load of type {ty.name(v.type)}", v.position)
    s.with_memory(operation, pointer).r0 = s.result(v)


def store(s: X86Base, v: Value, pointer: Value, stored: Value) -> None:
    kind = stored.type
    operation = store_operation(kind, v.extra)
    if not operation:
        raise SelectionError(f"store of type {ty.name(kind)}", v.position)
    register = s.use(stored)
    s.with_memory(operation, pointer).r0 = register


def store_constant(s: X86Base, v: Value, pointer: Value, number: int, kind: int) -> None:
    s.with_memory(f.MOV_MI[kind], pointer).imm = number


def store_float_constant(s: X86Base, v: Value, pointer: Value, stored: Value) -> None:
    """As an integer, which saves a constant in memory."""
    pattern = stored.imm
    if stored.type == ty.F32:
        s.with_memory(x.MOV32_MI, pointer).imm = pattern - (pattern >> 31 << 32)
        return
    number = pattern - (pattern >> 63 << 64)
    if fits32(number):
        s.with_memory(x.MOV64_MI, pointer).imm = number
        return
    register = s.new_register(ty.I64)
    s.constant(number, ty.I64, register)
    s.with_memory(x.MOV64_MR, pointer).r0 = register


def updates(s: X86Base, v: Value, operation: Value, loaded: Value) -> bool:
    """`v` stores operation(load of the same address): one read-modify-write instruction does it."""
    return (
        loaded.args[0] is v.args[0]
        and not v.flags & VOLATILE
        and operation.uses == 1
        and s.registers[operation.id] < 0
        and operation.block is s.block
        and s.folds(loaded, operation.type)
    )


def update(s: X86Base, v: Value, pointer: Value, b: Value, family: Family) -> None:
    register = s.use(b)
    s.with_memory(family[b.type], pointer).r0 = register


def update_constant(s: X86Base, v: Value, pointer: Value, number: int, kind: int, family: Family) -> None:
    s.with_memory(family[kind], pointer).imm = number


def update_unary(s: X86Base, v: Value, pointer: Value, kind: int, family: Family) -> None:
    s.with_memory(family[kind], pointer)


# ---- blocks of memory


def copy_block(s: X86Base, v: Value) -> None:
    """memcpy and memmove: moves through registers when the size is a small constant, else a call."""
    size = v.args[2]
    limit = 64 if s.options.size else 128
    if size.op == op.CONST and 0 <= size.imm <= (limit if v.op == op.MEMCPY else 64):
        copy_small(s, v, size.imm)
        return
    library_call(s, "memcpy" if v.op == op.MEMCPY else "memmove", [v.args[0], v.args[1], size])


def copy_small(s: X86Base, v: Value, size: int) -> None:
    destination = s.use_address(v.args[0])
    source = s.use_address(v.args[1])
    pieces = chunks(size, s.options.no_sse)
    loads: list[tuple[int, int, int]] = []
    for offset, width in pieces:
        if width == 16:
            register = s.new_register(ty.vector(ty.I64, 2))
            operation = x.MOVUPS_XM
        else:
            kind = {1: ty.I8, 2: ty.I16, 4: ty.I32, 8: ty.I64}[width]
            register = s.new_register(kind)
            operation = f.MOV_RM[kind]
        at_offset(s, operation, source, offset).r0 = register
        if v.op == op.MEMMOVE:
            loads.append((register, offset, width))  # overlap: everything is loaded before anything is stored
        else:
            at_offset(s, _STORES[width], destination, offset).r0 = register
    for register, offset, width in loads:
        at_offset(s, _STORES[width], destination, offset).r0 = register


_STORES = {1: x.MOV8_MR, 2: x.MOV16_MR, 4: x.MOV32_MR, 8: x.MOV64_MR, 16: x.MOVUPS_MX}


def at_offset(s: X86Base, operation: int, place: MachineInstruction, offset: int) -> MachineInstruction:
    """A new instruction with the memory operand of `place`, moved by `offset`."""
    instruction = s.emit(operation)
    instruction.base = place.base
    instruction.index = place.index
    instruction.scale = place.scale
    instruction.displacement = place.displacement + offset
    instruction.symbol = place.symbol
    instruction.symbol_kind = place.symbol_kind
    instruction.symbol_offset = place.symbol_offset
    instruction.segment = place.segment
    instruction.frame_slot = place.frame_slot
    return instruction


def chunks(size: int, integers_only: bool) -> list[tuple[int, int]]:
    """Offsets and widths that cover `size` bytes; the last ones may overlap what is covered already."""
    result: list[tuple[int, int]] = []
    offset = 0
    width = 8 if integers_only else 16
    while offset < size:
        left = size - offset
        while width > left:
            width //= 2
        result.append((offset, width))
        offset += width
        left = size - offset
        if 0 < left < width:
            # One overlapping move of the same width, or the next smaller one that is enough.
            while width // 2 >= left and width > 1:
                width //= 2
            if offset + left >= width and size >= width:
                result.append((size - width, width))
                break
    return result


def fill_block(s: X86Base, v: Value) -> None:
    """memset: stores when the size is a small constant, else a call."""
    size = v.args[2]
    byte = v.args[1]
    if size.op == op.CONST and byte.op == op.CONST and 0 <= size.imm <= (32 if s.options.size else 128):
        fill_small(s, v, byte.imm & 255, size.imm)
        return
    library_call(s, "memset", [v.args[0], byte, size])


def fill_small(s: X86Base, v: Value, byte: int, size: int) -> None:
    place = s.use_address(v.args[0])
    vector = -1
    quad = -1
    for offset, width in chunks(size, s.options.no_sse):
        pattern = int.from_bytes(bytes([byte]) * width, "little", signed=True)
        if width == 16:
            if vector < 0:
                vector = s.new_register(ty.vector(ty.I64, 2))
                if byte == 0:
                    s.emit(f.ZERO_X).r0 = vector
                else:
                    instruction = s.emit(x.MOVAPS_XM)
                    instruction.r0 = vector
                    s.pool_operand(instruction, bytes([byte]) * 16)
            at_offset(s, x.MOVUPS_MX, place, offset).r0 = vector
        elif width == 8 and not fits32(pattern):
            if quad < 0:
                quad = s.new_register(ty.I64)
                s.constant(pattern, ty.I64, quad)
            at_offset(s, x.MOV64_MR, place, offset).r0 = quad
        else:
            operation = {1: x.MOV8_MI, 2: x.MOV16_MI, 4: x.MOV32_MI, 8: x.MOV64_MI}[width]
            at_offset(s, operation, place, offset).imm = pattern


def library_symbol(s: X86Base, name: str) -> Symbol:
    """A function of the C or run-time library, by name."""
    return s.pool.function(name)


def library_call(s: X86Base, name: str, arguments: list[Value]) -> None:
    """Call a library function with up to three integer arguments; a result is in rax."""
    registers = [s.use(argument) for argument in arguments]
    for number, register in enumerate(registers):
        s.copy((RDI, RSI, RDX)[number], register)
    call = s.emit(x.CALL_SYMBOL)
    call.symbol = library_symbol(s, name)
    call.symbol_kind = SYMBOL_PLT
    call.uses = [RDI, RSI, RDX][: len(arguments)]
    call.clobbers = CALL_CLOBBERS
    s.machine.has_calls = True


# ---- atomics: loads and stores of x86 are acquire and release by themselves


def atomic_load(s: X86Base, v: Value, pointer: Value) -> None:
    s.with_memory(load_operation(v.type, 0), pointer).r0 = s.result(v)


def atomic_store(s: X86Base, v: Value, pointer: Value, stored: Value) -> None:
    if v.imm != 5:
        store(s, v, pointer, stored)
        return
    source = s.use(stored)
    scratch = s.new_register(stored.type)
    s.copy(scratch, source)
    s.with_memory(f.XCHG_MR[stored.type], pointer).r0 = scratch


def atomic_update(s: X86Base, v: Value, pointer: Value, b: Value) -> None:
    kind = b.type
    operation = v.extra
    source = s.use(b)
    used = s.registers[v.id] >= 0
    if operation == op.RMW_XCHG or (used and operation in (op.RMW_ADD, op.RMW_SUB)):
        result = s.result(v)
        instruction = s.with_memory(f.XCHG_MR[kind] if operation == op.RMW_XCHG else f.LOCK_XADD_MR[kind], pointer)
        del s.chunk[-1]
        s.copy(result, source)
        if operation == op.RMW_SUB:
            s.emit(f.NEG_R[kind]).r0 = result
        instruction.r0 = result
        s.chunk.append(instruction)
        return
    if not used and operation != op.RMW_NAND:
        s.with_memory(_RMW_FAMILIES[operation][kind], pointer).r0 = source
        return
    # A loop around cmpxchg, made of one pseudo instruction: the old value ends in rax.
    loop = s.with_memory(f.RMW_FIRST + operation, pointer)
    loop.r0 = s.new_register(kind)
    loop.r1 = source
    loop.imm = kind
    loop.defines = [RAX]
    loop.early = 1
    s.copy(s.result(v), RAX)


def compare_exchange(s: X86Base, v: Value, pointer: Value, expected: Value, desired: Value) -> None:
    wanted = s.use(expected)
    new = s.use(desired)
    instruction = s.with_memory(f.LOCK_CMPXCHG_MR[desired.type], pointer)
    del s.chunk[-1]
    s.copy(RAX, wanted)
    instruction.r0 = new
    s.chunk.append(instruction)
    s.copy(s.result(v), RAX)


def fence(s: X86Base, v: Value) -> None:
    if v.imm == 5 and v.extra == 0:
        s.emit(x.MFENCE)


# ---- the stack


def dynamic_alloca(s: X86Base, v: Value, size: Value) -> None:
    """Lower the stack pointer by the size, rounded up to 16."""
    s.machine.dynamic_stack = True
    alignment = max(v.extra, 16)
    extra = 15 if alignment <= 16 else 15 + alignment
    amount = s.new_register(ty.I64)
    if size.op == op.CONST:
        s.constant((size.imm + extra) & -16, ty.I64, amount)
        s.machine.definitions[amount - 64] = None
    else:
        source = s.use(size)
        lea = s.emit(x.LEA64_RM)
        lea.r0 = amount
        lea.base = source
        lea.displacement = extra
        s.ri(x.AND64_RI, amount, -16)
    result = s.result(v)
    s.rr(f.DYNAMIC_STACK, result, amount)
    if alignment > 16:
        s.ri(x.ADD64_RI, result, alignment - 1)
        s.ri(x.AND64_RI, result, -alignment)


def frame_address(s: X86Base, v: Value, offset: int) -> None:
    """The frame pointer `v.imm` levels up, or the word at `offset` from it."""
    s.machine.needs_frame_pointer = True
    result = s.result(v)
    levels = v.imm
    base = RBP
    while levels > 0:
        load_ = s.emit(x.MOV64_RM)
        load_.r0 = result
        load_.base = base
        base = result
        levels -= 1
    if offset:
        load_ = s.emit(x.MOV64_RM)
        load_.r0 = result
        load_.base = base
        load_.displacement = offset
    elif base == RBP:
        s.rr(x.MOV64_RR, result, RBP)


def va_registers(s: X86Base, v: Value) -> None:
    lea = s.with_slot(x.LEA64_RM, s.va_slot())
    lea.r0 = s.result(v)


def stack_save(s: X86Base, v: Value) -> None:
    s.rr(x.MOV64_RR, s.result(v), RSP)


def stack_restore(s: X86Base, v: Value, a: Value) -> None:
    s.machine.dynamic_stack = True
    s.rr(x.MOV64_RR, RSP, s.use(a))


def thread_pointer(s: X86Base, v: Value) -> None:
    instruction = s.emit(x.MOV64_RM)
    instruction.r0 = s.result(v)
    instruction.segment = 46


def prefetch(s: X86Base, v: Value, pointer: Value) -> None:
    locality = v.imm >> 1 & 3
    operation = (x.PREFETCHNTA_M, x.PREFETCHT2_M, x.PREFETCHT1_M, x.PREFETCHT0_M)[locality]
    if v.imm & 1:
        operation = x.PREFETCHW_M
    s.with_memory(operation, pointer)

