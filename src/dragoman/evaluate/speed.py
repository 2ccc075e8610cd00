"""What the cache of the decoder is worth: time a token with it and without, over output lengths.

Both sides run the same beam search, forced to exactly the given length (nobody may stop), on the same source, in
alternation, so that a busy moment of the machine hits both; the median of the repetitions counts. Without the cache
every step reads the whole prefix again, so its cost a token grows with the length; with it a step reads one token.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from dragoman.model.transformer import EncoderDecoder, n_parameters
from dragoman.runlog import RunLog

SOURCE_TOKENS = 32
FIRST_ID = 100  # beyond every special token of a real vocabulary
SEED = 1
REPETITIONS = 3
MOST_PLAIN_WORK = 2e6  # positions read by one uncached run beyond which it is not repeated

Search = Callable[[EncoderDecoder, Tensor, Tensor, int, int], Tensor]


def kv_cache(
    model: EncoderDecoder,
    lengths: Sequence[int] = (8, 16, 32, 64, 128, 256),
    batch: int = 16,
    beam: int = 1,
    log: RunLog | None = None,
) -> list[dict[str, Any]]:
    """One row a length: milliseconds a target token (of one translation, so divided by `batch` but not by `beam`).

    `speedup` is uncached over cached time. Random source, real weights or not: the work is the same. Every row
    names the machine, because figures of two machines must not stand in one table.
    """
    log = log or RunLog(quiet=True)
    model = model.eval()
    src, src_keep = random_source(model, batch)
    rows = []
    with torch.inference_mode(), log.progress("kv-cache", total=len(lengths), unit="lengths") as advance:
        for length in lengths:
            rows.append(_row(model, src, src_keep, length, beam))
            advance(1)
    return rows


def random_source(model: EncoderDecoder, batch: int) -> tuple[Tensor, Tensor]:
    """Source ids (B, S) and their mask (B, S) of all True, the same at every call."""
    generator = torch.Generator().manual_seed(SEED)
    first = min(FIRST_ID, model.config.vocab_size - 1)
    src = torch.randint(first, model.config.vocab_size, (batch, SOURCE_TOKENS), generator=generator)
    src = src.to(model.embedding.weight.device)
    return src, torch.ones_like(src, dtype=torch.bool)


def _row(model: EncoderDecoder, src: Tensor, src_keep: Tensor, length: int, beam: int) -> dict[str, Any]:
    work = length * length * beam * len(src) / 2
    repetitions = REPETITIONS if work < MOST_PLAIN_WORK else 1
    seconds: dict[str, list[float]] = {"cached": [], "uncached": []}
    for search in (cached_search, uncached_search):  # what is done only once must not be timed
        search(model, src, src_keep, 2, beam)
    for _ in range(repetitions):
        seconds["cached"].append(_timed(cached_search, model, src, src_keep, length, beam))
        seconds["uncached"].append(_timed(uncached_search, model, src, src_keep, length, beam))
    token_ms = {name: 1000 * statistics.median(times) / (length * len(src)) for name, times in seconds.items()}
    return {
        "length": length,
        "batch": len(src),
        "beam": beam,
        "cached_ms": token_ms["cached"],
        "uncached_ms": token_ms["uncached"],
        "speedup": token_ms["uncached"] / token_ms["cached"],
        "repetitions": repetitions,
        "parameters": n_parameters(model),
        "machine": machine(src.device),
    }


def _timed(search: Search, model: EncoderDecoder, src: Tensor, src_keep: Tensor, length: int, beam: int) -> float:
    started = time.perf_counter()
    tokens = search(model, src, src_keep, length, beam)
    tokens.cpu()  # waits for an accelerator
    return time.perf_counter() - started


def machine(device: torch.device) -> str:
    """The device, the number of threads and the version of torch, in words."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"
    threads = f"{torch.get_num_threads()} of {os.cpu_count()} cores"
    return f"{processor()}, {threads}, torch {torch.__version__}"


def processor() -> str:
    """Name of the CPU, as far as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def cached_search(model: EncoderDecoder, src: Tensor, src_keep: Tensor, length: int, beam: int) -> Tensor:
    """Beam search of exactly `length` tokens that keeps keys and values: src (B, S) -> tokens (B, W, length)."""
    cache = model.start_cache(model.encode(src, src_keep), src_keep, width=beam, room=length)
    tokens, scores = start(src, beam)
    for _ in range(length):
        rows, tokens, scores = extend(tokens, scores, model.step(tokens[:, -1], cache))
        if beam > 1:
            cache.select(rows)
    return tokens[:, 1:].view(len(src), beam, length)


def uncached_search(model: EncoderDecoder, src: Tensor, src_keep: Tensor, length: int, beam: int) -> Tensor:
    """The same, reading every prefix again at every step; the source is encoded once here too."""
    memory = model.encode(src, src_keep).repeat_interleave(beam, 0)  # (B*W, S, D)
    keep = src_keep.repeat_interleave(beam, 0)
    tokens, scores = start(src, beam)
    for _ in range(length):
        hidden = model.decode(tokens, memory, keep)[:, -1]  # (B*W, D)
        _, tokens, scores = extend(tokens, scores, model.logits(hidden))
    return tokens[:, 1:].view(len(src), beam, length)


def start(src: Tensor, beam: int) -> tuple[Tensor, Tensor]:
    """First tokens (B*W, 1) and scores (B, W): only the first hypothesis counts, or all W would stay the same."""
    tokens = src[:, :1].repeat_interleave(beam, 0)
    scores = torch.full((len(src), beam), float("-inf"), device=src.device)
    scores[:, 0] = 0.0
    return tokens, scores


def extend(tokens: Tensor, scores: Tensor, logits: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The best W continuations of each sentence.

    tokens (B*W, N), scores (B, W), logits (B*W, V) -> the rows they continue (B*W,), tokens (B*W, N+1), scores (B, W).
    """
    sentences, beam = scores.shape
    totals = scores.view(-1, 1) + logits.float().log_softmax(-1)  # (B*W, V)
    scores, best = totals.view(sentences, -1).topk(beam)  # (B, W) indices into W*V
    first_rows = torch.arange(sentences, device=tokens.device)[:, None] * beam  # (B, 1)
    rows = (first_rows + best // logits.size(-1)).flatten()
    chosen = (best % logits.size(-1)).view(-1, 1)
    return rows, torch.cat((tokens[rows], chosen), dim=1), scores
