"""The upstream server of `soak` and `slow`: python backend.py PORT RECORD

Answers by the path's last segment, in HTTP/1.1, and appends a line to the file RECORD for each request that came whole
with its head: `ID METHOD`. SIGTERM lets requests under way be answered; SIGKILL is what it is.
"""

import asyncio
import base64
import hashlib
import json
import os
import signal
import socket
import sys
import zlib
from urllib.parse import parse_qs, urlsplit

BLOCK = bytes(range(256)) * 256
EVENT = b"data: tick\n\n"


def pattern(size):
    """The bytes that an answer of this size has."""
    return (BLOCK * (size // len(BLOCK) + 1))[:size]


def chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


class Request:
    def __init__(self, head):
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, target, _ = first.split(" ", 2)
        parts = urlsplit(target)
        self.name = parts.path.rsplit("/", 1)[1]
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.fields = {}
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            self.fields[name.lower()] = value.strip()

    def number(self, name, default=0):
        return int(self.query.get(name, default))


class Conversation:
    """One connection from AuthGate."""

    def __init__(self, server, reader, writer):
        self.server, self.reader, self.writer = server, reader, writer
        self.task = asyncio.current_task()
        self.is_idle = True

    async def run(self):
        try:
            while not self.server.is_stopping:
                self.is_idle = True
                head = await self.reader.readuntil(b"\r\n\r\n")
                self.is_idle = False
                request = Request(head)
                self.server.record(request)
                if not await self.answer(request):
                    break
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self.writer.close()

    def say(self, status, *fields, body=b""):
        lines = [f"HTTP/1.1 {status}", *fields]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def body(self, request):
        """Length and checksum of the request's body."""
        length, checksum = 0, 0
        async for part in self.parts(request):
            length, checksum = length + len(part), zlib.crc32(part, checksum)
        return length, checksum

    async def parts(self, request):
        if request.fields.get("transfer-encoding") == "chunked":
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                yield (await self.reader.readexactly(size + 2))[:-2]
            while await self.reader.readuntil(b"\r\n") != b"\r\n":
                pass
        left = int(request.fields.get("content-length", 0))
        while left:
            part = await self.reader.read(min(left, 65536))
            if not part:
                raise ConnectionError
            left -= len(part)
            yield part

    async def answer(self, request):
        """Answers; whether the connection may be kept."""
        return await getattr(self, f"answer_{request.name}", self.answer_echo)(request)

    async def answer_echo(self, request):
        """Tells what came."""
        if request.fields.get("expect", "").lower() == "100-continue":
            self.say("100 Continue")
        length, checksum = await self.body(request)
        await asyncio.sleep(request.number("wait") / 1000)
        text = json.dumps({"method": request.method, "length": length, "checksum": checksum}).encode()
        close = "close" in request.query
        fields = ["Connection: close"] if close else []
        self.say("200 OK", "Content-Type: application/json", f"Content-Length: {len(text)}", *fields,
                 body=b"" if request.method == "HEAD" else text)
        await self.writer.drain()
        return not close

    async def answer_bytes(self, request):
        """So many bytes, framed as asked for. `buffer` bounds what the kernel takes of them ahead."""
        size, framing = request.number("size"), request.query.get("framing", "length")
        if buffer := request.number("buffer"):
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        fields = {"length": f"Content-Length: {size}", "chunked": "Transfer-Encoding: chunked", "close": "Connection: close"}
        self.say("200 OK", fields[framing])
        for start in range(0, size, len(BLOCK)):
            part = BLOCK[: min(size - start, len(BLOCK))]
            self.writer.write(chunk(part) if framing == "chunked" else part)
            await self.writer.drain()
        if framing == "chunked":
            self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()
        return framing != "close"

    async def answer_early(self, request):
        """Answers before the request's body has come."""
        self.say("200 OK", "Content-Length: 5", body=b"early")
        await self.body(request)
        return True

    async def answer_hinted(self, request):
        """An interim answer, then the answer."""
        self.say("103 Early Hints", "Link: </style.css>; rel=preload")
        return await self.answer_echo(request)

    async def answer_empty(self, request):
        self.say("204 No Content")
        return True

    async def answer_break(self, request):
        """Promises more than it sends."""
        self.say("200 OK", "Content-Length: 100000", body=pattern(request.number("size")))
        await self.writer.drain()
        return False

    async def answer_events(self, request):
        self.say("200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked")
        while True:
            self.writer.write(chunk(EVENT))
            await self.writer.drain()
            await asyncio.sleep(request.number("every", 100) / 1000)

    async def answer_socket(self, request):
        """A WebSocket that says everything once more."""
        key = request.fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.say("101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}")
        while True:
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            mask = await self.reader.readexactly(4)
            data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await self.reader.readexactly(length)))
            size = bytes([length]) if length < 126 else b"\x7e" + length.to_bytes(2, "big")
            self.writer.write(bytes([first]) + size + data)
            await self.writer.drain()
            if first & 0x0F == 8:
                return False


class Server:
    def __init__(self, record):
        self.file = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.is_stopping = False
        self.open = set()

    def record(self, request):
        os.write(self.file, f"{request.fields.get('x-request-id')} {request.method}\n".encode())

    async def serve(self, reader, writer):
        conversation = Conversation(self, reader, writer)
        self.open.add(conversation)
        try:
            await conversation.run()
        finally:
            self.open.discard(conversation)

    async def run(self, port):
        server = await asyncio.start_server(self.serve, "127.0.0.1", port, backlog=4096)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await stop.wait()
        self.is_stopping = True
        server.close()
        for conversation in list(self.open):
            if conversation.is_idle:
                conversation.task.cancel()
        for _ in range(20):
            if not self.open:
                break
            await asyncio.sleep(0.05)
        # Requests that last longer are cut.
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(Server(sys.argv[2]).run(int(sys.argv[1])))
