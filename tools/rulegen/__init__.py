"""The rule language: one line a rewrite or a selection, compiled to typed Python.

In: `*.rules` files.  Out: modules in which every rule is a nest of `if`s.  Read `language.py`, then `generate.py`.
"""
