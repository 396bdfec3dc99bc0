"""Takes apart what `differential` saw of a case, so that two runs can be held against each other item by item."""

import re
from datetime import datetime, timezone

TODAY = re.compile(rb"(?i)(\r\ndate: )[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} %d \d\d:\d\d:\d\d GMT" % datetime.now(timezone.utc).year)
REQUEST_ID = re.compile(rb"(?i)\r\nx-request-id: *([^\r\n]+)")
METHODS_WITHOUT_BODY = (b"HEAD",)


def normalised(data, replaced):
    """The bytes without what is rightly another in each run: dates of now, and the ids that a gateway made."""
    for value, name in replaced:
        data = data.replace(value, name)
    for made in set(REQUEST_ID.findall(data)):
        if not made.startswith(b"diff-") and made != b"theirs":
            data = data.replace(made, b"I" * len(made))
    return TODAY.sub(rb"\1NOW", data)


class Unreadable(Exception):
    pass


def head(data, at):
    """First line, fields and end of a head, None while it is incomplete."""
    end = data.find(b"\r\n\r\n", at)
    if end < 0:
        return None
    first, *lines = data[at:end].split(b"\r\n")
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or b"\n" in line or b"\r" in line:
            raise Unreadable(line[:100])
        fields.append((name, value))
    return first, fields, end + 4


def values(fields, name):
    return [value.strip() for own, value in fields if own.lower() == name]


def body(data, at, fields, is_request, has_body):
    """Framing, content, trailers, whether it is whole, and its end."""
    if not has_body:
        return "none", b"", b"", True, at
    if values(fields, b"transfer-encoding"):
        return chunked(data, at)
    if lengths := values(fields, b"content-length"):
        length = int(lengths[0])
        content = data[at : at + length]
        return "length", content, b"", len(content) == length, at + len(content)
    if is_request:
        return "none", b"", b"", True, at
    return "close", data[at:], b"", True, len(data)


def chunked(data, at):
    """A body in chunks, of the only form that a gateway has a reason to write."""
    content = []
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return "chunked", b"".join(content), b"", False, len(data)
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", data[at:end]):
            raise Unreadable(b"a chunk's size: " + data[at : end + 2][:50])
        size, at = int(data[at:end], 16), end + 2
        if not size:
            break
        content.append(data[at : at + size])
        if at + size + 2 > len(data):
            return "chunked", b"".join(content), b"", False, len(data)
        if data[at + size : at + size + 2] != b"\r\n":
            raise Unreadable(b"behind a chunk: " + data[at + size :][:50])
        at += size + 2
    end = at if data[at : at + 2] == b"\r\n" else data.find(b"\r\n\r\n", at) + 2
    if end < at or len(data) < end + 2:
        return "chunked", b"".join(content), data[at:], False, len(data)
    return "chunked", b"".join(content), data[at:end], True, end + 2


def message(where, first, fields, framed, items):
    """Adds the items of one message."""
    framing, content, trailers, is_whole, _ = framed
    items[(*where, "first line")] = first
    items[(*where, "spelling")] = [name for name, _ in fields]
    for name in {name.lower() for name, _ in fields}:
        items[(*where, "field", name.decode("latin-1"))] = [value for own, value in fields if own.lower() == name]
    items[(*where, "framing")] = framing
    items[(*where, "body")] = content
    items[(*where, "trailers")] = trailers
    items[(*where, "is whole")] = is_whole


def responses(data, methods):
    """Items of everything that a client received."""
    items, at, number, answered = {}, 0, 0, 0
    statuses = []
    try:
        while at < len(data):
            read = head(data, at)
            if read is None or not read[0].startswith(b"HTTP/1."):
                raise Unreadable(data[at : at + 100])
            first, fields, at = read
            status = int(first[9:12])
            method = methods[answered] if answered < len(methods) else b"GET"
            has_body = method not in METHODS_WITHOUT_BODY and status >= 200 and status not in (204, 304)
            framed = body(data, at, fields, False, has_body)
            at = framed[4]
            message(("client", number), first, fields, framed, items)
            number += 1
            answered += status >= 200
            statuses.append(status)
            if status == 101:
                items[("client", "tunnel")] = data[at:]
                break
    except (Unreadable, ValueError, IndexError) as error:
        items[("client", "unreadable")] = f"{error!r}"
        items[("client", "rest")] = data[at:]
    items[("client", "statuses")] = statuses
    return items


def requests(number, data):
    """Items of everything that an upstream received on one connection, whose first request has this number."""
    items, at = {}, 0
    lines = []
    try:
        while at < len(data):
            read = head(data, at)
            if read is None:
                raise Unreadable(data[at : at + 100])
            first, fields, at = read
            framed = body(data, at, fields, True, True)
            at = framed[4]
            message(("upstream", number), first, fields, framed, items)
            lines.append(first)
            number += 1
            if values(fields, b"upgrade"):
                items[("upstream", "tunnel")] = data[at:]
                break
    except (Unreadable, ValueError) as error:
        items[("upstream", "unreadable")] = f"{error!r}"
        items[("upstream", "rest")] = data[at:]
    return items, lines


def is_request_whole(data, at):
    """How far the request that begins at `at` is: none, `head` or `whole`; and where it ends."""
    try:
        read = head(data, at)
        if read is None:
            return None, at
        framed = body(data, read[2], read[1], True, True)
    except (Unreadable, ValueError):
        return "head", at
    return ("whole" if framed[3] else "head"), framed[4]


def differences(before, after):
    """Lists what differs: the place, what the one has there and what the other."""
    for place in sorted(before.keys() | after.keys(), key=str):
        one, other = before.get(place), after.get(place)
        if one != other:
            yield place, one, other
