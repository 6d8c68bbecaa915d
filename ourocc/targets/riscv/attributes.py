"""The build attributes of compiled code (RISC-V ELF psABI, "Attributes"): architecture and stack alignment."""

from typing import Final

from ourocc.objects.elf_numbers import SHT_RISCV_ATTRIBUTES
from ourocc.objects.model import ObjectFile

ARCHITECTURE: Final = "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zifencei2p0_zmmul1p0"
STACK_ALIGNMENT: Final = 16
_TAG_STACK_ALIGN: Final = 4
_TAG_ARCH: Final = 5
_NAME: Final = ".riscv.attributes"


def write_attributes(obj: ObjectFile) -> None:
    """Add the section, unless assembly text in the unit made one."""
    if any(section.name == _NAME for section in obj.sections):
        return
    body = bytes([_TAG_STACK_ALIGN, STACK_ALIGNMENT, _TAG_ARCH]) + ARCHITECTURE.encode() + b"\0"
    file_part = b"\x01" + (len(body) + 5).to_bytes(4, "little") + body
    section = obj.section(_NAME, SHT_RISCV_ATTRIBUTES, 0, 1)
    section.data += b"A" + (len(file_part) + 10).to_bytes(4, "little") + b"riscv\0" + file_part


def attribute_directives() -> list[str]:
    """The same for -S."""
    return [f'.attribute arch, "{ARCHITECTURE}"', f".attribute stack_align, {STACK_ALIGNMENT}"]
