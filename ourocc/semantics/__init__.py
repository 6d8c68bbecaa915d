"""Syntax tree in, typed tree out: types, conversions, constants, initializers, attributes, builtins.

Every constraint of C17 clauses 6.5 to 6.9 is checked here.  Read `types.py` and `typed_tree.py` first;
`analyzer.py` is the entry.
"""
