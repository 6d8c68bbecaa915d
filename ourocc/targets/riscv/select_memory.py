"""Selection of loads, stores, block copies and the stack."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.registers import A0, FP, SP, TP, ZERO
from ourocc.targets.riscv.select_base import CALL_CLOBBERS, RiscvBase, imm12

_WIDTH_TYPES: Final = {1: ty.I8, 2: ty.I16, 4: ty.I32, 8: ty.I64}


def load_operation(type: int) -> int:
    if type <= ty.PTR:
        return f.LOAD[type]
    return f.FLOAT_LOAD[type - ty.F32] if type == ty.F32 or type == ty.F64 else 0


def store_operation(type: int) -> int:
    if type <= ty.PTR:
        return f.STORE[type]
    return f.FLOAT_STORE[type - ty.F32] if type == ty.F32 or type == ty.F64 else 0


def load(s: RiscvBase, v: Value, pointer: Value) -> None:
    operation = load_operation(v.type)
    if not operation:
        raise SelectionError(f"load of type {ty.name(v.type)}", v.position)
    if s.registers[v.id] < 0:  # volatile, and nobody wants it
        s.registers[v.id] = s.new_register(v.type)
    s.with_memory(operation, pointer).r0 = s.result(v)


def store(s: RiscvBase, v: Value, pointer: Value, stored: Value) -> None:
    operation = store_operation(stored.type)
    if not operation:
        raise SelectionError(f"store of type {ty.name(stored.type)}", v.position)
    if stored.op == op.FCONST and stored.imm == 0:
        register = ZERO
        operation = x.SW if stored.type == ty.F32 else x.SD
    elif stored.type <= ty.PTR:
        register = s.operand(stored)
    else:
        register = s.use(stored)
    s.with_memory(operation, pointer).r0 = register


# ---- vectors: memory to memory


def slot_place(s: RiscvBase, value: Value) -> MachineInstruction:
    """The memory operand of a vector's own slot."""
    place = MachineInstruction(-1)
    place.frame_slot = s.vector_slot(value)
    return place


def vector_value(s: RiscvBase, value: Value) -> MachineInstruction:
    """Where a vector operand is: its slot, or a new one filled with a constant."""
    if not s.is_leaf(value):
        return slot_place(s, value)
    place = MachineInstruction(-1)
    size = ty.size(value.type)
    place.frame_slot = s.machine.new_slot(size, min(size, 16))
    if value.op != op.UNDEF:
        contents = s.constant_bytes(value)
        for offset, width in chunks(size, 8):
            number = int.from_bytes(contents[offset : offset + width], "little", signed=True)
            s.at_offset(f.STORE[_WIDTH_TYPES[width]], place, offset, s.number(number))
    return place


def move_block(s: RiscvBase, destination: MachineInstruction, source: MachineInstruction, size: int, widest: int) -> None:
    """Everything is loaded, in groups of four, before it is stored."""
    pieces = chunks(size, widest)
    for start in range(0, len(pieces), 4):
        loaded: list[tuple[int, int, int]] = []
        for offset, width in pieces[start : start + 4]:
            kind = _WIDTH_TYPES[width]
            register = s.new_register(kind)
            s.at_offset(f.LOAD[kind], source, offset, register)
            loaded.append((register, offset, kind))
        for register, offset, kind in loaded:
            s.at_offset(f.STORE[kind], destination, offset, register)


def vector_load(s: RiscvBase, v: Value, pointer: Value) -> None:
    move_block(s, slot_place(s, v), s.place(pointer), ty.size(v.type), 8)


def vector_store(s: RiscvBase, v: Value, pointer: Value, stored: Value) -> None:
    source = vector_value(s, stored)
    move_block(s, s.place(pointer), source, ty.size(stored.type), 8)


def vector_copy(s: RiscvBase, v: Value, a: Value) -> None:
    """copy, or a bitcast to or from a scalar."""
    if v.type > 255 and a.type > 255:
        move_block(s, slot_place(s, v), vector_value(s, a), ty.size(v.type), 8)
    elif v.type > 255:
        s.at_offset(store_operation(a.type), slot_place(s, v), 0, s.use(a))
    else:
        s.at_offset(load_operation(v.type), vector_value(s, a), 0, s.result(v))


# ---- blocks of memory


def chunks(size: int, widest: int) -> list[tuple[int, int]]:
    """Offsets and widths that cover `size` bytes."""
    result: list[tuple[int, int]] = []
    offset = 0
    width = widest
    while offset < size:
        while width > size - offset:
            width //= 2
        result.append((offset, width))
        offset += width
    return result


def widest_access(v: Value) -> int:
    """By the alignment that is known; 0 means none is said."""
    return min(8, v.extra) if v.extra else 8


def copy_block(s: RiscvBase, v: Value) -> None:
    """memcpy and memmove: moves through registers when the size is a small constant, else a call."""
    size = v.args[2]
    widest = widest_access(v)
    if size.op == op.CONST and 0 <= size.imm <= (8 if s.options.size else 16) * widest:
        if v.op == op.MEMCPY or len(chunks(size.imm, widest)) <= 4:
            destination = s.place(v.args[0])
            move_block(s, destination, s.place(v.args[1]), size.imm, widest)
            return
    library_call(s, "memcpy" if v.op == op.MEMCPY else "memmove", [v.args[0], v.args[1], size])


def fill_block(s: RiscvBase, v: Value) -> None:
    """memset: stores when the size is a small constant, else a call."""
    size = v.args[2]
    byte = v.args[1]
    widest = widest_access(v)
    if size.op == op.CONST and byte.op == op.CONST and 0 <= size.imm <= (8 if s.options.size else 16) * widest:
        place = s.place(v.args[0])
        for offset, width in chunks(size.imm, widest):
            number = int.from_bytes(bytes([byte.imm & 255]) * width, "little", signed=True)
            s.at_offset(f.STORE[_WIDTH_TYPES[width]], place, offset, s.number(number))
        return
    library_call(s, "memset", [v.args[0], byte, size])


def library_call(s: RiscvBase, name: str, arguments: list[Value]) -> None:
    """Call a library function with up to three integer arguments; a result is in a0."""
    registers = [s.operand(argument) for argument in arguments]
    for number, register in enumerate(registers):
        s.copy(A0 + number, register)
    call = s.emit(x.CALL)
    call.symbol = s.pool.function(name)
    call.uses = list(range(A0, A0 + len(arguments)))
    call.clobbers = CALL_CLOBBERS
    s.machine.has_calls = True


# ---- the stack


def dynamic_alloca(s: RiscvBase, v: Value, size: Value) -> None:
    """Lower the stack pointer by the size, rounded up to 16."""
    s.machine.dynamic_stack = True
    alignment = max(v.extra, 16)
    extra = 15 if alignment <= 16 else 15 + alignment
    amount = s.new_register(ty.I64)
    if size.op == op.CONST:
        amount = s.number((size.imm + extra) & -16)
    else:
        more = s.new_register(ty.I64)
        s.add_number(more, s.use(size), extra)
        s.rri(x.ANDI, amount, more, -16)
    result = s.result(v)
    s.rr(f.DYNAMIC_STACK, result, amount)
    if alignment > 16:
        s.add_number(result, result, alignment - 1)
        if imm12(-alignment):
            s.rri(x.ANDI, result, result, -alignment)
        else:
            s.rrr(x.AND, result, result, s.number(-alignment))


def frame_address(s: RiscvBase, v: Value, offset: int) -> None:
    """The frame pointer `v.imm` levels up, or the word at `offset` from it: s0 is the CFA (without the area for variable
    arguments), the return address stands at -8, the caller's s0 at -16."""
    s.machine.needs_frame_pointer = True
    result = s.result(v)
    base = FP
    for _ in range(v.imm):
        load_ = s.emit(x.LD)
        load_.r0 = result
        load_.base = base
        load_.displacement = -16
        base = result
    if offset:
        load_ = s.emit(x.LD)
        load_.r0 = result
        load_.base = base
        load_.displacement = offset
    elif base == FP:
        s.rr(x.MV, result, FP)


def va_registers(s: RiscvBase, v: Value) -> None:
    s.slot_address(s.va_slot(), 0, s.result(v))


def stack_save(s: RiscvBase, v: Value) -> None:
    s.rr(x.MV, s.result(v), SP)


def stack_restore(s: RiscvBase, v: Value, a: Value) -> None:
    s.machine.dynamic_stack = True
    s.rr(x.MV, SP, s.use(a))


def thread_pointer(s: RiscvBase, v: Value) -> None:
    s.rr(x.MV, s.result(v), TP)
