"""BLEU and chrF as sacreBLEU computes them, each with its signature and interval, and the test between two systems.

    score(hypotheses, references, bootstrap=1000) ->
    {"n": 1000,
     "bleu": {"score": 38.3, "mean": 38.3, "low": 36.9, "high": 39.7, "signature": "nrefs:1|bs:1000|seed:12345|..."},
     "chrf": {"score": 62.1, ...}}

The interval is sacreBLEU's own: 95%, mean of the bootstrap resamples plus and minus half the distance between their
2.5% and 97.5% quantiles (Koehn 2004). Its generator is seeded (12345, or `SACREBLEU_SEED`), so the same text gives
the same interval; the signature says the seed and how many resamples there were.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sacrebleu.metrics.base import Metric, Score
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest, Result

from dragoman.errors import DataError

RESAMPLED_BYTES = 1_000_000_000  # sacreBLEU holds all resamples at once, fp32
STATISTICS = 18  # numbers a segment has in chrF (BLEU: 10)


def _plain(score: Score) -> Score:
    """sacreBLEU 2.6 stops on resamples of which some score 0: a float among numpy's, of which it takes the mean."""
    score.score = float(score.score)
    return score


class _Bleu(BLEU):
    def _compute_score_from_stats(self, stats: list[Any]) -> Any:
        return _plain(super()._compute_score_from_stats(stats))


class _Chrf(CHRF):
    def _compute_score_from_stats(self, stats: list[Any]) -> Any:
        return _plain(super()._compute_score_from_stats(stats))


def metrics() -> dict[str, Metric]:
    """The two metrics, fresh: BLEU (cased, 13a, exp smoothing) and chrF2 (six characters, no words)."""
    return {"bleu": _Bleu(), "chrf": _Chrf()}


def affordable(bootstrap: int, n: int) -> int:
    """`bootstrap`, lowered where that many resamples of `n` segments would not fit into `RESAMPLED_BYTES`."""
    return min(bootstrap, RESAMPLED_BYTES // (n * STATISTICS * 4))


def check(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    """Refuse to score nothing, and to score lines that have no partner."""
    if len(hypotheses) != len(references):
        raise DataError(
            f"{len(hypotheses)} translations cannot be scored against {len(references)} references",
            do="give files whose line i belongs together",
        )
    if not references:
        raise DataError("there is nothing to score", do="give at least one line")


def score(hypotheses: Sequence[str], references: Sequence[str], bootstrap: int = 1000) -> dict[str, Any]:
    """Corpus BLEU and chrF; `bootstrap` resamples give the interval, below 2 there is none (low and high are None).

    Raises `DataError` for lists that are empty or of unequal length.
    """
    check(hypotheses, references)
    resamples = affordable(bootstrap, len(references))
    result: dict[str, Any] = {"n": len(references)}
    for name, metric in metrics().items():
        found = metric.corpus_score(list(hypotheses), [list(references)], n_bootstrap=resamples)
        figures: dict[str, Any] = {"score": float(found.score), "mean": None, "low": None, "high": None}
        if resamples > 1:
            mean, margin = float(found._mean), float(found._ci)
            figures |= {"mean": mean, "low": mean - margin, "high": mean + margin}
        result[name] = {**figures, "signature": str(metric.get_signature())}
    return result


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """chrF alone, without an interval: what training looks at."""
    check(hypotheses, references)
    return float(CHRF().corpus_score(list(hypotheses), [list(references)]).score)


def compare(
    ours: Sequence[str], other: Sequence[str], references: Sequence[str], bootstrap: int = 1000
) -> dict[str, dict[str, Any]]:
    """Paired bootstrap test (Koehn 2004) of two systems on one test set: by metric the difference and its p-value.

    `difference` is ours minus other; `p_value` the chance to see one as large between equal systems (1 where there is
    none: sacreBLEU would call two equal scores significantly different). Empty where fewer than two resamples were
    asked for or fit into memory. Raises `DataError` as `score` does.
    """
    check(ours, references)
    check(other, references)
    resamples = affordable(bootstrap, len(references))
    if resamples < 2:
        return {}
    systems: list[tuple[str, Sequence[str]]] = [("other", list(other)), ("ours", list(ours))]
    test = PairedTest(systems, metrics(), [list(references)], test_type="bs", n_samples=resamples)
    signatures, results = test()
    found = {}
    for name, title in (("bleu", "BLEU"), ("chrf", "chrF2")):
        base, system = cast(list[Result], results[title])
        difference = float(system.score - base.score)
        p_value = float(system.p_value or 0.0) if difference else 1.0
        found[name] = {"difference": difference, "p_value": p_value, "signature": str(signatures[title])}
    return found
