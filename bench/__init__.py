"""Benchmarks: the speed of compiling, the speed and size of compiled code, as ratios in one run.

In: compilers found on this machine. Out: tables. Read `code.py` first.
"""
