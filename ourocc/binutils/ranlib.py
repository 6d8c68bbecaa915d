"""`python -m ourocc.binutils.ranlib`: rebuild the symbol table of an archive (see `ar.py`)."""

import sys

from ourocc.binutils.ar import ranlib as main

if __name__ == "__main__":
    sys.exit(main())
