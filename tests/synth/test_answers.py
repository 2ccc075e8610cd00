"""Whatever form an answer has, a passage gets its own text or a reason, never another passage's text."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.synth.answers import REASONS, Part, parse, read_answer, read_rows
from dragoman.synth.items import Passage, Reply, answer_text
from dragoman.synth.prompt import numbers, request

TEXTS = ("Es regnet.", "Wie geht es dir?", "Der Zug kommt gleich.")
TRANSLATIONS = ("It is raining.", "How are you?", 'The "train" is coming soon.')


def passages(*texts: str) -> list[Passage]:
    return [
        Passage.of(source="s", document="d", place=place, src="de", tgt="en", text=text, sentences=1)
        for place, text in enumerate(texts)
    ]


ASKED = passages(*TEXTS)


def row(number: Any, text: Any) -> dict[str, Any]:
    return {"id": number, "text": text}


def rows(*texts: Any, asked: list[Passage] = ASKED) -> list[dict[str, Any]]:
    return [row(number, text) for number, text in zip(numbers(asked), texts, strict=True)]


def read(answer: str, finish: str = "stop", asked: list[Passage] = ASKED) -> list[Part]:
    return read_answer(Reply(answer, 1, 1, finish), asked)


def said(value: Any) -> str:
    return json.dumps({"translations": value}, ensure_ascii=False)


RIGHT = [Part(text) for text in TRANSLATIONS]
WHOLE = said(rows(*TRANSLATIONS))


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        f"```json\n{WHOLE}\n```",
        f"```\n{WHOLE}\n```\nI hope this helps!",
        f"Here are the translations [1] {{as asked}}:\n\n{WHOLE}",
        f"\ufeff  {WHOLE}  ",
        json.dumps(json.loads(WHOLE), indent=2),
        json.dumps(rows(*TRANSLATIONS)),
        WHOLE.replace("}]", "},]").replace('"}', '",}'),
        said(list(reversed(rows(*TRANSLATIONS)))),
        said([row(str(one["id"]), f" {one['text']}\n") for one in rows(*TRANSLATIONS)]),
        said([*rows(*TRANSLATIONS), row(7, "Something else.")]),
        said([*rows(*TRANSLATIONS), *rows(*TRANSLATIONS)]),
        json.dumps({"thoughts": ["a", {"id": 3}], "translations": rows(*TRANSLATIONS)}),
        json.dumps({"passages": [row(n, t) for n, t in zip(numbers(ASKED), TEXTS, strict=True)]}) + WHOLE,
        answer_text(TRANSLATIONS),
    ],
)
def test_form_is_forgiven(answer: str) -> None:
    assert read(answer) == RIGHT


@pytest.mark.parametrize("end", range(0, len(WHOLE) - 1, 3))
def test_half_an_answer_is_none(end: int) -> None:
    assert read(WHOLE[:end]) == [Part(None, "invalid_json")] * 3
    assert read(WHOLE[:end], "length") == [Part(None, "cut_off")] * 3


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "It is raining.",
        "I'm sorry, but I can't help with that.",
        "{}",
        "[]",
        "null",
        '"translations"',
        '{"translations": "It is raining."}',
        '{"translations": {"1": "It is raining."}}',
        '{"translations": ["It is raining.", "How are you?", "The train."]}',
        '{"translations": [{"text": "It is raining."}]}',
        '{"translations": [{"id": true, "text": "It is raining."}]}',
        '{"translations": [{"id": 1.5, "text": "It is raining."}]}',
        '{"translations": [{"id": "one", "text": "It is raining."}]}',
        "[" * 200_000,
        '{"translations": [' * 50_000,
        "{" * 1000 + '"a": ' * 1000,
    ],
)
def test_what_is_not_in_the_right_form_is_rejected(answer: str) -> None:
    assert read(answer) == [Part(None, "invalid_json")] * 3


def test_an_empty_list_says_nothing_about_any_passage() -> None:
    assert read(said([])) == [Part(None, "missing")] * 3


def test_a_missing_number_concerns_its_passage_alone() -> None:
    assert read(said(rows(*TRANSLATIONS)[1:])) == [Part(None, "missing"), *RIGHT[1:]]
    assert read(said(rows("It is raining.", None, 5))) == [RIGHT[0], *[Part(None, "missing")] * 2]


def test_two_texts_for_one_number_are_not_guessed_at() -> None:
    twice = [*rows(*TRANSLATIONS), row(numbers(ASKED)[1], "How do you do?")]
    assert read(said(twice)) == [RIGHT[0], Part(None, "ambiguous"), RIGHT[2]]


def test_the_answer_to_another_request_is_noticed() -> None:
    other = passages("Ich heiße Anna.", "Das ist mein Bruder.", "Er heißt Tim.")
    mixed_up = said(rows("My name is Anna.", "This is my brother.", "His name is Tim.", asked=other))
    assert read(mixed_up) == [Part(None, "swapped")] * 3
    assert read(said(rows(*TRANSLATIONS, asked=ASKED)), asked=other) == [Part(None, "swapped")] * 3


def test_hardly_any_two_requests_share_a_number() -> None:
    rng = random.Random(5)
    all_numbers = [numbers(passages(*(f"Satz {rng.random()}." for _ in range(4)))) for _ in range(300)]
    shared = sum(bool(set(first) & set(second)) for i, first in enumerate(all_numbers) for second in all_numbers[:i])
    assert shared < 0.001 * 300 * 299 / 2


def test_a_teacher_may_count_from_one_but_only_completely() -> None:
    assert read(answer_text(TRANSLATIONS)) == RIGHT
    assert read(answer_text(TRANSLATIONS[:2])) == [Part(None, "swapped")] * 3
    assert read(said([row(2, "a"), row(3, "b"), row(4, "c")])) == [Part(None, "swapped")] * 3


def test_what_the_service_refused_is_blocked_whatever_it_says() -> None:
    assert read(WHOLE, "blocked") == [Part(None, "blocked")] * 3


def test_a_complete_answer_that_ran_to_its_limit_is_read() -> None:
    assert read(WHOLE, "length") == RIGHT


def test_parts_come_by_the_id_of_their_passage() -> None:
    settings = SynthesizeSettings.model_validate({"teacher": {"kind": "openai", "model": "m"}})
    found = parse(Reply(WHOLE, 1, 1), request(ASKED, settings, "m"))
    assert found == {passage.id: part for passage, part in zip(ASKED, RIGHT, strict=True)}


def test_a_text_with_line_ends_and_quotes_stays_as_it_is() -> None:
    raw = '{"translations": [{"id": 1, "text": "He said:\n\\"No.\\""}]}'  # a raw line end is no JSON, strictly
    assert read_rows(raw) == {1: ['He said:\n"No."']}


@pytest.mark.parametrize("seed", range(40))
def test_damaged_answers_give_each_passage_its_own_text_or_a_reason(seed: int) -> None:
    rng = random.Random(seed)
    characters = list(WHOLE)
    for _ in range(rng.randrange(1, 6)):
        place = rng.randrange(len(characters))
        characters[place : place + rng.randrange(4)] = rng.choice(["", '"', ",", "}", "]", "{", " ", "\\", "1"])
    for part, own in zip(read("".join(characters)), TRANSLATIONS, strict=True):
        if part.text is None:
            assert part.reason in REASONS
        else:
            others = [text for text in TRANSLATIONS if text != own]
            assert part.text not in others
