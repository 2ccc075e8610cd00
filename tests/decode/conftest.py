"""A model with random weights and a real tokenizer: what it says is nonsense, but it says something for every line."""

from __future__ import annotations

import random

import pytest
import torch

from dragoman.bundle import Bundle
from dragoman.decode.translator import Translator
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder
from dragoman.recipe.training import TokenizerSettings
from dragoman.runlog import RunLog
from dragoman.tokenizer import EOS_ID, Tokenizer, train_tokenizer

WORDS = {
    "de": "der Hund die Katze läuft schläft müde Straße Bahnhof Straßenbahn heute, morgen. nicht über Häuser gehört",
    "en": "the dog a cat walks sleeps tired street station tram today, tomorrow. not above houses belongs",
}


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder, draw = tmp_path_factory.mktemp("tokenizer"), random.Random(1)
    for language, words in WORDS.items():
        lines = (" ".join(draw.choices(words.split(), k=6)) for _ in range(200))
        (folder / language).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    files = {language: folder / language for language in WORDS}
    train_tokenizer(TokenizerSettings(), tuple(WORDS), files, {}, folder, 1, RunLog(quiet=True))
    return Tokenizer.load(folder / "tokenizer.model")


@pytest.fixture(scope="session")
def model(tokenizer: Tokenizer) -> EncoderDecoder:
    made = EncoderDecoder(ModelConfig(tokenizer.vocab_size, 24, 4, 2, 1, 2, 32)).eval()
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0.0, 3.0 / parameter.size(1) ** 0.5, generator=generator)
        made.embedding.weight[EOS_ID] *= 2.0  # so that outputs end
    return made


@pytest.fixture
def translator(model: EncoderDecoder, tokenizer: Tokenizer) -> Translator:
    return Translator(Bundle(model, tokenizer, (("de", "en"), ("en", "de"))))
