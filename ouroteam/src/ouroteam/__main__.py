"""``python -m ouroteam``: the command line."""

from ouroteam.cli import main

if __name__ == "__main__":
    main()
