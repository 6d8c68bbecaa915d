"""The table of operations: everything that an SSA value can be, in one place.

Each row: name, number of arguments (-1: varies), flags, meaning.  Arithmetic is two's complement and
wraps; nothing is undefined in the IR but what a row says.  "x" and "y" are args[0] and args[1].  Vectors are allowed
wherever the row says "lanes".  Integer constants are kept *sign-extended* in `imm` (i1: 0 or 1; i8: -128..127;
i128: full range), floating constants as their bit pattern (non-negative).
"""

from typing import Final

COMMUTATIVE: Final = 1  # exchanging x and y changes nothing
EFFECT: Final = 2  # must stay, in order with other effects (writes memory, I/O, traps on purpose)
READS: Final = 4  # reads memory: must not move across effects that may write it
TERMINATOR: Final = 8
PINNED: Final = 16  # stays in its block and place (phi, param, alloca, results of a multi-result value)
COMPARE: Final = 32  # result i1 (lanes: integer mask lanes, 0 or -1, of the operands' width)
MAY_TRAP: Final = 64  # must not be executed speculatively

ROWS: Final[list[tuple[str, int, int, str]]] = [
    ("invalid", 0, 0, "a value that was removed"),
    # -- leaves
    ("const", 0, 0, "integer or pointer constant imm (vectors: every lane is imm)"),
    ("fconst", 0, 0, "floating constant with bit pattern imm (vectors: every lane)"),
    ("vconst", 0, 0, "vector constant: imm is the little-endian integer of its bytes"),
    (
        "param",
        0,
        PINNED,
        "the function's parameter piece number imm (index into function.parameter_locations)",
    ),
    ("address", 0, 0, "address of `symbol` plus imm; extra 1: worth a register"),
    ("alloca", 0, PINNED, "address of a fixed stack object: imm bytes, alignment in extra; entry block only"),
    ("undef", 0, 0, "some value of the type, nobody cares which"),
    ("label_address", 0, 0, "address of `target` block (GNU &&label)"),
    # -- plumbing
    ("copy", 1, 0, "x"),
    (
        "phi",
        -1,
        PINNED,
        "args[i] when the block was entered from predecessors[i]; phis come first in a block",
    ),
    (
        "result",
        1,
        PINNED,
        "result number imm (>= 1) of the multi-result value x (call, asm); stands right after it",
    ),
    # -- integer arithmetic, lanes allowed
    ("add", 2, COMMUTATIVE, "x + y"),
    ("sub", 2, 0, "x - y"),
    ("mul", 2, COMMUTATIVE, "x * y"),
    ("sdiv", 2, MAY_TRAP, "signed quotient truncated toward zero; y == 0 or overflow traps or is undefined"),
    ("udiv", 2, MAY_TRAP, "unsigned quotient; y == 0 undefined"),
    ("srem", 2, MAY_TRAP, "signed remainder, sign of x"),
    ("urem", 2, MAY_TRAP, "unsigned remainder"),
    ("smulh", 2, COMMUTATIVE, "high half of the signed double-width product (i32, i64)"),
    ("umulh", 2, COMMUTATIVE, "high half of the unsigned double-width product"),
    ("and", 2, COMMUTATIVE, "bitwise and"),
    ("or", 2, COMMUTATIVE, "bitwise or"),
    ("xor", 2, COMMUTATIVE, "bitwise exclusive or"),
    ("shl", 2, 0, "x << y; y has x's type; y >= width: any value (undefined, not trapping)"),
    ("lshr", 2, 0, "logical shift right, y as in shl"),
    ("ashr", 2, 0, "arithmetic shift right, y as in shl"),
    ("rotl", 2, 0, "rotate left by y modulo the width"),
    ("neg", 1, 0, "-x"),
    ("not", 1, 0, "~x (i1: logical not)"),
    ("bswap", 1, 0, "bytes reversed (i16, i32, i64, i128)"),
    ("clz", 1, 0, "leading zero bits; x == 0: undefined value"),
    ("ctz", 1, 0, "trailing zero bits; x == 0: undefined value"),
    ("popcount", 1, 0, "number of one bits"),
    ("ptradd", 2, 0, "pointer x plus y bytes (y: i64)"),
    # -- overflow predicates: i1, computed on the infinitely precise result
    ("sadd_overflows", 2, COMMUTATIVE, "x + y does not fit the signed type"),
    ("uadd_overflows", 2, COMMUTATIVE, "x + y does not fit the unsigned type"),
    ("ssub_overflows", 2, 0, "x - y does not fit the signed type"),
    ("usub_overflows", 2, 0, "x - y does not fit the unsigned type"),
    ("smul_overflows", 2, COMMUTATIVE, "x * y does not fit the signed type"),
    ("umul_overflows", 2, COMMUTATIVE, "x * y does not fit the unsigned type"),
    # -- integer comparison, lanes allowed
    ("eq", 2, COMPARE | COMMUTATIVE, "x == y"),
    ("ne", 2, COMPARE | COMMUTATIVE, "x != y"),
    ("slt", 2, COMPARE, "x < y signed"),
    ("sle", 2, COMPARE, "x <= y signed"),
    ("sgt", 2, COMPARE, "x > y signed"),
    ("sge", 2, COMPARE, "x >= y signed"),
    ("ult", 2, COMPARE, "x < y unsigned"),
    ("ule", 2, COMPARE, "x <= y unsigned"),
    ("ugt", 2, COMPARE, "x > y unsigned"),
    ("uge", 2, COMPARE, "x >= y unsigned"),
    # -- floating arithmetic, IEEE 754 round to nearest even, lanes allowed
    ("fadd", 2, COMMUTATIVE, "x + y"),
    ("fsub", 2, 0, "x - y"),
    ("fmul", 2, COMMUTATIVE, "x * y"),
    ("fdiv", 2, 0, "x / y"),
    ("fneg", 1, 0, "sign bit flipped"),
    ("fabs", 1, 0, "sign bit cleared"),
    ("fsqrt", 1, 0, "square root"),
    ("fcopysign", 2, 0, "magnitude of x with the sign of y"),
    # -- floating comparison: o.. ordered (false on NaN), u.. unordered (true on NaN)
    ("foeq", 2, COMPARE | COMMUTATIVE, "ordered and x == y (C ==)"),
    ("fune", 2, COMPARE | COMMUTATIVE, "unordered or x != y (C !=)"),
    ("folt", 2, COMPARE, "ordered and x < y"),
    ("fole", 2, COMPARE, "ordered and x <= y"),
    ("fogt", 2, COMPARE, "ordered and x > y"),
    ("foge", 2, COMPARE, "ordered and x >= y"),
    ("fult", 2, COMPARE, "unordered or x < y"),
    ("fule", 2, COMPARE, "unordered or x <= y"),
    ("fugt", 2, COMPARE, "unordered or x > y"),
    ("fuge", 2, COMPARE, "unordered or x >= y"),
    ("fueq", 2, COMPARE | COMMUTATIVE, "unordered or x == y"),
    ("fone", 2, COMPARE | COMMUTATIVE, "ordered and x != y"),
    ("ford", 2, COMPARE | COMMUTATIVE, "neither is NaN"),
    ("funo", 2, COMPARE | COMMUTATIVE, "either is NaN"),
    # -- conversions, from args[0].type to type; lanes allowed
    ("trunc", 1, 0, "low bits of a wider integer (to i1: the lowest bit)"),
    ("zext", 1, 0, "zero-extend a narrower integer"),
    ("sext", 1, 0, "sign-extend a narrower integer (i1: 0 or -1)"),
    ("fconvert", 1, 0, "between floating types"),
    ("sitof", 1, 0, "signed integer to floating"),
    ("uitof", 1, 0, "unsigned integer to floating"),
    ("ftosi", 1, 0, "floating to signed integer, toward zero; out of range: any value"),
    ("ftoui", 1, 0, "floating to unsigned integer, toward zero"),
    ("bitcast", 1, 0, "same bits, other type of the same size (ptr <-> i64 included)"),
    # -- choice
    ("select", 3, 0, "args[0] (i1, or mask lanes) ? args[1] : args[2]"),
    # -- memory.  extra: alignment in bytes (0: natural); flag VOLATILE in Value.flags
    ("load", 1, READS | MAY_TRAP, "the value of `type` at address x; imm: its alias class"),
    ("store", 2, EFFECT, "args[0]: address, args[1]: value; type void; the stored type is args[1].type; imm: alias class"),
    ("memcpy", 3, EFFECT, "copy args[2] (i64) bytes from args[1] to args[0]; no overlap, or equal addresses; imm: alias class of the destination"),
    ("memmove", 3, EFFECT, "copy args[2] bytes from args[1] to args[0]; may overlap"),
    ("memset", 3, EFFECT, "fill args[2] bytes at args[0] with args[1] (i8)"),
    ("dynamic_alloca", 1, EFFECT | PINNED, "x more bytes of stack, aligned to extra; its address"),
    ("stack_save", 0, EFFECT | PINNED, "the stack pointer"),
    ("stack_restore", 1, EFFECT | PINNED, "set the stack pointer to x"),
    # -- atomics: imm is the C11 memory order (0 relaxed .. 5 seq_cst); extra is the rmw operation for atomic_rmw
    ("atomic_load", 1, EFFECT, "atomic load of `type`"),
    ("atomic_store", 2, EFFECT, "args[0]: address, args[1]: value"),
    ("atomic_rmw", 2, EFFECT, "old value at x, which becomes rmw(extra)(old, y); extra is an RMW_ number"),
    (
        "atomic_cmpxchg",
        3,
        EFFECT,
        "args: address, expected, desired; gives the old value (success: old == expected)",
    ),
    ("fence", 0, EFFECT, "memory fence of order imm (extra 1: compiler-only signal fence)"),
    # -- calls
    (
        "call",
        -1,
        EFFECT,
        "call: args = [callee pointer unless `symbol`] + pieces; see CallInfo; type: first result piece",
    ),
    ("asm", -1, EFFECT, "inline assembly, see AsmInfo; args are the inputs; results like a call's"),
    ("stack_parameter", 0, 0, "address of the incoming stack argument area plus imm"),
    ("frame_address", 0, 0, "the frame pointer of the frame imm levels up"),
    ("return_address", 0, 0, "the return address of the frame imm levels up"),
    (
        "va_registers",
        0,
        PINNED,
        "address of the register save area that the prologue filled (extra: target's meaning)",
    ),
    ("thread_pointer", 0, 0, "the thread pointer"),
    ("prefetch", 1, EFFECT, "hint: x will be used; imm: bit 0 write, bits 1-2 locality"),
    ("trap", 0, EFFECT, "abnormal end (__builtin_trap); execution does not go on"),
    ("expect", 1, 0, "x, which is expected to equal imm"),
    ("is_constant", 1, 0, "i1 (__builtin_constant_p): folds to 1 when x is a constant, to 0 after the last pass"),
    # -- vectors
    ("vextract", 2, 0, "lane y (i64) of x"),
    ("vinsert", 3, 0, "x with lane args[2] (i64) replaced by args[1]"),
    ("vsplat", 1, 0, "every lane is x"),
    ("vshuffle", 3, 0, "lane i = (x ++ y)[args[2] lane i modulo twice the lanes]"),
    ("vmake", -1, 0, "vector of the scalars args, one a lane"),
    # -- target operations made by builtins: `symbol_name` says which (x86 intrinsics)
    ("target", -1, EFFECT, "target operation number imm of targets/<t>/intrinsics"),
    # -- debug and profile
    ("line", 0, EFFECT, "no code: the position of what follows (only with -g at -O0)"),
    # -- terminators (Block.terminator)
    ("jump", 0, TERMINATOR, "go to successors[0]"),
    ("branch", 1, TERMINATOR, "successors[0] when x (i1) is 1, else successors[1]; two different blocks"),
    ("switch", 1, TERMINATOR, "successors[k] for the SwitchCase with low <= x <= high, else successors[0]"),
    ("return", -1, TERMINATOR, "args are the result pieces, as function.result_locations says"),
    ("unreachable", 0, TERMINATOR, "control never comes here"),
    ("indirect_jump", 1, TERMINATOR, "go to the address x: one of the successors (all address-taken labels)"),
    ("asm_goto", -1, TERMINATOR, "asm goto: falls to successors[0], its labels are successors[1..]"),
    # -- later additions
    (
        "object_size",
        1,
        0,
        "__builtin_object_size of kind imm: bytes left behind the pointer x; answered by `object_sizes`",
    ),
]

NAMES: Final[list[str]] = [row[0] for row in ROWS]
ARITY: Final[list[int]] = [row[1] for row in ROWS]
FLAGS: Final[list[int]] = [row[2] for row in ROWS]
NUMBER: Final[dict[str, int]] = {row[0]: index for index, row in enumerate(ROWS)}

# Atomic read-modify-write operations (Value.extra of atomic_rmw)
RMW_XCHG: Final = 0
RMW_ADD: Final = 1
RMW_SUB: Final = 2
RMW_AND: Final = 3
RMW_OR: Final = 4
RMW_XOR: Final = 5
RMW_NAND: Final = 6


# Operation numbers: positions in ROWS; tests/ir checks that they agree.
INVALID: Final = 0
CONST: Final = 1
FCONST: Final = 2
VCONST: Final = 3
PARAM: Final = 4
ADDRESS: Final = 5
ALLOCA: Final = 6
UNDEF: Final = 7
LABEL_ADDRESS: Final = 8
COPY: Final = 9
PHI: Final = 10
RESULT: Final = 11
ADD: Final = 12
SUB: Final = 13
MUL: Final = 14
SDIV: Final = 15
UDIV: Final = 16
SREM: Final = 17
UREM: Final = 18
SMULH: Final = 19
UMULH: Final = 20
AND: Final = 21
OR: Final = 22
XOR: Final = 23
SHL: Final = 24
LSHR: Final = 25
ASHR: Final = 26
ROTL: Final = 27
NEG: Final = 28
NOT: Final = 29
BSWAP: Final = 30
CLZ: Final = 31
CTZ: Final = 32
POPCOUNT: Final = 33
PTRADD: Final = 34
SADD_OVERFLOWS: Final = 35
UADD_OVERFLOWS: Final = 36
SSUB_OVERFLOWS: Final = 37
USUB_OVERFLOWS: Final = 38
SMUL_OVERFLOWS: Final = 39
UMUL_OVERFLOWS: Final = 40
EQ: Final = 41
NE: Final = 42
SLT: Final = 43
SLE: Final = 44
SGT: Final = 45
SGE: Final = 46
ULT: Final = 47
ULE: Final = 48
UGT: Final = 49
UGE: Final = 50
FADD: Final = 51
FSUB: Final = 52
FMUL: Final = 53
FDIV: Final = 54
FNEG: Final = 55
FABS: Final = 56
FSQRT: Final = 57
FCOPYSIGN: Final = 58
FOEQ: Final = 59
FUNE: Final = 60
FOLT: Final = 61
FOLE: Final = 62
FOGT: Final = 63
FOGE: Final = 64
FULT: Final = 65
FULE: Final = 66
FUGT: Final = 67
FUGE: Final = 68
FUEQ: Final = 69
FONE: Final = 70
FORD: Final = 71
FUNO: Final = 72
TRUNC: Final = 73
ZEXT: Final = 74
SEXT: Final = 75
FCONVERT: Final = 76
SITOF: Final = 77
UITOF: Final = 78
FTOSI: Final = 79
FTOUI: Final = 80
BITCAST: Final = 81
SELECT: Final = 82
LOAD: Final = 83
STORE: Final = 84
MEMCPY: Final = 85
MEMMOVE: Final = 86
MEMSET: Final = 87
DYNAMIC_ALLOCA: Final = 88
STACK_SAVE: Final = 89
STACK_RESTORE: Final = 90
ATOMIC_LOAD: Final = 91
ATOMIC_STORE: Final = 92
ATOMIC_RMW: Final = 93
ATOMIC_CMPXCHG: Final = 94
FENCE: Final = 95
CALL: Final = 96
ASM: Final = 97
STACK_PARAMETER: Final = 98
FRAME_ADDRESS: Final = 99
RETURN_ADDRESS: Final = 100
VA_REGISTERS: Final = 101
THREAD_POINTER: Final = 102
PREFETCH: Final = 103
TRAP: Final = 104
EXPECT: Final = 105
IS_CONSTANT: Final = 106
VEXTRACT: Final = 107
VINSERT: Final = 108
VSPLAT: Final = 109
VSHUFFLE: Final = 110
VMAKE: Final = 111
TARGET: Final = 112
LINE: Final = 113
JUMP: Final = 114
BRANCH: Final = 115
SWITCH: Final = 116
RETURN: Final = 117
UNREACHABLE: Final = 118
INDIRECT_JUMP: Final = 119
ASM_GOTO: Final = 120
OBJECT_SIZE: Final = 121
