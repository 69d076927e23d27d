"""
What in a template names something by its ARN: by that alone, in the URI by which an API calls it, or the role in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from trustproof.inputs.cloudformation.resources.service_uses.role_arns import role_name, roles_in
from trustproof.model.text import Text

#: What stands before the ARN of a function in the URI of an API's integration, and behind it:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-method-integration.html
_INVOKED, _INVOCATIONS = ":lambda:path/2015-03-31/functions/", "/invocations"

Entry = TypeVar("Entry")


class ArnReferences(Generic[Entry]):
    """
    What names others, in the order of the template.

    Args:
        entries: each with what it names; None where that is not known.
    """

    def __init__(self, entries: Iterable[tuple[Text | None, Entry]]) -> None:
        self._entries: list[Entry] = []
        self._by_text: dict[Text, list[int]] = {}
        self._by_role: dict[str, list[int]] = {}
        self._invoking: dict[str, list[int]] = {}
        self._uris: list[tuple[int, str]] = []
        for place, (text, entry) in enumerate(entries):
            self._entries.append(entry)
            if text is None:
                continue
            self._by_text.setdefault(text, []).append(place)
            for role in {role_name(arn) for arn in roles_in(text)}:
                self._by_role.setdefault(role, []).append(place)
            if _INVOKED in (written := str(text)):
                self._uris.append((place, written))
                for behind in written.split(_INVOKED)[1:]:
                    invoked, is_whole, _ = behind.partition(_INVOCATIONS)
                    if is_whole:
                        self._invoking.setdefault(invoked, []).append(place)

    def naming(self, arn: Text, *, is_role: bool = False) -> Iterator[Entry]:
        """
        What names something.

        Args:
            arn: of it.
            is_role: whether it is a role, which is also named by its name alone, in whichever account it is.
        """
        places = {*self._by_text.get(arn, ()), *self._invoked(str(arn))}
        if is_role and (called := role_name(arn)):
            places.update(self._by_role.get(called, ()))
        return (self._entries[place] for place in sorted(places))

    def _invoked(self, arn: str) -> Iterable[int]:
        """Where an ARN stands in the URI of an integration."""
        if _INVOKED in arn or _INVOCATIONS in arn:
            return [place for place, uri in self._uris if f"{_INVOKED}{arn}{_INVOCATIONS}" in uri]
        return self._invoking.get(arn, ())
