"""Assembly text in, object out: directives, expressions, macros, relaxation; inline asm goes the same way."""
