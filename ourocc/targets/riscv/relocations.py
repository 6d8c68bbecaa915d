"""Relocations of RISC-V 64 (psABI, "Relocations"): rows, instruction fields, PLT templates.

A 32-bit pc-relative address takes two instructions: `auipc` adds the high 20 bits (PCREL_HI20 and its GOT
and TLS kin), and the low 12 bits are added by an I- or S-type instruction whose relocation (PCREL_LO12_*)
names the *label of the auipc*, because the distance is counted from there.  The low part is signed, so the
high part is rounded: (value + 0x800) >> 12.

Differences of labels are kept as ADD/SUB/SET pairs since linker relaxation may move code; ALIGN marks
padding that is too long on purpose and is trimmed by the linker.
"""

from struct import Struct
from typing import Final, final

from ourocc.objects.model import EM_RISCV
from ourocc.targets.relocation_table import (
    CHECK_EITHER,
    CHECK_SIGNED,
    FIELD_8,
    FIELD_16,
    FIELD_32,
    FIELD_64,
    FIELD_TARGET,
    KIND_ABSOLUTE,
    KIND_ALIGN,
    KIND_DTPOFF,
    KIND_DYNAMIC,
    KIND_GOT_PC,
    KIND_GOTTP_PC,
    KIND_LINK_TIME,
    KIND_NONE,
    KIND_PC,
    KIND_PC_LOW,
    KIND_PLT_PC,
    KIND_TLSGD_PC,
    KIND_TPOFF,
    RelocationTarget,
)

# Instruction formats and in-place arithmetic
_B: Final = FIELD_TARGET + 0  # imm[12|10:5] rs2 rs1 f3 imm[4:1|11] op
_J: Final = FIELD_TARGET + 1  # imm[20|10:1|11|19:12] rd op
_U: Final = FIELD_TARGET + 2  # imm[31:12] rd op, rounded
_I: Final = FIELD_TARGET + 3  # imm[11:0] rs1 f3 rd op
_S: Final = FIELD_TARGET + 4  # imm[11:5] rs2 rs1 f3 imm[4:0] op
_CALL: Final = FIELD_TARGET + 5  # auipc and jalr
_CB: Final = FIELD_TARGET + 6  # c.beqz, c.bnez
_CJ: Final = FIELD_TARGET + 7  # c.j, c.jal
_CI: Final = FIELD_TARGET + 8  # c.lui
_ADD: Final = FIELD_TARGET + 16  # + log2 of the size
_SUB: Final = FIELD_TARGET + 20
_SET6: Final = FIELD_TARGET + 24
_SUB6: Final = FIELD_TARGET + 25
_SET_ULEB: Final = FIELD_TARGET + 26
_SUB_ULEB: Final = FIELD_TARGET + 27

R_RISCV_NONE: Final = 0
R_RISCV_ALIGN: Final = 43

_EF_RISCV_RVC: Final = 1

_U32: Final = Struct("<I")
_U16: Final = Struct("<H")


@final
class RiscvRelocations(RelocationTarget):
    """The RISC-V 64 rows."""

    def __init__(self) -> None:
        super().__init__(EM_RISCV, "riscv64", 64)
        self.prefix = "R_RISCV_"
        self.image_base = 0x10000
        self.interpreter = "/lib/ld-linux-riscv64-lp64d.so.1"
        self.emulations = ["elf64lriscv", "elf64lriscv_lp64d"]
        self.output_formats = ["elf64-littleriscv"]
        self.nop = b"\x01\x00"  # c.nop
        self.word, self.relative, self.copy, self.jump_slot = 2, 3, 4, 5
        self.glob_dat, self.dtpmod, self.dtpoff, self.tpoff, self.irelative = 2, 7, 9, 11, 58
        self.tlsdesc = 12
        self.plt_header_size, self.plt_entry_size, self.iplt_entry_size = 32, 16, 16
        self.gotplt_header, self.got_header = 2, 1
        self.got_base_is_gotplt = False
        self.tls_below_thread_pointer = False
        self.dtp_bias = 0x800
        self._fill_rows()

    def _fill_rows(self) -> None:
        row = self.row
        row(0, "NONE", KIND_NONE)
        row(1, "32", KIND_ABSOLUTE, FIELD_32, CHECK_EITHER)
        row(2, "64", KIND_ABSOLUTE, FIELD_64)
        for number, name in ((3, "RELATIVE"), (4, "COPY"), (5, "JUMP_SLOT"), (6, "TLS_DTPMOD32")):
            row(number, name, KIND_DYNAMIC)
        row(7, "TLS_DTPMOD64", KIND_DYNAMIC)
        row(8, "TLS_DTPREL32", KIND_DTPOFF, FIELD_32)
        row(9, "TLS_DTPREL64", KIND_DTPOFF, FIELD_64)
        row(10, "TLS_TPREL32", KIND_TPOFF, FIELD_32, CHECK_SIGNED)
        row(11, "TLS_TPREL64", KIND_TPOFF, FIELD_64)
        row(12, "TLSDESC", KIND_DYNAMIC)
        row(16, "BRANCH", KIND_PC, _B)
        row(17, "JAL", KIND_PLT_PC, _J)
        row(18, "CALL", KIND_PLT_PC, _CALL)
        row(19, "CALL_PLT", KIND_PLT_PC, _CALL)
        row(20, "GOT_HI20", KIND_GOT_PC, _U)
        row(21, "TLS_GOT_HI20", KIND_GOTTP_PC, _U)
        row(22, "TLS_GD_HI20", KIND_TLSGD_PC, _U)
        row(23, "PCREL_HI20", KIND_PC, _U)
        row(24, "PCREL_LO12_I", KIND_PC_LOW, _I)
        row(25, "PCREL_LO12_S", KIND_PC_LOW, _S)
        row(26, "HI20", KIND_ABSOLUTE, _U)
        row(27, "LO12_I", KIND_ABSOLUTE, _I)
        row(28, "LO12_S", KIND_ABSOLUTE, _S)
        row(29, "TPREL_HI20", KIND_TPOFF, _U)
        row(30, "TPREL_LO12_I", KIND_TPOFF, _I)
        row(31, "TPREL_LO12_S", KIND_TPOFF, _S)
        row(32, "TPREL_ADD", KIND_NONE)
        for log, bits in enumerate((8, 16, 32, 64)):
            row(33 + log, f"ADD{bits}", KIND_LINK_TIME, _ADD + log)
            row(37 + log, f"SUB{bits}", KIND_LINK_TIME, _SUB + log)
        row(41, "GOT32_PCREL", KIND_GOT_PC, FIELD_32, CHECK_SIGNED)
        row(43, "ALIGN", KIND_ALIGN)
        row(44, "RVC_BRANCH", KIND_PC, _CB)
        row(45, "RVC_JUMP", KIND_PLT_PC, _CJ)
        row(46, "RVC_LUI", KIND_ABSOLUTE, _CI)
        row(51, "RELAX", KIND_NONE)
        row(52, "SUB6", KIND_LINK_TIME, _SUB6)
        row(53, "SET6", KIND_LINK_TIME, _SET6)
        row(54, "SET8", KIND_LINK_TIME, FIELD_8)
        row(55, "SET16", KIND_LINK_TIME, FIELD_16)
        row(56, "SET32", KIND_LINK_TIME, FIELD_32)
        row(57, "32_PCREL", KIND_PC, FIELD_32, CHECK_SIGNED)
        row(58, "IRELATIVE", KIND_DYNAMIC)
        row(59, "PLT32", KIND_PLT_PC, FIELD_32, CHECK_SIGNED)
        row(60, "SET_ULEB128", KIND_LINK_TIME, _SET_ULEB)
        row(61, "SUB_ULEB128", KIND_LINK_TIME, _SUB_ULEB)

    def patch(self, data: bytearray, offset: int, field: int, value: int) -> bool:
        if field >= _ADD:
            return _arithmetic(data, offset, field, value)
        if field == _CB or field == _CJ or field == _CI:
            return _compressed(data, offset, field, value)
        word = _U32.unpack_from(data, offset)[0]
        if field == _U or field == _CALL:
            high = value + 0x800
            if not -0x80000000 <= high < 0x80000000:
                return False
            word = word & 0xFFF | high & 0xFFFFF000
            if field == _CALL:
                jump = _U32.unpack_from(data, offset + 4)[0]
                _U32.pack_into(data, offset + 4, jump & 0xFFFFF | (value & 0xFFF) << 20)
        elif field == _I:
            word = word & 0xFFFFF | (value & 0xFFF) << 20
        elif field == _S:
            word = word & 0x1FFF07F | (value >> 5 & 0x7F) << 25 | (value & 0x1F) << 7
        elif field == _B:
            if not -0x1000 <= value < 0x1000 or value & 1:
                return False
            word = (
                word & 0x1FFF07F
                | (value >> 12 & 1) << 31
                | (value >> 5 & 0x3F) << 25
                | (value >> 1 & 0xF) << 8
                | (value >> 11 & 1) << 7
            )
        elif field == _J:
            if not -0x100000 <= value < 0x100000 or value & 1:
                return False
            word = (
                word & 0xFFF
                | (value >> 20 & 1) << 31
                | (value >> 1 & 0x3FF) << 21
                | (value >> 11 & 1) << 20
                | (value >> 12 & 0xFF) << 12
            )
        _U32.pack_into(data, offset, word)
        return True

    def write_plt_header(self, data: bytearray, address: int, gotplt: int) -> None:
        distance = gotplt - address
        high = distance + 0x800 & 0xFFFFF000
        low = (distance & 0xFFF) << 20
        code = (
            0x00000397 | high,  # auipc t2, %pcrel_hi(.got.plt)
            0x41C30333,  # sub   t1, t1, t3
            0x0003BE03 | low,  # ld    t3, %pcrel_lo(.got.plt)(t2)   _dl_runtime_resolve
            0xFD430313,  # addi  t1, t1, -44            offset of the entry behind the header
            0x00038293 | low,  # addi  t0, t2, %pcrel_lo(.got.plt)
            0x00135313,  # srli  t1, t1, 1              offset in .got.plt
            0x0082B283,  # ld    t0, 8(t0)              link map
            0x000E0067,  # jr    t3
        )
        for number, word in enumerate(code):
            _U32.pack_into(data, 4 * number, word & 0xFFFFFFFF)

    def write_plt_entry(self, data: bytearray, offset: int, address: int, slot: int, index: int, header: int) -> None:
        distance = slot - address
        code = (
            0x00000E17 | distance + 0x800 & 0xFFFFF000,  # auipc t3, %pcrel_hi(slot)
            0x000E3E03 | (distance & 0xFFF) << 20,  # ld    t3, %pcrel_lo(slot)(t3)
            0x000E0367,  # jalr  t1, t3
            0x00000013,  # nop
        )
        for number, word in enumerate(code):
            _U32.pack_into(data, offset + 4 * number, word & 0xFFFFFFFF)

    def write_iplt_entry(self, data: bytearray, offset: int, address: int, slot: int) -> None:
        self.write_plt_entry(data, offset, address, slot, 0, 0)

    def prepare_flags(self, flags: list[int]) -> int:
        """The float ABI of the first object; compressed code if any has it."""
        result = flags[0] if flags else 0
        for word in flags:
            result |= word & _EF_RISCV_RVC
        return result

    def padding(self, size: int) -> bytes:
        return b"\x13\x00\x00\x00" * (size // 4) + b"\x01\x00" * (size % 4 // 2)


def _compressed(data: bytearray, offset: int, field: int, value: int) -> bool:
    """The 16-bit formats CB, CJ and CI."""
    word = _U16.unpack_from(data, offset)[0]
    if field == _CB:
        if not -0x100 <= value < 0x100 or value & 1:
            return False
        word = (
            word & 0xE383
            | (value >> 8 & 1) << 12
            | (value >> 3 & 3) << 10
            | (value >> 6 & 3) << 5
            | (value >> 1 & 3) << 3
            | (value >> 5 & 1) << 2
        )
    elif field == _CJ:
        if not -0x800 <= value < 0x800 or value & 1:
            return False
        word = (
            word & 0xE003
            | (value >> 11 & 1) << 12
            | (value >> 4 & 1) << 11
            | (value >> 8 & 3) << 9
            | (value >> 10 & 1) << 8
            | (value >> 6 & 1) << 7
            | (value >> 7 & 1) << 6
            | (value >> 1 & 7) << 3
            | (value >> 5 & 1) << 2
        )
    else:
        high = value + 0x800 >> 12
        if not -32 <= high < 32:
            return False
        if high == 0:  # c.lui cannot load zero: c.li rd, 0
            word = word & 0x0F83 | 0x4000
        else:
            word = word & 0xEF83 | (high >> 5 & 1) << 12 | (high & 0x1F) << 2
    _U16.pack_into(data, offset, word)
    return True


def _arithmetic(data: bytearray, offset: int, field: int, value: int) -> bool:
    """Additions to and subtractions from what stands in the place."""
    if field == _SET6 or field == _SUB6:
        old = data[offset]
        low = value if field == _SET6 else old - value
        data[offset] = old & 0xC0 | low & 0x3F
        return True
    if field == _SET_ULEB or field == _SUB_ULEB:
        return _uleb128(data, offset, value, field == _SUB_ULEB)
    adds = field < _SUB
    size = 1 << (field - (_ADD if adds else _SUB))
    number = int.from_bytes(data[offset : offset + size], "little")
    number = number + value if adds else number - value
    data[offset : offset + size] = (number & ((1 << (8 * size)) - 1)).to_bytes(size, "little")
    return True


def _uleb128(data: bytearray, offset: int, value: int, subtract: bool) -> bool:
    """Set, or subtract from, an unsigned LEB128 number without changing its length."""
    length = 1
    while offset + length < len(data) and data[offset + length - 1] & 0x80:
        length += 1
    if subtract:
        old = 0
        for number in range(length):
            old |= (data[offset + number] & 0x7F) << (7 * number)
        value = old - value
    value &= (1 << 64) - 1
    if subtract and value >> (7 * length):
        return False
    for number in range(length):
        data[offset + number] = value >> (7 * number) & 0x7F | (0x80 if number + 1 < length else 0)
    return True


def relocation_target() -> RelocationTarget:
    """The table of this target (the same name in each target's `relocations.py`)."""
    return RiscvRelocations()
