"""Relocations of x86-64: the System V psABI's table, PLT templates, and relaxation.

Relaxed forms are the psABI's own ("Linker Optimization": GOTPCRELX; "TLS": general and local dynamic,
initial exec and descriptors to local exec or initial exec).
"""

from struct import Struct
from typing import Final, final

from ourocc.objects.model import EM_X86_64
from ourocc.targets.relocation_table import (
    CHECK_EITHER,
    CHECK_SIGNED,
    CHECK_UNSIGNED,
    FIELD_8,
    FIELD_16,
    FIELD_32,
    FIELD_64,
    FIELD_TARGET,
    KIND_ABSOLUTE,
    KIND_DTPOFF,
    KIND_DYNAMIC,
    KIND_FROM_GOT,
    KIND_GOT_BASE_PC,
    KIND_GOT_OFFSET,
    KIND_GOT_PC,
    KIND_GOTTP_PC,
    KIND_NONE,
    KIND_PC,
    KIND_PLT_FROM_GOT,
    KIND_PLT_PC,
    KIND_SIZE,
    KIND_TLSDESC_CALL,
    KIND_TLSDESC_PC,
    KIND_TLSGD_PC,
    KIND_TLSLD_PC,
    KIND_TPOFF,
    PROPERTY_AND,
    PROPERTY_OR,
    PROPERTY_OR_AND,
    RELAX_ABSOLUTE,
    RELAX_EXECUTABLE,
    RELAX_LOCAL,
    RELAX_POSITION_INDEPENDENT,
    RelocationTarget,
)

R_X86_64_NONE: Final = 0
R_X86_64_64: Final = 1
R_X86_64_PC32: Final = 2
R_X86_64_PLT32: Final = 4
R_X86_64_GOTPCREL: Final = 9
R_X86_64_32: Final = 10
R_X86_64_32S: Final = 11
R_X86_64_TLSGD: Final = 19
R_X86_64_TLSLD: Final = 20
R_X86_64_DTPOFF32: Final = 21
R_X86_64_GOTTPOFF: Final = 22
R_X86_64_TPOFF32: Final = 23
R_X86_64_DTPOFF64: Final = 17
R_X86_64_TPOFF64: Final = 18
R_X86_64_GOTPC32_TLSDESC: Final = 34
R_X86_64_TLSDESC_CALL: Final = 35
R_X86_64_GOTPCRELX: Final = 41
R_X86_64_REX_GOTPCRELX: Final = 42

# Pseudo rows: what relaxation makes of the rows above
_MOV_TO_LEA: Final = 64
_INDIRECT_CALL: Final = 65
_INDIRECT_JUMP: Final = 66
_GD_TO_LE: Final = 67
_GD_TO_IE: Final = 68
_LD_TO_LE: Final = 69
_LD_INDIRECT_TO_LE: Final = 70
_IE_TO_LE: Final = 71
_DESC_TO_LE: Final = 72
_DESC_TO_IE: Final = 73
_DESC_CALL_TO_NOP: Final = 74
_LIMIT: Final = 80

_I32: Final = Struct("<i")

_MOV_FS_0_RAX: Final = bytes.fromhex("64488b042500000000")


@final
class X86Relocations(RelocationTarget):
    """The x86-64 rows."""

    def __init__(self) -> None:
        super().__init__(EM_X86_64, "x86-64", _LIMIT)
        self.prefix = "R_X86_64_"
        self.interpreter = "/lib64/ld-linux-x86-64.so.2"
        self.emulations = ["elf_x86_64"]
        self.output_formats = ["elf64-x86-64"]
        self.nop = b"\x90"
        self.word, self.copy, self.glob_dat, self.jump_slot = R_X86_64_64, 5, 6, 7
        self.relative, self.irelative = 8, 37
        self.dtpmod, self.dtpoff, self.tpoff, self.tlsdesc = 16, 17, 18, 36
        self.plt_header_size, self.plt_entry_size, self.iplt_entry_size = 16, 16, 16
        self._fill_rows()

    def _fill_rows(self) -> None:
        row = self.row
        row(0, "NONE", KIND_NONE)
        row(1, "64", KIND_ABSOLUTE, FIELD_64)
        row(2, "PC32", KIND_PC, FIELD_32, CHECK_SIGNED)
        row(3, "GOT32", KIND_GOT_OFFSET, FIELD_32, CHECK_SIGNED)
        row(4, "PLT32", KIND_PLT_PC, FIELD_32, CHECK_SIGNED)
        row(5, "COPY", KIND_DYNAMIC)
        row(6, "GLOB_DAT", KIND_DYNAMIC)
        row(7, "JUMP_SLOT", KIND_DYNAMIC)
        row(8, "RELATIVE", KIND_DYNAMIC)
        row(9, "GOTPCREL", KIND_GOT_PC, FIELD_32, CHECK_SIGNED)
        row(10, "32", KIND_ABSOLUTE, FIELD_32, CHECK_UNSIGNED)
        row(11, "32S", KIND_ABSOLUTE, FIELD_32, CHECK_SIGNED)
        row(12, "16", KIND_ABSOLUTE, FIELD_16, CHECK_EITHER)
        row(13, "PC16", KIND_PC, FIELD_16, CHECK_SIGNED)
        row(14, "8", KIND_ABSOLUTE, FIELD_8, CHECK_EITHER)
        row(15, "PC8", KIND_PC, FIELD_8, CHECK_SIGNED)
        row(16, "DTPMOD64", KIND_DYNAMIC)
        row(17, "DTPOFF64", KIND_DTPOFF, FIELD_64)
        row(18, "TPOFF64", KIND_TPOFF, FIELD_64)
        row(19, "TLSGD", KIND_TLSGD_PC, FIELD_32, CHECK_SIGNED)
        row(20, "TLSLD", KIND_TLSLD_PC, FIELD_32, CHECK_SIGNED)
        row(21, "DTPOFF32", KIND_DTPOFF, FIELD_32, CHECK_SIGNED)
        row(22, "GOTTPOFF", KIND_GOTTP_PC, FIELD_32, CHECK_SIGNED)
        row(23, "TPOFF32", KIND_TPOFF, FIELD_32, CHECK_SIGNED)
        row(24, "PC64", KIND_PC, FIELD_64)
        row(25, "GOTOFF64", KIND_FROM_GOT, FIELD_64)
        row(26, "GOTPC32", KIND_GOT_BASE_PC, FIELD_32, CHECK_SIGNED)
        row(27, "GOT64", KIND_GOT_OFFSET, FIELD_64)
        row(28, "GOTPCREL64", KIND_GOT_PC, FIELD_64)
        row(29, "GOTPC64", KIND_GOT_BASE_PC, FIELD_64)
        row(30, "GOTPLT64", KIND_GOT_OFFSET, FIELD_64)
        row(31, "PLTOFF64", KIND_PLT_FROM_GOT, FIELD_64)
        row(32, "SIZE32", KIND_SIZE, FIELD_32, CHECK_UNSIGNED)
        row(33, "SIZE64", KIND_SIZE, FIELD_64)
        row(34, "GOTPC32_TLSDESC", KIND_TLSDESC_PC, FIELD_32, CHECK_SIGNED)
        row(35, "TLSDESC_CALL", KIND_TLSDESC_CALL)
        row(36, "TLSDESC", KIND_DYNAMIC)
        row(37, "IRELATIVE", KIND_DYNAMIC)
        row(41, "GOTPCRELX", KIND_GOT_PC, FIELD_32, CHECK_SIGNED)
        row(42, "REX_GOTPCRELX", KIND_GOT_PC, FIELD_32, CHECK_SIGNED)
        row(_MOV_TO_LEA, "GOTPCRELX", KIND_PC, FIELD_TARGET + _MOV_TO_LEA)
        row(_INDIRECT_CALL, "GOTPCRELX", KIND_PC, FIELD_TARGET + _INDIRECT_CALL)
        row(_INDIRECT_JUMP, "GOTPCRELX", KIND_PC, FIELD_TARGET + _INDIRECT_JUMP)
        row(_GD_TO_LE, "TLSGD", KIND_TPOFF, FIELD_TARGET + _GD_TO_LE)
        row(_GD_TO_IE, "TLSGD", KIND_GOTTP_PC, FIELD_TARGET + _GD_TO_IE)
        row(_LD_TO_LE, "TLSLD", KIND_NONE, FIELD_TARGET + _LD_TO_LE)
        row(_LD_INDIRECT_TO_LE, "TLSLD", KIND_NONE, FIELD_TARGET + _LD_INDIRECT_TO_LE)
        row(_IE_TO_LE, "GOTTPOFF", KIND_TPOFF, FIELD_TARGET + _IE_TO_LE)
        row(_DESC_TO_LE, "GOTPC32_TLSDESC", KIND_TPOFF, FIELD_TARGET + _DESC_TO_LE)
        row(_DESC_TO_IE, "GOTPC32_TLSDESC", KIND_GOTTP_PC, FIELD_TARGET + _DESC_TO_IE)
        row(_DESC_CALL_TO_NOP, "TLSDESC_CALL", KIND_NONE, FIELD_TARGET + _DESC_CALL_TO_NOP)
        for number in (_GD_TO_LE, _GD_TO_IE, _LD_TO_LE, _LD_INDIRECT_TO_LE):
            self.swallows_next[number] = True  # the call of __tls_get_addr is gone

    def relax(self, type: int, data: bytes, offset: int, addend: int, situation: int, next_type: int) -> int:
        if type == R_X86_64_GOTPCRELX or type == R_X86_64_REX_GOTPCRELX or type == R_X86_64_GOTPCREL:
            return self._relax_got(type, data, offset, addend, situation)
        if not situation & RELAX_EXECUTABLE:
            return type
        local = situation & RELAX_LOCAL
        if type == R_X86_64_TLSGD:
            if offset < 4 or len(data) < offset + 12 or data[offset - 4 : offset] != b"\x66\x48\x8d\x3d":
                return -1
            call = data[offset + 4 : offset + 8]
            if call[:3] not in (b"\x66\x66\x48", b"\x66\x48\xff", b"\x48\x66\x66"):
                return -1
            return _GD_TO_LE if local else _GD_TO_IE
        if type == R_X86_64_TLSLD:
            if offset < 3 or len(data) < offset + 10 or data[offset - 3 : offset] != b"\x48\x8d\x3d":
                return -1
            if data[offset + 4] == 0xE8:
                return _LD_TO_LE
            return _LD_INDIRECT_TO_LE if data[offset + 4 : offset + 6] == b"\xff\x15" else -1
        if type == R_X86_64_DTPOFF32:
            return R_X86_64_TPOFF32
        if type == R_X86_64_DTPOFF64:
            return R_X86_64_TPOFF64
        if type == R_X86_64_GOTTPOFF:
            opcode = data[offset - 2] if offset >= 3 else 0
            return _IE_TO_LE if local and opcode in (0x8B, 0x03) else type
        if type == R_X86_64_GOTPC32_TLSDESC:
            if offset < 3 or data[offset - 3 : offset - 1] not in (b"\x48\x8d", b"\x4c\x8d"):
                return -1
            return _DESC_TO_LE if local else _DESC_TO_IE
        if type == R_X86_64_TLSDESC_CALL:
            return _DESC_CALL_TO_NOP
        return type

    def _relax_got(self, type: int, data: bytes, offset: int, addend: int, situation: int) -> int:
        """A load from the GOT becomes the address itself; calls and jumps become direct."""
        if not situation & RELAX_LOCAL or addend != -4 or offset < 2 or type == R_X86_64_GOTPCREL:
            return type
        if situation & RELAX_ABSOLUTE and situation & RELAX_POSITION_INDEPENDENT:
            return type
        opcode = data[offset - 2]
        if opcode == 0x8B:
            return _MOV_TO_LEA
        if opcode == 0xFF and type == R_X86_64_GOTPCRELX:
            mode = data[offset - 1]
            if mode == 0x15:
                return _INDIRECT_CALL
            if mode == 0x25:
                return _INDIRECT_JUMP
        return type

    def patch(self, data: bytearray, offset: int, field: int, value: int) -> bool:
        form = field - FIELD_TARGET
        at = offset
        if form == _MOV_TO_LEA:
            data[offset - 2] = 0x8D
        elif form == _INDIRECT_CALL:
            data[offset - 2 : offset] = b"\x67\xe8"
        elif form == _INDIRECT_JUMP:
            data[offset - 2] = 0xE9
            data[offset + 3] = 0x90
            at = offset - 1
            value += 1
        elif form == _GD_TO_LE:
            data[offset - 4 : offset + 8] = _MOV_FS_0_RAX + b"\x48\x8d\x80"
            at = offset + 8
            value += 4
        elif form == _GD_TO_IE:
            data[offset - 4 : offset + 8] = _MOV_FS_0_RAX + b"\x48\x03\x05"
            at = offset + 8
            value -= 8
        elif form == _LD_TO_LE:
            data[offset - 3 : offset + 9] = b"\x66\x66\x66" + _MOV_FS_0_RAX
            return True
        elif form == _LD_INDIRECT_TO_LE:
            data[offset - 3 : offset + 10] = b"\x66\x66\x66\x66" + _MOV_FS_0_RAX
            return True
        elif form == _IE_TO_LE or form == _DESC_TO_LE:
            opcode = 0x81 if data[offset - 2] == 0x03 else 0xC7
            register = data[offset - 1] >> 3 & 7
            data[offset - 3 : offset] = bytes(
                [0x49 if data[offset - 3] & 4 else 0x48, opcode, 0xC0 | register]
            )
            value += 4
        elif form == _DESC_TO_IE:
            data[offset - 2] = 0x8B
        elif form == _DESC_CALL_TO_NOP:
            data[offset : offset + 2] = b"\x66\x90"
            return True
        if not -0x80000000 <= value < 0x80000000:
            return False
        _I32.pack_into(data, at, value)
        return True

    def write_plt_header(self, data: bytearray, address: int, gotplt: int) -> None:
        data[0:16] = bytes.fromhex("ff3500000000ff2500000000") + b"\x0f\x1f\x40\x00"
        _I32.pack_into(data, 2, gotplt + 8 - (address + 6))
        _I32.pack_into(data, 8, gotplt + 16 - (address + 12))

    def write_plt_entry(
        self, data: bytearray, offset: int, address: int, slot: int, index: int, header: int
    ) -> None:
        data[offset : offset + 16] = bytes.fromhex("ff25000000006800000000e900000000")
        _I32.pack_into(data, offset + 2, slot - (address + 6))
        _I32.pack_into(data, offset + 7, index)
        _I32.pack_into(data, offset + 12, header - (address + 16))

    def plt_lazy_address(self, entry: int, header: int) -> int:
        return entry + 6

    def write_iplt_entry(self, data: bytearray, offset: int, address: int, slot: int) -> None:
        data[offset : offset + 16] = bytes.fromhex("ff2500000000660f1f840000000000") + b"\x90"
        _I32.pack_into(data, offset + 2, slot - (address + 6))

    def property_rule(self, type: int) -> int:
        """Ranges of the x86-64 psABI, "Program Property"."""
        if 0xC0000002 <= type <= 0xC0007FFF:
            return PROPERTY_AND
        if 0xC0008000 <= type <= 0xC000FFFF:
            return PROPERTY_OR
        return PROPERTY_OR_AND if 0xC0010000 <= type <= 0xC0017FFF else 0


def relocation_target() -> RelocationTarget:
    """The table of this target (the same name in each target's `relocations.py`)."""
    return X86Relocations()
