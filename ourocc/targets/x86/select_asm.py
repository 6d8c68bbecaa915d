"""Selection of inline assembly: constraints become registers, memory operands and immediates."""

from ourocc.ir.function import Value
from ourocc.machine.selection import SelectionError
from ourocc.targets.x86.select_base import X86Base


def assembly(s: X86Base, v: Value) -> None:
    raise SelectionError("inline assembly is not implemented yet", v.position)
