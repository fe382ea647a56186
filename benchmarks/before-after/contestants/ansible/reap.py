"""Runs a command and takes in what it leaves running in the background, so that its processor time is counted too.

Ansible's `async` cuts its jobs loose from the process that started them. The last line of output is the time in seconds
that the command itself took: what watches over those jobs only looks every five seconds whether they are done.
On SIGTERM all of them are ended.
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
    # The one that loses its parent becomes our child, so in the end all are found.
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
