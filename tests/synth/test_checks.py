"""Bad answers are rejected for what is wrong with them; what people translated is let pass."""

from __future__ import annotations

import lzma
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from dragoman.recipe.synthesize import CheckSettings
from dragoman.synth import checks, cut, shape
from dragoman.synth.checks import REASONS, check, judge
from synth.bad_answers import GOOD, joined, natural, passage, planted

DATA = Path(__file__).parents[3] / "shared/data"
SETTINGS = CheckSettings()
SHORT_OF_ALL = {"truncated": 0.9, "sentence_count": 0.6, "length_ratio": 0.7, "wrong_language": 0.9, "numbers": 0.95}
"""Where a fault may have another name, or is none that can be seen: half a sentence may be a whole one."""


@pytest.mark.parametrize("reason", REASONS)
def test_planted_faults_are_rejected_and_named(reason: str) -> None:
    pairs = planted(reason)
    verdicts = judge(pairs, SETTINGS)
    assert len(pairs) >= 15
    least = SHORT_OF_ALL.get(reason, 1.0)
    missed = [(p.text, text, verdict) for (p, text), verdict in zip(pairs, verdicts, strict=True) if verdict != reason]
    assert len(missed) <= (1 - least) * len(pairs), missed
    assert sum(verdict is None for verdict in verdicts) <= 0.1 * len(pairs)


@pytest.mark.parametrize(("text", "translation"), GOOD)
def test_good_translations_that_look_like_faults_are_kept_both_ways(text: str, translation: str) -> None:
    assert check(passage(text), translation, SETTINGS) is None
    assert check(passage(translation, "en"), text, SETTINGS) is None


def test_hardly_any_shipped_pair_is_rejected() -> None:
    rejected = [verdict for verdict in judge(natural(), SETTINGS) if verdict]
    assert len(rejected) <= 0.001 * len(natural()), Counter(rejected)


@pytest.mark.parametrize("size", [3, 7])
def test_no_passage_of_several_shipped_pairs_is_rejected(size: int) -> None:
    assert set(judge(list(joined(size, 4)), SETTINGS)) == {None}


def test_many_translations_that_lack_a_sentence_are_noticed_by_the_lengths() -> None:
    pairs = list(joined(3, 4))
    parts = [(p, shape.sentences_of(text, p.tgt)) for p, text in pairs]
    lacking = [(p, " ".join([part[0], part[2]])) for p, part in parts]
    added = [
        (p, " ".join([*part, other[1][0]])) for (p, part), other in zip(parts, [*parts[2:], *parts[:2]], strict=True)
    ]
    assert sum(map(bool, judge(lacking, SETTINGS))) > 0.4 * len(lacking)
    assert sum(map(bool, judge(added, SETTINGS))) > 0.35 * len(added)


def test_one_answer_gets_the_same_verdict_alone_and_among_others() -> None:
    pairs = [*natural()[:50], *planted("wrong_language"), *planted("numbers")[:20]]
    assert judge(pairs, SETTINGS) == [check(*pair, SETTINGS) for pair in pairs]


def test_the_first_check_that_objects_names_the_reason() -> None:
    text = "**Here is the translation:** It is 14."
    assert check(passage("Es sind 40 Leute da."), text, SETTINGS) == "preamble"
    assert (
        check(passage("Es sind 40 Leute da."), text.replace("Here is the translation:", "Well"), SETTINGS) == "markdown"
    )
    assert check(passage("Es sind 40 Leute da."), "It is 14.", SETTINGS) == "numbers"


@pytest.mark.parametrize("field", ["numbers", "names", "urls", "placeholders"])
def test_agreement_can_be_switched_off(field: str) -> None:
    lenient = CheckSettings(**{f"{field}_agree": False})  # type: ignore[arg-type]
    assert field not in judge(planted(field), lenient)


def test_thresholds_are_those_of_the_recipe() -> None:
    p, text = passage("Er kam."), "He came, and then he went away again."
    assert check(p, text, CheckSettings(length_slack=0, max_length_ratio=2)) == "length_ratio"
    assert check(p, text, CheckSettings(max_length_ratio=9)) is None
    calm = passage("Sie rief sehr oft seinen Namen.")
    loud = "She called no no no no no his name."
    assert check(calm, loud, CheckSettings(max_repeats=5)) is None
    assert check(calm, loud, CheckSettings(max_repeats=4)) == "repetition"
    assert check(passage("Komm herein!"), "Komm herein!", CheckSettings(identical_max_words=2)) is None
    assert check(passage("Komm herein!"), "Komm herein!", SETTINGS) == "copied"


def test_a_language_counts_from_its_threshold_on() -> None:
    p, text = next((p, text) for p, text in planted("wrong_language") if p.tgt == "en")
    assert check(p, text, SETTINGS) == "wrong_language"
    assert check(p, text, CheckSettings(language_threshold=1)) != "wrong_language"
    assert check(p, text, CheckSettings(language_min_chars=500)) != "wrong_language"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("We went for a walk in the forest in the rain", None),
        ("We went for a walk in the forest in the rain and the", "truncated"),
        ("We went for a walk in the forest in the rain,", "truncated"),
        ("We went for a walk in the (green forest in the rain", "truncated"),
        ("We went for a walk", "truncated"),
        ("We went for a walk in the forest. In the rain", "truncated"),
        ("We went for a walk in the forest...", "truncated"),
    ],
)
def test_a_missing_full_stop_alone_is_no_truncation(text: str, reason: str | None) -> None:
    assert check(passage("Wir gingen bei Regen im Wald spazieren, trotz allem."), text, SETTINGS) == reason


def test_a_letter_of_another_script_is_a_slip_of_the_model() -> None:
    p = passage("Wir gingen bei Regen im Wald spazieren.")
    assert check(p, "We went for a walk in the 森林 in the rain.", SETTINGS) == "wrong_language"
    with_it = passage("Das Wort 森林 heißt Wald.")
    assert check(with_it, "The word 森林 means forest.", SETTINGS) is None


def test_a_repetition_of_the_passage_may_be_translated() -> None:
    assert check(passage("Nein nein nein nein nein nein!"), "No no no no no no!", SETTINGS) is None


@pytest.mark.parametrize("unit", ["*", "a ", "`", '"', "„", "Note: ", "1. ", "(", "no ", "{", "http://", "a, "])
def test_absurdly_long_answers_take_no_longer_than_others(unit: str) -> None:
    """A quadratic check would take minutes, so only finishing is asserted."""
    assert check(passage("Das ist ein Satz."), unit * (100_000 // len(unit)), SETTINGS)


def parallel(name: str, count: int) -> Iterator[checks.Checked]:
    """Lines of real parallel text, where both sides are sentences to ask for, both ways."""
    paths = [DATA / f"{name}.{code}.xz" for code in ("de", "en")]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"{name} is not on this machine")
    with lzma.open(paths[0], "rt", encoding="utf-8") as german, lzma.open(paths[1], "rt", encoding="utf-8") as english:
        for sides in islice(zip(german, english, strict=True), count):
            de, en = (" ".join(side.split()) for side in sides)
            for p, text in ((passage(de), en), (passage(en, "en"), de)):
                if p.text and all(cut.fault(one) is None for one in shape.sentences_of(p.text, p.src)):
                    yield p, text


@pytest.mark.parametrize("name", ["tatoeba/train", "multi30k/train"])
def test_translations_by_people_are_nearly_never_rejected(name: str) -> None:
    pairs = list(parallel(name, 3000))
    rejected = Counter(verdict for verdict in judge(pairs, SETTINGS) if verdict)
    assert rejected.total() < 0.005 * len(pairs), rejected
