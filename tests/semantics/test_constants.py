"""Constant folding against gcc: random integer and floating expressions of all types."""

import random
import shutil
import subprocess
from pathlib import Path
from typing import cast

import pytest
from elftools.elf.elffile import ELFFile
from support import analyse

from ourocc.base import floating
from ourocc.semantics.reals import format_of
from ourocc.semantics.typed_tree import FLOAT_CONSTANT, FloatConstant, IntegerConstant, TypedUnit, Variable

TYPES = ("char", "unsigned char", "short", "unsigned short", "int", "unsigned", "long", "unsigned long", "_Bool",
         "long long", "unsigned long long", "signed char")  # fmt: skip
FLOATS = ("float", "double", "long double")
LITERALS = ("0", "1", "2", "7", "255", "-1", "0x7fffffff", "0x80000000", "0xffffffffu", "1l", "-3l", "0xffffffffffffffff",
            "'a'", "'\\xff'", "65535", "3u", "5ul", "100ll")  # fmt: skip
FLOAT_LITERALS = ("1.5", "0.1", "3.0f", "1e10", "2.5L", "0x1p-3", "1e-5f", "123456789.125")
SEED = 7
COUNT = 300


def integer(source: random.Random, depth: int) -> str:
    choice = source.random()
    if depth == 0 or choice < 0.15:
        return source.choice(LITERALS)
    if choice < 0.3:
        return f"({source.choice(TYPES)})({integer(source, depth - 1)})"
    if choice < 0.4:
        return f"{source.choice('~-!')}({integer(source, depth - 1)})"
    if choice < 0.5:
        return f"(({integer(source, depth - 1)}) {source.choice(('<<', '>>'))} ({integer(source, 0)} & 7))"
    if choice < 0.6:
        return f"(({integer(source, depth - 1)}) ? ({integer(source, depth - 1)}) : ({integer(source, depth - 1)}))"
    if choice < 0.65:
        return f"(({integer(source, depth - 1)}) {source.choice('/%')} (({integer(source, depth - 1)}) | 1))"
    if choice < 0.7:
        return f"(({floating_expression(source, depth - 1)}) {source.choice(('<', '>=', '=='))} {source.choice(FLOAT_LITERALS)})"
    operator = source.choice(("+", "-", "*", "&", "|", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||"))
    return f"(({integer(source, depth - 1)}) {operator} ({integer(source, depth - 1)}))"


def floating_expression(source: random.Random, depth: int) -> str:
    choice = source.random()
    if depth <= 0 or choice < 0.25:
        return source.choice(FLOAT_LITERALS)
    if choice < 0.4:
        return f"({source.choice(FLOATS)})({floating_expression(source, depth - 1)})"
    if choice < 0.5:
        return f"({source.choice(FLOATS)})({integer(source, depth - 1)})"
    if choice < 0.6:
        return f"-({floating_expression(source, depth - 1)})"
    return f"(({floating_expression(source, depth - 1)}) {source.choice('+-*/')} ({floating_expression(source, depth - 1)}))"


def encoded(variable: Variable) -> bytes:
    assert variable.initializer is not None
    value = variable.initializer[0].value if variable.initializer else None
    size = variable.type.size
    if value is None:
        return bytes(size)
    if value.kind == FLOAT_CONSTANT:
        form = format_of(variable.type)
        bits = floating.encode(cast(FloatConstant, value).value, form)
        return bits.to_bytes(form.bits // 8, "little")
    return (cast(IntegerConstant, value).value & ((1 << (size * 8)) - 1)).to_bytes(size, "little")


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc as the oracle")
def test_random_expressions(tmp_path: Path) -> None:
    source = random.Random(SEED)
    lines = []
    for number in range(COUNT):
        if number % 3 == 2:
            lines.append(f"{source.choice(FLOATS)} v{number} = {floating_expression(source, 4)};")
        else:
            lines.append(f"{source.choice(TYPES)} v{number} = {integer(source, 4)};")
    code = "\n".join(lines) + "\n"
    unit, messages = analyse(code, tmp_path, ["-Wno-overflow"])
    assert isinstance(unit, TypedUnit), messages
    done = subprocess.run(["gcc", "-w", "-c", "case.c"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:2000]
    wanted: dict[str, bytes] = {}
    with open(tmp_path / "case.o", "rb") as stream:
        elf = ELFFile(stream)
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            if symbol.name.startswith("v"):
                section = elf.get_section(symbol["st_shndx"])
                start = symbol["st_value"]
                empty = section["sh_type"] == "SHT_NOBITS"
                size = symbol["st_size"]
                wanted[symbol.name] = bytes(size) if empty else section.data()[start : start + size]
    wrong = []
    for item, line in zip(unit.variables, lines, strict=True):
        ours = encoded(item)
        if ours != wanted[item.name][: len(ours)]:
            wrong.append(f"{line}  ours {ours.hex()} gcc {wanted[item.name].hex()}")
    assert not wrong, "\n".join(wrong)
