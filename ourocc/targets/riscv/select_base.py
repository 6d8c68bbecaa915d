"""What all parts of RISC-V selection share: operands, addresses, leaves.

Conventions for values in registers: i1 is 0 or 1 in the whole register; i32 is sign-extended to 64 bits, signed or not, as
the W instructions and the psABI have it; the upper bits of i8 and i16 mean nothing.  Vectors never are in registers:
each has a frame slot.  t6 belongs to the expansions of `frame.py`.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Function, Symbol, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.instruction import NOTHING, SYMBOL_PC_RELATIVE, MachineInstruction
from ourocc.machine.options import PIC_NONE, PIC_SHARED, CodeOptions
from ourocc.machine.selection import SelectionError, Selector
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.registers import A0, ZERO

STV_DEFAULT: Final = 0
# Registers that a call destroys: t0-t6, a0-a7, ft0-ft11, fa0-fa7 (ra is never allocated)
CALL_CLOBBERS: Final = 0xF003FCFF_F003FCE0
_TLS_MODELS: Final = ("global-dynamic", "local-dynamic", "initial-exec", "local-exec")


def imm12(number: int) -> bool:
    """Fits the immediate of an I- or S-type instruction."""
    return -2048 <= number <= 2047


def fits32(number: int) -> bool:
    return -(1 << 31) <= number < 1 << 31


def immediate_length(number: int) -> int:
    """How many instructions `li` takes."""
    if imm12(number):
        return 1
    if fits32(number):
        return 2 if number & 0xFFF else 1
    low = (number & 0xFFF) - (0x1000 if number & 0x800 else 0)
    high = number - low >> 12
    while not high & 1:
        high >>= 1
    return immediate_length(high) + 1 + (low != 0)


class RiscvBase(Selector):
    def __init__(self, function: Function, options: CodeOptions, pool: ConstantPool) -> None:
        super().__init__(function, options, pool)
        self.va_area = -1  # frame slot of the register save area

    def request(self, value: Value) -> None:
        if value.type <= 255:
            self.result(value)
        else:
            self.vector_slot(value)

    def vector_slot(self, value: Value) -> int:
        """The frame slot that a vector lives in."""
        slot = self.slots[value.id]
        if slot < 0:
            size = ty.size(value.type)
            slot = self.machine.new_slot(size, min(size, 16))
            self.slots[value.id] = slot
        return slot

    def assembly(self, value: Value) -> None:
        raise NotImplementedError

    def va_slot(self) -> int:
        """The 64 bytes below the incoming stack arguments."""
        if self.va_area < 0:
            self.va_area = self.machine.incoming_slot(-64, 64)
        return self.va_area

    # ---- leaves

    def is_leaf(self, value: Value) -> bool:
        operation = value.op
        if operation == op.ADDRESS:
            symbol = value.symbol
            return symbol is None or not symbol.thread_local or self.tls_model(symbol) >= 2
        return (
            op.CONST <= operation <= op.VCONST
            or operation == op.ALLOCA
            or operation == op.UNDEF
            or operation == op.LABEL_ADDRESS
            or operation == op.STACK_PARAMETER
        )

    def operand(self, value: Value) -> int:
        """A register with the value for an instruction that may read x0."""
        if value.op == op.CONST and value.imm == 0 and value.type <= ty.PTR:
            return ZERO
        return self.use(value)

    def materialize(self, value: Value, register: int) -> None:
        operation = value.op
        if operation == op.CONST:
            self.constant(value.imm, register)
        elif operation == op.FCONST:
            self.float_constant(value, register)
        elif operation == op.UNDEF:
            self.emit(NOTHING).defines = [register]
        elif operation == op.ADDRESS and value.symbol is not None:
            self.symbol_address(value.symbol, value.imm, register)
        elif operation == op.LABEL_ADDRESS:
            assert value.target is not None
            instruction = self.emit(x.LLA)
            instruction.r0 = register
            instruction.label = self.blocks[value.target.id].label
        elif operation == op.ALLOCA:
            self.slot_address(self.slots[value.id], 0, register)
        elif operation == op.STACK_PARAMETER:
            self.slot_address(self.machine.incoming_slot(value.imm, 8), 0, register)
        else:
            raise SelectionError(f"leaf {op.NAMES[operation]}", value.position)

    def remember(self, register: int, instruction: MachineInstruction) -> None:
        """`instruction`, which has no register inputs, recomputes the virtual register anywhere."""
        if register >= 64:
            self.machine.definitions[register - 64] = instruction

    def slot_address(self, slot: int, displacement: int, register: int) -> None:
        instruction = self.emit(f.SLOT_ADDRESS)
        instruction.r0 = register
        instruction.frame_slot = slot
        instruction.displacement = displacement
        self.remember(register, instruction)

    def constant(self, number: int, register: int) -> None:
        """Move an integer constant into a register; what takes too many instructions comes from memory."""
        if immediate_length(number) > 4:
            instruction = self.emit(x.LD)
            self.pool_operand(instruction, (number & ((1 << 64) - 1)).to_bytes(8, "little"))
        else:
            instruction = self.emit(x.LI)
            instruction.imm = number
        instruction.r0 = register
        self.remember(register, instruction)

    def number(self, number: int) -> int:
        """A register with an integer constant."""
        if number == 0:
            return ZERO
        register = self.new_register(ty.I64)
        self.constant(number, register)
        return register

    def float_constant(self, value: Value, register: int) -> None:
        if value.type != ty.F32 and value.type != ty.F64:
            raise SelectionError(f"constant of type {ty.name(value.type)}", self.position)
        if value.imm == 0:
            instruction = self.rr(x.FMV_W_X if value.type == ty.F32 else x.FMV_D_X, register, ZERO)
        else:
            instruction = self.emit(f.FLOAT_LOAD[value.type - ty.F32])
            instruction.r0 = register
            self.pool_operand(instruction, self.constant_bytes(value))
        self.remember(register, instruction)

    def constant_bytes(self, value: Value) -> bytes:
        """The memory image of a constant."""
        type = value.type
        if value.op == op.VCONST or type <= 255:
            size = ty.size(type)
            return (value.imm & ((1 << size * 8) - 1)).to_bytes(size, "little")
        size = ty.SIZES[type & 255]
        return (value.imm & ((1 << size * 8) - 1)).to_bytes(size, "little") * (type >> 8)

    def pool_operand(self, instruction: MachineInstruction, contents: bytes) -> None:
        """Make the constant pool's copy of `contents` the memory operand."""
        instruction.symbol = self.pool.constant(contents, len(contents))
        instruction.symbol_kind = SYMBOL_PC_RELATIVE

    # ---- symbols

    def is_direct(self, symbol: Symbol) -> bool:
        """Its address is at a fixed distance from this code."""
        if symbol.local or symbol.constant_pool:
            return True
        if symbol.weak and not symbol.defined:
            return False  # address 0 is out of reach
        if symbol.visibility != STV_DEFAULT:
            return True
        pic = self.options.pic
        if pic == PIC_NONE:
            return True
        return symbol.defined and pic != PIC_SHARED and not symbol.is_ifunc

    def tls_model(self, symbol: Symbol) -> int:
        """0 general dynamic, 1 local dynamic (made as 0), 2 initial exec, 3 local exec."""
        if symbol.tls_model in _TLS_MODELS:
            return _TLS_MODELS.index(symbol.tls_model)
        bound_here = symbol.local or (symbol.defined and self.options.pic != PIC_SHARED)
        if symbol.visibility != STV_DEFAULT and symbol.defined:
            bound_here = True
        if self.options.pic != PIC_SHARED:
            best = 3 if bound_here else 2
        else:
            best = 1 if bound_here else 0
        if self.options.tls_model in _TLS_MODELS:
            return max(best, _TLS_MODELS.index(self.options.tls_model))
        return best

    def symbol_address(self, symbol: Symbol, offset: int, register: int) -> None:
        """An address that is a constant for the linker."""
        if symbol.thread_local:
            local = self.tls_model(symbol) == 3
            instruction = self.emit(f.TLS_LOCAL if local else f.TLS_INITIAL)
            if local:
                instruction.symbol_offset = offset
                offset = 0
        elif self.is_direct(symbol):
            instruction = self.emit(f.ADDRESS)
            instruction.symbol_offset = offset
            offset = 0
        else:
            instruction = self.emit(x.LA_GOT)
        instruction.symbol = symbol
        instruction.r0 = register
        if offset:
            self.add_number(register, register, offset)
        else:
            self.remember(register, instruction)

    def tls_address(self, value: Value, register: int) -> None:
        """A thread-local symbol that the dynamic linker finds."""
        symbol = value.symbol
        assert symbol is not None
        call = self.emit(f.TLS_GENERAL)
        call.symbol = symbol
        call.clobbers = CALL_CLOBBERS & ~(1 << A0)
        call.defines = [A0]
        self.machine.has_calls = True
        self.add_number(register, A0, value.imm)

    def add_number(self, result: int, source: int, number: int) -> None:
        """result = source + number, 64 bits."""
        if number == 0:
            self.copy(result, source)
        elif imm12(number):
            self.rri(x.ADDI, result, source, number)
        else:
            self.rrr(x.ADD, result, source, self.number(number))

    # ---- memory operands

    def address(self, instruction: MachineInstruction, pointer: Value) -> None:
        """Make [pointer] the memory operand; may emit instructions, so `instruction` is appended by the caller, later."""
        displacement = 0
        value = strip(pointer)
        registers = self.registers
        while registers[value.id] < 0:
            operation = value.op
            if operation == op.PTRADD or (operation == op.ADD and ty.BITS[value.type & 15] == 64):
                offset = strip(value.args[1])
                if offset.op == op.CONST and fits32(displacement + offset.imm):
                    displacement += offset.imm
                    value = strip(value.args[0])
                    continue
            break
        operation = value.op
        if operation == op.ALLOCA and self.slots[value.id] >= 0:
            instruction.frame_slot = self.slots[value.id]
        elif operation == op.STACK_PARAMETER:
            instruction.frame_slot = self.machine.incoming_slot(value.imm, 8)
        elif self.symbol_operand(instruction, value, displacement):
            displacement = 0
        else:
            base = self.operand(value)
            if not imm12(displacement):
                high = displacement + 0x800 & ~0xFFF
                place = self.new_register(ty.PTR)
                self.rrr(x.ADD, place, base, self.number(high))
                base = place
                displacement -= high
            instruction.base = base
        instruction.displacement = displacement

    def symbol_operand(self, instruction: MachineInstruction, value: Value, displacement: int) -> bool:
        symbol = value.symbol
        if value.op != op.ADDRESS or symbol is None or self.registers[value.id] >= 0:
            return False
        if symbol.thread_local or not self.is_direct(symbol) or not fits32(value.imm + displacement):
            return False
        instruction.symbol = symbol
        instruction.symbol_kind = SYMBOL_PC_RELATIVE
        instruction.symbol_offset = value.imm + displacement
        return True

    def use_address(self, pointer: Value) -> MachineInstruction:
        """The parts of the memory operand [pointer]."""
        instruction = MachineInstruction(NOTHING)
        self.address(instruction, pointer)
        return instruction

    def place(self, pointer: Value) -> MachineInstruction:
        """A model for instructions with the memory operand [pointer]: see `at_offset`; never a symbol."""
        instruction = MachineInstruction(NOTHING)
        self.address(instruction, pointer)
        if instruction.symbol is not None:
            base = self.new_register(ty.PTR)
            self.symbol_address(instruction.symbol, instruction.symbol_offset, base)
            instruction.symbol = None
            instruction.symbol_offset = 0
            instruction.base = base
        return instruction

    def at_offset(self, operation: int, place: MachineInstruction, offset: int, register: int) -> None:
        """A load or store of `register` at the memory operand of `place`, moved by `offset`."""
        instruction = MachineInstruction(operation)
        instruction.position = self.position
        displacement = place.displacement + offset
        instruction.frame_slot = place.frame_slot
        instruction.base = place.base
        if place.base >= 0 and not imm12(displacement):
            high = displacement + 0x800 & ~0xFFF
            base = self.new_register(ty.PTR)
            self.rrr(x.ADD, base, place.base, self.number(high))
            instruction.base = base
            displacement -= high
        instruction.displacement = displacement
        instruction.r0 = register
        self.chunk.append(instruction)

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

    # ---- shapes

    def rr(self, operation: int, r0: int, r1: int) -> MachineInstruction:
        instruction = self.emit(operation)
        instruction.r0 = r0
        instruction.r1 = r1
        return instruction

    def rrr(self, operation: int, r0: int, r1: int, r2: int) -> MachineInstruction:
        instruction = self.emit(operation)
        instruction.r0 = r0
        instruction.r1 = r1
        instruction.r2 = r2
        return instruction

    def rri(self, operation: int, r0: int, r1: int, number: int) -> MachineInstruction:
        instruction = self.emit(operation)
        instruction.r0 = r0
        instruction.r1 = r1
        instruction.imm = number
        return instruction

    def nothing(self) -> None:
        """No code."""

    def trap(self) -> None:
        self.emit(x.EBREAK)


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
