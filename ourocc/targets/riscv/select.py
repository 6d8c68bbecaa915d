"""Instruction selection for RISC-V 64: the rules of select.rules, on top of `machine/selection.py`.

In: a function in SSA form, legalized.  Out: a MachineFunction of RISC-V instructions over virtual registers.
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
from ourocc.targets.generated.riscv_select import select
from ourocc.targets.riscv.select_asm import assembly
from ourocc.targets.riscv.select_base import RiscvBase
from ourocc.targets.riscv.select_calls import parameters, terminator


@final
class RiscvSelector(RiscvBase):
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
    return RiscvSelector(function, options, pool).run()
