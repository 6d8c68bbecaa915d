"""-Map: which input section went where, which archive members were loaded and why."""

from ourocc.linker.elements import Link
from ourocc.linker.layout import Layout
from ourocc.linker.output_file import write_output
from ourocc.objects.model import DEFINED


def write_map(link: Link, layout: Layout) -> None:
    """Write the map to the file of the options ("-": standard output)."""
    lines: list[str] = []
    if link.archive_reasons:
        lines.append("Archive members included to satisfy references\n")
        for member, _file, wanted in link.archive_reasons:
            lines.append(f"{member:<50} ({wanted or 'whole archive'})")
        lines.append("")
    discarded = [
        section
        for file in link.files
        for section in file.sections
        if section is not None and not section.live and section.merge is None and section.size
    ]
    if discarded:
        lines.append("Discarded input sections\n")
        for section in discarded:
            lines.append(f" {section.name:<15} {0:#018x} {section.size:#10x} {section.file.name}")
        lines.append("")
    lines.append("Memory map\n")
    by_section: dict[int, list[tuple[int, str]]] = {}
    for symbol in link.symbols.values():
        if symbol.place == DEFINED and symbol.section is not None:
            by_section.setdefault(id(symbol.section), []).append((symbol.address, symbol.name))
    for output in link.outputs:
        if not output.size:
            continue
        lines.append(f"{output.name:<16} {output.address:#018x} {output.size:#10x}")
        for section in output.inputs:
            if not section.size:
                continue
            lines.append(f" {section.name:<15} {section.address:#018x} {section.size:#10x} {section.file.name}")
            for address, name in sorted(by_section.get(id(section), [])):
                lines.append(f"                {address:#018x}                {name}")
    text = "\n".join(lines) + "\n"
    if link.options.map_file == "-":
        print(text, end="")
    else:
        write_output(link.options.map_file, text.encode("utf-8", "surrogateescape"), False)
