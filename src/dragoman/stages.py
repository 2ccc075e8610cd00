"""The wiring: which stage calls which room with what, and what makes it stale. The only file that knows every room.

    curate > synthesize > pairs > tokenizer > screen > pretrain > finetune (> scratch) > evaluate > report

Rooms are imported inside the stage functions: planning, status and a run with nothing to do load no torch.
Each stage's configuration holds exactly the options that change its output, so a changed `track:` or `data.root`
trains nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dragoman.errors import RecipeError, nearest
from dragoman.io import digest_file, digest_json
from dragoman.pipeline import Pipeline, Planned, Stage, Work
from dragoman.recipe import DataSettings, PairSource, Recipe, SynthesizeSettings, TeacherSettings
from dragoman.recipe.synthesize import SYNTHETIC
from dragoman.rundir import link

if TYPE_CHECKING:
    from dragoman.bundle import Bundle
    from dragoman.runlog import RunLog, Tracker
    from dragoman.synth.stage import Task
    from dragoman.synth.teachers import Teacher

VERSIONS = {
    # Raise a stage's number when its output changes for the same recipe and input: it and what follows run anew.
    "curate": 3,
    "synthesize": 1,
    "pairs": 3,
    "tokenizer": 1,
    "screen": 1,
    "pretrain": 1,
    "finetune": 1,
    "scratch": 1,
    "evaluate": 1,
    "report": 2,
}
Files = dict[str, tuple[Path, ...]]
Run = Callable[[Recipe, Work], Mapping[str, Any]]
EMBEDDED, EMBEDDED_LICENCE = Path(__file__).parent / "embedded", "mit"
SHIPPED = "embedded:"  # what the name of a journal that ships with the package begins with
RUNNING_ONLY = {"checkpoint_every", "engine", "workers"}  # options that change how a stage runs and not what comes out
ASKING_ONLY = {  # how a teacher is reached and not what it is asked
    "api_key_env", "base_url", "batch", "concurrency", "price_in", "price_out", "requests_per_minute", "timeout_s",
    "tokens_per_minute",
}  # fmt: skip
JOURNAL = "synthesize.journal.sqlite"  # beside the stages' folders: answers outlive changed checks and prompts
TOKEN_RULES = {"token_max_byte_share", "token_max_per_word", "token_max_mean_id", "per_language"}


def pipeline(recipe: Recipe, runs: Path) -> Pipeline:
    """The stages of `recipe` over the folder `runs/<name>`."""
    _check(recipe)
    return Pipeline(runs / recipe.name, list(stages(recipe)))


def stages(recipe: Recipe) -> Iterable[Stage]:
    """The stages that this recipe asks for, in order."""
    values = recipe.model_dump(mode="json")
    languages = {"languages": values["languages"], "seed": values["seed"]}
    directions = ["-".join(pair) for pair in recipe.directions()]

    def training(section: str) -> dict[str, Any]:
        settings = {name: value for name, value in values[section].items() if name not in RUNNING_ONLY}
        return {section: settings, "model": values["model"], **languages}

    def stage(name: str, run: Run, config: Mapping[str, Any], *upstream: str, files: Files | None = None) -> Stage:
        return Stage(name, VERSIONS[name], lambda work: run(recipe, work), config, upstream, files or {})

    data = values["data"]
    held_out = {name: data[name] for name in ("pairs", "dev", "test")}
    mono, pairs = _mono_only(recipe.data), _pairs_only(recipe.data)
    rules = {name: value for name, value in values["curate"].items() if name not in RUNNING_ONLY}
    curation = {name: value for name, value in rules.items() if not name.startswith("token_")}
    files = _files(mono) | {name: (Path(data["root"]).expanduser() / name,) for name in recipe.curate.pattern_files}
    yield stage("curate", _curate, {"curate": curation, "data": {"mono": data["mono"]}}, files=files)
    given, read = {"pairs": values["pairs"], "data": held_out, **languages}, ["curate"]
    if recipe.synthesize is not None:
        yield stage("synthesize", _synthesize, _synthesis(values), "curate", files=_teacher_files(recipe))
        given |= {"synthesize": {"repeat": recipe.synthesize.repeat}}
        read.append("synthesize")
    yield stage("pairs", _pairs, given, *read, files=_files(pairs) | _score_model_files(recipe))
    yield stage("tokenizer", _tokenizer, {"tokenizer": values["tokenizer"], **languages}, "pairs")
    done = ["pairs", "tokenizer"]
    before = [*read, *done]
    if recipe.pretrain.steps:
        token_rules = {name: value for name, value in rules.items() if name in TOKEN_RULES}
        yield stage("screen", _screen, {"curate": token_rules}, *done)
        yield stage("pretrain", _pretrain, training("pretrain"), *done, "screen")
        before += ["screen", "pretrain"]
    if not recipe.finetune.steps:
        return
    finetune = training("finetune") | {"finetune": {**training("finetune")["finetune"], "directions": directions}}
    yield stage("finetune", _finetune, finetune, *done, *(["pretrain"] if recipe.pretrain.steps else []))
    arms = ["finetune"]
    if recipe.pretrain.steps and recipe.compare.from_scratch:
        yield stage("scratch", _scratch, finetune, *done)
        arms.append("scratch")
    evaluation = {"evaluate": values["evaluate"], "finetune": {"directions": directions}}
    yield stage("evaluate", _evaluate, evaluation, "pairs", *arms)
    shown = {name: value for name, value in values.items() if name != "track"}
    shown["data"] = {name: value for name, value in data.items() if name != "root"}
    yield stage("report", _report, shown, *before, *arms, "evaluate")


def publish(home: Path, planned: Iterable[Planned]) -> dict[str, Path]:
    """Point `runs/<recipe>/model` and `report.html` at what is fresh; returns the links that stand."""
    targets = {"finetune": ("model", "model"), "report": ("report.html", "report.html")}
    found = {}
    for entry in planned:
        if entry.stage.name in targets and entry.state == "fresh":
            name, inside = targets[entry.stage.name]
            link(home / name, entry.folder / inside)
            found[name] = home / name
    return found


def _check(recipe: Recipe) -> None:
    """What only the rooms know: sizes of a model that fit together, texts that ship with the package."""
    from dragoman import embedded
    from dragoman.model.config import preset

    changes = {name: size for name, size in recipe.model.model_dump(exclude={"preset"}).items() if size is not None}
    try:
        preset(recipe.model.preset, 1000, **changes)
    except ValueError as error:
        raise RecipeError(str(error), where="model", do="change one of the sizes") from None
    if recipe.synthesize is not None and recipe.synthesize.teacher.journal is None:
        from dragoman.synth.prompt import load_prompt

        load_prompt(recipe.synthesize.prompt)
    for kind, known in {"mono": embedded.DOCUMENTS, **dict.fromkeys(("pairs", "dev", "test"), embedded.PAIRS)}.items():
        for index, source in enumerate(getattr(recipe.data, kind)):
            if source.embedded not in (None, *known):
                what, where = f"no text '{source.embedded}' ships with dragoman", f"data.{kind}.{index}.embedded"
                raise RecipeError(what, where=where, do=nearest(source.embedded, known))


def _mono_only(data: DataSettings) -> DataSettings:
    return data.model_copy(update={"pairs": (), "dev": (), "test": ()})


def _pairs_only(data: DataSettings) -> DataSettings:
    return data.model_copy(update={"mono": ()})


def _files(data: DataSettings) -> Files:
    """Every file whose content the stage depends on, by a name that does not change with `data.root`."""
    from dragoman.corpus.sources import source_files

    root = Path(data.root).expanduser()
    found: Files = {}
    for path in source_files(data, root):
        found[str(path.relative_to(root) if path.is_relative_to(root) else path)] = (path,)
    shipped = [mono.embedded for mono in data.mono]
    shipped += [source.embedded for source in (*data.pairs, *data.dev, *data.test)]
    for name in filter(None, shipped):
        found |= _embedded_files(name)
    return found


def _embedded_files(name: str) -> Files:
    """The files that a text that ships with the package is made from, as one entry."""
    kind, _, part = name.partition("/")
    patterns = {"mono": f"mono/*.{part}.*", "natural": "pairs/*.tsv", "grammar": "grammar/*.py"}
    label = name if kind == "mono" else kind
    return {f"package:{label}": tuple(sorted(EMBEDDED.glob(patterns[kind])))}


def _curate(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.corpus.curate import curate

    return curate(recipe.curate, _mono_only(recipe.data), work.out, work.log)


def _synthesis(values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the recipe that decides which pairs a synthesis makes."""
    settings = {name: value for name, value in values["synthesize"].items() if name not in ("repeat", "yes")}
    settings["teacher"] = {name: value for name, value in settings["teacher"].items() if name not in ASKING_ONLY}
    licences = {mono["name"]: mono["licence"] for mono in values["data"]["mono"]}
    return {"synthesize": settings, "languages": values["languages"], "data": {"licences": licences}}


def _teacher_files(recipe: Recipe) -> Files:
    """The journal that a synthesis replays, or the model that it asks."""
    if recipe.synthesize is None:
        return {}
    teacher, root = recipe.synthesize.teacher, Path(recipe.data.root).expanduser()
    if teacher.journal is not None:
        return {"synthesize.teacher.journal": (replayed(teacher.journal, root),)}
    return {"synthesize.teacher.model": _model_files(root, teacher.model)} if teacher.kind == "model" else {}


def _model_files(root: Path, model: str | None) -> tuple[Path, ...]:
    from dragoman.decode.engines import model_files

    return model_files(root / Path(str(model)).expanduser())


def replayed(journal: str, root: Path) -> Path:
    """The journal that `teacher.journal` names: a file, or one that ships with the package."""
    from dragoman import embedded

    if journal.startswith(SHIPPED):
        return embedded.journal(journal.removeprefix(SHIPPED))
    return root / Path(journal).expanduser()


def _synthesize(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.synth.stage import Task

    assert recipe.synthesize is not None
    curated = {language: work.folders["curate"] / f"documents.{language}.jsonl" for language in recipe.languages}
    documents = {language: path for language, path in curated.items() if path.exists() and path.stat().st_size}
    known = {mono.name: EMBEDDED_LICENCE if mono.embedded is not None else mono.licence for mono in recipe.data.mono}
    licences = {name: licence for name, licence in known.items() if licence is not None}
    task = Task(recipe.name, recipe.languages, documents, work.out.parent / JOURNAL, licences)
    return synthesis(recipe.synthesize, task, Path(recipe.data.root).expanduser(), work.out, work.log)


def synthesis(settings: SynthesizeSettings, task: Task, root: Path, out: Path, log: RunLog) -> dict[str, Any]:
    """The synthesize stage with the teacher that `settings` name; relative paths start at `root`."""
    from dragoman.synth.stage import synthesize

    if settings.licence is None and str(settings.teacher.journal).startswith(SHIPPED):
        settings = settings.model_copy(update={"licence": EMBEDDED_LICENCE})
    return synthesize(settings, task, _teacher(settings.teacher, root), out, log)


def foresight(settings: SynthesizeSettings, task: Task, root: Path) -> dict[str, dict[str, Any]]:
    """What a synthesis would take: `first_round` as a whole, and what is `left` of it. Asks nothing."""
    from dataclasses import asdict

    from dragoman.synth.stage import foresee

    whole, left = foresee(settings, task, _teacher(settings.teacher, root))
    return {"first_round": asdict(whole), "left": asdict(left)}


def _teacher(asked: TeacherSettings, root: Path) -> Teacher:
    from dragoman.synth.teachers import make_teacher

    if asked.kind != "model":
        return make_teacher(asked, journal=replayed(asked.journal, root) if asked.journal is not None else None)
    from dragoman.decode.engines import load_translate
    from dragoman.evaluate.run import best_device

    folder = root / Path(str(asked.model)).expanduser()
    translate = load_translate(folder, best_device())
    # Answers are remembered by the model's name: another model in the same folder is another teacher.
    weights = digest_json([digest_file(path) for path in _model_files(root, asked.model)])[:8]
    name = f"{'/'.join(folder.absolute().parts[-2:])}@{weights}"
    return make_teacher(asked.model_copy(update={"model": name}), translate=translate)


def _pairs(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.corpus.pairs import build_pairs

    data, curated, score = _pairs_only(recipe.data), work.folders["curate"], None
    if recipe.synthesize is not None:
        train = (work.folders["synthesize"] / "data" / "train.tsv").absolute()
        made = PairSource(name=SYNTHETIC, tsv=str(train), repeat=recipe.synthesize.repeat)
        data = data.model_copy(update={"pairs": (*data.pairs, made)})
    if (folder := _score_model(recipe)) is not None:
        from dragoman.decode.scoring import PairScorer

        score = PairScorer.load(folder, recipe.languages)
    return build_pairs(recipe.pairs, data, recipe.languages, curated, work.out, work.log, recipe.seed, score)


def _score_model(recipe: Recipe) -> Path | None:
    """The folder of the model that scores pairs, where the recipe names one."""
    name = recipe.pairs.score_model
    return None if name is None else Path(recipe.data.root).expanduser() / Path(name).expanduser()


def _score_model_files(recipe: Recipe) -> Files:
    """What decides the scores that this model gives."""
    folder = _score_model(recipe)
    names = ("config.json", "tokenizer.model", "weights.safetensors") if folder is not None else ()
    return {f"pairs.score_model/{name}": (folder / name,) for name in names if folder is not None}


def _mono_files(recipe: Recipe, folder: Path) -> dict[str, Path]:
    """The monolingual files in a stage's folder; a language may have none."""
    paths = {language: folder / f"mono.{language}.jsonl" for language in recipe.languages}
    return {language: path for language, path in paths.items() if path.exists()}


def _tokenizer(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.tokenizer import train_tokenizer

    pairs = work.folders["pairs"]
    train = {language: pairs / f"train.{language}" for language in recipe.languages}
    mono = _mono_files(recipe, pairs)
    return train_tokenizer(recipe.tokenizer, recipe.languages, train, mono, work.out, recipe.seed, work.log)


def _screen(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.corpus.screen import screen
    from dragoman.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(work.folders["tokenizer"] / "tokenizer.model")
    mono = _mono_files(recipe, work.folders["pairs"])
    return screen(
        recipe.curate, mono, tokenizer.encode_batch, tokenizer.spelling_ids(), tokenizer.vocab_size, work.out, work.log
    )


def _pretrain(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.train.stage import pretrain

    folders, tracker = work.folders, _tracker(recipe, "pretrain", work)
    return pretrain(recipe, folders["tokenizer"], folders["pairs"], folders["screen"], work.out, work.log, tracker)


def _finetune(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    return _translation(recipe, work, "finetune", work.folders.get("pretrain"))


def _scratch(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    return _translation(recipe, work, "scratch", None)


def _translation(recipe: Recipe, work: Work, name: str, start: Path | None) -> Mapping[str, Any]:
    from dragoman.train.stage import finetune

    folders, tracker = work.folders, _tracker(recipe, name, work)
    return finetune(
        recipe, folders["tokenizer"], folders["pairs"], start, work.out, work.log, development_score, tracker
    )


def development_score(bundle: Bundle, lines: Mapping[tuple[str, str], tuple[list[str], list[str]]]) -> dict[str, float]:
    """chrF of greedy translations of the development lines by direction: `{"chrf.de-en": 48.1}`."""
    from dragoman.decode.options import DecodeOptions
    from dragoman.decode.translator import Translator
    from dragoman.evaluate.scores import chrf

    translator = Translator(bundle, str(bundle.model.embedding.weight.device))
    greedy = DecodeOptions(beam=1, retry=False)
    scores = {}
    for (src, tgt), (sources, references) in lines.items():
        if sources:
            scores[f"chrf.{src}-{tgt}"] = chrf(translator.translate(sources, src, tgt, greedy), references)
    return scores


def _evaluate(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.evaluate.run import evaluate

    ours = "pretrained" if recipe.pretrain.steps else "model"
    arms = {ours: work.folders["finetune"]}
    if "scratch" in work.folders:
        arms["scratch"] = work.folders["scratch"]
    return evaluate(recipe, arms, work.folders["pairs"], work.out, work.log)


def _report(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    from dragoman.evaluate.report import write_report

    values = recipe.model_dump(mode="json")
    return write_report(values, dict(work.manifests), dict(work.folders), work.out)


def _tracker(recipe: Recipe, stage: str, work: Work) -> Tracker | None:
    from dragoman.track import wandb_tracker

    if recipe.track.wandb == "off":
        return None
    return wandb_tracker(recipe.track, f"{recipe.name}-{stage}", recipe.model_dump(mode="json"), work.out)
