"""The targets: each folder has the same files (registers, instructions, select.rules, abi, frame, relocations, ...)."""
