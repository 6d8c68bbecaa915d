"""The linker: object files in, executable or shared object out; one for all targets.

In: `LinkOptions` and `LinkInput`s.  Out: the bytes of the image.  Read `link.py` first: it is the list of passes.
"""
