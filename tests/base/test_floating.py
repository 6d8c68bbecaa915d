"""Floating constants against Python's own binary64, struct, and known patterns of the other formats."""

import math
import random
import struct

import pytest

from ourocc.base import floating as fp
from ourocc.base.floating import BF16, F16, F32, F64, F80, F128, FORMATS, Real


def real(value: float) -> Real:
    return fp.decode(struct.unpack("<Q", struct.pack("<d", value))[0], F64)


def bits(value: float) -> int:
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def random_double(rng: random.Random) -> float:
    kind = rng.randrange(4)
    if kind == 0:
        return float(rng.randrange(-1000, 1000))
    if kind == 1:
        return rng.uniform(-1e3, 1e3)
    while True:
        value = struct.unpack("<d", rng.randbytes(8))[0]
        if not math.isnan(value):
            return float(value)


def test_arithmetic_is_that_of_binary64() -> None:
    rng = random.Random(1)
    for _ in range(3000):
        x, y = random_double(rng), random_double(rng)
        a, b = real(x), real(y)
        assert fp.encode(a, F64) == bits(x)
        assert fp.compare(a, b) == (x > y) - (x < y)
        for name, ours in (("+", fp.add), ("-", fp.subtract), ("*", fp.multiply)):
            expected = {"+": x + y, "-": x - y, "*": x * y}[name]
            result = ours(a, b, F64)
            if math.isnan(expected):
                assert result.is_nan()
            else:
                assert fp.encode(result, F64) == bits(expected), (x, name, y)
        if y != 0 and not (math.isinf(x) and math.isinf(y)):
            try:
                assert fp.encode(fp.divide(a, b, F64), F64) == bits(x / y)
            except OverflowError:
                pass
        if x >= 0:
            assert fp.encode(fp.square_root(a, F64), F64) == bits(math.sqrt(x))
        single = struct.pack("<f", x) if abs(x) < 3e38 else None
        if single is not None:
            assert fp.encode(fp.convert(a, F32), F32) == struct.unpack("<I", single)[0]
        if not math.isinf(x):
            assert fp.to_int(a) == int(x)


def test_subnormal_products_round_once() -> None:
    rng = random.Random(2)
    for _ in range(1000):
        x = rng.uniform(1, 2) * 2.0 ** rng.randrange(-600, -480)
        y = rng.uniform(1, 2) * 2.0 ** rng.randrange(-600, -480)
        assert fp.encode(fp.multiply(real(x), real(y), F64), F64) == bits(x * y)
        assert fp.encode(fp.divide(real(x), real(2.0**500 * y), F64), F64) == bits(x / (2.0**500 * y))


@pytest.mark.parametrize(
    "text",
    ["0.1", "1e23", "8.5e22", "2.2250738585072011e-308", "4.9e-324", "2.4703282292062327e-324", "1e400", ".5", "5.",
     "123456789012345678901234567890", "1e-400", "0e99999", "9007199254740993", "1.7976931348623158e308",
     "1.7976931348623159e308"],
)  # fmt: skip
def test_decimal_constants(text: str) -> None:
    assert fp.encode(fp.parse(text, F64), F64) == bits(float(text))


def test_hexadecimal_constants() -> None:
    for text in ("0x1p0", "0x1.8p1", "0x.8p-3", "0xAp+10", "0x1.fffffffffffff8p0", "0x0.0000000000001p-1022"):
        assert fp.encode(fp.parse(text, F64), F64) == bits(float.fromhex(text))
        assert fp.parse(fp.hexadecimal(fp.parse(text, F64)), F64) == fp.parse(text, F64)


def test_patterns_of_the_wide_formats() -> None:
    assert fp.encode(fp.parse("1.0", F80), F80) == 0x3FFF8000000000000000
    assert fp.encode(fp.parse("0.1", F80), F80) == 0x3FFBCCCCCCCCCCCCCCCD
    assert fp.encode(fp.parse("3.14159265358979323846264338327950288", F80), F80) == 0x4000C90FDAA22168C235
    assert fp.encode(fp.parse("0.1", F128), F128) == 0x3FFB999999999999999999999999999A
    assert fp.encode(fp.parse("3.6451995318824746025e-4951", F80), F80) == 1
    assert fp.encode(fp.infinity(1), F80) == 0xFFFF8000000000000000
    assert fp.encode(fp.nan(), F80) == 0x7FFFC000000000000000
    assert fp.encode(fp.nan(), F32) == 0x7FC00000
    assert fp.encode(fp.nan(0, 0, True), F64) == 0x7FF4000000000000
    assert fp.encode(fp.parse("65504", F16), F16) == 0x7BFF
    assert fp.parse("65520", F16).is_infinite()
    assert fp.encode(fp.parse("1", BF16), BF16) == 0x3F80


def test_codec_round_trip() -> None:
    rng = random.Random(3)
    for form in FORMATS.values():
        for _ in range(300):
            pattern = rng.getrandbits(form.bits)
            if form is F80:
                exponent = pattern >> 64 & 0x7FFF
                pattern = pattern | 1 << 63 if exponent else pattern & ~(1 << 63)
            assert fp.encode(fp.decode(pattern, form), form) == pattern, form.name


def test_rounding_to_integers() -> None:
    for x in (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, -2.6):
        value = real(x)
        assert fp.to_int(fp.round_to_integral(value, "floor")) == math.floor(x)
        assert fp.to_int(fp.round_to_integral(value, "ceil")) == math.ceil(x)
        assert fp.to_int(fp.round_to_integral(value, "even")) == round(x)
        assert fp.to_int(fp.round_to_integral(value, "trunc")) == int(x)
    assert fp.to_int(fp.round_to_integral(real(-2.5), "round")) == -3
    assert fp.round_to_integral(real(-0.5), "trunc").sign == 1


def test_decimal_printing() -> None:
    for x in (1.0, 0.1, 123456.789, 1e300, 5e-324, 9.999999999999999e22):
        assert float(fp.decimal(real(x), 17)) == x
    assert fp.decimal(real(-1250.0), 6) == "-1.25e+3"


def test_fused() -> None:
    big = fp.parse("0x1.0000000000001p0", F64)
    product = fp.fused_multiply_add(big, big, fp.negate(fp.multiply(big, big, F64)), F64)
    assert fp.hexadecimal(product) == "0x1p-104"
