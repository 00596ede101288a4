"""One change to many records: which they are, what is done to each, a preview, and the run that does it."""
