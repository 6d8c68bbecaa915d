"""What the machine room asks of a target: tables indexed by operation or register class, and a few methods.

`targets/x86/target.py` and `targets/riscv/target.py` each have one concrete subclass.  Nothing outside of `targets/` knows
more about a target than this.
"""

from typing import Final

from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.instruction import MachineInstruction

# Target.roles[op]: what the operands of an instruction do.  Bits 2k and 2k+1 for register operand k.
ROLE_READ: Final = 1
ROLE_WRITE: Final = 2
ROLE_MEMORY: Final = 256  # base and index are read
ROLE_EARLY: Final = 512  # operand 0 is written before the others are read for the last time


class Target:
    """See the module's docstring.  Masks have a bit for each physical register."""

    def __init__(self) -> None:
        self.name = ""
        self.roles: list[int] = []
        self.implicit_reads: list[int] = []  # masks of physical registers
        self.implicit_writes: list[int] = []
        self.banks: list[int] = [0, 1, 1]  # by register class
        self.slot_sizes: list[int] = [8, 8, 16]
        self.allocation_order: list[list[int]] = [[], []]  # by bank
        self.callee_saved = 0
        self.allocatable = 0

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

    def invert(self, instruction: MachineInstruction) -> bool:
        """Turn a conditional branch into its opposite; False if it has none."""
        raise NotImplementedError

    def bank_of(self, register: int) -> int:
        """The bank of a physical register."""
        raise NotImplementedError

    def is_dead_code_safe(self, function: MachineFunction) -> bool:
        return True
