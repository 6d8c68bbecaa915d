"""Ourocc: a complete C toolchain in Python (preprocessor, compiler, assembler, linker).

Data flows down the rooms in this order: driver, base, preprocess, syntax, semantics, lower,
ir, optimize, machine, targets, assembler, objects, linker.  Read `driver/compile.py` first.
"""

__version__ = "0.1.0"
