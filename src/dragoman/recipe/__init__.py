"""A recipe: one YAML file = one model, read into typed, frozen, strict settings."""

from dragoman.recipe.corpus import CurateSettings, PairsSettings
from dragoman.recipe.data import DataSettings, MonoSource, PairSource
from dragoman.recipe.load import Recipe, load_recipe
from dragoman.recipe.synthesize import CheckSettings, SynthesizeSettings, TeacherSettings
from dragoman.recipe.training import (
    CompareSettings,
    EvaluateSettings,
    FinetuneSettings,
    ModelSettings,
    PretrainSettings,
    TokenizerSettings,
    TrackSettings,
    TrainSettings,
)

__all__ = [
    "CheckSettings",
    "CompareSettings",
    "CurateSettings",
    "DataSettings",
    "EvaluateSettings",
    "FinetuneSettings",
    "ModelSettings",
    "MonoSource",
    "PairSource",
    "PairsSettings",
    "PretrainSettings",
    "Recipe",
    "SynthesizeSettings",
    "TeacherSettings",
    "TokenizerSettings",
    "TrackSettings",
    "TrainSettings",
    "load_recipe",
]
