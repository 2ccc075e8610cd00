"""What a teacher is told: prompts are data files with an id, filled with passages and the wishes of the recipe.

    load_prompt("translate-v1")                             prompts/translate-v1.txt
    requests(passages, settings, "some-model")              ->  Request, Request, ...
    strict_request(passage, settings, "some-model")         ->  the second question for a passage that failed

The user's message ends with one line of JSON:

    {"passages": [{"id": 48213, "text": "Guten Tag!"}, {"id": 48214, "text": "Wie geht es Ihnen?"}]}

The numbers follow each other from one that depends on the passages. So an answer that belongs to another request is
noticed, whoever mixed them up.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from dragoman.errors import RecipeError, nearest
from dragoman.io import digest_bytes
from dragoman.languages import LANGUAGES
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.synth.items import Passage, Payload, Request, estimated_tokens

ALWAYS, WISHES, AGAIN = ("system", "user"), ("style", "domain", "terminology"), "again"
FILLED_IN = {"source", "target", "passages", *WISHES}
FIRST_NUMBER, NUMBERS = 10_000, 90_000  # five digits: a teacher copies them, and two requests rarely share them
ANSWER_SHARE = 4  # an answer may have so many times the tokens of its passages: some languages take twice as many
THOUGHT_TOKENS = 2048  # what a model may think before it answers, as far as that counts as answer
_SECTION = re.compile(r"\[([a-z]+)\]")


@dataclass(frozen=True)
class Prompt:
    """A prompt file: sections with `$placeholders`."""

    id: str
    sections: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Of all that it says; a prompt that was used never changes it."""
        return digest_bytes(*(part.encode() for item in sorted(self.sections.items()) for part in item))

    def fill(self, passages: Sequence[Passage], wishes: Mapping[str, str], attempt: int) -> tuple[str, str]:
        """The system's and the user's message. `passages`: one or more, of one direction; `wishes`: of `WISHES`."""
        named = {
            "source": _name(passages[0].src),
            "target": _name(passages[0].tgt),
            "passages": _listed(passages),
            **{name: " ".join(wish.split()).rstrip(".") for name, wish in wishes.items()},
        }
        asked = ["system", *(name for name in WISHES if name in wishes), *([AGAIN] if attempt else [])]
        system, user = ("\n\n".join(self.sections[name] for name in names) for names in (asked, ["user"]))
        return Template(system).substitute(named), Template(user).substitute(named)


def prompts() -> tuple[str, ...]:
    """The ids of all prompts that ship with the package."""
    names = (entry.name for entry in files(__package__).joinpath("prompts").iterdir())
    return tuple(sorted(name.removesuffix(".txt") for name in names if name.endswith(".txt")))


@functools.cache
def load_prompt(id: str) -> Prompt:
    """A prompt by its id. Raises RecipeError for an id that none has."""
    if id not in prompts():
        raise RecipeError(f"no prompt '{id}'", where="synthesize.prompt", do=nearest(id, prompts()))
    return read_prompt(id, files(__package__).joinpath("prompts", f"{id}.txt").read_text("utf-8"))


def read_prompt(id: str, text: str) -> Prompt:
    """A prompt from the text of its file. Raises ValueError where a section is missing, unknown or names a thing that
    nobody fills in."""
    head, *parts = re.split(rf"^{_SECTION.pattern}\n", text, flags=re.MULTILINE)
    sections = {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
    if set(sections) != {*ALWAYS, *WISHES, AGAIN} or any(line and line[0] != "#" for line in head.splitlines()):
        raise ValueError(f"prompt {id}: its sections are {', '.join(sections)}")
    for name, body in sections.items():
        template = Template(body)
        if not template.is_valid() or not FILLED_IN.issuperset(template.get_identifiers()):
            raise ValueError(f"prompt {id}, section {name}: $ stands before something unknown")
    return Prompt(id, sections)


def requests(
    passages: Iterable[Passage], settings: SynthesizeSettings, model: str, *, attempt: int = 0
) -> Iterator[Request]:
    """Requests for all passages, several together where they have one direction; the same for the same passages."""
    most, waiting = settings.teacher.passages_per_request, dict[tuple[str, str], list[Passage]]()
    for passage in passages:
        group = waiting.setdefault((passage.src, passage.tgt), [])
        group.append(passage)
        if len(group) == most:
            yield request(group, settings, model, attempt=attempt)
            group.clear()
    for group in waiting.values():
        if group:
            yield request(group, settings, model, attempt=attempt)


def strict_request(passage: Passage, settings: SynthesizeSettings, model: str) -> Request:
    """The second question for a passage: alone, and with the stricter prompt."""
    return request([passage], settings, model, attempt=1)


def request(passages: Sequence[Passage], settings: SynthesizeSettings, model: str, *, attempt: int = 0) -> Request:
    """One request for `passages`, one or more, all of one direction."""
    teacher = settings.teacher
    wishes = {name: wish for name in WISHES if (wish := getattr(settings, name))}
    system, user = load_prompt(settings.prompt).fill(passages, wishes, attempt)
    room = ANSWER_SHARE * sum(estimated_tokens(passage.text) for passage in passages) + THOUGHT_TOKENS
    payload = Payload(
        system, user, tuple(passages), teacher.max_output_tokens or room, float(teacher.temperature), attempt
    )
    return Request(model, settings.prompt, payload)


def numbers(passages: Sequence[Passage]) -> tuple[int, ...]:
    """What the passages of a request are called in it."""
    key = digest_bytes(*(passage.id.encode() for passage in passages))
    first = FIRST_NUMBER + int(key[:12], 16) % (NUMBERS - len(passages))
    return tuple(range(first, first + len(passages)))


def _listed(passages: Sequence[Passage]) -> str:
    rows = [{"id": number, "text": one.text} for number, one in zip(numbers(passages), passages, strict=True)]
    return json.dumps({"passages": rows}, ensure_ascii=False)


def _name(language: str) -> str:
    return LANGUAGES.get(language, language)
