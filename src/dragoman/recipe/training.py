"""From text to a scored model: the sections tokenizer, model, pretrain, finetune, compare, evaluate and track."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dragoman.recipe.settings import Settings


class TokenizerSettings(Settings):
    """`tokenizer:` sentencepiece Unigram with byte fallback, one vocabulary for all languages."""

    vocab_size: int | Literal["auto"] = "auto"
    """Pieces, special tokens included. `auto`: twice the square root of the number of training characters, rounded to
    a multiple of 256, between 1,024 and 32,000: a larger one leaves pieces too rare to learn, a smaller one makes
    sentences longer and words harder to align."""
    max_sentences: int = Field(2_000_000, gt=0)
    """Sentences the trainer reads at most, sampled evenly: Unigram training needs about 7 kB of memory a sentence."""
    character_coverage: float = Field(0.9999, ge=0.98, le=1.0)
    """Share of characters that get a piece of their own; the rest is spelled in bytes, so nothing is ever unknown."""


class ModelSettings(Settings):
    """`model:` a preset, and changes to it."""

    preset: Literal["tiny", "small", "base", "150m"] = "small"
    """Row of the table in dragoman/model/config.py."""
    d_model: int | None = Field(None, gt=0)
    """Width. None: the preset's."""
    n_heads: int | None = Field(None, gt=0)
    """Query heads. None: the preset's."""
    n_kv_heads: int | None = Field(None, gt=0)
    """Key/value heads, a divisor of `n_heads`. None: the preset's."""
    n_encoder_layers: int | None = Field(None, gt=0)
    """Encoder layers. None: the preset's."""
    n_decoder_layers: int | None = Field(None, gt=0)
    """Decoder layers. None: the preset's."""
    d_ff: int | None = Field(None, gt=0)
    """Inner width of SwiGLU. None: the preset's."""


class TrainSettings(Settings):
    """What pre-training and fine-tuning have in common."""

    steps: int = Field(0, ge=0)
    """Optimiser steps. 0: the stage is left out. The schedule ends exactly there, so it is a number and not a time."""
    batch_tokens: int = Field(4096, gt=0)
    """Source plus target tokens (padding included) of one optimiser step."""
    accumulate: int = Field(2, ge=1)
    """Micro-batches one optimiser step is cut into; they run on as many threads as there are cores. The gradient is
    the sum over all of them divided by the number of real target tokens, so cutting finer changes nothing."""
    max_tokens: int = Field(256, gt=8)
    """Longest source or target in tokens. Longer pairs are left out and counted; longer documents are cut."""
    learning_rate: float = Field(0.02, gt=0)
    """Peak rate of Muon for the matrices inside the layers (update of unit spectral size)."""
    adam_learning_rate: float = Field(3e-3, gt=0)
    """Peak rate of AdamW for embeddings and gains."""
    weight_decay: float = Field(0.01, ge=0)
    """Decoupled decay of the matrices and embeddings, times the rate of the moment."""
    warmup: float = Field(0.05, ge=0, le=1)
    """Share of the steps over which the rates rise from 0."""
    decay: float = Field(0.8, ge=0, le=1)
    """Share of the steps, at the end, over which the rates fall linearly to 0: the final score is made there."""
    clip: float = Field(1.0, gt=0)
    """Largest norm of the whole gradient (per target token)."""
    label_smoothing: float = Field(0.1, ge=0, lt=1)
    """Share of the target's probability spread over the vocabulary."""
    dropout: float = Field(0.1, ge=0, lt=1)
    """Share of values dropped after embeddings, attention and feed-forward; 0.2-0.3 below 100k pairs."""
    subword_alpha: float = Field(0.0, ge=0, le=1)
    """Sampled segmentations (subword regularisation): the exponent on their probabilities. 1 draws as the tokenizer
    believes, smaller is wilder, 0 is off. 0.5 helps where the same pairs are seen ten times and more; 0.2 slowed
    short trainings down by half."""
    evaluate_every: int = Field(250, gt=0)
    """Steps between looks at the development set."""
    checkpoint_every: int = Field(250, gt=0)
    """Steps between checkpoints: what a kill can cost."""
    keep: int = Field(3, ge=1)
    """Weights of the last so many evaluations that are averaged at the end."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Type of the matrix products. `auto`: bf16 where the device multiplies it fast (CUDA; CPUs with AVX-512-BF16
    or AMX), else fp32: without such units bf16 is some fifty times slower."""
    compile: bool = False
    """torch.compile the layers. Pays on CUDA for long runs; on a CPU it needs a C++ compiler and gains little."""


class PretrainSettings(TrainSettings):
    """`pretrain:` denoising of monolingual text."""

    objective: Literal["span_corruption", "infilling", "both"] = "both"
    """T5 span corruption (sentinels; the target lists the spans), BART text infilling (one mask a span; the target is
    the whole text), or half of each."""
    noise_rate: float = Field(0.3, gt=0, lt=1)
    """Share of the tokens that is hidden. T5 uses 0.15 and BART 0.3; more noise is a richer task for small models."""
    mean_span: float = Field(3.0, ge=1)
    """Mean length of a hidden span in tokens."""


class FinetuneSettings(TrainSettings):
    """`finetune:` translation, in the directions named."""

    directions: tuple[str, ...] = ()
    """For example `[de-en]`. Empty: every direction between the recipe's languages, in one model."""
    best_by: Literal["loss", "chrf"] = "chrf"
    """What makes a checkpoint the best: development loss, or chrF of greedy translations of development sentences."""
    dev_sentences: int = Field(200, ge=0)
    """Development pairs translated at each look, per direction. 0: only the loss is taken."""


class CompareSettings(Settings):
    """`compare:` second arms, trained only to be measured against."""

    from_scratch: bool = False
    """Also fine-tune the same model on the same pairs without pre-training, to show what pre-training gave."""


class EvaluateSettings(Settings):
    """`evaluate:` scores on the test sets."""

    beam: int = Field(5, ge=1, le=64)
    """Hypotheses kept in beam search; 1 is greedy."""
    length_penalty: float = Field(1.0, ge=0)
    """Exponent of the length a hypothesis's score is divided by: 0 favours short output, 1 is the mean."""
    bootstrap: int = Field(1000, ge=0)
    """Resamples of the confidence interval."""
    samples: int = Field(12, ge=0)
    """Translations shown a test set and direction."""
    batch_tokens: int = Field(4096, gt=0)
    """Source tokens times beam in one decoding batch."""


class TrackSettings(Settings):
    """`track:` experiment tracking beside the metrics file that is always written."""

    wandb: Literal["off", "online", "offline"] = "off"
    """Weights & Biases (`pip install dragoman[track]`); its key comes from the environment only."""
    project: str = "dragoman"
    """Project name there."""
