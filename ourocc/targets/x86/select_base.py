"""What all parts of x86-64 selection share: operands, addresses, leaves, conditions.

Conventions for values in registers: i1 is 0 or 1 in the low byte, and the rest of the register means nothing; so do the
upper bits of i8, i16 and i32.  f80 values never are in registers: each has a 16-byte frame slot.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Function, Symbol, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.instruction import (
    NOTHING,
    SYMBOL_GOT,
    SYMBOL_GOTTPOFF,
    SYMBOL_PC_RELATIVE,
    SYMBOL_TPOFF,
    MachineInstruction,
)
from ourocc.machine.options import PIC_NONE, PIC_SHARED, CodeOptions
from ourocc.machine.selection import SelectionError, Selector
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.registers import FS, RAX, RDI, RIP

STV_DEFAULT: Final = 0
# Registers that a call destroys: rax rcx rdx rsi rdi r8-r11, xmm0-xmm15
CALL_CLOBBERS: Final = 0xFFFF0FC7
_ABSOLUTE_LIMIT: Final = 1 << 31


def fits32(number: int) -> bool:
    """Sign extension from 32 bits gives the number."""
    return -_ABSOLUTE_LIMIT <= number < _ABSOLUTE_LIMIT


class X86Base(Selector):
    def __init__(self, function: Function, options: CodeOptions, pool: ConstantPool) -> None:
        super().__init__(function, options, pool)
        self.va_area = -1  # frame slot of the register save area
        self.floating: dict[tuple[int, int], int] = {}
        self.floating_values: list[Value] = []

    def request(self, value: Value) -> None:
        if value.type != ty.F80:
            self.result(value)
        elif self.slots[value.id] < 0:
            if value.op == op.PARAM:
                place = self.function.parameter_locations[value.imm]
                self.slots[value.id] = self.machine.incoming_slot(place.offset, 16)
            else:
                self.slots[value.id] = self.machine.new_slot(16, 16)

    def use(self, value: Value) -> int:
        """A register with `value`; truncations and casts that change no bits are looked through."""
        registers = self.registers
        register = registers[value.id]
        if register >= 0:
            return register
        operation = value.op
        if operation == op.ADDRESS and self.blocks[self.block.id].depth and self.is_leaf(value):
            return self.floating_address(value)
        if operation == op.TRUNC or operation == op.COPY or operation == op.EXPECT or operation == op.BITCAST:
            inner = value.args[0]
            kind = value.type
            if ty.I8 <= kind <= ty.PTR and ty.I8 <= inner.type <= ty.PTR and inner.type != ty.I128:
                register = self.use(inner)
                if not self.is_leaf(inner):
                    registers[value.id] = register
                return register
        return super().use(value)

    def floating_address(self, value: Value) -> int:
        """In loops an address has one register for the whole function, which the allocator keeps in the loops that use it."""
        key = (id(value.symbol), value.imm)
        register = self.floating.get(key, -1)
        if register < 0:
            register = self.new_register(ty.PTR)
            self.floating[key] = register
            self.machine.floating.append(register - 64)
            self.floating_values.append(value)
        return register

    def assembly(self, value: Value) -> None:
        raise NotImplementedError

    def va_slot(self) -> int:
        if self.va_area < 0:
            self.va_area = self.machine.new_slot(176, 16)
        return self.va_area

    def use_address(self, pointer: Value) -> MachineInstruction:
        """A model for instructions with the memory operand [pointer]: see `at_offset`."""
        instruction = MachineInstruction(NOTHING)
        self.address(instruction, pointer)
        return instruction

    # ---- leaves

    def is_leaf(self, value: Value) -> bool:
        operation = value.op
        if operation == op.ADDRESS:
            symbol = value.symbol
            if value.extra:  # the optimizer wants it in a register: an array that a loop indexes
                return False
            return symbol is None or not symbol.thread_local or self.tls_model(symbol) >= 2
        return (
            op.CONST <= operation <= op.VCONST
            or operation == op.ALLOCA
            or operation == op.UNDEF
            or operation == op.LABEL_ADDRESS
            or operation == op.STACK_PARAMETER
        )

    def materialize(self, value: Value, register: int) -> None:
        operation = value.op
        if operation == op.CONST and value.type <= ty.PTR:
            self.constant(value.imm, value.type, register)
        elif op.CONST <= operation <= op.VCONST:
            self.pool_constant(value, register)
        elif operation == op.UNDEF:
            self.emit(NOTHING).defines = [register]
        elif operation == op.ADDRESS and value.symbol is not None and value.symbol.thread_local:
            self.tls_address(value, register)
        elif operation == op.ADDRESS and value.symbol is not None and not self.is_direct(value.symbol):
            self.indirect_address(value, register)
        elif operation == op.LABEL_ADDRESS:
            assert value.target is not None
            instruction = self.emit(x.LEA64_RM)
            instruction.r0 = register
            instruction.base = RIP
            instruction.label = self.blocks[value.target.id].label
        else:
            instruction = MachineInstruction(x.LEA64_RM)
            instruction.position = self.position
            instruction.r0 = register
            self.address(instruction, value)
            self.chunk.append(instruction)
            self.remember(register, instruction)

    def kept_address(self, value: Value) -> None:
        """An address that was selected as a value of its own (`is_leaf` said no)."""
        register = self.result(value)
        symbol = value.symbol
        assert symbol is not None
        if symbol.thread_local:
            self.tls_address(value, register)
        elif not self.is_direct(symbol):
            self.indirect_address(value, register)
        else:
            instruction = MachineInstruction(x.LEA64_RM)
            instruction.position = self.position
            instruction.r0 = register
            if not self.symbol_operand(instruction, value, 0, None):
                raise SelectionError("offset from a symbol does not fit 32 bits", self.position)
            self.chunk.append(instruction)
            self.remember(register, instruction)

    def remember(self, register: int, instruction: MachineInstruction) -> None:
        """`instruction`, which has no register inputs, recomputes the virtual register anywhere."""
        if register >= 64:
            self.machine.definitions[register - 64] = instruction

    def constant(self, number: int, type: int, register: int) -> None:
        """Move an integer constant into a register."""
        if type == ty.I64 or type == ty.PTR:
            if 0 <= number < 1 << 32:
                operation = x.MOV32_RI
            elif fits32(number):
                operation = x.MOV64_RI
            else:
                operation = x.MOVABS64_RI
        else:
            operation = x.MOV32_RI
        instruction = self.emit(operation)
        instruction.r0 = register
        instruction.imm = number
        self.remember(register, instruction)

    def constant_bytes(self, value: Value) -> bytes:
        """The memory image of an FCONST or VCONST (or of an integer vector CONST)."""
        type = value.type
        if value.op == op.VCONST or type <= 255:
            size = ty.size(type)
            return (value.imm & ((1 << size * 8) - 1)).to_bytes(size, "little")
        lane = type & 255
        size = ty.SIZES[lane]
        return (value.imm & ((1 << size * 8) - 1)).to_bytes(size, "little") * (type >> 8)

    def pool_constant(self, value: Value, register: int) -> None:
        type = value.type
        contents = self.constant_bytes(value)
        if not any(contents):
            instruction = self.emit(f.ZERO_X)
        elif type > 255 and contents == b"\xff" * 16:
            instruction = self.emit(f.ONES_X)
        else:
            if type == ty.F32:
                instruction = self.emit(x.MOVSS_XM)
            elif type == ty.F64:
                instruction = self.emit(x.MOVSD_XM)
            else:
                instruction = self.emit(x.MOVAPS_XM)
            self.pool_operand(instruction, contents)
        instruction.r0 = register
        self.remember(register, instruction)

    def pool_operand(self, instruction: MachineInstruction, contents: bytes) -> None:
        """Make the constant pool's copy of `contents` the memory operand."""
        instruction.base = RIP
        instruction.symbol = self.pool.constant(contents, len(contents))
        instruction.symbol_kind = SYMBOL_PC_RELATIVE

    # ---- symbols

    def is_direct(self, symbol: Symbol) -> bool:
        """Its address is at a fixed distance from this code (or in the low 2 GiB)."""
        if symbol.local or symbol.constant_pool:
            return True
        pic = self.options.pic
        if pic == PIC_NONE:
            return True
        if symbol.visibility != STV_DEFAULT and (symbol.defined or not symbol.weak):
            return True
        if pic == PIC_SHARED:
            return False
        if symbol.is_ifunc:
            return False
        # A position independent executable: data of shared objects is copied into it.
        return symbol.defined or not (symbol.weak or symbol.is_function)

    def tls_model(self, symbol: Symbol) -> int:
        """0 general dynamic, 1 local dynamic (made as 0), 2 initial exec, 3 local exec."""
        names = ("global-dynamic", "local-dynamic", "initial-exec", "local-exec")
        if symbol.tls_model in names:
            return names.index(symbol.tls_model)
        bound_here = symbol.local or (symbol.defined and self.options.pic != PIC_SHARED)
        if symbol.visibility != STV_DEFAULT and symbol.defined:
            bound_here = True
        if self.options.pic != PIC_SHARED:
            best = 3 if bound_here else 2
        else:
            best = 1 if bound_here else 0
        if self.options.tls_model in names:
            return max(best, names.index(self.options.tls_model))
        return best

    def indirect_address(self, value: Value, register: int) -> None:
        """An address that the GOT holds, or that is relative to the thread pointer."""
        symbol = value.symbol
        assert symbol is not None
        load = self.emit(x.MOV64_RM)
        load.r0 = register
        load.base = RIP
        load.symbol = symbol
        load.symbol_kind = SYMBOL_GOT
        if value.imm:
            self.add_constant(register, value.imm)
        else:
            self.remember(register, load)

    def add_constant(self, register: int, number: int) -> None:
        lea = self.emit(x.LEA64_RM)
        lea.r0 = register
        lea.base = register
        if not fits32(number):
            raise SelectionError("offset from a symbol does not fit 32 bits", self.position)
        lea.displacement = number

    def tls_address(self, value: Value, register: int) -> None:
        """Address of a thread-local symbol by one of the four models."""
        symbol = value.symbol
        assert symbol is not None
        model = self.tls_model(symbol)
        if model >= 2:
            pointer = self.new_register(ty.PTR)
            load = self.emit(x.MOV64_RM)
            load.r0 = pointer
            load.segment = FS
            if model == 3:
                lea = self.emit(x.LEA64_RM)
                lea.r0 = register
                lea.base = pointer
                lea.symbol = symbol
                lea.symbol_kind = SYMBOL_TPOFF
                lea.displacement = value.imm
                return
            add = self.emit(x.ADD64_RM)
            add.r0 = pointer
            add.base = RIP
            add.symbol = symbol
            add.symbol_kind = SYMBOL_GOTTPOFF
            lea = self.emit(x.LEA64_RM)
            lea.r0 = register
            lea.base = pointer
            lea.displacement = value.imm
            return
        call = self.emit(f.TLS_GENERAL)
        call.symbol = symbol
        call.clobbers = CALL_CLOBBERS | 1 << RDI
        call.defines = [RAX]
        self.machine.has_calls = True
        if value.imm:
            lea = self.emit(x.LEA64_RM)
            lea.r0 = register
            lea.base = RAX
            lea.displacement = value.imm
        else:
            self.copy(register, RAX)

    # ---- memory operands

    def address(self, instruction: MachineInstruction, pointer: Value) -> None:
        """Make [pointer] the memory operand; may emit instructions, so `instruction` is appended by the caller, later."""
        displacement = 0
        index: Value | None = None
        scale = 1
        value = strip(pointer)
        registers = self.registers
        while registers[value.id] < 0 or value.op == op.ALLOCA:
            operation = value.op
            if operation == op.PTRADD or (operation == op.ADD and ty.BITS[value.type & 15] == 64):
                offset = strip(value.args[1])
                if offset.op == op.CONST and fits32(displacement + offset.imm):
                    displacement += offset.imm
                    value = strip(value.args[0])
                    continue
                if index is not None:
                    break
                if value.block is not self.block and value.uses > 1 and not indexes_by_counter(value):
                    break
                index, scale, more = self.scaled(offset, displacement)
                displacement += more
                value = strip(value.args[0])
                continue
            break
        operation = value.op
        if registers[value.id] >= 0 and operation != op.ALLOCA:
            instruction.base = registers[value.id]
        elif operation == op.ALLOCA:
            instruction.frame_slot = self.slots[value.id]
        elif operation == op.STACK_PARAMETER:
            instruction.frame_slot = self.machine.incoming_slot(value.imm, 8)
        elif operation == op.ADDRESS and value.symbol is not None:
            if not self.symbol_operand(instruction, value, displacement, index):
                instruction.base = self.use(value)
        elif operation == op.CONST and index is None and fits32(value.imm + displacement):
            displacement += value.imm
        else:
            instruction.base = self.use(value)
        instruction.displacement = displacement
        if index is not None:
            instruction.index = self.use(index)
            instruction.scale = scale

    def symbol_operand(
        self, instruction: MachineInstruction, value: Value, displacement: int, index: Value | None
    ) -> bool:
        """symbol+offset as a memory operand, if it can be one."""
        symbol = value.symbol
        assert symbol is not None
        if not fits32(value.imm + displacement):
            return False
        if symbol.thread_local:
            if self.tls_model(symbol) != 3 or instruction.op == x.LEA64_RM:
                return False
            instruction.segment = FS
            instruction.symbol = symbol
            instruction.symbol_kind = SYMBOL_TPOFF
            instruction.symbol_offset = value.imm
            return True
        if not self.is_direct(symbol) or index is not None:
            return False
        instruction.base = RIP
        instruction.symbol = symbol
        instruction.symbol_kind = SYMBOL_PC_RELATIVE
        instruction.symbol_offset = value.imm
        return True

    def scaled(self, offset: Value, displacement: int) -> tuple[Value, int, int]:
        """Index, scale and constant part of an offset."""
        scale = 1
        near = offset.block is self.block or offset.uses == 1 or is_scaled_phi(offset)
        if self.registers[offset.id] < 0 and near:
            if offset.op == op.SHL and offset.args[1].op == op.CONST and 0 <= offset.args[1].imm <= 3:
                scale = 1 << offset.args[1].imm
                offset = strip(offset.args[0])
            elif offset.op == op.MUL and offset.args[1].op == op.CONST and offset.args[1].imm in (2, 4, 8):
                scale = offset.args[1].imm
                offset = strip(offset.args[0])
        if self.registers[offset.id] < 0 and offset.op == op.ADD and offset.args[1].op == op.CONST:
            more = offset.args[1].imm * scale
            if fits32(displacement + more):
                return strip(offset.args[0]), scale, more
        return offset, scale, 0

    def folds(self, load: Value, type: int) -> bool:
        """The load can be part of the root instruction: nothing else needs it, nothing happens in between."""
        return (
            load.uses == 1
            and load.type == type
            and not load.flags & VOLATILE
            and self.registers[load.id] < 0
            and self.adjacent(load)
        )

    def with_memory(self, operation: int, pointer: Value) -> MachineInstruction:
        """An instruction with memory operand [pointer], appended."""
        instruction = MachineInstruction(operation)
        instruction.position = self.position
        self.address(instruction, pointer)
        self.chunk.append(instruction)
        return instruction

    def with_slot(self, operation: int, slot: int, displacement: int = 0) -> MachineInstruction:
        instruction = self.emit(operation)
        instruction.frame_slot = slot
        instruction.displacement = displacement
        return instruction

    def rr(self, operation: int, r0: int, r1: int) -> MachineInstruction:
        instruction = self.emit(operation)
        instruction.r0 = r0
        instruction.r1 = r1
        return instruction

    def ri(self, operation: int, r0: int, number: int) -> MachineInstruction:
        instruction = self.emit(operation)
        instruction.r0 = r0
        instruction.imm = number
        return instruction

    def free(self, value: Value) -> bool:
        """Nobody else needs the value in a register."""
        return self.registers[value.id] < 0 and value.block is self.block

    def nothing(self) -> None:
        """No code."""

    def trap(self) -> None:
        self.emit(x.UD2)


def is_scaled_phi(value: Value) -> bool:
    """A phi times 2, 4 or 8, in the phi's block: a loop's counter, which lives on whether or not the product does."""
    if value.op != op.SHL or value.args[1].op != op.CONST or not 0 < value.args[1].imm <= 3:
        return False
    return value.args[0].op == op.PHI and value.args[0].block is value.block


def indexes_by_counter(value: Value) -> bool:
    """An address that every user can compute for itself, since its parts live on anyway: an invariant and a loop's counter."""
    base, offset = value.args
    if base.block is value.block or base.op == op.ADDRESS:
        return False
    return is_scaled_phi(offset) or (offset.op == op.PHI and offset.block is value.block)


def strip(value: Value) -> Value:
    """Through copies and through casts between pointers and i64."""
    while True:
        operation = value.op
        if operation == op.COPY or operation == op.EXPECT:
            value = value.args[0]
        elif operation == op.BITCAST and value.type <= ty.PTR and value.args[0].type <= ty.PTR:
            value = value.args[0]
        else:
            return value

