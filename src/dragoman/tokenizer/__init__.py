"""The tokenizer: what its ids mean (codec), sampled segmentations (sampling), and how a vocabulary is learned."""

from dragoman.tokenizer.codec import (
    BOS_ID,
    EOS_ID,
    MASK_ID,
    N_SENTINELS,
    PAD_ID,
    UNK_ID,
    Tokenizer,
)
from dragoman.tokenizer.learning import automatic_vocab_size, train_tokenizer

__all__ = [
    "BOS_ID",
    "EOS_ID",
    "MASK_ID",
    "N_SENTINELS",
    "PAD_ID",
    "UNK_ID",
    "Tokenizer",
    "automatic_vocab_size",
    "train_tokenizer",
]
