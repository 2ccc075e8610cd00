"""Every option says what it is and why its default is what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.languages import LANGUAGES, nearest_language
from dragoman.recipe import Recipe, load_recipe
from dragoman.recipe.options import describe

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("option", list(describe(Recipe)), ids=lambda option: option["name"])
def test_an_option_is_explained(option: dict[str, object]) -> None:
    assert len(str(option["why"])) >= 12
    assert option["type"]


def test_options_cover_sections_inside_lists() -> None:
    names = {option["name"] for option in describe(Recipe)}
    assert {"name", "finetune.steps", "data.pairs[]", "data.pairs[].repeat", "tokenizer.vocab_size"} <= names
    assert "finetune" not in names


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_the_recipes_that_ship_can_be_read(path: Path) -> None:
    assert load_recipe(path).name == path.stem


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_says_what_it_needs_and_reaches(path: Path) -> None:
    header = path.read_text(encoding="utf-8").split("\nname:")[0]
    for word in ("Hardware", "Time", "Score"):
        assert f"# {word}" in header


def test_the_language_table_is_complete_and_of_two_letters() -> None:
    assert len(LANGUAGES) == 183
    assert all(len(code) == 2 and code.islower() for code in LANGUAGES)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("german", "de"),
        ("German", "de"),
        ("germn", "de"),
        ("DE", "de"),
        ("en_US", "en"),
        ("span", "es"),
        ("norw", "no"),
    ],
)
def test_a_language_is_found_by_name_and_spelling(given: str, meant: str) -> None:
    assert nearest_language(given).startswith(f"did you mean '{meant}'")
