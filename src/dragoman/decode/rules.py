"""What every decoder obeys, fast or slow: which tokens may come next, what a hypothesis is worth, when a search ends.

The score of a hypothesis is the sum of its log-probabilities divided by length ** length_penalty, where the length
counts </s>. With penalty 1, `a b </s>` at -0.1, -0.3 and -0.2 has total -0.6 and score -0.6 / 3 = -0.2.

Beam search with W = `beam`. One step extends every live hypothesis by every token and keeps the W best totals (the
lengths are equal, so totals and scores rank alike). Of these W, the ones that end in </s> are finished and leave; the
others live on. The W best finished hypotheses are kept. The search for a sentence ends when

- nothing lives any more, or
- the live ones are as long as the limit, or
- W hypotheses are kept and no live one could enter their number by ending at the very next step, at no cost.

Worked example, W = 2, penalty 1. Kept are -0.50 and -0.60. The best live hypothesis has 3 tokens and total -2.6: ended
next, it would have 4 tokens and at best -2.6 / 4 = -0.65, which is not above -0.60: the search ends. With -2.2 it would
reach -0.55: the search goes on. (A hypothesis could still rise later if its next tokens were likelier than those
so far. Waiting until that is impossible whatever the tokens, -2.6 / limit ** 1 against -0.60, took 1.7 times as many
steps with a model trained on Multi30k, beam 5, and gave the same 120 translations.)

With W = 1 the first </s> that is best leaves nothing alive: beam 1 is greedy search.

A hypothesis that reaches its limit without </s> is `complete=False`; it is returned only if no other finished. Ties
go to the better-ranked parent, then to the lower token id, so that nothing depends on how a device sorts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from dragoman.decode.repetition import block_repeats
from dragoman.tokenizer import BOS_ID, EOS_ID, MASK_ID, N_SENTINELS, PAD_ID, UNK_ID, Tokenizer

FORBIDDEN = float("-inf")


@dataclass(frozen=True)
class Hypothesis:
    """One translation: ids without <s> and </s>, its summed log-probability, its score, and whether </s> came."""

    ids: tuple[int, ...]
    total: float
    score: float
    complete: bool


@dataclass(frozen=True)
class Rules:
    """`banned` (n,) ids that are never produced; `no_repeat` n > 0 forbids to say any n-gram twice."""

    banned: Tensor
    bos: int
    eos: int
    length_penalty: float = 1.0
    no_repeat: int = 0

    def without_repeats(self, n: int) -> Rules:
        """The same with n-grams said at most once."""
        return replace(self, no_repeat=n)


def make_rules(tokenizer: Tokenizer, device: torch.device, length_penalty: float) -> Rules:
    """Ban what only ever stands in the input: padding, <unk>, <s>, the mask, sentinels and language tags.

    <unk> is among them because the byte fallback leaves no text that needs it; control characters too, because a
    line break spelled in bytes would make two lines of one.
    """
    sentinels = [tokenizer.sentinel(number) for number in range(N_SENTINELS)]
    tags = [tokenizer.tag(language) for language in tokenizer.languages]
    never = [PAD_ID, UNK_ID, BOS_ID, MASK_ID, *sentinels, *tags, *tokenizer.control_bytes()]
    banned = torch.tensor(never, device=device)
    return Rules(banned, BOS_ID, EOS_ID, length_penalty)


def next_log_probs(logits: Tensor, history: Tensor, rules: Rules) -> Tensor:
    """Log-probabilities of the next token among those allowed: logits (N, V), history (N, t) -> (N, V) fp32.

    </s> is not allowed first: no text becomes nothing. `logits` may be overwritten.
    """
    logits = logits.float()
    logits.index_fill_(1, rules.banned, FORBIDDEN)
    if history.size(1) == 0:
        logits[:, rules.eos] = FORBIDDEN
    if rules.no_repeat:
        block_repeats(logits, history, rules.no_repeat)
    return logits.log_softmax(-1)


def score(total: float, length: int, penalty: float) -> float:
    """Worth of a hypothesis of `length` tokens, </s> included."""
    return float(total / length**penalty)


def no_gain(best_live: float, length: int, kept: Sequence[Hypothesis], width: int, penalty: float) -> bool:
    """Whether `width` hypotheses are kept and no live one (of `length` tokens) could join them by ending next."""
    return len(kept) == width and score(best_live, length + 1, penalty) <= kept[-1].score


def ranked(hypotheses: Sequence[Hypothesis], keep: int) -> list[Hypothesis]:
    """The `keep` best, best first; of equals, the one that was found first."""
    return sorted(hypotheses, key=lambda hypothesis: -hypothesis.score)[:keep]
