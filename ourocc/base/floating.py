"""Exact binary floating-point values for constants: parse, fold, convert, encode, print.

A `Real` is sign, integer significand and binary exponent, or infinity or NaN; operations compute
exactly and round once, to nearest even, into a format (IEEE 754-2019 clause 4.3.1).  Python's own
floats are used nowhere, so x87's 80 bits and binary128 are as exact as the others.

A format here is one of the module's constants F16, BF16, F32, F64, F80, F128.
"""

from math import isqrt
from typing import Final, final

FINITE: Final = 0
INFINITY: Final = 1
QUIET_NAN: Final = 2
SIGNALLING_NAN: Final = 3

# A NaN's payload is kept left-aligned to binary128's fraction without its quiet bit.
_PAYLOAD_BITS: Final = 111
_UNORDERED: Final = 2


@final
class Format:
    """precision counts the leading bit; the exponents are those of a significand 1.xxx."""

    def __init__(self, name: str, precision: int, exponent_bits: int, explicit_leading_bit: bool) -> None:
        self.name = name
        self.precision = precision
        self.exponent_bits = exponent_bits
        self.explicit_leading_bit = explicit_leading_bit
        self.bias = (1 << (exponent_bits - 1)) - 1
        self.maximum_exponent = self.bias
        self.minimum_exponent = 1 - self.bias
        self.fraction_bits = precision if explicit_leading_bit else precision - 1
        self.bits = 1 + exponent_bits + self.fraction_bits


F16: Final = Format("f16", 11, 5, False)
BF16: Final = Format("bf16", 8, 8, False)
F32: Final = Format("f32", 24, 8, False)
F64: Final = Format("f64", 53, 11, False)
F80: Final = Format("f80", 64, 15, True)
F128: Final = Format("f128", 113, 15, False)
FORMATS: Final = {"f16": F16, "bf16": BF16, "f32": F32, "f64": F64, "f80": F80, "f128": F128}


@final
class Real:
    """sign (0/1), class, integer significand and binary exponent: value = significand * 2**exponent.

    Finite values are kept with an odd significand (0 * 2**0 for zero), so equal values have equal fields.
    """

    __slots__ = ("sign", "significand", "exponent", "special")

    def __init__(self, sign: int, significand: int, exponent: int, special: int = 0) -> None:
        if special == 0:
            if significand == 0:
                exponent = 0
            elif not significand & 1:
                shift = (significand & -significand).bit_length() - 1
                significand >>= shift
                exponent += shift
        self.sign = sign
        self.significand = significand
        self.exponent = exponent
        self.special = special  # 0 finite, 1 infinity, 2 quiet NaN, 3 signalling NaN

    def __repr__(self) -> str:
        return f"Real({hexadecimal(self)})"

    def __eq__(self, other: object) -> bool:
        """The same value and sign (so 0 != -0, and a NaN equals itself); `compare` is C's."""
        return (
            isinstance(other, Real)
            and self.sign == other.sign
            and self.significand == other.significand
            and self.exponent == other.exponent
            and self.special == other.special
        )

    def __hash__(self) -> int:
        return hash((self.sign, self.significand, self.exponent, self.special))

    def is_zero(self) -> bool:
        return self.special == FINITE and self.significand == 0

    def is_nan(self) -> bool:
        return self.special >= QUIET_NAN

    def is_infinite(self) -> bool:
        return self.special == INFINITY

    def is_finite(self) -> bool:
        return self.special == FINITE


ZERO: Final = Real(0, 0, 0)
ONE: Final = Real(0, 1, 0)


def zero(sign: int = 0) -> Real:
    return Real(sign, 0, 0)


def infinity(sign: int = 0) -> Real:
    return Real(sign, 0, 0, INFINITY)


def nan(sign: int = 0, payload: int = 0, signalling: bool = False, form: Format = F64) -> Real:
    """A NaN whose fraction below the quiet bit is `payload` in `form`."""
    width = form.precision - 2
    payload &= (1 << width) - 1
    if signalling and payload == 0:
        payload = 1 << (width - 1)
    return Real(sign, payload << (_PAYLOAD_BITS - width), 0, SIGNALLING_NAN if signalling else QUIET_NAN)


def from_int(value: int) -> Real:
    """Exact; round it with `convert`."""
    return Real(1 if value < 0 else 0, abs(value), 0)


# ---------------------------------------------------------------------- rounding


def _round_bits(sign: int, significand: int, exponent: int, sticky: bool, form: Format) -> Real:
    """significand * 2**exponent (a bit more when `sticky`) to nearest even in `form`.

    With `sticky` the significand must have at least two bits more than the format's precision.
    """
    if significand == 0:
        return Real(sign, 0, 0)
    length = significand.bit_length()
    top = exponent + length - 1  # exponent of the leading bit
    # Subnormals have fewer bits: the last one stands for 2**(minimum_exponent - precision + 1).
    last = max(top - form.precision + 1, form.minimum_exponent - form.precision + 1)
    shift = last - exponent
    if shift > 0:
        if shift > length + 1:
            return Real(sign, 0, 0)
        rest = significand & ((1 << shift) - 1)
        significand >>= shift
        half = 1 << (shift - 1)
        if rest > half or (rest == half and (sticky or significand & 1)):
            significand += 1
        exponent = last
    if significand and exponent + significand.bit_length() - 1 > form.maximum_exponent:
        return infinity(sign)
    return Real(sign, significand, exponent)


def _round_ratio(sign: int, numerator: int, denominator: int, form: Format) -> Real:
    """numerator / denominator (both positive), correctly rounded."""
    if numerator == 0:
        return Real(sign, 0, 0)
    shift = form.precision + 3 - (numerator.bit_length() - denominator.bit_length())
    if shift > 0:
        quotient, rest = divmod(numerator << shift, denominator)
    else:
        quotient, rest = divmod(numerator, denominator << -shift)
    return _round_bits(sign, quotient, -shift, rest != 0, form)


def convert(value: Real, form: Format) -> Real:
    """The value in another format (C17 6.3.1.5); a signalling NaN becomes quiet."""
    if value.special == FINITE:
        return _round_bits(value.sign, value.significand, value.exponent, False, form)
    if value.special == SIGNALLING_NAN:
        return Real(value.sign, value.significand, 0, QUIET_NAN)
    if value.special == QUIET_NAN:
        cut = _PAYLOAD_BITS - (form.precision - 2)
        return Real(value.sign, value.significand >> cut << cut, 0, QUIET_NAN)
    return value


def is_exact(value: Real, form: Format) -> bool:
    """Whether the format has this value."""
    return value.special != FINITE or convert(value, form) == value


def to_int(value: Real) -> int:
    """Truncated toward zero (C17 6.3.1.4); ValueError for infinities and NaNs."""
    if value.special != FINITE:
        raise ValueError("no integer value")
    if value.exponent >= 0:
        magnitude = value.significand << value.exponent
    else:
        magnitude = value.significand >> -value.exponent
    return -magnitude if value.sign else magnitude


# ---------------------------------------------------------------------- arithmetic


def _quiet(a: Real, b: Real, form: Format) -> Real:
    """The result of an operation on a NaN."""
    return convert(a if a.special >= QUIET_NAN else b, form)


def negate(value: Real) -> Real:
    return Real(1 - value.sign, value.significand, value.exponent, value.special)


def absolute(value: Real) -> Real:
    return Real(0, value.significand, value.exponent, value.special)


def copy_sign(value: Real, sign_of: Real) -> Real:
    return Real(sign_of.sign, value.significand, value.exponent, value.special)


def _exact_sum(a: Real, b: Real) -> Real:
    """a + b of finite values, unrounded."""
    exponent = min(a.exponent, b.exponent)
    left = a.significand << (a.exponent - exponent)
    right = b.significand << (b.exponent - exponent)
    total = (-left if a.sign else left) + (-right if b.sign else right)
    if total == 0:
        return Real(a.sign & b.sign, 0, 0)
    return Real(1 if total < 0 else 0, abs(total), exponent)


def add(a: Real, b: Real, form: Format) -> Real:
    if a.special >= QUIET_NAN or b.special >= QUIET_NAN:
        return _quiet(a, b, form)
    if a.special == INFINITY:
        if b.special == INFINITY and a.sign != b.sign:
            return nan()
        return a
    if b.special == INFINITY:
        return b
    return convert(_exact_sum(a, b), form)


def subtract(a: Real, b: Real, form: Format) -> Real:
    if b.special >= QUIET_NAN:
        return _quiet(a, b, form)
    return add(a, negate(b), form)


def multiply(a: Real, b: Real, form: Format) -> Real:
    if a.special >= QUIET_NAN or b.special >= QUIET_NAN:
        return _quiet(a, b, form)
    sign = a.sign ^ b.sign
    if a.special == INFINITY or b.special == INFINITY:
        if a.is_zero() or b.is_zero():
            return nan()
        return infinity(sign)
    return _round_bits(sign, a.significand * b.significand, a.exponent + b.exponent, False, form)


def divide(a: Real, b: Real, form: Format) -> Real:
    if a.special >= QUIET_NAN or b.special >= QUIET_NAN:
        return _quiet(a, b, form)
    sign = a.sign ^ b.sign
    if a.special == INFINITY:
        return nan() if b.special == INFINITY else infinity(sign)
    if b.special == INFINITY:
        return zero(sign)
    if b.significand == 0:
        return nan() if a.significand == 0 else infinity(sign)
    shift = form.precision + 3 - (a.significand.bit_length() - b.significand.bit_length())
    shift = max(shift, 0)
    quotient, rest = divmod(a.significand << shift, b.significand)
    return _round_bits(sign, quotient, a.exponent - b.exponent - shift, rest != 0, form)


def fused_multiply_add(a: Real, b: Real, c: Real, form: Format) -> Real:
    """a * b + c with one rounding."""
    if a.special >= QUIET_NAN or b.special >= QUIET_NAN:
        return _quiet(a, b, form)
    if c.special >= QUIET_NAN:
        return _quiet(c, c, form)
    sign = a.sign ^ b.sign
    if a.special == INFINITY or b.special == INFINITY:
        if a.is_zero() or b.is_zero() or (c.special == INFINITY and c.sign != sign):
            return nan()
        return infinity(sign)
    if c.special == INFINITY:
        return c
    product = Real(sign, a.significand * b.significand, a.exponent + b.exponent)
    return convert(_exact_sum(product, c), form)


def square_root(value: Real, form: Format) -> Real:
    if value.special >= QUIET_NAN:
        return convert(value, form)
    if value.is_zero():
        return value
    if value.sign:
        return nan()
    if value.special == INFINITY:
        return value
    shift = max(0, 2 * (form.precision + 3) - value.significand.bit_length())
    if (value.exponent - shift) & 1:
        shift += 1
    scaled = value.significand << shift
    root = isqrt(scaled)
    return _round_bits(0, root, (value.exponent - shift) // 2, root * root != scaled, form)


def remainder_truncated(a: Real, b: Real, form: Format) -> Real:
    """fmod: a - b * trunc(a / b), exact, with a's sign."""
    if a.special >= QUIET_NAN or b.special >= QUIET_NAN:
        return _quiet(a, b, form)
    if a.special == INFINITY or b.is_zero():
        return nan()
    if b.special == INFINITY or a.is_zero():
        return a
    exponent = min(a.exponent, b.exponent)
    left = a.significand << (a.exponent - exponent)
    right = b.significand << (b.exponent - exponent)
    return Real(a.sign, left % right, exponent)


def round_to_integral(value: Real, mode: str) -> Real:
    """mode: "trunc", "floor", "ceil", "round" (halves away from zero), "even" (rint's default)."""
    if value.special != FINITE or value.exponent >= 0:
        return value
    shift = -value.exponent
    whole = value.significand >> shift
    rest = value.significand - (whole << shift)
    half = 1 << (shift - 1)
    if mode == "floor":
        up = value.sign == 1 and rest != 0
    elif mode == "ceil":
        up = value.sign == 0 and rest != 0
    elif mode == "round":
        up = rest >= half
    elif mode == "even":
        up = rest > half or (rest == half and whole & 1 == 1)
    else:
        up = False
    return Real(value.sign, whole + (1 if up else 0), 0)


def compare(a: Real, b: Real) -> int:
    """-1, 0, 1 for less, equal, greater; 2 when unordered (a NaN)."""
    if a.special >= QUIET_NAN or b.special >= QUIET_NAN:
        return _UNORDERED
    if a.is_zero() and b.is_zero():
        return 0
    if a.sign != b.sign or a.is_zero() or b.is_zero():
        left = 0 if a.is_zero() else (-1 if a.sign else 1)
        right = 0 if b.is_zero() else (-1 if b.sign else 1)
        return (left > right) - (left < right)
    if a.special == INFINITY or b.special == INFINITY:
        order = (a.special == INFINITY) - (b.special == INFINITY)
    else:
        left_top = a.exponent + a.significand.bit_length()
        right_top = b.exponent + b.significand.bit_length()
        if left_top != right_top:
            order = 1 if left_top > right_top else -1
        else:
            exponent = min(a.exponent, b.exponent)
            left = a.significand << (a.exponent - exponent)
            right = b.significand << (b.exponent - exponent)
            order = (left > right) - (left < right)
    return -order if a.sign else order


def ordered_equal(a: Real, b: Real) -> bool:
    """C's ==."""
    return compare(a, b) == 0


# ---------------------------------------------------------------------- constants in C


def parse(text: str, form: Format) -> Real:
    """A decimal or hexadecimal floating constant without its suffix, correctly rounded (C17 6.4.4.2).

    Also takes a sign, "inf" and "nan".  ValueError when it is none of these.
    """
    sign = 0
    if text[:1] in ("-", "+"):
        sign = 1 if text[0] == "-" else 0
        text = text[1:]
    lower = text.lower()
    if lower in ("inf", "infinity"):
        return infinity(sign)
    if lower == "nan":
        return nan(sign)
    if lower.startswith("0x"):
        return _parse_hexadecimal(lower[2:], sign, form)
    mantissa, mark, exponent_text = lower.partition("e")
    exponent = int(exponent_text) if mark else 0
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    if not (whole + fraction).isdigit():
        raise ValueError(f"not a floating constant: {text}")
    exponent -= len(fraction)
    if not digits:
        return Real(sign, 0, 0)
    # Far outside of every format: spare the powers of ten.
    magnitude = exponent + len(digits)
    if magnitude > 5000:
        return infinity(sign)
    if magnitude < -5100:
        return Real(sign, 0, 0)
    if len(digits) > 4000:
        # No format's halfway point has that many digits: what follows only breaks ties.
        exponent += len(digits) - 4001
        digits = digits[:4000] + ("1" if digits[4000:].strip("0") else "0")
    number = int(digits)
    if exponent >= 0:
        return _round_bits(sign, number * 10**exponent, 0, False, form)
    return _round_ratio(sign, number, 10**-exponent, form)


def _parse_hexadecimal(text: str, sign: int, form: Format) -> Real:
    mantissa, _, exponent_text = text.partition("p")
    whole, _, fraction = mantissa.partition(".")
    exponent = (int(exponent_text) if exponent_text else 0) - 4 * len(fraction)
    significand = int(whole + fraction, 16)
    if exponent > 100000 and significand:
        return infinity(sign)
    return _round_bits(sign, significand, max(exponent, -100000 - 4 * len(whole + fraction)), False, form)


def hexadecimal(value: Real) -> str:
    """The exact value as printf's %a writes a double: 0x1.8p+1, inf, nan."""
    sign = "-" if value.sign else ""
    if value.special == INFINITY:
        return sign + "inf"
    if value.special >= QUIET_NAN:
        return sign + "nan"
    if value.significand == 0:
        return sign + "0x0p+0"
    length = value.significand.bit_length()
    fraction_bits = length - 1
    digits = (fraction_bits + 3) // 4
    fraction = (value.significand - (1 << fraction_bits)) << (4 * digits - fraction_bits)
    text = f".{fraction:0{digits}x}".rstrip("0") if digits else ""
    return f"{sign}0x1{'' if text == '.' else text}p{value.exponent + fraction_bits:+d}"


def decimal(value: Real, digits: int) -> str:
    """The value with `digits` significant decimal digits, in the form 1.25e+3."""
    sign = "-" if value.sign else ""
    if value.special != FINITE:
        return hexadecimal(value)
    if value.significand == 0:
        return sign + "0.0"
    if value.exponent >= 0:
        numerator, denominator = value.significand << value.exponent, 1
    else:
        numerator, denominator = value.significand, 1 << -value.exponent
    power = int((value.exponent + value.significand.bit_length() - 1) * 0.30102999566398119)
    while True:
        scale = digits - 1 - power
        if scale >= 0:
            quotient, rest = divmod(numerator * 10**scale, denominator)
            unit = denominator
        else:
            unit = denominator * 10**-scale
            quotient, rest = divmod(numerator, unit)
        if 2 * rest > unit or (2 * rest == unit and quotient & 1):
            quotient += 1
        text = str(quotient)
        if len(text) == digits:
            break
        power += len(text) - digits
    fraction = text[1:].rstrip("0") or "0"
    return f"{sign}{text[0]}.{fraction}e{power:+d}"


# ---------------------------------------------------------------------- bit patterns


def encode(value: Real, form: Format) -> int:
    """The bit pattern in memory order of an unsigned integer; the value is rounded if need be."""
    sign = value.sign << (form.bits - 1)
    exponent_mask = (1 << form.exponent_bits) - 1
    leading = 1 << (form.precision - 1) if form.explicit_leading_bit else 0
    if value.special == FINITE:
        value = convert(value, form)
    if value.special >= QUIET_NAN:
        width = form.precision - 2
        fraction = value.significand >> (_PAYLOAD_BITS - width)
        if value.special == QUIET_NAN:
            fraction |= 1 << width
        elif fraction == 0:
            fraction = 1 << (width - 1)
        return sign | exponent_mask << form.fraction_bits | leading | fraction
    if value.special == INFINITY:
        return sign | exponent_mask << form.fraction_bits | leading
    if value.significand == 0:
        return sign
    top = value.exponent + value.significand.bit_length() - 1
    if top < form.minimum_exponent:
        shift = value.exponent - (form.minimum_exponent - form.precision + 1)
        return sign | value.significand << shift
    shift = form.precision - value.significand.bit_length()
    significand = value.significand << shift
    if not form.explicit_leading_bit:
        significand &= (1 << (form.precision - 1)) - 1
    return sign | (top + form.bias) << form.fraction_bits | significand


def decode(bits: int, form: Format) -> Real:
    """The value of a bit pattern."""
    sign = bits >> (form.bits - 1) & 1
    exponent = bits >> form.fraction_bits & ((1 << form.exponent_bits) - 1)
    fraction = bits & ((1 << form.fraction_bits) - 1)
    if exponent == (1 << form.exponent_bits) - 1:
        fraction &= (1 << (form.precision - 1)) - 1
        if fraction == 0:
            return infinity(sign)
        width = form.precision - 2
        quiet = fraction >> width & 1
        payload = fraction & ((1 << width) - 1)
        return Real(sign, payload << (_PAYLOAD_BITS - width), 0, QUIET_NAN if quiet else SIGNALLING_NAN)
    if exponent == 0:
        return Real(sign, fraction, form.minimum_exponent - form.precision + 1)
    if not form.explicit_leading_bit:
        fraction |= 1 << (form.precision - 1)
    return Real(sign, fraction, exponent - form.bias - form.precision + 1)


def to_bytes(value: Real, form: Format) -> bytes:
    """Little-endian; ten bytes for f80 (its padding is the type's business)."""
    return encode(value, form).to_bytes((form.bits + 7) // 8, "little")
