"""Manifests and metrics as the stages write them, with made-up figures: what the report's tests draw from."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from dragoman.io import write_jsonl

BLEU_SIGNATURE = "nrefs:1|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0"
CHRF_SIGNATURE = "nrefs:1|bs:1000|seed:12345|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0"
MACHINE = {"cpu": "Example CPU 3000", "cores": 2}
PACKAGES = {"torch": "2.13.0+cpu", "sentencepiece": "0.2.3", "sacrebleu": "2.6.0", "numpy": "2.4.6"}


Drops = dict[str, int]


def count(read: int, dropped: Drops, chars: int = 60, cut: Drops | None = None) -> dict[str, Any]:
    """One account: every document has `chars` characters, a tenth as many words, and 5 more where it was cut."""
    kept = read - sum(dropped.values())
    cuts = {kind: {"documents": n, "chars": 50 * n, "tokens": 5 * n} for kind, n in (cut or {}).items()}
    extra = 50 * sum((cut or {}).values())
    figures: dict[str, Any] = {"read": read, "kept": kept, "dropped": dropped, "cut": cuts}
    for unit, size in (("chars", chars), ("tokens", chars // 10)):
        figures[f"{unit}_read"] = read * size + extra // (1 if unit == "chars" else 10)
        figures[f"{unit}_kept"] = kept * size
        figures[f"{unit}_dropped"] = {reason: n * size for reason, n in dropped.items()}
    return figures


def account(by_source: dict[str, dict[str, Any]], order: str, **more: Any) -> dict[str, Any]:
    """A funnel as the data stages write it: the sums of `by_source`."""
    parts = [part for source in by_source.values() for part in source.values()]
    return {
        "total": added(parts),
        "by_source": by_source,
        "faults": [],
        "order": order.split(),
        "token_kind": "words",
        **more,
    }


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {}
    for name in dict.fromkeys(name for part in parts for name in part):
        found = [part[name] for part in parts if name in part]
        total[name] = added(found) if isinstance(found[0], dict) else sum(found)
    return total


CURATE = {
    "funnel": account(
        {
            "books": {"de": count(3120, {"too_short": 587}), "en": count(6000, {"too_short": 600, "duplicate": 40})},
            "web": {
                "de": count(
                    9120,
                    {
                        "not_utf8": 7,
                        "boilerplate_head": 1403,
                        "blocked_words": 5,
                        "symbol_share": 88,
                        "wrong_language": 2210,
                        "duplicate": 600,
                    },
                    2400,
                    {"furniture": 8000, "repeated_line": 120},
                )
            },
        },
        "not_utf8 furniture too_short boilerplate_head blocked_words symbol_share wrong_language duplicate "
        "repeated_line",
        faults=[
            {
                "source": "web",
                "language": "de",
                "reason": "not_utf8",
                "documents": 7,
                "places": [{"where": f"web.jsonl line {n}", "detail": "byte 0xe4 at column 8"} for n in range(3, 8)],
            }
        ],
    ),
    "documents": {"de": 7340, "en": 5360},
}
DROPPED = {"length_ratio": 61, "identical": 9, "numbers_differ": 12, "duplicate": 812, "contaminated": 390}
PAIRS = {
    "funnel": account({"captions": {"de-en": count(31_014, DROPPED)}}, " ".join(DROPPED)),
    "mono_funnel": account({"web": {"de": count(12_700, {"contaminated": 31})}}, "contaminated"),
    "sources": {"captions": {"kept": 29_730, "repeat": 1, "lines": 29_730}},
    "dev": 1014,
    "test": {"test2016": 1000, "test2017": 461},
}
SCREEN = {
    "funnel": account(
        {"web": {"de": count(12_669, {"byte_share": 17, "tokens_per_word": 3})}},
        "byte_share tokens_per_word",
        token_kind="pieces",
    )
}


SYNTHESIZE = {
    "funnel": account({"web": {"de-en": count(2_100, {"no_answer": 4, "preamble": 96})}}, "no_answer preamble"),
    "models": {"some-model-001": 600},
    "requests": 625,
    "tokens_in": 80_000,
    "tokens_out": 43_000,
    "cost": 0.31,
    "asked_again": 100,
    "second_answers": 40,
    "stopped": "max_cost of 0.31 USD",
}


def sample(reason: str | None, text: str, **more: Any) -> dict[str, Any]:
    return {"kept": not reason, "reason": reason, "source": "web", "language": "de", **more, "text": text}


CURATE_SAMPLES = [
    *(sample(None, f"Der Wald im Herbst, Teil {n}. " + "Die Blätter fallen. " * 40) for n in range(9)),
    sample("furniture", "Startseite\nKontakt", cut=True),
    *(sample("boilerplate_head", f"Wir verwenden Cookies & {n} <Partner>.") for n in range(8)),
    sample("wrong_language", "Il pleut depuis trois jours."),
]
PAIR_SAMPLES = [
    {"kept": False, "reason": "numbers_differ", "source": "captions", "language": "de-en", "de": "3 Hunde", "en": "4"},
    sample("contaminated", "Ein Satz aus dem Testsatz."),
]


def split(text: str) -> dict[str, Any]:
    words = text.split()
    return {"text": text, "pieces": [piece for word in words for piece in ("▁" + word[:5], word[5:]) if piece]}


TOKENIZER = {
    "vocab_size": 4096,
    "characters": 16_220_111,
    "sentences": 84_000,
    "sentences_used": 84_000,
    "languages": {
        "de": {
            "sentences": 42_000,
            "tokens_per_word": 1.6213,
            "characters_per_token": 3.911,
            "byte_share": 0.000181,
            "examples": [
                split("Zwei junge Männer stehen auf einer Wiese und unterhalten sich."),
                split("Der Straßenbahnfahrer wartet."),
            ],
        },
        "en": {
            "sentences": 42_000,
            "tokens_per_word": 1.2871,
            "characters_per_token": 4.107,
            "byte_share": 0.00002,
            "examples": [split("Two young men are standing in a meadow and talking to each other.")],
        },
    },
}


def trained(steps: int) -> dict[str, Any]:
    return {
        "steps": steps,
        "tokens": steps * 4000,
        "train_seconds": 811.2,
        "epochs": 11,
        "tokens_per_s": 5120.4,
        "chosen": "average",
        "dev": {},
        "best_step": steps - 250,
        "precision": "fp32",
        "parameters": 8_671_232,
        "lines": 29_730,
    }


def score_row(arm: str, test: str, direction: str, bleu: float, chrf: float, n: int) -> dict[str, Any]:
    def figure(value: float, signature: str) -> dict[str, Any]:
        return {"score": value, "mean": value, "low": value - 1.4, "high": value + 1.4, "signature": signature}

    return {
        "arm": arm,
        "test": test,
        "direction": direction,
        "n": n,
        "bleu": figure(bleu, BLEU_SIGNATURE),
        "chrf": figure(chrf, CHRF_SIGNATURE),
        "seconds": 14.2,
        "sentences_per_s": n / 14.2,
    }


SAMPLES = [
    (
        "Ein Mann mit einem orangefarbenen Hut, der etwas anstarrt.",
        "A man in an orange hat starring at something.",
        "A man with an orange hat staring at something.",
        "A man in an orange hat is looking something.",
    ),
    (
        "Ein Boston Terrier läuft über saftig-grünes Gras vor einem weißen Zaun.",
        "A Boston Terrier is running on lush green grass in front of a white fence.",
        "A Boston terrier running across lush green grass in front of a white fence.",
        "A dog is running over green grass in front of a white fence.",
    ),
    (
        "Leute, die an der Bushaltestelle warten & <reden>",
        "People waiting at the bus stop & <talking>",
        "People waiting at the bus stop & <talking>",
        "People at bus stop",
    ),
]


def evaluated() -> dict[str, Any]:
    rows = []
    for test, n in (("test2016", 1000), ("test2017", 461)):
        for direction, gain in (("de-en", 0.0), ("en-de", -4.0)):
            rows.append(score_row("pretrained", test, direction, 38.4 + gain, 61.2 + gain / 2, n))
            rows.append(score_row("scratch", test, direction, 35.1 + gain, 58.8 + gain / 2, n))
    test = {"difference": 3.3, "p_value": 0.001, "signature": BLEU_SIGNATURE}
    return {
        "scores": rows,
        "comparisons": [
            {
                "test": "test2016",
                "direction": "de-en",
                "arm": "pretrained",
                "against": "scratch",
                "bleu": test,
                "chrf": {**test, "difference": 2.4, "p_value": 0.07},
            }
        ],
        "samples": [
            {
                "test": test,
                "direction": "de-en",
                "line": i,
                "src": src,
                "ref": ref,
                "hyp": hyp,
                "others": {"scratch": other},
            }
            for test in ("test2016", "test2017")
            for i, (src, ref, hyp, other) in enumerate(SAMPLES, start=1)
        ],
        "warnings": [],
    }


def manifest(stage: str, result: dict[str, Any], seconds: float, memory: float) -> dict[str, Any]:
    return {
        "format": 1,
        "stage": stage,
        "key": stage.ljust(16, "0"),
        "version": 1,
        "config": {},
        "files": {},
        "upstream": {},
        "result": result,
        "seconds": seconds,
        "peak_memory_mb": memory,
        "commit": "1ce5488aa00112233",
        "dirty": True,
        "packages": PACKAGES,
        "python": "3.11.7",
        "machine": MACHINE,
        "finished": "2026-11-23T00:10:00+00:00",
    }


def all_manifests() -> dict[str, dict[str, Any]]:
    return {
        "curate": manifest("curate", CURATE, 41.5, 420.3),
        "synthesize": manifest("synthesize", SYNTHESIZE, 33.0, 150.0),
        "pairs": manifest("pairs", PAIRS, 9.12, 310.0),
        "tokenizer": manifest("tokenizer", TOKENIZER, 7.3, 280.1),
        "screen": manifest("screen", SCREEN, 2.4, 260.0),
        "pretrain": manifest("pretrain", trained(3000), 912.0, 1500.9),
        "finetune": manifest("finetune", trained(4000), 1320.0, 1612.4),
        "scratch": manifest("scratch", trained(4000), 1311.0, 1609.0),
        "evaluate": manifest("evaluate", evaluated(), 63.0, 900.0),
    }


def wave(step: int) -> float:
    return 0.06 * math.sin(step * 1.7) + 0.04 * math.sin(step * 0.31)


def metrics(steps: int, start: float, floor: float, best: float | None, speed: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for step in [1, *range(10, steps + 1, 10)]:
        loss = floor + (start - floor) * math.exp(-step / steps * speed)
        rows.append(
            {
                "time": 0.0,
                "step": step,
                "event": "train",
                "loss": loss + 0.5 + wave(step),
                "lr": 0.01,
                "grad_norm": 1.0,
                "tokens_per_s": 5000.0,
                "tgt_tokens": 1900,
                "tokens": step * 4000,
            }
        )
        if step % 250 == 0:
            chrf = (
                {}
                if best is None
                else {
                    f"chrf.{d}": best - off - best * math.exp(-step / steps * speed)
                    for d, off in (("de-en", 0.0), ("en-de", 3.0))
                }
            )
            rows.append({"time": 0.0, "step": step, "event": "dev", "loss": loss, "perplexity": math.exp(loss), **chrf})
    return rows


def all_folders(root: Path) -> dict[str, Path]:
    found = {name: root / name for name in all_manifests()}
    write_jsonl(found["curate"] / "samples.jsonl", CURATE_SAMPLES)
    write_jsonl(found["pairs"] / "samples.jsonl", PAIR_SAMPLES)
    write_jsonl(found["pretrain"] / "metrics.jsonl", metrics(3000, 8.3, 2.9, None, 6))
    write_jsonl(found["finetune"] / "metrics.jsonl", metrics(4000, 5.9, 1.62, 62.0, 9))
    write_jsonl(found["scratch"] / "metrics.jsonl", metrics(4000, 8.4, 1.81, 59.0, 6))
    return found


@pytest.fixture
def manifests() -> dict[str, dict[str, Any]]:
    """A run of every stage."""
    return all_manifests()


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """The folders of that run, with the metrics files of its training stages."""
    return all_folders(tmp_path / "run")
