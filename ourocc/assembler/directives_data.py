"""Directives that place data: numbers, strings, floating point, fill, alignment, LEB128."""

import re
from fractions import Fraction
from typing import Final, final

from ourocc.assembler.assembler import Assembler, DirectiveFunction
from ourocc.assembler.expression import SIMPLE_NUMBER, evaluate
from ourocc.assembler.symbols import AsmSection, AsmSymbol, AssemblyError, Expression
from ourocc.machine.emit import Variable
from ourocc.objects import model
from ourocc.objects.dwarf_target import sleb128, uleb128

STRING: Final = re.compile(r'\s*(?:"((?:\\.|[^"\\])*)"|<(\d+)>)\s*(,?)', re.DOTALL)
ESCAPE: Final = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]+)|(.))", re.DOTALL)
ESCAPED: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
MAXIMUM_FILL: Final = 1 << 31


def split_operands(text: str) -> list[str]:
    """Operands separated by commas outside of brackets and quotes."""
    if "(" not in text and '"' not in text and "'" not in text:
        return [part.strip() for part in text.split(",")]
    parts: list[str] = []
    depth = start = position = 0
    while position < len(text):
        character = text[position]
        if character == '"':
            position += 1
            while position < len(text) and text[position] != '"':
                position += 2 if text[position] == "\\" else 1
        elif character == "'":
            position += 2 if text[position + 1 : position + 2] == "\\" else 1
            if text[position + 1 : position + 2] == "'":
                position += 1
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
        position += 1
    parts.append(text[start:].strip())
    return parts


def unescape(text: str) -> bytes:
    """The bytes of a quoted string's inside."""
    raw = text.encode("utf-8", "surrogateescape")
    if b"\\" not in raw:
        return raw

    def replace(match: re.Match[bytes]) -> bytes:
        octal, hexadecimal, other = match.groups()
        if octal is not None:
            return bytes([int(octal, 8) & 255])
        if hexadecimal is not None:
            return bytes([int(hexadecimal, 16) & 255])
        return ESCAPED.get(other, bytes(other))

    return ESCAPE.sub(replace, raw)


def strings(text: str) -> list[bytes]:
    """A list of quoted strings."""
    out: list[bytes] = []
    position = 0
    if not text.strip():
        return out
    joined = False
    while position < len(text):
        match = STRING.match(text, position)
        if match is None:
            raise AssemblyError("junk at end of line" if out else "expected string constant")
        piece = bytes([int(match.group(2)) & 255]) if match.group(2) is not None else unescape(match.group(1))
        if joined:
            out[-1] += piece
        else:
            out.append(piece)
        joined = match.group(3) == ""
        position = match.end()
    return out


def no_contents(a: Assembler) -> bool:
    return a.symbols.section.type == model.SHT_NOBITS


def emit_numbers(a: Assembler, rest: str, size: int) -> None:
    if not rest:
        return
    for part in split_operands(rest):
        if not part:
            raise AssemblyError("missing expression")
        a.emit_value(part, size)


def directive_byte(a: Assembler, rest: str) -> None:
    emit_numbers(a, rest, 1)


def directive_short(a: Assembler, rest: str) -> None:
    emit_numbers(a, rest, 2)


def directive_long(a: Assembler, rest: str) -> None:
    emit_numbers(a, rest, 4)


def directive_quad(a: Assembler, rest: str) -> None:
    emit_numbers(a, rest, 8)


def directive_octa(a: Assembler, rest: str) -> None:
    emit_numbers(a, rest, 16)


def directive_ascii(a: Assembler, rest: str) -> None:
    for piece in strings(rest):
        a.buffer().data += piece


def directive_asciz(a: Assembler, rest: str) -> None:
    for piece in strings(rest):
        a.buffer().data += piece + b"\0"


def emit_wide_strings(a: Assembler, rest: str, size: int) -> None:
    """Each byte of the strings, and the zero behind each, in a field of `size` bytes."""
    for piece in strings(rest):
        for byte in piece + b"\0":
            a.buffer().data += byte.to_bytes(size, "little")


def directive_string16(a: Assembler, rest: str) -> None:
    emit_wide_strings(a, rest, 2)


def directive_string32(a: Assembler, rest: str) -> None:
    emit_wide_strings(a, rest, 4)


def directive_string64(a: Assembler, rest: str) -> None:
    emit_wide_strings(a, rest, 8)


def parse_float(text: str) -> Fraction | str:
    """An exact number, or "inf", "-inf", "nan", "-nan"."""
    text = text.strip().lower()
    match = re.match(r"([+-]?)(?:0[a-z])?([+-]?)(.*)$", text)
    assert match is not None
    if match.group(3)[:1] == "x" or text.lstrip("+-").startswith("0x"):
        body = text.lstrip("+-")
        try:
            value = Fraction(*float.fromhex(body).as_integer_ratio())
        except (ValueError, OverflowError):
            raise AssemblyError(f"bad floating-point constant `{text}'") from None
        return -value if text.startswith("-") else value
    sign = "-" if "-" in (match.group(1), match.group(2)) else ""
    body = match.group(3)
    if body in ("inf", "infinity"):
        return sign + "inf"
    if body == "nan":
        return sign + "nan"
    exponent = re.search(r"e([+-]?\d+)$", body)
    if exponent is not None and abs(int(exponent.group(1)[:12])) > 6000:
        return sign + ("0" if "-" in exponent.group(1) else "inf")
    try:
        value = Fraction(body)
    except ValueError:
        raise AssemblyError(f"bad floating-point constant `{text}'") from None
    if value == 0 and sign:
        return "-0"
    return -value if sign else value


def encode_float(value: Fraction | str, fraction_bits: int, exponent_bits: int, explicit: bool) -> int:
    """IEEE 754 bits, rounded to nearest even; `explicit` is the x87 form with its integer bit."""
    bias = (1 << (exponent_bits - 1)) - 1
    top = (1 << exponent_bits) - 1
    width = fraction_bits + (1 if explicit else 0)
    one = 1 << fraction_bits if explicit else 0
    if isinstance(value, str):
        sign = int(value.startswith("-"))
        name = value.lstrip("-")
        if name == "0":
            return sign << (width + exponent_bits)
        bits = top << width | one
        if name == "nan":
            bits |= 1 << (fraction_bits - 1)
        return sign << (width + exponent_bits) | bits
    sign = int(value < 0)
    value = abs(value)
    if value == 0:
        return sign << (width + exponent_bits)
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if Fraction(2) ** exponent > value:
        exponent -= 1
    exponent = max(exponent, 1 - bias)
    significand = round(value / Fraction(2) ** (exponent - fraction_bits))
    if significand >> (fraction_bits + 1):
        significand >>= 1
        exponent += 1
    biased = exponent + bias if significand >> fraction_bits else 0
    if biased >= top:
        return sign << (width + exponent_bits) | top << width | one
    mask = (1 << width) - 1
    return sign << (width + exponent_bits) | biased << width | significand & mask


def emit_floats(a: Assembler, rest: str, size: int, fraction: int, exponent: int, explicit: bool) -> None:
    for part in split_operands(rest):
        bits = encode_float(parse_float(part), fraction, exponent, explicit)
        a.buffer().data += bits.to_bytes(size, "little")


def directive_float(a: Assembler, rest: str) -> None:
    emit_floats(a, rest, 4, 23, 8, False)


def directive_double(a: Assembler, rest: str) -> None:
    emit_floats(a, rest, 8, 52, 11, False)


def directive_tfloat(a: Assembler, rest: str) -> None:
    emit_floats(a, rest, 10, 63, 15, True)


def directive_hfloat(a: Assembler, rest: str) -> None:
    emit_floats(a, rest, 2, 10, 5, False)


@final
class Skip(Variable):
    """`.skip`/`.org` with an expression that labels decide."""

    def __init__(self, size: Expression, fill: int, origin: AsmSection | None, location: int) -> None:
        self.location = location
        self.size = size
        self.fill = fill
        self.origin = origin  # .org: the section that `size` is an offset into
        self.count = 0
        self.failed = ""

    def measure(self, address: int) -> int:
        value = evaluate(self.size, True)
        if value is not None and abs(value.number) > MAXIMUM_FILL:
            self.failed = f"repeat count {value.number} is too large"
            return 0
        if value is None or value.minus is not None:
            self.failed = ".space specifies non-absolute value"
            return 0
        count = value.number
        if self.origin is not None:
            if value.plus is not None:
                if value.plus.section is not self.origin:
                    self.failed = "invalid section for .org"
                    return 0
                count += self.origin.buffer.address(value.plus.label)
            count -= address
        elif value.plus is not None:
            self.failed = ".space specifies non-absolute value"
            return 0
        self.failed = "attempt to move .org backwards" if count < 0 and self.origin is not None else ""
        self.count = max(count, 0)
        return self.count

    def write(self, out: bytearray) -> None:
        if self.failed:
            raise AssemblyError(self.failed, self.location)
        out += bytes([self.fill & 255]) * self.count


@final
class Leb128(Variable):
    """A LEB128 number that labels decide."""

    def __init__(self, expression: Expression, is_signed: bool, location: int) -> None:
        self.location = location
        self.expression = expression
        self.is_signed = is_signed
        self.encoded = b""
        self.failed = False

    def measure(self, address: int) -> int:
        value = evaluate(self.expression, True)
        self.failed = value is None or not value.constant()
        number = 0 if value is None else value.number
        encoded = sleb128(number) if self.is_signed else uleb128(max(number, 0))
        # Never shrink, so that relaxation ends: pad with continuation bytes
        if len(encoded) < len(self.encoded):
            return len(self.encoded)
        self.encoded = encoded
        return len(encoded)

    def write(self, out: bytearray) -> None:
        value = evaluate(self.expression, True)
        if self.failed or value is None:
            raise AssemblyError("LEB128 operand is not an absolute expression", self.location)
        encoded = bytearray(sleb128(value.number) if self.is_signed else uleb128(value.number))
        filler = 0x7F if self.is_signed and value.number < 0 else 0
        while len(encoded) < len(self.encoded):
            encoded[-1] |= 0x80
            encoded.append(filler)
        out += encoded


def emit_leb128(a: Assembler, rest: str, is_signed: bool) -> None:
    for part in split_operands(rest):
        if SIMPLE_NUMBER.match(part):
            number = int(part)
        else:
            expression, _ = a.expression(part)
            value = a.value(expression)
            if value is None or not value.constant():
                a.buffer().insert(Leb128(expression, is_signed, a.reader.location))
                continue
            number = value.number
        if not is_signed and number < 0:
            number &= 0xFFFFFFFFFFFFFFFF
        a.buffer().data += sleb128(number) if is_signed else uleb128(number)


def directive_uleb128(a: Assembler, rest: str) -> None:
    emit_leb128(a, rest, False)


def directive_sleb128(a: Assembler, rest: str) -> None:
    emit_leb128(a, rest, True)


def directive_skip(a: Assembler, rest: str) -> None:
    """.skip size[, fill] (also .space and .zero)"""
    parts = split_operands(rest)
    fill = a.constant(parts[1]) if len(parts) > 1 and parts[1] else 0
    expression, _ = a.expression(parts[0])
    value = a.value(expression)
    if value is not None and value.constant():
        if value.number < 0:
            a.warning(".space repeat count is negative, ignored")
        elif value.number > MAXIMUM_FILL:
            raise AssemblyError(f".space repeat count {value.number} is too large")
        else:
            a.buffer().data += bytes([fill & 255]) * value.number
        return
    a.buffer().insert(Skip(expression, fill, None, a.reader.location))


def directive_fill(a: Assembler, rest: str) -> None:
    """.fill repeat[, size[, value]]"""
    parts = split_operands(rest)
    size = min(a.constant(parts[1]), 8) if len(parts) > 1 and parts[1] else 1
    number = a.constant(parts[2]) if len(parts) > 2 and parts[2] else 0
    if size < 0:
        a.warning("size negative; .fill ignored")
        return
    unit = (number & 0xFFFFFFFF).to_bytes(8, "little")[:size]
    expression, _ = a.expression(parts[0])
    value = a.value(expression)
    if value is not None and value.constant():
        if value.number * size > MAXIMUM_FILL:
            raise AssemblyError(f".fill repeat count {value.number} is too large")
        if value.number < 0:
            a.warning("repeat < 0; .fill ignored")
        a.buffer().data += unit * max(value.number, 0)
        return
    if size != 1:
        raise AssemblyError(".fill of a size that is not known yet must be in bytes")
    a.buffer().insert(Skip(expression, number, None, a.reader.location))


def repeat_value(a: Assembler, rest: str, size: int) -> None:
    """.dcb: count[, value]; .ds is the same without a value."""
    parts = split_operands(rest)
    count = a.constant(parts[0])
    if not 0 <= count * size <= MAXIMUM_FILL:
        raise AssemblyError(f"repeat count {count} is out of range")
    value = a.constant(parts[1]) if len(parts) > 1 and parts[1] else 0
    a.buffer().data += (value & ((1 << 8 * size) - 1)).to_bytes(size, "little") * count


def directive_dcb1(a: Assembler, rest: str) -> None:
    repeat_value(a, rest, 1)


def directive_dcb2(a: Assembler, rest: str) -> None:
    repeat_value(a, rest, 2)


def directive_dcb4(a: Assembler, rest: str) -> None:
    repeat_value(a, rest, 4)


def directive_dcb8(a: Assembler, rest: str) -> None:
    repeat_value(a, rest, 8)


def directive_org(a: Assembler, rest: str) -> None:
    """.org offset[, fill]"""
    parts = split_operands(rest)
    fill = a.constant(parts[1]) if len(parts) > 1 and parts[1] else 0
    expression, _ = a.expression(parts[0])
    a.buffer().insert(Skip(expression, fill, a.symbols.section, a.reader.location))


def align(a: Assembler, parts: list[str], alignment: int, fill_size: int) -> None:
    fill = -2
    if len(parts) > 1 and parts[1]:
        fill = a.constant(parts[1])
    maximum = a.constant(parts[2]) if len(parts) > 2 and parts[2] else 0
    if alignment & (alignment - 1):
        raise AssemblyError("alignment not a power of 2")
    if alignment > 1 << 31:
        raise AssemblyError("alignment too large")
    section = a.symbols.section
    buffer = a.buffer()
    if fill == -2:
        fill = a.target.code_alignment_fill() if section.flags & model.SHF_EXECINSTR else 0
    elif fill_size > 1:
        unit = (fill & ((1 << fill_size * 8) - 1)).to_bytes(fill_size, "little")
        if len(set(unit)) != 1:
            raise AssemblyError("an alignment pattern of different bytes is not supported")
        fill = unit[0]
    else:
        fill &= 255
    if not buffer.relaxables and a.symbols.subsection == 0 and not section.is_function and fill >= 0:
        # Everything before has its final size
        if alignment > buffer.alignment:
            buffer.alignment = alignment
        size = -len(buffer.data) & (alignment - 1)
        if not maximum or size <= maximum:
            buffer.data += bytes([fill]) * size
        return
    buffer.align(alignment, fill, maximum)


def align_bytes(a: Assembler, rest: str, fill_size: int) -> None:
    parts = split_operands(rest)
    align(a, parts, a.constant(parts[0]) or 1 if parts[0] else 1, fill_size)


def align_power(a: Assembler, rest: str, fill_size: int) -> None:
    parts = split_operands(rest)
    power = a.constant(parts[0]) if parts[0] else 0
    if not 0 <= power < 32:
        raise AssemblyError(f"alignment too large: {power}")
    align(a, parts, 1 << power, fill_size)


def directive_align(a: Assembler, rest: str) -> None:
    if a.target.align_is_power():
        align_power(a, rest, 1)
    else:
        align_bytes(a, rest, 1)


def directive_balign(a: Assembler, rest: str) -> None:
    align_bytes(a, rest, 1)


def directive_balignw(a: Assembler, rest: str) -> None:
    align_bytes(a, rest, 2)


def directive_balignl(a: Assembler, rest: str) -> None:
    align_bytes(a, rest, 4)


def directive_p2align(a: Assembler, rest: str) -> None:
    align_power(a, rest, 1)


def directive_p2alignw(a: Assembler, rest: str) -> None:
    align_power(a, rest, 2)


def directive_p2alignl(a: Assembler, rest: str) -> None:
    align_power(a, rest, 4)


def directive_nops(a: Assembler, rest: str) -> None:
    """.nops size[, control]"""
    count = a.constant(split_operands(rest)[0])
    if not 0 <= count <= MAXIMUM_FILL:
        raise AssemblyError("negative nop control byte")
    a.branches.pad(a.buffer().data, count)


def directive_incbin(a: Assembler, rest: str) -> None:
    """.incbin "file"[, skip[, count]]"""
    parts = split_operands(rest)
    names = strings(parts[0])
    if len(names) != 1:
        raise AssemblyError("missing string")
    skip = a.constant(parts[1]) if len(parts) > 1 and parts[1] else 0
    count = a.constant(parts[2]) if len(parts) > 2 and parts[2] else -1
    data = read_file(a, names[0].decode("utf-8", "surrogateescape"))
    data = data[skip:]
    a.buffer().data += data if count < 0 else data[:count]


def read_file(a: Assembler, name: str) -> bytes:
    """The file's contents, searched in the include paths."""
    candidates = [name]
    if not name.startswith("/"):
        candidates += [f"{folder}/{name}" for folder in a.include_paths]
    for candidate in candidates:
        try:
            with open(candidate, "rb") as file:
                return file.read()
        except OSError:
            continue
    raise AssemblyError(f"file not found: {name}")


def directive_reloc(a: Assembler, rest: str) -> None:
    """.reloc offset, type[, expression]"""
    parts = split_operands(rest)
    if len(parts) < 2:
        raise AssemblyError("missing reloc type")
    place, _ = a.expression(parts[0])
    value = a.value(place)
    if value is None or value.minus is not None:
        raise AssemblyError(".reloc offset is neither a constant nor a symbol")
    symbol: AsmSymbol
    if value.plus is not None:
        symbol = value.plus
    else:
        symbol = AsmSymbol("")
        symbol.section = a.symbols.section
    target = a.expression(parts[2])[0] if len(parts) > 2 and parts[2] else None
    a.relocation_places.append((symbol, value.number, target, parts[1], a.reader.location))


TABLE: Final[dict[str, DirectiveFunction]] = {
    ".byte": directive_byte, ".short": directive_short, ".hword": directive_short, ".value": directive_short,
    ".2byte": directive_short, ".word": directive_short, ".long": directive_long, ".int": directive_long,
    ".4byte": directive_long, ".quad": directive_quad, ".8byte": directive_quad, ".octa": directive_octa,
    ".dc.b": directive_byte, ".dc.w": directive_short, ".dc.l": directive_long, ".dc.a": directive_quad,
    ".dc": directive_short, ".1byte": directive_byte,
    ".ascii": directive_ascii, ".asciz": directive_asciz, ".string": directive_asciz, ".string8": directive_asciz,
    ".string16": directive_string16, ".string32": directive_string32, ".string64": directive_string64,
    ".dcb": directive_dcb2, ".dcb.b": directive_dcb1, ".dcb.w": directive_dcb2, ".dcb.l": directive_dcb4,
    ".ds": directive_dcb2, ".ds.b": directive_dcb1, ".ds.w": directive_dcb2, ".ds.l": directive_dcb4,
    ".ds.d": directive_dcb8, ".ds.s": directive_dcb4,
    ".float": directive_float, ".single": directive_float, ".double": directive_double, ".tfloat": directive_tfloat,
    ".float16": directive_hfloat, ".dc.s": directive_float, ".dc.d": directive_double,
    ".uleb128": directive_uleb128, ".sleb128": directive_sleb128,
    ".skip": directive_skip, ".space": directive_skip, ".zero": directive_skip, ".fill": directive_fill,
    ".org": directive_org, ".align": directive_align, ".balign": directive_balign, ".balignw": directive_balignw,
    ".balignl": directive_balignl, ".p2align": directive_p2align, ".p2alignw": directive_p2alignw,
    ".p2alignl": directive_p2alignl, ".nops": directive_nops, ".incbin": directive_incbin, ".reloc": directive_reloc,
}  # fmt: skip
