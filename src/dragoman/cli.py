"""The command line: verbs with their options and words; what they do stands in `verbs` and `stages`.

Standard output is data, standard error is words. Exit codes: 0 done, 1 a fault of ours, 2 bad input, 130 stopped by
the user, 141 the reader of our output went away.
"""

from __future__ import annotations

import errno
import functools
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from dragoman import show, verbs
from dragoman.corpus.account import waterfall
from dragoman.errors import EXIT_BAD_INPUT, DragomanError
from dragoman.runlog import RunLog

LENGTHS = "8,16,32,64,128,256"
EXIT_STOPPED, EXIT_BROKEN_PIPE = 130, 141
P = ParamSpec("P")


def _app(words: str) -> typer.Typer:
    return typer.Typer(
        help=words,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _app("From raw text to a translation model, and from text to its translation.")
bench = _app("Measure this machine.")
app.add_typer(bench, name="bench")


def examples(*lines: str) -> str:
    """The end of a help page: command lines that can be copied."""
    return "Examples:\n\n\b\n" + "\n".join(f"  {line}" for line in lines)


def verb(home: typer.Typer, name: str, *lines: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a verb with its examples; what goes wrong in it becomes one line and an honest exit code."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def honest(*arguments: P.args, **options: P.kwargs) -> None:
            try:
                function(*arguments, **options)
                sys.stdout.flush()
            except DragomanError as error:
                print(f"dragoman: {error}", file=sys.stderr)
                raise typer.Exit(EXIT_BAD_INPUT) from None
            except BrokenPipeError:
                _silence_stdout()
                raise typer.Exit(EXIT_BROKEN_PIPE) from None
            except OSError as error:
                if error.errno != errno.ENOSPC or error.filename:
                    raise
                _silence_stdout()
                print(f"dragoman: cannot write the output: {error.strerror}", file=sys.stderr)
                raise typer.Exit(EXIT_BAD_INPUT) from None
            except KeyboardInterrupt:
                print(f"dragoman: stopped{_again(options)}", file=sys.stderr)
                raise typer.Exit(EXIT_STOPPED) from None

        home.command(name, epilog=examples(*lines))(honest)
        return honest

    return register


def _silence_stdout() -> None:
    """Python would complain once more when it flushes what is left at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _again(options: dict[str, Any]) -> str:
    """How to go on after an interruption; only a pipeline can, curation from files to a file, and a push."""
    if "teacher" in options or ("engine" in options and "-" not in (options["output"], *options["files"])):
        return "; run the same command to continue"
    if "repo" in options:
        return "; run the same command to continue"
    if "until" not in options:
        return ""
    return "; run the same command " + ("without --force " if options.get("force") else "") + "to continue"


RecipeFile = Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe, a YAML file.")]
Set = Annotated[
    list[str], typer.Option("--set", metavar="A.B=C", help="Change an option of the recipe; may be given again.")
]
Runs = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Folder that holds the runs.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only results and errors.")]
Model = Annotated[Path, typer.Option("--model", metavar="DIR", help="Folder of a model, such as runs/demo/model.")]
From = Annotated[str | None, typer.Option("--from", metavar="LANG", help="Language of the input.")]
To = Annotated[str | None, typer.Option("--to", metavar="LANG", help="Language of the output.")]
Beam = Annotated[int, typer.Option("--beam", metavar="N", help="Width of the beam search; 1 is greedy and fastest.")]


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))


@verb(
    app,
    "run",
    "dragoman run recipes/demo.yaml",
    "dragoman run recipes/multi30k.yaml --set data.root=DIR",
    "dragoman run my.yaml --until pairs --set pairs.max_chars=500",
    "dragoman run my.yaml --force finetune",
)
def run(
    recipe: RecipeFile,
    until: Annotated[str | None, typer.Option("--until", metavar="STAGE", help="Stop after this stage.")] = None,
    force: Annotated[
        str | None, typer.Option("--force", metavar="STAGE", help="Run this stage anew, and all that read its output.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would run, and why.")] = False,
    set_: Set = [],  # noqa: B006
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Build the model of a recipe, from text to report.

    What is stale runs and nothing else. Stages: curate, synthesize, pairs, tokenizer, screen, pretrain, finetune,
    scratch, evaluate, report. Stop it at any moment; the same command goes on.
    """
    from dragoman import stages

    pipeline = verbs.open_pipeline(recipe, set_, runs)
    if dry_run:
        planned = pipeline.plan(until=until, force=force)
        return _print_json(show.plan_json(planned)) if as_json else _print_lines(show.plan_lines(planned))
    planned = pipeline.run(RunLog(quiet=quiet), until=until, force=force)
    manifests, links = verbs.manifests_of(planned), stages.publish(pipeline.home, planned)
    if as_json:
        places = {name: str(path) for name, path in links.items()}
        results = {name: manifest["result"] for name, manifest in manifests.items()}
        return _print_json({"stages": show.plan_json(planned), "results": results, **places})
    return _print_lines(show.run_summary(manifests, links))


def _print_lines(lines: Any) -> None:
    for line in lines:
        print(line)


@verb(app, "status", "dragoman status recipes/demo.yaml", "dragoman status my.yaml --set finetune.steps=2000 --json")
def status(recipe: RecipeFile, set_: Set = [], runs: Runs = Path("runs"), as_json: Json = False) -> None:  # noqa: B006
    """Tell which stages are fresh, and why others are not.

    fresh: done. stale: done for other settings or data, with every difference. unfinished: interrupted, goes on.
    missing: never run. damaged: its manifest or a file was changed or lost.
    """
    planned = verbs.open_pipeline(recipe, set_, runs).plan()
    return _print_json(show.plan_json(planned)) if as_json else _print_lines(show.plan_lines(planned))


@verb(
    app, "inspect", "dragoman inspect recipes/demo.yaml curate", "dragoman inspect recipes/demo.yaml tokenizer --json"
)
def inspect(
    recipe: RecipeFile,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="A stage that has run.")],
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="Kept rows shown, and as many dropped.")] = 10,
    set_: Set = [],  # noqa: B006
    runs: Runs = Path("runs"),
    as_json: Json = False,
) -> None:
    """Look at what a stage did.

    curate, synthesize, pairs and screen show what each rule took and left, and rows they kept, dropped and cut; other
    stages show their figures.
    """
    entry = verbs.finished_stage(verbs.open_pipeline(recipe, set_, runs), stage)
    result = verbs.manifests_of([entry])[stage]["result"]
    chosen = show.choose_rows(verbs.sampled_rows(entry.folder), rows)
    if as_json:
        steps = {name: waterfall(account) for name, account in show.funnels_of(result).items()}
        return _print_json({"stage": stage, "result": result, "waterfall": steps, "rows": chosen})
    if show.FUNNELS.keys() & result:
        _print_lines(show.stage_lines(result))
        return _print_lines(show.row_lines(chosen))
    return _print_lines(show.figure_lines(result))


@verb(
    app,
    "curate",
    "dragoman curate web.jsonl.gz crawl/ --language de --output clean.jsonl.zst",
    "dragoman curate 'crawl/**/*.warc.gz' --language en --output clean.parquet --workers 8",
    "dragoman curate books.txt.xz --language de --document paragraph --output clean.txt",
    "dragoman curate pages.parquet --language-field lang --output clean.jsonl --set duplicates=exact",
    "zcat web.jsonl.gz | dragoman curate - --language de --output - | head",
)
def curate(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, folders, globs in quotes; - is standard input.")
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="A .jsonl, .parquet or .txt file (the text ones also .gz, .xz, .zst); - is standard output, as JSONL.",
        ),
    ],
    language: Annotated[
        str | None,
        typer.Option(
            "--language", metavar="LANG", help="Language of the text (de, en); with --language-field, the one to keep."
        ),
    ] = None,
    language_field: Annotated[
        str | None,
        typer.Option(
            "--language-field", metavar="NAME", help="Field that names each document's language (de, deu_Latn, German)."
        ),
    ] = None,
    text_field: Annotated[
        str, typer.Option("--text-field", metavar="NAME", help="Field or column that holds the text.")
    ] = "text",
    document: Annotated[
        str, typer.Option("--document", metavar="KIND", help="A document of a .txt is a line, paragraph or file.")
    ] = "line",
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="Read only N documents of each FILE (and language)."),
    ] = None,
    stdin_format: Annotated[
        str, typer.Option("--format", metavar="KIND", help="What standard input is: jsonl, txt, csv or tsv.")
    ] = "jsonl",
    tokenizer: Annotated[
        Path | None,
        typer.Option("--tokenizer", metavar="FILE", help="A tokenizer.model: its pieces are judged in a second pass."),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option("--samples", metavar="FILE", help="Write samples of what was kept, dropped and cut here (JSONL)."),
    ] = None,
    set_: Annotated[
        list[str],
        typer.Option("--set", metavar="A=B", help="Change a rule (dragoman options curate); may be given again."),
    ] = [],  # noqa: B006
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", min=1, help="How many processes; otherwise one a core.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="pool (processes here) or ray (a cluster).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Clean raw text, without a recipe.

    Broken characters are repaired, menus and cookie notes cut out of pages; what is no prose, in another language or a
    copy is dropped. What every rule took is told at the end.

    Read are .jsonl, .txt, .csv, .tsv, .parquet, .warc and .html, also packed (.gz, .xz, .zst). Stop it at any moment;
    the same command goes on.
    """
    from dragoman.curate_files import PIPE, Request, curate_files
    from dragoman.recipe.load import curate_settings

    if as_json and output == PIPE:
        raise DragomanError("--json and the documents both want standard output", do="give --output a file")
    request = Request(
        tuple(files), output, curate_settings(set_, workers=workers, engine=engine), language=language,
        language_field=language_field, text_field=text_field, document=document, limit=limit,
        stdin_format=stdin_format, tokenizer=tokenizer, samples=samples,
    )  # fmt: skip
    outcome = curate_files(request, RunLog(quiet=quiet))
    if as_json:
        return _print_json(outcome.as_dict())
    if not quiet:
        for funnel in filter(None, (outcome.funnel, outcome.screened)):
            print("", *show.funnel_lines(funnel), sep="\n", file=sys.stderr)
        if output != PIPE:
            print(f"{sum(outcome.documents.values()):,} documents in {output}", file=sys.stderr)


@verb(
    app,
    "synthesize",
    "dragoman synthesize clean.jsonl --from de --to en --output letters --teacher openai --model NAME --dry-run",
    "dragoman synthesize clean.jsonl --from de --to en -o letters --teacher gemini --model NAME --batch --max-cost 20",
    "dragoman synthesize *.jsonl.zst --language-field language --from de --to en --both -o pairs --teacher openai"
    " --base-url http://localhost:8000/v1 --model NAME --yes",
    "dragoman synthesize news.de.txt --from de --to en -o back --teacher model --model runs/demo/model",
    "dragoman synthesize --from de --to en -o natural --teacher recorded --journal embedded:natural",
)
def synthesize(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of the pairs and their card.")],
    src: Annotated[str, typer.Option("--from", metavar="LANG", help="Language of the documents.")],
    tgt: Annotated[str, typer.Option("--to", metavar="LANG", help="Language to translate them into.")],
    teacher: Annotated[
        str, typer.Option("--teacher", metavar="KIND", help="gemini, openai (any compatible server), model, recorded.")
    ],
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Clean documents (dragoman curate); - is standard input.")
    ] = [],  # noqa: B006
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="NAME", help="The teacher's model; with --teacher model its folder."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="Address of another server than the service's own.")
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option("--journal", metavar="FILE", help="With --teacher recorded: what to replay, or embedded:natural."),
    ] = None,
    batch: Annotated[bool, typer.Option("--batch", help="Through the Batch API: half the price, hours later.")] = False,
    both: Annotated[bool, typer.Option("--both", help="The other way as well; needs --language-field.")] = False,
    passages: Annotated[
        int | None, typer.Option("--passages", metavar="N", min=1, help="Ask for N passages; otherwise for all.")
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", metavar="USD", help="Stop before more is spent, earlier runs included."),
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", metavar="N", min=1, help="The same for tokens, in and out.")
    ] = None,
    max_requests: Annotated[
        int | None, typer.Option("--max-requests", metavar="N", min=1, help="The same for requests.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before money is spent.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell requests, tokens and cost.")] = False,
    language_field: Annotated[
        str | None, typer.Option("--language-field", metavar="NAME", help="Field that names each document's language.")
    ] = None,
    text_field: Annotated[
        str, typer.Option("--text-field", metavar="NAME", help="Field or column that holds the text.")
    ] = "text",
    document: Annotated[
        str, typer.Option("--document", metavar="KIND", help="A document of a .txt is a line, paragraph or file.")
    ] = "line",
    stdin_format: Annotated[
        str, typer.Option("--format", metavar="KIND", help="What standard input is: jsonl, txt, csv or tsv.")
    ] = "jsonl",
    set_: Annotated[
        list[str],
        typer.Option("--set", metavar="A=B", help="Another option (dragoman options synthesize); may be repeated."),
    ] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Make sentence pairs with a teacher, without a recipe.

    Passages of whole sentences are cut from clean documents, translated by a language model, and checked: what is in
    the wrong language, incomplete, a comment or a copy is asked for once more, then dropped with its reason.

    Keys come from the environment (GEMINI_API_KEY, OPENAI_API_KEY). Every answer is kept in DIR.journal.sqlite: stop
    it at any moment, the same command goes on and nothing is paid for twice.
    """
    from dragoman.recipe.load import synthesize_settings
    from dragoman.synthesize_files import Request, directions, synthesize_files

    given = {
        "--teacher": ("teacher.kind", teacher), "--model": ("teacher.model", model),
        "--base-url": ("teacher.base_url", base_url), "--journal": ("teacher.journal", journal),
        "--batch": ("teacher.batch", batch or None), "--passages": ("passages", passages),
        "--max-cost": ("max_cost", max_cost), "--max-tokens": ("max_tokens", max_tokens),
        "--max-requests": ("max_requests", max_requests), "--yes": ("yes", yes or None),
        "--both": ("directions", directions(src, tgt, both)),
    }  # fmt: skip
    request = Request(
        tuple(files), output, src, tgt, synthesize_settings(set_, given), language_field=language_field,
        text_field=text_field, document=document, stdin_format=stdin_format, dry_run=dry_run,
    )  # fmt: skip
    found = synthesize_files(request, RunLog(quiet=quiet))
    if as_json:
        return _print_json(found)
    if dry_run:
        return _print_lines(show.foresight_lines(found))
    if not quiet:
        print("", *show.synthesis_lines(found), "", *show.funnel_lines(found["funnel"]), sep="\n", file=sys.stderr)
        print(f"{found['funnel']['total']['kept']:,} pairs in {output}", file=sys.stderr)


@verb(
    app,
    "translate",
    "echo 'Guten Morgen!' | dragoman translate --model runs/demo/model --from de",
    "dragoman translate --model runs/demo/model --from en --to de letter.txt > letter.de.txt",
    "dragoman translate --model runs/demo/model --from de --sample --top-p 0.9 --seed 7 FILE",
)
def translate(
    model: Model,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Text, one segment a line; - or nothing: stdin.")
    ] = verbs.STDIN,
    src: From = None,
    tgt: To = None,
    beam: Beam = 5,
    sample: Annotated[bool, typer.Option("--sample", help="Draw words at random, not the best ones.")] = False,
    temperature: Annotated[
        float, typer.Option("--temperature", metavar="X", help="With --sample: below 1 is safer.")
    ] = 1.0,
    top_k: Annotated[int, typer.Option("--top-k", metavar="N", help="With --sample: of the N likeliest only.")] = 0,
    top_p: Annotated[float, typer.Option("--top-p", metavar="X", help="With --sample: of this mass only.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="With --sample: same number, same draws.")] = 0,
    chunk: Annotated[
        int, typer.Option("--chunk", metavar="N", min=1, help="Lines translated together.")
    ] = verbs.CHUNK_LINES,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, with src and tgt.")] = False,
    quiet: Quiet = False,
) -> None:
    """Translate text, line by line.

    As many lines come out as go in, in their order, empty ones kept. --from and --to may be left out where only one
    direction fits.
    """
    from dragoman.decode.options import DecodeOptions, Sampling

    sampling = Sampling(temperature, top_k, top_p, seed) if sample else None
    options = DecodeOptions(beam=beam, sampling=sampling)
    translator = verbs.load_translator(model)
    pair = verbs.direction(translator.bundle.directions, src, tgt)
    size = 1 if file == verbs.STDIN and sys.stdin.isatty() else chunk
    log = RunLog(quiet=quiet)
    for source, target in verbs.translate_lines(translator, verbs.read_input(file), pair, options, size, log):
        print(json.dumps({"src": source, "tgt": target}, ensure_ascii=False) if as_json else target, flush=size == 1)


@verb(
    app,
    "evaluate",
    "dragoman evaluate --model runs/demo/model --from de --to en --src test.de --ref test.en",
    "dragoman evaluate --model runs/demo/model --from de --to en --src test.de --ref test.en --beam 1 --json",
)
def evaluate(
    model: Model,
    source: Annotated[Path, typer.Option("--src", metavar="FILE", help="Text to translate, one segment a line.")],
    reference: Annotated[Path, typer.Option("--ref", metavar="FILE", help="Its reference translation, line by line.")],
    src: From = None,
    tgt: To = None,
    beam: Beam = 5,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", metavar="N", min=0, help="Resamples for the interval.")
    ] = 1000,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Keep the translations here.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Translate a test set and score it.

    BLEU and chrF as sacreBLEU computes them, with signature and 95% interval.
    """
    from dragoman.decode.options import DecodeOptions
    from dragoman.io import write_lines

    translator = verbs.load_translator(model)
    pair = verbs.direction(translator.bundle.directions, src, tgt)
    files = {"src": source, "ref": reference}
    scores = verbs.score_files(translator, files, pair, DecodeOptions(beam=beam), bootstrap, RunLog(quiet=quiet))
    hypotheses = scores.pop("hypotheses")
    if output is not None:
        write_lines(output, hypotheses)
    if as_json:
        return _print_json(scores)
    row = {**scores, "test": source.name, "arm": "model"}
    return _print_lines([show.scores_table([row]), scores["bleu"]["signature"], scores["chrf"]["signature"]])


@verb(
    app,
    "push",
    "dragoman push --data letters owner/letters --dry-run",
    "dragoman push --data letters owner/letters",
    "dragoman push --data letters owner/letters --public --message 'Letters, first version'",
)
def push(
    repo: Annotated[str, typer.Argument(metavar="REPO", help="OWNER/NAME at the Hub; NAME alone is your own.")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of finished data, with its README.md.")],
    public: Annotated[
        bool | None,
        typer.Option(
            "--public/--private", help="Who sees a new data set; private if you do not say.", show_default=False
        ),
    ] = None,
    revision: Annotated[
        str, typer.Option("--revision", metavar="BRANCH", help="Branch to push to; made where there is none.")
    ] = "main",
    message: Annotated[str | None, typer.Option("--message", metavar="TEXT", help="What the commit says.")] = None,
    exclude: Annotated[
        list[str], typer.Option("--exclude", metavar="GLOB", help="Leave these files here; may be given again.")
    ] = [],  # noqa: B006
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check, and tell what would be sent.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Publish data at the Hugging Face Hub.

    The card must name the licence and the files; files that hold a key or a path of this machine are refused. What the
    Hub has already is not sent again. The token is that of `hf auth login` or HF_TOKEN.
    """
    from dragoman.publish.parcel import look_through
    from dragoman.publish.push import Wanted, push_data
    from dragoman.publish.words import parcel_lines, pushed_lines

    wanted = Wanted(repo, revision, message, public)
    parcel = look_through(data, exclude)
    if dry_run:
        return _print_json(parcel.as_dict()) if as_json else _print_lines(parcel_lines(parcel, wanted))
    pushed = push_data(parcel, wanted, RunLog(quiet=quiet))
    return _print_json(pushed.as_dict()) if as_json else _print_lines(pushed_lines(pushed))


@verb(
    bench,
    "kv-cache",
    "dragoman bench kv-cache --preset small",
    "dragoman bench kv-cache --model runs/demo/model --lengths 16,64,256 --beam 5 --json",
)
def kv_cache(
    preset: Annotated[str, typer.Option("--preset", metavar="NAME", help="A shape with random weights.")] = "small",
    model: Annotated[Path | None, typer.Option("--model", metavar="DIR", help="A trained model instead.")] = None,
    lengths: Annotated[str, typer.Option("--lengths", metavar="N,N,...", help="Output lengths in tokens.")] = LENGTHS,
    batch: Annotated[int, typer.Option("--batch", metavar="N", min=1, help="Sentences decoded together.")] = 16,
    beam: Annotated[int, typer.Option("--beam", metavar="N", min=1, help="Hypotheses a sentence.")] = 1,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Time a token with the cache on and off."""
    parts = lengths.split(",")
    if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
        raise DragomanError(f"'{lengths}' is not a list of lengths", where="--lengths", do="for example 16,64,256")
    rows = verbs.kv_cache_rows(preset, model, [int(part) for part in parts], batch, beam, RunLog(quiet=quiet))
    return _print_json(rows) if as_json else _print_lines(show.kv_cache_lines(rows))


@verb(app, "options", "dragoman options", "dragoman options finetune", "dragoman options --json")
def options(
    section: Annotated[str, typer.Argument(metavar="SECTION", help="Only what starts with this.")] = "",
    as_json: Json = False,
) -> None:
    """Print every option of a recipe, with its reason."""
    from dragoman.errors import nearest
    from dragoman.recipe import Recipe
    from dragoman.recipe.options import describe

    rows = list(describe(Recipe))
    below = (f"{section}.", f"{section}[")
    chosen = [row for row in rows if section in ("", row["name"]) or row["name"].startswith(below)]
    if not chosen:
        raise DragomanError(f"no option or section '{section}'", do=nearest(section, Recipe.model_fields))
    return _print_json(chosen) if as_json else _print_lines(show.option_lines(chosen))


def _version(wanted: bool) -> None:
    if wanted:
        from dragoman import __version__

        print(f"dragoman {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """From raw text to a translation model, and from text to its translation."""


def main() -> None:
    """Entry point: SIGTERM stops as Ctrl-C does, so that a scheduler loses no work either."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    app(prog_name="dragoman")
