"""The property bits that the instruction tables of all targets share; bit n is the n-th word."""

from typing import Final

PROPERTY_WORDS: Final = (
    "memory",  # has an explicit memory operand: base, index, scale, displacement, symbol
    "load",  # may read memory
    "store",  # may write memory
    "branch",  # may jump within the function
    "conditional",  # uses `condition`
    "call",
    "return",
    "move",  # r0 = r1, nothing else
    "terminator",  # control never falls through
    "effect",  # must not be deleted or moved, whatever it writes
    "commutative",  # r0 and r1 may be exchanged as sources
    "immediate",  # uses `imm` (or symbol in its place)
    "x87",  # works on the x87 stack: keep in order with all others of the kind
    "locked",  # carries a lock prefix
    "lockable",
    "string",
    "zero",  # with equal registers the result does not depend on them (xor, sub, pxor)
)
