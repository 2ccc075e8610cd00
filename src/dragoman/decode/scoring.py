"""How well the sides of a pair translate each other, in the eyes of a model that knows both directions.

Dual conditional cross-entropy (Junczys-Dowmunt 2018, "Dual Conditional Cross-Entropy Filtering of Noisy Parallel
Corpora", equation 1), with H(y|x) the cross-entropy of y given x in nats a token, </s> counted:

    score(x, y) = |H(y|x) - H(x|y)| + (H(y|x) + H(x|y)) / 2                 0 is best

The mean says how likely the sides are given each other, the difference whether they hold the same: a target that
says more than its source is unlikely in one direction only. H is taken with the true prefixes (teacher forcing),
unsampled, without label smoothing, in fp32.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from dragoman.batches.examples import Example
from dragoman.batches.stream import collate, group
from dragoman.bundle import Bundle, load_bundle
from dragoman.decode.translator import n_cores
from dragoman.errors import RecipeError
from dragoman.model.transformer import EncoderDecoder
from dragoman.tokenizer import EOS_ID

BATCH_TOKENS = 8192  # source and target tokens of a batch, padding included
CHUNK_ROWS = 512  # target tokens whose logits exist at a time: 60 MB with a vocabulary of 30k


class PairScorer:
    """Scores (source, target) pairs of two languages. The score of a pair does not depend on the others."""

    def __init__(self, bundle: Bundle, languages: tuple[str, str], device: str = "cpu") -> None:
        """Raises `RecipeError` where the model has not learned both directions."""
        for direction in (languages, languages[::-1]):
            if direction not in bundle.directions:
                raise RecipeError(
                    f"the model does not translate from {direction[0]} to {direction[1]}",
                    where="pairs.score_model",
                    do="name one that knows both directions",
                )
        self.tokenizer, self.languages = bundle.tokenizer, languages
        self.model = bundle.model.to(device).eval()

    @classmethod
    def load(cls, folder: Path, languages: tuple[str, str]) -> PairScorer:
        """The scorer of a model's folder, on the best device there is. Raises `BundleError` for a damaged folder."""
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(load_bundle(folder, device), languages, device)

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """The score of each pair; lower is better."""
        src = self.tokenizer.encode_batch([pair[0] for pair in pairs])
        tgt = self.tokenizer.encode_batch([pair[1] for pair in pairs])
        there = cross_entropies(self.model, self._examples(src, tgt, self.languages[1]))
        back = cross_entropies(self.model, self._examples(tgt, src, self.languages[0]))
        return [dual(*both) for both in zip(there, back, strict=True)]

    def _examples(self, src: Sequence[list[int]], tgt: Sequence[list[int]], language: str) -> list[Example]:
        tag = self.tokenizer.tag(language)
        return [Example([tag, *s, EOS_ID], [*t, EOS_ID]) for s, t in zip(src, tgt, strict=True)]


def dual(there: float, back: float) -> float:
    """The score of a pair from its two cross-entropies: dual(2, 2) = 2, dual(1, 3) = 4."""
    return abs(there - back) + (there + back) / 2


def cross_entropies(model: EncoderDecoder, examples: Sequence[Example], budget: int = BATCH_TOKENS) -> list[float]:
    """H(target | source) of each example, in nats a target token; at most `budget` padded tokens in a batch."""
    groups = group(examples, budget)
    found = [0.0] * len(examples)

    def work(indices: Sequence[int]) -> list[float]:
        return _batch(model, [examples[i] for i in indices])

    with _threads(model.embedding.weight.device) as pool:
        for indices, values in zip(groups, pool.map(work, groups), strict=True):
            for i, value in zip(indices, values, strict=True):
                found[i] = value
    return found


@torch.inference_mode()
def _batch(model: EncoderDecoder, examples: Sequence[Example]) -> list[float]:
    batch = collate(examples).to(model.embedding.weight.device)
    hidden = model(batch.src, batch.src_keep, batch.tgt_in)[batch.tgt_keep]  # (N, D)
    lengths = batch.tgt_keep.sum(1)  # (B,)
    rows = torch.repeat_interleave(lengths)  # (N,): which example a token belongs to
    losses = _losses(model, hidden, batch.gold).double()
    sums = torch.zeros(len(examples), dtype=torch.float64, device=losses.device).index_add_(0, rows, losses)
    values: list[float] = (sums / lengths).tolist()
    return values


def _losses(model: EncoderDecoder, hidden: Tensor, gold: Tensor) -> Tensor:
    """-log p of each gold token: hidden (N, D), gold (N,) -> (N,)."""
    chunks = zip(torch.split(hidden, CHUNK_ROWS), torch.split(gold, CHUNK_ROWS), strict=True)
    return torch.cat([F.cross_entropy(model.logits(h).float(), g, reduction="none") for h, g in chunks])


@contextlib.contextmanager
def _threads(device: torch.device) -> Iterator[ThreadPoolExecutor]:
    """Threads that compute a batch each, on one core each: no sum depends on how many cores there are."""
    before = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)
    try:
        n_threads = n_cores() if device.type == "cpu" else 1
        with ThreadPoolExecutor(n_threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield pool
    finally:
        torch.set_num_threads(before)
