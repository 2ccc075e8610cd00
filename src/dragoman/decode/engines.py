"""A translation model as a function, whoever runs it: a model of ours, or one of CTranslate2 with its tokenizer.

    translate = load_translate(Path("runs/demo/model"))         config.json, weights.safetensors, tokenizer.model
    translate = load_translate(Path("opus-mt-de-en-ct2"))       model.bin, source.spm, target.spm
    translate(["Guten Morgen."], "de", "en")  ->  ["Good morning."]

A passage goes in sentence by sentence, because most such models learned from single sentences and drop the second.
A folder of CTranslate2 holds sentencepiece models under the names that converters leave there; one that knows tags of
ours (`<2en>`) is told the target language by its tag, any other knows its one direction by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dragoman.decode.segmentation import split_line
from dragoman.errors import BundleError, DragomanError
from dragoman.io import read_json

Translate = Callable[[list[str], str, str], list[str]]
"""(texts, source language, target language) -> translations, one for each text, in order."""

CTRANSLATE = "model.bin"
VOCABULARIES = (("source.spm", "target.spm"), *((name, name) for name in ("tokenizer.model", "sentencepiece.model")))
WEIGHTS = ("config.json", "tokenizer.model", "weights.safetensors")
BEAM = 5
BATCH_TOKENS = 2048
LONGEST_SOURCE, LENGTH_RATIO, LENGTH_EXTRA = 256, 2, 20  # tokens; of a sentence, and of what may come out for it
END = "</s>"


def load_translate(folder: Path, device: str) -> Translate:
    """The model in `folder`. Raises `DragomanError` where there is none, or what it needs is not installed."""
    if (folder / CTRANSLATE).is_file():
        return CTranslate2(folder)
    from dragoman.decode.options import DecodeOptions
    from dragoman.decode.translator import Translator

    translator, options = Translator.load(folder, device), DecodeOptions(split_sentences=True)

    def translate(texts: list[str], src: str, tgt: str) -> list[str]:
        return translator.translate(texts, src, tgt, options)

    return translate


def model_files(folder: Path) -> tuple[Path, ...]:
    """The files in `folder` that decide what the model says."""
    if not (folder / CTRANSLATE).is_file():
        return tuple(folder / name for name in WEIGHTS)
    known = {CTRANSLATE, "config.json", *(name for pair in VOCABULARIES for name in pair)}
    return tuple(sorted(path for path in folder.iterdir() if path.name in known or path.suffix in (".txt", ".json")))


class CTranslate2:
    """A model that CTranslate2 runs."""

    def __init__(self, folder: Path) -> None:
        ctranslate2 = _package(folder)
        self._source, self._target = _vocabulary(folder)
        self._adds_end = _adds_end(folder)
        try:
            self._engine = ctranslate2.Translator(str(folder), inter_threads=1, intra_threads=os.cpu_count() or 1)
        except (RuntimeError, ValueError) as error:
            raise BundleError(f"CTranslate2 cannot read the model ({error})", where=folder) from None

    def __call__(self, texts: list[str], src: str, tgt: str) -> list[str]:
        """Every text translated sentence by sentence."""
        lines = [split_line(text, self._count, LONGEST_SOURCE, src, sentences=True) for text in texts]
        found = iter(self._translated([piece for line in lines for piece in line.texts], tgt))
        return [line.join([next(found) for _ in line.texts]) for line in lines]

    def _count(self, text: str) -> int:
        return len(self._source.encode(text))

    def _translated(self, sentences: Sequence[str], tgt: str) -> list[str]:
        tag = f"<2{tgt}>"
        head = [tag] if self._source.id_to_piece(self._source.piece_to_id(tag)) == tag else []
        tail = [] if self._adds_end else [END]
        tokens = [[*head, *self._source.encode(text, out_type=str), *tail] for text in sentences]
        longest = LENGTH_RATIO * max(map(len, tokens), default=0) + LENGTH_EXTRA
        results = self._engine.translate_batch(
            tokens, beam_size=BEAM, max_batch_size=BATCH_TOKENS, batch_type="tokens", max_decoding_length=longest
        )
        return [self._target.decode(result.hypotheses[0]).strip() for result in results]


def _package(folder: Path) -> Any:
    try:
        import ctranslate2
    except ImportError:
        do = "pip install 'dragoman[ct2]'"
        raise DragomanError("a model of CTranslate2 needs its package", where=folder, do=do) from None
    return ctranslate2


def _vocabulary(folder: Path) -> tuple[Any, Any]:
    """The sentencepiece models of both sides. Raises `BundleError` where there are none."""
    import sentencepiece

    for names in VOCABULARIES:
        if all((folder / name).is_file() for name in names):
            try:
                first, second = (sentencepiece.SentencePieceProcessor(model_file=str(folder / name)) for name in names)
            except (OSError, RuntimeError) as error:
                raise BundleError(f"the tokenizer is damaged ({error})", where=folder) from None
            return first, second
    do = "put source.spm and target.spm, or tokenizer.model, beside model.bin"
    raise BundleError("this model of CTranslate2 has no tokenizer", where=folder, do=do)


def _adds_end(folder: Path) -> bool:
    """Whether the engine itself ends a source with `</s>`."""
    path = folder / "config.json"
    return path.is_file() and bool(read_json(path).get("add_source_eos", False))
