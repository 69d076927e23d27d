"""
The ``Parameters`` section: what a template lets its deployer choose.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.cloudformation.values.parameter import DEPENDS_ON, Parameter
from trustproof.inputs.grammar.values import scalar_text

#: A parameter with at most this many `AllowedValues` and no default is expanded into its values.
EXPANDED_VALUES = 8
#: The types for which the page says that a pattern, or a length, restricts their values; of others, no page says that
#: CloudFormation looks at one.
_WITH_PATTERN, _WITH_LENGTHS = ("String", "CommaDelimitedList"), "String"


def _number(value: object) -> float | None:
    try:
        number = float(scalar_text(value) or "")
    except ValueError:
        return None
    # Neither infinite nor "nan": of these, no difference is zero.
    return number if number - number == 0 else None


def _length(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def read_parameters(section: object) -> dict[str, Parameter]:
    """The declared parameters; an entry that is not a mapping is a parameter of which nothing is known."""
    if not isinstance(section, Mapping):
        return {}
    found = {}
    for name, body in section.items():
        entry = body if isinstance(body, Mapping) else {}
        allowed = entry.get("AllowedValues")
        listed = allowed if isinstance(allowed, list) else []
        values = tuple(text for item in listed if (text := scalar_text(item)) is not None)
        type_, pattern = str(entry.get("Type", "String")), entry.get("AllowedPattern")
        found[name] = Parameter(
            name,
            type_,
            scalar_text(entry.get("Default")),
            # What is no text may stand for more values.
            values if values and len(values) == len(listed) else None,
            pattern if isinstance(pattern, str) and pattern and type_ in _WITH_PATTERN else None,
            _length(entry.get("MinLength")) if type_ == _WITH_LENGTHS else None,
            _length(entry.get("MaxLength")) if type_ == _WITH_LENGTHS else None,
            _number(entry.get("MinValue")),
            _number(entry.get("MaxValue")),
            None if DEPENDS_ON not in entry else tuple(map(str, entry[DEPENDS_ON])),
            scalar_text(entry.get("Description")) or "",
        )
    return found
