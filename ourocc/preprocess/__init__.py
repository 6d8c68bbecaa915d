"""Bytes in, tokens out: lexing, macros, conditionals, includes (C17 5.1.1.2 phases 1 to 4).

In: a main file and options.  Out: a list of `Token`s, or text for -E.  Read `token.py` first.
"""
