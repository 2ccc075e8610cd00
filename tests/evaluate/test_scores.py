"""Scores are those of the sacreBLEU command, interval and signature included; nothing unequal or empty is scored."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from dragoman.errors import DataError
from dragoman.evaluate import scores
from dragoman.evaluate.scores import affordable, chrf, compare, score

REFERENCES = [
    "A man with an orange hat staring at something.",
    "A Boston Terrier running across lush green grass in front of a white fence.",
    "The girl asked: 'Are you coming, too?' – Yes, she did!",
    "It costs 3,50 € (or $4.20) per day.",
]
GOOD = [
    "A man in an orange hat is staring at something.",
    "A Boston Terrier runs across green grass in front of a white fence.",
    "The girl asked: 'Are you coming too?' Yes, she did!",
    "It costs 3,50 € (or $4.20) a day.",
]
TABLE = {
    "close": (GOOD, REFERENCES),
    "the other way round": (REFERENCES, GOOD),
    "equal": (REFERENCES, REFERENCES),
    "another case": ([line.upper() for line in GOOD], REFERENCES),
    "an empty line": (["", *GOOD[1:]], REFERENCES),
    "short": ([line[:12] for line in GOOD], REFERENCES),
    "German": (
        ["Ich hätte gern zwei Brötchen.", "Äpfel, Öl und Übermut"],
        ["Ich möchte zwei Brötchen.", "Äpfel und Öl, Übermut"],
    ),
    "nothing in common": (["xxx yyy"], ["aaa bbb ccc"]),
    "one line": (GOOD[:1], REFERENCES[:1]),
    "blanks around": (["  " + line + " " for line in GOOD], REFERENCES),
}


COMMANDS = """
import json, sys
from sacrebleu.sacrebleu import main
streams = []
for arguments in json.loads(sys.argv[1]):
    streams += [sys.stdin, sys.stdout]  # main opens both anew; the old ones would close them when collected
    sys.argv = ["sacrebleu", *arguments]
    main()
    print(chr(0), flush=True)
"""  # many calls of the command in one process, which takes half a second to start
OPTIONS = ["-m", "bleu", "chrf", "-w", "6", "--confidence", "--confidence-n", "50", "--format", "json"]


@pytest.fixture(scope="module")
def by_command(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What the `sacrebleu` command prints for each entry of the table as files."""
    arguments = []
    for pair in TABLE.values():
        folder = tmp_path_factory.mktemp("files")
        for file, lines in zip(("hyp", "ref"), pair, strict=True):
            (folder / file).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        arguments.append([str(folder / "ref"), "-i", str(folder / "hyp"), *OPTIONS])
    command = [sys.executable, "-c", COMMANDS, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, stdin=subprocess.DEVNULL)
    return dict(zip(TABLE, map(json.loads, done.stdout.split("\0")[:-1]), strict=True))


@pytest.mark.parametrize("name", TABLE)
def test_scores_are_those_of_the_command(name: str, by_command: dict[str, list[dict[str, Any]]]) -> None:
    hypotheses, references = TABLE[name]
    found = score(hypotheses, references, bootstrap=50)
    assert found["n"] == len(references)
    assert [theirs["name"] for theirs in by_command[name]] == ["BLEU", "chrF2"]
    for theirs, ours in zip(by_command[name], (found["bleu"], found["chrf"]), strict=True):
        assert ours["score"] == pytest.approx(theirs["score"], abs=1e-6)
        assert ours["signature"] == theirs["signature"]
        if "confidence_mean" in theirs:  # it shows no interval around a mean of zero
            assert ours["mean"] == pytest.approx(theirs["confidence_mean"], abs=1e-4)
            assert (ours["high"] - ours["low"]) / 2 == pytest.approx(theirs["confidence_var"], abs=1e-4)


def test_known_numbers_stay() -> None:
    found = score(GOOD, REFERENCES, bootstrap=0)
    assert found["bleu"]["score"] == pytest.approx(64.937735, abs=1e-6)
    assert found["chrf"]["score"] == pytest.approx(79.848296, abs=1e-6)
    assert found["bleu"]["signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:")
    assert chrf(GOOD, REFERENCES) == found["chrf"]["score"]


def test_the_interval_is_the_same_each_time_and_can_be_left_out() -> None:
    assert score(GOOD, REFERENCES, 100) == score(GOOD, REFERENCES, 100)
    assert "bs:100|seed:12345" in score(GOOD, REFERENCES, 100)["bleu"]["signature"]
    without = score(GOOD, REFERENCES, 0)["bleu"]
    assert (without["low"], without["high"]) == (None, None)
    assert "bs:" not in without["signature"]


@pytest.mark.parametrize(("hypotheses", "references"), [(GOOD[:3], REFERENCES), (GOOD, REFERENCES[:3]), ([], [])])
def test_unequal_or_empty_is_refused(hypotheses: list[str], references: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        score(hypotheses, references)
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError):
        chrf(hypotheses, references)


@pytest.mark.parametrize("hypotheses", [["a b c d e", "xxx"], ["xxx", "yyy"], ["", ""]])
def test_resamples_that_score_nothing_are_scored_too(hypotheses: list[str]) -> None:
    found = score(hypotheses, ["a b c d e", "f g h i j"], bootstrap=50)
    for name in ("bleu", "chrf"):
        assert found[name]["low"] <= found[name]["mean"] <= found[name]["high"]


def test_memory_bounds_the_resamples_and_the_signature_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert affordable(1000, 1000) == 1000
    assert affordable(1000, 1_000_000) == 13
    monkeypatch.setattr(scores, "RESAMPLED_BYTES", 4 * 18 * 4 * 7)
    assert "bs:7|" in score(GOOD, REFERENCES, 1000)["bleu"]["signature"]
    monkeypatch.setattr(scores, "RESAMPLED_BYTES", 1)
    assert score(GOOD, REFERENCES, 1000)["bleu"]["low"] is None
    assert compare(GOOD, GOOD, REFERENCES) == {}


def test_a_clearly_better_system_is_told_from_chance() -> None:
    references = REFERENCES * 10
    worse = [line[: len(line) // 2] for line in references]
    found = compare(GOOD * 10, worse, references, 200)
    for name in ("bleu", "chrf"):
        assert found[name]["difference"] > 10
        assert found[name]["p_value"] < 0.02
        assert "bs:200" in found[name]["signature"]
    turned = compare(worse, GOOD * 10, references, 200)
    assert turned["bleu"]["difference"] == -found["bleu"]["difference"]


def test_a_system_does_not_differ_from_itself() -> None:
    assert compare(GOOD, GOOD, REFERENCES, 50)["bleu"]["p_value"] == 1.0


def test_chance_is_called_chance() -> None:
    references = [f"the {i} cats sat on the mat of number {i * 7}" for i in range(60)]
    some = [line.replace("cats", "dogs") if i % 2 else line for i, line in enumerate(references)]
    others = [line if i % 2 else line.replace("cats", "dogs") for i, line in enumerate(references)]
    assert compare(some, others, references, 200)["bleu"]["p_value"] > 0.2
