"""`run --large`: 1 GiB at a time, down and up, through nginx and AuthGate, on plain sockets that look at nothing but the length."""

import multiprocessing
import re
import socket
import statistics
import threading
import time

from rig import children, cpu_seconds, memory, say

SIZE = 1 << 30
BLOCK = bytes(1 << 20)


def receive_head(connection):
    """A head, and what came behind it."""
    text = b""
    while b"\r\n\r\n" not in text:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError(f"ended in a head: {text}")
        text += part
    head, _, rest = text.partition(b"\r\n\r\n")
    return head, len(rest)


def receive(connection, left):
    buffer = bytearray(1 << 20)
    while left:
        part = connection.recv_into(buffer, min(left, len(buffer)))
        if not part:
            raise ConnectionError(f"ended {left} bytes early")
        left -= part


def send(connection):
    for _ in range(SIZE // len(BLOCK)):
        connection.sendall(BLOCK)


def answer(connection):
    """The upstream: a GET gets all the bytes, a POST is read to its end."""
    with connection:
        while True:
            try:
                head, had = receive_head(connection)
            except ConnectionError:
                return
            length = re.search(rb"content-length: (\d+)", head, re.I)
            if head.startswith(b"GET /public/large"):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE)
                send(connection)
            else:
                receive(connection, int(length[1]) - had if length else 0)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def serve(told):
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    told.send(listener.getsockname()[1])
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


def upstream():
    """The port of the upstream, which ends with this process."""
    listen, told = multiprocessing.Pipe(duplex=False)
    multiprocessing.Process(target=serve, args=(told,), daemon=True).start()
    return listen.recv()


def transfer(port, is_upload):
    """Seconds for 1 GiB."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        began = time.monotonic()
        method, fields = ("POST", f"Content-Length: {SIZE}\r\n") if is_upload else ("GET", "")
        connection.sendall(f"{method} /public/large HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}\r\n".encode())
        if is_upload:
            send(connection)
        head, had = receive_head(connection)
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(head)
        receive(connection, int(re.search(rb"content-length: (\d+)", head, re.I)[1]) - had)
        return time.monotonic() - began


class Peak:
    """The most memory that a process and its children hold while something runs."""

    def __init__(self, pid):
        self.pid, self.most, self.is_over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def look(self):
        return memory(self.pid) + sum(map(memory, children(self.pid)))

    def watch(self):
        while not self.is_over.wait(0.02):
            self.most = max(self.most, self.look())

    def __enter__(self):
        self.before = self.most = self.look()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def measure(contenders, rounds):
    """Markdown; `contenders` are names, process ids and ports, the first of which is the yardstick."""
    seconds = {(name, up): [] for name, _, _ in contenders for up in (False, True)}
    spent, growth, most = {}, {}, {}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for name, pid, port in contenders:
            for up in (False, True):
                used = cpu_seconds(pid)
                with Peak(pid) as peak:
                    seconds[name, up].append(transfer(port, up))
                spent.setdefault((name, up), []).append(cpu_seconds(pid) - used)
                # The first round is the one in which buffers are made.
                if number or rounds == 1:
                    growth[name] = max(growth.get(name, 0), peak.most - peak.before)
                most[name] = max(most.get(name, 0), peak.most)
    yardstick = contenders[0][0]
    lines = [
        "| contender | download, to nginx | upload, to nginx | CPU of a download | of an upload | memory, at most | grows during one |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, _, _ in contenders:
        down, up = (
            statistics.median(its / mine for mine, its in zip(seconds[name, way], seconds[yardstick, way])) for way in (False, True)
        )
        used = [1000 * statistics.median(spent[name, way]) for way in (False, True)]
        lines.append(
            f"| {name} | {down:.2f} | {up:.2f} | {used[0]:.0f} ms | {used[1]:.0f} ms | {most[name]:.0f} MB | {growth[name]:.1f} MB |"
        )
    rate = SIZE / statistics.median(seconds[yardstick, False]) / 1e9
    return "\n".join(lines) + f"\n\nnginx took {rate:.1f} GB/s down."
