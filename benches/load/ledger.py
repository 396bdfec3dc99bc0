"""The books of `soak`: every request that was begun, what became of it, and whether AuthGate's log and metrics say the same."""

import asyncio
import json
import re
import time
import urllib.request
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from http1 import Cut, Malformed

# A connection to an upstream server that was just ended may be used before its end is noticed.
NOTICE = 0.5
ANSWERED, CUT, WRONG = "answered", "cut by us", "wrong"
# Broken off by AuthGate, as it should: the upstream broke off, or AuthGate was stopped; and by the restart of an upstream server.
BROKEN, DISTURBED = "broken off", "upstream restarted"
# AuthGate asks these another time where a server broke down. It does not repeat an upgrade, which is a GET: visitors call it UPGRADE.
SAFE = ("GET", "HEAD")


class Unexpected(Exception):
    """An answer that is not what was asked for."""


@dataclass
class Request:
    gateway: str
    kind: str
    id: str
    method: str = "GET"
    began: float = field(default_factory=time.monotonic)
    status: int | None = None
    outcome: str = ""
    why: str = ""
    has_answer: bool = False
    # Lines of the access log that it has to have.
    lines: int = 1

    def expect(self, answer, status=200):
        """Notes an answer's head and holds it against what was expected."""
        self.has_answer, self.status = True, answer.status
        if answer.fields.get("x-request-id") != self.id:
            raise Unexpected(f"X-Request-Id is {answer.fields.get('x-request-id')}")
        if answer.status != status:
            raise Unexpected(f"{answer.status} in place of {status}: {answer.body[:200]}")
        return answer

    def expect_continue(self, answer):
        """Lets an answer pass that asks for the body; any other is one that was not expected."""
        if answer.status != 100:
            self.expect(answer, 100)

    def cut(self):
        """The load generator cut it off itself."""
        self.outcome = CUT


class Ledger:
    def __init__(self):
        self.requests = []
        self.restarts = []
        # The report lists here whatever else was not as it should be.
        self.notes = []

    @asynccontextmanager
    async def request(self, gateway, kind, method="GET", seconds=30):
        """A request for as long as the block lasts; failures are written down and go no further."""
        request = Request(gateway, kind, f"soak-{len(self.requests)}", method)
        self.requests.append(request)
        try:
            async with asyncio.timeout(seconds):
                yield request
            request.outcome = request.outcome or ANSWERED
        except TimeoutError:
            request.outcome, request.why = WRONG, f"not over after {seconds} s"
        except (Cut, Malformed, Unexpected, OSError) as error:
            request.why = f"{type(error).__name__}: {error}"
            request.outcome = DISTURBED if self.is_excused(request, error) else WRONG

    def is_excused(self, request, error):
        """Whether the restart of an upstream server explains it: safe requests are asked again where no answer had begun."""
        if not any(request.began - NOTICE <= restart for restart in self.restarts[-3:]):
            return False
        if isinstance(error, Cut):
            return request.has_answer
        return request.status == 502 and request.method not in SAFE

    def table(self):
        """Markdown: kinds of requests and what became of them."""
        outcomes = [ANSWERED, CUT, BROKEN, DISTURBED, WRONG]
        counts = Counter((request.kind, request.outcome) for request in self.requests)
        lines = [f"| requests | {' | '.join(outcomes)} |", "|---|---|---|---|---|---|"]
        for kind in sorted({request.kind for request in self.requests}):
            lines.append(f"| {kind} | {' | '.join(str(counts[kind, outcome]) for outcome in outcomes)} |")
        total = Counter(request.outcome for request in self.requests)
        lines.append(f"| all | {' | '.join(str(total[outcome]) for outcome in outcomes)} |")
        return "\n".join(lines)

    def wrong(self):
        """What went wrong, the most frequent first, with an example each."""
        found = {}
        for request in self.requests:
            if request.outcome == WRONG:
                what = re.sub(r"soak-\d+|\d{4,}", "…", f"{request.kind} ({request.gateway}): {request.why}")
                found.setdefault(what, []).append(request.id)
        return [f"{len(ids)} × {what}, such as {ids[0]}" for what, ids in sorted(found.items(), key=lambda one: -len(one[1]))]

    def expected(self, gateway):
        return sum(request.lines for request in self.requests if request.gateway == gateway)

    def held_against(self, gateway, log):
        """What the access log of a gateway says otherwise."""
        found, statuses, unknown = Counter(), {}, []
        for line in access_log(log):
            found[line["request.id"]] += 1
            statuses[line["request.id"]] = line["status"]
        wrong = {}
        for request in self.requests:
            if request.gateway != gateway:
                continue
            lines = found.pop(request.id, 0)
            if lines != request.lines:
                wrong.setdefault(f"{request.kind}: {lines} lines in place of {request.lines} ({request.outcome})", []).append(request.id)
            elif request.outcome == ANSWERED and request.lines and statuses[request.id] != request.status:
                what = f"{request.kind}: the log says {statuses[request.id]}, the client got {request.status}"
                wrong.setdefault(what, []).append(request.id)
        unknown = list(found)
        if unknown:
            wrong["lines of requests that nobody made"] = unknown
        return [f"{gateway}'s access log: {len(ids)} × {what}, such as {ids[0]}" for what, ids in wrong.items()]

    def seen_twice(self, record):
        """Requests with effects that came to upstream servers more than once."""
        seen = Counter(line for line in record.read_text().splitlines() if line.split()[1] not in SAFE)
        twice = [line for line, count in seen.items() if count > 1]
        return [f"{len(twice)} × a request with a body came to the upstream twice, such as {twice[0]}"] if twice else []


def access_log(log):
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if '"event":"request"' in line and line.endswith("\n"):
                yield json.loads(line)


def metrics(port):
    """Every metric without buckets, by its name with labels."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    return {name: float(value) for name, value in re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", text, re.M) if "_bucket" not in name}


def total(values, name):
    return sum(value for key, value in values.items() if key == name or key.startswith(name + "{"))


async def settled(look, seconds=20):
    """Waits until `look` finds nothing wrong, or for so many seconds, and returns what it found last."""
    end = time.monotonic() + seconds
    while (found := look()) and time.monotonic() < end:
        await asyncio.sleep(0.2)
    return found
