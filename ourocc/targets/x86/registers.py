"""x86-64 registers: numbers (hardware encoding within each class), names, classes.

0..15 general purpose, 16..31 XMM, 32..39 x87 stack, 40 RIP, 41 flags, 42..47 segments, 48..55 MMX, 60..63 AH CH DH BH
(the last two only in assembly text).
"""

from typing import Final

RAX: Final = 0
RCX: Final = 1
RDX: Final = 2
RBX: Final = 3
RSP: Final = 4
RBP: Final = 5
RSI: Final = 6
RDI: Final = 7
R8: Final = 8
R9: Final = 9
R10: Final = 10
R11: Final = 11
R12: Final = 12
R13: Final = 13
R14: Final = 14
R15: Final = 15
XMM0: Final = 16
XMM1: Final = 17
XMM2: Final = 18
XMM3: Final = 19
XMM4: Final = 20
XMM5: Final = 21
XMM6: Final = 22
XMM7: Final = 23
XMM15: Final = 31
ST0: Final = 32
ST1: Final = 33
RIP: Final = 40
FLAGS: Final = 41
ES: Final = 42
CS: Final = 43
SS: Final = 44
DS: Final = 45
FS: Final = 46
GS: Final = 47
MM0: Final = 48
AH: Final = 60
CH: Final = 61
DH: Final = 62
BH: Final = 63

NAMES64: Final = (
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
)  # fmt: skip
NAMES32: Final = (
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
    "r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d",
)  # fmt: skip
NAMES16: Final = (
    "ax", "cx", "dx", "bx", "sp", "bp", "si", "di",
    "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w",
)  # fmt: skip
NAMES8: Final = (
    "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil",
    "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b",
)  # fmt: skip
NAMES8_HIGH: Final = ("ah", "ch", "dh", "bh")
DWARF_NUMBERS: Final = (
    0,
    2,
    1,
    3,
    7,
    6,
    4,
    5,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
)  # psABI figure 3.36, by register number
