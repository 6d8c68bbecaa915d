"""Machine integers for hot code: mypyc's `i64`/`i32`/`u8`, or `int` where mypy_extensions is missing.

Compiled by mypyc these are unboxed machine integers that wrap; uncompiled they are Python integers,
so code must not rely on wrapping: mask explicitly.
"""

try:
    from mypy_extensions import i32, i64, u8
except ImportError:  # plain Python without any package
    i64 = int  # type: ignore[misc]
    i32 = int  # type: ignore[misc]
    u8 = int  # type: ignore[misc]

__all__ = ["i32", "i64", "u8"]
