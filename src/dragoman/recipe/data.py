"""`data:` what text there is: monolingual documents, sentence pairs, development and test sets."""

from __future__ import annotations

from pydantic import Field, model_validator

from dragoman.recipe.settings import Settings


class MonoSource(Settings):
    """Monolingual documents in one language."""

    name: str
    """What reports call this source."""
    language: str
    """Language of the documents (ISO 639-1, for example `de`)."""
    path: str | None = None
    """A file: .txt (one document a line) or .jsonl; also .gz, .xz, .zst. Relative paths start at `data.root`."""
    embedded: str | None = None
    """Instead of a path: a text that ships with the package (`mono/de`, `mono/en`)."""
    text_field: str = "text"
    """Field of a .jsonl object that holds the text."""
    language_field: str | None = None
    """Field of a .jsonl object that names its language: others are left out. None: all belong to `language`."""
    limit: int | None = Field(None, gt=0)
    """Read at most this many documents, from the head. None: all."""

    @model_validator(mode="after")
    def _one_origin(self) -> MonoSource:
        if (self.path is None) == (self.embedded is None):
            raise ValueError("give either path or embedded")
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
