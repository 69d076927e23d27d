"""
The templates that are asked about, linked by what they say of each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from trustproof.analysis.across.linked_inputs import LinkedInputs, Neighbour, linked_inputs
from trustproof.analysis.presentation.presentation import without_secrets
from trustproof.inputs.discovery.inputs import Inputs
from trustproof.inputs.settings import Settings


def read_linked(paths: Sequence[str | Mapping[str, object]], settings: Settings) -> tuple[LinkedInputs, list[str]]:
    """What is asked about; and by place, the stack that is made of it where its file is that of several."""
    found = Inputs(paths, settings)
    templates = list(found.templates)
    for error in found.errors:
        # A list that leaves somebody out is worse than none.
        error.message = without_secrets(error.message, templates)
        raise error
    settings.refuse_unused({option for one in templates for option in one.presentation.options})
    files = Counter(name for name, _ in {(one.name, stack) for one, stack in zip(templates, found.stacks, strict=True)})
    stacks = [stack if files[one.name] > 1 else "" for one, stack in zip(templates, found.stacks, strict=True)]
    return linked_inputs([Neighbour(template, "", number) for number, template in enumerate(templates)]), stacks
