"""Assembly text in, object out: directives, expressions, macros, relaxation; inline asm goes the same way.

`assemble` takes a text; read `assembler.py` first, then `finish.py`.
"""
