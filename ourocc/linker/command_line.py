"""The command line of `ld`: arguments in, `LinkOptions` and `LinkInput`s out; and the `ld` program itself.

The table below has a row for each option: its argument's form and what it does.  Options that change nothing
that a user could see are accepted and listed as such; everything that is not in the table is an error.
"""

import sys
from os import path as paths
from typing import Final, final

from ourocc.linker.elements import ErrorSink, LinkError
from ourocc.linker.options import (
    INPUT_FILE,
    INPUT_GROUP_END,
    INPUT_GROUP_START,
    INPUT_LIBRARY,
    OUTPUT_EXECUTABLE,
    OUTPUT_PIE,
    OUTPUT_RELOCATABLE,
    OUTPUT_SHARED,
    STRIP_ALL,
    STRIP_DEBUG,
    UNRESOLVED_ERROR,
    UNRESOLVED_IGNORE,
    UNRESOLVED_WARN,
    LinkInput,
    LinkOptions,
)

# Forms of an option's argument
_NONE: Final = 0
_VALUE: Final = 1  # "--opt value" or "--opt=value"
_OPTIONAL: Final = 2  # "--opt" or "--opt=value"

# Options of more than one letter, without their dashes.  "ignored" ones change nothing observable.
_LONG: Final[dict[str, tuple[int, str]]] = {
    "output": (_VALUE, "output"),
    "library": (_VALUE, "library"),
    "library-path": (_VALUE, "library-path"),
    "entry": (_VALUE, "entry"),
    "static": (_NONE, "static"),
    "non_shared": (_NONE, "static"),
    "dn": (_NONE, "static"),
    "Bstatic": (_NONE, "libraries-static"),
    "Bdynamic": (_NONE, "libraries-dynamic"),
    "call_shared": (_NONE, "libraries-dynamic"),
    "dy": (_NONE, "libraries-dynamic"),
    "shared": (_NONE, "shared"),
    "Bshareable": (_NONE, "shared"),
    "pie": (_NONE, "pie"),
    "pic-executable": (_NONE, "pie"),
    "no-pie": (_NONE, "no-pie"),
    "relocatable": (_NONE, "relocatable"),
    "start-group": (_NONE, "group-start"),
    "end-group": (_NONE, "group-end"),
    "whole-archive": (_NONE, "whole-archive"),
    "no-whole-archive": (_NONE, "no-whole-archive"),
    "as-needed": (_NONE, "as-needed"),
    "no-as-needed": (_NONE, "no-as-needed"),
    "push-state": (_NONE, "push-state"),
    "pop-state": (_NONE, "pop-state"),
    "sysroot": (_VALUE, "sysroot"),
    "dynamic-linker": (_VALUE, "dynamic-linker"),
    "no-dynamic-linker": (_NONE, "no-dynamic-linker"),
    "soname": (_VALUE, "soname"),
    "rpath": (_VALUE, "rpath"),
    "rpath-link": (_VALUE, "rpath-link"),
    "enable-new-dtags": (_NONE, "new-dtags"),
    "disable-new-dtags": (_NONE, "old-dtags"),
    "export-dynamic": (_NONE, "export-dynamic"),
    "no-export-dynamic": (_NONE, "no-export-dynamic"),
    "export-dynamic-symbol": (_VALUE, "export-dynamic-symbol"),
    "dynamic-list": (_VALUE, "dynamic-list"),
    "version-script": (_VALUE, "version-script"),
    "Bsymbolic": (_NONE, "symbolic"),
    "Bsymbolic-functions": (_NONE, "symbolic-functions"),
    "Bno-symbolic": (_NONE, "no-symbolic"),
    "gc-sections": (_NONE, "gc-sections"),
    "no-gc-sections": (_NONE, "no-gc-sections"),
    "print-gc-sections": (_NONE, "print-gc-sections"),
    "no-print-gc-sections": (_NONE, "no-print-gc-sections"),
    "gc-keep-exported": (_NONE, "gc-keep-exported"),
    "build-id": (_OPTIONAL, "build-id"),
    "hash-style": (_VALUE, "hash-style"),
    "eh-frame-hdr": (_NONE, "eh-frame-hdr"),
    "no-eh-frame-hdr": (_NONE, "no-eh-frame-hdr"),
    "no-undefined": (_NONE, "no-undefined"),
    "unresolved-symbols": (_VALUE, "unresolved-symbols"),
    "warn-unresolved-symbols": (_NONE, "warn-unresolved"),
    "error-unresolved-symbols": (_NONE, "error-unresolved"),
    "noinhibit-exec": (_NONE, "warn-unresolved"),
    "allow-multiple-definition": (_NONE, "allow-multiple-definition"),
    "strip-all": (_NONE, "strip-all"),
    "strip-debug": (_NONE, "strip-debug"),
    "discard-all": (_NONE, "discard-all"),
    "discard-locals": (_NONE, "discard-locals"),
    "discard-none": (_NONE, "discard-none"),
    "defsym": (_VALUE, "defsym"),
    "undefined": (_VALUE, "undefined"),
    "require-defined": (_VALUE, "require-defined"),
    "wrap": (_VALUE, "wrap"),
    "exclude-libs": (_VALUE, "exclude-libs"),
    "script": (_VALUE, "script"),
    "section-start": (_VALUE, "section-start"),
    "Ttext": (_VALUE, "Ttext"),
    "Tdata": (_VALUE, "Tdata"),
    "Tbss": (_VALUE, "Tbss"),
    "Ttext-segment": (_VALUE, "image-base"),
    "image-base": (_VALUE, "image-base"),
    "Map": (_VALUE, "map"),
    "print-map": (_NONE, "print-map"),
    "trace": (_NONE, "trace"),
    "trace-symbol": (_VALUE, "trace-symbol"),
    "init": (_VALUE, "init"),
    "fini": (_VALUE, "fini"),
    "relax": (_NONE, "relax"),
    "no-relax": (_NONE, "no-relax"),
    "fatal-warnings": (_NONE, "fatal-warnings"),
    "no-fatal-warnings": (_NONE, "no-fatal-warnings"),
    "version": (_NONE, "version"),
    "help": (_NONE, "help"),
    # Accepted without effect on what the output does
    "warn-common": (_NONE, "warn-common"),
    "no-warn-mismatch": (_NONE, "ignored"),
    "warn-once": (_NONE, "ignored"),
    "warn-shared-textrel": (_NONE, "ignored"),
    "warn-rwx-segments": (_NONE, "warn-rwx-segments"),
    "no-warn-rwx-segments": (_NONE, "no-warn-rwx-segments"),
    "warn-execstack": (_NONE, "ignored"),
    "no-warn-execstack": (_NONE, "ignored"),
    "warn-textrel": (_NONE, "ignored"),
    "no-warnings": (_NONE, "no-warnings"),
    "no-warn-search-mismatch": (_NONE, "ignored"),
    "orphan-handling": (_VALUE, "orphan-handling"),
    "sort-common": (_OPTIONAL, "ignored"),
    "no-keep-memory": (_NONE, "ignored"),
    "reduce-memory-overheads": (_NONE, "ignored"),
    "allow-shlib-undefined": (_NONE, "allow-shlib-undefined"),
    "no-allow-shlib-undefined": (_NONE, "no-allow-shlib-undefined"),
    "no-add-needed": (_NONE, "ignored"),
    "add-needed": (_NONE, "unsupported"),
    "no-copy-dt-needed-entries": (_NONE, "ignored"),
    "copy-dt-needed-entries": (_NONE, "unsupported"),
    "no-undefined-version": (_NONE, "no-undefined-version"),
    "undefined-version": (_NONE, "undefined-version"),
    "demangle": (_OPTIONAL, "ignored"),
    "no-demangle": (_NONE, "ignored"),
    "check-sections": (_NONE, "ignored"),
    "no-check-sections": (_NONE, "ignored"),
    "stats": (_NONE, "unsupported"),
    "nostdlib": (_NONE, "ignored"),
    "no-omagic": (_NONE, "ignored"),
    "no-ld-generated-unwind-info": (_NONE, "ignored"),
    "ld-generated-unwind-info": (_NONE, "ignored"),
    "no-gnu-unique": (_NONE, "unsupported"),
    "color-diagnostics": (_OPTIONAL, "ignored"),
    "EL": (_NONE, "ignored"),
    "Qy": (_NONE, "ignored"),
    "qmagic": (_NONE, "unsupported"),
    "no-define-common": (_NONE, "unsupported"),
    "emit-relocs": (_NONE, "emit-relocs"),
    "omagic": (_NONE, "omagic"),
    "nmagic": (_NONE, "nmagic"),
    "sort-section": (_VALUE, "sort-section"),
    "EB": (_NONE, "unsupported"),
    "default-script": (_VALUE, "unsupported"),
    "just-symbols": (_VALUE, "unsupported"),
    "oformat": (_VALUE, "oformat"),
    "plugin": (_VALUE, "plugin"),
    "plugin-opt": (_VALUE, "plugin"),
    "auxiliary": (_VALUE, "unsupported"),
    "filter": (_VALUE, "unsupported"),
    "stub-group-size": (_VALUE, "ignored"),
}

# One-letter options: argument form and meaning
_SHORT: Final[dict[str, tuple[int, str]]] = {
    "o": (_VALUE, "output"),
    "l": (_VALUE, "library"),
    "L": (_VALUE, "library-path"),
    "e": (_VALUE, "entry"),
    "u": (_VALUE, "undefined"),
    "m": (_VALUE, "emulation"),
    "h": (_VALUE, "soname"),
    "I": (_VALUE, "dynamic-linker"),
    "T": (_VALUE, "script"),
    "z": (_VALUE, "z"),
    "O": (_VALUE, "ignored"),
    "y": (_VALUE, "trace-symbol"),
    "r": (_NONE, "relocatable"),
    "i": (_NONE, "relocatable"),
    "s": (_NONE, "strip-all"),
    "S": (_NONE, "strip-debug"),
    "x": (_NONE, "discard-all"),
    "X": (_NONE, "discard-locals"),
    "E": (_NONE, "export-dynamic"),
    "t": (_NONE, "trace"),
    "M": (_NONE, "print-map"),
    "w": (_NONE, "no-warnings"),
    "v": (_NONE, "version"),
    "V": (_NONE, "version"),
    "(": (_NONE, "group-start"),
    ")": (_NONE, "group-end"),
    "d": (_NONE, "unsupported"),
    "g": (_NONE, "ignored"),
    "n": (_NONE, "nmagic"),
    "N": (_NONE, "omagic"),
    "q": (_NONE, "emit-relocs"),
    "R": (_VALUE, "unsupported"),
    "f": (_VALUE, "unsupported"),
    "F": (_VALUE, "unsupported"),
    "b": (_VALUE, "format"),
    "A": (_VALUE, "unsupported"),
}

_Z_FLAGS: Final = (
    "execstack",
    "noexecstack",
    "now",
    "lazy",
    "relro",
    "norelro",
    "defs",
    "undefs",
    "text",
    "notext",
)
_Z_IGNORED: Final = (
    "combreloc",
    "nocombreloc",
    "nocommon",
    "nounique-symbol",
    "rela",
    "nopack-relative-relocs",
    "noextern-protected-data",
    "extern-protected-data",
    "noindirect-extern-access",
    "cet-report=none",
)
_Z_DYNAMIC_FLAGS: Final = {
    "nodelete": 0x8,
    "initfirst": 0x20,
    "nodlopen": 0x40,
    "interpose": 0x400,
    "nodefaultlib": 0x800,
    "nodump": 0x1000,
    "global": 0x2,
    "loadfltr": 0x10,
}
# Bits of GNU_PROPERTY_X86_FEATURE_1_AND (x86-64 psABI, "Program Property")
_Z_FEATURES: Final = {"shstk": 2, "lam-u48": 4, "lam-u57": 8}
_Z_UNSUPPORTED: Final = (
    "pack-relative-relocs",
    "common",
    "dynamic-undefined-weak",
    "nodynamic-undefined-weak",
    "unique-symbol",
    "nosectionheader",
    "rel",
    "indirect-extern-access",
    "keep-text-section-prefix",
    "nognustack",
    "ibt",
    "ibtplt",
)
_EMULATIONS: Final = {
    "elf_x86_64": 62,
    "elf_i386": 3,
    "elf64lriscv": 243,
    "aarch64linux": 183,
    "aarch64elf": 183,
}


@final
class CommandLine:
    """The result of parsing: options and inputs."""

    def __init__(self) -> None:
        self.options = LinkOptions()
        self.inputs: list[LinkInput] = []
        self.show_version = False
        self.show_help = False
        self.fatal_warnings = False
        self.wrong: list[str] = []
        # Positional state
        self.as_needed = False
        self.static = False
        self.whole_archive = False
        self.saved: list[tuple[bool, bool, bool]] = []

    def add_input(self, kind: int, name: str) -> None:
        item = LinkInput(kind, name)
        item.as_needed = self.as_needed
        item.static = self.static
        item.whole_archive = self.whole_archive
        self.inputs.append(item)


def parse_command_line(arguments: list[str]) -> CommandLine:
    """Parse `ld` arguments.  Raises LinkError for the first one that is wrong."""
    result = CommandLine()
    position = 0
    arguments = expand_response_files(arguments)
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if not argument.startswith("-") or argument == "-":
            result.add_input(INPUT_FILE, argument)
            continue
        name, value, form, action = _recognize(argument)
        if form == _VALUE and value is None:
            if position >= len(arguments):
                raise LinkError(f"option '{argument}' requires an argument")
            value = arguments[position]
            position += 1
        _apply(result, action, value or "", argument if form != _VALUE else name)
    return result


def expand_response_files(arguments: list[str], depth: int = 0) -> list[str]:
    """Replace @FILE arguments by the words of the file."""
    result: list[str] = []
    for argument in arguments:
        if argument.startswith("@") and len(argument) > 1 and paths.isfile(argument[1:]) and depth < 10:
            from shlex import split

            with open(argument[1:], encoding="utf-8", errors="surrogateescape") as file:
                result += expand_response_files(split(file.read()), depth + 1)
        else:
            result.append(argument)
    return result


def _recognize(argument: str) -> tuple[str, str | None, int, str]:
    """(name, attached value, form, action) of an option argument."""
    body = argument[2:] if argument.startswith("--") else argument[1:]
    name, equals, attached = body.partition("=")
    value: str | None = attached if equals else None
    if name in _LONG and not (argument[1] == "o" and not argument.startswith("--")):
        form, action = _LONG[name]
        if form == _NONE and value is not None:
            raise LinkError(f"option '--{name}' doesn't allow an argument")
        return name, value, form, action
    if argument.startswith("--"):
        raise LinkError(f"unrecognized option '{argument}'")
    letter = body[:1]
    if letter not in _SHORT:
        raise LinkError(f"unrecognized option '{argument}'")
    form, action = _SHORT[letter]
    if form == _NONE:
        if len(body) > 1:
            raise LinkError(f"unrecognized option '{argument}'")
        return letter, None, form, action
    return letter, body[1:] if len(body) > 1 else None, form, action


def _read_text(name: str, what: str) -> str:
    try:
        with open(name, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError as failure:
        raise LinkError(f"cannot open {what} {name}: {failure.strerror}") from None


def _number(value: str, option: str) -> int:
    try:
        return int(value, 0)
    except ValueError:
        raise LinkError(f"invalid number '{value}' for option '{option}'") from None


def _hexadecimal(value: str, option: str) -> int:
    """Addresses of -T options are hexadecimal, with or without 0x."""
    try:
        return int(value, 16)
    except ValueError:
        raise LinkError(f"invalid hex number '{value}' for option '{option}'") from None


def _apply(line: CommandLine, action: str, value: str, option: str) -> None:
    """Carry out one option: inputs and positional state here, the rest in `_set`."""
    if action == "library":
        line.add_input(INPUT_LIBRARY, value)
    elif action == "group-start":
        line.add_input(INPUT_GROUP_START, "")
    elif action == "group-end":
        line.add_input(INPUT_GROUP_END, "")
    elif action == "as-needed" or action == "no-as-needed":
        line.as_needed = action == "as-needed"
    elif action == "whole-archive" or action == "no-whole-archive":
        line.whole_archive = action == "whole-archive"
    elif action == "libraries-static" or action == "libraries-dynamic":
        line.static = action == "libraries-static"
    elif action == "push-state":
        line.saved.append((line.as_needed, line.static, line.whole_archive))
    elif action == "pop-state":
        if not line.saved:
            raise LinkError("--pop-state without --push-state")
        line.as_needed, line.static, line.whole_archive = line.saved.pop()
    elif action == "version":
        line.show_version = True
    elif action == "help":
        line.show_help = True
    elif action == "fatal-warnings" or action == "no-fatal-warnings":
        line.fatal_warnings = action == "fatal-warnings"
    elif action == "unsupported":
        raise LinkError(f"option '{option if option.startswith('-') else '-' + option}' is not supported")
    elif action == "z":
        _apply_z(line.options, value)
    elif action != "ignored" and action != "plugin":
        if not _set(line.options, action, value, option):
            _set_more(line.options, action, value, option)


def _set(options: LinkOptions, action: str, value: str, option: str) -> bool:
    """Options that set a field to a constant or to their argument."""
    if action == "output":
        options.output = value
    elif action == "entry":
        options.entry = value
    elif action == "library-path":
        options.library_path.append(value)
    elif action == "static":
        options.static = True
    elif action == "shared":
        options.kind = OUTPUT_SHARED
    elif action == "pie":
        options.kind = OUTPUT_PIE
    elif action == "no-pie":
        options.kind = OUTPUT_EXECUTABLE
    elif action == "omagic" or action == "nmagic":
        options.paged = False
        options.static = True
        options.one_segment = True
    elif action == "relocatable":
        options.kind = OUTPUT_RELOCATABLE
    elif action == "sysroot":
        options.sysroot = value.rstrip("/")
    elif action == "dynamic-linker":
        options.interpreter = value
    elif action == "no-dynamic-linker":
        options.no_interpreter = True
    elif action == "soname":
        options.soname = value
    elif action == "new-dtags" or action == "old-dtags":
        options.new_dtags = action == "new-dtags"
    elif action == "export-dynamic" or action == "no-export-dynamic":
        options.export_dynamic = action == "export-dynamic"
    elif action == "symbolic":
        options.symbolic = True
    elif action == "symbolic-functions":
        options.symbolic_functions = True
    elif action == "no-symbolic":
        options.symbolic = options.symbolic_functions = False
    elif action == "gc-sections" or action == "no-gc-sections":
        options.gc_sections = action == "gc-sections"
    elif action == "print-gc-sections" or action == "no-print-gc-sections":
        options.print_gc_sections = action == "print-gc-sections"
    elif action == "gc-keep-exported":
        options.keep_exported = True
    elif action == "eh-frame-hdr" or action == "no-eh-frame-hdr":
        options.eh_frame_hdr = action == "eh-frame-hdr"
    elif action == "no-undefined":
        options.no_undefined = True
    elif action == "warn-unresolved":
        options.unresolved = UNRESOLVED_WARN
    elif action == "error-unresolved":
        options.unresolved = UNRESOLVED_ERROR
    elif action == "allow-multiple-definition":
        options.allow_multiple_definition = True
    elif action == "strip-all":
        options.strip = STRIP_ALL
    elif action == "strip-debug":
        options.strip = max(options.strip, STRIP_DEBUG)
    elif action == "emit-relocs":
        options.emit_relocations = True
    elif action == "discard-all":
        options.discard_all = True
    elif action == "discard-locals" or action == "discard-none":
        options.discard_locals = action == "discard-locals"
    elif action == "map":
        options.map_file = value
    elif action == "print-map":
        options.map_file = "-"
    elif action == "trace":
        options.trace = True
    elif action == "init":
        options.init = value
    elif action == "fini":
        options.fini = value
    elif action == "relax" or action == "no-relax":
        options.relax = action == "relax"
    else:
        return _set_diagnostics(options, action)
    return True


def _set_diagnostics(options: LinkOptions, action: str) -> bool:
    """Options that only decide what the user is told."""
    if action == "warn-common":
        options.warn_common = True
    elif action == "no-warnings":
        options.no_warnings = True
    elif action == "warn-rwx-segments" or action == "no-warn-rwx-segments":
        options.warn_writable_code = action == "warn-rwx-segments"
    elif action == "no-undefined-version" or action == "undefined-version":
        options.undefined_version = action == "undefined-version"
    elif action == "allow-shlib-undefined" or action == "no-allow-shlib-undefined":
        options.shared_undefined = action == "allow-shlib-undefined"
    else:
        return False
    return True


def _set_more(options: LinkOptions, action: str, value: str, option: str) -> None:
    """Options whose argument is looked at."""
    if action == "emulation":
        if value not in _EMULATIONS:
            raise LinkError(f"unrecognised emulation mode: {value}")
        options.machine = _EMULATIONS[value]
    elif action == "rpath":
        for part in value.split(":"):
            if part not in options.rpath:
                options.rpath.append(part)
    elif action == "rpath-link":
        options.rpath_link += value.split(":")
    elif action == "export-dynamic-symbol":
        options.export_symbols.append(value)
    elif action == "dynamic-list":
        options.dynamic_lists.append((value, _read_text(value, "dynamic list")))
    elif action == "version-script":
        options.version_script += _read_text(value, "version script")
        options.version_script_name = value
    elif action == "build-id":
        kind = value or "sha1"
        if kind not in ("none", "sha1", "md5", "uuid", "tree", "fast") and not kind.startswith("0x"):
            raise LinkError(f"unrecognized --build-id style '{value}'")
        if kind.startswith("0x") and (len(kind) % 2 or any(c not in "0123456789abcdefABCDEF" for c in kind[2:])):
            raise LinkError(f"--build-id={value} is not a hexadecimal number")
        options.build_id = "sha1" if kind in ("tree", "fast") else kind
    elif action == "hash-style":
        if value not in ("gnu", "sysv", "both"):
            raise LinkError(f"invalid hash style '{value}'")
        options.hash_style = value
    elif action == "unresolved-symbols":
        if value not in ("ignore-all", "report-all", "ignore-in-object-files", "ignore-in-shared-libs"):
            raise LinkError(f"bad --unresolved-symbols option: {value}")
        ignored = value in ("ignore-all", "ignore-in-object-files")
        options.unresolved = UNRESOLVED_IGNORE if ignored else UNRESOLVED_ERROR
    elif action == "defsym":
        name, equals, expression = value.partition("=")
        if not equals or not name or not expression:
            raise LinkError(f"invalid argument to --defsym: '{value}'")
        options.defsyms.append((name.strip(), expression))
    elif action == "undefined":
        options.undefined.append(value)
    elif action == "sort-section":
        if value not in ("name", "alignment"):
            raise LinkError(f"invalid section sorting option: {value}")
        options.sort_section = value  # the built-in layout has no wildcard patterns that it would touch
    elif action == "trace-symbol":
        options.traced[value] = True
    elif action == "orphan-handling":
        if value not in ("place", "discard", "warn", "error"):
            raise LinkError(f"invalid argument to option \"--orphan-handling\": {value}")
        options.orphans = value
    elif action == "require-defined":
        options.required.append(value)
    elif action == "wrap":
        options.wrap.append(value)
    elif action == "exclude-libs":
        options.exclude_libraries += value.replace(":", ",").split(",")
    elif action == "script":
        options.script = _read_text(value, "linker script file")
        options.script_name = value
    elif action == "section-start":
        name, _, address = value.partition("=")
        options.section_starts.append((name, _hexadecimal(address, "--section-start")))
    elif action in ("Ttext", "Tdata", "Tbss"):
        options.section_starts.append(("." + action[1:], _hexadecimal(value, "-" + action)))
    elif action == "image-base":
        options.image_base = _hexadecimal(value, "-Ttext-segment")
    elif action == "oformat":
        if not value.startswith("elf") and value != "binary":
            raise LinkError(f"output format '{value}' is not supported")
        options.binary = value == "binary"
    elif action == "format":
        if value not in ("elf", "default") and not value.startswith("elf"):
            raise LinkError(f"input format '{value}' is not supported")
    else:
        raise LinkError(f"option '{option}' is not supported")


def _apply_z(options: LinkOptions, value: str) -> None:
    """-z keywords."""
    name, equals, number = value.partition("=")
    if value in ("execstack", "noexecstack"):
        options.executable_stack = value == "execstack"
    elif value in ("now", "lazy"):
        options.bind_now = value == "now"
    elif value in ("relro", "norelro"):
        options.relro = value == "relro"
    elif value in ("defs", "undefs"):
        options.no_undefined = value == "defs"
    elif value in ("text", "notext", "textoff"):
        options.allow_text_relocations = value != "text"
    elif value in ("separate-code", "noseparate-code"):
        options.separate_code = value == "separate-code"
    elif value == "nocopyreloc":
        options.no_copy_relocations = True
    elif value == "origin":
        options.origin = True
    elif value in _Z_DYNAMIC_FLAGS:
        options.flags_1 |= _Z_DYNAMIC_FLAGS[value]
    elif name in ("max-page-size", "common-page-size", "stack-size") and equals:
        amount = _number(number, f"-z {name}")
        if name == "stack-size":
            options.stack_size = amount
        elif amount <= 0 or amount & (amount - 1):
            raise LinkError(f"invalid {name.replace('-', ' ')} `{number}'")
        elif name == "max-page-size":
            options.max_page_size = amount
        else:
            options.common_page_size = amount
    elif value in ("start-stop-gc", "nostart-stop-gc"):
        options.start_stop_gc = value == "start-stop-gc"
    elif value in _Z_FEATURES:
        options.feature_bits |= _Z_FEATURES[value]
    elif value == "muldefs":
        options.allow_multiple_definition = True
    elif value in _Z_UNSUPPORTED:
        raise LinkError(f"-z {value} is not supported")
    elif value not in _Z_IGNORED and value not in _Z_FLAGS:
        raise LinkError(f"-z {value} is not recognized")


def report(program: str, errors: ErrorSink) -> None:
    """Print the messages of a link."""
    for note in errors.notes:
        sys.stderr.write(f"{program}: {note}\n")
    for kind, messages in (("warning: ", errors.warnings), ("", errors.errors)):
        for message in messages:
            text = message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            prefix = "" if "warning:" in text else kind
            sys.stderr.write(f"{program}: {prefix}{text}\n")
    if errors.suppressed:
        sys.stderr.write(f"{program}: {errors.suppressed} more errors are not shown\n")


def run(line: CommandLine, errors: ErrorSink) -> bool:
    """Link and write the output file; nothing is written when there were errors."""
    from ourocc.linker.link import link
    from ourocc.linker.output_file import write_output

    data = link(line.options, line.inputs, errors)
    if line.options.no_warnings:
        errors.warnings = []
    if line.fatal_warnings and errors.warnings:
        errors.error("warnings are treated as errors (--fatal-warnings)")
    if errors.errors or not data:
        return False
    write_output(line.options.output, data, line.options.kind != OUTPUT_RELOCATABLE)
    return True


def main(arguments: list[str] | None = None) -> int:
    """`python -m ourocc.linker`: an ld."""
    if arguments is None:
        arguments = sys.argv[1:]
    errors = ErrorSink()
    try:
        line = parse_command_line(arguments)
        if line.show_help:
            sys.stdout.write("Usage: ld [options] file...\nOptions are those of GNU ld:\n")
            for name in sorted(_LONG):
                if _LONG[name][1] not in ("ignored", "unsupported"):
                    sys.stdout.write(f"  --{name}{' VALUE' if _LONG[name][0] == _VALUE else ''}\n")
            return 0
        if line.show_version:
            from ourocc import __version__

            sys.stdout.write(f"GNU ld (Ourocc {__version__}, compatible) 2.40\n")
            if not line.inputs:
                return 0
        run(line, errors)
    except LinkError as problem:
        errors.error(problem.message)
    except OSError as failure:
        errors.error(f"{failure.filename}: {failure.strerror}")
    report("ld", errors)
    return 1 if errors.errors else 0
