"""
Resources that have moved: what is called something else by now, and is the one that was there.

The path of a construct names every scope that it is in, and the address of a resource of Terraform its modules. Either
is another one where a stage is renamed or a resource goes to another scope, and in templates of the CDK the logical id
with it. What stays is the end of the name: the id that the author gave; and a name that is written in the template.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property

from trustproof.model.text import Text

#: Children that constructs of the CDK make by themselves, each under this id: they say nothing of whose child it is.
_MADE = frozenset({"Resource", "Default", "DefaultPolicy", "Policy", "ServiceRole"})
#: https://developer.hashicorp.com/terraform/cli/state/resource-addressing
_MODULES = re.compile(r'(?:module\.[^.\["]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?\.)+')
#: Behind the address of the first of several, which is the one that was there before `count`:
#: https://developer.hashicorp.com/terraform/language/block/moved
_FIRST = re.compile(r"\[0\]\Z")


def own_name(resource: str) -> str:
    """
    The end of a construct path or address that stays where the resource goes to another scope, stage or module:
    ``Deploy/DefaultPolicy/Resource`` of ``App/Pipeline/Deploy/DefaultPolicy/Resource``. The whole where it has no
    scope.
    """
    modules = _MODULES.match(resource)
    if modules is not None:
        return _FIRST.sub("", resource[modules.end() :])
    if _FIRST.search(resource):
        return _FIRST.sub("", resource)
    parts = resource.split("/")
    at = len(parts) - 1
    while at > 0 and parts[at] in _MADE:
        at -= 1
    return "/".join(parts[at:])


class MovedNames:
    """
    What the resources of a template are called wherever they go: by type and own name, where no other one is called so.

    Args:
        resources: the type and the construct path of each, by its logical id; the logical id itself where it has none.
        called: gives the name that a resource is given in the account by its logical id; empty where that is not
            written.
    """

    def __init__(
        self,
        resources: Mapping[str, tuple[str, str]] = {},
        called: Callable[[str], str] = lambda logical_id: "",
    ) -> None:
        self._resources = resources
        self._called = called

    def __getstate__(self) -> dict[str, object]:
        # The template is left behind.
        return {"_names": self._names}

    @cached_property
    def _names(self) -> dict[str, str]:
        given = {one: name for one in self._resources if (name := self._called(one))}
        names = {
            one: f"{type_} called {given[one]}" if one in given else f"{type_} {own_name(path)}"
            for one, (type_, path) in self._resources.items()
        }
        seen = Counter(names.values())
        # What has no scope and no name stays what it is called: most templates have nothing else.
        return {
            one: name
            for one, name in names.items()
            if seen[name] == 1 and (one in given or own_name(self._resources[one][1]) != one)
        }

    def __bool__(self) -> bool:
        return bool(self._names)

    def of(self, name: str) -> str:
        """A resource, or an attribute of one (``Topic.Arn``); what is none of those is called as it is."""
        head = name
        while head and head not in self._names:
            head = head.rpartition(".")[0]
        return self._names[head] + name[len(head) :] if head else name

    def text(self, text: Text) -> str:
        """A text in which symbols are called so."""
        if isinstance(text, str):
            return text
        return "".join(part if isinstance(part, str) else f"<{self.of(part.name)}>" for part in text.parts)
