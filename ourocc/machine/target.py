"""What the machine room asks of a target: tables indexed by operation or register class, and a few methods.

`targets/x86/target.py` and `targets/riscv/target.py` each have one concrete subclass.  Nothing outside of `targets/` knows
more about a target than this.
"""

from typing import Final

from ourocc.ir.function import CallInfo, Function, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.emit import CodeBuffer
from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction
from ourocc.machine.options import CodeOptions
from ourocc.objects.model import ObjectFile

# Target.roles[op]: what the operands of an instruction do.  Bits 2k and 2k+1 for register operand k.
ROLE_READ: Final = 1
ROLE_WRITE: Final = 2
ROLE_MEMORY: Final = 256  # base and index are read
ROLE_EARLY: Final = 512  # operand 0 is written before the others are read for the last time

# Target.moves[op]: instructions whose only effect is to write r0, for dead_moves.py
MOVE_PURE: Final = 1  # from registers and constants
MOVE_LOAD: Final = 2  # from memory
MOVE_COPY: Final = 4  # from r1, of the same bank
MOVE_LONG: Final = 8  # all bits of the register, not half of them and zeros
MOVE_MAKES: Final = 16  # r0 may be any other register of its bank


class AssemblyTextError(Exception):
    """A template or operand modifier of inline assembly that means nothing; the message is gcc's."""


class Target:
    """See the module's docstring.  Masks have a bit for each physical register."""

    def __init__(self) -> None:
        self.name = ""
        self.roles: list[int] = []
        self.moves: list[int] = []  # MOVE_ bits; empty: none are known
        self.return_operation = 0
        self.implicit_reads: list[int] = []  # masks of physical registers
        self.implicit_writes: list[int] = []
        self.banks: list[int] = [0, 1, 1]  # by register class
        self.slot_sizes: list[int] = [8, 8, 16]
        self.allocation_order: list[list[int]] = [[], []]  # by bank
        self.callee_saved = 0
        self.allocatable = 0
        self.elf_machine = 0
        self.elf_flags = 0
        self.pointer_size = 8
        self.function_alignment = 16
        self.frame_register = 0  # DWARF number of the frame pointer
        self.frame_register_offset = 0  # CFA minus frame pointer
        self.calls_for_bits = False  # clz, ctz and bswap are calls of the run-time library
        self.quad_in_integers = False  # binary128 travels in pairs of integer registers
        self.label_symbols: tuple[int, ...] = ()  # relocation types that need a symbol at a label, not section + offset

    # ---- the steps of compile_function that are the target's

    def prepare(self, function: Function, options: CodeOptions) -> None:
        """Set `allocatable` for this function."""
        raise NotImplementedError

    def select(self, function: Function, options: CodeOptions, pool: ConstantPool) -> MachineFunction:
        raise NotImplementedError

    def may_wrap(self, function: MachineFunction, options: CodeOptions) -> bool:
        """Frame layout can put the prologue elsewhere than at the entry."""
        return False

    def finish(self, function: MachineFunction, options: CodeOptions, pool: ConstantPool) -> None:
        """Frame layout, prologue, epilogue, expansion of pseudo instructions."""
        raise NotImplementedError

    # ---- for legalization

    def in_memory(self, type: int) -> bool:
        """Values of the type have no registers: they live in frame slots."""
        return False

    def call_info(self, arguments: list[int], results: list[int]) -> CallInfo:
        """How a library function with these scalar types is called."""
        raise NotImplementedError

    def has_vector_operation(self, value: Value) -> bool:
        """Selection handles this operation on vectors."""
        return False

    def lower_quad(self, function: Function, value: Value, out: list[Value]) -> bool:
        """An f128 operation that is no library call; False when selection handles it."""
        return False

    # ---- emission

    def new_buffer(self) -> CodeBuffer:
        raise NotImplementedError

    def encode(self, instruction: MachineInstruction, buffer: CodeBuffer) -> None:
        raise NotImplementedError

    def format(self, instruction: MachineInstruction) -> str:
        """The instruction as a line of assembly text, without indentation."""
        raise NotImplementedError

    def finish_object(self, obj: ObjectFile) -> None:
        """Add what the target has in every object."""

    def text_header(self) -> list[str]:
        """Directives at the start of every assembly text."""
        return []

    def assembly_text(self, instruction: MachineInstruction, number: int) -> str:
        """The text of an inline assembly statement with its operands; `number` is unique.  AssemblyTextError."""
        raise NotImplementedError

    def absolute_relocation(self, size: int) -> int:
        """The relocation type of an address in data."""
        raise NotImplementedError

    # ---- moves, for register allocation

    def copy(self, destination: int, source: int, register_class: int, width: int) -> MachineInstruction:
        raise NotImplementedError

    def load(self, destination: int, slot: int, register_class: int, width: int) -> MachineInstruction:
        raise NotImplementedError

    def store(self, source: int, slot: int, register_class: int, width: int) -> MachineInstruction:
        raise NotImplementedError

    def exchange(self, x: int, y: int, register_class: int) -> list[MachineInstruction]:
        """Instructions that swap two registers of one bank without a third one."""
        raise NotImplementedError

    def rematerialize(self, definition: MachineInstruction, destination: int) -> MachineInstruction:
        """A copy of `definition` that writes `destination`, and no flags."""
        raise NotImplementedError

    def fold_slot(self, instruction: MachineInstruction, operand: int, slot: int) -> bool:
        """Turn register operand `operand` into the frame slot in place; only asked where `foldable` said so."""
        raise NotImplementedError

    def foldable(self, instruction: MachineInstruction) -> int:
        """The register operand that could be a frame slot instead, or -1."""
        return -1

    # ---- branches, for block placement

    def jump_to(self, block: MachineBlock) -> MachineInstruction:
        """An unconditional jump."""
        raise NotImplementedError

    def is_jump(self, instruction: MachineInstruction) -> bool:
        """An unconditional direct jump to `label`."""
        raise NotImplementedError

    def is_conditional(self, instruction: MachineInstruction) -> bool:
        """A conditional branch to `label`."""
        raise NotImplementedError

    def invert(self, instruction: MachineInstruction) -> bool:
        """Turn a conditional branch into its opposite; False if it has none."""
        raise NotImplementedError

    def bank_of(self, register: int) -> int:
        """The bank of a physical register."""
        raise NotImplementedError
