"""`curate:` and `pairs:` which text training may see, and why the rest may not."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from dragoman.recipe.settings import Settings


class CurateSettings(Settings):
    """`curate:` the rules for monolingual documents, in the order in which they are asked."""

    page_lines: int | None = Field(10, ge=2)
    """A document of at least this many lines is taken for a web page: runs of menu lines and lines with boilerplate
    phrases are cut out of it before the rules are asked. 10: paragraphs, letters and short poems have fewer. Without
    the cut a fifth of the pages would be lost for a menu above a sound article. None: documents stay whole."""
    min_chars: int = Field(100, ge=0)
    """Shortest document, in characters. 100, about one long sentence: below it denoising has no context to learn
    from, and neither the shares below nor the language identification can be trusted."""
    min_words: int = Field(15, ge=0)
    """Shortest document, in words. 15, which is what 100 characters hold in ordinary German prose."""
    max_chars: int = Field(100_000, gt=0)
    """Longest document, in characters. 100,000, a long book chapter: of 1,450 real pages the five that are longer are
    comment threads and indexes, and a document without a bound would hold the memory of a whole batch."""
    max_words: int = Field(20_000, gt=0)
    """Longest document, in words. 20,000, in step with `max_chars`."""
    head_chars: int = Field(300, ge=0)
    """Boilerplate phrases are looked for in this many characters from the start. 300: consent banners, error pages
    and navigation stand first; further down an article may well be *about* cookies."""
    boilerplate_phrases: tuple[str, ...] = ()
    """More phrases (plain text, any case) that mark a document as boilerplate when its head holds them. They are
    added to the shipped German and English ones (`dragoman.corpus.patterns`)."""
    blocked_patterns: tuple[str, ...] = ()
    """More regular expressions (any case) that drop a document wherever they match. They are added to the shipped
    ones (placeholder text, program source, spam)."""
    max_digit_share: float = Field(0.2, ge=0, le=1)
    """Most digits, as a share of the characters that are not white space. 0.2: laws that cite other laws reach
    0.15; tables, price lists and match results lie above."""
    min_letter_share: float = Field(0.7, ge=0, le=1)
    """Fewest letters, as a share of the characters that are not white space. 0.7: prose has 0.85-0.98 and statutes
    that cite others 0.72; forms, drawings in characters and listings have less."""
    max_symbol_share: float = Field(0.06, ge=0, le=1)
    """Most symbols (neither letter, digit, white space nor ordinary punctuation), same share. 0.06: ten times what
    prose has; menus drawn with bars, hash tags and emoji rows lie above."""
    max_uppercase_share: float = Field(0.3, ge=0, le=1)
    """Most capitals, as a share of the letters. 0.3: German prose has 0.05-0.08, pages full of headings 0.2."""
    min_type_token_ratio: float = Field(0.35, ge=0, le=1)
    """Fewest different words, as a share of all words looked at. 0.35: real text keeps 0.45 or more over
    `type_token_words` words, text that repeats itself three times at most 0.3."""
    type_token_min_words: int = Field(50, ge=1)
    """The ratio is judged from this many words on. 50: below it nothing but a few repeated words could fail."""
    type_token_words: int = Field(300, ge=1)
    """The ratio is taken over this many words from the start. The ratio falls with the length of any text
    (Heaps' law), so an unlimited one would drop long documents for being long."""
    min_mean_word_length: float = Field(3.0, ge=0)
    """Smallest mean length of a word, in characters. 3: English prose has 4.0-5.5; spaced-out letters about 1."""
    max_mean_word_length: float = Field(13.0, gt=0)
    """Largest mean length of a word, in characters. 13: German statutes, the longest honest words we measured, have
    7 on average and 12 in the densest paragraphs; lists of addresses and text without spaces lie above."""
    language_threshold: float = Field(0.5, ge=0, le=1)
    """Least probability that a document is in the language its source claims. 0.5: of 1,400 real pages in German or
    English two score lower; half-translated pages and lists of names do."""
    language_min_chars: int = Field(100, ge=0)
    """Shortest document whose language is checked, in characters. 100: from there the identification finds .998 of
    German and English; below 50 it is wrong for one sentence in twelve of the neighbouring languages."""

    @field_validator("blocked_patterns")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        return patterns

    @model_validator(mode="after")
    def _ordered(self) -> CurateSettings:
        for name in ("chars", "words", "mean_word_length"):
            low, high = f"min_{name}", f"max_{name}"
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} {getattr(self, low)} is above {high} {getattr(self, high)}")
        return self


class PairsSettings(Settings):
    """`pairs:` the rules for training pairs, and the wall between training and test text."""

    max_chars: int = Field(1000, gt=0)
    """Longest side of a pair, in characters. 1,000, about 250 tokens: longer pairs are dropped with the reason
    `too_long`, never cut, because a cut pair teaches the model to drop the end of a sentence."""
    max_length_ratio: float = Field(2.5, ge=1)
    """Longest side over shortest side, both in characters. 2.5: German is 1.0-1.3 times as long as English; beyond
    2.5 something is missing on one side or was added to the other."""
    length_slack: int = Field(20, ge=0)
    """The ratio is judged only where the sides differ by more than this many characters. 20: between short
    sentences a fair translation may be thrice as long ("Danke." / "Thank you very much.")."""
    identical_max_words: int = Field(3, ge=0)
    """A pair with two equal sides is kept up to this many words. 3: names, numbers, commands and loan words are rightly
    equal ("Berlin", "Windows 11", "OK"); a longer equal pair is untranslated. Pairs without letters are always kept."""
    language_threshold: float = Field(0.8, ge=0, le=1)
    """A side is in the wrong language when another language is this probable. 0.8, high, because one sentence is
    little evidence and a wrong drop costs a true pair."""
    language_min_chars: int = Field(50, ge=0)
    """Shortest side whose language is checked, in characters. 50: below it names and loan words decide."""
    ngram: int = Field(6, ge=2)
    """Contamination is looked for in runs of this many words. 6: a caption of ten words with its last word changed
    shares such runs with its original; with 5, "A group of people are ..." alone would cost four times as many pairs
    (multi30k 0.9% instead of 0.2%). A test segment of fewer words is matched only as a whole."""
    overlap: float = Field(0.8, gt=0, le=1)
    """A training text is contaminated when the runs it shares with one test segment cover at least this share of
    that segment's words. 0.8: the segment with a word or two changed is caught, a common phrase inside it is not."""
    document_min_words: int = Field(8, ge=1)
    """A monolingual document is contaminated when it holds a test segment of at least this many words (by the same
    overlap). 8: shorter ones ("What do you want to do?") stand in innocent text; a document that *is* a test
    segment is dropped at any length."""
    dev_pairs: int = Field(1000, ge=0)
    """How many pairs become the development set when `data.dev` is empty; at most a tenth of the pairs. They are
    chosen by a hash of their text, so the choice depends neither on the order nor on the seed. 1,000 is enough to
    see half a point of chrF."""
    decontaminate: bool = True
    """Drop training text that holds development or test text. Off only to measure what contamination does."""
