"""The ABI classification against gcc on random signatures (`suites/abi_fuzz.py` runs more)."""

import random
import re
import shutil
from pathlib import Path

import pytest

from ourocc.driver.main import main
from ourocc.semantics.type_table import TypeTable
from ourocc.semantics.types import DataModel
from ourocc.targets.abi import Abi
from ourocc.targets.riscv.abi import RiscvAbi
from ourocc.targets.x86.abi import X86Abi
from suites.abi_fuzz import Generator, make_cases, run_cases


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is the oracle")
def test_x86_agrees_with_gcc() -> None:
    generator = Generator(TypeTable(DataModel()), random.Random(11), "x86")
    assert run_cases(make_cases(generator, 40), generator, X86Abi(), "x86") == []


@pytest.mark.skipif(
    shutil.which("riscv64-linux-gnu-gcc") is None or shutil.which("qemu-riscv64") is None, reason="gcc is the oracle"
)
def test_riscv_agrees_with_gcc() -> None:
    model = DataModel()
    model.target = "riscv64"
    model.long_double_format = 128
    model.va_list_kind = 0
    abi: Abi = RiscvAbi()
    generator = Generator(TypeTable(model), random.Random(12), "riscv")
    assert run_cases(make_cases(generator, 40), generator, abi, "riscv") == []


def test_large_arrays_are_aligned(tmp_path: Path) -> None:
    """psABI 3.1.2: an array variable of 16 bytes or more is aligned to 16, unless an attribute says otherwise."""
    source, listing = tmp_path / "a.c", tmp_path / "a.s"
    source.write_text(
        "char wide[16], narrow[15]; static long pair[2] = {1, 2}; struct { char c[64]; } record;\n"
        "char own[32] __attribute__((aligned(2))); long *f(void) { static short inner[9]; return pair + inner[1]; }\n"
    )
    assert main(["-S", str(source), "-o", str(listing)]) == 0
    text = listing.read_text()
    found = dict(re.findall(r"\.size\s+(\w+)[\w.]*, \d+\n(?:\s+\.balign (\d+)\n)?", text))
    assert found == {"wide": "16", "narrow": "", "pair": "16", "record": "", "own": "2", "inner": "16"}
