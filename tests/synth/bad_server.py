"""What the local servers have in common: HTTP at little cost, right answers, and bad days at set rates.

    Faults.spread(0.3, seed=1)      three requests of ten meet a fault, each of the fourteen kinds equally often

Which fault a request meets is a hash of the seed, its payload and, for faults of the way, of how often it came before:
the same run meets the same faults, in whatever order it asks. What a model says (`SAID`) depends on the payload alone,
so an answer is the same whenever it is given; but `swapped` gives the answer to the question before it.
One asyncio loop in a thread; HTTP is read by hand, so an answer costs about 0.1 ms.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

WAY = ("limited", "limited_bare", "broken", "hangs", "cut", "garbled", "slow")
"""429 with and without Retry-After, 500, no answer at all, half an answer, an answer that is no JSON, a late one."""
SAID = ("half_json", "prose", "other_language", "empty", "swapped", "filtered", "truncated")
"""Whole answers that are not what was asked for."""
FRENCH = "Le chat noir dort depuis ce matin sur le vieux canapé du salon, et personne ne veut le réveiller."
Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""


def share(*parts: object) -> float:
    """A hash of `parts` in [0, 1)."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=7).digest()) / 2**56


@dataclass(frozen=True)
class Faults:
    """How often each fault strikes, as a share of requests."""

    rates: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    retry_after: str = "0"
    """The header of `limited`."""
    slow_s: float = 0.1

    @classmethod
    def spread(cls, total: float, seed: int = 0, kinds: tuple[str, ...] = WAY + SAID, **more: Any) -> Faults:
        """All kinds equally often, `total` of the requests together."""
        way, said = [kind for kind in kinds if kind in WAY], [kind for kind in kinds if kind in SAID]
        of_said = total * len(said) / len(kinds)
        of_way = (total - of_said) / (1 - of_said)  # of which some strike requests that would meet the other kind too
        rates = {kind: of_way / len(way) for kind in way} | {kind: of_said / len(said) for kind in said}
        return cls(rates, seed, **more)

    def draw(self, kinds: tuple[str, ...], *of: object) -> str | None:
        """The fault among `kinds` that what is identified by `of` meets."""
        place = share(self.seed, kinds[0], *of)
        for kind in kinds:
            place -= self.rates.get(kind, 0.0)
            if place < 0:
                return kind
        return None


class BadServer:
    """Serves until the `with` block ends. `delay`: seconds that every answer takes."""

    def __init__(self, translate: Callable[[str], str], faults: Faults | None, delay: float) -> None:
        self.translate, self.faults, self.delay = translate, faults or Faults(), delay
        self.came: Counter[tuple[str, str, str]] = Counter()
        """(method, path, digest): what came how often, of which `asked` are the questions to translate."""
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.seen: list[tuple[str, str]] = []
        """(method, path) of every request that is no question to a model."""
        self.headers: dict[str, str] = {}
        """Of the last request."""
        self.on_asked: Callable[[int], None] = lambda count: None
        """Called in the server's thread with the number of questions so far."""
        self.drip_s = 0.0
        """Above 0: answers trickle in, twenty pieces so many seconds apart."""
        self.connections: set[asyncio.Transport] = set()
        self._before: tuple[Sequence[int], Sequence[str]] = (), ()

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self.listen(), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def listen(self, port: int = 0) -> asyncio.Server:
        server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        return server

    async def _stop(self) -> None:
        self._server.close()
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[Answer, str | None]:
        """The answer to a request, and the fault of the way that it meets."""
        raise NotImplementedError

    def say(self, passages: Sequence[tuple[int, str]], digest: str) -> tuple[str, str]:
        """What the model says to (number, text) of these passages, and why it stops."""
        fault = self.faults.draw(SAID, digest) if passages else None
        if fault is not None:
            self.met[fault] += 1
        numbers: Sequence[int] = [number for number, _ in passages]
        texts: Sequence[str] = [self.translate(text) for _, text in passages]
        if fault == "swapped" and self._before[0]:
            numbers, texts = self._before
        elif fault == "other_language":
            texts = [" ".join([FRENCH] * (len(text) // len(FRENCH) or 1)) for text in texts]
        elif fault == "empty":
            texts = [""] * len(texts)
        else:
            self._before = numbers, texts
        rows = [{"id": number, "text": text} for number, text in zip(numbers, texts, strict=True)]
        content = json.dumps({"translations": rows}, ensure_ascii=False)
        if fault in ("half_json", "truncated"):
            return content[: len(content) // 2], "length" if fault == "truncated" else "stop"
        if fault == "filtered":
            return "", "content_filter"
        return ("I'm sorry, but I can't help with that." if fault == "prose" else content), "stop"


class _Connection(asyncio.Protocol):
    """One connection, a request at a time."""

    def __init__(self, server: BadServer) -> None:
        self.server, self.buffer = server, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connections.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.server.connections.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        method, path, _ = first.split(" ")
        (status, more, body), fault = self.server.answer(method, path, headers, rest[:length])
        if fault == "hangs":
            return
        names = {"Content-Type": "application/json", **more, "Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in names.items()), "", ""]
        sent = "\r\n".join(lines).encode() + body
        if fault == "cut":
            sent = sent[: len(sent) - len(body) // 2 - 1]
        late = self.server.delay + (self.server.faults.slow_s if fault == "slow" else 0.0)
        if late:
            asyncio.get_running_loop().call_later(late, self.send, sent, fault == "cut")
        else:
            self.send(sent, fault == "cut")

    def send(self, sent: bytes, cut: bool) -> None:
        if self.server.drip_s:
            piece = len(sent) // 20 + 1
            for number, start in enumerate(range(0, len(sent), piece)):
                wait = number * self.server.drip_s
                asyncio.get_running_loop().call_later(wait, self.transport.write, sent[start : start + piece])
            return
        self.transport.write(sent)
        if cut:
            self.transport.close()


def passages_in(words: str) -> list[tuple[int, str]]:
    """(number, text) of the passages in the user's message: {"passages": [{"id", "text"}, ...]} in its last line, or
    that list alone. None in other questions."""
    try:
        said = json.loads(words.rpartition("\n")[2])
        return [(row["id"], row["text"]) for row in (said["passages"] if isinstance(said, dict) else said)]
    except (ValueError, KeyError, TypeError):
        return []
