"""What the command line says to the preprocessor."""

from typing import Final, final


@final
class PreprocessorOptions:
    """Fill in what differs from the defaults, then hand it to `preprocess`."""

    def __init__(self) -> None:
        self.standard = "gnu17"
        self.trigraphs = False  # switched on by -trigraphs, and by any -std=c* before C23
        self.assembler = False  # -x assembler-with-cpp
        self.preprocessed = False  # a .i file: only line markers and pragmas are directives
        # Include directories, in order
        self.quote_directories: list[str] = []  # -iquote
        self.directories: list[str] = []  # -I
        self.system_directories: list[str] = []  # -isystem, then the standard ones
        self.after_directories: list[str] = []  # -idirafter
        # The predefined macros' #define lines (see predefined.py); empty for -undef of all of them
        self.predefined = ""
        self.undefine_system = False  # -undef
        # -D and -U in order: ("D", "NAME=value") or ("U", "NAME")
        self.defines: list[tuple[str, str]] = []
        # -include and -imacros in order of each: ("include", path) or ("imacros", path)
        self.preincludes: list[tuple[str, str]] = []
        self.implicit_include = "stdc-predef.h"  # read first when the system has it
        # Output for -E
        self.preprocess_only = False  # unterminated literals are only warned of, all pragmas are kept
        self.keep_comments = False  # -C
        self.keep_macro_comments = False  # -CC
        self.collect_events = False  # needed by output.py
        self.definitions_in_output = ""  # "D" -dD, "M" -dM, "N" -dN, "U" -dU
        self.show_includes = False  # -H
        self.includes_in_output = False  # -dI
        self.directives_only = False  # -fdirectives-only
        # Dependencies
        self.missing_as_dependency = False  # -MG
        # The rest
        self.dollars_in_identifiers = True
        self.base_file = ""  # what __BASE_FILE__ says; the main file's name by default
        self.source_date_epoch = -1  # SOURCE_DATE_EPOCH, -1 for the clock
        self.prefix_maps: list[tuple[str, str]] = []  # -fmacro-prefix-map, last one first
        self.include_depth_limit = 200
        self.working_directory = ""  # -fworking-directory
        self.warn_undef = False  # also by diagnostics.enabled["undef"]
        # Names that __has_builtin and __has_attribute know; None for the tables of features.py
        self.builtins: frozenset[str] | None = None
        self.attributes: frozenset[str] | None = None

    def effective_trigraphs(self) -> bool:
        return self.trigraphs or self.standard in ("c89", "c94", "c99", "c11", "c17")


MAXIMUM_COUNTER: Final = 1 << 31
