"""In-memory objects (sections, symbols, relocations) and the file formats that hold them.

In: machine code from the compiler or assembler, or bytes of ELF/ar files.  Out: `ObjectFile`s or bytes.
Read `model.py` first.
"""
