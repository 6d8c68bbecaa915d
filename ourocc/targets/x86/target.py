"""x86-64 as the machine room sees it: operand roles, registers, moves, branches."""

from typing import final

from ourocc.ir import types as ty
from ourocc.ir.function import ON_STACK, CallInfo, Function, PieceLocation, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.emit import CodeBuffer
from ourocc.machine.function import CLASS_FLOAT, CLASS_INTEGER, MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import (
    MOVE_COPY,
    MOVE_LOAD,
    MOVE_LONG,
    MOVE_MAKES,
    MOVE_PURE,
    ROLE_EARLY,
    ROLE_MEMORY,
    Target,
)
from ourocc.objects.model import EM_X86_64
from ourocc.targets.generated import x86_opcodes as x
from ourocc.targets.generated.x86_properties import (
    IMPLICIT_READS,
    IMPLICIT_WRITES,
    MEMORY,
    PROPERTIES,
    READS,
    WRITES,
)
from ourocc.targets.x86 import families as f
from ourocc.targets.x86 import frame
from ourocc.targets.x86.asm_text import assembly_text
from ourocc.targets.x86.encode import encode, new_buffer
from ourocc.targets.x86.registers import RBP, RSP
from ourocc.targets.x86.select import select_function
from ourocc.targets.x86.select_vector import has_operation

_ARGUMENTS = (7, 6, 2, 1, 8, 9)
_CALLER_SAVED = [0, 1, 2, 6, 7, 8, 9, 10, 11]
_CALLEE_SAVED = [3, 12, 13, 14, 15, 5]


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
    roles[f.SELECT_X] = 1 | 2 | 4
    roles[f.ZERO_X] = 2
    roles[f.ONES_X] = 2
    roles[f.TAIL_CALL] = 1
    roles[f.DYNAMIC_STACK] = 2 | 4 | ROLE_EARLY
    for number in range(8):
        roles[f.RMW_FIRST + number] = 2 | 4 | ROLE_MEMORY | ROLE_EARLY
    return roles


def moves() -> list[int]:
    """Target.moves."""
    result = [0] * x.OPCODE_COUNT
    result[x.MOV32_RR] = MOVE_PURE | MOVE_COPY | MOVE_MAKES
    result[x.MOV64_RR] = MOVE_PURE | MOVE_COPY | MOVE_MAKES | MOVE_LONG
    result[x.MOV32_RI] = MOVE_PURE | MOVE_MAKES
    result[x.MOV64_RI] = result[x.MOVABS64_RI] = MOVE_PURE | MOVE_MAKES | MOVE_LONG
    result[x.LEA32_RM] = MOVE_PURE | MOVE_MAKES
    result[x.LEA64_RM] = MOVE_PURE | MOVE_MAKES | MOVE_LONG
    result[x.MOV32_RM] = MOVE_LOAD | MOVE_MAKES
    result[x.MOV64_RM] = MOVE_LOAD | MOVE_MAKES | MOVE_LONG
    result[x.MOVSS_XM] = result[x.MOVSD_XM] = result[x.MOVAPS_XM] = MOVE_LOAD
    result[x.MOVAPS_XX] = MOVE_PURE | MOVE_LONG
    return result


def foldable_operands() -> list[int]:
    """By opcode: the register operand that may be a frame slot instead (in bits 0-1), plus one, and the opcode with it."""
    names: dict[str, int] = {}
    for name in dir(x):
        if name[0] != "_" and name not in ("Final", "OPCODE_COUNT", "FIRST_OPCODE"):
            names[name] = getattr(x, name)
    result = [0] * x.OPCODE_COUNT
    for name, operation in names.items():
        head, _, tail = name.rpartition("_")
        if not head or head.startswith(("MOVS", "XCHG", "CMPXCHG", "XADD")) and head[:4] != "MOVS":
            continue
        other = ""
        if tail in ("RR", "XX", "RX", "XR"):
            other = f"{head}_{tail[0]}M"
        elif tail in ("RR8", "RR16", "RR32"):
            other = f"{head}_RM{tail[2:]}"
        elif tail == "RRI" and head.startswith("IMUL"):
            other = f"{head}_RMI"
        if other in names and not READS[operation] & WRITES[operation] & 2:
            memory = names[other]
            if READS[memory] & 1 == READS[operation] & 1 and WRITES[memory] == WRITES[operation]:
                result[operation] = memory << 2 | 2
    for head in ("IDIV", "DIV", "MUL", "IMUL"):
        for width in ("32", "64"):
            result[names[f"{head}{width}_R"]] = names[f"{head}{width}_M"] << 2 | 1
    for width in ("32", "64"):
        result[names[f"CMP{width}_RI"]] = names[f"CMP{width}_MI"] << 2 | 1
    result[names["CALL_R"]] = names["CALL_M"] << 2 | 1
    return result


@final
class X86Target(Target):
    def __init__(self) -> None:
        super().__init__()
        self.name = "x86"
        self.elf_machine = EM_X86_64
        self.frame_register = 6
        self.frame_register_offset = 16
        self.roles = operand_roles()
        self.moves = moves()
        self.return_operation = x.RET
        self.implicit_reads = list(IMPLICIT_READS)
        self.implicit_writes = list(IMPLICIT_WRITES)
        self.allocation_order = [_CALLER_SAVED + _CALLEE_SAVED, list(range(16, 32))]
        self.callee_saved = sum(1 << register for register in _CALLEE_SAVED)
        self.allocatable = 0xFFFFFFFF & ~(1 << RSP)
        self.folds = foldable_operands()

    def prepare(self, function: Function, options: CodeOptions) -> None:
        """Registers that this function may use."""
        self.allocatable = 0xFFFFFFFF & ~(1 << RSP)
        if frame.wants_frame_pointer(function, options):
            self.allocatable &= ~(1 << RBP)
        if options.no_sse:
            self.allocatable &= 0xFFFF

    def select(self, function: Function, options: CodeOptions, pool: ConstantPool) -> MachineFunction:
        return select_function(function, options, pool)

    def may_wrap(self, function: MachineFunction, options: CodeOptions) -> bool:
        return frame.may_wrap(function, options)

    def finish(self, function: MachineFunction, options: CodeOptions, pool: ConstantPool) -> None:
        frame.finish(function, self, options, pool)

    def in_memory(self, type: int) -> bool:
        return type == ty.F80

    def has_vector_operation(self, value: Value) -> bool:
        return has_operation(value)

    def call_info(self, arguments: list[int], results: list[int]) -> CallInfo:
        info = CallInfo()
        integers = 0
        floats = 0
        for type in arguments:
            if type <= ty.PTR:
                info.argument_locations.append(PieceLocation(type, _ARGUMENTS[integers], 0))
                integers += 1
            elif type == ty.F80:
                info.argument_locations.append(PieceLocation(type, ON_STACK, info.stack_size))
                info.stack_size += 16
            else:
                info.argument_locations.append(PieceLocation(type, 16 + floats, 0))
                floats += 1
            info.byval_sizes.append(0)
        for number, type in enumerate(results):
            if type <= ty.PTR:
                register = 2 if number else 0
            else:
                register = 32 if type == ty.F80 else 16 + number
            info.result_locations.append(PieceLocation(type, register, 0))
        return info

    # ---- moves

    def copy(self, destination: int, source: int, register_class: int, width: int) -> MachineInstruction:
        if destination >= 16:
            operation = x.MOVAPS_XX if source >= 16 else x.MOVQ_XR
        elif source >= 16:
            operation = x.MOVQ_RX
        else:
            operation = x.MOV32_RR if width <= 4 else x.MOV64_RR
        instruction = MachineInstruction(operation)
        instruction.r0 = destination
        instruction.r1 = source
        return instruction

    def load(self, destination: int, slot: int, register_class: int, width: int) -> MachineInstruction:
        if register_class == CLASS_INTEGER:
            operation = x.MOV32_RM if width <= 4 else x.MOV64_RM
        elif register_class == CLASS_FLOAT:
            operation = x.MOVSS_XM if width <= 4 else x.MOVSD_XM
        else:
            operation = x.MOVAPS_XM
        instruction = MachineInstruction(operation)
        instruction.r0 = destination
        instruction.frame_slot = slot
        return instruction

    def store(self, source: int, slot: int, register_class: int, width: int) -> MachineInstruction:
        if register_class == CLASS_INTEGER:
            operation = x.MOV64_MR
        elif register_class == CLASS_FLOAT:
            operation = x.MOVSS_MX if width <= 4 else x.MOVSD_MX
        else:
            operation = x.MOVAPS_MX
        instruction = MachineInstruction(operation)
        instruction.r0 = source
        instruction.frame_slot = slot
        return instruction

    def exchange(self, a: int, b: int, register_class: int) -> list[MachineInstruction]:
        if a < 16:
            instruction = MachineInstruction(x.XCHG64_RR)
            instruction.r0 = a
            instruction.r1 = b
            return [instruction]
        result: list[MachineInstruction] = []
        for left, right in ((a, b), (b, a), (a, b)):
            instruction = MachineInstruction(x.XORPS_XX)
            instruction.r0 = left
            instruction.r1 = right
            result.append(instruction)
        return result

    def rematerialize(self, definition: MachineInstruction, destination: int) -> MachineInstruction:
        made = MachineInstruction(definition.op)
        made.r0 = destination
        made.base = definition.base
        made.index = definition.index
        made.scale = definition.scale
        made.displacement = definition.displacement
        made.segment = definition.segment
        made.imm = definition.imm
        made.symbol = definition.symbol
        made.symbol_kind = definition.symbol_kind
        made.symbol_offset = definition.symbol_offset
        made.label = definition.label
        made.frame_slot = definition.frame_slot
        made.position = definition.position
        return made

    def foldable(self, instruction: MachineInstruction) -> int:
        return (self.folds[instruction.op] & 3) - 1

    def fold_slot(self, instruction: MachineInstruction, operand: int, slot: int) -> bool:
        entry = self.folds[instruction.op]
        if (entry & 3) - 1 != operand or instruction.frame_slot >= 0 or instruction.base >= 0:
            return False
        instruction.op = entry >> 2
        instruction.frame_slot = slot
        if operand == 0:
            instruction.r0 = -1
        else:
            instruction.r1 = -1
        return True

    def bank_of(self, register: int) -> int:
        return 0 if register < 16 else 1

    # ---- branches

    def jump_to(self, block: MachineBlock) -> MachineInstruction:
        instruction = MachineInstruction(x.JMP)
        instruction.label = block.label
        return instruction

    def is_jump(self, instruction: MachineInstruction) -> bool:
        return instruction.op == x.JMP and instruction.label is not None

    def is_conditional(self, instruction: MachineInstruction) -> bool:
        return instruction.op == x.JCC and instruction.label is not None

    def absolute_relocation(self, size: int) -> int:
        return {8: 1, 4: 10, 2: 12, 1: 14}[size]

    def invert(self, instruction: MachineInstruction) -> bool:
        if instruction.op != x.JCC:
            return False
        instruction.condition ^= 1
        return True

    # ---- encoding

    def format(self, instruction: MachineInstruction) -> str:
        from ourocc.targets.x86.printer import format_instruction

        return format_instruction(instruction)

    def assembly_text(self, instruction: MachineInstruction, number: int) -> str:
        return assembly_text(instruction, number)

    def new_buffer(self) -> CodeBuffer:
        return new_buffer()

    def encode(self, instruction: MachineInstruction, buffer: CodeBuffer) -> None:
        encode(instruction, buffer)

