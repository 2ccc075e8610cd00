"""The teacher `model`: a translation model on this machine, which needs no key and no network.

The model itself comes in from above, as a callable (text in, text out); requests that arrive while it works are
translated together, which is what makes a model on a machine fast.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Prices, Reply, Request, answer_text, estimated_tokens
from dragoman.synth.teachers import Translate

Waiting = tuple[Request, asyncio.Future[list[str]]]


class ModelTeacher:
    """A `Teacher` that is free of charge. Prompts mean nothing to it: it sees the passages alone."""

    name = "model"
    prices: Prices | None = Prices(0.0, 0.0)
    batch = False

    def __init__(self, settings: TeacherSettings, translate: Translate) -> None:
        self.model = settings.model or ""
        self._translate = translate
        self._thread = ThreadPoolExecutor(1, "teacher")
        self._waiting: list[Waiting] = []
        self._work: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Nothing to do: the model is loaded already."""

    async def ask(self, request: Request) -> Reply:
        """Translate its passages. A fault of the model is raised as it is."""
        future: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._batches())
        translations = await future
        words = sum(estimated_tokens(passage.text) for passage in request.payload.passages)
        return Reply(answer_text(translations), words, sum(map(estimated_tokens, translations)), model=self.model)

    async def _batches(self) -> None:
        await asyncio.sleep(0)  # let those that start together come together
        while self._waiting:
            together, self._waiting = self._waiting, []
            try:
                done = await asyncio.get_running_loop().run_in_executor(self._thread, self._translated, together)
            except Exception as error:
                for _, future in together:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), translations in zip(together, done, strict=True):
                    if not future.done():
                        future.set_result(translations)

    def _translated(self, together: list[Waiting]) -> list[list[str]]:
        """Translations of each request's passages; one call for each direction."""
        passages = [passage for request, _ in together for passage in request.payload.passages]
        texts: dict[str, str] = {}
        for src, tgt in dict.fromkeys((passage.src, passage.tgt) for passage in passages):
            wanted = list({p.id: p for p in passages if (p.src, p.tgt) == (src, tgt)}.values())
            found = self._translate([passage.text for passage in wanted], src, tgt)
            texts.update((passage.id, text) for passage, text in zip(wanted, found, strict=True))
        return [[texts[passage.id] for passage in request.payload.passages] for request, _ in together]

    async def close(self) -> None:
        """End the thread, when it is done with what it has begun."""
        self._thread.shutdown()
