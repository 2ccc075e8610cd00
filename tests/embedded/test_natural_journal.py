"""The natural pairs as an open data set: balanced, no two alike, and the journal says exactly what they say."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from dragoman import embedded
from dragoman.errors import DataError
from dragoman.recipe.synthesize import CheckSettings
from dragoman.synth import checks
from dragoman.synth.answers import read_answer
from dragoman.synth.exchange import read_export
from dragoman.synth.items import Passage
from dragoman.synth.journal import Entry, Journal

SCRIPT = Path(__file__).parents[2] / "scripts" / "natural_journal.py"
CARD = Path(embedded.__file__).with_name("CARD.md")
MOST_SHARED = 0.7  # of the stems of two sentences together

# Words that carry no content of their own: two sentences may share all of them.
FUNCTION_WORDS = {
    "de": "ab aber alle als am an auch auf aus bei beim bin bis bist bitte da dann das dass dein deine dem den denn "
    "der des dich die dir doch du durch ein eine einem einen einer eines er es euch euer für gegen hab habe "
    "haben habt hast hat hatte hatten hier ich ihm ihn ihnen ihr ihre ihren im in ins ist ja kann kannst kein "
    "keine keinen können könnt mal man mein meine meinen meiner mich mir mit muss müssen nach nein nicht noch "
    "nur ob oder ohne schon sehr seid sein seine seinen seit sich sie sind so soll sollen sollte um und uns "
    "unser unsere unter vom von vor war waren warum was weil wenn wer werden wie will wir wird wo wollen "
    "wurde wurden zu zum zur über",
    "en": "a about all am an and any are as at be because been but by can could did didn't do does doesn't don't "
    "for from had has have he her here him his how i i'd i'll i'm i've if in is it it's its just let's may me "
    "might must my no not of on one only or our please shall she should so some than that that's the their "
    "them then there there's these they this those to too up us very was we were what what's when where which "
    "who why will with would yes you you're your",
}
ENDINGS = {"de": ("ern", "est", "en", "em", "er", "es", "st", "te", "e", "n", "s", "t"), "en": ("ing", "ed", "es", "s")}


def stems(text: str, language: str, without: frozenset[str]) -> frozenset[str]:
    """The words of a sentence, small and without their endings, but for those in `without`."""
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", text.lower().replace("’", "'"))
    return frozenset(stem(word, language) for word in words if word not in without)


def stem(word: str, language: str) -> str:
    ending = next((end for end in ENDINGS[language] if word.endswith(end) and len(word) - len(end) >= 4), "")
    return word.removesuffix(ending)


def alike(texts: list[str], language: str) -> list[tuple[str, str]]:
    """The pairs of sentences that share more than MOST_SHARED of their content words (Jaccard)."""
    without = frozenset(FUNCTION_WORDS[language].split())
    sets = [stems(text, language, without) for text in texts]
    holding: dict[str, list[int]] = defaultdict(list)
    found = []
    for i, own in enumerate(sets):
        shared = Counter(j for word in own for j in holding[word])
        found += [(texts[j], texts[i]) for j, n in shared.items() if n / len(own | sets[j]) > MOST_SHARED]
        for word in own:
            holding[word].append(i)
    return found


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [row for part in ("train", "dev", "test") for row in embedded.details(f"natural/{part}")]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    specification = importlib.util.spec_from_file_location("natural_journal", SCRIPT)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """The rows of the journal that ships, read as a run reads them."""
    with Journal.open(tmp_path_factory.mktemp("natural") / "journal.sqlite") as opened:
        read_export(opened, embedded.journal("natural"))
        return list(opened.entries())


def answered(journal: list[Entry]) -> list[tuple[Passage, str]]:
    found = []
    for entry in journal:
        assert entry.reply is not None
        passages = entry.request.payload.passages
        for passage, part in zip(passages, read_answer(entry.reply, passages), strict=True):
            assert part.text is not None, part.reason
            found.append((passage, part.text))
    return found


# The pairs


def test_there_are_at_least_five_thousand_over_all_levels_and_balanced_topics(rows: list[dict[str, str]]) -> None:
    levels, topics = Counter(row["level"] for row in rows), Counter(row["topic"] for row in rows)
    assert len(rows) >= 5000 and len(topics) >= 12
    assert set(levels) == {"A1", "A2", "B1", "B2", "C1"} and min(levels.values()) >= 500
    assert max(topics.values()) <= 2 * min(topics.values())
    assert {(row["topic"], row["level"]) for row in rows if row["level"] == "C1"} == {(one, "C1") for one in topics}


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_two_sentences_share_most_of_their_words(rows: list[dict[str, str]], language: str) -> None:
    assert alike([row[language] for row in rows], language) == []


def test_sentences_that_are_alike_would_be_found() -> None:
    texts = [
        "Heute gibt es Linsensuppe.",
        "Der Zug kommt.",
        "Gibt es heute die Linsensuppe?",
        "Kommt der Zug pünktlich?",
    ]
    assert alike(texts, "de") == [(texts[0], texts[2])]


# The journal


def test_the_journal_agrees_with_the_training_pairs_row_by_row(journal: list[Entry]) -> None:
    said = [
        {"topic": passage.notes["topic"], "level": passage.notes["level"], "de": passage.text, "en": text}
        for passage, text in answered(journal)
    ]
    assert said == embedded.details("natural/train")


def test_the_journal_is_what_the_script_makes_of_the_pairs(script: ModuleType, journal: list[Entry]) -> None:
    assert list(script.entries()) == journal, "run scripts/natural_journal.py"


def test_nothing_held_out_is_in_the_journal(journal: list[Entry]) -> None:
    def key(text: str) -> str:
        return " ".join(text.casefold().split())

    held_out = [row for part in ("dev", "test") for row in embedded.pairs(f"natural/{part}")]
    said = answered(journal)
    assert not {key(row["de"]) for row in held_out} & {key(passage.text) for passage, _ in said}
    assert not {key(row["en"]) for row in held_out} & {key(text) for _, text in said}


def test_the_journal_claims_no_more_than_is_known(journal: list[Entry]) -> None:
    for entry in journal:
        assert entry.reply is not None and entry.state == "done" and entry.tries == 1
        assert (entry.reply.tokens_in, entry.reply.tokens_out, entry.cost) == (0, 0, None)
        assert entry.request.model == entry.reply.model == "written for dragoman"
        assert entry.request.prompt == "translate-v1" and entry.request.payload.attempt == 0
    assert embedded.journal("natural").stat().st_size < 600_000


def test_a_careful_translation_passes_the_checks(journal: list[Entry]) -> None:
    pairs = answered(journal)
    rejected = [reason for reason in checks.judge(pairs, CheckSettings()) if reason is not None]
    assert len(rejected) <= len(pairs) / 1000, Counter(rejected)


def test_an_unknown_journal_is_refused() -> None:
    with pytest.raises(DataError, match="did you mean 'natural'"):
        embedded.journal("natual")


# The card


def test_the_figures_of_the_card_are_those_of_the_data(rows: list[dict[str, str]], journal: list[Entry]) -> None:
    text = CARD.read_text("utf-8")
    levels = Counter(row["level"] for row in rows)
    for said in (
        f"{len(rows):,} pairs",
        f"{len({row['topic'] for row in rows})} topics",
        ", ".join(f"{level} {levels[level]:,}" for level in sorted(levels)),
        f"{len(answered(journal)):,} pairs in {len(journal):,} requests",
        *(f"{len(embedded.pairs(f'natural/{part}')):,} {part}" for part in ("train", "dev", "test")),
    ):
        assert said in text, said


def test_the_card_has_the_form_of_the_hub(rows: list[dict[str, str]]) -> None:
    head = yaml.safe_load(CARD.read_text("utf-8").split("---\n")[1])
    assert head["license"] == "mit" and head["language"] == ["de", "en"] and head["task_categories"] == ["translation"]
    assert head["size_categories"] == ["1K<n<10K"]
    [config] = head["configs"]
    files = [file for entry in config["data_files"] for file in CARD.parent.glob(entry["path"])]
    assert sum(len(file.read_text("utf-8").splitlines()) - 1 for file in files) == len(rows)
