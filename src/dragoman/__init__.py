"""dragoman: from raw text to a translation model, and from text to its translation.

    from dragoman import Translator
    Translator.load(Path("runs/demo/model")).translate(["Guten Morgen!"], "de", "en")

Nothing heavy is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dragoman.decode.options import DecodeOptions, Sampling
    from dragoman.decode.translator import Translator
    from dragoman.errors import DragomanError

__version__ = "0.1.0"
__all__ = ["DecodeOptions", "DragomanError", "Sampling", "Translator", "__version__"]

_HOMES = {
    "DecodeOptions": "dragoman.decode.options",
    "DragomanError": "dragoman.errors",
    "Sampling": "dragoman.decode.options",
    "Translator": "dragoman.decode.translator",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'dragoman' has no attribute '{name}'")
