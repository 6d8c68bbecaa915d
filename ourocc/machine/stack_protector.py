"""Which functions get a canary between their arrays and the return address (-fstack-protector*)."""

from ourocc.machine.function import MachineFunction
from ourocc.machine.options import PROTECT_ALL, PROTECT_NONE, PROTECT_STRONG, CodeOptions


def wants_canary(function: MachineFunction, options: CodeOptions) -> bool:
    """gcc's rules: character arrays of 8 bytes or more and alloca; "strong": any array, any local whose address escapes."""
    level = options.stack_protector
    if level == PROTECT_NONE or not function.source.stack_protect:
        return False
    if level == PROTECT_ALL or function.dynamic_stack:
        return True
    for slot in function.slots:
        if slot.is_buffer or (level == PROTECT_STRONG and (slot.is_array or slot.escapes)):
            return True
    return False
