"""Machine IR: one flat class for every instruction of every target.

Registers are numbers: 0..63 are the target's physical registers (targets/<t>/registers.py), FIRST_VIRTUAL and up are
virtual ones, NO_REGISTER means none.  What each operand means (read, written, tied, implicit) is the instruction
table's business: `targets/generated/<t>_properties.py`.
"""

from typing import Final, final

from ourocc.ir.function import AsmInfo, Symbol

NO_REGISTER: Final = -1
FIRST_VIRTUAL: Final = 64

# Operations that every target has; they are negative, a target's own are not.  None of them is encoded as it stands.
COPY: Final = -1  # r0 = r1, any two registers of one bank, or of a bank and a spilled virtual register
INLINE_ASSEMBLY: Final = -2  # `assembly`; inputs in `uses`, outputs in `defines`
CALL_FRAME: Final = -3  # call frame information: imm is the CFI_ kind, r0 the register, displacement the value
BIND: Final = -4  # `label` is here (inside a block)
NOTHING: Final = -5  # no code
JUMP_TABLE_DATA: Final = -6
KEEP: Final = -7  # reads `uses`, no code: their values live up to here

_NO_REGISTERS: Final[list[int]] = []  # shared by all instructions that have none: never changed in place

# How `symbol` is meant (x86: in the displacement or immediate; RISC-V: in the immediate)
SYMBOL_NONE: Final = 0
SYMBOL_ABSOLUTE: Final = 1  # its address, sign- or zero-extended 32 bits, or 64 bits
SYMBOL_PC_RELATIVE: Final = 2
SYMBOL_GOT: Final = 3  # pc-relative address of its GOT entry
SYMBOL_PLT: Final = 4  # pc-relative call target
SYMBOL_TPOFF: Final = 5  # offset from the thread pointer (local exec)
SYMBOL_GOTTPOFF: Final = 6  # pc-relative address of the GOT entry with the TP offset (initial exec)
SYMBOL_TLSGD: Final = 7
SYMBOL_TLSLD: Final = 8
SYMBOL_DTPOFF: Final = 9
SYMBOL_HIGH: Final = 10  # RISC-V %hi, %pcrel_hi ...: see targets/riscv
SYMBOL_LOW: Final = 11
SYMBOL_PCREL_HIGH: Final = 12
SYMBOL_PCREL_LOW: Final = 13
SYMBOL_TPREL_HIGH: Final = 14
SYMBOL_TPREL_LOW: Final = 15
SYMBOL_TPREL_ADD: Final = 16
SYMBOL_GOT_HIGH: Final = 17
SYMBOL_TLS_GOT_HIGH: Final = 18
SYMBOL_TLS_GD_HIGH: Final = 19
SYMBOL_SIZE: Final = 20
SYMBOL_TLSDESC: Final = 21


@final
class Label:
    """A place in the code being emitted (block start, jump table, local label).  `offset` is set when it is bound."""

    def __init__(self, id: int) -> None:
        self.id = id
        self.offset = -1
        self.rank = 0  # with `offset` the place in a CodeBuffer under construction: see emit.py
        self.name = ""  # for -S


@final
class AssemblyPlace:
    """Where an operand of an inline assembly statement ended up: a register, memory (in the fields of `memory`), a
    constant or symbol (`memory.imm`, `memory.symbol`), or a label."""

    def __init__(self, kind: int) -> None:
        self.kind = kind  # PLACE_*
        self.use = -1  # index into `uses` of the instruction (PLACE_REGISTER; base of memory)
        self.define = -1  # index into `defines`
        self.index_use = -1  # memory: index register, an index into `uses`
        self.register = NO_REGISTER  # filled in after allocation; fixed registers from the start
        self.type = 0  # IR type
        self.memory: MachineInstruction | None = None
        self.label: Label | None = None


PLACE_REGISTER: Final = 0
PLACE_MEMORY: Final = 1
PLACE_IMMEDIATE: Final = 2
PLACE_LABEL: Final = 3
PLACE_FLAG: Final = 4  # output in a condition flag: expanded behind the statement


@final
class MachineInstruction:
    """`op` is a number of targets/generated/<t>_opcodes.py.

    Register operands r0, r1, r2 in the order of the table's operand list (destination first; x86 two-operand arithmetic:
    r0 is read and written, r1 is the source).  A memory operand is base + index * scale + displacement (+ symbol).
    """

    def __init__(self, op: int) -> None:
        self.op = op
        self.r0 = NO_REGISTER
        self.r1 = NO_REGISTER
        self.r2 = NO_REGISTER
        self.r3 = NO_REGISTER
        self.base = NO_REGISTER  # x86: also RIP (registers.RIP)
        self.index = NO_REGISTER
        self.scale = 1
        self.displacement = 0
        self.segment = 0  # x86: 0 none, else registers.FS / GS
        self.imm = 0
        self.symbol: Symbol | None = None
        self.symbol_kind = SYMBOL_NONE
        self.symbol_offset = 0  # addend to the symbol
        self.immediate_symbol: Symbol | None = None  # x86: address as immediate beside a memory operand (imm: addend)
        self.label: Label | None = None  # branch target, or symbol-less memory operand in this section
        self.frame_slot = -1  # memory operand in the frame: displacement is added when the frame is laid out
        self.condition = 0  # x86 cc of jcc/setcc/cmovcc; RISC-V rounding mode ...
        self.uses: list[int] = _NO_REGISTERS  # registers read implicitly beyond the table (call arguments)
        self.defines: list[int] = _NO_REGISTERS  # registers written beyond the table (call results)
        self.clobbers = 0  # bit mask of physical registers destroyed (calls, asm)
        self.early = 0  # bit k: defines[k] is written before the inputs are read for the last time
        self.assembly: AsmInfo | None = None  # inline assembly: operand k of the template is `places[k]`
        self.places: list[AssemblyPlace] | None = None
        self.position = 0  # source location, 0 none
