"""
The names of the conditions under which resources and outputs are there, where they are not written as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.inputs.cloudformation.values.intrinsics import FOREACH
from trustproof.inputs.grammar.malformed_policies import quote_value

_CONDITION = "Condition"
#: The sections whose entries may be there under a condition.
_SECTIONS = ("Resources", "Outputs")


def with_condition_names(data: Mapping[str, object]) -> Mapping[str, object]:
    """
    A template in which text stands wherever the condition of a resource or output does.

    Without quotes ``On`` is true in YAML, and so is the key that declares a condition of that name. What can be no name
    is one that no template declares: CloudFormation refuses it, and whatever it guards is not known to be there.
    """
    changed = {name: _entries(data[name]) for name in _SECTIONS if name in data}
    return data if all(changed[name] is data[name] for name in changed) else {**data, **changed}


def _entries(section: Any) -> Any:
    if not isinstance(section, dict):
        return section
    changed = {key: _entry(key, value) for key, value in section.items()}
    return section if all(changed[key] is value for key, value in section.items()) else changed


def _entry(key: str, value: Any) -> Any:
    if key.startswith(FOREACH) and isinstance(value, list):
        inner = [_entries(item) for item in value]
        return value if all(one is other for one, other in zip(inner, value, strict=True)) else inner
    if not isinstance(value, dict) or isinstance(value.get(_CONDITION, ""), str):
        return value
    # A name with a space in it would be of what only a deployment tells.
    return {**value, _CONDITION: quote_value(value[_CONDITION]).replace(" ", "-")}
