"""Attached files: taken in as a stream, kept once for each content, given out so that nothing in them can run.

The record of a file is one like all others (`app/crm/objects/file.py`); here are its bytes.
"""
