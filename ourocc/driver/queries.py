"""Answers to --version, --help, -dumpmachine, -print-... and the banner of -v."""

import os
import re
import shutil
import sys

from ourocc import __version__
from ourocc.driver import flags
from ourocc.driver.command_line import TARGETS, QueryAnswer
from ourocc.driver.settings import Settings
from ourocc.driver.system import find_file, library_directories, target_names

GCC_VERSION = "12.2.0"


def quote_word(word: str) -> str:
    """A word of a command line as -v prints it."""
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else '"' + word.replace('"', '\\"') + '"'


def version_banner(settings: Settings) -> str:
    """What -v prints first; build systems look for "gcc version" in it."""
    return (
        f"Target: {settings.target}\nThread model: posix\n"
        f"ourocc version {__version__}\ngcc version {GCC_VERSION} (compatible, Ourocc {__version__})"
    )


def _settings(arguments: list[str]) -> Settings:
    settings = Settings()
    for index, argument in enumerate(arguments):
        value = ""
        if argument.startswith("--target="):
            value = argument[9:]
        elif argument == "-target" and index + 1 < len(arguments):
            value = arguments[index + 1]
        elif argument.startswith("--sysroot="):
            settings.sysroot = argument[10:]
        elif argument.startswith("-B") and len(argument) > 2:
            settings.start_directories.append(argument[2:])
        if value:
            settings.target = TARGETS.get(value.partition("-")[0], settings.target)
    return settings


def answer(query: QueryAnswer, arguments: list[str]) -> int:
    """Print the answer; the exit code."""
    settings = _settings(arguments)
    text = _answer(query.name, query.argument, settings)
    if text:
        sys.stdout.write(text + "\n")
    return 0


def _answer(name: str, argument: str, settings: Settings) -> str:
    if name == "dumpmachine":
        return settings.target
    if name == "dumpversion":
        return GCC_VERSION.partition(".")[0]
    if name == "dumpfullversion":
        return GCC_VERSION
    if name == "version":
        return f"ourocc (Ourocc {__version__}, gcc {GCC_VERSION} compatible) {GCC_VERSION}\nA C toolchain in Python."
    if name == "help":
        return help_text()
    if name == "print-file-name":
        return _file_name(argument, settings)
    if name == "print-prog-name":
        return _program(argument)
    if name == "print-search-dirs":
        libraries = ":".join("=" + path for path in library_directories(settings))
        programs = os.path.dirname(os.path.abspath(sys.argv[0]))
        return f"install: {programs}\nprograms: ={programs}\nlibraries: {libraries}"
    if name == "print-libgcc-file-name":
        from ourocc.driver.runtime_library import library_path

        return library_path(settings)
    if name == "print-multi-lib":
        return ".;"
    if name == "print-multi-directory":
        return "."
    if name == "print-multi-os-directory":
        return "../lib"
    if name == "print-multiarch":
        return target_names(settings.target).triple
    return settings.sysroot  # print-sysroot


def _file_name(name: str, settings: Settings) -> str:
    if name == "libgcc.a" or name == "libourocc.a":
        from ourocc.driver.runtime_library import library_path

        return library_path(settings)
    if name in ("include", "plugin"):
        from ourocc.driver.system import runtime_directory

        return os.path.join(runtime_directory(), name)
    return find_file(settings, name) or name


def _program(name: str) -> str:
    """Our own program of that name beside the command, else what PATH has, else the name (as gcc)."""
    beside = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "ourocc-" + name)
    if os.path.exists(beside):
        return beside
    return shutil.which("ourocc-" + name) or shutil.which(name) or name


def help_text() -> str:
    """The table of flags as --help prints it."""
    lines = ["Usage: ourocc [options] file...", "Options:"]
    for option, form, status, meaning in flags.ROWS:
        if status != flags.IMPLEMENTED:
            continue
        shown = option + {flags.JOINED: "<arg>", flags.SEPARATE: " <arg>", flags.EITHER: " <arg>"}.get(form, "")
        lines.append(f"  {shown:28} {meaning}")
    lines.append("  -f<feature>, -m<feature>     code generation: see docs/flags.md")
    return "\n".join(lines)
