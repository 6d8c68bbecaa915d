"""What the assembler asks of a target: instruction syntax, relocation types, register numbers of call frames."""

from typing import TYPE_CHECKING

from ourocc.machine.emit import BranchWriter
from ourocc.objects import model

if TYPE_CHECKING:
    from ourocc.assembler.assembler import Assembler


class TargetAssembler:
    """One subclass per target, without state beyond options that directives set."""

    machine = 0  # e_machine

    def new_branches(self) -> BranchWriter:
        raise NotImplementedError

    def flags(self) -> int:
        """e_flags of the object."""
        return 0

    def instruction(self, assembler: "Assembler", mnemonic: str, operands: str) -> None:
        """Encode one instruction into the current buffer."""
        raise NotImplementedError

    def directive(self, assembler: "Assembler", name: str, rest: str) -> bool:
        """A directive that only this target has; False when it is unknown."""
        return False

    def is_thread_local(self, type: int) -> bool:
        """Whether the relocation type is one of thread-local symbols."""
        return False

    def table_relocation(self, type: int) -> tuple[int, int]:
        """What a relocation against _GLOBAL_OFFSET_TABLE_ becomes, and what its addend grows by."""
        return type, 0

    def data_relocation(self, size: int, relative: bool, modifier: str) -> int:
        """The relocation type of a data field, -1 when there is none."""
        raise NotImplementedError

    def relative_size(self, type: int) -> int:
        """The field size of a pc-relative relocation that may be resolved within a section, else 0."""
        raise NotImplementedError

    def absolute_size(self, type: int) -> int:
        """The field size of a relocation that stores a plain value, else 0."""
        raise NotImplementedError

    def keeps_symbol(self, type: int) -> bool:
        """The relocation must name the symbol itself, not section plus offset."""
        return False

    def patch_relative(self, data: bytearray, offset: int, type: int, distance: int) -> bool:
        """Resolve a pc-relative relocation of an instruction field; False when it must stay."""
        return False

    def finish_object(self, obj: model.ObjectFile) -> None:
        """Add what the target has in every object."""

    def section_type(self, type: int) -> int:
        """The type to use when the relocation is made against a section."""
        return type

    def difference_relocations(self, size: int) -> tuple[int, int]:
        """Types of an addition and a subtraction that make a difference of symbols, (-1, -1) for none."""
        return -1, -1

    def frame_register(self, name: str) -> int:
        """The DWARF number of a register in a .cfi directive."""
        raise NotImplementedError

    def code_alignment_fill(self) -> int:
        """What .align pads code with: -1 for instructions that do nothing."""
        return -1

    def align_is_power(self) -> bool:
        """Whether the argument of .align is an exponent."""
        return False

    def directive_aliases(self) -> dict[str, str]:
        """Directives that mean another one on this target: name to name in the common table."""
        return {}

    def relocation_number(self, name: str) -> int:
        """The relocation type of a .reloc directive by its psABI name, -1 when unknown."""
        return -1
