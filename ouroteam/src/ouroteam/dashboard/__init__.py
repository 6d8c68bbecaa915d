"""What a human sees: a web page and a terminal view, both over ``state.py``, which reads the journal only."""
