"""The pairs stage: training text that shares nothing with the test sets, every lost pair accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dragoman import embedded
from dragoman.corpus import pair_scores
from dragoman.corpus import pairs as stage
from dragoman.corpus.decontaminate import holds_segment_slow
from dragoman.corpus.pair_rules import REASONS
from dragoman.corpus.pair_scores import Score, best
from dragoman.corpus.pairs import build_pairs
from dragoman.errors import DataError, RecipeError
from dragoman.io import read_jsonl, read_lines, write_jsonl
from dragoman.recipe.corpus import PairsSettings
from dragoman.recipe.data import DataSettings, PairSource
from dragoman.runlog import RunLog

LANGUAGES = ("de", "en")
NATURAL = [(row["de"], row["en"]) for row in embedded.pairs("natural/train")]


def source(folder: Path, name: str, rows: list[tuple[str, str]], **more: Any) -> PairSource:
    for place, language in enumerate(LANGUAGES):
        (folder / f"{name}.{language}").write_text("".join(row[place] + "\n" for row in rows))
    return PairSource(name=name, files={language: f"{name}.{language}" for language in LANGUAGES}, **more)


def build(
    folder: Path,
    out: str = "out",
    seed: int = 1,
    options: dict[str, Any] | None = None,
    score: Score | None = None,
    **data: Any,
) -> dict[str, Any]:
    return build_pairs(
        PairsSettings.model_validate(options or {}),
        DataSettings(root=str(folder), **data),
        LANGUAGES,
        folder / "curated",
        folder / out,
        RunLog(quiet=True),
        seed,
        score,
    )


def parallel(folder: Path, stem: str) -> list[tuple[str, str]]:
    return list(zip(*(read_lines(folder / f"{stem}.{language}") for language in LANGUAGES), strict=True))


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_training_pairs_are_clean_and_share_nothing_with_dev_and_test(tmp_path: Path) -> None:
    dev, test, rest = NATURAL[:30], NATURAL[30:70], NATURAL[70:300]
    other = "Hier steht etwas ganz anderes als dort, und zwar genau so lang wie verlangt. " * 3
    leaks = [
        dev[3],
        (test[5][0].upper(), ("Something else entirely, but no shorter than the other side. " * 3)[: len(test[5][0])]),
        (other[: len(test[6][1])], test[6][1] + "!"),
    ]
    faults = [("", "Empty."), ("Ja.", "Yes. " * 40), (rest[0][0].lower(), rest[0][1])]
    pairs = source(tmp_path, "web", leaks + rest + faults)
    held_out: dict[str, Any] = {"dev": (source(tmp_path, "d", dev),), "test": (source(tmp_path, "t", test),)}
    result = build(tmp_path, pairs=(pairs,), **held_out)
    train = parallel(tmp_path / "out", "train")
    dropped = result["funnel"]["total"]["dropped"]
    assert (dropped["empty"], dropped["length_ratio"], dropped["duplicate"]) == (1, 1, 1)
    assert dropped["contaminated"] >= len(leaks)
    assert set(train) <= set(rest) and len(train) == result["funnel"]["total"]["kept"] == 233 + 3 - sum(
        dropped.values()
    )
    index = stage.new_index(PairsSettings())
    segments = [side for pair in dev + test for side in pair]
    assert not any(holds_segment_slow(side, segments, index) for pair in train for side in pair)
    assert parallel(tmp_path / "out", "dev") == dev and parallel(tmp_path / "out", "test.t") == test
    assert (result["dev"], result["test"]) == (30, {"t": 40})
    json.dumps(result)


def test_decontamination_can_be_switched_off(tmp_path: Path) -> None:
    test = source(tmp_path, "t", NATURAL[:5])
    result = build(
        tmp_path, pairs=(source(tmp_path, "p", NATURAL[:50]),), test=(test,), options={"decontaminate": False}
    )
    assert "contaminated" not in result["funnel"]["total"]["dropped"]


def test_dev_pairs_are_split_off_by_their_text_alone(tmp_path: Path) -> None:
    rows = NATURAL[:200]
    first = build(tmp_path, "a", 1, {"dev_pairs": 15}, pairs=(source(tmp_path, "p", rows),))
    second = build(tmp_path, "b", 2, {"dev_pairs": 15}, pairs=(source(tmp_path, "q", rows[::-1]),))
    assert first["dev"] == second["dev"] == 15
    dev = parallel(tmp_path / "a", "dev")
    assert dev == parallel(tmp_path / "b", "dev") and set(dev) <= set(rows)
    assert not set(dev) & set(parallel(tmp_path / "a", "train"))
    assert first["funnel"]["total"]["dropped"]["development"] == 15
    assert set(parallel(tmp_path / "a", "train")) == set(parallel(tmp_path / "b", "train"))


def test_a_copy_of_a_split_off_pair_leaves_training_too(tmp_path: Path) -> None:
    rows, options = NATURAL[:200], {"dev_pairs": 10, "numbers_agree": False}
    dev = build(tmp_path, "a", options=options, pairs=(source(tmp_path, "p", rows),)) and parallel(
        tmp_path / "a", "dev"
    )
    twins = [(german, f"{english} ({i})") for i, (german, english) in enumerate(dev)]
    result = build(tmp_path, "b", options=options, pairs=(source(tmp_path, "q", rows + twins),))
    sides = {german for german, _ in parallel(tmp_path / "b", "dev")}
    assert not any(german in sides for german, _ in parallel(tmp_path / "b", "train"))
    assert result["funnel"]["total"]["dropped"]["contaminated"] >= len(twins) - 1


@pytest.mark.parametrize(("wanted", "given", "dev"), [(0, 50, 0), (1000, 50, 5), (1000, 3, 1), (3, 50, 3)])
def test_the_split_takes_at_most_a_tenth(tmp_path: Path, wanted: int, given: int, dev: int) -> None:
    result = build(tmp_path, options={"dev_pairs": wanted}, pairs=(source(tmp_path, "p", NATURAL[:given]),))
    assert result["dev"] == dev and (tmp_path / "out" / "dev.de").exists() == (dev > 0)


def test_repeats_multiply_lines_but_not_counts(tmp_path: Path) -> None:
    twice, once = source(tmp_path, "p", NATURAL[:20], repeat=3), source(tmp_path, "q", NATURAL[20:50])
    result = build(tmp_path, options={"dev_pairs": 0}, pairs=(twice, once))
    train = Counter(parallel(tmp_path / "out", "train"))
    assert train == Counter({pair: 3 if pair in NATURAL[:20] else 1 for pair in NATURAL[:50]})
    sizes = result["sources"]
    assert (sizes["p"]["pairs"], sizes["p"]["repeat"], sizes["q"]["pairs"]) == (20, 3, 30)
    assert sizes["q"]["chars"]["en"] == sum(len(english) for _, english in NATURAL[20:50])


def test_the_output_is_the_same_for_a_seed_and_in_any_batch_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data: dict[str, Any] = {
        "pairs": (source(tmp_path, "p", NATURAL[:150]),),
        "test": (source(tmp_path, "t", NATURAL[150:170]),),
    }
    build(tmp_path, "a", **data)
    monkeypatch.setattr(stage, "BATCH_PAIRS", 7)
    build(tmp_path, "b", **data)
    build(tmp_path, "c", 2, **data)
    assert tree(tmp_path / "a") == tree(tmp_path / "b")
    assert parallel(tmp_path / "a", "train") != parallel(tmp_path / "c", "train")
    assert Counter(parallel(tmp_path / "a", "train")) == Counter(parallel(tmp_path / "c", "train"))


def test_training_text_is_repaired_and_test_text_is_not(tmp_path: Path) -> None:
    rows = [("Die StraÃŸe  ist\u00a0lang.", "The\u200b road is long."), *NATURAL[:9]]
    held_out = [("Ein  schÃ¶ner Tag.", "A nice\u00a0 day. ")]
    build(
        tmp_path,
        pairs=(source(tmp_path, "p", rows),),
        test=(source(tmp_path, "t", held_out),),
        options={"dev_pairs": 0},
    )
    assert ("Die Straße ist lang.", "The road is long.") in parallel(tmp_path / "out", "train")
    assert parallel(tmp_path / "out", "test.t") == held_out


def test_curated_documents_that_hold_test_text_are_left_out(tmp_path: Path) -> None:
    german = next(de for de, _ in NATURAL if len(de.split()) >= 10)
    good = embedded.good_documents("de")[:4]
    curated = [{"text": text, "source": "web"} for text in (good[0], f"{good[1]}\n{german} {good[2]}", good[3])]
    write_jsonl(tmp_path / "curated" / "documents.de.jsonl", curated)
    held_out = source(tmp_path, "t", [pair for pair in NATURAL if pair[0] == german])
    result = build(tmp_path, pairs=(source(tmp_path, "p", NATURAL[:60]),), test=(held_out,))
    assert list(read_jsonl(tmp_path / "out" / "mono.de.jsonl")) == [curated[0], curated[2]]
    assert result["mono_funnel"]["by_source"]["web"]["de"]["dropped"] == {"contaminated": 1}
    assert not (tmp_path / "out" / "mono.en.jsonl").exists()


def test_a_document_may_hold_a_short_test_segment(tmp_path: Path) -> None:
    seven = ("Was willst du denn heute abend tun", "What do you want to do this evening")
    text = f"{embedded.good_documents('de')[0]} {seven[0]}?"
    write_jsonl(tmp_path / "curated" / "documents.de.jsonl", [{"text": text, "source": "web"}])
    result = build(tmp_path, pairs=(source(tmp_path, "p", NATURAL[:60]),), test=(source(tmp_path, "t", [seven]),))
    assert result["mono_funnel"]["total"]["kept"] == 1


def test_an_empty_test_segment_is_an_error(tmp_path: Path) -> None:
    held_out = source(tmp_path, "t", [("Ja.", "Yes."), ("Nein.", " ")])
    with pytest.raises(DataError, match="segment 2 of 't' is empty in 'en'"):
        build(tmp_path, pairs=(source(tmp_path, "p", NATURAL[:9]),), test=(held_out,))


def test_no_surviving_pair_is_an_error_that_shows_the_funnel(tmp_path: Path) -> None:
    pairs = source(tmp_path, "p", [("", "Yes."), ("Ja.", "Yes. " * 30)])
    with pytest.raises(DataError, match="2 read, 0 kept, dropped 1 empty, 1 length_ratio"):
        build(tmp_path, pairs=(pairs,))
    with pytest.raises(DataError, match="0 read, 0 kept"):
        build(tmp_path)


def test_names_that_would_collide_are_refused(tmp_path: Path) -> None:
    pairs = source(tmp_path, "p", NATURAL[:9])
    with pytest.raises(RecipeError, match="two sources are called 'p'"):
        build(tmp_path, pairs=(pairs, pairs))
    with pytest.raises(RecipeError, match="file name"):
        build(tmp_path, pairs=(pairs,), test=(PairSource(name="a/b", embedded="natural/test"),))


def test_no_temporary_file_is_left_behind(tmp_path: Path) -> None:
    build(tmp_path, pairs=(source(tmp_path, "p", NATURAL[:50]),))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "train.de",
        "train.en",
        "dev.de",
        "dev.en",
        "samples.jsonl",
    }


def test_every_kind_of_bad_pair_is_counted_under_its_reason(tmp_path: Path) -> None:
    bad = {
        "empty": ("", "Yes."),
        "too_long": ("lang, " * 200 + "lang", "long, " * 200 + "long"),
        "identical": ("Das ist ganz genau gleich.", "Das ist ganz genau gleich."),
        "length_ratio": ("Ja.", "Yes. " * 40 + "Yes."),
        "copied": ("Er sagte: this is not translated at all.", "This is not translated at all."),
        "urls_differ": ("Siehe www.example.org.", "See www.example.com."),
        "placeholders_differ": ("Öffne {name} bitte.", "Please open {file}."),
        "numbers_differ": ("Es waren 40 Leute da.", "There were 14 people."),
        "wrong_language": (
            "Il a plu toute la nuit, et la rue est encore mouillée.",
            "It rained and the street is wet.",
        ),
        "duplicate": NATURAL[0],
        "near_duplicate": ("Das war Bild 7.", "That was image 7."),
        "contaminated": NATURAL[99],
    }
    rows = [*NATURAL[:30], ("Das war Bild 6.", "That was image 6."), *bad.values()]
    result = build(tmp_path, pairs=(source(tmp_path, "p", rows),), test=(source(tmp_path, "t", NATURAL[99:100]),))
    assert result["funnel"]["total"]["dropped"] == {**dict.fromkeys(bad, 1), "development": 3}
    assert set(bad) | {"low_score", "development"} == set(REASONS)
    shown = {row["reason"]: (row["de"], row["en"]) for row in read_jsonl(tmp_path / "out" / "samples.jsonl")}
    assert {reason: shown[reason] for reason in bad} == bad
    assert result["scores"] == {}


def by_length(pairs: Sequence[tuple[str, str]]) -> list[float]:
    """A score with many ties: the length of the German side, in tens."""
    return [len(german) // 10 for german, _ in pairs]


def test_the_best_share_of_each_source_stays(tmp_path: Path) -> None:
    data = {"pairs": (source(tmp_path, "p", NATURAL[:41]), source(tmp_path, "q", NATURAL[50:150]))}
    result = build(tmp_path, options={"score_keep": 0.7, "dev_pairs": 0}, score=by_length, **data)
    by_source = result["funnel"]["by_source"]
    kept = {name: by_source[name]["de-en"]["kept"] for name in "pq"}
    assert kept == {"p": 29, "q": 70}  # 28.7 and 70
    assert {name: by_source[name]["de-en"]["dropped"] for name in "pq"} == {
        "p": {"low_score": 12},
        "q": {"low_score": 30},
    }
    train = set(parallel(tmp_path / "out", "train"))
    for name, rows in (("p", NATURAL[:41]), ("q", NATURAL[50:150])):
        scores = dict(zip(rows, by_length(rows), strict=True))
        worst = max(scores[row] for row in rows if row in train)
        assert all(scores[row] >= worst for row in rows if row not in train)
        told = result["scores"][name]
        assert (told["scored"], told["kept"], told["worst_kept"]) == (len(rows), kept[name], worst)
        assert told["quantiles"]["0.0"] == min(scores.values()) and told["quantiles"]["1.0"] == max(scores.values())
    samples = [row for row in read_jsonl(tmp_path / "out" / "samples.jsonl") if row["source"] in "pq"]
    assert {row["reason"] for row in samples} == {None, "low_score"}
    assert all(row["score"] == len(row["de"]) // 10 for row in samples)
    json.dumps(result)


def test_ties_are_broken_by_the_text_and_not_by_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, options = NATURAL[:100], {"score_keep": 0.55}
    build(tmp_path, "a", options=options, score=by_length, pairs=(source(tmp_path, "p", rows),))
    monkeypatch.setattr(pair_scores, "CHUNK_PAIRS", 7)
    build(tmp_path, "b", options=options, score=by_length, pairs=(source(tmp_path, "q", rows[::-1]),))
    for stem in ("train", "dev"):
        assert parallel(tmp_path / "a", stem) == parallel(tmp_path / "b", stem)
    assert {path.name for path in (tmp_path / "a").iterdir()} >= {"train.de", "dev.de", "samples.jsonl"}
    assert not [path for path in (tmp_path / "a").iterdir() if path.name.startswith(".")]


def test_development_pairs_are_chosen_among_the_best(tmp_path: Path) -> None:
    rows = NATURAL[:100]
    build(tmp_path, options={"score_keep": 0.3}, score=by_length, pairs=(source(tmp_path, "p", rows),))
    limit = sorted(by_length(rows))[30]
    assert all(score <= limit for score in by_length(parallel(tmp_path / "out", "dev")))


def test_the_best_are_counted_exactly() -> None:
    rng = np.random.default_rng(5)
    for size in (1, 2, 3, 9, 100):
        for share in (0.001, 0.5, 0.7, 1.0):
            scores = rng.integers(0, 4, size).astype(float)
            ties = rng.integers(0, 1 << 63, size, dtype=np.uint64)
            keep = best(scores, ties, share)
            ranked = sorted(range(size), key=lambda i: (scores[i], ties[i]))
            assert set(np.flatnonzero(keep)) == set(ranked[: max(1, int(share * size + 0.5))])


def test_a_score_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="score of a pair is nan"):
        build(tmp_path, score=lambda pairs: [float("nan")] * len(pairs), pairs=(source(tmp_path, "p", NATURAL[:9]),))


def test_without_a_clean_pair_there_is_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1 read, 0 kept"):
        build(tmp_path, score=by_length, pairs=(source(tmp_path, "p", [("", "Yes.")]),))
