"""Written by tools/ from the instruction tables and rules; never edited by hand."""
