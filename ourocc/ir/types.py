"""IR types: small integers.  Aggregates live in memory; complex numbers are two values.

A vector type is `lane type | lanes << 8`.  `PTR` has the target's pointer size.
"""

from typing import Final

VOID: Final = 0
I1: Final = 1
I8: Final = 2
I16: Final = 3
I32: Final = 4
I64: Final = 5
I128: Final = 6
PTR: Final = 7
F16: Final = 8
F32: Final = 9
F64: Final = 10
F80: Final = 11
F128: Final = 12

NAMES: Final = ("void", "i1", "i8", "i16", "i32", "i64", "i128", "ptr", "f16", "f32", "f64", "f80", "f128")
BITS: Final = (0, 1, 8, 16, 32, 64, 128, 64, 16, 32, 64, 80, 128)
SIZES: Final = (0, 1, 1, 2, 4, 8, 16, 8, 2, 4, 8, 16, 16)  # bytes in memory


def is_integer(type: int) -> bool:
    """i1 to i128 and ptr."""
    return I1 <= type <= PTR


def is_float(type: int) -> bool:
    return F16 <= type <= F128


def is_vector(type: int) -> bool:
    return type > 255


def vector(lane: int, lanes: int) -> int:
    return lane | lanes << 8


def lane_type(type: int) -> int:
    return type & 255


def lane_count(type: int) -> int:
    """Lanes of a vector; 1 for a scalar."""
    return type >> 8 if type > 255 else 1


def bits(type: int) -> int:
    if type > 255:
        return BITS[type & 255] * (type >> 8)
    return BITS[type]


def size(type: int) -> int:
    """Bytes that a store of this type writes (f80: 10 are significant, 16 is its slot)."""
    if type > 255:
        return SIZES[type & 255] * (type >> 8)
    return SIZES[type]


def name(type: int) -> str:
    if type > 255:
        return f"v{type >> 8}{NAMES[type & 255]}"
    return NAMES[type]


def integer_of_bits(width: int) -> int:
    """The integer type of 1, 8, 16, 32, 64 or 128 bits."""
    if width == 1:
        return I1
    if width == 8:
        return I8
    if width == 16:
        return I16
    if width == 32:
        return I32
    if width == 64:
        return I64
    assert width == 128
    return I128


def parse(text: str) -> int:
    """The type of a name as `name()` prints it; ValueError when there is none."""
    if text.startswith("v") and text != "void":
        index = 1
        while index < len(text) and text[index].isdigit():
            index += 1
        return vector(NAMES.index(text[index:]), int(text[1:index]))
    return NAMES.index(text)
