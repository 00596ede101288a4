"""Which process runs a job, so that a job that a stopped server left behind is known for one."""

import os
import secrets
from contextlib import suppress

_NODE = os.uname().nodename if hasattr(os, "uname") else "host"
PROCESS = f"{_NODE}:{os.getpid()}:{secrets.token_hex(4)}"  # noted with each job that this process runs


def is_lost(process: str) -> bool:
    """Whether the process that ran a job is no more: one of this machine, and dead or begun anew.

    Ask of a job that this process doesn't know: then its own number is that of a process before it.
    """
    node, _, rest = process.partition(":")
    pid, _, _ = rest.partition(":")
    if node != _NODE or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return True
    with suppress(OSError):
        os.kill(int(pid), 0)
        return False
    return True
