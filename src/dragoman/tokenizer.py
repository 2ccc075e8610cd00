"""The tokenizer: sentencepiece Unigram with byte fallback. Special ids are defined here and nowhere else.

    id 0 <pad>  1 <unk>  2 <s>  3 </s>  4 <mask>  5..68 <extra_0>..<extra_63>  69.. <2de> <2en> ...  then 256 bytes,
    then the pieces learned

The specials are control symbols: no text a user can type turns into one of them. `decode(encode(text)) == text` for
every text: nothing is normalised, blanks are kept, and a character without a piece is spelled in its UTF-8 bytes, so
`<unk>` is never produced. A blank is put before the first word, so that a word has the same piece everywhere.
"""

from __future__ import annotations

import io
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from dragoman.errors import BundleError, DataError, DragomanError, nearest
from dragoman.io import atomic_writer, read_jsonl, read_lines
from dragoman.recipe.training import TokenizerSettings
from dragoman.runlog import RunLog
from dragoman.segmentation import BLANK, SegmentationSampler

PAD_ID, UNK_ID, BOS_ID, EOS_ID, MASK_ID = range(5)
FIRST_SENTINEL, N_SENTINELS = 5, 64
FIRST_TAG = FIRST_SENTINEL + N_SENTINELS
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>", "<mask>", *(f"<extra_{i}>" for i in range(N_SENTINELS)))

SMALLEST_AUTO, LARGEST_AUTO, AUTO_STEP = 1_024, 32_000, 256
TRAINER_THREADS = 1
"""Another number of threads learns another vocabulary: sums of floats come out in another order."""
LONGEST_SENTENCE = 2_000
"""Characters. The trainer leaves out longer lines, so they are cut; four bytes a character stay under its limit."""
TRAINER_RESERVED = "\u2585"
"""The trainer leaves out every line with this block character, which it uses as a mark."""
FIGURE_SENTENCES = 5_000
N_EXAMPLES = 5


class Tokenizer:
    """Text to ids and back. No start, end or language id is ever added by `encode`."""

    def __init__(self, model: bytes) -> None:
        """`model`: a serialised sentencepiece model. ValueError or RuntimeError where it is not one of ours."""
        self._processor = sentencepiece.SentencePieceProcessor(model_proto=model, num_threads=1)
        self.vocab_size: int = self._processor.get_piece_size()
        self.languages = _languages(self._processor)
        self._first_text_id = FIRST_TAG + len(self.languages)
        self._byte_ids = [self._first_text_id + byte for byte in range(256)]
        self._samplers: dict[float, SegmentationSampler] = {}

    @classmethod
    def load(cls, path: Path) -> Tokenizer:
        """Read a `tokenizer.model`. Raises `BundleError` where it is missing, damaged or not one of ours."""
        try:
            return cls(path.read_bytes())
        except FileNotFoundError:
            raise BundleError("no tokenizer here", where=path, do="the folder is incomplete; make it again") from None
        except (OSError, RuntimeError, ValueError, IndexError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            do = "restore it or make it again"
            raise BundleError(f"the tokenizer is damaged ({reason})", where=path, do=do) from None

    def tag(self, language: str) -> int:
        """The id that asks for output in `language`."""
        if language not in self.languages:
            raise DragomanError(f"unknown language '{language}'", do=nearest(language, self.languages))
        return FIRST_TAG + self.languages.index(language)

    def sentinel(self, index: int) -> int:
        """The id of `<extra_index>`, which stands for the hidden span number `index`, 0 <= index < N_SENTINELS."""
        if not 0 <= index < N_SENTINELS:
            raise ValueError(f"sentinel {index} is not within 0..{N_SENTINELS - 1}")
        return FIRST_SENTINEL + index

    def encode(self, text: str) -> list[int]:
        """The most probable segmentation of `text`; empty for an empty text."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` of each text, in one call."""
        if any(BLANK in text for text in texts):
            return [self._encode_with_literal_blank(text) for text in texts]
        return self._encode_raw(list(texts))

    def _encode_raw(self, texts: list[str]) -> list[list[int]]:
        try:
            ids: list[list[int]] = self._processor.encode(texts)
        except UnicodeEncodeError as error:
            raise DataError(f"the text holds half a surrogate pair ({error.reason})", do="give valid Unicode") from None
        return ids

    def _encode_with_literal_blank(self, text: str) -> list[int]:
        """sentencepiece writes blanks as U+2581 and would read one back as a blank: send another character through
        in its place, one that the text and the vocabulary lack, and then change its bytes back."""
        if BLANK not in text:
            return self._encode_raw([text])[0]
        unused = (chr(code) for code in range(0x10FFFD, 0xFFFFF, -1))
        stand_in = next(c for c in unused if c not in text and self._processor.piece_to_id(c) == UNK_ID)
        ids = np.array(self._encode_raw([text.replace(BLANK, stand_in)])[0])
        found = np.ones(len(ids), bool)
        wanted = [self._byte_ids[byte] for byte in stand_in.encode()]
        for k, byte_id in enumerate(wanted):
            found &= np.roll(ids, -k) == byte_id
        starts = np.flatnonzero(found)
        for k, byte in enumerate(BLANK.encode()):
            ids[starts + k] = self._byte_ids[byte]
        return np.delete(ids, starts + len(wanted) - 1).tolist()

    def sample_batch(self, texts: Sequence[str], alpha: float, seed: int) -> list[list[int]]:
        """A segmentation of each text drawn with probability ~ p(segmentation)^alpha: the same for the same texts,
        alpha and seed in every process and thread. `alpha` 0 draws all segmentations alike."""
        sampler = self._samplers.get(alpha)
        if sampler is None:
            sampler = self._samplers.setdefault(alpha, self._sampler(alpha))
        return sampler.sample(texts, np.random.default_rng(seed))

    def _sampler(self, alpha: float) -> SegmentationSampler:
        ids = range(self._first_text_id + 256, self.vocab_size)
        pieces = {self._processor.id_to_piece(i): (i, self._processor.get_score(i)) for i in ids}
        return SegmentationSampler(pieces, self._byte_ids, alpha)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; special ids are left out, bytes that are not UTF-8 become U+FFFD."""
        text: str = self._processor.decode([i for i in ids if i >= self._first_text_id])
        return text

    def decode_batch(self, batch: Sequence[Sequence[int]]) -> list[str]:
        """`decode` of each sequence."""
        return [self.decode(ids) for ids in batch]

    def pieces(self, text: str) -> list[str]:
        """The segmentation of `text` for a person to read: `▁` is a blank, `<0x0A>` a byte."""
        return [self._processor.id_to_piece(i) for i in self.encode(text)]

    def is_byte(self, token: int) -> bool:
        """Whether `token` stands for one byte of a character without a piece."""
        return self._first_text_id <= token < self._first_text_id + 256


def _languages(processor: sentencepiece.SentencePieceProcessor) -> tuple[str, ...]:
    """The languages of a model's tags; ValueError where its specials are not at their places."""
    size = processor.get_piece_size()
    found = [processor.id_to_piece(i) for i in range(min(size, FIRST_TAG))]
    if found != list(SPECIALS):
        raise ValueError("its special tokens are not ours")
    tags: list[str] = []
    for i in range(FIRST_TAG, size):
        match = re.fullmatch(r"<2(.+)>", processor.id_to_piece(i))
        if match is None or not processor.is_control(i):
            break
        tags.append(match.group(1))
    if size < FIRST_TAG + len(tags) + 256 or processor.id_to_piece(FIRST_TAG + len(tags) + 255) != "<0xFF>":
        raise ValueError("its byte tokens are not at their places")
    return tuple(tags)


def automatic_vocab_size(n_characters: int) -> int:
    """The square root of the number of training characters, to the nearest multiple of 256, between 1,024 and 32,000.

    1M characters -> 1,024; 4M -> 2,048; 16M -> 4,096; 100M -> 9,984; 1.1G and more -> 32,000.
    """
    steps = math.floor(math.sqrt(n_characters) / AUTO_STEP + 0.5)
    return min(max(steps * AUTO_STEP, SMALLEST_AUTO), LARGEST_AUTO)


@dataclass(frozen=True)
class Text:
    """The text of one language to learn from: a parallel file and, where there is one, documents."""

    lines: Path
    documents: Path | None = None

    def sentences(self) -> Iterator[str]:
        """Lines and paragraphs that hold more than blanks, in pieces the trainer takes."""
        lines: Iterable[str] = read_lines(self.lines, allow_empty_file=True)
        if self.documents is not None and self.documents.stat().st_size:
            rows = read_jsonl(self.documents)
            lines = chain(lines, (line for row in rows for line in str(row.get("text", "")).split("\n")))
        for line in lines:
            if line.strip():
                yield from cut(line)


def cut(line: str, longest: int = LONGEST_SENTENCE) -> Iterator[str]:
    """`line` in parts of at most `longest` characters, cut before a blank if possible: `ab cd`, 3 -> `ab`, ` cd`."""
    while len(line) > longest:
        at = line.rfind(" ", 1, longest + 1)
        at = at if at > 0 else longest
        yield line[:at]
        line = line[at:]
    yield line


def evenly(items: Iterable[str], total: int, wanted: int, offset: float) -> Iterator[str]:
    """`wanted` of `total` items at even distances, the first after `offset` (0 to 1) of a distance."""
    if wanted >= total:
        yield from items
        return
    due = 0
    for i, item in enumerate(items):
        if due < wanted and i == math.floor((due + offset) * total / wanted):
            due += 1
            yield item


def _learn(
    sentences: Callable[[], Iterator[str]], size: int, settings: TokenizerSettings, languages: Sequence[str]
) -> bytes:
    """A serialised model of `size` pieces. With `auto`, a size the text does not allow becomes the nearest it does."""
    try:
        return _train_once(sentences(), size, settings.character_coverage, languages)
    except RuntimeError as error:
        possible, bound = _possible_size(str(error))
    if settings.vocab_size == "auto":
        return _train_once(sentences(), possible, settings.character_coverage, languages)
    raise DragomanError(
        f"a vocabulary of {size} pieces is too {'large' if possible < size else 'small'} for the training text",
        where="tokenizer.vocab_size",
        do=f"the {bound} possible value is {possible}; set it, or auto",
    )


def _possible_size(message: str) -> tuple[int, str]:
    """The size the trainer's complaint names as possible: (8000, "largest")."""
    if too_high := re.search(r"Vocabulary size too high .* value <= (\d+)", message):
        return int(too_high.group(1)), "largest"
    if too_low := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        return int(too_low.group(1)), "smallest"
    raise DataError(f"sentencepiece cannot learn from the training text: {message}", do="give it more text")


def _train_once(sentences: Iterator[str], size: int, coverage: float, languages: Sequence[str]) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences,
        model_writer=model,
        model_type="unigram",
        vocab_size=size,
        character_coverage=coverage,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        pad_id=PAD_ID,
        unk_id=UNK_ID,
        bos_id=BOS_ID,
        eos_id=EOS_ID,
        pad_piece=SPECIALS[PAD_ID],
        control_symbols=[*SPECIALS[MASK_ID:], *(f"<2{language}>" for language in languages)],
        max_sentence_length=5 * LONGEST_SENTENCE,
        num_threads=TRAINER_THREADS,
        minloglevel=3,
    )
    return model.getvalue()


def figures(tokenizer: Tokenizer, text: Text, n_sentences: int, offset: float) -> dict[str, Any]:
    """What the tokenizer does to (a sample of) one language's sentences."""
    sample = list(evenly(text.sentences(), n_sentences, FIGURE_SENTENCES, offset))
    ids = [token for sentence in tokenizer.encode_batch(sample) for token in sentence]
    words = sum(len(sentence.split()) for sentence in sample)
    return {
        "sentences": n_sentences,
        "tokens_per_word": round(len(ids) / max(words, 1), 4),
        "characters_per_token": round(sum(map(len, sample)) / max(len(ids), 1), 4),
        "byte_share": round(sum(map(tokenizer.is_byte, ids)) / max(len(ids), 1), 6),
        "examples": [
            {"text": sentence, "pieces": tokenizer.pieces(sentence)}
            for sentence in evenly(sample, len(sample), N_EXAMPLES, offset)
        ],
    }


def train_tokenizer(
    settings: TokenizerSettings,
    languages: Sequence[str],
    train_files: Mapping[str, Path],
    mono_files: Mapping[str, Path],
    out: Path,
    seed: int,
    log: RunLog,
) -> dict[str, Any]:
    """Learn a vocabulary from parallel lines and documents; writes `out/tokenizer.model` and returns its figures.

    Raises `DataError` for no text at all and `DragomanError` for a `tokenizer.vocab_size` that the text does not allow.
    """
    texts = {language: Text(train_files[language], mono_files.get(language)) for language in languages}
    sizes = {language: [len(sentence) for sentence in text.sentences()] for language, text in texts.items()}
    n_sentences, n_characters = sum(map(len, sizes.values())), sum(map(sum, sizes.values()))
    if not n_characters:
        raise DataError("there is no text to learn a vocabulary from", where=", ".join(map(str, train_files.values())))
    n_used = min(n_sentences, settings.max_sentences)
    offset = random.Random(seed).random()

    def sentences() -> Iterator[str]:
        everything = chain.from_iterable(text.sentences() for text in texts.values())
        with log.progress("reading text for the tokenizer", n_used, unit="sentences") as advance:
            for sentence in evenly(everything, n_sentences, n_used, offset):
                advance(1)
                yield sentence.replace(TRAINER_RESERVED, " ")

    size = automatic_vocab_size(n_characters) if settings.vocab_size == "auto" else settings.vocab_size
    model = _learn(sentences, size, settings, languages)
    with atomic_writer(out / "tokenizer.model") as stream:
        stream.write(model)
    tokenizer = Tokenizer(model)
    return {
        "vocab_size": tokenizer.vocab_size,
        "characters": n_characters,
        "sentences": n_sentences,
        "sentences_used": n_used,
        "languages": {k: figures(tokenizer, text, len(sizes[k]), offset) for k, text in texts.items()},
    }
