"""
`Fn::ForEach`, written out before anything else reads a template: with the values that the request gives its parameters.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.inputs.cloudformation.evaluation.declarations.foreach import Turns, expand, inside
from trustproof.sandbox.cloudformation.errors import OpenLoop, template_error
from trustproof.sandbox.cloudformation.language_extensions import LOOP

#: Where loops may stand, besides inside of what is declared there.
_SECTIONS = ("Conditions", "Resources", "Outputs")
_LISTS = ("CommaDelimitedList", "List<")


def written_out(data: Mapping[str, Any], given: Mapping[str, str | None]) -> dict[str, Any]:
    """
    A template without its loops.

    Args:
        data: the template.
        given: texts of parameters, by their names, None of what is hidden; of others the default counts.

    Raises:
        RefusedRequest: a loop makes something that is there already.
        OpenLoop: the items of a loop are not known here.
    """
    collections = _Collections(data.get("Parameters"), given)
    unread: list[tuple[Any, str]] = []
    found = dict(data)
    for name in _SECTIONS:
        section = data.get(name)
        if not isinstance(section, Mapping):
            continue
        turns: Turns = {}
        entries = expand(section, (name,), collections.items, unread, turns)
        plain = {one for one in section if not one.startswith(LOOP)}
        twice = sorted(one for one, made in turns.items() if len(made) > 1 or one in plain)
        if twice:
            raise template_error(f"{LOOP} makes {', '.join(twice)} in {name} more than once")
        found[name] = {one: inside(value, path, collections.items, unread) for one, (value, path) in entries.items()}
    if unread:
        raise OpenLoop(
            f"the sandbox does not write out this loop: {unread[0][1]}; give {LOOP} a list of texts, or a parameter"
        )
    return found


class _Collections:
    """
    The items of loops.

    Args:
        declared: the section of the parameters.
        given: their texts.
    """

    def __init__(self, declared: object, given: Mapping[str, str | None]) -> None:
        self._declared = declared if isinstance(declared, Mapping) else {}
        self._given = given

    def items(self, source: object) -> list[str] | None:
        """The texts of a collection: a list of texts and parameters, or a parameter that is a list."""
        named = self._text(source, of_list=True)
        if named is not None:
            return [one.strip() for one in named.split(",")]
        if not isinstance(source, list):
            return None
        found = [one if isinstance(one, str) else self._text(one, of_list=False) for one in source]
        texts = [one for one in found if one is not None]
        return texts if len(texts) == len(found) else None

    def _text(self, source: object, *, of_list: bool) -> str | None:
        """The text of a parameter that is a list, or of one that is none."""
        name = source.get("Ref") if isinstance(source, Mapping) and len(source) == 1 else None
        declaration = self._declared.get(name) if isinstance(name, str) else None
        if name is None or not isinstance(declaration, Mapping):
            return None
        kind = str(declaration.get("Type", "String"))
        if "SSM::Parameter" in kind or kind.startswith(_LISTS) is not of_list:
            return None
        text = self._given.get(name, declaration.get("Default"))
        return None if text is None else str(text)
