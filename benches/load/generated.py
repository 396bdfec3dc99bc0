"""Requests and upstream responses for `differential`, made from a seed: good ones, odd ones and broken ones.

`LANE` and `CASE` stand in the bytes for what a run puts there, always of the same length.
"""

import random
from dataclasses import dataclass, field

LANE, CASE = b"/LANE", b"CASENUMBER"
HOST = b"gw.example"
KINDS = [b"/p", b"/p", b"/p", b"/s", b"/o", b"/m"]
STATUSES = [200] * 8 + [201, 202, 204, 204, 205, 206, 301, 302, 304, 304, 400, 401, 403, 404, 410, 429, 500, 502, 503, 599]
OTHERS_FIELDS = [
    b"Accept: text/html", b"Accept: */*", b"accept-encoding: gzip, br", b"If-None-Match: \"x\"", b"Range: bytes=0-3",
    b"X-User-Id: spoofed", b"X_User_Id: spoofed", b"x-user-email: a@b.example", b"X-Forwarded-For: 203.0.113.9", b"x-forwarded-proto: https",
    b"X-Forwarded-Host: evil.example", b"Forwarded: for=203.0.113.9", b"X-Real-IP: 203.0.113.9", b"Via: 1.1 other", b"Origin: http://gw.example", b"Origin: http://gw.example",
    b"Origin: https://evil.example", b"Referer: http://gw.example/x", b"Authorization: Basic YTpi", b"Authorization: Bearer nonsense",
    b"Cookie: a=b; authgate_device=x", b"cookie: c=d", b"Cookie: a=b;c=d ;; e", b"Content-Type: application/json", b"USER-AGENT: x/1",
    b"X-Empty:", b"X-Blanks:  \t a \t ", b"X-No-Blank:a", b"X-Latin: caf\xe9", b"X-Tab: a\tb", b"x-TwIcE: 1", b"X-Twice: 2", b"Upgrade-Insecure-Requests: 1",
    b"Cache-Control: no-cache", b"Date: Sun, 06 Nov 1994 08:49:37 GMT", b"Sec-Fetch-Site: cross-site", b"DNT: 1",
]
HOP_FIELDS = [
    b"Connection: keep-alive", b"Connection: close", b"connection: Keep-Alive, X-Twice", b"Connection: x-user-id", b"Connection: ,", b"Keep-Alive: timeout=5",
    b"Proxy-Connection: keep-alive", b"TE: trailers", b"TE: gzip", b"Trailer: X-Sum", b"Upgrade: h2c", b"Proxy-Authorization: Basic YTpi",
    b"Connection: upgrade, http2-settings", b"HTTP2-Settings: AAMAAABkAAQAAP__", b"Connection: close, keep-alive",
]
BAD_FIELDS = [
    b"Host : gw.example", b"X-Space : a", b" folded: a", b"X-Nul: a\0b", b"X-Cr: a\rb", b"no colon", b": no name", b"X(Y): a", b"Connection: host", b"Connection: cookie",
    b"Host: other.example", b"Content-Length: 3, 3", b"Content-Length: +3", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity", b"Expect: nonsense",
    b"X-Long: " + b"y" * 34_000, b"X-Caf\xe9: a",
]
RESPONSE_FIELDS = [
    b"Server: test", b"server: lower", b"Date: Sun, 06 Nov 1994 08:49:37 GMT", b"date: Mon, 07 Nov 1994 08:49:37 GMT", b"Content-Type: text/plain", b"CONTENT-TYPE: text/html",
    b"Set-Cookie: a=b; Path=/", b"Set-Cookie: c=d", b"set-cookie: authgate_session=stolen", b"Set-Cookie: x=1, authgate_session=2", b"X-User-Id: 7", b"X-Request-Id: theirs",
    b"Cache-Control: max-age=5", b"Strict-Transport-Security: max-age=1", b"Clear-Site-Data: \"cookies\"", b"Access-Control-Allow-Origin: *", b"Vary: Origin", b"Vary: Accept",
    b"Location: /elsewhere", b"ETag: \"x\"", b"WWW-Authenticate: Basic", b"Proxy-Authenticate: Basic", b"X-Empty:", b"X-Blanks:   a  ", b"X-Latin: caf\xe9",
    b"X-Twice: 1", b"x-twice: 2", b"Alt-Svc: h3=\":443\"", b"Content-Encoding: gzip", b"Link: </a>; rel=preload", b"Retry-After: 1", b"Accept-Ranges: bytes", b"Age: 3",
]
RESPONSE_HOP_FIELDS = [
    b"Connection: keep-alive", b"Connection: close", b"connection: Close", b"Connection: x-twice", b"Keep-Alive: timeout=5", b"Proxy-Connection: close", b"Trailer: X-Sum",
    b"Upgrade: h2c", b"Connection: Upgrade", b"TE: trailers",
]
BAD_RESPONSE_FIELDS = [
    b"X-Space : a", b" folded", b"X-Nul: a\0b", b"X-Cr: a\rb", b"no colon", b": no name", b"X(Y): a", b"X-Bell: a\x07b", b"X-Long: " + b"y" * 70_000, b"X-Longer: " + b"y" * 140_000,
]


@dataclass
class Answer:
    """Describes what the upstream does with one request."""

    pieces: list
    # Waits for the whole request, or for its head only.
    waits_for_body: bool = True
    # This becomes of the connection afterwards: keep, close or reset.
    end: str = "keep"


@dataclass
class Case:
    number: int
    # `send` with pieces, `quiet` until nothing moves, and at last `finish` (half), or `close`, `reset`.
    steps: list = field(default_factory=list)
    methods: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    tags: set = field(default_factory=set)

    def sent(self):
        return b"".join(piece for step in self.steps if step[0] == "send" for piece in step[1])


def pieces(rng, data, slowly=0.3):
    """Cuts bytes somewhere, or leaves them whole."""
    if not data or rng.random() > slowly:
        return [data] if data else []
    if len(data) < 400 and rng.random() < 0.1:
        return [data[at : at + 1] for at in range(len(data))] if len(data) < 60 else [data[:1], data[1:]]
    cuts = sorted(rng.randrange(len(data)) for _ in range(rng.randint(1, 4)))
    return [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)]) if begin < end]


def some_body(rng):
    size = rng.choice([0, 1, 3, 10, 10, 50, 99, 101, 300, 1500, 5000, 20_000, 70_000, 200_000] if rng.random() < 0.25 else [0, 1, 3, 10, 50, 120, 300])
    return bytes(rng.choices(b"abcdefgh\r\n 0123", k=min(size, 500))) * (1 if size <= 500 else size // 500)


def chunked(rng, body, fields=()):
    out, at = b"", 0
    while at < len(body):
        size = rng.randint(1, max(1, len(body) - at)) if rng.random() < 0.7 else min(len(body) - at, 16)
        shown = b"%x" % size if rng.random() < 0.8 else b"%04X" % size
        extension = rng.choice([b";a=b", b";x", b"; y=\"z\""]) if rng.random() < 0.1 else b""
        out += shown + extension + b"\r\n" + body[at : at + size] + b"\r\n"
        at += size
        if len(out) > 3 * len(body) + 2000:
            break
    if at < len(body):
        out += b"%x\r\n" % (len(body) - at) + body[at:] + b"\r\n"
    return out + rng.choice([b"0", b"0", b"0", b"000", b"0;last"]) + b"\r\n" + b"".join(line + b"\r\n" for line in fields) + b"\r\n"


def misshapen(rng, data):
    """Changes a byte or a few."""
    at = rng.randrange(len(data))
    how = rng.randrange(4)
    if how == 0:
        return data[:at] + bytes([rng.choice(b"\0\r\n :;\t\x7f\xffA0")]) + data[at + 1 :]
    if how == 1:
        return data[:at] + data[at + rng.randint(1, 3) :]
    if how == 2:
        return data[:at] + bytes([rng.choice(b"\r\n \0x")]) + data[at:]
    return data[:at] + data[at : at + rng.randint(1, 20)] + data[at:]


def spelled(rng, line):
    """A field's line with its name in some other case, sometimes."""
    name, colon, value = line.partition(b":")
    how = rng.random()
    if how < 0.7:
        return line
    return (name.lower() if how < 0.85 else name.upper() if how < 0.95 else name.swapcase()) + colon + value


def request(rng, case, position, tokens):
    """The bytes of one request and where its head ends; notes in the case what it is."""
    method = rng.choice([b"GET"] * 5 + [b"POST"] * 4 + [b"HEAD", b"HEAD", b"PUT", b"DELETE", b"PATCH", b"OPTIONS"])
    if rng.random() < 0.02:
        method = rng.choice([b"get", b"FOO", b"CONNECT", b"TRACE", b"G(T"])
    kind = rng.choice(KINDS)
    path = LANE + kind + b"/" + CASE + b"-%d" % position
    path += rng.choice([b""] * 6 + [b"?a=b", b"?a=%20b&c", b"/x/y", b"/x%20y", b"/%41", b"?", b"?a?b", b"/~x;p=1", b"/a+b"])
    if rng.random() < 0.025:
        path = rng.choice([path + b"/../x", path + b"//x", path + b"/%2e%2e/x", path + b"/%2f", path + b"#x", path + b"/%zz", path + b"/\xe9", path + b"?" + b"q" * 9000,
                           b"http://" + HOST + path, b"http://other.example" + path, b"*", path + b" x", path + b"\\x", b"/none" + path])
    version = b"HTTP/1.0" if rng.random() < 0.1 else b"HTTP/1.1"
    if rng.random() < 0.01:
        version = rng.choice([b"HTTP/1.2", b"HTTP/2.0", b"http/1.1", b"HTTP/1.1 "])
    fields = [rng.choice([b"Host: ", b"host: ", b"HOST:"]) + HOST] if rng.random() < 0.97 else rng.choice([[], [b"Host: " + HOST] * 2, [b"Host: nobody.example"], [b"Host:"]])
    if rng.random() < 0.9:
        fields.append(rng.choice([b"X-Request-Id: ", b"x-request-id: "]) + b"diff-" + CASE + b"-%d" % position)
    if kind == b"/s" and rng.random() < 0.85 or kind == b"/o" and rng.random() < 0.5:
        token = rng.choice(tokens)
        fields.append(rng.choice([b"Cookie: authgate_session=", b"Cookie: a=b; authgate_session=", b"Authorization: Bearer "]) + token)
    fields += [spelled(rng, line) for line in rng.sample(OTHERS_FIELDS, rng.choice([0, 1, 2, 3, 6]))]
    if rng.random() < 0.35:
        fields += rng.sample(HOP_FIELDS, rng.choice([1, 1, 2]))
    body, sent = b"", b""
    if method not in (b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"TRACE", b"CONNECT") or rng.random() < 0.08:
        body = some_body(rng)
        framing = rng.random()
        if framing < 0.5:
            fields.append(rng.choice([b"Content-Length: ", b"content-length:"]) + b"%d" % len(body))
            sent = body
        elif framing < 0.9:
            trailers = rng.choice([[]] * 14 + [[b"X-Sum: 1"]] * 4 + [[b"Content-Length: 3"], [b"bad trailer"]])
            fields.append(rng.choice([b"Transfer-Encoding: chunked", b"transfer-encoding: Chunked"]))
            sent = chunked(rng, body, trailers)
            if rng.random() < 0.08:
                sent = misshapen(rng, sent)
                case.tags.add("misshapen request body")
        elif framing < 0.94:
            fields.append(b"Content-Length: %d" % (len(body) + rng.randint(1, 5)))
            sent = body
        elif framing < 0.96:
            fields += [b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked"]
            sent = body
        elif framing < 0.98:
            fields += [b"Content-Length: %d" % len(body), b"Content-Length: %d" % (len(body) + rng.randint(0, 1))]
            sent = body
        if rng.random() < 0.12:
            fields.append(rng.choice([b"Expect: 100-continue", b"expect: 100-Continue"]))
            case.tags.add("expect")
    if rng.random() < 0.03:
        fields.append(rng.choice(BAD_FIELDS))
    if rng.random() < 0.03:
        fields += [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13"]
        case.tags.add("upgrade")
    if rng.random() < 0.01:
        fields += [b"X-Many-%d: x" % number for number in range(rng.choice([60, 110]))]
    if rng.random() < 0.4:
        rng.shuffle(fields)
    line_end = b"\n" if rng.random() < 0.005 else b"\r\n"
    head = method + b" " + path + b" " + version + line_end + b"".join(line + line_end for line in fields) + line_end
    if rng.random() < 0.03:
        head = misshapen(rng, head)
        case.tags.add("misshapen head")
    if rng.random() < 0.02:
        head = rng.choice([b"\r\n", b"\r\n\r\n", b"\n", b"\r\n" * 6]) + head
    case.methods.append(method)
    return head, sent


def response(rng, method, may_upgrade):
    """Bytes of what an upstream says to one request, and how it goes on."""
    out = b""
    if rng.random() < 0.1:
        for _ in range(rng.choice([1, 1, 1, 2, 5, 16, 17, 18])):
            out += rng.choice([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"])
    status = rng.choice(STATUSES)
    reason = rng.choice([b" OK", b" OK", b" Whatever You Say", b" ", b""])
    version = b"HTTP/1.0" if rng.random() < 0.08 else b"HTTP/1.1"
    fields = [spelled(rng, line) for line in rng.sample(RESPONSE_FIELDS, rng.choice([0, 1, 2, 4, 8]))]
    if rng.random() < 0.3:
        fields += rng.sample(RESPONSE_HOP_FIELDS, rng.choice([1, 1, 2]))
    body, end = some_body(rng), "keep"
    if may_upgrade and rng.random() < 0.6 or rng.random() < 0.01:
        status, reason = 101, b" Switching Protocols"
        fields += [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]
        end = rng.choice(["keep", "close", "close"])
        body = rng.choice([b"", b"\x81\x02hi", b"\x88\x02\x03\xe8", b"\x81\x05he"])
    has_body = method != b"HEAD" and status not in (101, 204, 304)
    framing = rng.random()
    sent = body if has_body or status == 101 or rng.random() < 0.04 else b""
    if status == 101:
        pass
    elif framing < 0.45:
        if status != 204 or rng.random() < 0.3:
            fields.append(rng.choice([b"Content-Length: ", b"content-length: "]) + b"%d" % len(body))
    elif framing < 0.78:
        fields.append(rng.choice([b"Transfer-Encoding: chunked", b"transfer-encoding: Chunked"]))
        if sent or has_body:
            sent = chunked(rng, body, rng.choice([[]] * 14 + [[b"X-Sum: 1"]] * 4 + [[b"Content-Length: 3"], [b"bad"]]))
            if rng.random() < 0.08:
                sent = misshapen(rng, sent)
    elif framing < 0.9:
        end = "close"
    elif framing < 0.92:
        fields += [b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked"]
        sent = chunked(rng, body)
    elif framing < 0.94:
        fields += [b"Content-Length: %d" % len(body), b"Content-Length: %d" % (len(body) + rng.randint(0, 1))]
    elif framing < 0.96:
        fields.append(rng.choice([b"Content-Length: x", b"Content-Length: +1", b"Content-Length:", b"Content-Length: 1, 1", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity",
                                  b"Content-Length: 99999999999999999999"]))
        end = "close"
    elif framing < 0.98:
        fields.append(b"Content-Length: %d" % (len(body) + rng.randint(1, 4)))
        end = rng.choice(["close", "close", "reset"])
    else:
        fields.append(b"Content-Length: %d" % max(0, len(body) - rng.randint(1, 4)))
    if rng.random() < 0.03:
        fields.append(rng.choice(BAD_RESPONSE_FIELDS))
    if rng.random() < 0.01:
        fields += [b"X-Many-%d: x" % number for number in range(rng.choice([90, 200, 270]))]
    rng.shuffle(fields)
    line_end = b"\n" if rng.random() < 0.02 else b"\r\n"
    head = version + b" %d" % status + reason + line_end + b"".join(line + line_end for line in fields) + line_end
    if rng.random() < 0.03:
        head = misshapen(rng, head)
    out += head + sent
    if rng.random() < 0.02:
        out = rng.choice([b"", b"garbage\r\n\r\n", b"\r\n", b"HTTP/2 200\r\n\r\n", b"\x16\x03\x01\x02\x00", b"HTTP/1.1 099 X\r\n\r\n"])
        end = "close" if not out else end
    elif rng.random() < 0.08:
        out = out[: rng.randrange(len(out) + 1)]
        end = rng.choice(["close", "close", "reset"])
    elif rng.random() < 0.03:
        out += rng.choice([b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"\r\n"])
    if end == "keep" and rng.random() < 0.1:
        end = rng.choice(["close", "close", "reset"])
    return Answer(pieces(rng, out), rng.random() < 0.8, end)


def case(seed, number, tokens):
    """The case of this number; always the same for a seed."""
    rng = random.Random(f"{seed}/{number}")
    made = Case(number)
    count = rng.choice([1, 1, 1, 2, 2, 3])
    pipelined = rng.random() < 0.4
    parts = []
    for position in range(count):
        made_before = len(made.methods)
        head, body = request(rng, made, position, tokens)
        is_waiting = b"100-" in head and rng.random() < 0.5
        parts += [(head, is_waiting or rng.random() < 0.05), (body, False if position + 1 == count else not pipelined)]
        made.answers.append(response(rng, made.methods[made_before], b"Upgrade: websocket" in head))
    if "upgrade" in made.tags:
        parts += [(b"", True), (rng.choice([b"", b"\x81\x82\x00\x00\x00\x00hi", b"\x88\x80\0\0\0\0"]), False)]
    # For requests that are sent once more, and for those that only the gateway sees.
    made.answers += [response(rng, b"GET", False) for _ in range(2)]
    data = b""
    for part, is_waiting in parts:
        data += part
        if is_waiting:
            made.steps += [("send", pieces(rng, data)), ("quiet",)]
            data = b""
    end = rng.random()
    if end < 0.06 and data:
        data = data[: rng.randrange(len(data) + 1)]
    if data:
        made.steps.append(("send", pieces(rng, data)))
    if 0.06 <= end < 0.16:
        made.steps.append(("finish",))
    elif end < 0.06:
        how = rng.choice(["close", "finish", "reset", "quiet"])
        # A reset takes with it what was not read yet, so nothing may be under way.
        made.steps += [("quiet",), ("reset",)] if how == "reset" else [(how,)]
    return made
