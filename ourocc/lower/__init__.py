"""Typed tree in, SSA out: control flow, places, initializers, bit-fields, calls by the target's ABI.

Read `lower.py` first.
"""
