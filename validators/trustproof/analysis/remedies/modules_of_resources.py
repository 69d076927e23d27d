"""
In which module of Terraform resources are, and what it takes that a remedy in one speaks of a resource of another one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from trustproof.escaping.text import first_of
from trustproof.results.edit import resources_in
from trustproof.results.result import Remedy

_AWS_RESOURCE = re.compile(r"aws_\w+\.")
#: How many resources of other modules a remedy names.
_NAMED = 3


def of_other_modules(remedy: Remedy, logical_id: str) -> list[str]:
    """The resources that edits of one refer to, and that the file of its module has no name for."""
    module = module_of(logical_id)
    named = dict.fromkeys(name for edit in remedy.edits for name in resources_in(edit.value))
    return [name for name in named if _AWS_RESOURCE.match(name, len(module_of(name))) and module_of(name) != module]


def handed_on(names: Sequence[str], text: str) -> str:
    """What resources of other modules take to be referred to, after a text that may name them."""
    if len(names) > 1:
        which = "they" if all(name in text for name in names) else first_of(names, _NAMED, " and ")
        return f"{which} are of other modules, which are to hand on their ARNs"
    return f"{'it' if names[0] in text else names[0]} is of another module, which is to hand on its ARN"


def module_of(logical_id: str) -> str:
    """The address of the module of Terraform that a resource is in, with a dot behind it; empty where it is in none."""
    found = re.match(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+", logical_id)
    return "" if found is None else found[0]
