"""Stops a test cluster and removes it once no test process has held it for a while, so that a run leaves nothing behind
even when it is killed.

usage: cluster_watchdog.py USERS_LOCK START_LOCK DIRECTORY GRACE_SECONDS

Test processes hold USERS_LOCK shared for as long as they live, and START_LOCK while they look for a cluster or start one.
"""

import fcntl
import os
import shutil
import signal
import sys
import time


def try_lock(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def postmaster(directory):
    try:
        with open(os.path.join(directory, "data", "postmaster.pid"), encoding="utf-8") as file:
            return int(file.readline())
    except (OSError, ValueError):
        return None


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def stop(directory):
    pid = postmaster(directory)
    if pid is None or not is_alive(pid):
        return
    os.kill(pid, signal.SIGINT)
    for _ in range(100):
        if not is_alive(pid):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGQUIT)
    time.sleep(2)


def main():
    users_path, start_path, directory, grace = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    os.setsid()
    unused_since = None
    with open(users_path, encoding="utf-8") as users, open(start_path, encoding="utf-8") as start:
        while os.path.isdir(directory):
            time.sleep(0.3)
            if not try_lock(users):
                unused_since = None
                continue
            fcntl.flock(users, fcntl.LOCK_UN)
            unused_since = unused_since or time.monotonic()
            if time.monotonic() - unused_since < grace or not try_lock(start):
                continue
            # Whoever comes from here on waits for START_LOCK and then finds no cluster.
            if try_lock(users):
                stop(directory)
                shutil.rmtree(directory, ignore_errors=True)
                return
            fcntl.flock(start, fcntl.LOCK_UN)
            unused_since = None


main()
