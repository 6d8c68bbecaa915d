"""Tokens in, syntax tree out (C17 6.5 to 6.9 and GNU C): declarations, statements, expressions.

The parser keeps track only of which identifiers are typedef names (C17 6.7.8, 6.2.1); everything
else about meaning is `semantics/`'s.  Read `tree.py` first.
"""
