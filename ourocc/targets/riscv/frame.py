"""Stack frames of RISC-V: layout, prologue and epilogue with call frame information, expansion of pseudo instructions.

From high addresses to low: incoming stack arguments (the CFA is their start), the area for variable arguments, ra, s0 and
the other callee-saved registers, locals and spill slots, arguments of calls.  s0, when it is the frame pointer, is the
CFA less the area for variable arguments, so that ra stands at s0 - 8 and the caller's s0 at s0 - 16.  Everything is
addressed from sp, which moves in prologue and epilogue only; with a dynamic stack from s0.

t6 is never allocated: offsets beyond 12 bits, addresses of stores and loops of lr and sc take it.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir.function import Function, Symbol
from ourocc.machine.constants import ConstantPool
from ourocc.machine.function import SLOT_INCOMING, FrameSlot, MachineBlock, MachineFunction
from ourocc.machine.instruction import (
    BIND,
    CALL_FRAME,
    INLINE_ASSEMBLY,
    NOTHING,
    SYMBOL_GOT_HIGH,
    SYMBOL_HIGH,
    SYMBOL_LOW,
    SYMBOL_PCREL_HIGH,
    SYMBOL_PCREL_LOW,
    SYMBOL_TPREL_ADD,
    SYMBOL_TPREL_HIGH,
    SYMBOL_TPREL_LOW,
    Label,
    MachineInstruction,
)
from ourocc.machine.options import PIC_NONE, CodeOptions
from ourocc.machine.stack_protector import wants_canary
from ourocc.objects.call_frame import (
    CFI_DEF_CFA,
    CFI_DEF_CFA_OFFSET,
    CFI_OFFSET,
    CFI_REMEMBER_STATE,
    CFI_RESTORE,
    CFI_RESTORE_STATE,
)
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv.registers import A0, F0, FP, RA, SP, T0, T6, TP, ZERO
from ourocc.targets.riscv.select_base import imm12

STEP: Final = 2032  # what one addi takes from sp
_VA_SIZE: Final = 64
_SAVE_ORDER: Final = (9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 40, 41, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59)


def wants_frame_pointer(function: Function, options: CodeOptions) -> bool:
    """Known before selection: what selection finds out later (alloca, __builtin_frame_address) is looked for here."""
    if not options.omit_frame_pointer or function.has_dynamic_stack or function.needs_frame_pointer:
        return True
    for block in function.blocks:
        for value in block.values:
            if op.DYNAMIC_ALLOCA <= value.op <= op.STACK_RESTORE or value.op in (op.FRAME_ADDRESS, op.RETURN_ADDRESS):
                return True
    return False


def finish(function: MachineFunction, options: CodeOptions, pool: ConstantPool) -> None:
    """Lay out the frame and make every instruction encodable."""
    FrameBuilder(function, options, pool).run()


@final
class FrameBuilder:
    def __init__(self, function: MachineFunction, options: CodeOptions, pool: ConstantPool) -> None:
        self.function = function
        self.options = options
        self.pool = pool
        self.pointer = wants_frame_pointer(function.source, options)
        self.saved: list[int] = []
        self.va_size = 0
        self.size = 0  # CFA minus sp after the prologue
        self.first = 0  # what the first step takes from sp: all registers are saved in reach
        self.base = SP
        self.base_offset = 0  # CFA minus the base register
        self.canary = -1
        self.failure: MachineBlock | None = None
        self.out: list[MachineInstruction] = []
        self.naked = function.source.naked
        self.absolute = options.pic == PIC_NONE and options.code_model == "medlow"

    def run(self) -> None:
        function = self.function
        self._choose_canary()
        self._lay_out()
        for number, block in enumerate(list(function.blocks)):
            self._rewrite(block, number)
        if self.failure is not None:
            function.blocks.append(self.failure)

    # ---- layout

    def _choose_canary(self) -> None:
        if wants_canary(self.function, self.options):
            self.canary = self.function.new_slot(8, 8)
            self.function.has_calls = True

    def _uses_return_address(self) -> bool:
        """ra is written: by calls, or by assembly text."""
        if self.function.has_calls or self.pointer:
            return True
        for block in self.function.blocks:
            for instruction in block.instructions:
                if instruction.op == INLINE_ASSEMBLY:
                    if instruction.clobbers >> RA & 1 or RA in instruction.defines:
                        return True
        return False

    def _lay_out(self) -> None:
        function = self.function
        if self._uses_return_address():
            self.saved.append(RA)
        if self.pointer or function.used_registers >> FP & 1:
            self.saved.append(FP)
        self.saved += [register for register in _SAVE_ORDER if function.used_registers >> register & 1]
        if self.naked:
            self.saved = []
        for slot in function.slots:
            if slot.kind == SLOT_INCOMING and slot.offset == -_VA_SIZE:
                self.va_size = _VA_SIZE
        top = self.va_size + 8 * len(self.saved)
        depth = top
        order: list[FrameSlot] = []
        small: list[FrameSlot] = []
        if self.canary >= 0:
            order.append(function.slots[self.canary])
        for slot in function.slots:
            if slot.kind == SLOT_INCOMING or (order and slot is order[0] and self.canary >= 0):
                continue
            if slot.is_array or slot.size > 64:
                order.append(slot)
            else:
                small.append(slot)
        for slot in order + small:
            depth += slot.size
            depth = (depth + slot.alignment - 1) & -slot.alignment
            slot.offset = -depth
        function.outgoing_size = (function.outgoing_size + 15) & -16
        self.size = ((depth + 15) & -16) + function.outgoing_size
        self.first = self.size if self.size <= STEP else (top + 15) & -16
        if function.dynamic_stack:
            self.base = FP
            self.base_offset = self.va_size
        else:
            self.base_offset = self.size

    # ---- code

    def _emit(self, operation: int, r0: int = -1, r1: int = -1, imm: int = 0) -> MachineInstruction:
        instruction = MachineInstruction(operation)
        instruction.r0 = r0
        instruction.r1 = r1
        instruction.imm = imm
        self.out.append(instruction)
        return instruction

    def _emit3(self, operation: int, r0: int, r1: int, r2: int) -> MachineInstruction:
        instruction = self._emit(operation, r0, r1)
        instruction.r2 = r2
        return instruction

    def _memory(self, operation: int, r0: int, base: int, displacement: int) -> MachineInstruction:
        instruction = self._emit(operation, r0)
        instruction.base = base
        instruction.displacement = displacement
        return instruction

    def _add(self, result: int, source: int, number: int) -> None:
        """result = source + number; takes t6 when the number is big."""
        if imm12(number):
            self._emit(x.ADDI, result, source, number)
        else:
            self._emit(x.LI, T6, -1, number)
            self._emit3(x.ADD, result, source, T6)

    def _frame_information(self, kind: int, register: int, value: int) -> None:
        instruction = MachineInstruction(CALL_FRAME)
        instruction.imm = kind
        instruction.r0 = register
        instruction.displacement = value
        self.out.append(instruction)

    def _saved_places(self) -> list[tuple[int, int]]:
        """Saved registers and their offsets from sp after the first step."""
        top = self.first - self.va_size
        return [(register, top - 8 * (number + 1)) for number, register in enumerate(self.saved)]

    def _prologue(self) -> None:
        if self.naked or self.size == 0:
            return
        self._add(SP, SP, -self.first)
        self._frame_information(CFI_DEF_CFA_OFFSET, 0, self.first)
        for register, offset in self._saved_places():
            self._memory(x.SD if register < F0 else x.FSD, register, SP, offset)
            self._frame_information(CFI_OFFSET, register, offset - self.first)
        if self.pointer:
            self._emit(x.ADDI, FP, SP, self.first - self.va_size)
            self._frame_information(CFI_DEF_CFA, FP, self.va_size)
        rest = self.size - self.first
        if rest:
            self._add(SP, SP, -rest)
            if not self.pointer:
                self._frame_information(CFI_DEF_CFA_OFFSET, 0, self.size)
        if self.canary >= 0:
            self._guard(T0)
            self._slot_access(x.SD, T0, self.canary)
            self._emit(x.LI, T0, -1, 0)

    def _epilogue(self, last: bool) -> bool:
        """In front of a ret; `last`: no code follows it.  True when frame information must be restored behind it."""
        if self.naked or self.size == 0:
            return False
        if self.canary >= 0:
            self._check_canary()
        if not last:
            self._frame_information(CFI_REMEMBER_STATE, 0, 0)
        if self.function.dynamic_stack:
            self._add(SP, FP, -(self.first - self.va_size))
        elif self.size != self.first:
            self._add(SP, SP, self.size - self.first)
        if self.pointer or self.size != self.first:
            self._frame_information(CFI_DEF_CFA, SP, self.first)
        for register, offset in self._saved_places():
            self._memory(x.LD if register < F0 else x.FLD, register, SP, offset)
            self._frame_information(CFI_RESTORE, register, 0)
        self._add(SP, SP, self.first)
        self._frame_information(CFI_DEF_CFA_OFFSET, 0, 0)
        return not last

    # ---- stack protector

    def _guard(self, register: int) -> None:
        symbol = self.pool.function("__stack_chk_guard")
        symbol.is_function = False
        self._table_entry(register, symbol)
        self._memory(x.LD, register, register, 0)

    def _table_entry(self, register: int, symbol: Symbol | None) -> None:
        """register = what the GOT holds for the symbol.  (`la` in text would mean that only under `.option pic`.)"""
        label = Label(-1)
        self._emit(BIND).label = label
        upper = self._emit(x.AUIPC, register)
        upper.symbol = symbol
        upper.symbol_kind = SYMBOL_GOT_HIGH
        load = self._memory(x.LD, register, register, 0)
        load.label = label
        load.symbol_kind = SYMBOL_PCREL_LOW

    def _slot_access(self, operation: int, register: int, slot: int) -> None:
        access = self._emit(operation, register)
        access.frame_slot = slot
        del self.out[-1]
        self._place(access)
        self.out.append(access)

    def _check_canary(self) -> None:
        self._slot_access(x.LD, T0, self.canary)
        self._guard(T6)
        if self.failure is None:
            block = self.function.new_block()
            call = MachineInstruction(x.CALL)
            call.symbol = self.pool.function("__stack_chk_fail")
            block.instructions.append(call)
            block.terminator = 1
            self.failure = block
        self._emit(x.BNE, T0, T6).label = self.failure.label

    # ---- rewriting

    def _slot_place(self, slot: FrameSlot, displacement: int) -> tuple[int, int]:
        """Base register and offset."""
        offset = slot.offset + displacement
        from_base = offset + self.base_offset
        if self.pointer and not imm12(from_base) and imm12(offset + self.va_size):
            return FP, offset + self.va_size
        return self.base, from_base

    def _place(self, instruction: MachineInstruction) -> None:
        """Turn a frame slot into base and displacement; a far one is reached through t6."""
        slot = self.function.slots[instruction.frame_slot]
        base, offset = self._slot_place(slot, instruction.displacement)
        if not imm12(offset):
            low = (offset + 0x800 & 0xFFF) - 0x800
            self._emit(x.LI, T6, -1, offset - low)
            self._emit3(x.ADD, T6, T6, base)
            base = T6
            offset = low
        instruction.base = base
        instruction.displacement = offset
        instruction.frame_slot = -1

    def _rewrite(self, block: MachineBlock, number: int) -> None:
        self.out = []
        if number == 0:
            self._prologue()
        last = len(self.function.blocks) == 1 and self.canary < 0
        new_terminator = -1
        for place, instruction in enumerate(block.instructions):
            operation = instruction.op
            if place == block.terminator:
                if operation == x.RET:
                    restore = self._epilogue(last)
                    new_terminator = len(self.out)
                    self.out.append(instruction)
                    if restore:
                        self._frame_information(CFI_RESTORE_STATE, 0, 0)
                    continue
                new_terminator = len(self.out)
            if operation >= x.FIRST_OPCODE:
                if operation == x.LA_GOT:
                    self._table_entry(instruction.r0, instruction.symbol)
                    continue
                if instruction.frame_slot >= 0:
                    self._place(instruction)
                elif instruction.symbol is not None and instruction.base < 0 and x.LB <= operation <= x.SD:
                    self._symbol_access(instruction)
                    continue
                elif instruction.symbol is not None and instruction.base < 0 and operation in _FLOAT_ACCESS:
                    self._symbol_access(instruction)
                    continue
                self.out.append(instruction)
            elif operation < 0:
                if operation != NOTHING:
                    self.out.append(instruction)
            else:
                self._expand(instruction)
        block.instructions = self.out
        block.terminator = new_terminator if new_terminator >= 0 else len(self.out)

    # ---- pseudo instructions

    def _symbol_access(self, instruction: MachineInstruction) -> None:
        """A load or store of a variable: the high part of its address goes to t6, or to the result itself."""
        operation = instruction.op
        register = instruction.r0 if x.LB <= operation <= x.LWU else T6
        high = self._high(register, instruction)
        instruction.base = register
        instruction.symbol_kind = SYMBOL_LOW
        if not self.absolute:
            instruction.symbol = None
            instruction.symbol_offset = 0
            instruction.label = high
            instruction.symbol_kind = SYMBOL_PCREL_LOW
        self.out.append(instruction)

    def _high(self, register: int, instruction: MachineInstruction) -> Label:
        label = Label(-1)
        if not self.absolute:
            self._emit(BIND).label = label
        upper = self._emit(x.LUI if self.absolute else x.AUIPC, register)
        upper.symbol = instruction.symbol
        upper.symbol_offset = instruction.symbol_offset
        upper.symbol_kind = SYMBOL_HIGH if self.absolute else SYMBOL_PCREL_HIGH
        upper.position = instruction.position
        return label

    def _expand(self, instruction: MachineInstruction) -> None:
        operation = instruction.op
        if operation == f.SELECT:
            self._select(instruction)
        elif operation == f.SLOT_ADDRESS:
            slot = self.function.slots[instruction.frame_slot]
            base, offset = self._slot_place(slot, instruction.displacement)
            self._add(instruction.r0, base, offset)
        elif operation == f.ADDRESS:
            self._address(instruction)
        elif operation == f.TLS_LOCAL:
            self._thread_local(instruction)
        elif operation == f.TLS_INITIAL:
            self._emit(x.LA_TLS_IE, instruction.r0).symbol = instruction.symbol
            self._emit3(x.ADD, instruction.r0, instruction.r0, TP)
        elif operation == f.TLS_GENERAL:
            self._emit(x.LA_TLS_GD, A0).symbol = instruction.symbol
            self._emit(x.CALL).symbol = self.pool.function("__tls_get_addr")
        elif operation == f.DYNAMIC_STACK:
            self._emit3(x.SUB, SP, SP, instruction.r1)
            self._add(instruction.r0, SP, self.function.outgoing_size)
        elif operation == f.VA_SAVE:
            self._save_arguments(instruction.imm)
        elif operation == f.CALL_GOT:
            self._table_entry(T6, instruction.symbol)
            self._emit(x.CALL_REG, T6)
        elif operation == f.RMW_LOOP:
            self._update_loop(instruction)
        elif operation == f.CAS_LOOP or operation == f.CAS_MASKED:
            self._exchange_loop(instruction)
        else:
            raise AssertionError(f"pseudo instruction {operation}")

    def _select(self, instruction: MachineInstruction) -> None:
        """if branch r2, r3: r0 = r1"""
        label = Label(-1)
        branch = self._emit(instruction.condition ^ 1, instruction.r2, instruction.r3)
        branch.label = label
        self._emit(x.FMV_D if instruction.r0 >= F0 else x.MV, instruction.r0, instruction.r1)
        self._emit(BIND).label = label

    def _address(self, instruction: MachineInstruction) -> None:
        if not self.absolute:
            instruction.op = x.LLA
            self.out.append(instruction)
            return
        self._high(instruction.r0, instruction)
        low = self._emit(x.ADDI, instruction.r0, instruction.r0)
        low.symbol = instruction.symbol
        low.symbol_offset = instruction.symbol_offset
        low.symbol_kind = SYMBOL_LOW

    def _thread_local(self, instruction: MachineInstruction) -> None:
        register = instruction.r0
        for step in (
            self._emit(x.LUI, register), self._emit3(x.ADD, register, register, TP), self._emit(x.ADDI, register, register)
        ):  # fmt: skip
            step.symbol = instruction.symbol
            step.symbol_offset = instruction.symbol_offset
        self.out[-3].symbol_kind = SYMBOL_TPREL_HIGH
        self.out[-2].symbol_kind = SYMBOL_TPREL_ADD
        self.out[-1].symbol_kind = SYMBOL_TPREL_LOW

    def _save_arguments(self, named: int) -> None:
        """Fill the register save area."""
        base = self.base
        start = self.base_offset - _VA_SIZE
        if not imm12(start + _VA_SIZE):
            self._add(T6, base, start)
            base = T6
            start = 0
        for number in range(named, 8):
            self._memory(x.SD, A0 + number, base, start + 8 * number)

    # ---- loops of lr and sc

    def _update_loop(self, instruction: MachineInstruction) -> None:
        """do r0 = [base], t6 = r0 op r1 while (!([base] = t6)); under a mask the other bits stay"""
        old = instruction.r0
        wide = instruction.scale == 8
        label = Label(-1)
        self._emit(BIND).label = label
        self._emit(x.LR_D_AQRL if wide else x.LR_W_AQRL, old).base = instruction.base
        operation = instruction.imm
        if operation == op.RMW_XCHG:
            self._emit(x.MV, T6, instruction.r1)
        else:
            self._emit3(_RMW[operation], T6, old, instruction.r1)
        if operation == op.RMW_NAND:
            self._emit(x.XORI, T6, T6, -1)
        if instruction.r2 >= 0:
            self._merge(old, instruction.r2)
        self._emit(x.SC_D_RL if wide else x.SC_W_RL, T6, T6).base = instruction.base
        self._emit(x.BNE, T6, ZERO).label = label

    def _merge(self, old: int, mask: int) -> None:
        """The bits of t6 under the mask, those of `old` elsewhere."""
        self._emit3(x.XOR, T6, T6, old)
        self._emit3(x.AND, T6, T6, mask)
        self._emit3(x.XOR, T6, T6, old)

    def _exchange_loop(self, instruction: MachineInstruction) -> None:
        """do r0 = [base]; if r0 != r1: break while (!([base] = r2))"""
        old = instruction.r0
        wide = instruction.scale == 8
        masked = instruction.op == f.CAS_MASKED
        again = Label(-1)
        done = Label(-1)
        self._emit(BIND).label = again
        self._emit(x.LR_D_AQRL if wide else x.LR_W_AQRL, old).base = instruction.base
        if masked:
            self._emit3(x.AND, T6, old, instruction.r3)
            self._emit(x.BNE, T6, instruction.r1).label = done
            self._emit(x.MV, T6, instruction.r2)
            self._merge(old, instruction.r3)
            source = T6
        else:
            self._emit(x.BNE, old, instruction.r1).label = done
            source = instruction.r2
        self._emit(x.SC_D_RL if wide else x.SC_W_RL, T6, source).base = instruction.base
        self._emit(x.BNE, T6, ZERO).label = again
        self._emit(BIND).label = done


_RMW: Final[dict[int, int]] = {
    op.RMW_ADD: x.ADD, op.RMW_SUB: x.SUB, op.RMW_AND: x.AND, op.RMW_OR: x.OR, op.RMW_XOR: x.XOR, op.RMW_NAND: x.AND,
}  # fmt: skip
_FLOAT_ACCESS: Final = (x.FLW, x.FLD, x.FSW, x.FSD)
