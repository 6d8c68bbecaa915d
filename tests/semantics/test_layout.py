"""Record layout against gcc: random structs and unions, every member's bytes and bits."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from support import analyse

from ourocc.semantics.typed_tree import TypedUnit, Variable
from ourocc.semantics.types import Field, Type

BASES = ("char", "unsigned char", "short", "int", "unsigned", "long", "unsigned long long", "_Bool", "enum e", "__int128")
OTHERS = ("float", "double", "long double", "char *", "char[3]", "int[2]", "struct inner", "union either", "aligned8", "low1")
SEED = 12
COUNT = 100
PRELUDE = """
enum e { A, B, C = 200 };
struct inner { char c; short s; };
union either { char c; long l; };
typedef int aligned8 __attribute__((aligned(8)));
typedef long low1 __attribute__((aligned(1)));
"""


def random_record(random_source: random.Random, number: int) -> str:
    members = []
    for index in range(random_source.randint(1, 7)):
        attributes = random_source.choice(["", "", "", "", " __attribute__((packed))", " __attribute__((aligned(8)))"])
        if random_source.random() < 0.55:
            base = random_source.choice(BASES)
            limit = {"char": 8, "unsigned char": 8, "short": 16, "_Bool": 1, "int": 32, "unsigned": 32, "enum e": 32}
            width = random_source.randint(0, min(limit.get(base, 64), 40))
            name = f"m{index}" if width and random_source.random() < 0.9 else ""
            members.append(f"  {base} {name} : {width}{attributes if name else ''};")
        else:
            base, _, suffix = random_source.choice(OTHERS + BASES).partition("[")
            members.append(f"  {base} m{index}{'[' + suffix if suffix else ''}{attributes};")
    kind = random_source.choice(["struct", "struct", "struct", "union"])
    tail = random_source.choice(["", "", "", "__attribute__((packed))", "__attribute__((aligned(32)))"])
    pack = random_source.choice([0, 0, 0, 1, 2, 4])
    text = f"{kind} r{number} {{\n" + "\n".join(members) + f"\n}} {tail};\n"
    return f"#pragma pack({pack})\n{text}#pragma pack()\n" if pack else text


def ones(record: Type, field: Field) -> bytes:
    """The record's bytes with all bits of one scalar member set."""
    value = 0
    if field.bit_width >= 0:
        value = ((1 << field.bit_width) - 1) << (field.offset * 8 + field.bit_offset)
    else:
        value = ((1 << (field.type.size * 8)) - 1) << (field.offset * 8)
    return value.to_bytes(record.size, "little")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc as the oracle")
def test_random_records(tmp_path: Path) -> None:
    source = random.Random(SEED)
    records = [random_record(source, number) for number in range(COUNT)]
    code = PRELUDE + "".join(records)
    code += "".join(f"{record.split(' r')[0].split()[-1]} r{number} v{number};\n" for number, record in enumerate(records))
    unit, messages = analyse(code, tmp_path, [])
    assert isinstance(unit, TypedUnit), messages
    checks = []
    expected: dict[str, bytes] = {}
    for item in unit.order:
        assert isinstance(item, Variable)
        type = item.type
        keyword = "union" if type.kind == 34 else "struct"
        name = f"{keyword} {type.tag}"
        checks.append(f'_Static_assert(sizeof({name}) == {type.size} && _Alignof({name}) == {type.alignment}, "{name}");')
        for field in type.fields:
            if not field.name:
                continue
            if field.bit_width < 0:
                checks.append(f'_Static_assert(__builtin_offsetof({name}, {field.name}) == {field.offset}, "{name}.{field.name}");')
            else:
                symbol = f"one_{type.tag}_{field.name}"
                all_bits = -1 if field.type.kind != 2 else 1
                checks.append(f"{name} {symbol} = {{.{field.name} = {all_bits}}};")
                expected[symbol] = ones(type, field)
    path = tmp_path / "oracle.c"
    path.write_text(PRELUDE + "".join(records) + "\n".join(checks))
    done = subprocess.run(["gcc", "-w", "-c", path.name], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:3000]
    with open(tmp_path / "oracle.o", "rb") as stream:
        elf = ELFFile(stream)
        table = elf.get_section_by_name(".symtab")
        for symbol in table.iter_symbols():
            if symbol.name in expected:
                section = elf.get_section(symbol["st_shndx"])
                start = symbol["st_value"]
                data = section.data()[start : start + symbol["st_size"]] if section["sh_type"] != "SHT_NOBITS" else b""
                assert data.ljust(symbol["st_size"], b"\0") == expected[symbol.name], symbol.name
