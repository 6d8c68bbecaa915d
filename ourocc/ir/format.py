"""printf's format language for the interpreter's library (C17 7.21.6.1)."""

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ourocc.ir import soft_float
from ourocc.ir import types as ty

if TYPE_CHECKING:
    from ourocc.ir.externals import Arguments
    from ourocc.ir.interpreter import Interpreter

SIZES: Final = {"hh": 1, "h": 2, "": 4, "l": 8, "ll": 8, "z": 8, "j": 8, "t": 8, "L": 8, "q": 8}


def format_text(machine: "Interpreter", template: bytes, arguments: "Arguments") -> bytes:
    """The text that printf writes."""
    result = bytearray()
    position = 0
    while position < len(template):
        percent = template.find(b"%", position)
        if percent < 0:
            result += template[position:]
            break
        result += template[position:percent]
        position = percent + 1
        flags = ""
        while position < len(template) and chr(template[position]) in "-+ #0'":
            flags += chr(template[position])
            position += 1
        width, position = number_at(template, position, arguments)
        if width < 0:
            flags += "-"
            width = -width
        precision = -1
        if position < len(template) and template[position] == ord("."):
            precision, position = number_at(template, position + 1, arguments)
        length = ""
        while position < len(template) and chr(template[position]) in "hlLqjzt":
            length += chr(template[position])
            position += 1
        conversion = chr(template[position]) if position < len(template) else ""
        position += 1
        text = convert(machine, conversion, length, flags, precision, arguments, len(result))
        if text is None:
            continue
        result += pad(text, flags, width, conversion, precision)
    return bytes(result)


def number_at(template: bytes, position: int, arguments: "Arguments") -> tuple[int, int]:
    if position < len(template) and template[position] == ord("*"):
        return arguments.signed(4), position + 1
    number = 0
    while position < len(template) and 48 <= template[position] <= 57:
        number = number * 10 + template[position] - 48
        position += 1
    return number, position


def pad(text: bytes, flags: str, width: int, conversion: str, precision: int) -> bytes:
    if len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    number = conversion in "diuxXo" and precision < 0 or conversion in "fFeEgGaA"
    if "0" in flags and number and not text.strip(b"+-").isalpha():
        sign = 0
        if text[:1] in (b"-", b"+", b" "):
            sign = 1
        if text[sign : sign + 2] in (b"0x", b"0X"):
            sign += 2
        return text[:sign] + text[sign:].rjust(width - sign, b"0")
    return text.rjust(width)


def convert(
    machine: "Interpreter", conversion: str, length: str, flags: str, precision: int, arguments: "Arguments", so_far: int
) -> bytes | None:
    if conversion == "%":
        return b"%"
    if conversion == "c":
        return bytes([arguments.unsigned(4) & 255])
    if conversion == "s":
        place = arguments.pointer()
        if place == 0:
            return b"(null)" if precision < 0 or precision >= 6 else b""
        if precision >= 0:
            from ourocc.ir.externals import limited

            return limited(machine.memory.data, place, precision)
        return machine.memory.string(place)
    if conversion == "p":
        place = arguments.pointer()
        return b"(nil)" if place == 0 else f"{place:#x}".encode()
    if conversion == "n":
        machine.memory.write_integer(arguments.pointer(), so_far, SIZES[length])
        return None
    if conversion in "di":
        size = SIZES[length]
        number = arguments.signed(max(size, 4))
        if size < 4:
            number &= (1 << (8 * size)) - 1
            if number >> (8 * size - 1):
                number -= 1 << (8 * size)
        return signed_text(number, flags, precision)
    if conversion in "uxXo":
        size = SIZES[length]
        number = arguments.unsigned(max(size, 4)) & ((1 << (8 * size)) - 1)
        return unsigned_text(number, conversion, flags, precision)
    if conversion != "" and conversion in "fFeEgGaA":
        if length == "L":
            bits, type = arguments.long_double()
        else:
            bits, type = arguments.double_bits(), ty.F64
        return real_text(bits, type, conversion, flags, precision)
    return ("%" + conversion).encode()


def signed_text(number: int, flags: str, precision: int) -> bytes:
    digits = str(abs(number)).rjust(precision, "0") if precision != 0 or number else ""
    sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
    return (sign + digits).encode()


def unsigned_text(number: int, conversion: str, flags: str, precision: int) -> bytes:
    digits = f"{number:{'d' if conversion == 'u' else conversion}}" if precision != 0 or number else ""
    digits = digits.rjust(precision, "0")
    if "#" in flags and number and conversion in "xX":
        digits = "0" + conversion + digits
    if "#" in flags and conversion == "o" and not digits.startswith("0"):
        digits = "0" + digits
    return digits.encode()


def real_text(bits: int, type: int, conversion: str, flags: str, precision: int) -> bytes:
    kind, sign, magnitude = soft_float.decode(bits, type)
    prefix = "-" if sign else "+" if "+" in flags else " " if " " in flags else ""
    lower = conversion.lower()
    if kind != soft_float.FINITE:
        text = "inf" if kind == soft_float.INFINITE else "nan"
    elif lower == "a":
        text = float(magnitude).hex()
        text = text.replace(".0p", "p")
    else:
        places = 6 if precision < 0 else precision
        text = decimal_text(magnitude, lower, places, "#" in flags)
    if conversion.isupper():
        text = text.upper()
    return (prefix + text).encode()


def rounded(value: Fraction) -> int:
    """To nearest, ties to even."""
    return round(value)


def decimal_exponent(magnitude: Fraction) -> int:
    exponent = len(str(magnitude.numerator)) - len(str(magnitude.denominator))
    while Fraction(10) ** exponent > magnitude:
        exponent -= 1
    while Fraction(10) ** (exponent + 1) <= magnitude:
        exponent += 1
    return exponent


def decimal_text(magnitude: Fraction, form: str, places: int, alternative: bool) -> str:
    if form == "f":
        return fixed_text(magnitude, places, alternative)
    if form == "e":
        return scientific_text(magnitude, places, alternative)
    places = max(places, 1)
    exponent = 0
    if magnitude:
        exponent = decimal_exponent(magnitude)
        if rounded(magnitude / Fraction(10) ** (exponent - places + 1)) >= 10**places:
            exponent += 1
    if -4 <= exponent < places:
        text = fixed_text(magnitude, places - 1 - exponent, alternative)
    else:
        text = scientific_text(magnitude, places - 1, alternative)
    if alternative or "." not in text:
        return text
    mantissa, mark, power = text.partition("e")
    return mantissa.rstrip("0").rstrip(".") + mark + power


def fixed_text(magnitude: Fraction, places: int, alternative: bool) -> str:
    digits = str(rounded(magnitude * 10**places)).rjust(places + 1, "0")
    if places == 0:
        return digits + ("." if alternative else "")
    return digits[:-places] + "." + digits[-places:]


def scientific_text(magnitude: Fraction, places: int, alternative: bool) -> str:
    exponent = decimal_exponent(magnitude) if magnitude else 0
    number = rounded(magnitude / Fraction(10) ** (exponent - places))
    if number >= 10 ** (places + 1):
        exponent += 1
        number = rounded(magnitude / Fraction(10) ** (exponent - places))
    digits = str(number).rjust(places + 1, "0")
    point = "." if places or alternative else ""
    sign = "-" if exponent < 0 else "+"
    return f"{digits[0]}{point}{digits[1:]}e{sign}{abs(exponent):02d}"
