"""The link step: what gcc's specs say, as one function that makes an `ld` command line of the settings."""

import os

from ourocc.driver.runtime_library import runtime_library_directory
from ourocc.driver.settings import PIC_EXECUTABLE, Settings
from ourocc.driver.system import colon_list, dynamic_linker, find_file, library_directories

_EMULATIONS = {"x86": "elf_x86_64", "riscv": "elf64lriscv"}


def makes_pie(settings: Settings) -> bool:
    """Whether the executable is position-independent: -pie/-no-pie, else as the code is compiled by default."""
    if settings.shared or settings.relocatable or settings.static:
        return False
    if settings.static_pie:
        return True
    if settings.pie is not None:
        return settings.pie
    return settings.position_independent == PIC_EXECUTABLE and settings.target_name == "x86"


def link_arguments(settings: Settings, files: list[str]) -> list[str]:
    """The linker's arguments.  `files` replaces the settings' inputs one by one: object paths, or linker words."""
    output = settings.output or "a.out"
    arguments = ["-m", _EMULATIONS[settings.target_name], "-o", output]
    if settings.sysroot:
        arguments.append("--sysroot=" + settings.sysroot)
    arguments += _kind(settings)
    if settings.strip:
        arguments.append("-s")
    if settings.export_dynamic:
        arguments.append("--export-dynamic")
    runtime = ""
    needs_runtime = not (settings.no_standard_libraries or (settings.no_default_libraries and settings.no_start_files))
    if needs_runtime and not settings.relocatable:
        runtime = runtime_library_directory(settings)
    starts = not (settings.no_standard_libraries or settings.no_start_files or settings.relocatable)
    if starts:
        arguments += _start_files(settings, runtime)
    arguments += ["-L" + path for path in settings.library_directories]
    arguments += ["-L" + path for path in settings.start_directories if os.path.isdir(path)]
    arguments += ["-L" + path for path in colon_list("LIBRARY_PATH")]
    arguments += ["-L" + path for path in library_directories(settings)]
    arguments += files
    if not (settings.no_standard_libraries or settings.no_default_libraries or settings.relocatable):
        arguments += _libraries(settings, runtime)
    if starts:
        for bits in ("32", "64", "80"):
            if settings.machine.get("pc" + bits, False):
                arguments.append(os.path.join(runtime, f"crtprec{bits}.o"))
        shared = settings.shared or makes_pie(settings)
        arguments.append(os.path.join(runtime, "crtendS.o" if shared else "crtend.o"))
        arguments += _system_object(settings, "crtn.o")
    return arguments


def _kind(settings: Settings) -> list[str]:
    if settings.relocatable:
        return ["-r"]
    common = ["--eh-frame-hdr", "--hash-style=gnu", "--build-id"]
    if settings.shared:
        return [*common, "-shared"]
    if settings.static_pie:
        return [*common, "-static", "-pie", "--no-dynamic-linker", "-z", "text"]
    if settings.static:
        return [*common, "-static"]
    pie = ["-pie"] if makes_pie(settings) else []
    return [*common, *pie, "-dynamic-linker", dynamic_linker(settings)]


def _system_object(settings: Settings, name: str) -> list[str]:
    """A start file of the C library; its bare name when it is not there, so that the linker says so."""
    found = find_file(settings, name)
    if found is None and name in ("crti.o", "crtn.o"):
        return []  # a C library without legacy start files
    return [found or name]


def _start_files(settings: Settings, runtime: str) -> list[str]:
    found: list[str] = []
    pie = makes_pie(settings)
    if not settings.shared:
        if settings.static_pie:
            first = "rcrt1.o"
        else:
            first = "Scrt1.o" if pie else "crt1.o"
        found += _system_object(settings, first)
    found += _system_object(settings, "crti.o")
    if settings.shared or pie:
        begin = "crtbeginS.o"
    else:
        begin = "crtbeginT.o" if settings.static else "crtbegin.o"
    found.append(os.path.join(runtime, begin))
    return found


def _libraries(settings: Settings, runtime: str) -> list[str]:
    ours = os.path.join(runtime, "libourocc.a")
    if settings.no_libc:
        return [ours]
    threads = ["-lpthread"] if settings.pthread and find_file(settings, "libpthread.a") else []
    if settings.static or settings.static_pie:
        return [*threads, "--start-group", ours, "-lc", "--end-group"]
    return [*threads, ours, "-lc", ours]
