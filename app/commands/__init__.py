"""The commands, one module each; every one is thin."""
