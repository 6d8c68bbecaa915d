"""-fexceptions: where a function's list of cleanups stands (`lower/unwinding.py`), for its language-specific data."""

from typing import Final

from ourocc.ir.function import Function
from ourocc.machine.function import MachineFunction
from ourocc.machine.target import Target

CLEANUP_PERSONALITY: Final = "__ourocc_cleanup_personality"


def cleanup_list_offset(function: Function, machine: MachineFunction, target: Target) -> int | None:
    """The list's head relative to the frame pointer; None for functions without one."""
    if function.cleanup_list is None:
        return None
    for slot in machine.slots:
        if slot.value is function.cleanup_list:
            return slot.offset + target.frame_register_offset
    return None
