"""Read a recipe file: YAML, `--set` overrides, strict validation with errors that name the place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from dragoman.recipe.corpus import CurateSettings, PairsSettings
from dragoman.recipe.data import DataSettings
from dragoman.recipe.settings import Settings
from dragoman.recipe.training import (
    CompareSettings,
    EvaluateSettings,
    FinetuneSettings,
    ModelSettings,
    PretrainSettings,
    TokenizerSettings,
    TrackSettings,
)


class Recipe(Settings):
    """One model, from text to scores."""

    name: str
    """Name of the model; runs/<name> holds its stages."""
    seed: int = Field(1, ge=0)
    """Where all randomness starts: two runs with one seed on one machine give the same weights."""
    languages: tuple[str, str]
    """The language pair (ISO 639-1), for example `[de, en]`."""
    data: DataSettings = DataSettings()
    curate: CurateSettings = CurateSettings()
    pairs: PairsSettings = PairsSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    model: ModelSettings = ModelSettings()
    pretrain: PretrainSettings = PretrainSettings()
    finetune: FinetuneSettings = FinetuneSettings()
    compare: CompareSettings = CompareSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    track: TrackSettings = TrackSettings()

    def directions(self) -> tuple[tuple[str, str], ...]:
        """The (source, target) pairs the model learns."""
        if self.finetune.directions:
            return tuple((src, tgt) for src, _, tgt in (name.partition("-") for name in self.finetune.directions))
        first, second = self.languages
        return ((first, second), (second, first))


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """To be written."""
    raise NotImplementedError
