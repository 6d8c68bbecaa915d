"""What every room needs: source positions, diagnostics, interning, machine integers, floating-point values.

Nothing here knows C or a target.  Read `source.py` and `diagnostics.py` first.
"""
