"""
The text of a template that stands in another one, as functions make it.
"""

from __future__ import annotations

import json

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver

#: What ``Fn::Sub`` leaves as ``${``, for the template inside; and a letter of no alphabet in its place.
_LITERAL, _MARK = "${!", "\ue000{"


def template_body(resolver: Resolver, body: object) -> object:
    """
    A ``TemplateBody``, resolved. What an ``Fn::Sub`` in it says with ``${!`` is what the template inside reads, and no
    text of another tool that is left over.

    Raises:
        Unreadable: it is no text.
    """
    if not isinstance(body, dict) or _MARK in json.dumps(body, default=str, ensure_ascii=False):
        return resolver.resolve(body)
    found = resolver.resolve(_marked(body))
    return found.replace(_MARK, "${") if isinstance(found, str) else found


def _marked(value: object, *, is_text: bool = False) -> object:
    """A value with a mark in the place of each such beginning, in the texts of ``Fn::Sub`` alone."""
    if isinstance(value, str):
        return value.replace(_LITERAL, _MARK) if is_text else value
    if isinstance(value, list):
        return [_marked(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _marked(inner) for key, inner in value.items()}
    if isinstance(said := value.get("Fn::Sub"), list):
        found["Fn::Sub"] = [*(_marked(one, is_text=True) for one in said[:1]), *map(_marked, said[1:])]
    elif isinstance(said, str):
        found["Fn::Sub"] = _marked(said, is_text=True)
    return found
