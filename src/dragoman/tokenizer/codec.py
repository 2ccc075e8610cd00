"""The tokenizer: sentencepiece Unigram with byte fallback. Special ids are defined here and nowhere else.

    id 0 <pad>  1 <unk>  2 <s>  3 </s>  4 <mask>  5..68 <extra_0>..<extra_63>  69.. <2de> <2en> ...  then 256 bytes,
    then the pieces learned

The specials are control symbols: no text a user can type turns into one of them. `decode(encode(text)) == text` for
every text: nothing is normalised, blanks are kept, and a character without a piece is spelled in its UTF-8 bytes, so
`<unk>` is never produced. A blank is put before the first word, so that a word has the same piece everywhere.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import sentencepiece
from numpy.typing import NDArray

from dragoman.errors import BundleError, DataError, DragomanError, nearest
from dragoman.tokenizer.sampling import BLANK, SegmentationSampler

PAD_ID, UNK_ID, BOS_ID, EOS_ID, MASK_ID = range(5)
FIRST_SENTINEL, N_SENTINELS = 5, 64
FIRST_TAG = FIRST_SENTINEL + N_SENTINELS
SPECIALS = ("<pad>", "<unk>", "<s>", "</s>", "<mask>", *(f"<extra_{i}>" for i in range(N_SENTINELS)))


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

    def spelling_ids(self) -> NDArray[np.bool_]:
        """For each id, (vocab_size,): whether it is `<unk>` or a byte that spells what the vocabulary lacks."""
        flags = np.zeros(self.vocab_size, dtype=bool)
        flags[[UNK_ID, *self._byte_ids]] = True
        return flags

    def encode(self, text: str) -> list[int]:
        """The most probable segmentation of `text`; empty for an empty text."""
        if BLANK in text:
            return self.encode_batch([text])[0]
        with _unicode_only([text]):
            ids: list[int] = self._processor.encode(text)
        return ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` of each text, in one call.

        sentencepiece writes blanks as U+2581 and would read one of the text back as a blank: another character, one
        that texts and vocabulary lack, goes through in its place, and its bytes are changed back.
        """
        marked = [i for i, text in enumerate(texts) if BLANK in text]
        stand_in = self._unused_character(texts) if marked else ""
        given = [text.replace(BLANK, stand_in) for text in texts] if marked else list(texts)
        with _unicode_only(texts):
            batch: list[list[int]] = self._processor.encode(given)
        for i in marked:
            batch[i] = self._replace_spelling(batch[i], stand_in, BLANK)
        return batch

    def _unused_character(self, texts: Sequence[str]) -> str:
        """A character (private use, four bytes) that no text holds and that the vocabulary spells in bytes."""
        used = {character for text in texts for character in set(text) if character > "\U000fffff"}
        private = map(chr, range(0x10FFFD, 0xFFFFF, -1))
        return next(c for c in private if c not in used and self._processor.piece_to_id(c) == UNK_ID)

    def _replace_spelling(self, ids: list[int], old: str, new: str) -> list[int]:
        """`ids` with the bytes of one character in place of another's."""
        wanted = [self._byte_ids[byte] for byte in old.encode()]
        put = [self._byte_ids[byte] for byte in new.encode()]
        replaced: list[int] = []
        at = 0
        while at < len(ids):
            found = ids[at] == wanted[0] and ids[at : at + len(wanted)] == wanted
            replaced += put if found else ids[at : at + 1]
            at += len(wanted) if found else 1
        return replaced

    def sample_batch(self, texts: Sequence[str], alpha: float, seed: int) -> list[list[int]]:
        """A segmentation of each text drawn with probability ~ p(segmentation)^alpha: the same for the same texts,
        alpha and seed in every process and thread. `alpha` 0 draws all segmentations alike."""
        sampler = self._samplers.get(alpha)
        if sampler is None:
            sampler = self._samplers.setdefault(alpha, self._sampler(alpha))
        with _unicode_only(texts):
            batch = sampler.sample(texts, np.random.default_rng(seed))
        return batch

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

    def control_bytes(self) -> list[int]:
        """The ids of the bytes that are control characters, tab excepted: no line of text holds one."""
        return [self._byte_ids[byte] for byte in (*range(0x20), 0x7F) if byte != ord("\t")]

    def is_byte(self, token: int) -> bool:
        """Whether `token` stands for one byte of a character without a piece."""
        return self._first_text_id <= token < self._first_text_id + 256


@contextlib.contextmanager
def _unicode_only(texts: Iterable[str]) -> Iterator[None]:
    """Say which text holds half a surrogate pair where that is why the block failed; looked up only then."""
    try:
        yield
    except (RuntimeError, TypeError, UnicodeEncodeError):
        for text in texts:
            try:
                text.encode()
            except UnicodeEncodeError as error:
                where = f"character {error.start + 1} of {text[:40]!r}"
                raise DataError("the text holds half a surrogate pair", where=where, do="give valid Unicode") from None
        raise


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
