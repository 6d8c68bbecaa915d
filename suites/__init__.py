"""Runners for the proofs: public test suites, whole projects, fuzzing, the demo.

In: a compiler command (`--cc`, Ourocc by default). Out: few lines, one `FAIL name: reason` a line,
full logs in files, an exit status. Read `common.py` first.
"""
