"""Legalization: rewrites IR that no target's selection handles into IR that it does.

In: optimized SSA.  Out: the same function with switches as branches and dense tables, over-aligned stack objects aligned by
hand, and what the target asks for (`Target.legalize`).
"""

from ourocc.ir.function import Function
from ourocc.machine.constants import ConstantPool
from ourocc.machine.options import CodeOptions
from ourocc.machine.target import Target


def legalize(function: Function, target: Target, options: CodeOptions, pool: ConstantPool) -> None:
    """Rewrite `function` in place."""
