"""What the tools share: messages, reading files, walking over the objects of a file, option letters."""

import sys
from collections.abc import Callable, Iterator
from os import path as paths

from ourocc import __version__
from ourocc.objects.archive import ARCHIVE_MAGIC, THIN_MAGIC, Archive
from ourocc.objects.elf_reader import ElfFile, ObjectFormatError


class ToolError(Exception):
    """Something is wrong with what the user asked for; `message` says what."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def complain(program: str, message: str) -> None:
    text = message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    sys.stderr.write(f"{program}: {text}\n")


def read_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as failure:
        if paths.isdir(path):
            raise ToolError(f"'{path}' is a directory") from None
        if not paths.exists(path):
            raise ToolError(f"'{path}': No such file") from None
        raise ToolError(f"'{path}': {failure.strerror}") from None


def is_archive(data: bytes) -> bool:
    return data[:8] == ARCHIVE_MAGIC or data[:8] == THIN_MAGIC


def objects_of(data: bytes, path: str) -> list[tuple[str, bytes]]:
    """(member name, bytes) of the objects in a file; the name is "" for a file that is an object itself."""
    if not is_archive(data):
        return [("", data)]
    archive = Archive(data, path)
    result: list[tuple[str, bytes]] = []
    for member in archive.members():
        content = member.data
        if archive.thin:
            content = read_file(paths.join(paths.dirname(path), member.name))
        result.append((member.name, content))
    return result


def open_elf(data: bytes, name: str) -> ElfFile:
    """The ELF file in `data`; ToolError when it is none."""
    if data[:4] != b"\x7fELF":
        raise ToolError(f"{name}: file format not recognized")
    try:
        return ElfFile(data, name)
    except ObjectFormatError as malformed:
        raise ToolError(malformed.message) from None


def elf_files(path: str) -> Iterator[tuple[str, ElfFile]]:
    """(member name, ELF file) of each object in a file, the name "" for a file that is an object itself."""
    for name, content in objects_of(read_file(path), path):
        yield name, open_elf(content, f"{path}({name})" if name else path)


def show_each(program: str, paths: list[str], show: Callable[[str], int]) -> int:
    """Call `show`, which gives an exit status, for every path; a file that cannot be read is a message and status 1."""
    status = 0
    for path in paths:
        try:
            status |= show(path)
        except (ToolError, ObjectFormatError) as wrong:
            complain(program, wrong.message)
            status = 1
        except (IndexError, ValueError, KeyError) as broken:
            complain(program, f"{path}: malformed ELF file ({broken})")
            status = 1
    return status


def write_text(text: str) -> None:
    """Text to standard output, whatever bytes names are made of."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def version_text(tool: str) -> str:
    return f"GNU {tool} (Ourocc {__version__}, compatible) 2.40\n"


def split_options(
    program: str, arguments: list[str], letters: str, valued: str, long_names: dict[str, str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """Getopt: (letter, value) pairs in order, and the operands.

    `letters` are options without value, `valued` those with one; a long name stands for the letter (or for a
    word of its own) that `long_names` gives, with "=" at its end when it takes a value.
    """
    options: list[tuple[str, str]] = []
    operands: list[str] = []
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if argument == "--":
            operands += arguments[position:]
            break
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            if name not in long_names:
                raise ToolError(f"unrecognized option '{argument}'")
            meaning = long_names[name]
            if meaning.endswith("="):
                if not equals:
                    if position >= len(arguments):
                        raise ToolError(f"option '--{name}' requires an argument")
                    value = arguments[position]
                    position += 1
                options.append((meaning[:-1], value))
            else:
                options.append((meaning, value))
        elif argument.startswith("-") and len(argument) > 1:
            at = 1
            while at < len(argument):
                letter = argument[at]
                at += 1
                if letter in valued:
                    value = argument[at:]
                    if not value:
                        if position >= len(arguments):
                            raise ToolError(f"option requires an argument -- '{letter}'")
                        value = arguments[position]
                        position += 1
                    options.append((letter, value))
                    break
                if letter not in letters:
                    raise ToolError(f"invalid option -- '{letter}'")
                options.append((letter, ""))
        else:
            operands.append(argument)
    return options, operands
