"""Stack frames of x86-64: layout, prologue and epilogue with call frame information, expansion of pseudo instructions.

From high addresses to low: incoming arguments, return address (the CFA is right above it), saved rbp when there is a
frame pointer, callee-saved registers, locals and spill slots, arguments of calls.  Without a frame pointer everything is
addressed from rsp, which does not move between prologue and epilogue; a leaf function's locals may lie in the red zone
below it.
"""

from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Function
from ourocc.machine import shrink_wrapping
from ourocc.machine.constants import ConstantPool
from ourocc.machine.dead_moves import effects
from ourocc.machine.function import SLOT_INCOMING, FrameSlot, MachineBlock, MachineFunction
from ourocc.machine.instruction import BIND, CALL_FRAME, NOTHING, Label, MachineInstruction
from ourocc.machine.options import CodeOptions
from ourocc.machine.stack_protector import wants_canary
from ourocc.machine.target import Target
from ourocc.objects.call_frame import (
    CFI_DEF_CFA,
    CFI_DEF_CFA_OFFSET,
    CFI_DEF_CFA_REGISTER,
    CFI_OFFSET,
    CFI_REMEMBER_STATE,
    CFI_RESTORE,
    CFI_RESTORE_STATE,
)
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.generated.x86_properties import FLAGS_READ, FLAGS_WRITTEN
from ourocc.targets.x86 import families as f
from ourocc.targets.x86.registers import DWARF_NUMBERS, FS, R11, RAX, RBP, RDI, RSP, XMM0

RED_ZONE: Final = 128
CANARY_OFFSET: Final = 40
_NEEDING_FRAME: Final = (f.TLS_GENERAL, f.VA_SAVE, f.DYNAMIC_STACK)
_PUSH_ORDER: Final = (15, 14, 13, 12, 5, 3)


def wants_frame_pointer(function: Function, options: CodeOptions) -> bool:
    """Known before selection: what selection finds out later (alloca, __builtin_frame_address) is looked for here."""
    if not options.omit_frame_pointer or function.has_dynamic_stack or function.needs_frame_pointer:
        return True
    for block in function.blocks:
        for value in block.values:
            if op.DYNAMIC_ALLOCA <= value.op <= op.STACK_RESTORE or value.op in (op.FRAME_ADDRESS, op.RETURN_ADDRESS):
                return True
            if value.call is not None and value.call.stack_alignment > 16:  # rsp is rounded down
                return True
    return False


def may_wrap(function: MachineFunction, options: CodeOptions) -> bool:
    source = function.source
    if source.naked or source.calls_setjmp or function.dynamic_stack or function.outgoing_alignment > 16:
        return False
    return not wants_frame_pointer(source, options) and not wants_canary(function, options)


def finish(function: MachineFunction, target: Target, options: CodeOptions, pool: ConstantPool) -> None:
    """Lay out the frame and make every instruction encodable."""
    FrameBuilder(function, target, options, pool).run()


@final
class FrameBuilder:
    def __init__(self, function: MachineFunction, target: Target, options: CodeOptions, pool: ConstantPool) -> None:
        self.function = function
        self.target = target
        self.options = options
        self.pool = pool
        self.pointer = wants_frame_pointer(function.source, options)
        self.saved: list[int] = []
        self.size = 0  # what the prologue subtracts from rsp
        self.below = 0  # CFA minus rsp after the prologue
        self.base = RSP
        self.base_offset = 0  # CFA minus the base register
        self.canary = -1
        self.failure: MachineBlock | None = None
        self.out: list[MachineInstruction] = []
        self.naked = function.source.naked
        self.realigned = function.outgoing_alignment > 16  # rsp, which needs a frame pointer
        self.first = function.blocks[0]  # where the prologue is

    def run(self) -> None:
        function = self.function
        self._choose_canary()
        self._lay_out()
        self.first = function.blocks[0]
        if function.wraps and (self.saved or self.size):
            self._wrap()
        for number, block in enumerate(list(function.blocks)):
            self._rewrite(block, number)
        if self.failure is not None:
            function.blocks.append(self.failure)

    # ---- layout

    def _choose_canary(self) -> None:
        if wants_canary(self.function, self.options):
            self.canary = self.function.new_slot(8, 8)
            self.function.has_calls = True  # of __stack_chk_fail

    def _lay_out(self) -> None:
        function = self.function
        for register in _PUSH_ORDER:
            if function.used_registers >> register & 1 and not (register == RBP and self.pointer):
                self.saved.append(register)
        if self.naked:
            self.saved = []
        depth = 8 + 8 * self.pointer + 8 * len(self.saved)  # from the CFA down
        top = depth
        aligned = function.has_calls or function.dynamic_stack
        order: list[FrameSlot] = []
        if self.canary >= 0:
            order.append(function.slots[self.canary])
        small: list[FrameSlot] = []
        for slot in function.slots:
            if slot.kind == SLOT_INCOMING or (order and slot is order[0]):
                continue
            if slot.is_array or slot.size > 64:
                order.append(slot)
            else:
                small.append(slot)
        order = small + order if self.pointer and self.canary < 0 else order + small
        for slot in order:
            depth += slot.size
            alignment = slot.alignment
            depth = (depth + alignment - 1) & -alignment
            slot.offset = -depth
            if alignment > 8:
                aligned = True
        if function.dynamic_stack:
            depth = (depth + 15) & -16
            function.outgoing_size = (function.outgoing_size + 15) & -16
        leaf = not function.has_calls and not function.dynamic_stack
        if leaf and self.options.red_zone and depth - top <= RED_ZONE and function.outgoing_size == 0:
            self.size = 0
            self.below = top
        else:
            depth += function.outgoing_size
            if aligned:
                depth = (depth + 15) & -16
            self.size = depth - top
            self.below = depth
        if self.pointer:
            self.base = RBP
            self.base_offset = 16
        else:
            self.base_offset = self.below

    # ---- code

    def _emit(self, operation: int, r0: int = -1, imm: int = 0) -> MachineInstruction:
        instruction = MachineInstruction(operation)
        instruction.r0 = r0
        instruction.imm = imm
        self.out.append(instruction)
        return instruction

    def _frame_information(self, kind: int, register: int, value: int) -> None:
        instruction = MachineInstruction(CALL_FRAME)
        instruction.imm = kind
        instruction.r0 = register
        instruction.displacement = value
        self.out.append(instruction)

    def _wrap(self) -> None:
        """Find a better place for the prologue than the entry."""
        function = self.function
        frame = 1 << RSP
        for register in self.saved:
            frame |= 1 << register
        needs = [_needs_frame(block, self.target, frame) for block in function.blocks]
        behind = shrink_wrapping.inside(function, needs, x.RET)
        if not behind:
            return
        self.first = shrink_wrapping.part(function, behind, self.target)
        self.out = []
        self._frame_information(CFI_DEF_CFA_OFFSET, 0, self.below)
        for number, register in enumerate(self.saved):
            self._frame_information(CFI_OFFSET, DWARF_NUMBERS[register], -16 - 8 * number)
        function.frame_rules = self.out
        self.out = []
        self._frame_information(CFI_DEF_CFA_OFFSET, 0, 8)
        for register in self.saved:
            self._frame_information(CFI_RESTORE, DWARF_NUMBERS[register], 0)
        function.bare_rules = self.out

    def _prologue(self) -> None:
        if self.naked:
            return
        cfa = 8
        if self.pointer:
            self._emit(x.PUSH64_R, RBP)
            cfa = 16
            self._frame_information(CFI_DEF_CFA_OFFSET, 0, 16)
            self._frame_information(CFI_OFFSET, DWARF_NUMBERS[RBP], -16)
            self._emit(x.MOV64_RR, RBP).r1 = RSP
            self._frame_information(CFI_DEF_CFA_REGISTER, DWARF_NUMBERS[RBP], 0)
        for register in self.saved:
            self._emit(x.PUSH64_R, register)
            cfa += 8
            if not self.pointer:
                self._frame_information(CFI_DEF_CFA_OFFSET, 0, cfa)
            self._frame_information(CFI_OFFSET, DWARF_NUMBERS[register], -cfa)
        if self.size:
            self._emit(x.SUB64_RI, RSP, self.size)
            if self.realigned:
                self._emit(x.AND64_RI, RSP, -self.function.outgoing_alignment)
            if not self.pointer:
                self._frame_information(CFI_DEF_CFA_OFFSET, 0, cfa + self.size)
        if self.canary >= 0:
            self._emit(x.MOV64_RM, R11).segment = FS
            self.out[-1].displacement = CANARY_OFFSET
            store = self._emit(x.MOV64_MR, R11)
            store.frame_slot = self.canary
            self._place(store)
            self._emit(x.XOR32_RR, R11).r1 = R11

    def _epilogue(self, last: bool) -> None:
        """In front of a ret; `last`: no code follows it."""
        if self.naked:
            return
        if self.canary >= 0:
            self._check_canary()
        if not self.pointer and not self.saved and not self.size:
            return
        if not last:
            self._frame_information(CFI_REMEMBER_STATE, 0, 0)
        cfa = self.below
        if self.pointer:
            if not self.saved:
                self._emit(x.LEAVE)
            else:
                if self.function.dynamic_stack or self.realigned:
                    lea = self._emit(x.LEA64_RM, RSP)
                    lea.base = RBP
                    lea.displacement = -8 * len(self.saved)
                elif self.size:
                    self._emit(x.ADD64_RI, RSP, self.size)
                for register in reversed(self.saved):
                    self._emit(x.POP64_R, register)
                self._emit(x.POP64_R, RBP)
            self._frame_information(CFI_DEF_CFA, DWARF_NUMBERS[RSP], 8)
            return
        if self.size:
            self._emit(x.ADD64_RI, RSP, self.size)
            cfa -= self.size
            self._frame_information(CFI_DEF_CFA_OFFSET, 0, cfa)
        for register in reversed(self.saved):
            self._emit(x.POP64_R, register)
            cfa -= 8
            self._frame_information(CFI_DEF_CFA_OFFSET, 0, cfa)

    def _check_canary(self) -> None:
        load = self._emit(x.MOV64_RM, R11)
        load.frame_slot = self.canary
        self._place(load)
        check = self._emit(x.SUB64_RM, R11)
        check.segment = FS
        check.displacement = CANARY_OFFSET
        if self.failure is None:
            block = self.function.new_block()
            call = MachineInstruction(x.CALL_SYMBOL)
            call.symbol = self.pool.function("__stack_chk_fail")
            call.symbol_kind = 4
            block.instructions.append(call)
            block.terminator = 1
            self.failure = block
        jump = self._emit(x.JCC)
        jump.condition = f.CC_NE
        jump.label = self.failure.label

    def _place(self, instruction: MachineInstruction) -> None:
        """Turn a frame slot into base and displacement."""
        slot = self.function.slots[instruction.frame_slot]
        instruction.base = self.base
        instruction.displacement += slot.offset + self.base_offset
        instruction.frame_slot = -1

    def _rewrite(self, block: MachineBlock, number: int) -> None:
        self.out = []
        if number == 0 and self.options.indirect_branch_tracking:
            self._emit(x.ENDBR64)
        if block is self.first:
            self._prologue()
        bare = block.id in self.function.bare
        last = number == len(self.function.blocks) - 1 and self.failure is None and not self.function.bare
        terminator = block.terminator
        new_terminator = -1
        for place, instruction in enumerate(block.instructions):
            operation = instruction.op
            if place == terminator:
                if operation == x.RET or operation == f.TAIL_CALL:
                    start = len(self.out)
                    if not bare:
                        self._epilogue(last)
                    new_terminator = len(self.out)
                    self._tail(instruction)
                    if not last and len(self.out) > start + 1 and not self.naked:
                        if self.pointer or self.saved or self.size:
                            self._frame_information(CFI_RESTORE_STATE, 0, 0)
                    continue
                new_terminator = len(self.out)
            if instruction.frame_slot >= 0 and operation != f.VA_SAVE:
                self._place(instruction)
            if instruction.places is not None:
                for operand in instruction.places:
                    if operand.memory is not None and operand.memory.frame_slot >= 0:
                        self._place(operand.memory)
            if operation >= x.FIRST_OPCODE or operation < 0:
                if operation != NOTHING:
                    self.out.append(instruction)
            else:
                self._expand(instruction)
        if self.options.optimize > 0:
            self.out = clear_with_xor(self.out)
            new_terminator = -1
        block.instructions = self.out
        block.terminator = new_terminator if new_terminator >= 0 else first_branch(self.out)

    def _tail(self, instruction: MachineInstruction) -> None:
        if instruction.op == x.RET:
            self.out.append(instruction)
            return
        if instruction.symbol is not None:
            instruction.op = x.JMP
        else:
            instruction.op = x.JMP_R
        self.out.append(instruction)

    # ---- pseudo instructions

    def _expand(self, instruction: MachineInstruction) -> None:
        operation = instruction.op
        if operation == f.ZERO_X:
            instruction.op = x.XORPS_XX
            instruction.r1 = instruction.r0
            self.out.append(instruction)
        elif operation == f.ONES_X:
            instruction.op = x.PCMPEQD_XX
            instruction.r1 = instruction.r0
            self.out.append(instruction)
        elif operation == f.SELECT_X:
            self._select(instruction)
        elif operation == f.VA_SAVE:
            self._save_arguments(instruction)
        elif operation == f.DYNAMIC_STACK:
            self._emit(x.SUB64_RR, RSP).r1 = instruction.r1
            if self.realigned:
                self._emit(x.AND64_RI, RSP, -self.function.outgoing_alignment)
            lea = self._emit(x.LEA64_RM, instruction.r0)
            lea.base = RSP
            lea.displacement = self.function.outgoing_size
        elif operation == f.TLS_GENERAL:
            self._general_dynamic(instruction)
        elif f.RMW_FIRST <= operation < f.RMW_FIRST + 8:
            self._exchange_loop(instruction)
        else:
            raise AssertionError(f"pseudo instruction {operation}")

    def _select(self, instruction: MachineInstruction) -> None:
        """if condition: r0 = r1"""
        label = Label(-1)
        condition = instruction.condition
        if condition == f.CC_UNORDERED_NOT_EQUAL:
            take = Label(-1)
            jump = self._emit(x.JCC)
            jump.condition = f.CC_P
            jump.label = take
            jump = self._emit(x.JCC)
            jump.condition = f.CC_E
            jump.label = label
            self._emit(BIND).label = take
        elif condition == f.CC_ORDERED_EQUAL:
            for code in (f.CC_NE, f.CC_P):
                jump = self._emit(x.JCC)
                jump.condition = code
                jump.label = label
        else:
            jump = self._emit(x.JCC)
            jump.condition = condition ^ 1
            jump.label = label
        self._emit(x.MOVAPS_XX, instruction.r0).r1 = instruction.r1
        self._emit(BIND).label = label

    def _save_arguments(self, instruction: MachineInstruction) -> None:
        """Fill the register save area (psABI 3.5.7)."""
        named = instruction.imm
        slot = self.function.slots[instruction.frame_slot]
        offset = slot.offset + self.base_offset
        for number, register in enumerate((7, 6, 2, 1, 8, 9)):
            if number >= named & 255:
                store = self._emit(x.MOV64_MR, register)
                store.base = self.base
                store.displacement = offset + 8 * number
        if named >> 8 >= 8 or self.options.no_sse:
            return
        label = Label(-1)
        self._emit(x.TEST8_RR, RAX).r1 = RAX
        jump = self._emit(x.JCC)
        jump.condition = f.CC_E
        jump.label = label
        for number in range(named >> 8, 8):
            store = self._emit(x.MOVAPS_MX, XMM0 + number)
            store.base = self.base
            store.displacement = offset + 48 + 16 * number
        self._emit(BIND).label = label

    def _general_dynamic(self, instruction: MachineInstruction) -> None:
        """The sequence that linkers know how to relax (ELF TLS, 4.1.3): 16 bytes, prefixes included."""
        self._emit(x.PREFIX_DATA16)
        lea = self._emit(x.LEA64_RM, RDI)
        lea.base = 40
        lea.symbol = instruction.symbol
        lea.symbol_kind = 7
        self._emit(x.PREFIX_DATA16)
        self._emit(x.PREFIX_DATA16)
        self._emit(x.PREFIX_REX64)
        call = self._emit(x.CALL_SYMBOL)
        call.symbol = self.pool.function("__tls_get_addr")
        call.symbol_kind = 4

    def _exchange_loop(self, instruction: MachineInstruction) -> None:
        """rax = old; do r0 = op(rax, r1) while (!cmpxchg(memory, rax -> r0))"""
        kind = instruction.imm
        operation = instruction.op - f.RMW_FIRST
        self._like(f.MOV_RM[kind], instruction).r0 = RAX
        label = Label(-1)
        self._emit(BIND).label = label
        scratch = instruction.r0
        self._emit(x.MOV64_RR, scratch).r1 = RAX
        family = {
            op.RMW_ADD: f.ADD_RR, op.RMW_SUB: f.SUB_RR, op.RMW_AND: f.AND_RR, op.RMW_OR: f.OR_RR, op.RMW_XOR: f.XOR_RR,
            op.RMW_NAND: f.AND_RR,
        }[operation]  # fmt: skip
        self._emit(family[kind], scratch).r1 = instruction.r1
        if operation == op.RMW_NAND:
            self._emit(f.NOT_R[kind], scratch)
        self._like(f.LOCK_CMPXCHG_MR[kind], instruction).r0 = scratch
        jump = self._emit(x.JCC)
        jump.condition = f.CC_NE
        jump.label = label

    def _like(self, operation: int, model: MachineInstruction) -> MachineInstruction:
        """An instruction with the memory operand of another one."""
        made = self._emit(operation)
        made.base = model.base
        made.index = model.index
        made.scale = model.scale
        made.displacement = model.displacement
        made.symbol = model.symbol
        made.symbol_kind = model.symbol_kind
        made.symbol_offset = model.symbol_offset
        made.segment = model.segment
        return made


def _needs_frame(block: MachineBlock, target: Target, frame: int) -> bool:
    """It calls, refers to the frame, or uses one of the registers in the mask `frame`."""
    reads: list[int] = []
    writes: list[int] = []
    effects(block, target, reads, writes)
    for place, instruction in enumerate(block.instructions):
        if instruction.op == x.RET:
            continue
        if (reads[place] | writes[place]) & frame or instruction.frame_slot >= 0 or instruction.assembly is not None:
            return True
        operation = instruction.op
        if (instruction.clobbers or operation in _NEEDING_FRAME) and operation != f.TAIL_CALL:
            return True
    return False


def first_branch(instructions: list[MachineInstruction]) -> int:
    """Index of the first of the branches that end the block."""
    index = len(instructions)
    while index > 0:
        last = instructions[index - 1]
        if last.op == CALL_FRAME or last.op in (x.JMP, x.JMP_R, x.RET) or (last.op == x.JCC and last.label is not None):
            index -= 1
        else:
            break
    return index


def clear_with_xor(instructions: list[MachineInstruction]) -> list[MachineInstruction]:
    """mov $0, r becomes xor r, r where nobody needs the flags."""
    needed = False
    for index in range(len(instructions) - 1, -1, -1):
        instruction = instructions[index]
        operation = instruction.op
        if operation < 0:
            if operation != CALL_FRAME:
                needed = False
            continue
        if operation == x.MOV32_RI or operation == x.MOV64_RI:
            if instruction.imm == 0 and instruction.symbol is None and not needed:
                instruction.op = x.XOR32_RR
                instruction.r1 = instruction.r0
            continue
        if FLAGS_READ[operation]:
            needed = True
        elif FLAGS_WRITTEN[operation]:
            needed = False
    return instructions


def bits_of(type: int) -> int:
    return ty.BITS[type & 255]
