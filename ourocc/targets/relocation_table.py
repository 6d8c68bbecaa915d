"""The shape of a target's `relocations.py`: what the one linker asks of a machine.

A relocation is a row: number, name, *kind* (the expression that it stands for, in the psABI's letters:
S symbol, A addend, P place, G its slot in the global offset table, GOT the table's base, L its PLT entry,
Z its size) and *field* (how many bytes, how checked, how inserted).  The linker computes the expression;
plain data fields it writes itself; instruction fields (`FIELD_TARGET` and up) it gives to `patch`.

Relaxation replaces a row by another one while relocations are scanned: `relax` returns the number of a
pseudo row (numbers beyond the psABI's) whose field also rewrites the instruction's bytes.
"""

from typing import Final

# Kinds
KIND_UNKNOWN: Final = 0
KIND_NONE: Final = 1
KIND_ABSOLUTE: Final = 2  # S + A
KIND_PC: Final = 3  # S + A - P
KIND_PLT_PC: Final = 4  # L + A - P
KIND_GOT_PC: Final = 5  # G + GOT + A - P
KIND_GOT_OFFSET: Final = 6  # G + A
KIND_FROM_GOT: Final = 7  # S + A - GOT
KIND_GOT_BASE_PC: Final = 8  # GOT + A - P
KIND_PLT_FROM_GOT: Final = 9  # L + A - GOT
KIND_SIZE: Final = 10  # Z + A
KIND_TPOFF: Final = 11  # S + A - thread pointer
KIND_DTPOFF: Final = 12  # S + A - start of the module's TLS block
KIND_TLSGD_PC: Final = 13  # slot pair (module, offset) + A - P
KIND_TLSLD_PC: Final = 14  # slot pair (module, 0) + A - P
KIND_GOTTP_PC: Final = 15  # slot holding the TP offset + A - P
KIND_TLSDESC_PC: Final = 16  # slot pair of the descriptor + A - P
KIND_TLSDESC_CALL: Final = 17  # marks the call through a descriptor
KIND_LINK_TIME: Final = 18  # S + A, only ever in differences: needs nothing at run time
KIND_PC_LOW: Final = 19  # the low part that belongs to the pc-relative high part at S
KIND_PAGE: Final = 20  # Page(S + A) - Page(P)
KIND_GOT_PAGE: Final = 21  # Page(G + GOT + A) - Page(P)
KIND_GOT_ABSOLUTE: Final = 22  # G + GOT + A
KIND_GOTTP_PAGE: Final = 23
KIND_GOTTP_ABSOLUTE: Final = 24
KIND_TLSGD_PAGE: Final = 25
KIND_TLSGD_ABSOLUTE: Final = 26
KIND_TLSDESC_PAGE: Final = 27
KIND_TLSDESC_ABSOLUTE: Final = 28
KIND_ALIGN: Final = 29  # padding, A bytes of it, that the linker trims to an alignment
KIND_TLSLD_OFFSET: Final = 30  # slot pair (module, 0) - GOT + A
KIND_TLSGD_OFFSET: Final = 31
KIND_GOTTP_OFFSET: Final = 32
KIND_NEGATIVE_TPOFF: Final = 33  # thread pointer - (S + A)
KIND_DYNAMIC: Final = 34  # only in dynamic relocation tables, never in an object

# Fields.  Plain little-endian data below FIELD_TARGET.
FIELD_NONE: Final = 0
FIELD_8: Final = 1
FIELD_16: Final = 2
FIELD_32: Final = 3
FIELD_64: Final = 4
FIELD_TARGET: Final = 16

# How a value must fit its field
CHECK_NONE: Final = 0
CHECK_SIGNED: Final = 1
CHECK_UNSIGNED: Final = 2
CHECK_EITHER: Final = 3

# What `relax` may know about the symbol and the output (bits)
RELAX_LOCAL: Final = 1  # the symbol's address is fixed relative to this module
RELAX_EXECUTABLE: Final = 2  # the output is an executable (so its TLS block is the first one)
RELAX_POSITION_INDEPENDENT: Final = 4
RELAX_ABSOLUTE: Final = 8  # the symbol's value does not move with the module (absolute, or undefined weak)

# How the merge of GNU properties treats a property
PROPERTY_AND: Final = 1
PROPERTY_OR: Final = 2
PROPERTY_OR_AND: Final = 3


class RelocationTarget:
    """Base of the targets' tables.  Subclasses fill the rows in `__init__` and override the methods."""

    def __init__(self, machine: int, name: str, limit: int) -> None:
        self.machine = machine
        self.name = name
        self.prefix = ""  # of relocation names: "R_X86_64_"
        self.names: list[str] = [""] * limit
        self.kinds: list[int] = [KIND_UNKNOWN] * limit
        self.fields: list[int] = [FIELD_NONE] * limit
        self.checks: list[int] = [CHECK_NONE] * limit
        self.swallows_next: list[bool] = [False] * limit
        self.bits = 64
        self.uses_rela = True
        self.page_size = 0x1000  # the largest page that the ABI allows: segments start on it
        self.image_base = 0x400000
        self.interpreter = ""
        self.emulations: list[str] = []  # ld -m names
        self.output_formats: list[str] = []
        self.nop = b"\0"  # fill between code sections
        # Dynamic relocation types
        self.none = 0
        self.word = 0  # absolute address
        self.relative = 0
        self.glob_dat = 0
        self.jump_slot = 0
        self.copy = 0
        self.irelative = 0
        self.dtpmod = 0
        self.dtpoff = 0
        self.tpoff = 0
        self.tlsdesc = 0
        # Procedure linkage table and global offset table
        self.plt_header_size = 0
        self.plt_entry_size = 0
        self.plt_alignment = 16
        self.iplt_entry_size = 0
        self.gotplt_header = 3  # words before the first slot of .got.plt
        self.got_header = 0  # words before the first slot of .got
        self.got_base_is_gotplt = True  # _GLOBAL_OFFSET_TABLE_ stands at .got.plt (else at .got)
        self.got_base_offset = 0
        self.plt_slots_point_to_header = (
            False  # lazy slots start as the PLT header (else behind the entry's jump)
        )
        # Thread-local storage
        self.tls_below_thread_pointer = True  # variant II
        self.tls_header_size = 0  # variant I: bytes between the thread pointer and the block
        self.dtp_bias = 0

    def row(
        self, number: int, name: str, kind: int, field: int = FIELD_NONE, check: int = CHECK_NONE
    ) -> None:
        self.names[number] = self.prefix + name
        self.kinds[number] = kind
        self.fields[number] = field
        self.checks[number] = check

    def relocation_name(self, number: int) -> str:
        if 0 <= number < len(self.names) and self.names[number]:
            return self.names[number]
        return f"relocation type {number}"

    def patch(self, data: bytearray, offset: int, field: int, value: int) -> bool:
        """Insert `value` into the instruction field at `offset`; False when it does not fit."""
        raise NotImplementedError

    def relax(self, type: int, data: bytes, offset: int, addend: int, situation: int, next_type: int) -> int:
        """The row to use instead of `type` (itself: nothing to gain), or -1: cannot be relaxed but must be."""
        return type

    def write_plt_header(self, data: bytearray, address: int, gotplt: int) -> None:
        raise NotImplementedError

    def write_plt_entry(
        self, data: bytearray, offset: int, address: int, slot: int, index: int, header: int
    ) -> None:
        """The lazy entry at `offset` of .plt (`address` is its address): jump through `slot`."""
        raise NotImplementedError

    def plt_lazy_address(self, entry: int, header: int) -> int:
        """What a lazy slot holds at first: where the entry goes to be resolved."""
        return header

    def write_iplt_entry(self, data: bytearray, offset: int, address: int, slot: int) -> None:
        """An entry without lazy part: jump through `slot`."""
        raise NotImplementedError

    def padding(self, size: int) -> bytes:
        """`size` bytes of code that does nothing."""
        return (self.nop * (size // len(self.nop) + 1))[:size]

    def prepare_flags(self, flags: list[int]) -> int:
        """e_flags of the output, from the inputs'."""
        return flags[0] if flags else 0

    def property_rule(self, type: int) -> int:
        """How .note.gnu.property entries of a processor-specific type merge (PROPERTY_*, 0: dropped)."""
        return 0
