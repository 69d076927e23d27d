"""
The text of a template that stands in another one, as functions make it.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    if not isinstance(body, dict) or any(_MARK in text for text in _texts(body)):
        return resolver.resolve(body)
    found = resolver.resolve(_marked(body, {}))
    return found.replace(_MARK, "${") if isinstance(found, str) else found


def _texts(value: object) -> Iterator[str]:
    """The texts of a value, and its keys: those of what stands in several places once, since it may double itself."""
    seen: set[int] = set()
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, (dict, list)) and id(one) not in seen:
            seen.add(id(one))
            left += [*one, *one.values()] if isinstance(one, dict) else one


def _marked(value: object, known: dict[int, object]) -> object:
    """
    A value with a mark in the place of each such beginning, in the texts of ``Fn::Sub`` alone.

    Args:
        known: what was marked before, by its id: what stands in several places does so afterwards.
    """
    if not isinstance(value, (dict, list)):
        return value
    if id(value) not in known:
        found: object = [_marked(one, known) for one in value] if isinstance(value, list) else _object(value, known)
        known[id(value)] = found
    return known[id(value)]


def _object(value: dict[str, object], known: dict[int, object]) -> dict[str, object]:
    found = {key: _marked(inner, known) for key, inner in value.items()}
    said = found.get("Fn::Sub")
    if isinstance(said, str):
        found["Fn::Sub"] = said.replace(_LITERAL, _MARK)
    elif isinstance(said, list) and said and isinstance(said[0], str):
        found["Fn::Sub"] = [said[0].replace(_LITERAL, _MARK), *said[1:]]
    return found
