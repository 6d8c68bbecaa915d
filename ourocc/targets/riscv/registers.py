"""RISC-V registers: 0..31 are x0..x31, 32..63 are f0..f31."""

from typing import Final

ZERO: Final = 0
RA: Final = 1
SP: Final = 2
GP: Final = 3
TP: Final = 4
T0: Final = 5
T1: Final = 6
T2: Final = 7
FP: Final = 8  # s0
A0: Final = 10
T6: Final = 31
F0: Final = 32
FA0: Final = 42

NAMES: Final = (
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
    "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
)  # fmt: skip
