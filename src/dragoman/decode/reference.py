"""Greedy and beam search without a cache, one sentence at a time: slow, obvious, and right by inspection.

Every step runs the whole model on the whole prefix again. `search.py` must give what this gives; it exists for the
tests, and for readers who want to know what decoding means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dragoman.decode.rules import FORBIDDEN, Hypothesis, Rules, next_log_probs, no_gain, ranked, score
from dragoman.model.transformer import EncoderDecoder


@dataclass(frozen=True)
class _Live:
    ids: tuple[int, ...]
    total: float


def _predict(model: EncoderDecoder, source: Sequence[int], prefix: Sequence[int], rules: Rules) -> Tensor:
    """Log-probabilities (V,) of the token after `prefix`."""
    device = model.embedding.weight.device
    src = torch.tensor([source], device=device)
    tgt_in = torch.tensor([[rules.bos, *prefix]], device=device)
    hidden = model.forward(src, torch.ones_like(src, dtype=torch.bool), tgt_in)
    history = torch.tensor([list(prefix)], dtype=torch.long, device=device)
    return next_log_probs(model.logits(hidden)[:, -1], history, rules)[0]


def _close(live: _Live, rules: Rules, complete: bool) -> Hypothesis:
    """A live hypothesis that has ended, in </s> (complete) or at the limit."""
    length = len(live.ids)
    ids = live.ids[:-1] if complete else live.ids
    return Hypothesis(ids, live.total, score(live.total, length, rules.length_penalty), complete)


@torch.inference_mode()
def greedy(model: EncoderDecoder, source: Sequence[int], limit: int, rules: Rules) -> Hypothesis:
    """Take the likeliest token, the lowest id of equals, until </s> or `limit` tokens."""
    live = _Live((), 0.0)
    for _ in range(limit):
        log_probs = _predict(model, source, live.ids, rules)
        token = int(log_probs.argmax())
        live = _Live((*live.ids, token), live.total + float(log_probs[token]))
        if token == rules.eos:
            return _close(live, rules, complete=True)
    return _close(live, rules, complete=False)


@torch.inference_mode()
def beam(model: EncoderDecoder, source: Sequence[int], width: int, limit: int, rules: Rules) -> list[Hypothesis]:
    """Beam search as `rules` defines it: the finished hypotheses, best first, at most `width` of them."""
    live, kept = [_Live((), 0.0)], list[Hypothesis]()
    for length in range(1, limit + 1):
        best = _extend(model, source, live, width, rules)
        kept = ranked([*kept, *(_close(one, rules, complete=True) for one in best if one.ids[-1] == rules.eos)], width)
        live = [one for one in best if one.ids[-1] != rules.eos]
        if not live or no_gain(live[0].total, length, kept, width, rules.length_penalty):
            return kept
    return kept or [_close(live[0], rules, complete=False)]


def _extend(model: EncoderDecoder, source: Sequence[int], live: list[_Live], width: int, rules: Rules) -> list[_Live]:
    """The `width` best continuations of all live hypotheses, best first; ties: earlier parent, then lower id."""
    candidates = []
    for parent, one in enumerate(live):
        for token, log_prob in enumerate(_predict(model, source, one.ids, rules).tolist()):
            if log_prob > FORBIDDEN:
                candidates.append((-(one.total + log_prob), parent, token))
    return [_Live((*live[parent].ids, token), -cost) for cost, parent, token in sorted(candidates)[:width]]
