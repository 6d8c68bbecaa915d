"""The language options that semantics reads: -std=, the -f and -W switches that change what C means."""

from typing import Final, final

C89: Final = 1989
C94: Final = 1994
C99: Final = 1999
C11: Final = 2011
C17: Final = 2017
C23: Final = 2023


@final
class LanguageOptions:
    """Filled by the driver; the defaults are gcc 12's for `-std=gnu17`."""

    def __init__(self) -> None:
        self.standard = C17
        self.gnu = True  # -std=gnu*: GNU keywords and library builtins without prefix
        self.gnu89_inline = False  # -fgnu89-inline, and the gnu89 default
        self.builtins = True  # -fno-builtin
        self.no_builtin: set[str] = set()  # -fno-builtin-NAME
        self.freestanding = False
        self.common = False  # -fcommon
        self.optimize = 0  # 0: inline-only functions are not wanted
        self.visibility = 0  # -fvisibility=: an ELF STV_* number
        self.short_enums = False
        self.char_unsigned = False
        self.wrapv = False
        self.permissive = False
        self.pic = False
        self.math_errno = True
        self.ms_extensions = False  # -fms-extensions, -fplan9-extensions: tagged anonymous members
        self.keep_inline_functions = False
        self.unsigned_bit_fields = False  # -funsigned-bitfields
        self.single_precision = False  # -fsingle-precision-constant
        self.pack = 0  # -fpack-struct=
        self.nested_functions = True
