"""A model as a function: one of ours, or one of CTranslate2; sentence by sentence, in order, nothing lost between."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece

from dragoman.decode import engines
from dragoman.decode.engines import CTranslate2, load_translate, model_files
from dragoman.errors import BundleError, DragomanError

TEXT = ["Guten Morgen, wie geht es dir?", "Good morning, how are you?", "Der Zug kommt um acht Uhr an."] * 20
needs_package = pytest.mark.skipif(importlib.util.find_spec("ctranslate2") is None, reason="ctranslate2 is missing")


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentencepiece model that knows a tag for English."""
    folder = tmp_path_factory.mktemp("pieces")
    (folder / "text").write_text("\n".join(TEXT), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "text"),
        model_prefix=str(folder / "pieces"),
        vocab_size=64,
        hard_vocab_limit=False,
        user_defined_symbols=["<2en>"],
        minloglevel=2,
    )
    return folder / "pieces.model"


def make(folder: Path, vocabulary: Path, names: tuple[str, ...]) -> Path:
    """A model of CTranslate2 with random weights."""
    from ctranslate2.specs import TransformerSpec

    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(vocabulary.read_bytes())
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    words = [pieces.id_to_piece(token) for token in range(pieces.get_piece_size())]
    spec, rng, width = TransformerSpec.from_config(1, 2, pre_norm=True), np.random.default_rng(1), 16

    def linear(layer: Any, rows: int, columns: int = width) -> None:
        layer.weight = rng.normal(size=(rows, columns)).astype(np.float32)
        layer.bias = np.zeros(rows, np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def block(layer: Any, cross: Any = None) -> None:
        for attention, sizes in ((layer.self_attention, (3, 1)), *([(cross, (1, 2, 1))] if cross else [])):
            norm(attention.layer_norm)
            for part, size in zip(attention.linear, sizes, strict=True):
                linear(part, size * width)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, 32)
        linear(layer.ffn.linear_1, width, 32)

    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if side is spec.encoder else side.embeddings
        embeddings.weight = rng.normal(size=(len(words), width)).astype(np.float32)
        norm(side.layer_norm)
        for layer in side.layer:
            block(layer, layer.attention if side is spec.decoder else None)
    linear(spec.decoder.projection, len(words))
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    return folder


@needs_package
@pytest.mark.parametrize("names", [("source.spm", "target.spm"), ("tokenizer.model",), ("sentencepiece.model",)])
def test_a_model_of_ctranslate2_translates_with_the_tokenizer_beside_it(
    tmp_path: Path, vocabulary: Path, names: tuple[str, ...]
) -> None:
    folder = make(tmp_path / "m", vocabulary, names)
    translate = load_translate(folder, "cpu")
    one, two = "Guten Morgen.", "Der Zug kommt an."
    found = translate([one, f"{one} {two}", two], "de", "en")
    assert len(found) == 3 and all(found)
    assert found[1] == f"{found[0]} {found[2]}"  # sentence by sentence, put together as they were
    assert {path.name for path in model_files(folder)} == {"model.bin", "config.json", "shared_vocabulary.json", *names}


class Engine:
    """Stands for CTranslate2: notes what it is given, and says it back."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def translate_batch(self, tokens: list[list[str]], **options: Any) -> list[Any]:
        self.asked += tokens
        return [
            type("Result", (), {"hypotheses": [[t for t in line if t not in ("<2en>", "</s>")]]}) for line in tokens
        ]


def spoken_to(vocabulary: Path, engine: Engine, *, adds_end: bool = False) -> CTranslate2:
    model = CTranslate2.__new__(CTranslate2)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    model._source, model._target, model._adds_end, model._engine = pieces, pieces, adds_end, engine
    return model


def test_a_model_that_knows_the_tag_is_told_the_language_and_every_source_ends_once(vocabulary: Path) -> None:
    engine = Engine()
    assert spoken_to(vocabulary, engine)(["Guten Morgen."], "de", "en") == ["Guten Morgen."]
    assert spoken_to(vocabulary, engine, adds_end=True)(["Guten Morgen."], "de", "fr") == ["Guten Morgen."]
    first, second = engine.asked
    assert (first[0], first[-1]) == ("<2en>", "</s>")
    assert second == first[1:-1]


def test_passages_come_back_whole_and_in_order(vocabulary: Path) -> None:
    texts = [f"{a} {b}" for a in TEXT[:3] for b in TEXT[:3]] + ["Guten Morgen."]
    assert spoken_to(vocabulary, Engine())(texts, "de", "en") == texts


def test_a_folder_without_a_tokenizer_or_a_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.bin").write_bytes(b"none")
    monkeypatch.setattr(engines, "_package", lambda folder: None)
    with pytest.raises(BundleError, match="has no tokenizer"):
        load_translate(tmp_path, "cpu")
    (tmp_path / "tokenizer.model").write_bytes(b"none")
    with pytest.raises(BundleError, match="tokenizer is damaged"):
        load_translate(tmp_path, "cpu")
    with pytest.raises(BundleError, match="no model here"):
        load_translate(tmp_path / "nothing", "cpu")


@needs_package
def test_a_damaged_model_is_refused(tmp_path: Path, vocabulary: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"none")
    (tmp_path / "tokenizer.model").write_bytes(vocabulary.read_bytes())
    with pytest.raises(BundleError, match="CTranslate2 cannot read the model"):
        load_translate(tmp_path, "cpu")


def test_the_package_is_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    (tmp_path / "model.bin").write_bytes(b"none")
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(DragomanError, match=r"dragoman\[ct2\]"):
        load_translate(tmp_path, "cpu")
