"""The kinds of load of `soak`. Each function is one visitor: it makes requests until the run is over."""

import asyncio
import json
import random
import zlib

import http1
import http2
from backend import pattern
from http1 import Connection, Cut
from ledger import BROKEN, Unexpected, metrics, total
from rig import descriptors

SIZES = [0, 1, 1000, 16_384, 65_537, 200_000]
SLOW = 1_000_000
CHECKSUMS = {size: zlib.crc32(pattern(size)) for size in [*SIZES, SLOW]}
# Sessions that are never signed out; the others are used up one after the other.
LASTING = 1000
MALFORMED = [
    "GET /public/echo HTTP/1.1\r\nHost: {host}\nX: y\r\n\r\n",
    "POST /public/echo HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "POST /public/echo HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /public/echo HTTP/1.1\r\nHost : {host}\r\n\r\n",
]


class Gateway:
    def __init__(self, name, port, ops_port, process, log):
        self.name, self.port, self.ops_port, self.process, self.log = name, port, ops_port, process, log
        self.host = f"127.0.0.1:{port}"
        self.tls = http2.TLS_HTTP1 if name == "tls" else None

    def connect(self, buffer=None):
        return Connection.open(self.port, self.tls, buffer)


def start_gateways(rig, ports, program, threads, server="", light=None):
    """Two AuthGates on one database, one in plaintext and one with TLS and HTTP/2; and the tokens of sessions."""
    rig.postgres()
    rig.certificate()
    gateways, tokens = [], []
    for name in ("plain", "tls"):
        files = f'  tls: {{ cert_file: "{rig.folder}/tls.crt", key_file: "{rig.folder}/tls.key" }}\n' if name == "tls" else ""
        rig.configure(*ports, server=f'{files}{server}  trusted_proxies: ["127.0.0.1"]', name=name, light=light)
        if not tokens:
            rig.migrate(program)
            tokens = rig.sessions(20_000)
        process = rig.authgate(program, threads, f"{name}.log")
        gateways.append(Gateway(name, rig.port, rig.ops_port, process, rig.folder / f"{name}.log"))
        gateways[-1].configuration = rig.configuration
    return gateways, tokens


def held(gateway):
    """Descriptors that are no connections of the database pool, which opens as many as it needs."""
    return descriptors(gateway.process.pid) - int(total(metrics(gateway.ops_port), "authgate_database_connections"))


class Run:
    """What all visitors share."""

    def __init__(self, ledger, gateways, tokens, is_over):
        self.ledger, self.gateways, self.is_over = ledger, gateways, is_over
        self.lasting, self.single_use = tokens[:LASTING], iter(tokens[LASTING:])

    def pick(self):
        """A gateway, the one in plaintext more often."""
        return random.choices(self.gateways, (3, 1))[0]

    async def pause(self, mean):
        """Waits for a random time."""
        await asyncio.sleep(min(random.expovariate(1 / mean), 5 * mean))

    def request(self, gateway, kind, method="GET", seconds=30):
        return self.ledger.request(gateway.name, kind, method, seconds)


def fields_of(request, token=None, *more):
    session = [f"Cookie: authgate_session={token}"] if token else []
    return [f"X-Request-Id: {request.id}", *session, *more]


def echoed(answer, method, body=b""):
    """Holds what the upstream says it got against what was sent."""
    said = json.loads(answer.body)
    if said != {"method": method, "length": len(body), "checksum": zlib.crc32(body)}:
        raise Unexpected(f"the upstream got {said}, {len(body)} bytes were sent")


def is_whole(answer, size):
    if (answer.length, answer.checksum) != (size, CHECKSUMS[size]):
        raise Unexpected(f"{answer.length} bytes in place of {size}")


def a_request(run):
    """Method, path, session, body, status and how the answer is looked at, of a request that any connection can make."""
    token = random.choice(run.lasting)
    size = random.choice(SIZES)
    framing = random.choice(["length", "chunked", "close"])
    body = random.randbytes(random.choice([0, 10, 5000, 70_000]))
    where = random.choice([("/public", None), ("/app", token)])
    return random.choice([
        ("GET", f"{where[0]}/echo", where[1], b"", 200, lambda answer: echoed(answer, "GET")),
        ("GET", f"{where[0]}/echo", where[1], b"", 200, lambda answer: echoed(answer, "GET")),
        ("GET", f"{where[0]}/echo?close", where[1], b"", 200, lambda answer: echoed(answer, "GET")),
        ("GET", f"{where[0]}/hinted", where[1], b"", 200, lambda answer: echoed(answer, "GET")),
        ("HEAD", f"{where[0]}/echo", where[1], b"", 200, lambda answer: None),
        ("GET", f"{where[0]}/empty", where[1], b"", 204, lambda answer: None),
        ("GET", f"{where[0]}/bytes?size={size}&framing={framing}", where[1], b"", 200, lambda answer: is_whole(answer, size)),
        ("POST", f"{where[0]}/echo", where[1], body, 200, lambda answer: echoed(answer, "POST", body)),
        ("GET", "/app/echo", None, b"", 401, lambda answer: None),
        ("GET", "/app/echo", "no-session-has-this-token-0123456789", b"", 401, lambda answer: None),
    ])


async def ask(run, gateway, connection, kind, *more):
    """One request of the ordinary kinds over HTTP/1.1; whether the connection may be used again."""
    method, path, token, body, status, check = a_request(run)
    async with run.request(gateway, kind, method) as request:
        origin = f"Origin: http://{gateway.host}"
        length = [f"Content-Length: {len(body)}"] if method == "POST" else []
        await connection.send(http1.head(method, path, gateway.host, *fields_of(request, token, origin, *length, *more)) + body)
        answer = request.expect(await connection.answer(method), status)
        check(answer)
        return answer.fields.get("connection", "").lower() != "close"
    return False


async def kept(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        for _ in range(random.randint(1, 100)):
            if run.is_over() or not await ask(run, gateway, connection, "kept connection"):
                break
            await run.pause(0.05)
        connection.close()


async def closed(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        await ask(run, gateway, connection, "closed connection", "Connection: close")
        if await connection.ended():
            run.ledger.notes.append("bytes came behind the last answer of a connection")
        connection.close()
        await run.pause(0.1)


async def upload(run):
    while not run.is_over():
        gateway, body = run.pick(), random.randbytes(random.randint(1, 600_000))
        is_chunked, waits = random.random() < 0.5, random.random() < 0.3
        framing = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(body)}"
        expectation = ["Expect: 100-continue"] if waits else []
        connection = await gateway.connect()
        async with run.request(gateway, "chunked upload" if is_chunked else "upload", "POST") as request:
            fields = fields_of(request, random.choice(run.lasting), f"Origin: http://{gateway.host}", framing, *expectation)
            await connection.send(http1.head("POST", "/app/echo", gateway.host, *fields))
            if waits:
                request.expect_continue(await connection.one_head())
            for start in range(0, len(body), 50_000):
                part = body[start : start + 50_000]
                await connection.send(b"%x\r\n%b\r\n" % (len(part), part) if is_chunked else part)
                await asyncio.sleep(0.005)
            if is_chunked:
                await connection.send(b"0\r\n\r\n")
            echoed(request.expect(await connection.answer()), "POST", body)
        connection.close()
        await run.pause(0.3)


async def early(run):
    """The answer comes while the body is still being sent."""
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        async with run.request(gateway, "answer before the body", "POST") as request:
            fields = fields_of(request, None, "Content-Length: 200000")
            await connection.send(http1.head("POST", "/public/early", gateway.host, *fields) + bytes(100_000))
            answer = request.expect(await connection.answer())
            if answer.body != b"early":
                raise Unexpected(f"{answer.body}")
        random.choice([connection.close, connection.reset])()
        await run.pause(1)


async def cut_heads(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        async with run.request(gateway, "cut in its head") as request:
            request.lines = 0
            text = http1.head("GET", "/public/echo", gateway.host, *fields_of(request))
            await connection.send(text[: random.randint(1, len(text) - 1)])
            await asyncio.sleep(0.02)
            request.cut()
        random.choice([connection.close, connection.reset])()
        await run.pause(0.5)


async def cut_uploads(run):
    while not run.is_over():
        gateway, waits = run.pick(), random.random() < 0.5
        connection = await gateway.connect()
        async with run.request(gateway, "cut in its body", "POST") as request:
            framing = random.choice(["Transfer-Encoding: chunked", "Content-Length: 500000"])
            expectation = ["Expect: 100-continue"] if waits else []
            fields = fields_of(request, None, framing, *expectation)
            await connection.send(http1.head("POST", "/public/echo", gateway.host, *fields))
            if waits:
                request.expect_continue(await connection.one_head())
            part = bytes(random.randint(1, 100_000))
            await connection.send(b"%x\r\n%b\r\n" % (len(part), part) if "chunked" in framing else part)
            await asyncio.sleep(random.random() / 10)
            request.cut()
        # A reset takes with it what was not read yet, the head too; after 100 it was read.
        (random.choice([connection.close, connection.reset]) if waits else connection.close)()
        await run.pause(0.5)


async def cut_answers(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect(buffer=4096)
        async with run.request(gateway, "cut in its answer") as request:
            framing = random.choice(["length", "chunked", "close"])
            fields = fields_of(request, random.choice(run.lasting))
            await connection.send(http1.head("GET", f"/app/bytes?size={SLOW}&framing={framing}", gateway.host, *fields))
            answer = request.expect(await connection.head())
            async for part in connection.parts(answer, piece=4096):
                answer.take(part)
                if answer.length > 20_000:
                    request.cut()
                    break
        random.choice([connection.close, connection.reset])()
        await run.pause(0.5)


async def cut_waits(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        async with run.request(gateway, "cut before its answer") as request:
            await connection.send(http1.head("GET", "/public/echo?wait=1000", gateway.host, *fields_of(request)))
            await asyncio.sleep(random.random() / 5)
            request.cut()
        connection.close()
        await run.pause(0.5)


async def slow_readers(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect(buffer=8192)
        async with run.request(gateway, "slow reader") as request:
            fields = fields_of(request, random.choice(run.lasting))
            await connection.send(http1.head("GET", f"/app/bytes?size={SLOW}", gateway.host, *fields))
            answer = request.expect(await connection.head())
            async for part in connection.parts(answer, piece=8192):
                answer.take(part)
                await asyncio.sleep(0.01)
            is_whole(answer, SLOW)
        connection.close()
        await run.pause(0.5)


async def broken(run):
    """The upstream breaks off, and the client has to notice."""
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        async with run.request(gateway, "broken off by the upstream") as request:
            await connection.send(http1.head("GET", "/public/break?size=1000", gateway.host, *fields_of(request)))
            try:
                answer = request.expect(await connection.answer())
            except Cut:
                request.outcome = BROKEN
            else:
                raise Unexpected(f"taken for whole after {answer.length} bytes")
        connection.close()
        await run.pause(1)


async def malformed(run):
    while not run.is_over():
        gateway = run.pick()
        connection = await gateway.connect()
        async with run.request(gateway, "malformed head") as request:
            await connection.send(random.choice(MALFORMED).format(host=gateway.host).encode())
            answer = await connection.answer()
            # It is not asked for its id.
            request.id = answer.fields.get("x-request-id", "")
            request.expect(answer, 400)
        connection.close()
        await run.pause(0.5)


async def sign_out(run, gateway, token):
    """Ends a session at the other gateway or the same."""
    gateway = random.choice(run.gateways)
    connection = await gateway.connect()
    async with run.request(gateway, "sign-out", "POST") as request:
        fields = fields_of(request, token, f"Origin: http://{gateway.host}", "Content-Type: application/json", "Content-Length: 2")
        await connection.send(http1.head("POST", "/api/auth/sign-out", gateway.host, *fields) + b"{}")
        request.expect(await connection.answer())
    connection.close()


async def events(run):
    while not run.is_over():
        gateway, token = run.pick(), next(run.single_use)
        connection = await gateway.connect()
        async with run.request(gateway, "event stream") as request:
            await connection.send(http1.head("GET", "/app/events", gateway.host, *fields_of(request, token)))
            answer = request.expect(await connection.head())
            parts = connection.parts(answer)
            for _ in range(random.randint(1, 20)):
                if b"data: tick" not in await anext(parts):
                    raise Unexpected("no event")
            if random.random() < 0.5:
                request.cut()
            else:
                request.kind = "event stream, signed out"
                await sign_out(run, gateway, token)
                try:
                    async with asyncio.timeout(5):
                        async for _ in parts:
                            pass
                    raise Unexpected("ended as if it were whole")
                except TimeoutError as error:
                    raise Unexpected("went on for 5 s after the sign-out") from error
                except Cut:
                    pass
        random.choice([connection.close, connection.reset])()
        await run.pause(0.5)


async def sockets(run):
    while not run.is_over():
        gateway, token = run.pick(), next(run.single_use)
        end = random.choice(["closed", "cut", "signed out"])
        connection = await gateway.connect()
        async with run.request(gateway, f"WebSocket, {end}", "UPGRADE") as request:
            upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
            key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
            fields = fields_of(request, token, f"Origin: http://{gateway.host}", *upgrade, key)
            await connection.send(http1.head("GET", "/app/socket", gateway.host, *fields))
            request.expect(await connection.head(), 101)
            for _ in range(random.randint(1, 30)):
                data = random.randbytes(random.choice([5, 100, 5000]))
                await connection.say(2, data)
                if (frame := await connection.frame()) != (2, data):
                    raise Cut("in its frames") if frame is None else Unexpected(f"frame {frame[0]}, {frame[1][:20]}")
                await asyncio.sleep(0.05)
            if end == "closed":
                await connection.say(8, (1000).to_bytes(2, "big"))
                if await connection.frame() != (8, (1000).to_bytes(2, "big")):
                    raise Cut("in its frames")
            elif end == "signed out":
                await sign_out(run, gateway, token)
                async with asyncio.timeout(5):
                    frame = await connection.frame()
                if frame is None:
                    raise Cut("in its frames")
                if frame[0] != 8 or frame[1][:2] != (4401).to_bytes(2, "big"):
                    raise Unexpected(f"frame {frame[0]}, {frame[1][:20]} after the sign-out")
            else:
                request.cut()
        random.choice([connection.close, connection.reset])()
        await run.pause(0.5)


# HTTP/2


async def ask_http2(run, gateway, connection):
    method, path, token, body, status, check = a_request(run)
    async with run.request(gateway, "HTTP/2", method) as request:
        fields = fields_of(request, token, f"Origin: http://{gateway.host}")
        stream = await connection.ask(method, path, gateway.host, *fields, body=body)
        await head_http2(request, stream, status)
        check(await connection.answer(stream))


async def head_http2(request, stream, status=200):
    return request.expect(await stream.answer, status)


async def reset_http2(run, gateway, connection):
    async with run.request(gateway, "HTTP/2, reset in its answer") as request:
        stream = await connection.ask("GET", f"/app/bytes?size={SLOW}", gateway.host, *fields_of(request, random.choice(run.lasting)))
        await head_http2(request, stream)
        connection.cancel(stream)
        request.cut()


async def slow_http2(run, gateway, connection):
    async with run.request(gateway, "HTTP/2, slow reader") as request:
        stream = await connection.ask("GET", f"/app/bytes?size={SLOW}", gateway.host, *fields_of(request, random.choice(run.lasting)))
        answer = await head_http2(request, stream)
        async for part in connection.parts(stream):
            answer.take(part)
            await asyncio.sleep(0.02)
        is_whole(answer, SLOW)


async def connection_http2(run):
    """Connections with eight requests under way, that are closed or cut in the middle of answers."""
    gateway = run.gateways[1]
    while not run.is_over():
        connection = await http2.Connection.open(gateway.port)
        end = asyncio.get_running_loop().time() + random.uniform(1, 20)

        async def one():
            while asyncio.get_running_loop().time() < end and not connection.is_over and not run.is_over():
                what = random.choices([ask_http2, reset_http2, slow_http2], (20, 1, 1))[0]
                await what(run, gateway, connection)
                await run.pause(0.5)

        await asyncio.gather(*(one() for _ in range(8)))
        if random.random() < 0.5 and not connection.is_over:
            await cut_http2(run, gateway, connection)
        connection.close()


async def cut_http2(run, gateway, connection):
    """Three answers have begun when the connection is cut."""
    async with run.request(gateway, "HTTP/2, connection cut") as first, \
               run.request(gateway, "HTTP/2, connection cut") as second, \
               run.request(gateway, "HTTP/2, connection cut") as third:
        for request in (first, second, third):
            stream = await connection.ask("GET", f"/public/bytes?size={SLOW}", gateway.host, *fields_of(request))
            await head_http2(request, stream)
        for request in (first, second, third):
            request.cut()
        connection.reset()


VISITORS = {
    kept: 10, closed: 5, upload: 4, early: 1, cut_heads: 2, cut_uploads: 2, cut_answers: 2, cut_waits: 2, slow_readers: 3,
    broken: 1, malformed: 1, events: 4, sockets: 5, connection_http2: 3,
}
