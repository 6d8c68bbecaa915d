"""`python -m ourocc.linker`."""

import sys

from ourocc.linker.command_line import main

sys.exit(main())
