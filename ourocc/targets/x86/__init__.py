"""x86-64 (and later i386): System V psABI, Intel manual's instruction set.  Read `instructions.py` first."""
