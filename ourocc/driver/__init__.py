"""The command `ourocc`: gcc's command line, jobs, search paths; `compile.py` is the compiler as one list of calls.

Read `compile.py` first, then `flags.py` (what every flag means), `main.py` (jobs).
"""
