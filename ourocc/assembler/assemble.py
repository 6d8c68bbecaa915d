"""The entry points: a text to an object, and an assembler that a compiler keeps for one translation unit.

A compiler makes one assembler a unit (`new_assembler`), runs file-scope asm through `Assembler.run` and asm statements
through `Assembler.run_inline`, and lets an `ObjectMaker` add what they left in other sections to its object.
"""

from ourocc.assembler import directives_data, directives_flow, directives_frame, directives_sections
from ourocc.assembler.assembler import Assembler, DirectiveFunction
from ourocc.assembler.finish import ObjectMaker
from ourocc.assembler.target import TargetAssembler
from ourocc.base.diagnostics import Diagnostics
from ourocc.objects import model


def target_assembler(machine: int) -> TargetAssembler:
    """The assembly syntax of an e_machine."""
    if machine == model.EM_X86_64:
        from ourocc.assembler.x86_syntax import X86Assembler

        return X86Assembler()
    if machine == model.EM_RISCV:
        from ourocc.assembler.riscv_syntax import RiscvAssembler

        return RiscvAssembler()
    raise ValueError(f"no assembler for machine {machine}")


def new_assembler(target: TargetAssembler, diagnostics: Diagnostics) -> Assembler:
    """An assembler with all directives, standing in .text."""
    directives: dict[str, DirectiveFunction] = {}
    for table in (directives_data.TABLE, directives_sections.TABLE, directives_flow.TABLE, directives_frame.TABLE):
        directives.update(table)
    for name, other in target.directive_aliases().items():
        directives[name] = directives[other]
    return Assembler(target, diagnostics, directives)


def assemble(
    text: str,
    name: str,
    machine: int,
    diagnostics: Diagnostics,
    include_paths: list[str] | None = None,
    line_directory: str = "",
    line_version: int = 5,
    definitions: str = "",
) -> model.ObjectFile:
    """The object of an assembly text.  Errors are in `diagnostics`; the object is of use only when there are none.

    With `line_directory`, the compilation directory, the object has line tables of the text (-g).  `definitions` are
    statements that go before the text."""
    target = target_assembler(machine)
    assembler = new_assembler(target, diagnostics)
    assembler.include_paths = include_paths or []
    assembler.line_directory = line_directory
    assembler.line_version = line_version
    if definitions:
        assembler.run(definitions, "<command line>")
    assembler.run(text, name)
    obj = model.ObjectFile(machine, target.flags())
    obj.name = name
    ObjectMaker(assembler, obj, {}).make()
    return obj
