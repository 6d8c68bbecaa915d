"""Functions in machine form: blocks of `MachineInstruction`s, phis, virtual registers, frame slots, jump tables.

In: made by instruction selection.  Out: changed in place by register allocation, frame layout and block placement, then
encoded.  The last instructions of a block (from `terminator` on) are branches with `label` set to a block's label: any
number of conditional ones, then one that never falls through.  `block_placement` drops or inverts what the layout spares.
"""

from typing import Final, final

from ourocc.ir.function import Block, Function, Symbol, Value
from ourocc.machine.instruction import FIRST_VIRTUAL, Label, MachineInstruction

# Register classes: what a virtual register holds.  Their banks are the target's.
CLASS_INTEGER: Final = 0
CLASS_FLOAT: Final = 1  # f32, f64
CLASS_VECTOR: Final = 2  # 16 bytes

# Kinds of frame slots that do not lie in the frame's local area
SLOT_LOCAL: Final = 0
SLOT_INCOMING: Final = 1  # the caller's argument area: offset from its start
SLOT_OUTGOING: Final = 2  # the area for arguments of calls, at the stack pointer
SLOT_FRAME_END: Final = 3  # what lies right above the local area (saved registers, return address)


@final
class MachinePhi:
    """destination = arguments[i] on entry from predecessors[i]; all are virtual registers."""

    def __init__(self, destination: int, arguments: list[int]) -> None:
        self.destination = destination
        self.arguments = arguments


@final
class MachineBlock:
    def __init__(self, id: int) -> None:
        self.id = id
        self.label = Label(id)
        self.instructions: list[MachineInstruction] = []
        self.terminator = 0  # index of the first branch
        self.phis: list[MachinePhi] = []
        self.successors: list[MachineBlock] = []
        self.predecessors: list[MachineBlock] = []
        self.frequency = 1  # estimated executions for 16 of the function
        self.depth = 0  # loops around it
        self.loop_header = False
        self.cold = False
        self.unsplittable = False  # reached by indirect jumps: nothing can be put on those edges
        self.start = 0  # positions, see live_ranges.py
        self.end = 0
        self.alignment = 1
        self.padding_limit = 0  # no alignment that needs more bytes than this
        self.pinned = False  # its address is taken
        self.source: Block | None = None


@final
class FrameSlot:
    """A piece of the stack frame; `offset` (from the place that `kind` names) is set by frame layout for local ones."""

    def __init__(self, kind: int, size: int, alignment: int, offset: int = 0) -> None:
        self.kind = kind
        self.size = size
        self.alignment = alignment
        self.offset = offset
        self.value: Value | None = None  # the alloca that it is for
        # For the stack protector
        self.is_array = False
        self.is_buffer = False  # a character array of at least 8 bytes
        self.escapes = False  # its address goes elsewhere than into loads and stores


@final
class JumpTable:
    """Addresses of blocks; `label` is the place of the table."""

    def __init__(self, label: Label, owner: MachineBlock, targets: list[MachineBlock]) -> None:
        self.label = label
        self.owner = owner  # the block that jumps through it
        self.targets = targets


@final
class MachineFunction:
    def __init__(self, name: str, symbol: Symbol, source: Function) -> None:
        self.name = name
        self.symbol = symbol
        self.source = source
        self.blocks: list[MachineBlock] = []
        self.block_count = 0
        self.classes: list[int] = []  # class of virtual register FIRST_VIRTUAL + i
        self.widths: list[int] = []  # bytes of its value that matter
        self.definitions: list[MachineInstruction | None] = []  # instruction that recomputes it anywhere
        self.floating: list[int] = []  # indices of registers with a definition that is only wanted within loops
        self.slots: list[FrameSlot] = []
        self.jump_tables: list[JumpTable] = []
        self.outgoing_size = 0  # bytes for stack arguments of calls
        self.outgoing_alignment = 16  # more when an over-aligned object is passed on the stack
        self.has_calls = False
        self.used_registers = 0  # mask, after allocation
        self.dynamic_stack = False
        self.needs_frame_pointer = False
        self.wraps = False  # its frame may be set up later than at the entry (shrink_wrapping.py)
        self.bare: set[int] = set()  # ids of the blocks that run without the frame; empty: none
        self.framed_from = -1  # else: id of the block that begins with the prologue
        self.frame_rules: list[MachineInstruction] = []  # else: call frame information that holds in the other blocks
        self.bare_rules: list[MachineInstruction] = []  # and in these

    def new_block(self) -> MachineBlock:
        """A block that the caller puts into `blocks`."""
        block = MachineBlock(self.block_count)
        self.block_count += 1
        return block

    def new_register(self, register_class: int, width: int) -> int:
        self.classes.append(register_class)
        self.widths.append(width)
        self.definitions.append(None)
        return FIRST_VIRTUAL + len(self.classes) - 1

    def new_slot(self, size: int, alignment: int) -> int:
        self.slots.append(FrameSlot(SLOT_LOCAL, size, alignment))
        return len(self.slots) - 1

    def incoming_slot(self, offset: int, size: int) -> int:
        """A slot in the caller's argument area."""
        self.slots.append(FrameSlot(SLOT_INCOMING, size, 8, offset))
        return len(self.slots) - 1

    def retarget(self, predecessor: MachineBlock, old: MachineBlock, new: MachineBlock) -> None:
        """Make the edge predecessor -> old go to `new`; the predecessors of both are the caller's to set."""
        for instruction in predecessor.instructions[predecessor.terminator :]:
            if instruction.label is old.label:
                instruction.label = new.label
            if instruction.places is not None:
                for place in instruction.places:
                    if place.label is old.label:
                        place.label = new.label
        for table in self.jump_tables:
            if table.owner is predecessor:
                table.targets = [new if target is old else target for target in table.targets]
        predecessor.successors = [new if successor is old else successor for successor in predecessor.successors]
