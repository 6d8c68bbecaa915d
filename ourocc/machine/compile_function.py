"""From optimized IR of one function to final machine instructions: the machine room as a list of steps."""

from ourocc.ir.function import Function
from ourocc.machine import (
    allocation_moves,
    block_order,
    dead_moves,
    live_ranges,
    liveness,
    register_allocation,
    shrink_wrapping,
    tail_merging,
)
from ourocc.machine.block_placement import place_blocks
from ourocc.machine.constants import ConstantPool
from ourocc.machine.function import MachineFunction
from ourocc.machine.legalize import legalize
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import Target


def compile_function(function: Function, target: Target, options: CodeOptions, pool: ConstantPool) -> MachineFunction:
    """Encodable instructions in final order.  Changes `function` (legalization).  Raises SelectionError."""
    target.prepare(function, options)
    legalize(function, target, options, pool)
    if options.optimize > 0:
        block_order.run(function)
    machine = target.select(function, options, pool)
    machine.wraps = options.optimize > 1 and not options.size and target.may_wrap(machine, options)
    allocate_registers(machine, target, options)
    if options.optimize > 0 and target.moves:
        dead_moves.run(machine, target)
    if options.optimize > 1 and not options.debug:
        tail_merging.run(machine, target, options)
    target.finish(machine, options, pool)
    place_blocks(machine, target, options)
    if machine.bare:
        shrink_wrapping.mark(machine)
    return machine


def allocate_registers(machine: MachineFunction, target: Target, options: CodeOptions) -> None:
    live = liveness.compute(machine, target)
    ranges = live_ranges.build(machine, target, live)
    allocation = register_allocation.allocate(ranges)
    if options.verify:
        from ourocc.machine.allocation_checker import Checker

        checker = Checker(machine, target)
        checker.check(allocation_moves.apply(allocation, True))
        return
    allocation_moves.apply(allocation)

