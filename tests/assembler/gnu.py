"""Comparison with GNU as: section contents, relocations and symbols of the same text, in a form that ignores layout."""

import io
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from ourocc.assembler.assemble import assemble
from ourocc.base.diagnostics import Diagnostics
from ourocc.base.source import SourceMap
from ourocc.objects import model
from ourocc.objects.elf_writer import write_object

IGNORED = (".eh_frame", ".debug_line", ".debug_line_str")


def ours(text: str, name: str = "t.s", machine: int = model.EM_X86_64) -> tuple[bytes, list[str]]:
    """Our object file and messages."""
    diagnostics = Diagnostics(SourceMap())
    diagnostics.printing = False
    obj = assemble(text, name, machine, diagnostics)
    messages = []
    for record in diagnostics.records:
        position = diagnostics.sources.position(record.location)
        messages.append(f"{position.file}:{position.line}: {record.message}")
    return write_object(obj) if not diagnostics.error_count else b"", messages


def gnu(text: str, program: str = "as", options: tuple[str, ...] = ()) -> tuple[bytes, str]:
    """GNU as's object file and messages."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder, "t.s"), Path(folder, "t.o")
        source.write_text(text, errors="surrogateescape")
        result = subprocess.run(
            [program, *options, "-o", str(output), str(source)], capture_output=True, text=True, check=False
        )
        return (output.read_bytes() if result.returncode == 0 else b""), result.stderr


def describe(data: bytes) -> dict[str, Any]:
    """Sections, relocations and symbols under keys that do not depend on numbering."""
    elf: Any = ELFFile(io.BytesIO(data))
    sections = list(elf.iter_sections())
    out: dict[str, Any] = {}
    names: list[str] = []
    count: dict[str, int] = {}
    for section in sections:
        number = count.get(section.name, 0)
        count[section.name] = number + 1
        names.append(f"{section.name}#{number}" if number else section.name)
    for section, name in zip(sections, names, strict=True):
        kind = section["sh_type"]
        if kind in ("SHT_NULL", "SHT_STRTAB"):
            continue
        if kind == "SHT_SYMTAB":
            for symbol in section.iter_symbols():
                info = symbol["st_info"]
                if info["type"] == "STT_SECTION" or symbol.name in ("", "_GLOBAL_OFFSET_TABLE_"):
                    continue
                index = symbol["st_shndx"]
                home = names[index] if isinstance(index, int) else index
                key = f"symbol {symbol.name} {home if info['bind'] == 'STB_LOCAL' else ''}"
                out[key] = (
                    home, symbol["st_value"], symbol["st_size"], info["bind"], info["type"],
                    symbol["st_other"]["visibility"],
                )  # fmt: skip
        elif kind == "SHT_RELA":
            table = sections[section["sh_link"]]
            target = names[section["sh_info"]]
            if target in IGNORED:
                continue
            relocations = []
            for relocation in section.iter_relocations():
                symbol = table.get_symbol(relocation["r_info_sym"])
                symbol_name = symbol.name
                if symbol["st_info"]["type"] == "STT_SECTION":
                    symbol_name = names[symbol["st_shndx"]]
                relocations.append(
                    (relocation["r_offset"], relocation["r_info_type"], symbol_name, relocation["r_addend"])
                )
            out[f"relocations of {target}"] = sorted(relocations)
        elif kind == "SHT_GROUP":
            continue
        elif name not in IGNORED:
            contents = b"" if kind == "SHT_NOBITS" else section.data()
            attributes = (section["sh_flags"], section["sh_size"], section["sh_addralign"], section["sh_entsize"], kind)
            out[f"section {name}"] = (attributes, contents)
    return out


def differences(text: str, program: str = "as", machine: int = model.EM_X86_64, options: tuple[str, ...] = ()) -> list[str]:
    """What differs between our object and GNU as's for the same text; messages when one of them refuses it."""
    our_data, our_messages = ours(text, machine=machine)
    gnu_data, gnu_messages = gnu(text, program, options)
    if not our_data or not gnu_data:
        found = []
        if not our_data and gnu_data:
            found += ["only we refuse it:", *our_messages[:20]]
        elif our_data and not gnu_data:
            found += ["only gas refuses it:", *gnu_messages.splitlines()[:20]]
        else:
            found += ["both refuse it:", *our_messages[:20], *gnu_messages.splitlines()[:20]]
        return found
    first, second = describe(our_data), describe(gnu_data)
    found = []
    for key in sorted(first.keys() | second.keys()):
        a, b = first.get(key), second.get(key)
        if a == b:
            continue
        if a is None or b is None:
            present: Any = b if a is None else a
            if key.startswith("section") and not present[0][1]:
                continue
            found.append(f"{key}: ours {short(a)} gas {short(b)}")
        elif key.startswith("relocations"):
            found.append(f"{key}: only ours {sorted(set(a) - set(b))[:4]} only gas {sorted(set(b) - set(a))[:4]}")
        elif key.startswith("section"):
            if a[0] != b[0]:
                found.append(f"{key}: attributes ours {a[0]} gas {b[0]}")
            if a[1] != b[1]:
                at = next((i for i, (x, y) in enumerate(zip(a[1], b[1], strict=False)) if x != y), min(len(a[1]), len(b[1])))
                found.append(f"{key}: at {at:#x} ours {a[1][at - 4 : at + 16].hex()} gas {b[1][at - 4 : at + 16].hex()}")
        else:
            found.append(f"{key}: ours {a} gas {b}")
    return found


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 100 else text[:100] + "..."
