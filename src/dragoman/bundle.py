"""A model on disk: one folder with everything that is needed to translate, and nothing that runs code.

config.json          {"format": 1, "model": {...}, "languages": ["de", "en"], "directions": [["de", "en"], ...]}
weights.safetensors  fp32 tensors by parameter name
tokenizer.model      sentencepiece
provenance.json      recipe, data, scores: what is known about where the model came from
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from dragoman.errors import BundleError, RunError
from dragoman.io import atomic_writer, read_json, write_json
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder
from dragoman.tokenizer import Tokenizer

FORMAT = 1


@dataclass(frozen=True)
class Bundle:
    """A loaded model with its tokenizer and history."""

    model: EncoderDecoder
    tokenizer: Tokenizer
    directions: tuple[tuple[str, str], ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)


def save_bundle(
    folder: Path,
    model: EncoderDecoder,
    tokenizer_file: Path,
    directions: Sequence[tuple[str, str]],
    provenance: Mapping[str, Any],
) -> None:
    """Write a bundle; `config.json` comes last, so that a folder with one is complete."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").unlink(missing_ok=True)
    save_tensors(folder / "weights.safetensors", dict(model.state_dict()))
    with atomic_writer(folder / "tokenizer.model") as stream, open(tokenizer_file, "rb") as source:
        shutil.copyfileobj(source, stream)
    write_json(folder / "provenance.json", dict(provenance))
    languages = sorted({language for pair in directions for language in pair})
    config = {"format": FORMAT, "model": model.config.as_dict(), "languages": languages}
    write_json(folder / "config.json", {**config, "directions": [list(pair) for pair in directions]})


def load_bundle(folder: Path, device: str = "cpu") -> Bundle:
    """Read a bundle, checked part by part. Raises `BundleError` for what is missing, damaged or of another format."""
    config = _read_config(folder)
    model = EncoderDecoder(config[0])
    load_weights(model, folder / "weights.safetensors")
    tokenizer = Tokenizer.load(folder / "tokenizer.model")
    if tokenizer.vocab_size != config[0].vocab_size:
        raise BundleError(
            f"tokenizer has {tokenizer.vocab_size} pieces, the model {config[0].vocab_size}",
            where=folder,
            do="the folder mixes two models; export it again",
        )
    provenance = read_json(folder / "provenance.json") if (folder / "provenance.json").exists() else {}
    return Bundle(model.to(device).eval(), tokenizer, config[1], provenance)


def _read_config(folder: Path) -> tuple[ModelConfig, tuple[tuple[str, str], ...]]:
    if not (folder / "config.json").is_file():
        raise BundleError("no model here", where=folder, do="name a folder with a config.json, such as runs/demo/model")
    try:
        values = read_json(folder / "config.json")
        found = values.get("format")
        if found != FORMAT:
            raise BundleError(f"format {found} is not {FORMAT}", where=folder, do="use the version that wrote it")
        directions = tuple((str(src), str(tgt)) for src, tgt in values["directions"])
        return ModelConfig.from_dict(values["model"]), directions
    except (RunError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(f"config.json is damaged ({error})", where=folder, do="export the model again") from None


def save_tensors(path: Path, tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors as safetensors, atomically."""
    payload = save({name: tensor.detach().contiguous().cpu() for name, tensor in tensors.items()}, dict(metadata or {}))
    with atomic_writer(path) as stream:
        stream.write(payload)


def load_tensors(path: Path, device: str = "cpu") -> dict[str, torch.Tensor]:
    """Read a safetensors file; a damaged one is a `BundleError`."""
    try:
        return load_file(path, device=device)
    except FileNotFoundError:
        raise BundleError("no such weights file", where=path, do="the folder is incomplete; make it again") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise BundleError(f"weights are damaged ({error})", where=path, do="restore the file or train again") from None


def load_weights(model: torch.nn.Module, path: Path) -> None:
    """Fill `model` from a safetensors file whose names and shapes must fit exactly."""
    try:
        model.load_state_dict(load_tensors(path))
    except RuntimeError as error:
        raise BundleError(f"weights do not fit the model: {str(error).splitlines()[-1].strip()}", where=path) from None
