"""What the data stages write is frozen: a change of output without a new VERSION would pass old results off as new.

When this fails on purpose, raise the stage's number in `stages.VERSIONS` and write the new values with

    python tests/golden/test_golden.py > tests/golden/golden.json
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import sentencepiece

from dragoman import stages
from dragoman.io import digest_file, digest_lines, read_json
from dragoman.recipe import load_recipe
from dragoman.runlog import RunLog

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parent / "golden.json"
RECIPE = """
name: golden
languages: [de, en]
data:
  mono:
    - {name: paragraphs, language: de, embedded: mono/de}
    - {name: paragraphs, language: en, embedded: mono/en}
  pairs:
    - {name: natural, embedded: natural/train, repeat: 2}
    - {name: grammar, embedded: grammar/train, limit: 800}
  test: [{name: natural, embedded: natural/test}]
finetune: {steps: 0}
"""


def digest(path: Path) -> str:
    """Of the bytes; of a tokenizer the pieces alone, since another processor may round their scores differently."""
    if path.suffix != ".model":
        return digest_file(path)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return digest_lines(sorted(pieces.id_to_piece(token) for token in range(pieces.get_piece_size())))


def outputs(folder: Path) -> dict[str, object]:
    """Version and file digests of every data stage, run afresh in `folder`."""
    (folder / "golden.yaml").write_text(RECIPE, encoding="utf-8")
    pipeline = stages.pipeline(load_recipe(folder / "golden.yaml"), folder / "runs")
    done = pipeline.run(RunLog(quiet=True), until="tokenizer")
    return {
        entry.stage.name: {
            "version": entry.stage.version,
            "files": {
                path.name: digest(path) for path in sorted(entry.folder.iterdir()) if path.name != "manifest.json"
            },
        }
        for entry in done
    }


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    return outputs(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("stage", ["curate", "pairs", "tokenizer"])
def test_output_changes_only_with_its_version(stage: str, fresh: dict[str, object]) -> None:
    assert fresh[stage] == read_json(GOLDEN)[stage], "read the docstring of this file"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        print(json.dumps(outputs(Path(made)), indent=1))
