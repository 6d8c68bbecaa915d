"""RISC-V 64 as the machine room sees it: operand roles, registers, moves, branches."""

from typing import Final, final

from ourocc.ir import types as ty
from ourocc.ir.function import CallInfo, Function, PieceLocation
from ourocc.machine.constants import ConstantPool
from ourocc.machine.emit import CodeBuffer
from ourocc.machine.function import CLASS_FLOAT, CLASS_INTEGER, MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import ROLE_EARLY, ROLE_MEMORY, Target
from ourocc.objects.model import EM_RISCV, ObjectFile
from ourocc.targets.generated import riscv_opcodes as x
from ourocc.targets.generated.riscv_properties import (
    IMPLICIT_READS,
    IMPLICIT_WRITES,
    MEMORY,
    PROPERTIES,
    READS,
    WRITES,
)
from ourocc.targets.riscv import families as f
from ourocc.targets.riscv import frame
from ourocc.targets.riscv.asm_text import assembly_text
from ourocc.targets.riscv.attributes import attribute_directives, write_attributes
from ourocc.targets.riscv.encode import encode, new_buffer
from ourocc.targets.riscv.registers import A0, F0, FA0, FP, T6
from ourocc.targets.riscv.select import select_function

EF_RISCV_FLOAT_ABI_DOUBLE: Final = 4
R_RISCV_32: Final = 1
R_RISCV_64: Final = 2
R_RISCV_PCREL_LO12_I: Final = 24
R_RISCV_PCREL_LO12_S: Final = 25
_CALLER_SAVED: Final = [15, 14, 13, 12, 11, 10, 16, 17, 5, 6, 7, 28, 29, 30]
_CALLEE_SAVED: Final = [9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 8]
_FLOAT_CALLER_SAVED: Final = [47, 46, 45, 44, 43, 42, 48, 49, 32, 33, 34, 35, 36, 37, 38, 39, 60, 61, 62, 63]
_FLOAT_CALLEE_SAVED: Final = [40, 41, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]
# All but x0, ra, sp, gp, tp and t6, which expansions use
_ALLOCATABLE: Final = 0xFFFFFFFF_7FFFFFE0


def operand_roles() -> list[int]:
    """Target.roles from the instruction table, and of the pseudo instructions."""
    roles: list[int] = []
    for operation in range(x.OPCODE_COUNT):
        role = 0
        for operand in range(4):
            if READS[operation] >> operand & 1:
                role |= 1 << 2 * operand
            if WRITES[operation] >> operand & 1:
                role |= 2 << 2 * operand
        if PROPERTIES[operation] & MEMORY:
            role |= ROLE_MEMORY
        roles.append(role)
    roles[f.SELECT] = 1 | 2 | 4 | 16 | 64
    for operation in (f.TLS_LOCAL, f.TLS_INITIAL, f.SLOT_ADDRESS, f.ADDRESS):
        roles[operation] = 2
    roles[f.DYNAMIC_STACK] = 2 | 4 | ROLE_EARLY
    roles[f.RMW_LOOP] = 2 | 4 | 16 | ROLE_MEMORY | ROLE_EARLY
    roles[f.CAS_LOOP] = 2 | 4 | 16 | ROLE_MEMORY | ROLE_EARLY
    roles[f.CAS_MASKED] = 2 | 4 | 16 | 64 | ROLE_MEMORY | ROLE_EARLY
    return roles


def move(operation: int, destination: int, source: int) -> MachineInstruction:
    instruction = MachineInstruction(operation)
    instruction.r0 = destination
    instruction.r1 = source
    return instruction


@final
class RiscvTarget(Target):
    def __init__(self) -> None:
        super().__init__()
        self.name = "riscv"
        self.elf_machine = EM_RISCV
        self.elf_flags = EF_RISCV_FLOAT_ABI_DOUBLE
        self.roles = operand_roles()
        self.implicit_reads = list(IMPLICIT_READS)
        self.implicit_writes = list(IMPLICIT_WRITES)
        self.allocation_order = [_CALLER_SAVED + _CALLEE_SAVED, _FLOAT_CALLER_SAVED + _FLOAT_CALLEE_SAVED]
        self.callee_saved = sum(1 << register for register in _CALLEE_SAVED + _FLOAT_CALLEE_SAVED)
        self.allocatable = _ALLOCATABLE
        self.function_alignment = 4
        self.frame_register = 8
        self.return_operation = x.RET
        self.calls_for_bits = True
        self.quad_in_integers = True
        self.label_symbols = (R_RISCV_PCREL_LO12_I, R_RISCV_PCREL_LO12_S)

    def prepare(self, function: Function, options: CodeOptions) -> None:
        """Registers that this function may use."""
        self.allocatable = _ALLOCATABLE
        if frame.wants_frame_pointer(function, options):
            self.allocatable &= ~(1 << FP)

    def select(self, function: Function, options: CodeOptions, pool: ConstantPool) -> MachineFunction:
        return select_function(function, options, pool)

    def finish(self, function: MachineFunction, options: CodeOptions, pool: ConstantPool) -> None:
        frame.finish(function, options, pool)

    def in_memory(self, type: int) -> bool:
        return type > 255

    def call_info(self, arguments: list[int], results: list[int]) -> CallInfo:
        info = CallInfo()
        integers = 0
        floats = 0
        for type in arguments:
            if type <= ty.PTR:
                info.argument_locations.append(PieceLocation(type, A0 + integers, 0))
                integers += 1
            else:
                info.argument_locations.append(PieceLocation(type, FA0 + floats, 0))
                floats += 1
            info.byval_sizes.append(0)
        for number, type in enumerate(results):
            info.result_locations.append(PieceLocation(type, (A0 if type <= ty.PTR else FA0) + number, 0))
        return info

    # ---- moves

    def copy(self, destination: int, source: int, register_class: int, width: int) -> MachineInstruction:
        if destination >= F0:
            return move(x.FMV_D if source >= F0 else x.FMV_D_X, destination, source)
        return move(x.FMV_X_D if source >= F0 else x.MV, destination, source)

    def load(self, destination: int, slot: int, register_class: int, width: int) -> MachineInstruction:
        if register_class == CLASS_INTEGER:
            operation = x.LW if width <= 4 else x.LD
        else:
            operation = x.FLW if register_class == CLASS_FLOAT and width <= 4 else x.FLD
        instruction = MachineInstruction(operation)
        instruction.r0 = destination
        instruction.frame_slot = slot
        return instruction

    def store(self, source: int, slot: int, register_class: int, width: int) -> MachineInstruction:
        if register_class == CLASS_INTEGER:
            operation = x.SD
        else:
            operation = x.FSW if register_class == CLASS_FLOAT and width <= 4 else x.FSD
        instruction = MachineInstruction(operation)
        instruction.r0 = source
        instruction.frame_slot = slot
        return instruction

    def exchange(self, a: int, b: int, register_class: int) -> list[MachineInstruction]:
        if a < F0:
            return [move(x.MV, T6, a), move(x.MV, a, b), move(x.MV, b, T6)]
        return [move(x.FMV_X_D, T6, a), move(x.FMV_D, a, b), move(x.FMV_D_X, b, T6)]

    def rematerialize(self, definition: MachineInstruction, destination: int) -> MachineInstruction:
        made = MachineInstruction(definition.op)
        made.r0 = destination
        made.r1 = definition.r1
        made.base = definition.base
        made.displacement = definition.displacement
        made.imm = definition.imm
        made.symbol = definition.symbol
        made.symbol_kind = definition.symbol_kind
        made.symbol_offset = definition.symbol_offset
        made.label = definition.label
        made.frame_slot = definition.frame_slot
        made.position = definition.position
        return made

    def bank_of(self, register: int) -> int:
        return 0 if register < F0 else 1

    # ---- branches

    def jump_to(self, block: MachineBlock) -> MachineInstruction:
        instruction = MachineInstruction(x.J)
        instruction.label = block.label
        return instruction

    def is_jump(self, instruction: MachineInstruction) -> bool:
        return instruction.op == x.J and instruction.label is not None

    def is_conditional(self, instruction: MachineInstruction) -> bool:
        return x.BEQ <= instruction.op <= x.BGEU and instruction.label is not None

    def absolute_relocation(self, size: int) -> int:
        return {8: R_RISCV_64, 4: R_RISCV_32}[size]

    def invert(self, instruction: MachineInstruction) -> bool:
        if not x.BEQ <= instruction.op <= x.BGEU:
            return False
        instruction.op ^= 1
        return True

    # ---- encoding

    def finish_object(self, obj: ObjectFile) -> None:
        write_attributes(obj)

    def text_header(self) -> list[str]:
        return attribute_directives()

    def format(self, instruction: MachineInstruction) -> str:
        from ourocc.targets.riscv.printer import format_instruction

        return format_instruction(instruction)

    def assembly_text(self, instruction: MachineInstruction, number: int) -> str:
        return assembly_text(instruction, number)

    def new_buffer(self) -> CodeBuffer:
        return new_buffer()

    def encode(self, instruction: MachineInstruction, buffer: CodeBuffer) -> None:
        encode(instruction, buffer)
