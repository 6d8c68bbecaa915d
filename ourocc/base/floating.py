"""Exact binary floating-point values for constants (interface; arithmetic follows in this file)."""

from typing import final


@final
class Real:
    """sign (0/1), class, integer significand and binary exponent: value = significand * 2**exponent."""

    def __init__(self, sign: int, significand: int, exponent: int, special: int = 0) -> None:
        self.sign = sign
        self.significand = significand
        self.exponent = exponent
        self.special = special  # 0 finite, 1 infinity, 2 quiet NaN, 3 signalling NaN
