"""Ouroteam: many coding agents on one git repository, trusted over night.

The journal (``journal.py``) is the harness's only state; main, submissions, leases and tasks are refs of
one bare repository (``repository.py``). Everything else derives from these two.
"""

__version__ = "0.1.0"
