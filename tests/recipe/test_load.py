"""A recipe is read strictly: what is wrong with it is said in one line, with its place and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.errors import DataError, RecipeError
from dragoman.recipe import Recipe, load_recipe

HEAD = "name: x\nlanguages: [de, en]\n"
PAIR = HEAD + "data:\n  pairs:\n    - {name: a, tsv: a.tsv}\n"


def load(tmp_path: Path, text: str, *overrides: str) -> Recipe:
    path = tmp_path / "r.yaml"
    path.write_text(text, encoding="utf-8")
    return load_recipe(path, overrides)


MONO = "data: {mono: [{name: a, language: de, path: a.txt}]}\n"
ASKED = "teacher: {kind: openai, model: m"
SYNTHESIS = {
    "direction": (ASKED + "}, directions: [de-fr]", "'de-fr' is not a direction of this recipe"),
    "source language": (ASKED + "}, directions: [en-de]", "there are no 'en' documents to start from"),
    "kind": ("teacher: {kind: gpt}", "it must be 'gemini', 'openai', 'model' or 'recorded'"),
    "option": (ASKED + ", temprature: 1}", "did you mean 'temperature'?"),
    "model": ("teacher: {kind: gemini}", "kind gemini needs a model"),
    "journal": ("teacher: {kind: recorded}", "kind recorded needs a journal"),
    "journal of another": (ASKED + ", journal: j}", "only recorded has a journal"),
    "batch": ("teacher: {kind: model, model: m, batch: true}", "kind model has no Batch API"),
    "one price": (ASKED + ", price_in: 1}", "give both price_in and price_out"),
    "key": (ASKED + ", api_key_env: sk-123}", "never the key"),
    "key in the address": (ASKED + ", base_url: 'http://key@host/v1'}", "with no key or name in it"),
    "address": (ASKED + ", base_url: localhost}", "give an address such as http"),
    "bounds": (ASKED + "}, sentences: [3, 2]", "[3, 2] are no bounds"),
    "cap": (ASKED + "}, max_cost: 0", "must be more than 0"),
    "check": (ASKED + "}, checks: {max_length_ration: 2}", "did you mean 'max_length_ratio'?"),
    "shares": (ASKED + "}, dev_share: 0.5", "must be less than 0.5"),
}
BAD = {
    "blank": ("", ["blank", "r.yaml", "recipes/demo.yaml"]),
    "only a comment": ("# nothing\n", ["blank"]),
    "a list": ("- a\n- b\n", ["list", "r.yaml"]),
    "a word": ("hello\n", ["the value 'hello'"]),
    "broken brackets": ("name: x\nlanguages: [de, en\n", ["not YAML", "line 3, column 1"]),
    "a tab": ("name: x\ndata:\n\tpairs: 1\n", ["not YAML", "line 3, column 1"]),
    "twice": ("name: x\nname: y\n", ["'name' is given twice", "lines 1 and 2"]),
    "twice deep": (HEAD + "finetune:\n  steps: 1\n  steps: 2\n", ["'finetune.steps' is given twice", "lines 4 and 5"]),
    "unknown": (HEAD + "finetune:\n  stepz: 3\n", ["unknown option 'finetune.stepz'", "line 4", "mean 'steps'?"]),
    "unknown in a list": (PAIR[:-2] + ", repeats: 2}\n", ["'data.pairs.0.repeats'", "line 5", "'repeat'?"]),
    "in another section": (HEAD + "steps: 3\n", ["unknown option 'steps'", "'pretrain.steps' or 'finetune.steps'"]),
    "unknown section": (HEAD + "finetuning: {}\n", ["unknown option 'finetuning'", "'finetune'?"]),
    "text for a number": (HEAD + "seed: one\n", ["'seed' is \"one\"", "line 3", "whole number"]),
    "quoted number": (HEAD + "finetune: {steps: '5'}\n", ["'finetune.steps' is \"5\"", "whole number"]),
    "truth for a number": (HEAD + "seed: true\n", ["'seed' is true", "whole number"]),
    "broken number": (HEAD + "seed: 1.5\n", ["'seed' is 1.5", "whole number"]),
    "out of range": (HEAD + "finetune: {steps: -5}\n", ["'finetune.steps' is -5", "at least 0"]),
    "not one of": (HEAD + "model: {preset: huge}\n", ["'model.preset' is \"huge\"", "'tiny'"]),
    "two kinds": (HEAD + "tokenizer: {vocab_size: big}\n", ["whole number or 'auto'"]),
    "infinite": (HEAD + "finetune: {clip: .inf}\n", ["'finetune.clip' is \".inf\"", "a number"]),
    "a number for a section": (HEAD + "finetune: 3\n", ["'finetune' is 3", "section"]),
    "no name": ("languages: [de, en]\n", ["'name' is missing", "dragoman options"]),
    "a name with a slash": ("name: a/b\nlanguages: [de, en]\n", ["'a/b' cannot be the name of a folder", "line 1"]),
    "a name upwards": ("name: ..\nlanguages: [de, en]\n", ["'..' cannot be"]),
    "one language": ("name: x\nlanguages: [de]\n", ["languages", "line 2"]),
    "three languages": ("name: x\nlanguages: [de, en, fr]\n", ["'languages' is", "at most 2"]),
    "equal languages": ("name: x\nlanguages: [de, de]\n", ["both languages are 'de'", "line 2"]),
    "language by name": ("name: x\nlanguages: [german, en]\n", ["'german' is not", "did you mean 'de' (German)?"]),
    "language in capitals": ("name: x\nlanguages: [de, EN]\n", ["'EN' is not", "did you mean 'en' (English)?"]),
    "language with region": ("name: x\nlanguages: [de, en-GB]\n", ["did you mean 'en'"]),
    "no language": ("name: x\nlanguages: [de, qqq]\n", ["'qqq' is not", "ISO 639-1"]),
    "direction": (HEAD + "finetune: {directions: [de-fr]}\n", ["'de-fr' is not a direction", "mean 'de-en'?"]),
    "mono language": (
        HEAD + "data: {mono: [{name: a, language: fr, path: a.txt}]}\n",
        ["'fr' is not a language of this recipe", "de, en"],
    ),
    "pair file missing": (
        HEAD + "data:\n  pairs:\n    - name: a\n      files: {de: a.de}\n",
        ["'data.pairs.0.files' has no 'en' file", "line 6", "given are: de"],
    ),
    "no origin": (HEAD + "data:\n  test:\n    - name: a\n", ["'data.test.0'", "exactly one of", "line 5"]),
    "same name": (
        HEAD + "data:\n  pairs:\n    - {name: a, tsv: b}\n    - {name: a, tsv: c}\n",
        ["two sources of data.pairs are called 'a'", "line 6"],
    ),
    "test name": (HEAD + "data:\n  test:\n    - {name: a/b, tsv: b}\n", ["'a/b' cannot be part of a file name"]),
    "pattern": (HEAD + "curate: {blocked_patterns: ['(']}\n", ["'curate.blocked_patterns'", "regular expression"]),
    **{
        f"synthesis {name}": (f"{HEAD}{MONO}synthesize: {{{options}}}\n", [words, "line 4"])
        for name, (options, words) in SYNTHESIS.items()
    },
    "synthesis without a teacher": (HEAD + MONO + "synthesize: {passages: 5}\n", ["'synthesize.teacher' is missing"]),
    "synthesis without documents": (
        HEAD + "synthesize: {teacher: {kind: openai, model: m}}\n",
        ["there are no documents to translate", "line 3", "data.mono"],
    ),
    "synthesis and a source of its name": (
        HEAD + "data: {pairs: [{name: synthetic, tsv: a}]}\nsynthesize: {teacher: {kind: recorded, journal: j}}\n",
        ["called 'synthetic'", "line 3", "rename"],
    ),
    "order": (HEAD + "curate: {min_chars: 10, max_chars: 5}\n", ["min_chars 10 is above max_chars 5"]),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_in_one_line_with_its_place(tmp_path: Path, case: str) -> None:
    text, words = BAD[case]
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, text)
    message = str(caught.value)
    assert "\n" not in message
    for word in (*words, "r.yaml"):
        assert word in message


BAD_SET = {
    "no equals sign": ("finetune.steps", ["option=value"]),
    "unknown": ("finetune.stepz=1", ["unknown option 'finetune.stepz'", "'steps'?"]),
    "wrong type": ("finetune.steps=many", ["'finetune.steps' is \"many\"", "whole number"]),
    "broken YAML": ("finetune.steps=[1", ["not YAML"]),
    "below a value": ("name.a=1", ["'name' is the value 'x'", "'a'"]),
    "no such entry": ("data.pairs.3.limit=1", ["'data.pairs' has no entry '3'"]),
    "a word as index": ("data.pairs.a.limit=1", ["'data.pairs' has no entry 'a'"]),
}


@pytest.mark.parametrize("case", BAD_SET)
def test_a_wrong_override_names_itself(tmp_path: Path, case: str) -> None:
    override, words = BAD_SET[case]
    with pytest.raises(RecipeError) as caught:
        load(tmp_path, PAIR, override)
    for word in (*words, f"--set {override}"):
        assert word in str(caught.value)


def test_overrides_reach_sections_lists_and_new_places(tmp_path: Path) -> None:
    recipe = load(
        tmp_path,
        PAIR,
        "finetune.steps=100",
        "data.pairs.0.limit=10",
        "data.root=/data with = sign",
        "finetune.directions=[en-de]",
        "curate.page_lines=null",
        "finetune.learning_rate=1e-2",
    )
    assert recipe.finetune.steps == 100
    assert recipe.data.pairs[0].limit == 10
    assert recipe.data.root == "/data with = sign"
    assert recipe.directions() == (("en", "de"),)
    assert recipe.curate.page_lines is None
    assert recipe.finetune.learning_rate == 0.01


def test_the_last_override_wins_over_file_and_earlier_ones(tmp_path: Path) -> None:
    recipe = load(tmp_path, HEAD + "finetune: {steps: 1}\n", "finetune.steps=2", "finetune.steps=3")
    assert recipe.finetune.steps == 3


def test_norwegian_is_a_language_and_off_is_a_word(tmp_path: Path) -> None:
    recipe = load(tmp_path, "name: x\nlanguages: [no, en]\ntrack: {wandb: off}\n")
    assert recipe.languages == ("no", "en")
    assert recipe.track.wandb == "off"


def test_an_empty_section_means_its_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD + "curate:\nfinetune:\n") == load(tmp_path, HEAD)


def test_numbers_may_be_written_in_science_notation_and_with_underscores(tmp_path: Path) -> None:
    recipe = load(tmp_path, HEAD + "finetune: {learning_rate: 5e-3}\ntokenizer: {max_sentences: 1_000}\n")
    assert recipe.finetune.learning_rate == 0.005
    assert recipe.tokenizer.max_sentences == 1000


def test_the_first_problem_by_line_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="line 3"):
        load(tmp_path, HEAD + "seed: x\nfinetune: {steps: -1}\n")


def test_nothing_in_yaml_runs_code(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="not YAML"):
        load(tmp_path, "name: !!python/object/apply:os.getcwd []\nlanguages: [de, en]\n")


@pytest.mark.parametrize("content", [b"name: \xff\xfe\n", b"name: a\x00b\n"])
def test_a_recipe_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.yaml").write_bytes(content)
    with pytest.raises(DataError, match="line 1"):
        load_recipe(tmp_path / "r.yaml")


def test_a_missing_recipe_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(DataError, match=r"did you mean 'demo.yaml'"):
        load_recipe(tmp_path / "dmo.yaml")
