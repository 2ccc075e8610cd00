"""`synthesize:` parallel text written by a teacher: who writes, what is asked, what it may cost, what is accepted."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from dragoman.recipe.settings import Settings

SYNTHETIC = "synthetic"  # what the pairs stage calls its source of these pairs
SPLITS = ("train", "dev", "test")
MODEL_NEEDED = ("gemini", "openai", "model")
BATCHING = ("gemini", "openai")


class TeacherSettings(Settings):
    """`synthesize.teacher:` who translates, and how it is spoken to."""

    kind: Literal["gemini", "openai", "model", "recorded"]
    """`gemini` (google-genai), `openai` (any endpoint that speaks its protocol: hosted services, vLLM, Ollama,
    llama.cpp), `model` (a translation model on this machine, no key), `recorded` (a journal replayed, offline)."""
    model: str | None = None
    """The model's name as the service knows it; for `model` a folder: a model of ours or one of CTranslate2. Relative
    paths start at `data.root`."""
    base_url: str | None = None
    """Address of an endpoint that is not the service's own, such as `http://localhost:8000/v1`. None: the official
    one."""
    journal: str | None = None
    """For `recorded`: a journal to replay (SQLite, or its export as .jsonl, also .zst), or `embedded:natural`, the one
    that ships with dragoman. Relative paths start at `data.root`."""
    batch: bool = False
    """Ask through the service's Batch API: half the price, answers within hours instead of seconds."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key. None: the service's own (GEMINI_API_KEY or GOOGLE_API_KEY,
    OPENAI_API_KEY). The key itself is never written anywhere."""
    price_in: float | None = Field(None, ge=0)
    """USD for a million tokens sent. None: the list price that ships with dragoman, where it knows the model."""
    price_out: float | None = Field(None, ge=0)
    """USD for a million tokens written. None: the same."""
    temperature: float = Field(0.3, ge=0, le=2)
    """How freely the teacher chooses words. 0.3: near its best translation, with some variety left."""
    max_output_tokens: int | None = Field(None, gt=0)
    """Most tokens of one answer, thoughts included. None: four times what the passages have, and room for a thought."""
    requests_per_minute: int | None = Field(None, gt=0)
    """The service's limit on requests. None: as many as it takes; what it refuses is asked again later."""
    tokens_per_minute: int | None = Field(None, gt=0)
    """The service's limit on tokens, in and out together."""
    concurrency: int = Field(8, ge=1, le=1024)
    """Requests on their way at once. 8: enough for a service that takes seconds, harmless for a server at home."""
    timeout_s: float = Field(120, gt=0)
    """Seconds until an answer counts as lost. 120: a large local model writes seven sentences in less."""
    passages_per_request: int = Field(4, ge=1, le=64)
    """Passages asked together. 4: the instructions are paid once for all of them, and answers do not get mixed up;
    small local models are safer with 1."""

    @field_validator("api_key_env")
    @classmethod
    def _a_name(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", name):
            raise ValueError("give the name of an environment variable such as MY_API_KEY, never the key")
        return name

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"https?://[^\s@/?#]+(/[^\s@?#]*)?", address):
            raise ValueError("give an address such as http://localhost:8000/v1, with no key or name in it")
        return address

    @model_validator(mode="after")
    def _complete(self) -> TeacherSettings:
        if self.kind in MODEL_NEEDED and self.model is None:
            raise ValueError(f"kind {self.kind} needs a model")
        if (self.kind == "recorded") != (self.journal is not None):
            raise ValueError("kind recorded needs a journal" if self.journal is None else "only recorded has a journal")
        if self.batch and self.kind not in BATCHING:
            raise ValueError(f"kind {self.kind} has no Batch API")
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("give both price_in and price_out, or neither")
        return self


class CheckSettings(Settings):
    """`synthesize.checks:` what an answer must hold to become a pair."""

    language_threshold: float = Field(0.5, ge=0, le=1)
    """A translation is in the wrong language when another one is this probable; below 50 characters at least 0.8 is
    asked for. 0.5: right for 99% of single sentences in the wrong language, wrong for 1 of 5,000 in the right one."""
    language_min_chars: int = Field(20, ge=0)
    """Shortest translation whose language is checked, in characters. 20: below it names and loan words decide."""
    max_length_ratio: float = Field(2.5, ge=1)
    """Longest side over shortest side, both in characters: beyond it something was left out or added."""
    length_slack: int = Field(20, ge=0)
    """The ratio is judged only where the sides differ by more than this many characters."""
    sentence_slack: int = Field(2, ge=0)
    """How many sentences more or fewer than the passage a translation may have, and one more for every four sentences
    of the passage. 2: good translators part a sentence in three, and the lengths of the sentences tell the rest."""
    max_gap_evidence: float = Field(2.5, ge=0)
    """Reject where the lengths of the sentences say that one has no counterpart on the other side, and say it by more
    than this (the logarithm of how much likelier it is). 2.5: finds four of ten sentences that were left out or added,
    and is wrong once in 400 passages of news."""
    max_copied_words: float = Field(0.8, ge=0, le=1)
    """A translation was not made where more than this share of the words written small stand in the passage too."""
    identical_max_words: int = Field(1, ge=0)
    """A translation equal to its passage is right up to this many words: names, numbers, `OK.`"""
    numbers_agree: bool = True
    """Reject where the sides hold different numbers."""
    names_agree: bool = True
    """Reject where a name in quotes is not the same on both sides, or lost its quotes and is not there."""
    urls_agree: bool = True
    """Reject where the sides hold different web or mail addresses."""
    placeholders_agree: bool = True
    """Reject where the sides hold different placeholders (`%s`, `{name}`, `${HOME}`, `<b>`)."""
    max_repeats: int = Field(4, ge=2)
    """A run of words may follow itself this often, or as often as in the passage: beyond it a model was in a loop."""


class SynthesizeSettings(Settings):
    """`synthesize:` curated text in, checked pairs out."""

    teacher: TeacherSettings
    """Who translates."""
    passages: int | None = Field(None, gt=0)
    """Most passages that are asked, over all directions. None: all that the documents hold."""
    sentences: tuple[int, int] = (1, 7)
    """Fewest and most sentences of a passage. [1, 7]: single sentences teach words, longer passages what pronouns and
    tenses refer to."""
    directions: tuple[str, ...] = ()
    """Which way is translated, for example `[de-en]`. Empty: from every language that has documents; for `recorded`
    all that the journal holds."""
    prompt: str = "translate-v1"
    """Id of the prompt, a file that ships with dragoman; it stands beside every pair."""
    style: str | None = None
    """The register to write in, in a few words: `informal, as between friends`. None: that of the passage."""
    domain: str | None = None
    """What the text is about: `medical leaflets`. None: the teacher sees for itself."""
    terminology: str | None = None
    """Terms and how they are translated: `Treiber = driver; Kern = kernel`. None: free."""
    max_cost: float | None = Field(None, gt=0)
    """Most USD the whole synthesis may cost, what earlier runs spent included. Nothing is asked beyond it. None: no
    cap."""
    max_tokens: int | None = Field(None, gt=0)
    """Most tokens, in and out together, in the same way."""
    max_requests: int | None = Field(None, gt=0)
    """Most requests, in the same way."""
    ask_again: bool = True
    """Ask once more, with a stricter prompt, for passages whose answer failed the checks."""
    yes: bool = False
    """Do not ask before the first request that costs money."""
    repeat: int = Field(1, ge=1)
    """How often training sees each of these pairs an epoch."""
    dev_share: float = Field(0.01, ge=0, lt=0.5)
    """Share of the documents whose pairs are set aside for development, chosen by a hash of the document."""
    test_share: float = Field(0.01, ge=0, lt=0.5)
    """Share of the documents whose pairs are set aside for tests. Training uses the rest."""
    licence: str | None = None
    """Licence of the pairs (SPDX), for their card. None: that of the documents, where all have the same."""
    checks: CheckSettings = CheckSettings()
    """What an answer must hold to become a pair."""

    @field_validator("sentences")
    @classmethod
    def _bounds(cls, bounds: tuple[int, int]) -> tuple[int, int]:
        low, high = bounds
        if not 1 <= low <= high <= 20:
            raise ValueError(f"[{low}, {high}] are no bounds; give fewest and most sentences, at most 20")
        return bounds
