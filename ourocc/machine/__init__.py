"""Target-neutral code generation: legalization, selection driver, liveness, register allocation, frames, block order.

In: optimized IR and a target's tables.  Out: encoded sections in an `ObjectFile`.  Read `instruction.py` first.
"""
