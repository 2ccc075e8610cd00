"""A prompt says what the recipe wishes and what the passages are, the same each time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dragoman.errors import RecipeError
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.synth.items import Passage, Request, estimated_tokens
from dragoman.synth.prompt import load_prompt, numbers, prompts, read_prompt, request, requests, strict_request

SHIPPED = {"translate-v1": "01bd1dbe89e6c00aeab6454f5fec98ea"}
"""What was used for pairs stays as it was: write a new version beside it instead of changing a prompt."""


def settings(**more: Any) -> SynthesizeSettings:
    teacher = {"kind": "openai", "model": "m", **more.pop("teacher", {})}
    return SynthesizeSettings.model_validate({"teacher": teacher, **more})


def passage(text: str, src: str = "de", tgt: str = "en", place: int = 0) -> Passage:
    return Passage.of(source="s", document="d", place=place, src=src, tgt=tgt, text=text, sentences=1)


def asked(one: Request) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(one.payload.user.rpartition("\n")[2])["passages"]
    return found


def test_shipped_prompts_never_change() -> None:
    assert {id: load_prompt(id).digest for id in prompts()} == SHIPPED


def test_the_last_line_of_the_users_message_holds_the_numbered_passages() -> None:
    texts = ['Er sagte: „Nein.“ "So?"', "Kosten: $5 {name} %s \\n \u2028", "Das $source ist $$gut."]
    one = request([passage(text) for text in texts], settings(), "m")
    assert asked(one) == [
        {"id": number, "text": text} for number, text in zip(numbers(one.payload.passages), texts, strict=True)
    ]
    assert one.prompt == "translate-v1" and one.model == "m"


def test_both_languages_are_named_in_english() -> None:
    one = request([passage("Hej!", "da", "pt")], settings(), "m")
    assert "from Danish into Portuguese" in one.payload.system
    assert "Danish" in one.payload.user and "$" not in one.payload.system


@pytest.mark.parametrize(
    ("wish", "words"),
    [("style", "formal, as in letters"), ("domain", "medical leaflets"), ("terminology", "Kern = kernel; Tür = port")],
)
def test_what_the_recipe_wishes_is_said_and_else_nothing(wish: str, words: str) -> None:
    plain, wished = (request([passage("Gut.")], s, "m") for s in (settings(), settings(**{wish: f" {words}.\n"})))
    assert f"{words}." in wished.payload.system and f"{words}.." not in wished.payload.system
    assert words not in plain.payload.system
    assert len(wished.payload.system.splitlines()) == len(plain.payload.system.splitlines()) + 2
    assert wished.id != plain.id


def test_all_wishes_stand_together() -> None:
    system = request([passage("Gut.")], settings(style="aaa", domain="bbb", terminology="ccc"), "m").payload.system
    assert system.index("aaa") < system.index("bbb") < system.index("ccc")


def test_a_wish_may_hold_any_characters() -> None:
    assert (
        "cost $5 {x} $source" in request([passage("Gut.")], settings(style="cost $5 {x} $source"), "m").payload.system
    )


def test_the_second_question_is_stricter_and_another_request() -> None:
    first, again = request([passage("Gut.")], settings(), "m"), strict_request(passage("Gut."), settings(), "m")
    assert again.payload.system.startswith(first.payload.system)
    assert "rejected" in again.payload.system and "rejected" not in first.payload.system
    assert (first.payload.attempt, again.payload.attempt) == (0, 1)
    assert first.id != again.id


def test_a_request_holds_passages_of_one_direction_in_their_order() -> None:
    found = [passage(f"Satz {i}.", *(("de", "en") if i % 3 else ("en", "de")), place=i) for i in range(20)]
    made = list(requests(iter(found), settings(teacher={"passages_per_request": 4}), "m"))
    assert sorted(p.id for one in made for p in one.payload.passages) == sorted(p.id for p in found)
    for one in made:
        assert len({(p.src, p.tgt) for p in one.payload.passages}) == 1
    for src in ("de", "en"):
        in_order = [p for one in made for p in one.payload.passages if p.src == src]
        assert in_order == [p for p in found if p.src == src]
    assert sorted(len(one.payload.passages) for one in made) == [1, 3, 4, 4, 4, 4]
    assert [one.id for one in made] == [
        one.id for one in requests(found, settings(teacher={"passages_per_request": 4}), "m")
    ]


def test_no_passages_make_no_request() -> None:
    assert list(requests([], settings(), "m")) == []


def test_a_request_is_known_by_all_that_is_asked_and_by_nothing_else() -> None:
    one = request([passage("Gut.")], settings(), "m")
    same = settings(teacher={"base_url": "http://localhost:1/v1", "concurrency": 3, "price_in": 1, "price_out": 2})
    assert request([passage("Gut.")], same, "m").id == one.id
    others = [
        request([passage("Gut!")], settings(), "m"),
        request([passage("Gut.", place=1)], settings(), "m"),
        request([passage("Gut.", "en", "de")], settings(), "m"),
        request([passage("Gut.")], settings(), "n"),
        request([passage("Gut.")], settings(teacher={"temperature": 0.7}), "m"),
        request([passage("Gut.")], settings(teacher={"max_output_tokens": 77}), "m"),
        request([passage("Gut."), passage("Gut!")], settings(), "m"),
    ]
    assert len({one.id, *(other.id for other in others)}) == 1 + len(others)


def test_there_is_room_for_the_answer() -> None:
    long = passage("Ein recht langer Satz, der Platz braucht. " * 30)
    payload = request([long] * 3, settings(), "m").payload
    assert payload.max_tokens > 3 * 3 * estimated_tokens(long.text)
    assert request([long], settings(teacher={"max_output_tokens": 50}), "m").payload.max_tokens == 50


def test_numbers_follow_each_other_and_have_five_digits() -> None:
    for size in (1, 4, 64):
        found = numbers([passage(f"Satz {i}.") for i in range(size)])
        assert found == tuple(range(found[0], found[0] + size))
        assert found[0] >= 10_000 and found[-1] < 100_000


def test_an_unknown_prompt_is_one_line_with_the_nearest_name() -> None:
    with pytest.raises(
        RecipeError, match=r"no prompt 'translate-v' \(synthesize.prompt\): did you mean 'translate-v1'"
    ):
        load_prompt("translate-v")
    with pytest.raises(RecipeError):
        load_prompt("../prompts/translate-v1")


GOOD = "# a comment\n" + "".join(
    f"[{name}]\n{name} $source\n\n" for name in ("system", "user", "style", "domain", "terminology", "again")
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("[again]", "[agian]"), "its sections are"),
        (GOOD.replace("[style]\nstyle $source\n", ""), "its sections are"),
        ("words before\n" + GOOD, "its sections are"),
        (GOOD.replace("user $source", "user $sauce"), "section user"),
        (GOOD.replace("user $source", "it costs $ 5"), "section user"),
    ],
)
def test_a_damaged_prompt_file_is_noticed(text: str, words: str) -> None:
    assert read_prompt("x", GOOD).sections["user"] == "user $source"
    with pytest.raises(ValueError, match=words):
        read_prompt("x", text)
