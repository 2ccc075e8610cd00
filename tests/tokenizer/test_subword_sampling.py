"""Sampled segmentations: the right distribution, and the same draws everywhere."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import random
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from dragoman.tokenizer import Tokenizer, sampling
from dragoman.tokenizer.sampling import BLANK, UNKNOWN_PENALTY, SegmentationSampler

TEXTS = [
    "der Hund läuft über die Straße",
    "",
    "the tired cat sleeps. ",
    "\u2581 😀\n",
    "Straßenbahn Straßenbahn",
    "  ",
] * 20
PIECES = {
    "▁": (10, -3.0),
    "▁a": (11, -2.0),
    "a": (12, -2.5),
    "b": (13, -4.0),
    "ab": (14, -3.0),
    "▁ab": (15, -5.0),
    "da": (16, -3.0),
}
BYTES = range(100, 356)


def digest(batch: list[list[int]]) -> str:
    return hashlib.sha256(json.dumps(batch).encode()).hexdigest()


def sampler(alpha: float) -> SegmentationSampler:
    return SegmentationSampler(PIECES, BYTES, alpha)


def all_ways(text: str, alpha: float) -> dict[tuple[int, ...], float]:
    """Every segmentation of `text` with its probability, by trying every set of cuts."""
    text = BLANK + text.replace(" ", BLANK)
    worst = min(score for _, score in PIECES.values())
    weights: dict[tuple[int, ...], float] = {}
    for cuts in itertools.product([False, True], repeat=len(text) - 1):
        edges = [0, *(i + 1 for i, cut in enumerate(cuts) if cut), len(text)]
        parts = [text[a:b] for a, b in itertools.pairwise(edges)]
        if all(part in PIECES or len(part) == 1 for part in parts):
            known = [PIECES.get(part, (None, worst - UNKNOWN_PENALTY)) for part in parts]
            ids = [
                [BYTES[b] for b in part.encode()] if i is None else [i]
                for part, (i, _) in zip(parts, known, strict=True)
            ]
            weights[tuple(itertools.chain.from_iterable(ids))] = math.exp(alpha * sum(score for _, score in known))
    whole = sum(weights.values())
    return {ids: weight / whole for ids, weight in weights.items()}


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("text", ["ab", "abab", "ab a", "cab", "a\u00e9b", "  ab", "bb", "dab"])
def test_frequencies_are_those_of_the_definition(text: str, alpha: float) -> None:
    n = 3000
    wanted = all_ways(text, alpha)
    drawn = Counter(map(tuple, sampler(alpha).sample([text] * n, np.random.default_rng(1))))
    assert set(drawn) <= set(wanted)
    for ids, probability in wanted.items():
        assert abs(drawn[ids] / n - probability) <= 5 * math.sqrt(probability * (1 - probability) / n) + 1e-9


def test_frequencies_are_those_of_sentencepiece(tokenizer: Tokenizer) -> None:
    # Its draws differ from process to process, so the bound is so wide that chance passes it once in 10^8 times.
    n, text = 4000, "Straßenbahn 😀 Hundehaus"
    ours = Counter(map(tuple, tokenizer.sample_batch([text] * n, 0.05, 1)))
    theirs = Counter(
        map(tuple, tokenizer._processor.encode([text] * n, enable_sampling=True, alpha=0.05, nbest_size=-1))
    )
    frequent = [ids for ids, count in theirs.items() if count > 40]
    assert len(frequent) >= 3
    for ids in frequent:
        share = (ours[ids] + theirs[ids]) / 2 / n
        assert abs(ours[ids] - theirs[ids]) / n <= 6 * math.sqrt(2 * share * (1 - share) / n)


def test_decode_undoes_every_sample(tokenizer: Tokenizer) -> None:
    for seed in range(5):
        assert tokenizer.decode_batch(tokenizer.sample_batch(TEXTS, 0.1, seed)) == TEXTS


def test_random_unicode_survives_sampling(tokenizer: Tokenizer) -> None:
    draw = random.Random(3)
    codes = [code for code in range(1, 0x30000, 7) if not 0xD800 <= code < 0xE000]
    texts = [
        "".join(chr(code) for code in draw.choices([32, 0x2581, 97, *codes], k=draw.randrange(30))) for _ in range(500)
    ]
    assert tokenizer.decode_batch(tokenizer.sample_batch(texts, 0.2, 1)) == texts


def test_the_seed_decides(tokenizer: Tokenizer) -> None:
    first = tokenizer.sample_batch(TEXTS, 0.2, 7)
    assert tokenizer.sample_batch(TEXTS, 0.2, 7) == first
    assert tokenizer.sample_batch(TEXTS, 0.2, 8) != first
    assert tokenizer.sample_batch(TEXTS, 0.3, 7) != first
    assert len(set(map(tuple, first[::6]))) > 1


def test_high_alpha_comes_to_the_best_segmentation(tokenizer: Tokenizer) -> None:
    assert tokenizer.sample_batch(TEXTS, 200.0, 1) == tokenizer.encode_batch(TEXTS)


def test_another_process_draws_the_same(tokenizer: Tokenizer, model_file: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path; from dragoman.tokenizer import Tokenizer\n"
        "texts = json.load(sys.stdin); t = Tokenizer.load(Path(sys.argv[1]))\n"
        "t.sample_batch(['andere Wörter'], 0.2, 1)\n"
        "print(json.dumps(t.sample_batch(texts, 0.2, 7)))"
    )
    for hash_seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-c", code, str(model_file)],
            input=json.dumps(TEXTS),
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
        )
        assert digest(json.loads(shown.stdout)) == digest(tokenizer.sample_batch(TEXTS, 0.2, 7))


def test_earlier_calls_and_other_threads_change_nothing(model_file: Path) -> None:
    wanted = [Tokenizer.load(model_file).sample_batch(TEXTS, 0.2, seed) for seed in range(8)]
    shared = Tokenizer.load(model_file)
    shared.sample_batch(["ein ganz anderer Anfang", "tomorrow"], 0.2, 99)
    with ThreadPoolExecutor(4) as pool:
        found = list(
            pool.map(
                lambda seed: shared.sample_batch(TEXTS[::-1], 0.2, seed) and shared.sample_batch(TEXTS, 0.2, seed),
                range(8),
            )
        )
    assert found == wanted


def test_forgetting_the_words_changes_nothing(model_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [Tokenizer.load(model_file).sample_batch(TEXTS, 0.2, seed) for seed in range(3)]
    monkeypatch.setattr(sampling, "MAX_EDGES", 10)
    forgetful = Tokenizer.load(model_file)
    assert [forgetful.sample_batch(TEXTS, 0.2, seed) for seed in range(3)] == wanted


def test_a_failed_text_leaves_the_sampler_sound(model_file: Path) -> None:
    wanted = Tokenizer.load(model_file).sample_batch(TEXTS, 0.2, 1)
    hurt = Tokenizer.load(model_file)
    for _ in range(2):
        with pytest.raises(Exception, match="surrogate"):
            hurt.sample_batch(["neu\ud800"], 0.2, 1)
    assert hurt.sample_batch(TEXTS, 0.2, 1) == wanted


def test_nothing_in_nothing_out(tokenizer: Tokenizer) -> None:
    assert tokenizer.sample_batch([], 0.2, 1) == []
    assert tokenizer.sample_batch(["", ""], 0.2, 1) == [[], []]
