"""Alias classes: what type a load or store has in C, as far as C17 6.5p7 says that different types are different memory.

A load or store carries its class in `imm`.  `ANY` says nothing: accesses through character types, unions, bit-fields, types with
attribute may_alias, and everything that is no access of the source program.  Two accesses of different classes, neither of them
`ANY`, do not meet in one object, as long as the question is whether the one *reads what the other has stored*.  A store gives memory
without a declared type (malloc) a new type, so stores keep their order with earlier accesses of any class (`optimize/alias.py`).
"""

from typing import Final

ANY: Final = 0
SHORT: Final = 1
INT: Final = 2
LONG: Final = 3
LONG_LONG: Final = 4
INT128: Final = 5
BOOL: Final = 6
FLOAT16: Final = 7
FLOAT: Final = 8
DOUBLE: Final = 9
LONG_DOUBLE: Final = 10
FLOAT128: Final = 11
POINTER: Final = 12  # all pointers are one class, as `void *` may stand for each of them

NAMES: Final = (
    "any", "short", "int", "long", "long_long", "int128", "bool", "float16", "float", "double", "long_double", "float128",
    "pointer",
)  # fmt: skip
COUNT: Final = 13


def may_meet(x: int, y: int) -> bool:
    """May an access of class x read what one of class y has stored?"""
    return x == y or x == ANY or y == ANY
