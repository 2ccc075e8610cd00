"""`curate:` and `pairs:` which text training may see, and why the rest may not."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from dragoman.recipe.settings import Settings

UNSPACED = frozenset({"bo", "ja", "km", "lo", "my", "th", "zh"})  # languages written without blanks between words


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
    max_chars: int = Field(200_000, gt=0)
    """Longest document, in characters. 200,000, a long encyclopaedia article: with 100,000 five of 1,450 real pages
    fell, four of them sound. A document without a bound would hold the memory of a whole batch."""
    max_words: int = Field(40_000, gt=0)
    """Longest document, in words. 40,000, in step with `max_chars`."""
    head_chars: int = Field(300, ge=0)
    """Boilerplate phrases are looked for in this many characters from the start. 300: consent banners, error pages
    and navigation stand first; further down an article may well be *about* cookies."""
    boilerplate_phrases: tuple[str, ...] = ()
    """More phrases (plain text, any case) that mark a document as boilerplate when its head holds them. They are
    added to the shipped German and English ones (`dragoman/corpus/lists`)."""
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

    foreign_line_min_chars: int | None = Field(120, ge=20)
    """In pages, a line of at least this many characters in another language is cut out. 120: two thirds of a short
    paragraph; shorter lines are quotations, titles and names as often as strange text. None: lines are not checked."""
    foreign_line_threshold: float = Field(0.8, ge=0, le=1)
    """How probable the other language must be for such a line to be cut."""
    max_blocked_words: int | None = Field(3, ge=0)
    """Most different words of the shipped lists of adult terms and spam a document may hold. 3: an article about such
    things names one or two, an advertisement many. None: they are not counted."""
    max_duplicate_lines: float = Field(0.3, ge=0, le=1)
    """Most lines that stand earlier in the same document, as a share (Gopher, Rae et al. 2021, table A1)."""
    max_duplicate_line_chars: float = Field(0.2, ge=0, le=1)
    """Most characters in such lines, as a share of all (Gopher)."""
    max_duplicate_paragraphs: float = Field(0.3, ge=0, le=1)
    """Most paragraphs that stand earlier in the same document, as a share of its paragraphs (Gopher)."""
    max_duplicate_paragraph_chars: float = Field(0.2, ge=0, le=1)
    """Most characters in such paragraphs, as a share of all (Gopher)."""
    repetition_min_words: int = Field(100, ge=1)
    """Runs of words are judged from this many words on. 100: with 50, Gopher's shortest
    document, 2.9% of 55,000 paragraphs of German law fall for saying "im Sinne des § 3" twice; now 0.8%, and as many
    web pages as before."""
    max_top_ngram_chars: tuple[float, float, float] = (0.20, 0.18, 0.16)
    """Most characters in the occurrences of the one most frequent run of 2, 3, 4 words (Gopher)."""
    max_duplicate_ngram_chars: tuple[float, float, float, float, float, float] = (0.15, 0.14, 0.13, 0.12, 0.11, 0.10)
    """Most characters in runs of 5, 6, ..., 10 words that stand earlier in the document (Gopher)."""
    line_shares_min_lines: int = Field(5, ge=1)
    """The two shares below are judged from this many lines on: a single paragraph may end in an ellipsis."""
    max_ellipsis_lines: float = Field(0.3, ge=0, le=1)
    """Most lines that end in an ellipsis, as a share of the lines: teasers (Gopher)."""
    max_bullet_lines: float = Field(0.9, ge=0, le=1)
    """Most lines that start with a bullet, as a share of the lines: mere lists (Gopher)."""
    min_sentence_end_lines: float = Field(0.12, ge=0, le=1)
    """Fewest lines that end in . ! ? or a closing quote after one, as a share of the lines of a page (FineWeb,
    Penedo et al. 2024)."""
    mask: tuple[Literal["email", "phone", "iban"], ...] = ()
    """Personal data to put examples in the place of (`name@example.org`, a number reserved for fiction, the example
    IBAN). Empty: the text stays as it is."""
    pattern_files: tuple[str, ...] = ()
    """More lists of phrases and patterns (the format of the shipped ones, `dragoman/corpus/lists/`), for example one
    for a new language. Relative paths start at `data.root`."""
    duplicates: Literal["none", "exact", "near"] = "near"
    """Which later copies are dropped: `exact` equal ones but for case and white space, `near` also those that share
    most of their text."""
    near_similarity: float = Field(0.75, gt=0, le=1)
    """Two documents are near duplicates from this estimated Jaccard similarity of their 5-word shingles on. 0.75:
    copies with another date or teaser are found, two articles on one event are not."""
    repeated_line_documents: int | None = Field(5, ge=2)
    """A line that stands in at least this many documents of a language stays in the first of them only. 5: notices and
    slogans that no list knows. None: lines are not compared across documents."""
    repeated_line_min_chars: int = Field(40, ge=1)
    """Shortest line that is compared with others, across documents and within a page, where later copies (teasers,
    captions) are cut. 40: shorter ones ("Vielen Dank!", the refrain of a song) are honest repetitions."""
    token_max_byte_share: float = Field(0.08, ge=0, le=1)
    """Second pass, once a tokenizer is trained: most pieces of a document that are bytes or unknown. 0.08 catches all
    text in other scripts and 99% of mojibake, and drops 0.5% of good web pages (0.9% at 0.05: Czech names)."""
    token_max_per_word: float = Field(4.0, gt=0)
    """Second pass: most pieces a word. 4: prose has 1.2 to 2; random letters and encoded data (all), source text (56 to
    98%) and half of what is jumbled lie above, with a small vocabulary also 1% of technical manuals."""
    token_max_mean_id: float = Field(0.5, gt=0, le=1)
    """Second pass: largest mean rank of the pieces, as a share of the vocabulary, which is sorted by frequency. 0.5: a
    safety net; good text has 0.15-0.25 and never had more than 0.37, and most bad text has no more than good text."""
    budget_chars: int | None = Field(None, gt=0)
    """Most characters of clean text a language. Reading stops when the sources have given their shares. None: all."""
    bad_input: Literal["skip", "stop"] = "skip"
    """What unreadable input does (broken UTF-8, a field that is missing, a damaged file, a hub that does not answer):
    `skip` counts and names it and goes on, `stop` ends the run at the first."""
    max_bad_share: float = Field(0.05, ge=0, le=1)
    """With `skip`: a source in which more than this share of the documents is unreadable ends the run after all,
    because then the recipe is wrong, not the data."""
    engine: Literal["pool", "ray"] = "pool"
    """Who runs the workers: processes on this machine, or a Ray cluster (`pip install 'dragoman[ray]'`), whose nodes
    must see the run folder. The output is the same to the byte."""
    workers: int | None = Field(None, ge=1)
    """How many workers. None: one a core of this machine, or as many as the cluster has."""
    per_language: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Other thresholds for a language: `{fi: {max_mean_word_length: 16}}`."""

    def for_language(self, language: str) -> CurateSettings:
        """These settings with what `per_language` says; where words are not parted by blanks, they are not judged."""
        unspaced = {"min_words": 0, "min_mean_word_length": 0, "max_mean_word_length": 1e9, "min_type_token_ratio": 0}
        changes = {**(unspaced if language in UNSPACED else {}), **self.per_language.get(language, {})}
        return CurateSettings.model_validate({**self.model_dump(exclude={"per_language"}), **changes})

    @model_validator(mode="after")
    def _languages_are_settings(self) -> CurateSettings:
        for language, changes in self.per_language.items():
            if "per_language" in changes:
                raise ValueError(f"per_language.{language} may not hold per_language")
            self.model_validate({**self.model_dump(exclude={"per_language"}), **changes})
        return self

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
    numbers_agree: bool = True
    """Drop a pair whose sides hold different numbers (as digits, after dates, times and separators are made equal)."""
    urls_agree: bool = True
    """Drop a pair whose sides hold different web or mail addresses."""
    placeholders_agree: bool = True
    """Drop a pair whose sides hold different placeholders (`%s`, `{name}`, `${HOME}`, `<b>`)."""
    max_copied_words: float = Field(0.8, ge=0, le=1)
    """Drop a pair in which more than this share of the words of a side that are written small stand on the other too,
    where both have more than `identical_max_words` of them: it was not translated. Names and titles do not count."""
    near_duplicates: bool = True
    """Drop a pair whose both sides equal those of an earlier one but for punctuation, case, white space and numbers
    that both sides share ("Version 1.2"). Where the translation changes them ("16 Uhr", "4 p.m."), they count."""
    score_model: str | None = None
    """A model of ours that knows both directions (`runs/<name>/model`): every pair gets its dual conditional
    cross-entropy (Junczys-Dowmunt 2018) and the worst are dropped. Relative paths start at `data.root`. None: no
    score."""
    score_keep: float = Field(0.9, gt=0, le=1)
    """Share of the scored pairs of each source that is kept, best first."""
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
