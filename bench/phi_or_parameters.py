"""Phis or block parameters?  `python -m bench.phi_or_parameters`: the cost of each for what passes do most.

A graph of 20,000 blocks with two merged values each: build it, redirect edges (remove one, add one, as jump threading does), and
count uses by one walk.  Phis keep their arguments in the merging block, parallel to its predecessors; block parameters keep
them at the jumps.
"""

import gc
import time
from collections.abc import Callable

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Symbol, Value, add_edge, remove_edge

BLOCKS = 20_000


def graph(parameters: bool) -> tuple[Function, dict[int, list[list[Value]]]]:
    """A ladder: block k is entered from k-1 and k-2.  Arguments by block and predecessor when they are parameters."""
    function = Function(Symbol("f"))
    arguments: dict[int, list[list[Value]]] = {}
    for _ in range(BLOCKS):
        block = function.new_block()
        sources = function.blocks[max(0, block.id - 2) : block.id]
        for source in sources:
            add_edge(source, block)
        incoming: list[list[Value]] = [[] for _ in sources]
        for _ in range(2):
            merged = function.new_value(op.PHI, ty.I32, block)
            for index, source in enumerate(sources):
                if parameters:
                    incoming[index].append(source.values[0])
                    source.values[0].uses += 1
                else:
                    merged.add_argument(source.values[0])
            block.values.append(merged)
        arguments[block.id] = incoming
    return function, arguments


def redirect(function: Function, arguments: dict[int, list[list[Value]]], parameters: bool) -> None:
    """Every fourth block loses its first edge and gets it back at the end."""
    for block in function.blocks[4::4]:
        source: Block = block.predecessors[0]
        if parameters:
            moved = arguments[block.id].pop(0)
            del block.predecessors[0]
            source.successors.remove(block)
            add_edge(source, block)
            arguments[block.id].append(moved)
        else:
            saved = [value.args[0] for value in block.values if value.op == op.PHI]
            remove_edge(source, block)
            add_edge(source, block)
            for value, argument in zip(block.values, saved, strict=False):
                value.add_argument(argument)


def count(function: Function, arguments: dict[int, list[list[Value]]], parameters: bool) -> int:
    total = 0
    for block in function.blocks:
        for value in block.values:
            total += len(value.args)
        if parameters:
            for incoming in arguments[block.id]:
                total += len(incoming)
    return total


def timed(work: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    result = work()
    return (time.perf_counter() - started) * 1e9 / BLOCKS, result


def main() -> None:
    gc.disable()
    print("ns per block      build  redirect/4  walk")
    for name, parameters in (("phis", False), ("block parameters", True)):
        build, made = timed(lambda: graph(parameters))  # noqa: B023
        assert isinstance(made, tuple)
        function, arguments = made
        change, _ = timed(lambda: redirect(function, arguments, parameters))  # noqa: B023
        walk, _ = timed(lambda: count(function, arguments, parameters))  # noqa: B023
        print(f"{name:16} {build:6.0f} {change:9.0f} {walk:7.0f}")


if __name__ == "__main__":
    main()
