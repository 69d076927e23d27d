"""
What the policies of a template say, and what its resources are called, wherever it goes.
"""

from __future__ import annotations

from functools import partial

from trustproof.analysis.presentation.places_of_policies import origin_of, places_told
from trustproof.analysis.presentation.resource_names import written_name
from trustproof.inputs.reader import Input
from trustproof.results.fingerprint import WrittenPolicies
from trustproof.results.moved_names import MovedNames


def written_policies(template: Input) -> WrittenPolicies:
    """What they say, read as it is asked for."""
    called = partial(written_name, template)
    names = MovedNames(template.constructs(), called)
    told, origin = partial(places_told, template), partial(origin_of, template)
    return WrittenPolicies(template.documents_anywhere, names, told, origin, called)
