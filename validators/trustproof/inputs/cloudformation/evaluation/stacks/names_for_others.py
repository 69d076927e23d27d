"""
Names by which others may ask for something, as far as a template alone says them.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.cloudformation.values.partly_known_names import ANYTHING
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable


def open_name(resolver: Resolver, written: object) -> str:
    """
    A name in which parameters that nobody gives are not known, also those with a default; what is not known of it
    stands in angle brackets.
    """
    if not isinstance(written, Mapping):
        return str(written)
    if "Fn::If" in str(written):
        return ANYTHING
    environment = resolver.environment
    given = {*resolver.values, *environment.bindings}
    opened = {name: ANYTHING for name in names_in(written) if name not in given}
    try:
        text = Resolver(environment, {**resolver.values, **opened}).text(written)
    except Unreadable:
        return ANYTHING
    return ANYTHING if text is NO_VALUE else str(text) or ANYTHING
