"""An HTTP/2 client over TLS, for the scripts that count answers; on the package h2, which `rig.packages` installs."""

import asyncio
import socket
import ssl
import struct

from http1 import Answer, Cut
from rig import packages

packages("h2==4.4.1")

import h2.config  # noqa: E402
import h2.connection  # noqa: E402
import h2.errors  # noqa: E402
import h2.events  # noqa: E402
import h2.exceptions  # noqa: E402
import h2.settings  # noqa: E402


def tls_context(*protocols):
    """Believes every certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(protocols)
    return context


# A stream that nobody reads is held up by its own window, of 64 KiB, and holds up no other.
WINDOW = 1024 * 1024
TLS = tls_context("h2")
TLS_HTTP1 = tls_context("http/1.1")


class Stream:
    """One request; parts of its body come out of `arrived`, None at its end and `Cut` where it ends early."""

    def __init__(self, number):
        self.number = number
        self.answer = asyncio.get_running_loop().create_future()
        self.answer.add_done_callback(lambda future: future.cancelled() or future.exception())
        self.arrived = asyncio.Queue()

    def fail(self, why):
        if not self.answer.done():
            self.answer.set_exception(Cut(why))
        self.arrived.put_nowait(Cut(why))


class Connection:
    def __init__(self, reader, writer, window=None):
        self.reader, self.writer = reader, writer
        self.state = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        if window is not None:
            values = {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window, h2.settings.SettingCodes.ENABLE_PUSH: 0}
            self.state.local_settings = h2.settings.Settings(client=True, initial_values=values)
        self.streams = {}
        self.room = asyncio.Event()
        self.is_over = False
        self.state.initiate_connection()
        self.state.increment_flow_control_window(WINDOW)
        self.flush()
        self.reading = asyncio.create_task(self.read())

    @classmethod
    async def open(cls, port, window=None):
        """`window` is how many bytes of each answer may come before they are taken."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=TLS, server_hostname="localhost"), window)

    def flush(self):
        if data := self.state.data_to_send():
            self.writer.write(data)

    async def read(self):
        try:
            while data := await self.reader.read(65536):
                for event in self.state.receive_data(data):
                    self.take(event)
                self.flush()
            why = "the connection ended"
        except (OSError, h2.exceptions.ProtocolError) as error:
            why = f"the connection ended: {error!r}"
        finally:
            self.is_over = True
            self.room.set()
        for stream in self.streams.values():
            stream.fail(why)

    def take(self, event):
        if isinstance(event, (h2.events.WindowUpdated, h2.events.RemoteSettingsChanged)):
            self.room.set()
        stream = self.streams.get(getattr(event, "stream_id", None))
        if stream is None:
            return
        if isinstance(event, h2.events.ResponseReceived):
            fields = dict(event.headers)
            stream.answer.set_result(Answer(int(fields.pop(":status")), fields))
        elif isinstance(event, h2.events.DataReceived):
            stream.arrived.put_nowait((event.data, event.flow_controlled_length))
        elif isinstance(event, h2.events.StreamEnded):
            stream.arrived.put_nowait(None)
            del self.streams[stream.number]
        elif isinstance(event, h2.events.StreamReset):
            stream.fail(f"the stream was reset: {event.error_code!r}")
            self.room.set()
            del self.streams[stream.number]

    async def ask(self, method, path, host, *fields, body=b""):
        """Sends a request, and its body as fast as it is taken; the stream."""
        if self.is_over:
            raise Cut("the connection has ended")
        number = self.state.get_next_available_stream_id()
        stream = self.streams[number] = Stream(number)
        pseudo = [(":method", method), (":path", path), (":scheme", "https"), (":authority", host)]
        own = [(name.lower(), value.strip()) for name, _, value in (field.partition(":") for field in fields)]
        self.state.send_headers(number, [*pseudo, *own], end_stream=not body)
        self.flush()
        while body and number in self.streams and not self.is_over:
            self.room.clear()
            most = min(self.state.local_flow_control_window(number), self.state.max_outbound_frame_size, len(body))
            if not most:
                await self.room.wait()
                continue
            part, body = body[:most], body[most:]
            self.state.send_data(number, part, end_stream=not body)
            self.flush()
            await self.writer.drain()
        return stream

    async def parts(self, stream):
        while (part := await stream.arrived.get()) is not None:
            if isinstance(part, Cut):
                raise part
            data, length = part
            if length and not self.is_over:
                self.state.acknowledge_received_data(length, stream.number)
                self.flush()
            yield data

    async def answer(self, stream):
        answer = await stream.answer
        async for part in self.parts(stream):
            answer.take(part)
        return answer

    def cancel(self, stream):
        """Resets a stream."""
        if stream.number in self.streams and not self.is_over:
            del self.streams[stream.number]
            # The data that came counts against the connection's window until it is acknowledged.
            while not stream.arrived.empty():
                self.state.acknowledge_received_data(stream.arrived.get_nowait()[1], stream.number)
            self.state.reset_stream(stream.number, h2.errors.ErrorCodes.CANCEL)
            self.flush()

    def close(self):
        self.reading.cancel()
        self.writer.close()

    def reset(self):
        self.reading.cancel()
        raw = self.writer.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
