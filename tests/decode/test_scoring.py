"""The score of a pair is that of the paper, whatever is scored with it; what does not belong together scores worse."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dragoman import stages
from dragoman.batches.examples import Example
from dragoman.batches.stream import collate
from dragoman.bundle import Bundle, save_bundle
from dragoman.decode import scoring
from dragoman.decode.scoring import PairScorer, cross_entropies, dual
from dragoman.errors import BundleError, DataError, RecipeError
from dragoman.io import read_json, read_jsonl
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder, initialise
from dragoman.pipeline import Pipeline
from dragoman.recipe import load_recipe
from dragoman.runlog import RunLog
from dragoman.tokenizer import BOS_ID, EOS_ID, Tokenizer

DICTIONARY = {
    "der": "the", "Hund": "dog", "die": "a", "Katze": "cat", "läuft": "walks", "schläft": "sleeps", "müde": "tired",
    "Straße": "street",
}  # fmt: skip
BOTH = (("de", "en"), ("en", "de"))


def sentences(count: int, seed: int) -> list[tuple[str, str]]:
    draw = random.Random(seed)
    german = [draw.choices(list(DICTIONARY), k=draw.randint(2, 7)) for _ in range(count)]
    return [(" ".join(words), " ".join(DICTIONARY[word] for word in words)) for words in german]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    assert torch.get_num_threads() == 1
    torch.set_num_threads(before)


@pytest.fixture
def scorer(model: EncoderDecoder, tokenizer: Tokenizer) -> PairScorer:
    return PairScorer(Bundle(model, tokenizer, BOTH), ("de", "en"))


@torch.inference_mode()
def slow(model: EncoderDecoder, src: list[int], tgt: list[int]) -> float:
    """Cross-entropy a token, one pair and one token at a time, each from the whole prefix."""
    total, prefix = 0.0, [BOS_ID]
    source = torch.tensor([src])
    for token in [*tgt, EOS_ID]:
        hidden = model(source, torch.ones_like(source, dtype=torch.bool), torch.tensor([prefix]))
        total -= float(model.logits(hidden)[0, -1].double().log_softmax(-1)[token])
        prefix.append(token)
    return total / (len(tgt) + 1)


def test_the_score_is_the_sum_of_log_probabilities_one_pair_at_a_time(
    scorer: PairScorer, model: EncoderDecoder, tokenizer: Tokenizer
) -> None:
    pairs = [*sentences(12, 1), ("Hund", "zebra ñ"), ("müde " * 30, "tired")]
    for (german, english), score in zip(pairs, scorer(pairs), strict=True):
        de, en = tokenizer.encode(german), tokenizer.encode(english)
        there = slow(model, [tokenizer.tag("en"), *de, EOS_ID], en)
        back = slow(model, [tokenizer.tag("de"), *en, EOS_ID], de)
        assert score == pytest.approx(abs(there - back) + (there + back) / 2, rel=1e-4)


def test_the_formula() -> None:
    assert (dual(2, 2), dual(1, 3), dual(3, 1), dual(0, 0)) == (2, 4, 4, 0)


def test_other_pairs_and_sizes_of_batches_change_nothing(scorer: PairScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = sentences(60, 2)
    together = scorer(pairs)
    assert scorer(pairs[::-1])[::-1] == pytest.approx(together, rel=1e-5)
    assert [scorer([pair])[0] for pair in pairs] == pytest.approx(together, rel=1e-5)
    monkeypatch.setattr(scoring, "CHUNK_ROWS", 3)
    assert scorer(pairs) == pytest.approx(together, rel=1e-5)
    assert scorer([]) == []
    torch.set_num_threads(2)
    scorer(pairs[:3])
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)


def test_the_budget_and_the_number_of_threads_change_nothing(
    model: EncoderDecoder, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [(tokenizer.encode(german), tokenizer.encode(english)) for german, english in sentences(50, 3)]
    examples = [Example([tokenizer.tag("en"), *de, EOS_ID], [*en, EOS_ID]) for de, en in pairs]
    plain = cross_entropies(model, examples)
    assert cross_entropies(model, examples, budget=60) == pytest.approx(plain, rel=1e-5)
    few = cross_entropies(model, examples, budget=200)
    monkeypatch.setattr(scoring, "n_cores", lambda: 3)
    assert cross_entropies(model, examples, budget=200) == few  # to the bit


def test_swapping_the_sides_and_the_languages_changes_nothing(
    scorer: PairScorer, model: EncoderDecoder, tokenizer: Tokenizer
) -> None:
    pairs = sentences(10, 4)
    other = PairScorer(Bundle(model, tokenizer, BOTH), ("en", "de"))
    assert other([(english, german) for german, english in pairs]) == pytest.approx(scorer(pairs), rel=1e-5)


def trained(tokenizer: Tokenizer) -> EncoderDecoder:
    """A model that knows the dictionary, both ways, after a few seconds."""
    model = EncoderDecoder(ModelConfig(tokenizer.vocab_size, 32, 4, 2, 1, 1, 64))
    initialise(model, torch.Generator().manual_seed(1))
    optimiser = torch.optim.Adam(model.parameters(), 5e-3)
    ids = [(tokenizer.encode(german), tokenizer.encode(english)) for german, english in sentences(1500, 5)]
    for step in range(150):
        some = ids[step * 10 % 1500 :][:10]
        rows = [Example([tokenizer.tag("en"), *de, EOS_ID], [*en, EOS_ID]) for de, en in some]
        rows += [Example([tokenizer.tag("de"), *en, EOS_ID], [*de, EOS_ID]) for de, en in some]
        batch = collate(rows)
        hidden = model(batch.src, batch.src_keep, batch.tgt_in)[batch.tgt_keep]
        loss = torch.nn.functional.cross_entropy(model.logits(hidden), batch.gold)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return model


def test_what_does_not_belong_together_ranks_worse(tokenizer: Tokenizer) -> None:
    scorer = PairScorer(Bundle(trained(tokenizer), tokenizer, BOTH), ("de", "en"))
    good = sentences(60, 6)
    others = [english for _, english in good[1:] + good[:1]]
    misaligned = [(german, other) for (german, _), other in zip(good, others, strict=True)]
    longer = [(german, f"{english} {other}") for (german, english), other in zip(good, others, strict=True)]
    scores = {name: scorer(pairs) for name, pairs in (("good", good), ("other", misaligned), ("longer", longer))}
    for bad in ("other", "longer"):
        wins = sum(a < b for a in scores["good"] for b in scores[bad])
        assert wins > 0.9 * len(good) ** 2, bad


def test_a_model_that_cannot_score_is_refused(tmp_path: Path, model: EncoderDecoder, tokenizer: Tokenizer) -> None:
    with pytest.raises(RecipeError, match="does not translate from en to de"):
        PairScorer(Bundle(model, tokenizer, BOTH[:1]), ("de", "en"))
    with pytest.raises(BundleError, match="no model here"):
        PairScorer.load(tmp_path, ("de", "en"))


@pytest.fixture
def folder(tmp_path: Path, model: EncoderDecoder, tokenizer: Tokenizer) -> Path:
    """The model on disk, as `model/` beside the data."""
    (tmp_path / "t.model").write_bytes(tokenizer._processor.serialized_model_proto())
    save_bundle(tmp_path / "model", model, tmp_path / "t.model", BOTH, {})
    return tmp_path


def test_a_saved_model_scores_as_before(folder: Path, scorer: PairScorer) -> None:
    pairs = sentences(5, 7)
    assert PairScorer.load(folder / "model", ("de", "en"))(pairs) == pytest.approx(scorer(pairs), rel=1e-4)


RECIPE = """
name: x
languages: [de, en]
data:
  pairs: [{name: natural, embedded: natural/train, limit: 120}]
pairs: {score_model: model, score_keep: 0.75, dev_pairs: 0}
finetune: {steps: 0}
"""


def planned(folder: Path, *overrides: str) -> tuple[str, Pipeline]:
    """The key of the pairs stage, and the pipeline."""
    (folder / "x.yaml").write_text(RECIPE, encoding="utf-8")
    recipe = load_recipe(folder / "x.yaml", [f"data.root={folder}", *overrides])
    pipeline = stages.pipeline(recipe, folder / "runs")
    return next(entry.key for entry in pipeline.plan() if entry.stage.name == "pairs"), pipeline


def test_the_pairs_stage_scores_with_the_model_of_the_recipe(folder: Path, scorer: PairScorer) -> None:
    _, pipeline = planned(folder)
    done = pipeline.run(RunLog(quiet=True), until="pairs")[-1]
    told = read_json(done.folder / "manifest.json")["result"]
    scored = told["scores"]["natural"]["scored"]
    assert scored > 100 and told["funnel"]["total"]["dropped"]["low_score"] == scored - round(0.75 * scored)
    samples = [row for row in read_jsonl(done.folder / "samples.jsonl") if "score" in row]
    assert {row["reason"] for row in samples} == {None, "low_score"}
    scores = scorer([(row["de"], row["en"]) for row in samples])
    assert scores == pytest.approx([row["score"] for row in samples], abs=2e-4)


def test_other_weights_make_the_pairs_stage_stale(folder: Path, model: EncoderDecoder) -> None:
    before, _ = planned(folder)
    assert before == planned(folder)[0] != planned(folder, "pairs.score_keep=0.8")[0]
    changed = EncoderDecoder(model.config)
    save_bundle(folder / "model", changed, folder / "t.model", BOTH, {})
    assert planned(folder)[0] != before
    (folder / "model" / "weights.safetensors").unlink()
    with pytest.raises(DataError, match="no such file"):
        planned(folder)
    assert planned(folder, "pairs.score_model=null")[0] != before
