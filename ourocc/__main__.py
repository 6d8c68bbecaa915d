"""`python -m ourocc`: the same as the command `ourocc`."""

import sys

from ourocc.driver.main import run

if __name__ == "__main__":
    run(sys.argv[1:])
