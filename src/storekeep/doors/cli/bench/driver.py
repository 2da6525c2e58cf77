"""The load driver: a process of its own with keep-alive connections, nothing but asyncio and sockets.

Run by path, so that it imports nothing of the shop: `python driver.py SPEC`. The spec and the answer are JSON files'
worth of text: `{"host", "port", "connections", "requests": [text, …]}` with each request complete but for its
validators; the answer goes to standard output.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from typing import Any


class Plan:
    """What is still to be sent, and what came back."""

    def __init__(self, requests: list[bytes]) -> None:
        self.requests = requests
        self.next = 0
        self.answered = 0
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.etags: list[str] = [""] * len(requests)
        self.first_failure = ""
        self.lost = 0
        self.done = asyncio.get_running_loop().create_future()

    def take(self) -> int | None:
        if self.next == len(self.requests):
            return None
        self.next += 1
        return self.next - 1

    def answer(self, at: int, status: int, took_s: float, head: bytes, body: bytes) -> None:
        self.answered += 1
        self.statuses[status] += 1
        self.latencies.append(took_s)
        self.etags[at] = field(head, b"etag")
        if status >= 400 and not self.first_failure:
            self.first_failure = f"{status}: {body[:2000].decode('utf-8', 'replace')}"
        self._look()

    def lose(self) -> None:
        self.lost += 1
        self._look()

    def _look(self) -> None:
        if self.answered + self.lost == len(self.requests) and not self.done.done():
            self.done.set_result(None)


def field(head: bytes, name: bytes) -> str:
    """The value of a header, empty when it is missing."""
    start = head.lower().find(b"\r\n" + name + b":")
    if start < 0:
        return ""
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip().decode("latin-1")


class Connection(asyncio.Protocol):
    """One shopper after the other on one connection: the next request goes out when the answer is complete."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._buffer = b""
        self._at: int | None = None
        self._sent_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._at = self._plan.take()
        if self._at is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(self._plan.requests[self._at])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        status = int(head[9:12])
        length = 0 if status in (204, 304) else int(field(head, b"content-length") or 0)
        if len(self._buffer) < end + 4 + length:
            return
        body = self._buffer[end + 4 : end + 4 + length]
        self._buffer = self._buffer[end + 4 + length :]
        if self._at is not None:
            self._plan.answer(self._at, status, time.perf_counter() - self._sent_at, head, body)
        self._send()

    def connection_lost(self, reason: Exception | None) -> None:
        if self._at is not None:
            self._plan.lose()


async def run(spec: dict[str, Any]) -> dict[str, Any]:
    """Send everything, as quickly as the connections allow."""
    plan = Plan([text.encode() for text in spec["requests"]])
    loop = asyncio.get_running_loop()
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.perf_counter()
    for _ in range(min(spec["connections"], len(plan.requests))):
        await loop.create_connection(lambda: Connection(plan), spec["host"], spec["port"])
    await plan.done
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF)
    ranked = sorted(plan.latencies) or [0.0]
    return {
        "requests": len(plan.requests),
        "statuses": dict(plan.statuses),
        "lost": plan.lost,
        "wall_s": wall_s,
        "p50_ms": 1000 * ranked[len(ranked) // 2],
        "p95_ms": 1000 * ranked[len(ranked) * 95 // 100],
        "p99_ms": 1000 * ranked[len(ranked) * 99 // 100],
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "etags": plan.etags if spec.get("etags") else [],
        "first_failure": plan.first_failure,
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as given:
        asked = json.load(given)
    json.dump(asyncio.run(run(asked)), sys.stdout)
