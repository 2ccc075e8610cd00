"""Batches lose nothing, keep to their budget, and come back exactly from any position."""

from __future__ import annotations

import random
from collections import Counter
from itertools import chain, islice
from pathlib import Path

import pytest
import torch

from dragoman.batches.examples import DenoisingExamples, Example, LineFile, TranslationExamples, cut, pool_lines
from dragoman.batches.stream import Batch, BatchStream, Position, collate, group, width_of
from dragoman.errors import DataError
from dragoman.recipe.training import TokenizerSettings
from dragoman.runlog import RunLog
from dragoman.tokenizer import BOS_ID, EOS_ID, MASK_ID, Tokenizer, train_tokenizer

TEXTS = {
    "de": [f"Der {a} {b} steht heute im Garten Nummer {i}." for i, (a, b) in enumerate(
        (a, b) for a in ("alte", "kleine", "große", "rote") for b in ("Hund", "Tisch", "Baum", "Wagen", "Mann"))],
    "en": [f"The {a} {b} is in garden number {i} today." for i, (a, b) in enumerate(
        (a, b) for a in ("old", "small", "big", "red") for b in ("dog", "table", "tree", "car", "man"))],
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tokenizer]:
    folder = tmp_path_factory.mktemp("world")
    for language, lines in TEXTS.items():
        (folder / f"train.{language}").write_text("\n".join(lines) + "\n")
    files = {language: folder / f"train.{language}" for language in TEXTS}
    train_tokenizer(TokenizerSettings(), ("de", "en"), files, {}, folder, 1, RunLog(quiet=True))
    return folder, Tokenizer.load(folder / "tokenizer.model")


def translation(world: tuple[Path, Tokenizer], alpha: float = 0.0, max_tokens: int = 256) -> TranslationExamples:
    folder, tokenizer = world
    files = {language: folder / f"train.{language}" for language in TEXTS}
    directions = [("de", "en"), ("en", "de")]
    return TranslationExamples(files, directions, tokenizer, max_tokens=max_tokens, alpha=alpha, seed=4)


def same(one: Batch, two: Batch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


def test_every_pair_is_seen_once_a_direction_an_epoch(world: tuple[Path, Tokenizer]) -> None:
    _, tokenizer = world
    rows = translation(world).pool(0, 0)
    seen = Counter((row.src[0], tokenizer.decode(row.src), tokenizer.decode(row.tgt)) for row in rows)
    wanted = [(tokenizer.tag("en"), d, e) for d, e in zip(TEXTS["de"], TEXTS["en"], strict=True)]
    wanted += [(tokenizer.tag("de"), e, d) for d, e in zip(TEXTS["de"], TEXTS["en"], strict=True)]
    assert seen == Counter(wanted)


def test_too_long_pairs_are_left_out_and_counted(world: tuple[Path, Tokenizer]) -> None:
    everything = translation(world)
    lengths = sorted(max(len(row.src), len(row.tgt)) for row in everything.pool(0, 0))
    short = translation(world, max_tokens=lengths[len(lengths) // 2] - 1)
    kept = len(short.pool(0, 0))
    assert 0 < kept < len(everything.pool(0, 0))
    assert short.count_too_long() == len(everything.pool(0, 0)) - kept


@pytest.mark.parametrize("alpha", [0.0, 0.2])
def test_stream_resumes_from_any_position(world: tuple[Path, Tokenizer], alpha: float) -> None:
    stream = BatchStream(translation(world, alpha), budget=200, seed=3)
    positions, batches = [], []
    for _ in range(25):
        positions.append(stream.position)
        batches.append(next(stream))
    assert positions[-1].epoch >= 1, "the test must cross an epoch"
    for start in (0, 1, 7, 13, 24):
        again = BatchStream(translation(world, alpha), budget=200, seed=3, position=positions[start])
        assert all(same(a, b) for a, b in zip(islice(again, 25 - start), batches[start:], strict=True))


def test_epochs_differ(world: tuple[Path, Tokenizer]) -> None:
    first, second = (next(BatchStream(translation(world), 400, 3, Position(epoch))) for epoch in (0, 1))
    assert not (first.src.shape == second.src.shape and torch.equal(first.src, second.src))


def test_groups_cover_everything_within_budget() -> None:
    draw = random.Random(1)
    rows = [Example([9] * draw.randint(1, 60), [9] * draw.randint(1, 60)) for _ in range(300)]
    groups = group(rows, budget=512)
    assert sorted(i for members in groups for i in members) == list(range(300))
    for members in groups:
        src, tgt = (max(width_of(len(rows[i][side])) for i in members) for side in (0, 1))
        assert len(members) * (src + tgt) <= 512 or len(members) == 1
    real = sum(len(r.src) + len(r.tgt) for r in rows)
    padded = sum(
        collate([rows[i] for i in m]).src.numel() + collate([rows[i] for i in m]).tgt_in.numel() for m in groups
    )
    assert real / padded > 0.75


def test_collate_by_hand() -> None:
    batch = collate([Example([70, 71, EOS_ID], [80, EOS_ID]), Example([72, EOS_ID], [81, 82, EOS_ID])], exact=True)
    assert batch.src.tolist() == [[70, 71, EOS_ID], [72, EOS_ID, 0]]
    assert batch.src_keep.tolist() == [[True, True, True], [True, True, False]]
    assert batch.tgt_in.tolist() == [[BOS_ID, 80, EOS_ID], [BOS_ID, 81, 82]]
    assert batch.gold.tolist() == [80, EOS_ID, 81, 82, EOS_ID]
    assert batch.n_tokens == 10


def test_pools_partition_the_lines() -> None:
    pools = [pool_lines(101, 4, seed=1, epoch=2, index=i) for i in range(4)]
    assert sorted(chain(*pools)) == list(range(101))
    assert pools[0] != sorted(pools[0])


def test_denoising_examples_hide_and_keep_everything(world: tuple[Path, Tokenizer]) -> None:
    folder, tokenizer = world
    examples = DenoisingExamples(
        [("de", folder / "train.de")], tokenizer, objective="infilling", noise_rate=0.3, mean_span=3.0, max_tokens=64,
        alpha=0.0, seed=2,
    )  # fmt: skip
    rows = examples.pool(0, 0)
    assert sorted(tokenizer.decode(row.tgt) for row in rows) == sorted(TEXTS["de"])
    assert all(row.src[0] == tokenizer.tag("de") and MASK_ID in row.src for row in rows)
    assert examples.pool(1, 0) != rows and examples.pool(0, 0) == rows


def test_long_documents_are_cut_evenly_and_lose_nothing() -> None:
    ids = list(range(1000))
    pieces = cut(ids, 300)
    assert list(chain(*pieces)) == ids and {len(piece) for piece in pieces} == {250}


def test_line_file_reads_by_number(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("eins\n\nzwei ü\n")
    lines = LineFile(path)
    assert [lines[i] for i in range(len(lines))] == ["eins", "", "zwei ü"]
    path.write_text("")
    with pytest.raises(DataError, match="no text"):
        LineFile(path)
