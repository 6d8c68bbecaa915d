"""C programs through the front end, lowering and the IR interpreter; the expected output is gcc's."""

import pathlib

import pytest

from ourocc.driver.command_line import CommandLine
from ourocc.driver.compile import Compilation
from ourocc.ir.function import Module
from ourocc.ir.interpreter import Interpreter
from ourocc.ir.parser import parse_module
from ourocc.ir.text import print_module
from ourocc.ir.verifier import verify_module

PROGRAMS = sorted(pathlib.Path(__file__).with_name("programs").glob("*.c"))
RISCV_DIFFERS = {"arithmetic"}  # prints more digits of a long double than x87 has, and plain char's sign


def lowered(path: pathlib.Path, *flags: str) -> Module:
    """The verified IR of a C file."""
    compilation = Compilation(str(path), CommandLine(["-w", "-c", *flags, str(path)]).parse())
    module = compilation.lower(compilation.analyze(compilation.preprocess()))
    verify_module(module)
    return module


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_output_is_gccs(path: pathlib.Path) -> None:
    machine = Interpreter(lowered(path))
    status = machine.run_main([b"program"])
    assert machine.output.decode() == path.with_suffix(".out").read_text()
    assert status == 0


@pytest.mark.parametrize("path", [p for p in PROGRAMS if p.stem not in RISCV_DIFFERS], ids=lambda path: path.stem)
def test_output_on_riscv(path: pathlib.Path) -> None:
    machine = Interpreter(lowered(path, "--target=riscv64-linux-gnu"), "riscv")
    assert machine.run_main([b"program"]) == 0
    assert machine.output.decode() == path.with_suffix(".out").read_text()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_text_form_runs_the_same(path: pathlib.Path) -> None:
    text = print_module(lowered(path))
    module = parse_module(text)
    assert print_module(module) == text
    verify_module(module)
    machine = Interpreter(module)
    machine.run_main([b"program"])
    assert machine.output.decode() == path.with_suffix(".out").read_text()
