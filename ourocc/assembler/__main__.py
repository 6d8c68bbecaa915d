"""`python -m ourocc.assembler -o out.o in.s`: the assembler alone, with the options of GNU as that build systems pass."""

import os
import sys

from ourocc.assembler.assemble import assemble
from ourocc.assembler.options import VERSION_TEXT, OptionError, finish_object, parse_options
from ourocc.base.diagnostics import ERROR, Diagnostics
from ourocc.base.source import SourceMap
from ourocc.base.temporary import create_file
from ourocc.objects.elf_writer import write_object


def report(diagnostics: Diagnostics) -> None:
    for record in diagnostics.records:
        position = diagnostics.sources.position(record.location)
        kind = "Error" if record.severity >= ERROR else "Warning"
        print(f"{position.file}:{position.line}: {kind}: {record.message}", file=sys.stderr)


def write_atomically(path: str, data: bytes) -> None:
    """No half-written output: a temporary file beside it is renamed."""
    handle, temporary = create_file(".ourocc-", os.path.dirname(path) or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~current_umask())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def main(arguments: list[str] | None = None) -> int:
    """`as`."""
    try:
        options = parse_options(sys.argv[1:] if arguments is None else arguments)
    except OptionError as problem:
        print(f"as: {problem.message}", file=sys.stderr)
        return 1
    if options.show_version:
        sys.stdout.write(VERSION_TEXT)
        if options.ends_at_version:
            return 0
    text = ""
    name = options.inputs[0] if options.inputs else "{standard input}"
    try:
        for path in options.inputs or ["-"]:
            with open(0 if path == "-" else path, encoding="utf-8", errors="surrogateescape") as file:
                text += file.read()
    except OSError as error:
        print(f"Assembler messages:\nError: can't open {error.filename} for reading: {error.strerror}", file=sys.stderr)
        return 1
    diagnostics = Diagnostics(SourceMap())
    diagnostics.silent = options.silent
    directory = os.getcwd() if options.debug else ""
    made = assemble(
        text, name, options.machine, diagnostics, options.include_paths, directory, options.line_version, options.definitions
    )
    report(diagnostics)
    if options.fatal_warnings and diagnostics.warning_count:
        print(f"{name}: Error: {diagnostics.warning_count} warnings, treating warnings as errors", file=sys.stderr)
        return 1
    if diagnostics.error_count:
        return 1
    finish_object(options, made)
    write_atomically(options.output, write_object(made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
