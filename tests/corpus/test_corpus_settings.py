"""The recipe sections explain each option and refuse what cannot be meant."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dragoman.recipe.corpus import CurateSettings, PairsSettings


@pytest.mark.parametrize("section", [CurateSettings, PairsSettings])
def test_every_option_says_what_it_is(section: type[CurateSettings] | type[PairsSettings]) -> None:
    for name, field in section.model_fields.items():
        assert field.description and len(field.description) > 40, name


@pytest.mark.parametrize(
    ("section", "options", "said"),
    [
        (CurateSettings, {"min_chars": 300, "max_chars": 200}, "min_chars 300 is above max_chars 200"),
        (CurateSettings, {"blocked_patterns": ["(offen"]}, "no regular expression"),
        (CurateSettings, {"max_digit_share": 1.5}, "less than or equal to 1"),
        (CurateSettings, {"min_wrods": 3}, "min_wrods"),
        (PairsSettings, {"overlap": 0}, "greater than 0"),
        (PairsSettings, {"ngram": 1}, "greater than or equal to 2"),
        (PairsSettings, {"max_length_ratio": 0.5}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    section: type[CurateSettings] | type[PairsSettings], options: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        section.model_validate(options)
