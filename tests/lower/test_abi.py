"""The ABI classification against gcc on random signatures (`suites/abi_fuzz.py` runs more)."""

import random
import shutil

import pytest

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
