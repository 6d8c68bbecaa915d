"""What a link is asked to do: `LinkOptions` (one field per option, in the terms of GNU ld) and `LinkInput`s."""

from typing import Final, final

from ourocc.objects.model import ObjectFile

# Kinds of output
OUTPUT_EXECUTABLE: Final = 0  # position dependent
OUTPUT_PIE: Final = 1
OUTPUT_SHARED: Final = 2
OUTPUT_RELOCATABLE: Final = 3

# Kinds of input
INPUT_FILE: Final = 0  # object, archive, shared object or linker script, told apart by contents
INPUT_LIBRARY: Final = 1  # -lNAME: searched for
INPUT_OBJECT: Final = 2  # an ObjectFile in memory
INPUT_GROUP_START: Final = 3
INPUT_GROUP_END: Final = 4

STRIP_NONE: Final = 0
STRIP_DEBUG: Final = 1
STRIP_ALL: Final = 2

# What to do about undefined symbols
UNRESOLVED_ERROR: Final = 0
UNRESOLVED_WARN: Final = 1
UNRESOLVED_IGNORE: Final = 2


@final
class LinkInput:
    """One input, with the positional options that hold for it."""

    def __init__(self, kind: int, name: str = "") -> None:
        self.kind = kind
        self.name = name
        self.object: ObjectFile | None = None
        self.as_needed = False
        self.static = False  # -Bstatic: -l finds archives only
        self.whole_archive = False


@final
class LinkOptions:
    """Every option of a link.  The defaults are those of `ld` without arguments."""

    def __init__(self) -> None:
        self.output = "a.out"
        self.machine = 0  # e_machine; 0: that of the first object
        self.kind = OUTPUT_EXECUTABLE
        self.static = False  # no dynamic section at all (-static); with OUTPUT_PIE: static-pie
        self.entry = ""  # -e; "" means _start
        self.library_path: list[str] = []
        self.sysroot = ""
        self.rpath_link: list[str] = []
        self.rpath: list[str] = []
        self.new_dtags = True
        self.soname = ""
        self.interpreter: str | None = None  # --dynamic-linker; None: the target's
        self.no_interpreter = False
        self.export_dynamic = False
        self.symbolic = False
        self.symbolic_functions = False
        self.version_script = ""  # its text
        self.version_script_name = ""
        self.dynamic_lists: list[tuple[str, str]] = []  # (file name, text)
        self.export_symbols: list[str] = []  # --export-dynamic-symbol
        self.gc_sections = False
        self.print_gc_sections = False
        self.keep_exported = False  # --gc-keep-exported
        self.build_id = "none"  # none, sha1, md5, uuid-free: "0xHEX"
        self.hash_style = "gnu"  # gnu, sysv, both
        self.eh_frame_hdr = False
        self.bind_now = False
        self.relro = True
        self.executable_stack: bool | None = None  # None: as the inputs ask
        self.no_undefined = False  # -z defs
        self.unresolved = UNRESOLVED_ERROR
        self.allow_multiple_definition = False
        self.allow_text_relocations = True
        self.warn_common = False
        self.no_warnings = False
        self.warn_writable_code = True  # --warn-rwx-segments
        self.traced: dict[str, bool] = {}  # -y
        self.undefined_version = True  # version scripts may name symbols that do not exist
        self.shared_undefined = False  # --allow-shlib-undefined
        self.orphans = "place"  # sections that a script does not mention: place, discard, warn, error
        self.start_stop_gc = False  # __start_NAME keeps no section alive
        self.feature_bits = 0  # of GNU_PROPERTY_X86_FEATURE_1_AND that the output has in any case
        self.warnings_are_errors = False
        self.strip = STRIP_NONE
        self.discard_locals = True
        self.discard_all = False
        self.emit_relocations = False
        self.defsyms: list[tuple[str, str]] = []
        self.undefined: list[str] = []  # -u
        self.required: list[str] = []  # --require-defined
        self.wrap: list[str] = []
        self.exclude_libraries: list[str] = []
        self.script: str | None = None  # -T: its text
        self.script_name = ""
        self.section_starts: list[tuple[str, int]] = []  # --section-start, -Ttext, ...
        self.image_base = -1
        self.map_file = ""
        self.separate_code = True
        self.paged = True  # not -n, -N: segments start on pages of their own
        self.one_segment = False  # -n, -N: and that is writable and executable
        self.binary = False  # --oformat binary: the memory image alone
        self.sort_section = ""  # --sort-section: order of wildcard patterns without one of their own
        self.max_page_size = 0
        self.common_page_size = 0
        self.flags_1 = 0  # further DT_FLAGS_1 bits (-z nodelete, initfirst, ...)
        self.origin = False
        self.init = "_init"
        self.fini = "_fini"
        self.define_common = False
        self.no_copy_relocations = False
        self.stack_size = 0
        self.trace = False
        self.relax = True
        self.filters: list[str] = []
