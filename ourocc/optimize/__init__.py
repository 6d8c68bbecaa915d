"""IR in, better IR out: one pass a file, `pipeline.py` is the table of passes, `*.rules` the algebraic rewrites."""
