"""`.note.gnu.property` merging and the build-id note.

A property of the AND kind survives when every object has it, OR kinds when one has (psABI, "Program
Property").
"""

from importlib import import_module
from struct import iter_unpack, unpack_from
from typing import Final

from ourocc.linker.elements import InputSection, Link
from ourocc.objects.elf_numbers import NT_GNU_BUILD_ID, NT_GNU_PROPERTY_TYPE_0
from ourocc.objects.model import SHF_ALLOC, SHT_NOTE
from ourocc.targets.relocation_table import PROPERTY_AND, PROPERTY_OR_AND

_GNU: Final = b"GNU\0"
_STACK_SIZE: Final = 1
_NO_COPY_ON_PROTECTED: Final = 2


def read_properties(data: bytes, wide: bool) -> dict[int, bytes]:
    """Type -> value of the properties in a note section; malformed notes give nothing."""
    result: dict[int, bytes] = {}
    unit = 8 if wide else 4
    position = 0
    while position + 16 <= len(data):
        name_size, size, type = unpack_from("<III", data, position)
        body = position + 12 + (name_size + 3 & ~3)
        end = body + size
        if type != NT_GNU_PROPERTY_TYPE_0 or data[position + 12 : position + 16] != _GNU or end > len(data):
            break
        while body + 8 <= end:
            kind, length = unpack_from("<II", data, body)
            if body + 8 + length > end:
                break
            result[kind] = data[body + 8 : body + 8 + length]
            body += 8 + (length + unit - 1 & ~(unit - 1))
        position = end + unit - 1 & ~(unit - 1)
    return result


def merge_properties(link: Link) -> InputSection | None:
    """The property note of the output, or None when nothing survives."""
    merged: dict[int, int] = {}
    first = True
    for file in link.files:
        own: dict[int, int] = {}
        for section in file.sections:
            if section is None or section.name != ".note.gnu.property":
                continue
            section.live = False
            for kind, value in read_properties(bytes(section.data()), link.target.bits == 64).items():
                if len(value) == 4:
                    own[kind] = unpack_from("<I", value)[0]
        if first:
            merged = {kind: value for kind, value in own.items() if link.target.property_rule(kind)}
            first = False
            continue
        for kind in sorted(set(merged) | set(own)):
            rule = link.target.property_rule(kind)
            if rule == 0:
                continue
            if rule == PROPERTY_AND:
                merged[kind] = merged.get(kind, 0) & own.get(kind, 0)
            elif rule == PROPERTY_OR_AND and (kind not in merged or kind not in own):
                merged.pop(kind, None)
            else:
                merged[kind] = merged.get(kind, 0) | own.get(kind, 0)
    if link.options.feature_bits and link.target.name.startswith("x86"):
        merged[0xC0000002] = merged.get(0xC0000002, 0) | link.options.feature_bits
    merged = {kind: value for kind, value in merged.items() if value}
    # Our PLT has no landing pads for indirect branch tracking: do not claim them.
    if 0xC0000002 in merged and link.target.name.startswith("x86"):
        merged[0xC0000002] &= ~1
        if not merged[0xC0000002]:
            del merged[0xC0000002]
    if not merged:
        return None
    unit = 8 if link.target.bits == 64 else 4
    body = b""
    for kind in sorted(merged):
        body += kind.to_bytes(4, "little") + (4).to_bytes(4, "little") + merged[kind].to_bytes(4, "little")
        body += bytes(-len(body) % unit)
    note = link.synthetic_section(".note.gnu.property", SHT_NOTE, SHF_ALLOC, unit)
    note.contents = (
        (4).to_bytes(4, "little")
        + len(body).to_bytes(4, "little")
        + NT_GNU_PROPERTY_TYPE_0.to_bytes(4, "little")
        + _GNU
        + body
    )
    note.size = len(note.contents)
    return note


def make_build_id(link: Link) -> InputSection | None:
    """Reserve the build-id note; `fill_build_id` hashes the finished file into it."""
    kind = link.options.build_id
    if kind == "none":
        return None
    if kind.startswith("0x"):
        content = bytes.fromhex(kind[2:])
    else:
        content = bytes(16 if kind in ("md5", "uuid") else 20)
    note = link.synthetic_section(".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 4)
    note.contents = (
        (4).to_bytes(4, "little")
        + len(content).to_bytes(4, "little")
        + NT_GNU_BUILD_ID.to_bytes(4, "little")
        + _GNU
        + content
    )
    note.size = len(note.contents)
    return note


def fill_build_id(link: Link, note: InputSection, image: bytearray) -> None:
    """Hash the image (with the id still zero) into the note's place."""
    kind = link.options.build_id
    if kind.startswith("0x") or note.output is None:
        return
    digest = image_digest(image, kind)
    at = note.output.offset + note.offset + 16
    image[at : at + len(digest)] = digest


def image_digest(image: bytearray, kind: str) -> bytes:
    """MD5 or SHA-1, from the small built-in modules where they exist: `hashlib` loads all of OpenSSL."""
    name = "md5" if kind in ("md5", "uuid") else "sha1"
    try:
        module = import_module("_" + name)
    except ImportError:
        module = import_module("hashlib")
    digest: bytes = getattr(module, name)(image).digest()
    return digest


def note_words(data: bytes) -> list[int]:
    """The 32-bit words of a note (for tools)."""
    return [word[0] for word in iter_unpack("<I", data[: len(data) & ~3])]
