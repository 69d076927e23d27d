"""
All functions, by name.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from trustproof.inputs.terraform.configuration.evaluation.functions import (
    collections,
    encoded_texts,
    encodings,
    indentation,
    joined_lists,
    lookups,
    maps,
    network,
    numbers,
    paths,
    patterns,
    provider_functions,
    sets,
    substrings,
    texts,
    times,
    trimming,
    truth_values,
)
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import ARITIES, FUNCTIONS, Function
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Known

__all__ = ["ARITIES", "FUNCTIONS", "OF_CHOICES", "digest"]

#: They declare their functions when they are imported.
_MODULES = (
    collections,
    encoded_texts,
    encodings,
    indentation,
    joined_lists,
    trimming,
    lookups,
    maps,
    network,
    numbers,
    paths,
    patterns,
    provider_functions,
    sets,
    substrings,
    texts,
    times,
    truth_values,
)

#: What takes all that conditions decide about its arguments at once, where there are too many combinations.
OF_CHOICES: Mapping[str, Function] = {"concat": joined_lists.concat_of_choices}


def digest(name: str, content: bytes, place: Place) -> Known:
    """The content of a file as ``base64``, or its digest."""
    if name == "base64":
        return Known(base64.b64encode(content).decode(), place)
    return Known(hashlib.new(name, content, usedforsecurity=False).hexdigest(), place)
