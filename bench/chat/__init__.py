"""Measurements of the chat: over its model server, under many sockets, and with a model server that misbehaves."""
