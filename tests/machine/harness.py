"""Builds functions with the IR builder, compiles them, links them with a C driver by gcc and runs them."""

import subprocess
import tempfile
from pathlib import Path

from ourocc.base.diagnostics import Diagnostics
from ourocc.base.source import SourceMap
from ourocc.ir import types as ty
from ourocc.ir.builder import Builder
from ourocc.ir.function import ON_STACK, CallInfo, Function, Module, PieceLocation, Value
from ourocc.machine.emit_object import emit_module
from ourocc.machine.options import CodeOptions
from ourocc.objects.elf_writer import write_object
from ourocc.targets.x86.target import X86Target

GPRS = (7, 6, 2, 1, 8, 9)


def places(types: list[int]) -> tuple[list[PieceLocation], int]:
    """Argument locations of the psABI for scalars."""
    result = []
    integers = floats = stack = 0
    for type in types:
        if type <= ty.PTR and integers < 6:
            result.append(PieceLocation(type, GPRS[integers], 0))
            integers += 1
        elif type > ty.PTR and type != ty.F80 and floats < 8:
            result.append(PieceLocation(type, 16 + floats, 0))
            floats += 1
        else:
            stack = (stack + 15) & -16 if type == ty.F80 else stack
            result.append(PieceLocation(type, ON_STACK, stack))
            stack += 16 if type == ty.F80 else 8
    return result, stack


def result_place(type: int) -> list[PieceLocation]:
    if type == ty.VOID:
        return []
    if type == ty.F80:
        return [PieceLocation(type, 32, 0)]
    return [PieceLocation(type, 0 if type <= ty.PTR else 16, 0)]


class Made:
    """A function under construction: builder and parameter values."""

    def __init__(self, module: Module, name: str, result: int, types: list[int]) -> None:
        symbol = module.symbol(name)
        symbol.is_function = symbol.defined = True
        self.function = Function(symbol)
        symbol.function = self.function
        module.functions.append(self.function)
        self.function.parameter_locations, self.function.stack_parameter_size = places(types)
        self.function.result_locations = result_place(result)
        self.b = Builder(self.function)
        self.p: list[Value] = []
        for index, type in enumerate(types):
            value = self.b.emit(4, type)
            value.imm = index
            self.p.append(value)


def call(made: Made, module: Module, name: str, result: int, arguments: list[Value], variadic: bool = False) -> Value:
    info = CallInfo()
    info.argument_locations, info.stack_size = places([a.type for a in arguments])
    info.byval_sizes = [0] * len(arguments)
    info.result_locations = result_place(result)
    info.variadic = variadic
    info.vector_registers = sum(1 for place in info.argument_locations if place.register >= 16)
    symbol = module.symbol(name)
    symbol.is_function = True
    return made.b.call(symbol, None, arguments, info)


def compile_module(module: Module, optimize: int = 0) -> bytes:
    options = CodeOptions()
    options.optimize = optimize
    options.omit_frame_pointer = optimize > 0
    options.verify = True
    sources = SourceMap()
    diagnostics = Diagnostics(sources)
    made = emit_module(module, X86Target(), options, sources, diagnostics)
    assert not diagnostics.records, [record.message for record in diagnostics.records]
    return write_object(made)


def run(module: Module, driver: str, optimize: int = 0) -> str:
    """Link with the C program `driver` and give its output."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "a.o").write_bytes(compile_module(module, optimize))
        (path / "main.c").write_text(driver)
        subprocess.run(["gcc", "-w", "-o", path / "a.out", path / "main.c", path / "a.o", "-lm"], check=True)
        done = subprocess.run([path / "a.out"], capture_output=True, text=True, timeout=10)
        assert done.returncode == 0, done
        return done.stdout
