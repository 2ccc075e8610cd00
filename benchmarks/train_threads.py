"""Training steps a second: one micro-batch a thread against threads inside every operation.

    python benchmarks/train_threads.py [--preset tiny] [--rounds 7]

The same model takes the same steps three ways, interleaved in one run: on one thread; with every operation spread over
all cores (OpenMP, torch's default); with one micro-batch on each core (`dragoman.train.parallel`, what training uses).
Prints the median of each, the ratios, and the machine. Run it on a quiet machine: OpenMP suffers most from a busy one.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time

import torch

from dragoman.batches.examples import Example
from dragoman.batches.stream import Batch, collate
from dragoman.memory import keep_freed_memory
from dragoman.model.config import PRESETS, preset
from dragoman.model.transformer import EncoderDecoder
from dragoman.provenance import environment
from dragoman.tokenizer import EOS_ID
from dragoman.train.parallel import GradientWorkers, core_count

VOCAB, LENGTH, PAIRS = 4096, 18, 51


def micro_batch(draw: random.Random, pairs: int) -> Batch:
    """`pairs` random pairs of LENGTH tokens a side."""
    rows = [[draw.randrange(100, VOCAB) for _ in range(LENGTH)] + [EOS_ID] for _ in range(2 * pairs)]
    return collate([Example(src, tgt) for src, tgt in zip(rows[::2], rows[1::2], strict=True)])


def seconds(workers: GradientWorkers, batches: list[Batch], intraop: int) -> float:
    """One step of gradients over `batches`."""
    torch.set_num_threads(intraop)
    start = time.perf_counter()
    workers.accumulate(batches, range(len(batches)))
    workers.model.zero_grad()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", choices=PRESETS, default="tiny")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    keep_freed_memory()
    cores = core_count(torch.device("cpu"))
    model = EncoderDecoder(preset(options.preset, VOCAB, dropout=0.1)).train()
    torch.set_num_threads(1)
    alone = GradientWorkers(model, 1, smoothing=0.1, dtype=torch.float32)
    spread = GradientWorkers(model, cores, smoothing=0.1, dtype=torch.float32)
    draw = random.Random(0)
    batches = [micro_batch(draw, PAIRS) for _ in range(cores)]
    ways = {"one thread": (alone, 1), "threads in operations": (alone, cores), "a micro-batch a thread": (spread, 1)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_ in range(options.rounds + 1):
        for name, (workers, intraop) in ways.items():
            taken = seconds(workers, batches, intraop)
            if round_:  # the first round warms up
                times[name].append(taken)
    n_tokens = sum(batch.n_tokens for batch in batches)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(
        json.dumps(
            {
                "preset": options.preset,
                "tokens_per_s": {name: round(n_tokens / value) for name, value in medians.items()},
                "ratio_to_one_thread": {
                    name: round(medians["one thread"] / value, 2) for name, value in medians.items()
                },
                "rounds": options.rounds,
                **environment(),
            },
            indent=1,
        )
    )
    spread.close()


if __name__ == "__main__":
    main()
