"""Before money is spent a person reads what it will be, and where the price comes from."""

from __future__ import annotations

import pytest

from dragoman.errors import RunError
from dragoman.recipe.synthesize import SynthesizeSettings, TeacherSettings
from dragoman.runlog import RunLog
from dragoman.synth.budget import Estimate
from dragoman.synth.confirm import FREE, confirm
from dragoman.synth.prices import list_prices, read_on

LEFT = Estimate(requests=20, passages=80, tokens_in=4000, tokens_out=3000, cost=0.01)


def said(capsys: pytest.CaptureFixture[str], teacher: TeacherSettings) -> str:
    """What is said, and the answer no."""
    settings = SynthesizeSettings(teacher=teacher)
    with pytest.raises(RunError, match="not asked"):
        confirm(LEFT, list_prices(teacher), settings, RunLog(), lambda question: False)
    return capsys.readouterr().err


def test_the_price_of_a_list_names_its_day_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    listed = read_on("gemini")
    assert listed is not None
    words = said(capsys, TeacherSettings(kind="gemini", model="gemini-2.5-flash"))
    assert "20 requests for 80 passages" in words and "0.01 USD" in words
    assert f"list prices of {listed[0]} ({listed[1]})" in words


@pytest.mark.parametrize(
    "teacher",
    [
        TeacherSettings(kind="gemini", model="gemini-2.5-flash", price_in=1, price_out=2),
        TeacherSettings(kind="gemini", model="a-model-of-tomorrow"),
        TeacherSettings(kind="openai", model="gpt-5", base_url="http://localhost:8000/v1"),
    ],
    ids=["own price", "unknown model", "own server"],
)
def test_no_other_price_claims_to_be_of_a_list(capsys: pytest.CaptureFixture[str], teacher: TeacherSettings) -> None:
    assert "list prices" not in said(capsys, teacher)


def test_what_is_free_names_no_price_and_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    teacher = TeacherSettings(kind="recorded", journal="embedded:natural")
    confirm(LEFT, FREE, SynthesizeSettings(teacher=teacher), RunLog(), lambda question: pytest.fail(question))
    assert capsys.readouterr().err == "synthesize: 20 requests for 80 passages, free of charge\n"
