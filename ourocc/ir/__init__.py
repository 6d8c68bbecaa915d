"""The SSA intermediate representation: types, operations, values, blocks, functions, modules.

In: what `lower/` builds.  Out: what `optimize/` rewrites and `machine/` selects instructions from.
Read `operations.py` (what every operation means), then `function.py`.
"""
