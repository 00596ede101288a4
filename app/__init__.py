"""Parley: a self-hosted CRM that you can talk to."""

__version__ = "0.1.0"
