"""
Resources that have moved: what is called something else by now, and is the one that was there.

The path of a construct names every scope that it is in, and the address of a resource of Terraform its modules. Either
is another one where a stage is renamed or a resource goes to another scope, and in templates of the CDK the logical id
with it. What stays is the end of the name: the id that the author gave.
"""

from __future__ import annotations

import re

#: Children that constructs of the CDK make by themselves, each under this id: they say nothing of whose child it is.
_MADE = frozenset({"Resource", "Default", "DefaultPolicy", "Policy", "ServiceRole"})
#: https://developer.hashicorp.com/terraform/cli/state/resource-addressing
_MODULES = re.compile(r'(?:module\.[^.\["]+(?:\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\])?\.)+')


def own_name(resource: str) -> str:
    """
    The end of a construct path or address that stays where the resource goes to another scope, stage or module:
    ``Deploy/DefaultPolicy/Resource`` of ``App/Pipeline/Deploy/DefaultPolicy/Resource``. The whole where it has no
    scope.
    """
    modules = _MODULES.match(resource)
    if modules is not None:
        return resource[modules.end() :]
    parts = resource.split("/")
    at = len(parts) - 1
    while at > 0 and parts[at] in _MADE:
        at -= 1
    return "/".join(parts[at:])
