"""Text in, text out: the door other rooms use.

    lines -> pieces (segmentation) -> ids with tag and </s> -> batches by length -> search -> text -> lines

As many lines come out as went in, in their order; blank ones as they were. What ran into its length limit or into a
repetition loop is decoded a second time with repeated trigrams forbidden, and counted.
"""

from __future__ import annotations

import contextlib
import copy
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch

from dragoman.bundle import Bundle, load_bundle
from dragoman.decode.options import DecodeOptions
from dragoman.decode.repetition import is_loop
from dragoman.decode.rules import Hypothesis, Rules, make_rules
from dragoman.decode.search import decode
from dragoman.decode.segmentation import Pieces, split_line
from dragoman.errors import DragomanError
from dragoman.model.precision import compute_dtype
from dragoman.model.transformer import EncoderDecoder
from dragoman.tokenizer import EOS_ID

NO_REPEAT = 3
"""Length of the n-grams a second decoding may not say twice."""


@dataclass(frozen=True)
class Report:
    """What happened to the lines of one call that a person may want to know."""

    split: int
    """Lines translated in several pieces, because they were longer than the model's limit or held line breaks."""
    retried: int
    """Pieces decoded a second time, because the first was cut off at its limit, ran into a loop or was blank."""
    unfinished: tuple[int, ...]
    """Lines (from 0) of which that is still true of a piece."""

    def warnings(self, first_line: int = 1) -> list[str]:
        """For a person, one line each; `first_line` is what the first line of the call is called outside."""
        words = []
        if self.unfinished:
            some = ", ".join(str(line + first_line) for line in self.unfinished[:5])
            some += ", ..." if len(self.unfinished) > 5 else ""
            words.append(f"{len(self.unfinished)} lines may be incomplete or repeat themselves (line {some})")
        return words


@dataclass(frozen=True)
class Translations:
    """The lines, and what happened."""

    lines: list[str]
    report: Report


@dataclass(frozen=True)
class _Piece:
    """One thing to decode: its number in the call (also its random stream), its line, its source ids."""

    number: int
    line: int
    source: list[int]


class Translator:
    """A model ready to translate. Safe to call again and again; not from two threads at once."""

    def __init__(self, bundle: Bundle, device: str = "cpu") -> None:
        self.bundle, self.device = bundle, torch.device(device)
        self.tokenizer = bundle.tokenizer
        self._models = {torch.float32: bundle.model.to(self.device)}

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> Translator:
        """A translator from a model's folder. Raises `BundleError` for a folder that is missing a part or damaged."""
        return cls(load_bundle(folder, device), device)

    def translate(
        self,
        lines: Sequence[str],
        src: str,
        tgt: str,
        options: DecodeOptions | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> list[str]:
        """The translations of `lines` from language `src` to `tgt`, one a line; `progress` is told how many lines more
        are done. Raises `DragomanError` for a direction the model has not learned."""
        return self.translate_with_report(lines, src, tgt, options, progress).lines

    def translate_with_report(
        self,
        lines: Sequence[str],
        src: str,
        tgt: str,
        options: DecodeOptions | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Translations:
        """`translate`, and what happened on the way."""
        options, advance = options or DecodeOptions(), progress or (lambda lines: None)
        self._check_direction(src, tgt)
        split = self._split(lines, src, options)
        pieces = self._encode(split, tgt)
        waiting = [len(line.texts) for line in split]
        advance(waiting.count(0))

        def done(piece: _Piece) -> None:
            waiting[piece.line] -= 1
            if not waiting[piece.line]:
                advance(1)

        rules = make_rules(self.tokenizer, self.device, options.length_penalty)
        found = self._decode(pieces, options, rules, done)
        retried = self._retry(pieces, found, options, rules) if options.retry else []
        texts = iter(self.tokenizer.decode_batch([found[piece.number].ids for piece in pieces]))
        out = [line.join([next(texts).strip() for _ in line.texts]) for line in split]
        unfinished = sorted({piece.line for piece in pieces if self._failed(piece, found[piece.number])})
        return Translations(out, Report(sum(len(line.texts) > 1 for line in split), len(retried), tuple(unfinished)))

    def _check_direction(self, src: str, tgt: str) -> None:
        if (src, tgt) not in self.bundle.directions:
            known = ", ".join(f"{a} to {b}" for a, b in self.bundle.directions)
            raise DragomanError(f"this model does not translate from {src} to {tgt}", do=f"it has learned {known}")

    def _split(self, lines: Sequence[str], src: str, options: DecodeOptions) -> list[Pieces]:
        limit = options.max_source_tokens - 2  # the tag and </s>
        known = dict(zip(lines, map(len, self.tokenizer.encode_batch(lines)), strict=True))

        def count(text: str) -> int:
            return known[text] if text in known else len(self.tokenizer.encode(text))

        return [split_line(line, count, limit, src, sentences=options.split_sentences) for line in lines]

    def _encode(self, split: Sequence[Pieces], tgt: str) -> list[_Piece]:
        texts = [(number, text) for number, line in enumerate(split) for text in line.texts]
        ids = self.tokenizer.encode_batch([text for _, text in texts])
        tag = self.tokenizer.tag(tgt)
        return [
            _Piece(number, line, [tag, *tokens, EOS_ID])
            for number, ((line, _), tokens) in enumerate(zip(texts, ids, strict=True))
        ]

    def _decode(
        self, pieces: Sequence[_Piece], options: DecodeOptions, rules: Rules, done: Callable[[_Piece], None]
    ) -> dict[int, Hypothesis]:
        """The best hypothesis of each piece, by its number."""
        model = self._model(compute_dtype(self.device, options.precision))
        batches = plan_batches(pieces, options)

        def work(batch: list[_Piece]) -> list[Hypothesis]:
            return decode(model, [piece.source for piece in batch], [piece.number for piece in batch], options, rules)

        found: dict[int, Hypothesis] = {}
        with _evaluating(model), _workers(self._n_workers(options, len(batches))) as run:
            for batch, hypotheses in zip(batches, run(work, batches), strict=True):
                for piece, hypothesis in zip(batch, hypotheses, strict=True):
                    found[piece.number] = hypothesis
                    done(piece)
        return found

    def _retry(
        self, pieces: Sequence[_Piece], found: dict[int, Hypothesis], options: DecodeOptions, rules: Rules
    ) -> list[_Piece]:
        """Decode again, in place, what failed; a second failure is kept only where it at least ends."""
        failed = [piece for piece in pieces if self._failed(piece, found[piece.number])]
        if not failed:
            return []
        second = self._decode(failed, options, rules.without_repeats(NO_REPEAT), lambda piece: None)
        for piece in failed:
            again = second[piece.number]
            if again.complete or not found[piece.number].complete:
                found[piece.number] = again
        return failed

    def _failed(self, piece: _Piece, hypothesis: Hypothesis) -> bool:
        """Whether this is not to be trusted: cut off at its limit, a repetition loop, or nothing at all."""
        blank = not self.tokenizer.decode(hypothesis.ids).strip()
        return not hypothesis.complete or blank or is_loop(hypothesis.ids, piece.source)

    def _model(self, dtype: torch.dtype) -> EncoderDecoder:
        if dtype not in self._models:
            # A converted copy instead of autocast: no weight is converted again at every step.
            self._models[dtype] = copy.deepcopy(self.bundle.model).to(dtype)
        return self._models[dtype]

    def _n_workers(self, options: DecodeOptions, n_batches: int) -> int:
        if self.device.type != "cpu":
            return 1
        return max(1, min(options.threads or n_cores(), n_batches))


def plan_batches(pieces: Sequence[_Piece], options: DecodeOptions) -> list[list[_Piece]]:
    """Pieces of like length together, longest first, each batch within `batch_tokens`; one too long for it is alone.

    Longest first, so that a lack of memory shows at once and threads end at about the same time.
    """
    batches: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -len(piece.source)):
        # The first piece of a batch is its longest, so it tells how wide the rows are.
        if batches and len(batches[-1][0].source) * (len(batches[-1]) + 1) * options.width <= options.batch_tokens:
            batches[-1].append(piece)
        else:
            batches.append([piece])
    return batches


def n_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _evaluating(model: EncoderDecoder) -> Iterator[None]:
    """Dropout off, for a model that may be in the middle of its training."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


Work = Callable[[list[_Piece]], list[Hypothesis]]


@contextlib.contextmanager
def _workers(n: int) -> Iterator[Callable[[Work, list[list[_Piece]]], Iterator[list[Hypothesis]]]]:
    """A `map` over batches, in order, on `n` threads. With several, each computes on one core: threads inside
    an operation and threads around it would wait for each other."""
    if n == 1:
        yield map
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with ThreadPoolExecutor(n, initializer=lambda: torch.set_num_threads(1)) as pool:
            try:
                yield pool.map
            except BaseException:  # also an interrupt: what has not begun need not be waited for
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        torch.set_num_threads(before)
