"""The text a recipe names, read as it lies: documents in shards and batches, pairs one by one.

    plan_shards(source, root)     -> [Shard, ...]        how the files of a source are shared out
    read_shard(shard, source)     -> Batch, Batch, ...   texts, and what could not be read, with its place

Nothing is repaired, dropped or cut here. What is unreadable is a `Fault`, counted by who reads, never lost.
"""

from dragoman.corpus.sources.faults import FAULTS, MAX_LINE_BYTES, Fault, Unreachable
from dragoman.corpus.sources.pairs import read_pairs, source_files
from dragoman.corpus.sources.plan import plan_shards
from dragoman.corpus.sources.read import read_documents, read_shard
from dragoman.corpus.sources.shards import Batch, Shard, Sizes

__all__ = [
    "FAULTS",
    "MAX_LINE_BYTES",
    "Batch",
    "Fault",
    "Shard",
    "Sizes",
    "Unreachable",
    "plan_shards",
    "read_documents",
    "read_pairs",
    "read_shard",
    "source_files",
]
