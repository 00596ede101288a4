"""What the two doors cost, against the same work written by hand on the same kind of file."""
