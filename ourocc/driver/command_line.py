"""Reads gcc's command line into `Settings`, by the table in `flags.py`."""

import os
from typing import Final, final

from ourocc.driver import flags, gcc_options
from ourocc.driver.settings import (
    ASSEMBLY,
    CHECK,
    LINK,
    OBJECT,
    PIC_EXECUTABLE,
    PIC_NONE,
    PIC_SHARED,
    PREPROCESS,
    InputFile,
    Settings,
)

STANDARDS: Final[dict[str, str]] = {
    "c89": "c89", "c90": "c89", "iso9899:1990": "c89", "iso9899:199409": "c94", "c99": "c99", "c9x": "c99",
    "iso9899:1999": "c99", "iso9899:199x": "c99", "c11": "c11", "c1x": "c11", "iso9899:2011": "c11", "c17": "c17",
    "c18": "c17", "iso9899:2017": "c17", "iso9899:2018": "c17", "c2x": "c2x", "c23": "c2x", "gnu89": "gnu89",
    "gnu90": "gnu89", "gnu99": "gnu99", "gnu9x": "gnu99", "gnu11": "gnu11", "gnu1x": "gnu11", "gnu17": "gnu17",
    "gnu18": "gnu17", "gnu2x": "gnu2x", "gnu23": "gnu2x",
}  # fmt: skip

TARGETS: Final[dict[str, str]] = {
    "x86_64": "x86_64-linux-gnu", "amd64": "x86_64-linux-gnu", "riscv64": "riscv64-linux-gnu",
    "riscv64gc": "riscv64-linux-gnu",
}  # fmt: skip

_ARCHITECTURES: Final = (
    "x86-64 x86-64-v2 nocona core2 nehalem corei7 westmere k8 opteron athlon64 native"
).split()
_LANGUAGES: Final = ("c", "c-header", "cpp-output", "assembler", "assembler-with-cpp", "none")


class CommandLineError(Exception):
    """The command line is wrong: the message is printed after "ourocc: error: "; exit code 1."""

    def __init__(self, message: str, fatal: bool = False) -> None:
        super().__init__(message)
        self.fatal = fatal


@final
class QueryAnswer(Exception):
    """The command line only asks something (--version, -dumpmachine ...): `name` and its argument."""

    def __init__(self, name: str, argument: str) -> None:
        super().__init__(name)
        self.name = name
        self.argument = argument


def expand_response_files(arguments: list[str], depth: int = 0) -> list[str]:
    """Replace @file by the words in it (gcc's rules: quotes and backslashes); a missing file stays as it is."""
    if depth > 200:
        raise CommandLineError("too many @-files encountered")
    out: list[str] = []
    for argument in arguments:
        if argument.startswith("@") and len(argument) > 1 and os.path.isfile(argument[1:]):
            with open(argument[1:], encoding="utf-8", errors="surrogateescape") as stream:
                out += expand_response_files(split_words(stream.read()), depth + 1)
        else:
            out.append(argument)
    return out


def split_words(text: str) -> list[str]:
    """Words of a response file: separated by white space, '...' and "..." group, backslash takes the next character."""
    words: list[str] = []
    word: list[str] = []
    inside = False
    quote = ""
    index = 0
    while index < len(text):
        character = text[index]
        if character == "\\" and index + 1 < len(text):
            index += 1
            word.append(text[index])
            inside = True
        elif quote:
            if character == quote:
                quote = ""
            else:
                word.append(character)
        elif character in "'\"":
            quote = character
            inside = True
        elif character.isspace():
            if inside:
                words.append("".join(word))
                word = []
                inside = False
        else:
            word.append(character)
            inside = True
        index += 1
    if inside:
        words.append("".join(word))
    return words


@final
class CommandLine:
    """One parse: `settings` is the result."""

    def __init__(self, arguments: list[str]) -> None:
        self.arguments = expand_response_files(arguments)
        self.settings = Settings()
        self.language = ""
        self.prefix = ""  # of -iprefix
        self.query: QueryAnswer | None = None

    def parse(self) -> Settings:
        index = 0
        arguments = self.arguments
        for argument in arguments:  # what -m options mean depends on it
            if argument.startswith("--target="):
                self._code_option("--target=", argument[9:])
        while index < len(arguments):
            argument = arguments[index]
            index += 1
            if argument == "-" or not argument.startswith("-"):
                self.settings.inputs.append(InputFile(argument, self.language, ""))
                continue
            if self._family(argument):
                continue
            row = flags.find_row(argument)
            if row is None:
                raise unrecognized(argument)
            option, form, status, _ = row
            value = ""
            if form == flags.JOINED:
                value = argument[len(option) :]
            elif form == flags.SEPARATE or (form == flags.EITHER and argument == option):
                if index >= len(arguments):
                    raise CommandLineError(f"missing argument to '{option}'")
                value = arguments[index]
                index += 1
            elif form == flags.EITHER:
                value = argument[len(option) :]
            if status == flags.UNSUPPORTED:
                raise CommandLineError(f"option '{argument}' is not supported")
            if status == flags.IMPLEMENTED:
                self._apply(option, value)
        if self.query is not None:
            raise self.query
        self._finish()
        return self.settings

    # ---- -f and -m

    def _family(self, argument: str) -> bool:
        """-f... and -m...; False for others."""
        if argument.startswith("-f") and len(argument) > 2 and not argument.startswith("-fuse-ld="):
            self._feature(argument)
            return True
        if argument.startswith("-m") and len(argument) > 2:
            self._machine(argument)
            return True
        return False

    def _feature(self, argument: str) -> None:
        name, equals, value = argument[2:].partition("=")
        if equals:
            self._feature_with_value(argument, name, value)
            return
        if name.startswith("no-builtin-"):
            self.settings.no_builtin.append(name[len("no-builtin-") :])
            return
        positive = not name.startswith("no-")
        plain = name if positive else name[3:]
        known = flags.FEATURES.get(plain)
        if known is not None:
            if known[0] == flags.UNSUPPORTED and positive:
                raise CommandLineError(f"option '{argument}' is not supported")
            if known[0] == flags.IMPLEMENTED:
                self._apply_feature(plain, positive)
            else:
                self.settings.features[plain] = positive  # some have macros
        elif plain in gcc_options.REFUSED:
            if positive:
                raise CommandLineError(f"option '{argument}' is not supported")
        elif plain in gcc_options.OTHER_LANGUAGES:
            self.settings.foreign_options.append(argument)
        elif plain not in gcc_options.HARMLESS and not (positive and name.startswith("opt-info-")):
            raise unrecognized(argument)

    def _feature_with_value(self, argument: str, name: str, value: str) -> None:
        row = flags.VALUED_FEATURES.get(name)
        if row is not None:
            harmless = (name, value) in _HARMLESS_VALUES
            harmless = harmless or (name in ("input-charset", "exec-charset") and value.lower() in ("utf-8", "utf8"))
            if row[0] == flags.UNSUPPORTED and not harmless:
                raise CommandLineError(f"option '{argument}' is not supported")
            if row[0] == flags.IMPLEMENTED:
                self._valued_feature(argument, name, value)
            return
        accepted = gcc_options.HARMLESS_VALUES.get(name)
        if accepted is None:
            raise unrecognized(argument)
        if accepted == "#":
            _number(argument[: -len(value)] if value else argument, value)
        elif accepted and value not in accepted.split():
            raise CommandLineError(f"unrecognized argument in option '{argument}'")

    def _valued_feature(self, argument: str, name: str, value: str) -> None:
        settings = self.settings
        if name == "visibility":
            if value not in ("default", "hidden", "internal", "protected"):
                raise CommandLineError(f"unrecognized visibility value '{value}'")
            settings.visibility = value
        elif name == "max-errors":
            settings.max_errors = _number(argument, value)
        elif name == "instrument-functions-exclude-function-list":
            settings.instrument_not_functions += value.split(",")
        elif name == "instrument-functions-exclude-file-list":
            settings.instrument_not_files += value.split(",")
        elif name == "diagnostics-color":
            if value not in ("auto", "always", "never"):
                raise CommandLineError(f"unrecognized argument in option '{argument}'")
            settings.color = value
        elif name == "pack-struct":
            settings.pack = _number(argument, value)
            if settings.pack not in (1, 2, 4, 8, 16):
                raise CommandLineError(f"structure alignment must be a small power of two, not {value}")
        elif name == "diagnostics-format":
            if value not in ("text", "json", "json-stderr"):
                raise CommandLineError(f"unrecognized argument in option '{argument}'")
            settings.diagnostics_format = "json" if value.startswith("json") else "text"
        elif name == "trivial-auto-var-init":
            if value not in ("uninitialized", "zero", "pattern"):
                raise CommandLineError(f"unrecognized automatic variable initialization type '{value}'")
            settings.automatic_fill = value
        elif name == "tls-model":
            if value not in ("global-dynamic", "local-dynamic", "initial-exec", "local-exec"):
                raise CommandLineError(f"unknown TLS model '{value}'")
            settings.tls_model = value
        else:
            old, equals, new = value.partition("=")
            if not equals:
                raise CommandLineError(f"invalid argument '{value}' to '-f{name}'")
            if name != "debug-prefix-map":
                settings.prefix_maps.insert(0, (old, new))
            if name != "macro-prefix-map":
                settings.debug_prefix_maps.insert(0, (old, new))

    def _apply_feature(self, name: str, positive: bool) -> None:
        settings = self.settings
        if name in ("pic", "PIC"):
            settings.position_independent = PIC_SHARED if positive else PIC_NONE
            settings.pic_level = 1 if name == "pic" else 2
        elif name in ("pie", "PIE"):
            settings.position_independent = PIC_EXECUTABLE if positive else PIC_NONE
            settings.pic_level = 1 if name == "pie" else 2
        elif name == "syntax-only":
            if positive:
                settings.action = CHECK
        elif name == "directives-only":
            settings.directives_only = positive
        elif name == "diagnostics-color":
            settings.color = "always" if positive else "never"
        elif name == "diagnostics-show-caret":
            settings.show_caret = positive
        elif name == "diagnostics-show-option":
            settings.show_option = positive
        elif name == "show-column":
            settings.show_column = positive
        elif name == "diagnostics-show-line-numbers":
            settings.show_line_numbers = positive
        elif name == "pack-struct":
            settings.pack = 1 if positive else 0
        elif name == "unsigned-bitfields":
            settings.features["signed-bitfields"] = not positive
        elif name == "optimize-sibling-calls":
            settings.tail_recursion = positive
        elif name == "fast-math":
            settings.fast_math = positive
        elif name == "hosted":
            settings.features["freestanding"] = not positive
        elif name == "unsigned-char":
            settings.features["signed-char"] = not positive
        elif name == "strict-overflow":
            settings.features["wrapv"] = not positive
        elif name == "preprocessed":
            self.language = "cpp-output" if positive else self.language
        else:
            settings.features[name] = positive

    def _machine(self, argument: str) -> None:
        name, equals, value = argument[2:].partition("=")
        settings = self.settings
        if equals:
            row = flags.VALUED_MACHINE.get(name)
            if row is None or row[0] not in ("", settings.target_name):
                raise unrecognized(argument)
            accepted = row[2].split()
            if row[1] == flags.UNSUPPORTED and value not in accepted:
                raise CommandLineError(f"option '{argument}' is not supported")
            if accepted and value not in accepted:
                raise CommandLineError(f"unrecognized argument in option '{argument}'")
            if name in ("arch", "cpu"):
                settings.march = value
            elif name == "tune" and settings.target_name == "x86" and value not in gcc_options.X86_TUNINGS:
                raise CommandLineError(f"bad value '{value}' for '-mtune=' switch")
            elif name == "cmodel":
                settings.code_model = value
            return
        positive = not name.startswith("no-")
        plain = name if positive else name[3:]
        known = flags.MACHINE.get(plain)
        if known is not None and known[0] in ("", settings.target_name):
            if positive and known[1] == flags.UNSUPPORTED:
                raise CommandLineError(f"option '{argument}' is not supported")
            if not positive and plain in ("64", "hard-float"):
                raise CommandLineError(f"option '{argument}' is not supported")
            if plain == "soft-float":  # gcc's other name
                plain, positive = "80387", not positive
        elif settings.target_name == "x86" and plain in gcc_options.X86_EXTENSIONS:
            if positive:
                raise CommandLineError(f"option '{argument}' is not supported")
        else:
            raise unrecognized(argument)
        settings.machine[plain] = positive

    # ---- the table's rows

    def _apply(self, option: str, value: str) -> None:
        settings = self.settings
        name = option.lstrip("-").rstrip("=,")
        if option in _ACTIONS:
            if settings.action < _ACTIONS[option]:
                settings.action = _ACTIONS[option]
        elif option in _QUERIES:
            self.query = self.query or QueryAnswer(name, value)
        elif option in _LINKER_SEPARATE:
            self._linker([option, value])
        elif option in _BOOLEAN:
            setattr(settings, _BOOLEAN[option], True)
        elif self._preprocessor_option(option, value) or self._code_option(option, value):
            return
        else:
            self._other_option(option, value)

    def _preprocessor_option(self, option: str, value: str) -> bool:
        settings = self.settings
        if option == "-I":
            settings.directories.append(value)
        elif option == "-iquote":
            settings.quote_directories.append(value)
        elif option == "-isystem":
            settings.system_directories.append(value)
        elif option == "-idirafter":
            settings.after_directories.append(value)
        elif option == "-isysroot":
            settings.include_sysroot = value
        elif option == "-iprefix":
            self.prefix = value
        elif option == "-iwithprefix":
            settings.after_directories.append(self.prefix + value)
        elif option == "-iwithprefixbefore":
            settings.directories.append(self.prefix + value)
        elif option in ("-include", "-imacros"):
            settings.preincludes.append((option[1:], value))
        elif option in ("-D", "-U"):
            if not value:
                raise CommandLineError("macro names must be identifiers")
            settings.defines.append((option[1:], value))
        elif option in ("-C", "-CC"):
            settings.keep_comments = max(settings.keep_comments, len(option) - 1)
        elif option in ("-dM", "-dD", "-dN", "-dU"):
            settings.definitions_in_output = option[2]
            if option == "-dM":
                settings.action = PREPROCESS
        elif option in ("-M", "-MM", "-MD", "-MMD"):
            settings.dependencies = option[1:]
            if option in ("-M", "-MM"):
                settings.action = PREPROCESS
        elif option == "-MF":
            settings.dependency_file = value
        elif option in ("-MT", "-MQ"):
            settings.dependency_targets.append((value, option == "-MQ"))
        elif option in ("-Wp,", "-Xpreprocessor"):
            self._preprocessor_words(value.split(",") if option == "-Wp," else [value])
        else:
            return False
        return True

    def _preprocessor_words(self, words: list[str]) -> None:
        """-Wp,-MD,file and the like: -MD and -MMD take their file here."""
        if len(words) == 2 and words[0] in ("-MD", "-MMD"):
            self.settings.dependencies = words[0][1:]
            self.settings.dependency_file = words[1]
            self.settings.dependency_by_preprocessor = True
            return
        nested = CommandLine(words)
        nested.settings = self.settings
        nested.parse_words()

    def parse_words(self) -> None:
        """Apply further words to settings that are being made."""
        saved = self.settings.inputs
        self.settings.inputs = []
        finish_action = self.settings.action
        index = 0
        while index < len(self.arguments):
            word = self.arguments[index]
            index += 1
            row = flags.find_row(word)
            if row is None or row[2] == flags.UNSUPPORTED:
                raise CommandLineError(f"unrecognized command-line option '{word}'")
            value = word[len(row[0]) :] if row[1] in (flags.JOINED, flags.EITHER) else ""
            if row[1] in (flags.SEPARATE, flags.EITHER) and not value:
                if index >= len(self.arguments):
                    raise CommandLineError(f"missing argument to '{word}'")
                value = self.arguments[index]
                index += 1
            self._apply(row[0], value)
        self.settings.inputs = saved
        self.settings.action = finish_action

    def _code_option(self, option: str, value: str) -> bool:
        settings = self.settings
        if option == "-O":
            self._level(value)
        elif option == "-g":
            self._debug(value)
        elif option in ("-std=", "--std="):
            if value not in STANDARDS:
                raise CommandLineError(f"unrecognized command-line option '{option}{value}'")
            settings.standard = STANDARDS[value]
        elif option == "-ansi":
            settings.standard = "c89"
        elif option == "-W":
            if value:
                settings.warnings.append(value)
            elif value == "":
                settings.warnings.append("extra")
        elif option in ("--target=", "-target"):
            machine = value.partition("-")[0]
            if machine not in TARGETS or ("linux" not in value and "-" in value):
                raise CommandLineError(f"unknown target '{value}'")
            settings.target = TARGETS[machine]
        elif option in ("--param", "--param="):
            name, equals, number = value.partition("=")
            if name not in gcc_options.PARAMETERS or not equals:
                raise unrecognized(f"--param={value}")
            _number(f"--param={name}=", number.lstrip("-"))
        elif option in ("-Wa,", "-Xassembler"):
            settings.assembler_flags += value.split(",") if option == "-Wa," else [value]
        else:
            return False
        return True

    def _level(self, value: str) -> None:
        settings = self.settings
        settings.size = 0
        settings.debug_friendly = False
        if value == "":
            settings.level = 1
        elif value in ("s", "z"):
            settings.level = 2
            settings.size = 1 if value == "s" else 2
        elif value == "g":
            settings.level = 1
            settings.debug_friendly = True
        elif value == "fast":
            settings.level = 3
            settings.fast_math = True
        elif value.isdigit():
            settings.level = min(int(value), 3)
        else:
            raise CommandLineError(
                "argument to '-O' should be a non-negative integer, 'g', 's', 'z' or 'fast'"
            )  # fmt: skip

    def _debug(self, value: str) -> None:
        settings = self.settings
        level = value[3:] if value.startswith("gdb") else value
        if level == "":
            settings.debug = max(settings.debug, 2)
        elif level.isdigit():
            settings.debug = int(level)
            if settings.debug > 3:
                raise CommandLineError(f"debug output level '{level}' is too high")
        elif value.startswith("dwarf"):
            settings.debug = max(settings.debug, 2)
            if value.startswith("dwarf-") and value[6:].isdigit():
                settings.dwarf = int(value[6:])
                if not 2 <= settings.dwarf <= 5:
                    raise CommandLineError(f"dwarf version {settings.dwarf} is not supported")
        elif value == "no-record-gcc-switches" or value in _HARMLESS_DEBUG:
            return
        else:
            raise CommandLineError(f"unrecognized debug output level '{value}'")

    def _other_option(self, option: str, value: str) -> None:
        settings = self.settings
        if option == "-o":
            settings.output = value
        elif option == "-x":
            if value not in _LANGUAGES:
                raise CommandLineError(f"language {value} not recognized")
            self.language = "" if value == "none" else value
        elif option == "-L":
            settings.library_directories.append(value)
        elif option == "-B":
            settings.start_directories.append(value)
        elif option == "-l":
            self._linker(["-l" + value])
        elif option in ("--sysroot=", "--sysroot"):
            settings.sysroot = value
        elif option in ("-no-pie", "-pie"):
            settings.pie = option == "-pie"
        elif option == "-Wl,":
            self._linker(value.split(","))
        elif option == "-Xlinker":
            self._linker([value])
        elif option == "-T":
            self._linker(["-T", value])
        elif option == "-symbolic":
            self._linker(["-Bsymbolic"])
        elif option in ("-save-temps", "-save-temps="):
            settings.save_temps = value or "cwd"
            if settings.save_temps not in ("cwd", "obj"):
                raise CommandLineError(f"'-save-temps={value}' is an unknown '-save-temps' option")
        elif option == "-###":
            settings.verbose = True
            settings.dry_run = True
        elif option == "--dump=":
            settings.dump += value.split(",")
        elif option == "--print-after=":
            settings.print_after += value.split(",")
        elif option == "--disable=":
            settings.disabled_passes += value.split(",")
        elif option == "--bisect-passes=":
            settings.bisect_passes = _number(option + value, value)
        else:
            raise CommandLineError(f"option '{option}' is in the table but not handled")

    def _linker(self, words: list[str]) -> None:
        for word in words:
            self.settings.inputs.append(InputFile("", "", word))

    # ---- at the end

    def _finish(self) -> None:
        settings = self.settings
        files = [item for item in settings.inputs if not item.linker]
        compiled_action = settings.action != LINK
        if settings.output and compiled_action and len(files) > 1:
            raise CommandLineError("cannot specify '-o' with '-c', '-S' or '-E' with multiple files", fatal=True)
        if not files and not (settings.verbose and not settings.inputs):
            raise CommandLineError("no input files", fatal=True)
        if settings.march and settings.target_name == "x86" and settings.march not in _ARCHITECTURES:
            raise CommandLineError(f"bad value '{settings.march}' for '-march=' switch")
        if settings.march and settings.target_name == "riscv" and not settings.march.startswith("rv64"):
            raise CommandLineError(f"'-march={settings.march}': ISA string must begin with rv64")
        asked = settings.dependency_file or settings.dependency_targets or settings.dependency_phony
        if (asked or settings.dependency_missing) and not settings.dependencies and settings.action != PREPROCESS:
            raise CommandLineError("to generate dependencies you must specify either '-M' or '-MM'")


_HARMLESS_VALUES: Final = frozenset(
    [("cf-protection", "none"), ("zero-call-used-regs", "skip")]
)


def unrecognized(argument: str) -> CommandLineError:
    """The error for an option that gcc does not know either, with the nearest one that is known."""
    from ourocc.base.spelling import closest

    known = [row[0].rstrip("=,") for row in flags.ROWS]
    for prefix in ("-f", "-fno-"):
        for names in (flags.FEATURES, gcc_options.HARMLESS, gcc_options.REFUSED):
            known += [prefix + name for name in names]
    known += [prefix + name for prefix in ("-m", "-mno-") for name in (*flags.MACHINE, *gcc_options.X86_EXTENSIONS)]
    better = closest(argument.partition("=")[0], sorted(known))
    text = f"unrecognized command-line option '{argument}'"
    return CommandLineError(text + (f"; did you mean '{better}'?" if better else ""))


def _number(option: str, text: str) -> int:
    if not text.isdigit():
        raise CommandLineError(f"argument to '{option}' should be a non-negative integer")
    return int(text)


_ACTIONS: Final[dict[str, int]] = {"-c": OBJECT, "-S": ASSEMBLY, "-E": PREPROCESS}
_QUERIES: Final = frozenset(
    [
        "-dumpmachine", "-dumpversion", "-dumpfullversion", "-print-file-name=", "-print-prog-name=",
        "-print-search-dirs", "-print-libgcc-file-name", "-print-multi-lib", "-print-multi-directory",
        "-print-multi-os-directory", "-print-multiarch", "-print-sysroot", "--version", "--help",
    ]
)  # fmt: skip
_LINKER_SEPARATE: Final = frozenset(["-e", "-u", "-z", "-h"])
_BOOLEAN: Final[dict[str, str]] = {
    "-nostdinc": "no_standard_includes", "-undef": "undefine_system", "-trigraphs": "trigraphs",
    "-P": "no_line_markers", "-dI": "includes_in_output", "-MP": "dependency_phony", "-MG": "dependency_missing",
    "-w": "no_warnings", "-pedantic": "pedantic", "-pedantic-errors": "pedantic_errors", "-static": "static",
    "-static-pie": "static_pie", "-H": "show_includes", "-shared": "shared", "-rdynamic": "export_dynamic",
    "-nostdlib": "no_standard_libraries", "-nodefaultlibs": "no_default_libraries", "-nolibc": "no_libc",
    "-nostartfiles": "no_start_files", "-pthread": "pthread", "-s": "strip", "-r": "relocatable", "-v": "verbose",
    "--verify": "verify", "--time-passes": "time_passes",
}  # fmt: skip
_HARMLESS_DEBUG: Final = frozenset(
    [
        "column-info", "no-column-info", "statement-frontiers", "no-statement-frontiers", "variable-location-views",
        "no-variable-location-views", "strict-dwarf", "no-strict-dwarf", "inline-points", "no-inline-points",
        "gnu-pubnames", "no-gnu-pubnames", "pubnames", "no-pubnames", "as-loc-support", "no-as-loc-support",
        "as-locview-support", "no-as-locview-support", "describe-dies", "no-describe-dies", "record-gcc-switches",
        "internal-reset-location-views", "no-internal-reset-location-views", "no-split-dwarf", "z=none",
    ]
)  # fmt: skip
