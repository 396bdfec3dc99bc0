"""Runs a command with a throw-away PostgreSQL, named by DATABASE_URL, and ends everything with it.

usage: with_postgres.py COMMAND…

Nothing is left running or lying about, also when this process is killed: a watchdog notices its end, ends the command's
process group and the server, and removes their files.
"""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
# For a process to end by itself when asked to, in seconds.
PATIENCE = 10


class Server:
    """Listens on a Unix socket in a directory of its own, so it takes no port."""

    def __init__(self, directory):
        bindir = subprocess.run([REPOSITORY / "scripts/pg-bindir"], check=True, capture_output=True, text=True)
        self.bindir = pathlib.Path(bindir.stdout.strip())
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"
        self.account = {}
        # PostgreSQL refuses to run as root.
        if os.geteuid() == 0:
            user = next(user for user in pwd.getpwall() if user.pw_name in ("postgres", "nobody"))
            self.account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(directory, user.pw_uid, user.pw_gid)

    def start(self):
        self.run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = f"-c listen_addresses='' -c unix_socket_directories='{self.directory}' -c fsync=off"
        self.run("pg_ctl", "start", "-w", "-l", self.directory / "log", "-o", settings)

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self.run("pg_ctl", "stop", "-w", "-m", "immediate")

    def run(self, program, *arguments):
        command = [self.bindir / program, "-D", self.data, *arguments]
        # A server that kept the caller's output open would keep whoever reads it waiting.
        subprocess.run(
            command, check=True, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **self.account
        )

    def url(self):
        return f"postgres://postgres@localhost/postgres?host={urllib.parse.quote(str(self.directory), safe='')}"


def is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def end_group(group):
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not is_alive(group):
            return
        os.killpg(group, number)
        deadline = time.monotonic() + PATIENCE
        while is_alive(group) and time.monotonic() < deadline:
            time.sleep(0.05)


def watch(server, scratch, pipe):
    """Reads the command's process id, waits for the writer's end, cleans up."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    group = b"".join(iter(lambda: os.read(pipe, 32), b""))
    if group:
        end_group(int(group))
    server.stop()
    for directory in (server.directory, scratch):
        shutil.rmtree(directory, ignore_errors=True)


def interrupted(number, _frame):
    raise SystemExit(128 + number)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: with_postgres.py COMMAND…")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    server = Server(tempfile.mkdtemp(prefix="authgate-js-"))
    # Not in the server's own, which is closed to whoever is not root: Chromium's processes give root's rights up.
    scratch = tempfile.mkdtemp(prefix="authgate-js-tmp-")
    reader, writer = os.pipe()
    watchdog = os.fork()
    if watchdog == 0:
        os.close(writer)
        watch(server, scratch, reader)
        os._exit(0)
    os.close(reader)
    command = None
    try:
        server.start()
        environment = dict(os.environ, DATABASE_URL=server.url(), TMPDIR=scratch)
        command = subprocess.Popen(sys.argv[1:], env=environment, start_new_session=True)
        os.write(writer, str(command.pid).encode())
        return command.wait()
    finally:
        if command is not None and command.poll() is None:
            os.killpg(command.pid, signal.SIGTERM)
            try:
                command.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(command.pid, signal.SIGKILL)
                command.wait()
        os.close(writer)
        os.waitpid(watchdog, 0)


if __name__ == "__main__":
    sys.exit(main())
