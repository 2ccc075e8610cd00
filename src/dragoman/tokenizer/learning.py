"""Learning a vocabulary from parallel lines and documents.

    train.de, train.en       lines                           ->  tokenizer.model   sentencepiece Unigram
    mono.de.jsonl, ...       {"text": "one\\ntwo", ...}        and figures of what it does to each language

Text is read twice, a sentence at a time: once to count it, once to feed the trainer. Only the trainer holds it.
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
from typing import TYPE_CHECKING, Any

import sentencepiece

from dragoman.errors import DataError, DragomanError
from dragoman.io import atomic_writer, read_jsonl, read_lines
from dragoman.tokenizer.codec import BOS_ID, EOS_ID, FIRST_TAG, MASK_ID, PAD_ID, SPECIALS, UNK_ID, Tokenizer

if TYPE_CHECKING:
    from dragoman.recipe.training import TokenizerSettings
    from dragoman.runlog import RunLog

SMALLEST_AUTO, LARGEST_AUTO, AUTO_STEP = 1_024, 32_000, 256
TRAINER_THREADS = 4
"""Fixed, not the machine's: another number learns another vocabulary, because it adds floats in another order."""
LONGEST_SENTENCE = 2_000
"""Characters. The trainer leaves out longer lines, so they are cut; four bytes a character stay under its limit."""
TRAINER_RESERVED = "\u2585"
"""The trainer leaves out every line with this block character, which it uses as a mark."""
FIGURE_SENTENCES = 5_000
N_EXAMPLES = 5


def automatic_vocab_size(n_characters: int) -> int:
    """Twice the square root of the number of training characters, in multiples of 256, between 1,024 and 32,000.

    1M characters -> 2,048; 4M (30,000 short pairs) -> 4,096; 16M -> 7,936; 100M -> 19,968; 256M and more -> 32,000.
    """
    steps = math.floor(2 * math.sqrt(n_characters) / AUTO_STEP + 0.5)
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

    def count(self) -> tuple[int, int]:
        """How many sentences and characters there are."""
        sentences = characters = 0
        for sentence in self.sentences():
            sentences, characters = sentences + 1, characters + len(sentence)
        return sentences, characters


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
    raise DataError(f"sentencepiece cannot learn from the text: {message}", do="check the recipe's tokenizer section")


def _train_once(sentences: Iterator[str], size: int, coverage: float, languages: Sequence[str]) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=sentences,
        model_writer=model,
        model_type="unigram",
        vocab_size=max(size, FIRST_TAG + len(languages) + 256),
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
    counts = {language: text.count() for language, text in texts.items()}
    n_sentences, n_characters = (sum(column) for column in zip(*counts.values(), strict=True))
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
        "languages": {k: figures(tokenizer, text, counts[k][0], offset) for k, text in texts.items()},
    }
