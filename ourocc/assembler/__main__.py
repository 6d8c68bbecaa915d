"""`python -m ourocc.assembler -o out.o in.s`: the assembler alone, with the options of GNU as that build systems pass."""

import os
import sys

from ourocc.assembler.assemble import assemble
from ourocc.base.diagnostics import ERROR, Diagnostics
from ourocc.base.source import SourceMap
from ourocc.base.temporary import create_file
from ourocc.objects import model
from ourocc.objects.elf_writer import write_object

WITH_VALUE = ("-o", "-I", "--defsym", "-march", "-mtune")
MACHINES = {"x86_64": model.EM_X86_64, "riscv64": model.EM_RISCV}


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


def main(arguments: list[str]) -> int:
    output = "a.out"
    inputs: list[str] = []
    include_paths: list[str] = []
    definitions = ""
    machine = model.EM_X86_64
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        if argument in WITH_VALUE:
            if position >= len(arguments):
                print(f"as: option '{argument}' needs a value", file=sys.stderr)
                return 1
            value = arguments[position]
            position += 1
            if argument == "-o":
                output = value
            elif argument == "-I":
                include_paths.append(value)
            elif argument == "--defsym":
                definitions += f".set {value.replace('=', ',', 1)}\n"
        elif argument.startswith("-I"):
            include_paths.append(argument[2:])
        elif argument.startswith("--machine="):
            machine = MACHINES[argument[10:]]
        elif argument.startswith("-") and argument != "-":
            if not argument.startswith(("--64", "--noexecstack", "-m", "-W", "--warn", "--no-warn", "-g", "--fatal-warnings", "-a")):
                print(f"as: unrecognized option '{argument}'", file=sys.stderr)
                return 1
        else:
            inputs.append(argument)
    text = ""
    name = inputs[0] if inputs else "{standard input}"
    try:
        for path in inputs or ["-"]:
            with open(0 if path == "-" else path, encoding="utf-8", errors="surrogateescape") as file:
                text += file.read()
    except OSError as error:
        print(f"Assembler messages:\nError: can't open {error.filename} for reading: {error.strerror}", file=sys.stderr)
        return 1
    diagnostics = Diagnostics(SourceMap())
    obj = assemble(definitions + text, name, machine, diagnostics, include_paths)
    report(diagnostics)
    if diagnostics.error_count:
        return 1
    write_atomically(output, write_object(obj))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
