"""Binary tools: ar, ranlib, nm, size, strings, strip, readelf, objcopy, objdump, with the options of GNU binutils.

In: command lines and files.  Out: text or files.  Each tool is one module with `main(arguments) -> int`;
read `common.py` first.
"""
