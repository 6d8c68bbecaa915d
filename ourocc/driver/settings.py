"""What a command line asks for: plain fields that the other files of the driver read."""

from typing import Final, final

# What is done with each input
LINK: Final = 0
OBJECT: Final = 1  # -c
ASSEMBLY: Final = 2  # -S
PREPROCESS: Final = 3  # -E, -M
CHECK: Final = 4  # -fsyntax-only

# Position independence of the code
PIC_NONE: Final = 0
PIC_SHARED: Final = 1  # -fpic, -fPIC
PIC_EXECUTABLE: Final = 2  # -fpie, -fPIE


@final
class InputFile:
    """One input in its place among the linker's arguments.  `language` "" means: by suffix.  `linker` is an argument for
    the linker that stands at this place (-lfoo, -Wl,...)."""

    def __init__(self, path: str, language: str, linker: str) -> None:
        self.path = path
        self.language = language
        self.linker = linker


@final
class Settings:
    """Everything that the command line says."""

    def __init__(self) -> None:
        self.target = "x86_64-linux-gnu"
        self.action = LINK
        self.output = ""
        self.inputs: list[InputFile] = []
        # preprocessor
        self.quote_directories: list[str] = []
        self.directories: list[str] = []
        self.system_directories: list[str] = []
        self.after_directories: list[str] = []
        self.preincludes: list[tuple[str, str]] = []
        self.defines: list[tuple[str, str]] = []
        self.no_standard_includes = False
        self.undefine_system = False
        self.trigraphs = False
        self.no_line_markers = False
        self.keep_comments = 0  # 1 -C, 2 -CC
        self.show_includes = False  # -H
        self.definitions_in_output = ""  # M D N U of -d
        self.includes_in_output = False
        self.directives_only = False
        self.dependencies = ""  # "M", "MM", "MD", "MMD"
        self.dependency_file = ""
        self.dependency_targets: list[tuple[str, bool]] = []  # text, quote for make
        self.dependency_by_preprocessor = False  # -Wp,-MD: the target is named after the input, whatever -o says
        self.dependency_phony = False
        self.dependency_missing = False
        self.prefix_maps: list[tuple[str, str]] = []  # for __FILE__
        self.debug_prefix_maps: list[tuple[str, str]] = []
        # language
        self.standard = "gnu17"
        self.warnings: list[str] = []  # -W flags in order, without "-W"
        self.no_warnings = False
        self.pedantic = False
        self.pedantic_errors = False
        self.max_errors = 0
        self.color = "auto"
        self.diagnostics_format = "text"
        self.show_caret = True
        self.show_option = True
        self.show_column = True
        self.show_line_numbers = True
        self.foreign_options: list[str] = []  # those that gcc knows for C++ only: a warning
        # code
        self.level = 0
        self.size = 0  # 1 -Os, 2 -Oz
        self.debug_friendly = False  # -Og
        self.debug = 0  # -g level
        self.dwarf = 5
        self.position_independent = PIC_EXECUTABLE
        self.pic_level = 2  # 1: -fpic/-fpie, 2: -fPIC/-fPIE
        self.features: dict[str, bool] = {}  # -f flags that were given
        self.pack = 0  # -fpack-struct=
        self.automatic_fill = ""  # -ftrivial-auto-var-init=
        self.tail_recursion = True
        self.visibility = "default"
        self.tls_model = ""
        self.march = ""
        self.code_model = ""
        self.instrument_not_functions: list[str] = []
        self.instrument_not_files: list[str] = []
        self.no_builtin: list[str] = []  # -fno-builtin-NAME
        self.machine: dict[str, bool] = {}  # -m flags that were given
        self.pthread = False
        self.fast_math = False
        # linking
        self.sysroot = ""
        self.include_sysroot = ""
        self.library_directories: list[str] = []
        self.start_directories: list[str] = []  # -B
        self.static = False
        self.static_pie = False
        self.shared = False
        self.pie: bool | None = None  # None: the target's default
        self.relocatable = False
        self.no_standard_libraries = False
        self.no_default_libraries = False
        self.no_libc = False
        self.no_start_files = False
        self.export_dynamic = False
        self.strip = False
        self.linker_script = ""
        # the driver itself
        self.verbose = False
        self.dry_run = False
        self.save_temps = ""  # "", "cwd" or "obj"
        self.assembler_flags: list[str] = []
        self.dump: list[str] = []
        self.print_after: list[str] = []
        self.disabled_passes: list[str] = []
        self.bisect_passes = -1
        self.verify = False
        self.time_passes = False

    def feature(self, name: str, default: bool) -> bool:
        """The value of -fNAME/-fno-NAME, whichever came last."""
        return self.features.get(name, default)

    @property
    def target_name(self) -> str:
        """The target folder: x86 or riscv."""
        return "riscv" if self.target.startswith("riscv") else "x86"

    def version(self) -> int:
        """Year of the C standard."""
        digits = self.standard[-2:]
        return {"90": 1990, "89": 1990, "94": 1990, "99": 1999, "11": 2011, "17": 2017, "2x": 2023, "23": 2023}[digits]

    def gnu(self) -> bool:
        return self.standard.startswith("gnu")
