"""`data:` what text there is: monolingual documents, sentence pairs, development and test sets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from dragoman.recipe.settings import Settings


class HubSource(Settings):
    """A data set of the Hugging Face Hub, read file by file as it lies there; nothing is downloaded whole."""

    repo: str
    """The data set, for example `HuggingFaceFW/fineweb-2`."""
    subset: str | None = None
    """A configuration that the data set's card declares, for example `deu_Latn`. Its files are read."""
    split: str = "train"
    """The split of that configuration."""
    files: str | None = None
    """Instead of `subset`: a glob over the files of the repository, for example `data/deu_Latn/train/*.parquet`."""
    revision: str = "main"
    """Branch, tag or commit. A commit makes a run repeatable for ever; whatever is given, the commit is noted."""

    @model_validator(mode="after")
    def _one_choice(self) -> HubSource:
        if self.subset is not None and self.files is not None:
            raise ValueError("give either subset or files")
        return self


class MonoSource(Settings):
    """Monolingual documents in one language."""

    name: str
    """What reports call this source."""
    language: str
    """Language of the documents (ISO 639-1, for example `de`)."""
    path: str | None = None
    """A file, a folder or a glob (`crawl/**/*.warc.gz`): .txt, .jsonl (.json of JSON Lines), .csv, .tsv, .parquet,
    .warc, .html; all but .parquet also .gz, .xz, .zst. Relative paths start at `data.root`."""
    embedded: str | None = None
    """Instead of a path: a text that ships with the package (`mono/de`, `mono/en`)."""
    hub: HubSource | None = None
    """Instead of a path: a data set of the Hugging Face Hub, streamed (needs `pip install 'dragoman[hub]'`)."""
    document: Literal["line", "paragraph", "file"] = "line"
    """What a document is in a .txt file: a line, a paragraph (blank lines part them), or the whole file."""
    text_field: str = "text"
    """Field (.jsonl) or column (.csv, .tsv, .parquet) that holds the text."""
    language_field: str | None = None
    """Field or column that names a document's language: others are left out. None: all belong to `language`."""
    language_value: str | None = None
    """What `language_field` says for `language`, for example `deu_Latn`. None: the code itself."""
    licence: str | None = None
    """Licence of the text (SPDX where there is one), for the cards of what is made from it. A Hub source needs one."""
    limit: int | None = Field(None, gt=0)
    """Read at most this many documents, from the head. None: all. A limited source is read by one worker."""
    weight: float = Field(1.0, gt=0)
    """Its share of the characters, relative to the other sources of the language: sources are interleaved in these
    proportions until one language's `curate.budget_chars` are used up, or all are."""

    @model_validator(mode="after")
    def _one_origin(self) -> MonoSource:
        if [self.path, self.embedded, self.hub].count(None) != 2:
            raise ValueError("give exactly one of path, embedded and hub")
        if self.hub is not None and self.licence is None:
            raise ValueError("a hub source needs its licence (the data set's card names it)")
        return self


class PairSource(Settings):
    """Sentence pairs: two parallel files, one .tsv, or a set that ships with the package."""

    name: str
    """What reports call this source; also the name of a test set's scores."""
    files: dict[str, str] | None = None
    """Language -> file with one sentence a line; line i belongs to line i. Relative paths start at `data.root`."""
    tsv: str | None = None
    """Instead of `files`: a .tsv file whose header names the languages (`de`, `en`)."""
    embedded: str | None = None
    """Instead of a path: `natural/train`, `natural/dev`, `natural/test`, `grammar/train`, `grammar/test`."""
    limit: int | None = Field(None, gt=0)
    """Read at most this many pairs, from the head. None: all."""
    repeat: int = Field(1, ge=1)
    """How often training sees each pair of this source an epoch: raise it for small, clean data."""

    @model_validator(mode="after")
    def _one_origin(self) -> PairSource:
        if [self.files, self.tsv, self.embedded].count(None) != 2:
            raise ValueError("give exactly one of files, tsv and embedded")
        return self


class DataSettings(Settings):
    """`data:`"""

    root: str = "."
    """Where relative paths start; given by the user, usually as `--set data.root=DIR`."""
    mono: tuple[MonoSource, ...] = ()
    """Monolingual documents for denoising pre-training. May be empty: the pairs' own sides are used then."""
    pairs: tuple[PairSource, ...] = ()
    """Training pairs."""
    dev: tuple[PairSource, ...] = ()
    """Development pairs: they steer training (the best checkpoint), so they are no test."""
    test: tuple[PairSource, ...] = ()
    """Test pairs: scored at the end; no training text may contain one of them."""
