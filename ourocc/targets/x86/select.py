"""Instruction selection for x86-64: the rules of select.rules, on top of `machine/selection.py`.

In: a function in SSA form, legalized.  Out: a MachineFunction of x86-64 instructions over virtual registers.
Read select_base.py (addresses, leaves), then select.rules; the actions of the rules are in select_*.py.
"""

from typing import final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Value
from ourocc.machine.constants import ConstantPool
from ourocc.machine.function import MachineBlock, MachineFunction
from ourocc.machine.options import CodeOptions
from ourocc.machine.selection import SelectionError
from ourocc.targets.generated.x86_select import select
from ourocc.targets.x86.select_asm import assembly
from ourocc.targets.x86.select_base import X86Base
from ourocc.targets.x86.select_calls import parameters, terminator


@final
class X86Selector(X86Base):
    def select_value(self, value: Value) -> None:
        if not select(self, value):
            kind = value.args[0].type if value.args else value.type
            raise SelectionError(
                f"no instruction for {op.NAMES[value.op]} of type {ty.name(value.type)} from {ty.name(kind)}",
                value.position,
            )

    def select_terminator(self, block: Block, machine: MachineBlock) -> None:
        terminator(self, block, machine)

    def select_parameters(self, values: list[Value]) -> None:
        parameters(self, values)

    def assembly(self, value: Value) -> None:
        assembly(self, value)


def select_function(function: Function, options: CodeOptions, pool: ConstantPool) -> MachineFunction:
    """Machine code over virtual registers for one function."""
    if options.no_x87:
        for block in function.blocks:
            for value in block.values:
                if value.type == ty.F80:
                    raise SelectionError("long double needs the x87 unit, which -mno-80387 rules out", value.position)
    return X86Selector(function, options, pool).run()
