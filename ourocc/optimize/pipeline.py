"""The table of passes and the function that runs it.

A row: name, the levels it runs at, whether it is repeated in the clean-up round, reason.  `MUST_PRECEDE` is checked by a test.
"""

import sys
from collections.abc import Callable
from typing import Final, final

from ourocc.ir.function import Function, Module
from ourocc.optimize import (
    constant_propagation,
    construct_ssa,
    copies,
    dead_code,
    scalar_replacement,
    simplify_control_flow,
    value_numbering,
)


@final
class PipelineOptions:
    """What the command line says to the optimizer."""

    def __init__(self) -> None:
        self.level = 0
        self.size = 0  # 1 -Os, 2 -Oz
        self.debug_friendly = False
        self.wrapv = False
        self.strict_aliasing = False
        self.semantic_interposition = True
        self.pic_shared = False  # code for a shared object: exported functions may be replaced
        self.builtins = True  # library functions may be understood
        self.disabled: list[str] = []
        self.print_after: list[str] = []
        self.bisect = -1  # run only so many pass applications
        self.verify = False


@final
class Pass:
    """A row of the table."""

    def __init__(self, name: str, run: Callable[[Function], bool], level: int, reason: str) -> None:
        self.name = name
        self.run = run
        self.level = level  # lowest -O level
        self.reason = reason


# Per function, in order
FUNCTION_PASSES: Final[list[Pass]] = [
    Pass("simplify-cfg", simplify_control_flow.run, 1, "fewer blocks and edges for everything that follows"),
    Pass("scalar-replacement", scalar_replacement.run, 1, "parts of structures become variables"),
    Pass("ssa", construct_ssa.run, 1, "variables become values"),
    Pass("copies", copies.run, 1, "uses see the values themselves"),
    Pass("dead-code", dead_code.run, 1, "what nobody needs"),
    Pass("constants", constant_propagation.run, 1, "constants through branches and phis"),
    Pass("value-numbering", value_numbering.run, 1, "each computation once, loads from known memory"),
    Pass("dead-code-2", dead_code.run, 1, "what became unused"),
    Pass("simplify-cfg-2", simplify_control_flow.run, 1, "branches on what has become constant"),
]

MUST_PRECEDE: Final[list[tuple[str, str]]] = [
    ("simplify-cfg", "ssa"),
    ("scalar-replacement", "ssa"),
    ("constants", "value-numbering"),
    ("ssa", "copies"),
    ("copies", "dead-code"),
]


@final
class PassManager:
    """Runs rows over functions, with the debugging aids of the command line."""

    def __init__(self, options: PipelineOptions) -> None:
        self.options = options
        self.applications = 0

    def apply(self, row: Pass, function: Function) -> None:
        options = self.options
        if row.name in options.disabled:
            return
        if options.bisect >= 0 and self.applications >= options.bisect:
            return
        self.applications += 1
        if self.applications == options.bisect:
            print(f"bisect: last pass is {row.name} on {function.name}", file=sys.stderr)
        row.run(function)
        if row.name in options.print_after:
            from ourocc.ir.text import print_function

            print(f"; after {row.name}\n{print_function(function)}", file=sys.stderr)
        if options.verify:
            from ourocc.ir.verifier import verify

            verify(function)


def optimize(module: Module, options: PipelineOptions) -> None:
    """Run the passes of the level over all functions of the module."""
    manager = PassManager(options)
    for function in module.functions:
        level = function.optimize_level if function.optimize_level >= 0 else options.level
        for row in FUNCTION_PASSES:
            if row.level <= level:
                manager.apply(row, function)
