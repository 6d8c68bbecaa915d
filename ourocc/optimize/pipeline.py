"""The table of passes and the function that runs it.

A row: name, the levels it runs at, whether it is repeated in the clean-up round, reason.  `MUST_PRECEDE` is checked by a test.
"""

import sys
from collections.abc import Callable
from typing import Final, final

from ourocc.base.signals import let_signals_in
from ourocc.ir import operations as op
from ourocc.ir.function import Function, Module
from ourocc.optimize import (
    algebra,
    constant_memory,
    constant_propagation,
    constant_queries,
    construct_ssa,
    copies,
    dead_code,
    dead_stores,
    division,
    frequencies,
    if_conversion,
    implied_conditions,
    induction,
    jump_threading,
    loop_carried,
    loop_invariants,
    loop_memory,
    loop_rotation,
    object_sizes,
    partial_redundancy,
    range_checks,
    recursive_inlining,
    scalar_replacement,
    simplify_control_flow,
    sinking,
    small_copies,
    tail_recursion,
    unreferenced,
    unroll_and_jam,
    unrolling,
    value_numbering,
)
from ourocc.optimize.inline import InlineOptions, Inliner
from ourocc.optimize.library_calls import LibraryCalls


@final
class PipelineOptions:
    """What the command line says to the optimizer."""

    def __init__(self) -> None:
        self.level = 0
        self.size = 0  # 1 -Os, 2 -Oz
        self.debug_friendly = False
        self.wrapv = False
        self.semantic_interposition = True
        self.pic_shared = False  # code for a shared object: exported functions may be replaced
        self.inline = True
        self.builtins = True  # library functions may be understood
        self.no_builtin: list[str] = []  # ... but for these
        self.disabled: list[str] = []
        self.print_after: list[str] = []
        self.bisect = -1  # run only so many pass applications
        self.verify = False


@final
class Pass:
    """A row of the table."""

    def __init__(
        self, name: str, run: Callable[[Function], bool], level: int, reason: str, grows: bool = False
    ) -> None:  # fmt: skip
        self.name = name
        self.run = run
        self.level = level  # lowest -O level
        self.reason = reason
        self.grows = grows  # larger code: not at -Os


# Before inlining into the function: make it small, so that its size means something
EARLY_PASSES: Final[list[Pass]] = [
    Pass("simplify-cfg", simplify_control_flow.run, 1, "fewer blocks and edges for everything that follows"),
    Pass("scalar-replacement", scalar_replacement.run, 1, "parts of structures become variables"),
    Pass("ssa", construct_ssa.run, 1, "variables become values"),
    Pass("copies", copies.run, 1, "uses see the values themselves"),
    Pass("hints", frequencies.hints, 1, "__builtin_expect speaks of branches"),
    Pass("constant-memory", constant_memory.run, 1, "loads of initializers that never change"),
    Pass("algebra", algebra.run, 1, "simpler forms of the same values"),
    Pass("constants", constant_propagation.run, 1, "constants through branches and phis"),
    Pass("simplify-cfg-2", simplify_control_flow.run, 1, "branches on what has become constant"),
    Pass("object-sizes", object_sizes.run, 1, "the known ones; a question keeps its object in memory"),
    Pass("dead-code", dead_code.run, 1, "what nobody needs"),
]

# After inlining into it
LATE_PASSES: Final[list[Pass]] = [
    Pass("inlined-copies", copies.run, 1, "what inlined calls return is the object itself, not a copy of its address"),
    Pass("late-scalar-replacement", scalar_replacement.run, 1, "structures passed to what was inlined"),
    Pass("late-ssa", construct_ssa.finish, 1, "variables whose address was only needed for a call that is gone"),
    Pass("tail-recursion", tail_recursion.run, 2, "calls of itself at the end become jumps"),
    Pass("recursive-inlining", recursive_inlining.run, 2, "fewer calls of small recursive functions"),
    Pass("late-object-sizes", object_sizes.finish, 1, "__builtin_object_size, after inlining, before fortified calls"),
    Pass("late-copies", copies.run, 1, "uses see the values themselves"),
    Pass("late-constant-memory", constant_memory.run, 1, "addresses that inlining made known"),
    Pass("late-algebra", algebra.run, 1, "simpler forms of the same values"),
    Pass("constant-queries", constant_queries.finish, 1, "__builtin_constant_p, after inlining"),
    Pass("late-constants", constant_propagation.run, 1, "constant arguments"),
    Pass("late-simplify-cfg", simplify_control_flow.run, 1, "branches on them"),
    Pass("jump-threading", jump_threading.run, 2, "branches on phis of constants"),
    Pass("loop-rotation", loop_rotation.run, 2, "loops test at their end"),
    Pass("rotated-simplify-cfg", simplify_control_flow.run, 2, "blocks that rotation left"),
    Pass("small-copies", small_copies.run, 2, "copies of the size of an integer are a load and a store"),
    Pass("value-numbering", value_numbering.run, 1, "each computation once, loads from known memory"),
    Pass("algebra-3", algebra.run, 1, "what value numbering uncovered"),
    Pass("implied-conditions", implied_conditions.run, 2, "what branches on the way have decided"),
    Pass("range-checks", range_checks.run, 2, "two comparisons are one"),
    Pass("jump-threading-2", jump_threading.run, 2, "after value numbering"),
    Pass("loops-simplify-cfg", simplify_control_flow.run, 2, "guards of rotated loops that are constant"),
    Pass("unrolling", unrolling.run, 2, "loops of a few rounds", True),
    Pass("loop-invariants", loop_invariants.run, 2, "what a loop need not repeat"),
    Pass("loop-memory", loop_memory.run, 2, "memory that a loop updates becomes a value"),
    Pass("partial-redundancy", partial_redundancy.run, 2, "loads of what is known on some ways"),
    Pass("induction", induction.run, 2, "counters of addresses become 64 bits wide, products become sums"),
    Pass("dead-stores", dead_stores.run, 2, "what is overwritten or never read"),
    Pass("value-numbering-2", value_numbering.run, 2, "what became equal"),
    Pass("division", division.run, 1, "division by constants is multiplication"),
    Pass("dead-code-2", dead_code.run, 1, "what became unused"),
    Pass("loop-carried", loop_carried.run, 2, "what the round before has stored"),
    Pass("unroll-and-jam", unroll_and_jam.run, 2, "sums that do not wait for each other", True),
    Pass("simplify-cfg-3", simplify_control_flow.run, 1, "branches on what has become constant"),
    Pass("if-conversion", if_conversion.run, 2, "short branches become selects"),
    Pass("algebra-4", algebra.run, 1, "selects and quotients"),
    Pass("dead-code-3", dead_code.run, 1, "what became unused"),
    Pass("sinking", sinking.run, 1, "counters and their next values share a register"),
    Pass("frequencies", frequencies.run, 1, "for register allocation and the order of blocks"),
]

# Where __builtin_constant_p was still open at the end
ANSWERED_PASSES: Final[list[Pass]] = [
    Pass("answered-algebra", algebra.run, 1, "what depends on the answers"),
    Pass("answered-constants", constant_propagation.run, 1, "branches on them"),
    Pass("answered-simplify-cfg", simplify_control_flow.run, 1, "code for constants goes"),
    Pass("answered-dead-code", dead_code.run, 1, "what became unused"),
    Pass("answered-frequencies", frequencies.run, 1, "the graph has changed"),
]

MUST_PRECEDE: Final[list[tuple[str, str]]] = [
    ("simplify-cfg", "ssa"),
    ("scalar-replacement", "ssa"),
    ("constants", "simplify-cfg-2"),
    ("ssa", "copies"),
    ("copies", "dead-code"),
    ("inlined-copies", "late-scalar-replacement"),
    ("late-scalar-replacement", "late-ssa"),
    ("late-scalar-replacement", "small-copies"),
    ("late-ssa", "value-numbering"),
    ("copies", "constant-memory"),
    ("constant-memory", "algebra"),
    ("implied-conditions", "loops-simplify-cfg"),
    ("value-numbering", "loop-invariants"),
    ("late-ssa", "late-object-sizes"),
    ("late-object-sizes", "late-copies"),
    ("late-constants", "late-simplify-cfg"),
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

    def library_calls(self, library: LibraryCalls | None, function: Function) -> None:
        """Calls of known library functions (`library_calls.py`), which may need new symbols of the module."""
        if library is None or _level(function, self.options) < 1 or "library-calls" in self.options.disabled:
            return
        library.run(function)
        if self.options.verify:
            from ourocc.ir.verifier import verify

            verify(function)


def optimize(module: Module, options: PipelineOptions) -> None:
    """Run the passes of the level over all functions of the module, callees before callers."""
    manager = PassManager(options)
    order = _callees_first(module)
    _mark_replaceable(module, options)
    inline_options = InlineOptions(options.level, options.size > 0, options.inline and options.level > 0)
    inliner = Inliner(inline_options, _direct_calls(module), _replaceable(module, options))
    library = LibraryCalls(module, options.no_builtin) if options.builtins and module.functions else None
    for function in order:
        let_signals_in()
        for row in EARLY_PASSES:
            if row.level <= _level(function, options):
                manager.apply(row, function)
        manager.library_calls(library, function)
        if "inline" not in options.disabled:
            inliner.run(function)
    unreferenced.run(module)
    for function in module.functions:
        let_signals_in()
        for row in LATE_PASSES:
            if row.level <= _level(function, options) and not (row.grows and (options.size or function.cold)):
                if row.name == "late-copies":  # arguments that inlining and SSA construction made constant
                    manager.library_calls(library, function)
                manager.apply(row, function)
    for function in order:
        if options.level > 0 and _answer_questions(function):
            for row in ANSWERED_PASSES:
                manager.apply(row, function)
    unreferenced.run(module)


def _level(function: Function, options: PipelineOptions) -> int:
    return function.optimize_level if function.optimize_level >= 0 else options.level


def _answer_questions(function: Function) -> bool:
    """What is no constant after all inlining never will be: __builtin_constant_p is 0; so for objects without known size."""
    found = False
    for block in function.blocks:
        for value in block.values:
            if value.op == op.IS_CONSTANT:
                value.become_constant(0)
                found = True
            elif value.op == op.OBJECT_SIZE:
                value.become_constant(object_sizes.unknown(value))
                found = True
    return found


def pass_names() -> list[str]:
    """The different passes that the table names (without "-2" and "late-" variants)."""
    found: list[str] = []
    known: set[int] = set()
    for row in EARLY_PASSES + LATE_PASSES:
        if id(row.run) not in known:
            known.add(id(row.run))
            found.append(row.name)
    return found


def run_alone(module: Module, options: PipelineOptions, name: str) -> None:
    """SSA construction, then one pass: for tests."""
    manager = PassManager(options)
    for function in module.functions:
        for row in EARLY_PASSES:
            if row.name == "ssa" or row.name == "copies":
                manager.apply(row, function)
        for row in EARLY_PASSES + LATE_PASSES:
            if row.name == name:
                manager.apply(row, function)


def _callees_first(module: Module) -> list[Function]:
    """Postorder of the call graph."""
    visited: set[str] = set()
    order: list[Function] = []
    for root in module.functions:
        stack: list[tuple[Function, list[Function]]] = []
        if root.name not in visited:
            visited.add(root.name)
            stack.append((root, _callees(root)))
        while stack:
            function, callees = stack[-1]
            while callees:
                callee = callees.pop()
                if callee.name not in visited:
                    visited.add(callee.name)
                    stack.append((callee, _callees(callee)))
                    break
            else:
                order.append(function)
                stack.pop()
    return order


def _callees(function: Function) -> list[Function]:
    found: list[Function] = []
    for block in function.blocks:
        for value in block.values:
            if value.op == op.CALL and value.symbol is not None and value.symbol.function is not None:
                found.append(value.symbol.function)
    found.reverse()
    return found


def _direct_calls(module: Module) -> dict[str, int]:
    """How often each function is mentioned; an address that is taken counts for many."""
    counts: dict[str, int] = {}
    for function in module.functions:
        for block in function.blocks:
            for value in block.values:
                if value.symbol is not None and value.symbol.is_function:
                    name = value.symbol.name
                    counts[name] = counts.get(name, 0) + (1 if value.op == op.CALL else 100)
    for symbol in module.objects:
        if symbol.data is not None:
            for relocation in symbol.data.relocations:
                if relocation.symbol is not None:
                    counts[relocation.symbol.name] = 100
    return counts


def _mark_replaceable(module: Module, options: PipelineOptions) -> None:
    """Objects whose contents here need not be the ones that the program sees (interposition in shared objects)."""
    if options.pic_shared and options.semantic_interposition:
        for symbol in module.objects:
            symbol.replaceable = not symbol.local and symbol.visibility == 0


def _replaceable(module: Module, options: PipelineOptions) -> set[str]:
    """Functions whose definition here need not be the one that runs (interposition in shared objects)."""
    if not (options.pic_shared and options.semantic_interposition):
        return set()
    found: set[str] = set()
    for function in module.functions:
        symbol = function.symbol
        if not symbol.local and symbol.visibility == 0 and not function.inline_hint:
            found.add(function.name)
    return found
