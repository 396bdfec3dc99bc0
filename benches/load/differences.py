"""The differences between the former proxy and the loop that `differential` knows, and takes for right.

Each has a name, and says of one item, or of everything from one response on, whether it explains what differs there.
"""

import re

import observed

# `X-Twice` is one that the generator lets `Connection` name.
HOP_BY_HOP = ("keep-alive", "proxy-connection", "te", "trailer", "upgrade", "x-twice")


class Context:
    """A case with what both programs made of it."""

    def __init__(self, case, before, after):
        self.case, self.before, self.after = case, before, after
        self.requests = list(requests(case.sent()))
        self.cut = self.first_other_response()
        self.differing = {place[-1] for place, *_ in observed.differences(before, after)}
        self.has_finished = any(step[0] in ("finish", "close") for step in case.steps)
        self.malformed_at = next((number for number in range(3) if self.is_rejected_body(number)), None)
        self.is_malformed_body = self.malformed_at is not None

    def is_rejected_body(self, number):
        """Whether both reject the request, and the former under an id of its own."""
        ids = [b"".join(self.field(items, number, "x-request-id") or []) for items in (self.before, self.after)]
        statuses = [self.status(items, number) or 0 for items in (self.before, self.after)]
        return statuses[0] == 400 and 400 <= statuses[1] < 500 and b"III" in ids[0]

    def rejects_body(self):
        return bool({413, 400} & set(self.statuses_of(self.after)))

    def goes_on_after_last(self):
        request = self.request_of(len(self.statuses_of(self.after)) - 1)
        return request is not None and self.may_go_on(request)

    def has_malformed_answer(self):
        return any(not is_good_response(b"".join(answer.pieces)) for answer in self.case.answers)

    def statuses_of(self, items):
        return items.get(("client", "statuses"), [])

    def request_of(self, number):
        """The request that this response, interim ones counted, is of."""
        statuses = [status for status in self.statuses_of(self.after)[: number + 1] if status >= 200]
        return self.requests[len(statuses) - 1] if 0 < len(statuses) <= len(self.requests) else None

    def may_go_on(self, request):
        first, fields = request
        options = [option.strip().lower() for value in observed.values(fields, b"connection") for option in value.split(b",")]
        return b"close" not in options and (first.endswith(b"HTTP/1.1") or b"keep-alive" in options)

    def first_other_response(self):
        """The number of the first response whose status line differs, or that only one has."""
        number = 0
        while True:
            place = ("client", number, "first line")
            one, other = self.before.get(place), self.after.get(place)
            if one is None and other is None:
                return None
            # A gateway speaks its own version, whatever the upstream's is.
            if one is None or other is None or one[9:] != other[9:]:
                return number
            number += 1

    def status(self, items, number):
        line = items.get(("client", number, "first line"))
        return int(line[9:12]) if line else None

    def field(self, items, number, name):
        return items.get(("client", number, "field", name))

    def is_problem(self, items, number):
        """Whether a response is one of the gateway's own."""
        return b"urn:authgate:problem" in items.get(("client", number, "body"), b"")


def requests(sent):
    """First line and fields of each request in what a client sent, as far as they can be read."""
    sent = re.sub(rb"(\r\n[0-9A-Fa-f]{1,16});[^\r\n]*\r\n", rb"\1\r\n", sent.lstrip(b"\r\n"))
    at = 0
    try:
        while (read := observed.head(sent, at)) is not None:
            first, fields, at = read
            yield first, fields
            at = observed.body(sent, at, fields, True, True)[4]
    except (observed.Unreadable, ValueError):
        return


def is_good_response(data):
    """Whether the bytes are one response of which there is one way to read it, interim ones before it."""
    try:
        at = 0
        for _ in range(17):
            if not data.startswith(b"HTTP/1.", at) or (read := observed.head(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if b"\r\n\r\n" not in data else data, at)) is None:
                return False
            first, fields, at = read
            if any(not re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ ?", name) or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value) for name, value in fields):
                return False
            if not re.fullmatch(rb"HTTP/1\.[01] [1-9]\d\d( .*)?", first) or sum(len(name) + len(value) for name, value in fields) > 60_000 or len(fields) > 200:
                return False
            if not re.match(rb"HTTP/1\.[01] 1", first):
                break
        else:
            return False
        lengths, codings = observed.values(fields, b"content-length"), observed.values(fields, b"transfer-encoding")
        if len(lengths) + len(codings) > 1 or codings and (codings[0].lower() != b"chunked" or first.startswith(b"HTTP/1.0")):
            return False
        if lengths and not re.fullmatch(rb"\d{1,19}", lengths[0]):
            return False
        _, _, trailers, is_whole, end = observed.body(re.sub(rb"(\r\n[0-9A-Fa-f]+);[^\r\n]*", rb"\1", data), at, fields, False, True)
        return is_whole and not trailers
    except (observed.Unreadable, ValueError, IndexError):
        return False


def spelling(context, place, before, after):
    """Values are items of their own, and of one name in their order; in which order names stand means nothing."""
    if place[-1] != "spelling" or before is None or after is None:
        return False
    in_both = {name.lower() for name in before} & {name.lower() for name in after} - {b"date"}
    names = lambda spelled: sorted(name.lower() for name in spelled if name.lower() in in_both)
    return names(before) == names(after)


def hop_by_hop(context, place, before, after):
    return place[0] == "client" and place[2:3] == ("field",) and place[3] in HOP_BY_HOP and before is not None and after is None


def coding(context, place, before, after):
    if place[0] != "client" or place[2:] != ("field", "transfer-encoding") or before is None:
        return False
    if after is None:
        return context.after.get((*place[:2], "framing")) == context.before.get((*place[:2], "framing")) == "none"
    return [value.lower() for value in before] == after


def reason(context, place, before, after):
    return place[0] == "client" and place[2:] == ("first line",) and before is not None and after is not None and before[:13] == after[:13]


def keep_alive(context, place, before, after):
    return place[0] == "client" and place[2:] == ("field", "connection") and before == [b" keep-alive"] and after is None


def date(context, place, before, after):
    return place[0] == "client" and place[2:] == ("field", "date") and before == [b" NOW"] and after is not None and after != [b" NOW"]


def kept_upstream(context, place, before, after):
    if place[0] != "connection" or place[-1] == "was closed by it" or (before, after) not in (("ended", "open"), ("reset", "open")):
        return False
    if place[-1] == "end" and context.after.get((*place[:2], "end without client")) != "open":
        # The former ended it before its client left, as broken as the response was.
        return True
    if b"HEAD" in context.case.methods or "upgrade" in context.case.tags or context.has_finished:
        # It is kept behind a response without a body, whatever that says of one.
        return True
    return context.after.get(("connection", place[1], "was closed by it"))


def version(context, place, before, after):
    return place[0] == "client" and place[2:] == ("first line",) and before is not None and after is not None and before[9:] == after[9:] and after.startswith(b"HTTP/1.1 ")


def length_of_nothing(context, place, before, after):
    return place[0] == "client" and place[2:] == ("field", "content-length") and after is None and context.status(context.after, place[1]) == 204


def close(context, place, before, after):
    """The one that says `close` ends the connection, which `end` compares."""
    return place[0] == "client" and place[2:] == ("field", "connection") and b" close" in (before or after) and "end" in context.differing


def broken_off(context, place, before, after):
    """The response is broken off by both, and its client has the same bytes as far as they go."""
    if place[0] != "client" or place[2:] not in (("body",), ("trailers",)) or before is None or after is None:
        return False
    if place[2] == "trailers":
        return not before or not after
    is_whole = [items.get((*place[:2], "is whole")) and items.get((*place[:2], "framing")) != "close" for items in (context.before, context.after)]
    return not any(is_whole) and (before.startswith(after) or after.startswith(before))


def malformed_chunks(context, place, before, after):
    """A body whose framing breaks off is not passed on as whole."""
    return place[0] == "client" and place[2:] == ("is whole",) and before is True and after is False and context.has_malformed_answer()


def abandoned(context, place, before, after):
    """The connection to the upstream ended otherwise, behind a response that was broken off or that nobody waits for."""
    if place[0] != "connection":
        return False
    return {before, after} == {"ended", "reset"} or after != "open" and (context.has_malformed_answer() or context.has_finished or context.rejects_body())


def other_connections(context, place, before, after):
    """Requests share connections to the upstream otherwise, and each says the same."""
    return place == ("upstream", "connections") or place[0] == "connection" and "connections" in context.differing


def early(context, place, before, after):
    """One sent the upstream something of a request that is rejected for its body, and the other did not."""
    return context.rejects_body() and place[0] == "upstream" and (before is None or after is None or place[-1] in ("requests", "body", "is whole", "rest", "unreadable"))


def finished_early(context, place, before, after):
    """The upstream gets more or less of a request whose client finishes, or leaves, before the response."""
    return context.has_finished and place[0] in ("upstream", "log") and place[-1] != "field"


def not_wanted(context, place, before, after):
    """A response that does not wait for the request's body ends the request."""
    if place[-1] not in ("body", "is whole", "end", "end without client") or place[0] == "client":
        return False
    return not all(answer.waits_for_body for answer in context.case.answers) and any(
        place[0] == "upstream" and place[-1] == "is whole" and is_whole is False for place, is_whole in context.after.items()
    )


def said_to_end(context, place, before, after):
    """`close` counts wherever it stands among the fields `Connection`."""
    if place[0] == "connection":
        # Nor is one to the upstream kept.
        answers = b"".join(piece for answer in context.case.answers for piece in answer.pieces).lower()
        return (before, after) == ("open", "ended") and answers.count(b"\nconnection:") > 1
    if place[0] != "client" or place[2:] != ("field", "connection") or (before, after) != ([b" keep-alive"], [b" close"]):
        return False
    request = context.request_of(place[1])
    return request is not None and not context.may_go_on(request)


def reset_by_former(context, place, before, after):
    """The former reset connections with bytes behind a request, and the response lost its end."""
    if place == ("client", "end") and (before, after) == ("reset", "open"):
        return len(context.case.methods) > 1
    if place[0] != "client" or place[2:] not in (("body",), ("is whole",)) or len(context.case.methods) < 2:
        return False
    return (before, after) == (False, True) if place[2] == "is whole" else before is not None and after is not None and after.startswith(before)


def half_open_tunnel(context, place, before, after):
    """A client that has finished may still hear what the server has to say."""
    return place == ("client", "end") and after == "open" and context.has_finished and 101 in context.statuses_of(context.after)


def no_upgrade(context, place, before, after):
    """Behind a request for another protocol may lie bytes of that protocol."""
    return "upgrade" in context.case.tags and place[0] == "client" and (place[2:] == ("field", "connection") and after == [b" close"] or place == ("client", "end") and after == "ended")


def asked_twice(context, place, before, after):
    """The former sent a request once more that a kept connection's server had answered, if badly."""
    return context.has_malformed_answer() and place[0] == "upstream" and (after is None or place == ("upstream", "requests") and before[: len(after)] == after)


def stays_open(context, place, before, after):
    if "end" in context.differing and context.cut is None and context.goes_on_after_last() and (place[0] == "log" or place[0] == "upstream" and (before is None or place[-1] == "requests")):
        return True
    if place[0] != "client" or context.cut is not None or not context.goes_on_after_last():
        return False
    return place == ("client", "end") and before in ("ended", "reset") and after in ("open", "reset") or place[2:] == ("field", "connection") and before == [b" close"] and after in (None, [b" keep-alive"])


def malformed_body(context, place, before, after):
    """The former rejected a body that came with its head before there was a request: under an id of its own, without a line in the log."""
    if not context.is_malformed_body or place[0] == "connection" and place[-1] != "end" and after == "open":
        return False
    return place[0] != "client" or place[1] == context.malformed_at or place[1] in ("end", "rest", "unreadable")


def unnoticed_end(context, place, before, after):
    """Both say that they end the connection, and the former does so late."""
    if place != ("client", "end") or (before, after) not in (("open", "ended"), ("reset", "ended")):
        return False
    if context.has_malformed_answer():
        return True
    last = len(context.statuses_of(context.after)) - 1
    return context.field(context.after, last, "connection") == [b" close"]


ITEMS = {
    "field names keep the spelling in which they came, those that are added follow it; names stand in another order": spelling,
    "hop-by-hop fields of responses stop here": hop_by_hop,
    "`Transfer-Encoding` is written anew, and not on responses without a body": coding,
    "`Connection: keep-alive` is not said to clients of HTTP/1.1": keep_alive,
    "the upstream's own `Date` is kept": date,
    "the gateway speaks HTTP/1.1, whatever the upstream's version": version,
    "204 says no `Content-Length`": length_of_nothing,
    "a kept connection that the server has closed is closed when it is next needed, or after 4 s": kept_upstream,
    "of a response that the upstream breaks off, the client gets more, or less": broken_off,
    "a response whose chunks or trailers are malformed is broken off": malformed_chunks,
    "connections of broken responses end otherwise": abandoned,
    "a malformed body is rejected as its request: with its id and CORS fields, and a line in the log": malformed_body,
    "of a request whose body is rejected, more or less had been sent to the upstream": early,
    "of a request whose client finishes or leaves, more or less is sent to the upstream": finished_early,
    "the rest of a body that comes after its response is not sent": not_wanted,
    "other requests share a connection to the upstream": other_connections,
    "`close` ends the connection wherever it stands in `Connection`": said_to_end,
    "requests that come with the one before are read one by one": reset_by_former,
    "a tunnel whose client has finished waits for the server, 10 s at most": half_open_tunnel,
    "a refused upgrade ends the connection": no_upgrade,
    "what was answered, however badly, is not sent to the upstream again": asked_twice,
    "requests behind a body, or behind one that was rejected, are served": stays_open,
    "the connection ends with the response that says so, and without a reset": unnoticed_end,
}


def refused(context):
    """502 in place of a response that two clients could read differently, or that is none."""
    return context.status(context.after, context.cut) == 502 and context.has_malformed_answer()


def goes_on(context):
    """The former ended a connection, or forgot the bytes behind a body, that HTTP lets go on."""
    if context.status(context.before, context.cut) is not None:
        return False
    request = context.request_of(context.cut - 1)
    return request is not None and context.may_go_on(request) and context.field(context.after, context.cut - 1, "connection") != [b" close"]


def ends(context):
    """`close` counts wherever it stands among the fields `Connection`."""
    request = context.request_of(context.cut - 1)
    return context.status(context.after, context.cut) is None and request is not None and not context.may_go_on(request)


def broken(context):
    """A response that was broken off is the last one."""
    return context.after.get(("client", context.cut - 1, "is whole")) is False and context.has_malformed_answer()


def waits(context):
    """Whether a head is malformed is found out when it is complete, unless it is none of HTTP/1."""
    return context.status(context.before, context.cut) == 502 and context.status(context.after, context.cut) is None and context.has_malformed_answer()


def one_continue(context):
    """The first of several interim responses that ask for the body counts as one."""
    without = [[status for status in context.statuses_of(items) if status != 100] for items in (context.before, context.after)]
    return without[0] == without[1] and context.statuses_of(context.after).count(100) < context.statuses_of(context.before).count(100)


def reset_behind(context):
    """A reset takes with it what was not read of the response yet."""
    return any(answer.end == "reset" for answer in context.case.answers) and None in (context.status(context.before, context.cut), context.status(context.after, context.cut))


def upgrade_refused(context):
    return "upgrade" in context.case.tags and context.field(context.after, context.cut - 1, "connection") == [b" close"] and context.status(context.after, context.cut) is None


def finished(context):
    """A client that finishes sending is gone, whatever lies behind its request; unless its response is there already."""
    return context.has_finished and (context.status(context.after, context.cut) is None or context.status(context.before, context.cut) is None)


def pipelined(context):
    """The former took bytes behind a request for a part of its body."""
    return context.status(context.before, context.cut) == 400 and (context.is_problem(context.before, context.cut) or b"HEAD" in context.case.methods) and len(context.case.methods) > 1


def other_rejection(context):
    """The request has several reasons to be rejected, and the one or the other came first."""
    both = [items for items in (context.before, context.after) if 400 <= (context.status(items, context.cut) or 0) < 500]
    return len(both) == 2 and all(context.is_problem(items, context.cut) or b"HEAD" in context.case.methods for items in both)


FROM = {
    "502 for a response that is none, or that two clients could read differently": refused,
    "requests behind a body, or behind one that was rejected, are served": goes_on,
    "`close` ends the connection wherever it stands in `Connection`": ends,
    "a response whose chunks or trailers are malformed is broken off": broken,
    "a client that has finished is gone, unless its response is there": finished,
    "requests that come with the one before are read one by one": pipelined,
    "another of several reasons to reject a request": other_rejection,
    "one `100 Continue` for a request": one_continue,
    "a response's head is waited for to its end before it is found malformed": waits,
    "of a response whose connection is reset, the client gets more, or less": reset_behind,
    "a refused upgrade ends the connection": upgrade_refused,
}
NAMES = list(dict.fromkeys([*ITEMS, *FROM]))


def is_behind(place, cut, before, after):
    """Whether an item says something of a response from this number on, or of what followed."""
    if place[0] == "client":
        return not isinstance(place[1], int) or place[1] >= cut or place == ("client", cut - 1, "field", "connection")
    if place[0] == "upstream":
        return before is None or after is None or place[-1] in ("connections", "requests", "body", "is whole")
    return True


def explain(case, before, after):
    """The names of the known differences between two runs, and what is left."""
    context, names, rest = Context(case, before, after), set(), []
    found = list(observed.differences(before, after))
    cause = next((name for name, explains in FROM.items() if context.cut is not None and explains(context)), None)
    if cause:
        names.add(cause)
    for place, one, other in found:
        if cause and is_behind(place, context.cut, one, other):
            continue
        name = next((name for name, explains in ITEMS.items() if explains(context, place, one, other)), None)
        if name:
            names.add(name)
        else:
            rest.append((place, one, other))
    return names, rest
