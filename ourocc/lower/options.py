"""What the command line says to lowering."""

from typing import final


@final
class LoweringOptions:
    """Flags with gcc's defaults; the driver sets them."""

    def __init__(self) -> None:
        self.optimize_level = 0
        self.wrapv = False  # -fwrapv: signed overflow wraps
        self.common = False  # -fcommon: tentative definitions become common symbols
        self.strict_aliasing = False
        self.builtins = True  # library functions may be understood (not with -fno-builtin, -ffreestanding)
        self.automatic_fill = -1  # -ftrivial-auto-var-init=: the byte that fills automatic variables, -1 for none
        self.no_builtin: list[str] = []  # ... but for these
        self.instrument = False  # -finstrument-functions
        self.instrument_not_functions: list[str] = []  # parts of names of functions that are left alone
        self.instrument_not_files: list[str] = []  # parts of paths
        self.stack_protect = False
        self.line_operations = False  # -g at -O0: a `line` op before each statement
        self.exceptions = False  # -fexceptions: cleanups run when others unwind through us
        self.variables = False  # -g: describe types and variables
        self.omit_frame_pointer = True
        self.delete_null_pointer_checks = True
