"""The options of `as`, as the assembler alone and as gcc's -Wa, take them.

`parse_options(words)` raises `OptionError` for what GNU as does not know either, and for what is not supported; an
option without effect is one that asks for what happens anyway.  `finish_object` does what concerns a whole object.
"""

from typing import Final, final

from ourocc import __version__
from ourocc.objects import model

VERSION_TEXT: Final = f"GNU assembler (Ourocc {__version__}, compatible) 2.40\n"

# Machine names of --machine and the option of GNU as for the class
MACHINES: Final[dict[str, int]] = {"x86_64": model.EM_X86_64, "riscv64": model.EM_RISCV}

_WITH_VALUE: Final = ("-o", "-I", "--defsym", "-march", "-mtune", "-mcpu", "-mabi")

# They ask for what happens anyway: all instructions are known, nothing is padded or noted
_NO_EFFECT: Final = (
    "--64", "-D", "-f", "-J", "-Q", "-Qy", "-Qn", "-q", "-s", "-w", "-X", "-k", "-v", "--warn", "--traditional-format",
    "--reduce-memory-overheads", "-mmnemonic=att", "-msyntax=att", "-mnaked-reg", "-mx86-used-note=no", "-mno-csr-check",
    "--compress-debug-sections=none", "--nocompress-debug-sections", "-mrelax-relocations=yes", "-mrelax",
    "-mno-arch-attr", "-mlittle-endian", "-mbranches-within-32B-boundaries=no", "--no-pad-sections", "--divide",
    "-mamd64", "-mfence-as-lock-add=no", "-momit-lock-prefix=no", "-K", "-nocpp",
)
_NO_EFFECT_PREFIXES: Final = (
    "-march=", "-mtune=", "-mcpu=", "-mabi=", "--hash-size=", "--size-check=", "-malign-branch-prefix-size=",
    "-mpriv-spec=", "-misa-spec=",
)

# Known to GNU as, and refused: the output would not be what was asked for
_UNSUPPORTED: Final = (
    "--32", "--x32", "-R", "-M", "-n", "-O", "-O0", "-O1", "-O2", "-Os", "-L", "--keep-locals", "--strip-local-absolute",
    "--statistics", "-mintel64", "-msse2avx", "-muse-unaligned-vector-move", "-madd-bnd-prefix", "-mshared", "-mbranches-within-32B-boundaries",
    "-momit-lock-prefix=yes", "-mfence-as-lock-add=yes", "-mx86-used-note=yes", "-mmnemonic=intel", "-msyntax=intel",
    "--sectname-subst", "--alternate", "--compress-debug-sections", "-mbig-endian", "--mri",
)
_UNSUPPORTED_PREFIXES: Final = (
    "-a", "--MD", "--listing", "--compress-debug-sections=", "-malign-branch", "-mlfence", "--debug-prefix-map",
    "-mevexlig=", "-mevexwig=", "-mevexrcig=", "-msse-check=", "-moperand-check=", "-mvexwig=", "--gstabs", "--multibyte",
)


class OptionError(Exception):
    """An option that the assembler cannot follow; `message` says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@final
class AssemblerOptions:
    def __init__(self) -> None:
        self.output = "a.out"
        self.inputs: list[str] = []
        self.include_paths: list[str] = []
        self.definitions = ""  # --defsym, as text that goes before the program's
        self.machine = model.EM_X86_64
        self.show_version = False
        self.ends_at_version = False  # --version; -v only says it
        self.executable_stack: bool | None = None  # None: as the program says
        self.fatal_warnings = False
        self.silent = False
        self.debug = False
        self.line_version = 5
        self.keeps_plain_got_loads = False  # -mrelax-relocations=no


def parse_options(words: list[str]) -> AssemblerOptions:
    """The options and inputs among the words."""
    options = AssemblerOptions()
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in _WITH_VALUE:
            if position >= len(words):
                raise OptionError(f"option '{word}' needs a value")
            _set_value(options, word, words[position])
            position += 1
        elif word.startswith("-") and word != "-":
            _set(options, word)
        else:
            options.inputs.append(word)
    return options


def _set_value(options: AssemblerOptions, word: str, value: str) -> None:
    if word == "-o":
        options.output = value
    elif word == "-I":
        options.include_paths.append(value)
    elif word == "--defsym":
        name, equals, number = value.partition("=")
        if not equals or not name:
            raise OptionError(f"bad defsym; format is --defsym name=value: '{value}'")
        options.definitions += f".set {name},{number}\n"


def _set(options: AssemblerOptions, word: str) -> None:
    if word.startswith("-I"):
        options.include_paths.append(word[2:])
    elif word.startswith("--defsym="):
        _set_value(options, "--defsym", word[9:])
    elif word.startswith("--machine=") and word[10:] in MACHINES:
        options.machine = MACHINES[word[10:]]
    elif word in ("--noexecstack", "--execstack"):
        options.executable_stack = word == "--execstack"
    elif word == "--fatal-warnings":
        options.fatal_warnings = True
    elif word in ("-W", "--no-warn"):
        options.silent = True
    elif word in ("-g", "--gen-debug", "-gdwarf", "-g2", "--gdwarf-5", "-gdwarf-5", "--gdwarf-sections"):
        options.debug = True
    elif word in ("--gdwarf-2", "--gdwarf-3", "--gdwarf-4", "-gdwarf-2", "-gdwarf-3", "-gdwarf-4"):
        options.debug = True
        options.line_version = int(word[-1])
    elif word in ("--version", "-v", "-version", "--v"):
        options.show_version = True
        options.ends_at_version = word == "--version"
    elif word == "-mrelax-relocations=no":
        options.keeps_plain_got_loads = True
    elif word == "-mno-relax":
        options.definitions += ".option norelax\n"
    elif word in _UNSUPPORTED or (word.startswith(_UNSUPPORTED_PREFIXES) and word not in _NO_EFFECT):
        raise OptionError(f"option '{word}' is not supported")
    elif word not in _NO_EFFECT and not word.startswith(_NO_EFFECT_PREFIXES):
        raise OptionError(f"unrecognized option '{word}'")


def finish_object(options: AssemblerOptions, made: model.ObjectFile) -> None:
    """What options say of a whole object: its stack, its GOT loads."""
    if options.executable_stack is not None:
        notes = [section for section in made.sections if section.name == ".note.GNU-stack"]
        note = notes[0] if notes else made.section(".note.GNU-stack", model.SHT_PROGBITS, 0, 1)
        note.flags &= ~model.SHF_EXECINSTR
        note.flags |= model.SHF_EXECINSTR if options.executable_stack else 0
    if options.keeps_plain_got_loads and made.machine == model.EM_X86_64:
        from ourocc.targets.x86.encode import R_GOTPCREL, R_GOTPCRELX, R_REX_GOTPCRELX

        for section in made.sections:
            for relocation in section.relocations:
                if relocation.type in (R_GOTPCRELX, R_REX_GOTPCRELX):
                    relocation.type = R_GOTPCREL
