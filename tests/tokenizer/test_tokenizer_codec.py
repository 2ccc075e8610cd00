"""Text to ids and back, without loss and without control."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dragoman.errors import BundleError, DataError, DragomanError
from dragoman.tokenizer import BOS_ID, EOS_ID, MASK_ID, N_SENTINELS, PAD_ID, UNK_ID, Tokenizer

AWKWARD = [
    "",
    " ",
    "   ",
    "a",
    " a",
    "a ",
    "  a  b  ",
    "\n",
    "\n\n a\n",
    "\ta\tb\r\n",
    "\x00\x01\x7f",
    "Straße über Häuser",
    "e\u0301 ﬁ Ａ ½ İ ſ",
    "😀👩‍👩‍👧‍👦 🇩🇪",
    "\u00a0x\u2003y\u3000z\u200b\ufeff",
    "\u2581",
    " \u2581a\u2581 \u2581\u2581",
    "\u2581\U0010fffd\u2581\U0010fffc",
    "\U0010fffd",
    "\u2585 \u2047 \ufffd",
    "中文 日本語 한국어 العربية עברית",
    "<mask> <2de> <extra_0> </s> <s> <pad> <unk>",
    "<0x41><0x0A>",
    "http://example.org/?a=b&c=%20#d",
    "x" * 3000,
    "der Hund " * 500,
]


def random_text(draw: random.Random) -> str:
    ranges = [(32, 127), (0xA0, 0x17F), (0x2500, 0x25FF), (0x0, 0x10FFFF), (0x2581, 0x2582), (32, 33)]
    codes = [draw.randrange(*draw.choice(ranges)) for _ in range(draw.randrange(40))]
    return "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_text_survives(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_random_unicode_survives_and_is_never_unknown_or_special(tokenizer: Tokenizer) -> None:
    draw = random.Random(5)
    texts = [random_text(draw) for _ in range(2000)]
    batch = tokenizer.encode_batch(texts)
    assert tokenizer.decode_batch(batch) == texts
    assert min(min(ids, default=999) for ids in batch) > tokenizer.tag("en")


@pytest.mark.parametrize("text", AWKWARD)
def test_one_text_and_a_batch_give_the_same_ids(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.encode_batch(["der Hund", text, "\u2581"])[1] == tokenizer.encode(text)


def test_a_word_has_the_same_pieces_wherever_it_stands(tokenizer: Tokenizer) -> None:
    once = tokenizer.encode("Straßenbahn")
    assert tokenizer.encode("Straßenbahn Straßenbahn") == once + once


def test_special_ids_are_where_the_contract_puts_them(tokenizer: Tokenizer) -> None:
    assert (PAD_ID, UNK_ID, BOS_ID, EOS_ID, MASK_ID) == (0, 1, 2, 3, 4)
    assert [tokenizer.sentinel(i) for i in range(N_SENTINELS)] == list(range(5, 69))
    assert (tokenizer.tag("de"), tokenizer.tag("en"), tokenizer.languages) == (69, 70, ("de", "en"))


def test_text_that_spells_a_special_stays_text(tokenizer: Tokenizer) -> None:
    specials = [tokenizer._processor.id_to_piece(i) for i in range(71)]
    assert specials[4:6] == ["<mask>", "<extra_0>"] and specials[70] == "<2en>"
    for text in (*specials, " ".join(specials), "".join(specials)):
        ids = tokenizer.encode(text)
        assert min(ids) > 70
        assert min(tokenizer.sample_batch([text], 0.1, 3)[0]) > 70
        assert tokenizer.decode(ids) == text


def test_decode_leaves_specials_out(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("der Hund läuft")
    mixed = [BOS_ID, 69, *ids[:2], MASK_ID, UNK_ID, *ids[2:], 5, EOS_ID, PAD_ID, PAD_ID]
    assert tokenizer.decode(mixed) == "der Hund läuft"
    assert tokenizer.decode(np.array(mixed)) == "der Hund läuft"  # type: ignore[arg-type]
    assert tokenizer.decode([EOS_ID]) == "" == tokenizer.decode([])


def test_bytes_that_are_not_utf8_become_replacement_characters(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode([tokenizer._byte_ids[0xC3]]) == "\ufffd"


def test_an_unknown_language_or_sentinel_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(DragomanError, match=r"unknown language 'dee': did you mean 'de'\?"):
        tokenizer.tag("dee")
    with pytest.raises(ValueError, match="sentinel 64"):
        tokenizer.sentinel(64)


def test_half_a_surrogate_pair_is_refused_in_one_line(tokenizer: Tokenizer) -> None:
    with pytest.raises(DataError, match="surrogate") as caught:
        tokenizer.encode("a\ud800")
    assert "character 2 of" in str(caught.value) and str(caught.value).isascii()
    with pytest.raises(DataError, match="surrogate"):
        tokenizer.encode_batch(["ab", "\ud800\u2581"])
    with pytest.raises(DataError, match="surrogate"):
        tokenizer.sample_batch(["a\ud800"], 0.1, 1)
    assert tokenizer.decode(tokenizer.sample_batch(["a\ud7ff"], 0.1, 1)[0]) == "a\ud7ff"


def test_pieces_are_readable(tokenizer: Tokenizer) -> None:
    assert "".join(tokenizer.pieces("der Hund\n")) == "▁der▁Hund<0x0A>"
    assert [tokenizer.is_byte(i) for i in tokenizer.encode("\u00a7")][-2:] == [True, True]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda raw: b"", "damaged"),
        (lambda raw: raw[:1000], "damaged"),
        (lambda raw: raw[: len(raw) - 7], "damaged"),
        (lambda raw: bytes(reversed(raw)), "damaged"),
        (lambda raw: b"no model at all\n" * 50, "damaged"),
        (lambda raw: raw.replace(b"<extra_7>", b"<extra_x>"), "special tokens are not ours"),
        (lambda raw: raw.replace(b"<2en>", b"<<en>"), "byte tokens are not at their places"),
    ],
)
def test_a_damaged_file_is_one_line(tmp_path: Path, model_file: Path, damage: object, complaint: str) -> None:
    file = tmp_path / "tokenizer.model"
    file.write_bytes(damage(model_file.read_bytes()))  # type: ignore[operator]
    with pytest.raises(BundleError, match=complaint) as caught:
        Tokenizer.load(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_or_a_folder_is_one_line(tmp_path: Path) -> None:
    for place in (tmp_path / "tokenizer.model", tmp_path):
        with pytest.raises(BundleError, match="tokenizer"):
            Tokenizer.load(place)


def test_the_tokenizer_does_not_need_torch_or_pydantic() -> None:
    code = "import sys, dragoman.tokenizer; print(sorted({'torch', 'pydantic', 'rich'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
