"""An HTTP/1.1 client that looks at every byte, for the scripts that count answers. A connection is used by one at a time."""

import asyncio
import contextlib
import os
import socket
import struct
import zlib
from dataclasses import dataclass, field


class Cut(Exception):
    """The connection ended before the answer was whole."""


class Malformed(Exception):
    """The answer is none."""


@dataclass
class Answer:
    status: int
    fields: dict
    interim: list = field(default_factory=list)
    body: bytes = b""
    length: int = 0
    checksum: int = 0

    def take(self, data):
        self.length += len(data)
        self.checksum = zlib.crc32(data, self.checksum)
        if self.length <= 4096:
            self.body += data


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port, tls=None, buffer=None):
        """`buffer` bounds what the kernel and this client hold of an answer that nobody reads."""
        connection = socket.socket()
        connection.setblocking(False)
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        try:
            await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
            limit = {"limit": buffer} if buffer else {}
            return cls(*await asyncio.open_connection(sock=connection, ssl=tls, server_hostname="localhost" if tls else None, **limit))
        except BaseException:
            connection.close()
            raise

    async def send(self, data):
        """Writes; what was answered before the other end closed is still there to be read, and says whether that was right."""
        self.writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self.writer.drain()

    async def head(self):
        """The head of an answer, after interim ones."""
        interim = []
        while True:
            answer = await self.one_head()
            if answer.status >= 200 or answer.status == 101:
                answer.interim = interim
                return answer
            interim.append(answer.status)

    async def one_head(self):
        """The next head, an interim one too."""
        try:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Cut(f"before its head: {type(error).__name__}") from error
        first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
        if not first.startswith("HTTP/1.1 ") or not first[9:12].isdigit():
            raise Malformed(first)
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return Answer(int(first[9:12]), fields, [])

    async def parts(self, answer, method="GET", piece=65536):
        """The parts of its body; raises `Cut` where it ends early."""
        try:
            if method == "HEAD" or answer.status in (101, 204, 304):
                return
            if answer.fields.get("transfer-encoding") == "chunked":
                while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                    while size:
                        part = await self.some(min(size, piece))
                        size -= len(part)
                        yield part
                    await self.reader.readexactly(2)
                while await self.reader.readuntil(b"\r\n") != b"\r\n":
                    pass
            elif "content-length" in answer.fields:
                left = int(answer.fields["content-length"])
                while left:
                    part = await self.some(min(left, piece))
                    left -= len(part)
                    yield part
            else:
                while part := await self.reader.read(piece):
                    yield part
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Cut(f"in its body: {type(error).__name__}") from error

    async def some(self, most):
        part = await self.reader.read(most)
        if not part:
            raise Cut("in its body")
        return part

    async def answer(self, method="GET"):
        answer = await self.head()
        async for part in self.parts(answer, method):
            answer.take(part)
        return answer

    async def ended(self):
        """Waits for the other side's end; what still came."""
        try:
            return await self.reader.read()
        except OSError:
            return b""

    def close(self):
        self.writer.close()

    def reset(self):
        """Ends it without a goodbye: the other side gets a reset."""
        raw = self.writer.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    # WebSockets

    async def frame(self):
        """Opcode and payload of the next frame of the server; none at the end."""
        try:
            first, length = await self.reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            return first & 0x0F, await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError):
            return None

    async def say(self, opcode, data):
        mask = os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        await self.send(bytes([0x80 | opcode]) + length + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))


def head(method, path, host, *fields):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()
