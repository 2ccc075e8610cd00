"""Lines in, lines out: as many, in order, blank ones untouched, nothing silently cut, whatever the batches."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dragoman.bundle import Bundle, save_bundle
from dragoman.decode import translator as room
from dragoman.decode.options import DecodeOptions, Sampling
from dragoman.decode.rules import Hypothesis
from dragoman.decode.translator import Report, Translator, plan_batches
from dragoman.errors import DragomanError
from dragoman.model.transformer import EncoderDecoder
from dragoman.tokenizer import Tokenizer

GREEDY = DecodeOptions(beam=1, retry=False)
LINES = [
    "der Hund läuft",
    "",
    "die Katze schläft heute, morgen.",
    "   ",
    " müde ",
    "Straßenbahn 👩‍🔬 über Häuser",
    "\t",
]


def blank(lines: list[str]) -> list[bool]:
    return [not line.strip() for line in lines]


@pytest.mark.parametrize(
    "options", [GREEDY, DecodeOptions(beam=2), DecodeOptions(sampling=Sampling(seed=1), retry=False)]
)
def test_lines_in_are_lines_out_and_blank_ones_come_back_as_they_were(
    translator: Translator, options: DecodeOptions
) -> None:
    found = translator.translate(LINES, "de", "en", options)
    assert len(found) == len(LINES)
    assert [found[place] for place, is_blank in enumerate(blank(LINES)) if is_blank] == ["", "   ", "\t"]
    assert found[4].startswith(" ") and found[4].endswith(" ")
    assert not any("\n" in line for line in found)


def test_no_lines_give_no_lines(translator: Translator) -> None:
    assert translator.translate([], "de", "en") == []
    assert translator.translate(["", " "], "de", "en") == ["", " "]


def test_a_translation_does_not_depend_on_the_other_lines(translator: Translator) -> None:
    words = ["der", "Hund", "die", "Katze", "läuft", "Straße", "Bahnhof", "nicht", "gehört"]
    draw = random.Random(2)
    lines = [" ".join(draw.choices(words, k=draw.randrange(1, 9))) for _ in range(12)]
    together = translator.translate(lines, "de", "en", GREEDY)
    assert together == [translator.translate([line], "de", "en", GREEDY)[0] for line in lines]
    small = DecodeOptions(beam=1, retry=False, batch_tokens=30, threads=1)
    assert translator.translate(lines, "de", "en", small) == together
    assert translator.translate(lines[::-1], "de", "en", GREEDY) == together[::-1]
    assert len(set(together)) > 6


def test_threads_change_nothing(translator: Translator) -> None:
    lines = [f"der Hund {'läuft ' * n}" for n in range(8)]
    one, two = (
        translator.translate(lines, "de", "en", DecodeOptions(beam=2, batch_tokens=60, threads=n)) for n in (1, 2)
    )
    assert one == two


def test_an_error_ends_the_work(translator: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def decode(*arguments: object) -> list[Hypothesis]:
        begun.append(1)
        time.sleep(0.002)  # the thread that ends the work must come to its turn
        raise MemoryError

    monkeypatch.setattr(room, "decode", decode)
    with pytest.raises(MemoryError):
        translator.translate(["der Hund"] * 500, "de", "en", DecodeOptions(beam=1, batch_tokens=1, threads=2))
    assert len(begun) < 500


def test_the_number_of_threads_is_restored(translator: Translator) -> None:
    before = torch.get_num_threads()
    translator.translate(["der Hund", "die Katze"], "de", "en", DecodeOptions(beam=1, batch_tokens=1, threads=2))
    assert torch.get_num_threads() == before


def test_a_sample_depends_on_the_seed(translator: Translator) -> None:
    def sampled(seed: int) -> list[str]:
        return translator.translate(LINES, "de", "en", DecodeOptions(sampling=Sampling(seed=seed), retry=False))

    assert sampled(1) == sampled(1) != sampled(2)


def test_an_unknown_direction_names_the_known_ones(translator: Translator) -> None:
    with pytest.raises(DragomanError, match=r"from de to fr.*de to en, en to de"):
        translator.translate(["x"], "de", "fr")


def test_a_long_line_is_split_translated_and_joined(translator: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []

    def copy(model: object, sources: list[list[int]], *rest: object) -> list[Hypothesis]:
        seen.extend(sources)
        return [Hypothesis(tuple(source[1:-1]), -1.0, -1.0, True) for source in sources]

    monkeypatch.setattr(room, "decode", copy)
    line = "  Der Hund läuft.  Die Katze schläft über Häuser, Straßenbahn heute.\tNicht müde?\n\nheute "
    for limit in (8, 12, 30):
        found = translator.translate_with_report([line, "", "kurz"], "de", "en", DecodeOptions(max_source_tokens=limit))
        assert found.lines == [line, "", "kurz"]
        assert found.report == Report(split=1, retried=0, unfinished=())
        assert max(map(len, seen)) <= limit
        seen.clear()


def answers(*rounds: tuple[tuple[int, ...], bool]) -> Iterator[tuple[tuple[int, ...], bool]]:
    return iter(rounds)


@pytest.mark.parametrize(
    ("first", "second", "text_of", "retried", "unfinished"),
    [
        (((90, 91), True), None, 0, 0, ()),
        (((90, 91) * 8, True), ((92, 93), True), 1, 1, ()),  # a loop, then none
        (((90, 91), False), ((92, 93), True), 1, 1, ()),  # its limit, then an end
        (((90, 91), False), ((92, 93), False), 1, 1, (1,)),
        (((), True), ((92, 93), True), 1, 1, ()),  # nothing, then something
        (((90, 91) * 8, True), ((92, 93), False), 0, 1, (1,)),  # a loop that ends is better than no end
    ],
)
def test_what_fails_is_decoded_again_and_reported(
    translator: Translator,
    monkeypatch: pytest.MonkeyPatch,
    first: tuple[tuple[int, ...], bool],
    second: tuple[tuple[int, ...], bool] | None,
    text_of: int,
    retried: int,
    unfinished: tuple[int, ...],
) -> None:
    rounds = [answer for answer in (first, second) if answer]
    forbidden: list[int] = []

    def decode(model: object, sources: object, numbers: object, options: object, rules: room.Rules) -> list[Hypothesis]:
        forbidden.append(rules.no_repeat)
        ids, complete = rounds[len(forbidden) - 1]
        return [Hypothesis(ids, -1.0, -1.0, complete)]

    monkeypatch.setattr(room, "decode", decode)
    found = translator.translate_with_report(["", "der Hund"], "de", "en")
    assert found.lines == ["", translator.tokenizer.decode(rounds[text_of][0]).strip()]
    assert found.report == Report(split=0, retried=retried, unfinished=unfinished)
    assert forbidden == [0, 3][: retried + 1]
    assert len(found.report.warnings()) == len(unfinished)


def test_progress_is_told_of_every_line_once(translator: Translator) -> None:
    told: list[float] = []
    translator.translate(LINES, "de", "en", DecodeOptions(beam=1, batch_tokens=20, split_sentences=True), told.append)
    assert sum(told) == len(LINES)
    assert all(amount > 0 for amount in told)


def test_batches_stay_within_their_tokens_and_hold_every_piece_once() -> None:
    draw = random.Random(5)
    pieces = [room._Piece(n, n, [1] * draw.randrange(1, 50)) for n in range(200)]
    options = DecodeOptions(beam=4, batch_tokens=150)
    batches = plan_batches(pieces, options)
    assert sorted(piece.number for batch in batches for piece in batch) == list(range(200))
    for batch in batches:
        assert len(batch) == 1 or max(len(piece.source) for piece in batch) * len(batch) * 4 <= 150


def test_a_model_in_training_is_left_in_training(model: EncoderDecoder, translator: Translator) -> None:
    expected = translator.translate(LINES, "de", "en", GREEDY)
    model.train()
    try:
        assert translator.translate(LINES, "de", "en", GREEDY) == expected
        assert model.training
    finally:
        model.eval()


def test_bf16_translates_too(translator: Translator) -> None:
    found = translator.translate(LINES, "de", "en", DecodeOptions(beam=2, precision="bf16", retry=False))
    assert len(found) == len(LINES)
    assert next(translator.bundle.model.parameters()).dtype == torch.float32


def test_a_translator_is_read_from_a_folder(
    model: EncoderDecoder, tokenizer: Tokenizer, translator: Translator, tmp_path: Path
) -> None:
    saved = tmp_path / "tokenizer.model"
    saved.write_bytes(tokenizer._processor.serialized_model_proto())
    save_bundle(tmp_path / "model", model, saved, [("de", "en")], {})
    loaded = Translator.load(tmp_path / "model")
    assert loaded.translate(LINES, "de", "en", GREEDY) == translator.translate(LINES, "de", "en", GREEDY)
    with pytest.raises(DragomanError, match=r"from en to de.*de to en$"):
        loaded.translate(LINES, "en", "de")


def test_nothing_special_is_ever_in_the_output(model: EncoderDecoder, tokenizer: Tokenizer) -> None:
    """Even where the model likes a tag, a sentinel, the mask and a line break spelled in bytes best of all."""
    line_break = tokenizer.encode("\n")[-1]
    changed = EncoderDecoder(model.config)
    changed.load_state_dict(model.state_dict())
    with torch.no_grad():
        changed.embedding.weight[[0, 1, 2, 4, tokenizer.sentinel(3), tokenizer.tag("de"), line_break]] *= 30
    rules = room.make_rules(tokenizer, torch.device("cpu"), 1.0)
    sources = [[tokenizer.tag("en"), *tokenizer.encode(line), 3] for line in LINES if line.strip()]
    specials = {*range(tokenizer.tag("en") + 1), line_break}
    for options in (GREEDY, DecodeOptions(beam=3), DecodeOptions(sampling=Sampling(temperature=3.0))):
        found = room.decode(changed.eval(), sources, range(len(sources)), options, rules)
        assert not specials & {token for one in found for token in one.ids}


def test_a_bundle_is_needed_only_once(translator: Translator) -> None:
    assert isinstance(translator.bundle, Bundle)
    assert translator.translate(LINES, "de", "en", GREEDY) == translator.translate(LINES, "de", "en", GREEDY)
