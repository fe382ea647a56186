"""Runs a command and waits for its background processes, so that their processor time is counted too.

Ansible's `async` detaches its jobs from the process that started them. The last line of output is the time of the
command itself, in seconds, because the watchers of those jobs check only every five seconds if they have ended.
SIGTERM ends all processes.
Usage: reap.py COMMAND…
"""
import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def descendants(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children') as children:
            found = [int(child) for child in children.read().split()]
    except OSError:
        return []
    return found + [below for child in found for below in descendants(child)]


def end(number, _frame):
    # A process that loses its parent becomes our child, so all are found in the end.
    while found := descendants(os.getpid()):
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            pass
    os._exit(128 + number)


ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
signal.signal(signal.SIGTERM, end)
began = time.monotonic()
status = subprocess.call(sys.argv[1:])
elapsed = time.monotonic() - began
try:
    while True:
        os.waitpid(-1, 0)
except ChildProcessError:
    print(elapsed)
    sys.exit(status)
