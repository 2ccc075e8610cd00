"""Batched greedy search, beam search and sampling over the KV cache: what `reference.py` gives, fast.

B sentences of W hypotheses each. The encoder and the keys and values of cross-attention are computed once
for a sentence; a step costs one token a hypothesis; sentences that are finished leave the batch.

    start(...)                 encode, prepare the cache
    model.step(last, cache)    read one token of every hypothesis, score the next
    next_log_probs(...)        the same rules as in reference.py
    argmax | draw | best_continuations
    cache.select...            reorder hypotheses, drop sentences
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dragoman.decode.options import DecodeOptions, Sampling
from dragoman.decode.rules import FORBIDDEN, Hypothesis, Rules, next_log_probs, no_gain, ranked, score
from dragoman.decode.sampling import draw, uniforms
from dragoman.model.cache import Cache
from dragoman.model.transformer import EncoderDecoder

Sources = Sequence[Sequence[int]]
"""Token ids of each sentence, with the tag in front and </s> behind."""
Choose = Callable[[Tensor, Tensor, int], Tensor]
"""log_probs (B, V), numbers of the sentences still alive (B,), step -> the next token of each (B,)."""


def decode(
    model: EncoderDecoder, sources: Sources, numbers: Sequence[int], options: DecodeOptions, rules: Rules
) -> list[Hypothesis]:
    """The best hypothesis for each of `sources`; `numbers` are their random streams."""
    limits = [options.limit(len(source)) for source in sources]
    if options.sampling:
        return sample(model, sources, numbers, limits, options.sampling, rules)
    if options.beam == 1:
        return greedy(model, sources, limits, rules)
    return [found[0] for found in beam(model, sources, options.beam, limits, rules)]


def start(model: EncoderDecoder, sources: Sources, width: int) -> Cache:
    """Encode the sources, padded on the right to the longest, and set up the cache."""
    longest = max(map(len, sources))
    pad = model.config.pad_id
    padded = torch.tensor([[*source, *[pad] * (longest - len(source))] for source in sources])
    lengths = torch.tensor([len(source) for source in sources])
    src_keep = torch.arange(longest) < lengths[:, None]  # (B, S)
    device = model.embedding.weight.device
    src, src_keep = padded.to(device), src_keep.to(device)
    return model.start_cache(model.encode(src, src_keep), src_keep, width)


# One hypothesis a sentence


@torch.inference_mode()
def greedy(model: EncoderDecoder, sources: Sources, limits: Sequence[int], rules: Rules) -> list[Hypothesis]:
    """The likeliest token every time, the lowest id of equals."""
    return _walk(model, sources, limits, rules, lambda log_probs, _rows, _step: log_probs.argmax(-1))


@torch.inference_mode()
def sample(
    model: EncoderDecoder,
    sources: Sources,
    numbers: Sequence[int],
    limits: Sequence[int],
    sampling: Sampling,
    rules: Rules,
) -> list[Hypothesis]:
    """A random token every time, from each sentence's own stream."""
    drawn = uniforms(sampling.seed, numbers, limits, model.embedding.weight.device)

    def choose(log_probs: Tensor, rows: Tensor, step: int) -> Tensor:
        return draw(log_probs, drawn[rows, step], sampling)

    return _walk(model, sources, limits, rules, choose)


def _walk(
    model: EncoderDecoder, sources: Sources, limits: Sequence[int], rules: Rules, choose: Choose
) -> list[Hypothesis]:
    """One hypothesis a sentence, one token a step, until </s> or the limit."""
    device = model.embedding.weight.device
    cache = start(model, sources, width=1)
    found: dict[int, Hypothesis] = {}
    rows, limit = torch.arange(len(sources), device=device), torch.tensor(limits, device=device)
    history = torch.empty(len(sources), 0, dtype=torch.long, device=device)
    total = torch.zeros(len(sources), dtype=torch.float64, device=device)
    last = torch.full_like(rows, rules.bos)
    for step in range(max(limits)):
        log_probs = next_log_probs(model.step(last, cache), history, rules)
        last = choose(log_probs, rows, step)
        total += log_probs.gather(1, last[:, None])[:, 0]
        history = torch.cat((history, last[:, None]), dim=1)
        over = (last == rules.eos) | (step + 1 >= limit)
        if over.any():
            found |= _closed(rows[over], history[over], total[over], rules)
            alive = (~over).nonzero()[:, 0]
            if len(alive) == 0:
                break
            rows, limit, history, total, last = (kept[alive] for kept in (rows, limit, history, total, last))
            cache.select_sentences(alive)
    return [found[row] for row in range(len(sources))]


def _closed(rows: Tensor, history: Tensor, total: Tensor, rules: Rules) -> dict[int, Hypothesis]:
    """Hypotheses that end now, by sentence: rows (n,), history (n, t), total (n,)."""
    triples = zip(rows.tolist(), history.tolist(), total.tolist(), strict=True)
    return {row: _hypothesis(ids, worth, rules) for row, ids, worth in triples}


def _hypothesis(ids: Sequence[int], total: float, rules: Rules) -> Hypothesis:
    complete = ids[-1] == rules.eos
    worth = score(total, len(ids), rules.length_penalty)
    return Hypothesis(tuple(ids[:-1] if complete else ids), total, worth, complete)


# W hypotheses a sentence


@dataclass
class _Beams:
    """The live hypotheses of B sentences, best first. A slot whose hypothesis has finished has total -inf."""

    rows: list[int]
    """Which sentence each of the B is, by its number in the call."""
    limit: list[int]
    total: Tensor
    """(B, W) float64 sums of log-probabilities."""
    history: Tensor
    """(B, W, t) tokens so far."""

    def keep(self, sentences: Sequence[int], index: Tensor) -> None:
        """Only these of the B; `index` is the same list as a tensor."""
        self.rows, self.limit = [self.rows[i] for i in sentences], [self.limit[i] for i in sentences]
        self.total, self.history = self.total[index], self.history[index]


@torch.inference_mode()
def beam(
    model: EncoderDecoder, sources: Sources, width: int, limits: Sequence[int], rules: Rules
) -> list[list[Hypothesis]]:
    """For each source its finished hypotheses, best first, at most `width`; when each search ends, `rules` says."""
    cache = start(model, sources, width)
    beams = _first_beams(len(sources), width, limits, model.embedding.weight.device)
    kept: list[list[Hypothesis]] = [[] for _ in sources]
    last = torch.full((len(sources) * width,), rules.bos, device=beams.total.device)
    for _ in range(max(limits)):
        logits = model.step(last, cache)
        log_probs = next_log_probs(logits, beams.history.flatten(0, 1), rules)
        parents = advance(beams, log_probs)
        _collect(beams, kept, width, rules)
        alive = _unfinished(beams, kept, width, rules)
        if not alive:
            break
        last = _reorder(beams, cache, parents, alive)
    return kept


def _first_beams(n: int, width: int, limits: Sequence[int], device: torch.device) -> _Beams:
    """W slots a sentence, of which only the first lives: W equal ones would find the same W times."""
    total = torch.full((n, width), FORBIDDEN, dtype=torch.float64, device=device)
    total[:, 0] = 0.0
    return _Beams(list(range(n)), list(limits), total, torch.empty(n, width, 0, dtype=torch.long, device=device))


def advance(beams: _Beams, log_probs: Tensor) -> Tensor:
    """Extend every hypothesis by its best tokens and keep the W best of a sentence; returns their parents (B, W).

    log_probs (B*W, V). No hypothesis can give more than W of the W best, so W candidates of each are enough.
    Worked numbers, W = 2, totals -1.0 and -1.5. The first continues with `a` at -0.2 or `b` at -1.0, the second
    with `c` at -0.1 or `a` at -2.0. Candidates: -1.2 -2.0 | -1.6 -3.5. The two best are flat positions 0 and 2; divided
    by W = 2 they have parents 0 and 1, so the new hypotheses are (0, `a`) and (1, `c`) at -1.2 and -1.6.
    """
    n, width = beams.total.shape
    values, tokens = best_tokens(log_probs, width)  # (B*W, k), k = W unless the vocabulary is smaller than that
    k = values.size(1)
    candidates = beams.total[:, :, None] + values.view(n, width, k)  # (B, W, k) float64
    # The sort is stable and candidates lie by parent, then by rank: of equals the earlier parent, the lower id.
    total, flat = candidates.flatten(1).sort(dim=1, descending=True, stable=True)
    beams.total, flat = total[:, :width], flat[:, :width]
    parents = flat // k
    chosen = tokens.view(n, width * k).gather(1, flat)  # (B, W)
    previous = beams.history.gather(1, parents[:, :, None].expand(-1, -1, beams.history.size(2)))
    beams.history = torch.cat((previous, chosen[:, :, None]), dim=2)
    return parents


def best_tokens(log_probs: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k best of each row, best first, the lower id of equals first: (N, V) -> values, ids (N, k).

    `topk` takes any of equals. Only where the last one taken equals the first one left can that choose a wrong set,
    and then a whole stable sort decides.
    """
    k = min(k, log_probs.size(1) - 1)
    values, ids = log_probs.topk(k + 1, dim=1)
    if bool((values[:, k] == values[:, k - 1]).any()):
        values, ids = log_probs.sort(dim=1, descending=True, stable=True)
        return values[:, :k].contiguous(), ids[:, :k].contiguous()
    ids, by_id = ids[:, :k].sort(dim=1)
    values, by_value = values[:, :k].gather(1, by_id).sort(dim=1, descending=True, stable=True)
    return values, ids.gather(1, by_value)


def _collect(beams: _Beams, kept: list[list[Hypothesis]], width: int, rules: Rules) -> None:
    """Move what ends in </s>, or has come to the limit with nothing finished, from the live to the kept."""
    ended = (beams.history[:, :, -1] == rules.eos) & (beams.total > FORBIDDEN)  # (B, W)
    for sentence, slot in ended.nonzero().tolist():
        done = _hypothesis(beams.history[sentence, slot].tolist(), float(beams.total[sentence, slot]), rules)
        row = beams.rows[sentence]
        kept[row] = ranked([*kept[row], done], width)
    beams.total = beams.total.masked_fill(ended, FORBIDDEN)


def _unfinished(beams: _Beams, kept: list[list[Hypothesis]], width: int, rules: Rules) -> list[int]:
    """Which of the B sentences go on. One that stops at its limit empty-handed is given its best live hypothesis."""
    length = beams.history.size(2)
    best, slots = (values.tolist() for values in beams.total.max(dim=1))
    alive = []
    for sentence, row in enumerate(beams.rows):
        found = kept[row]
        if best[sentence] == FORBIDDEN or no_gain(best[sentence], length, found, width, rules.length_penalty):
            continue
        if length < beams.limit[sentence]:
            alive.append(sentence)
        elif not found:
            kept[row] = [_hypothesis(beams.history[sentence, slots[sentence]].tolist(), best[sentence], rules)]
    return alive


def _reorder(beams: _Beams, cache: Cache, parents: Tensor, alive: list[int]) -> Tensor:
    """Drop finished sentences and put the cache in the order of the new hypotheses; returns their last tokens (B'*W,).

    Worked numbers, W = 2, sentences 0 and 1 with parents (0, 0) and (1, 0): hypotheses 0 and 1 both continue cache
    row 0, and 2 and 3 continue rows 3 and 2, that is sentence * W + parent. If only sentence 1 lives, 3 and 2 stay.
    """
    width = parents.size(1)
    everyone = len(alive) == len(beams.rows)
    index = torch.tensor(alive, device=parents.device)
    rows = index[:, None] * width + (parents if everyone else parents[index])
    cache.select(rows.flatten())
    if not everyone:
        beams.keep(alive, index)
        cache.select_sources(index)
    return beams.history[:, :, -1].flatten()
