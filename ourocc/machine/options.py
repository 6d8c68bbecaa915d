"""What the command line says to code generation; the driver fills it in, the machine room and targets read it."""

from typing import Final, final

PIC_NONE: Final = 0  # absolute addresses allowed
PIC_EXECUTABLE: Final = 1  # position independent executable: own definitions cannot be interposed
PIC_SHARED: Final = 2  # shared object: default-visibility symbols can be

PROTECT_NONE: Final = 0
PROTECT_BUFFERS: Final = 1  # functions with character arrays of 8 bytes or more, or alloca
PROTECT_STRONG: Final = 2  # functions with any array or address-taken local
PROTECT_ALL: Final = 3


@final
class CodeOptions:
    def __init__(self) -> None:
        self.optimize = 0  # 0 .. 3
        self.size = False  # -Os, -Oz
        self.pic = PIC_EXECUTABLE
        self.code_model = "small"  # small, kernel, medium, large
        self.plt = True  # -fno-plt: calls of undefined functions through the GOT
        self.omit_frame_pointer = False
        self.red_zone = True
        self.stack_protector = PROTECT_NONE
        self.function_sections = False
        self.data_sections = False
        self.common = False
        self.unwind_tables = True  # -fasynchronous-unwind-tables: .eh_frame
        self.debug = 0  # -g level
        self.dwarf_version = 5
        self.jump_tables = True
        self.no_sse = False  # -mno-sse (kernels): floating point in code is an error
        self.no_x87 = False  # -mno-80387 (kernels): long double in code is an error
        self.tls_model = ""  # -ftls-model=, "" for the best one that pic allows
        self.zero_initialized_in_bss = True
        self.merge_constants = True
        self.ident = True
        self.verify = False  # run the allocation checker
        self.compilation_directory = ""
        self.debug_prefix_maps: list[tuple[str, str]] = []  # -fdebug-prefix-map, the last one first
        self.indirect_branch_tracking = False  # -fcf-protection=branch: endbr64
        self.sse_level = 2  # 2: SSE2, 3: SSE3, 4: SSSE3, 5: SSE4.1, 6: SSE4.2
        self.popcnt = False
        self.lzcnt = False
        self.bmi = False
        self.movbe = False
        self.cmpxchg16b = False
