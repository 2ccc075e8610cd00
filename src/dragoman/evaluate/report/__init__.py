"""The report: one self-contained HTML page about one model, for the screen, the phone and paper.

`page` writes it; `funnels`, `corpus`, `training` and `results` turn manifests into what its sections show; `charts`
draws.
"""

from dragoman.evaluate.report.page import write_report

__all__ = ["write_report"]
