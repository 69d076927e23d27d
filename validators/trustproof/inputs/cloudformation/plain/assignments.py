"""
At which values a template is read again: those that are given, and each parameter at its other values by itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping

from trustproof.aws.partitions import is_region, partition_of, regions_in
from trustproof.model.policy import Path

#: So many assignments of one place are tried.
MAX_ASSIGNMENTS = 24
_LIMITS = {"AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue"}
#: Of a template whose defaults are values of a deployment.
NOTHING_GIVEN: Mapping[str, str] = {}
#: A text that no condition compares a parameter with.
_ANOTHER = "another value"
_REGION, _PARTITION = "AWS::Region", "AWS::Partition"


def assignments(
    template: Mapping[str, object],
    path: Path,
    given: Mapping[str, str],
    kept: Collection[str] = (),
    usual: Mapping[str, str] = NOTHING_GIVEN,
) -> list[dict[str, str]]:
    """
    Full assignments of the parameters of a template.

    Args:
        template: its content, as it is written.
        path: of what is to be read.
        given: values that are known, by the names of parameters and pseudo-parameters.
        kept: names that have their usual value.
        usual: values in the place of defaults with which nothing is deployed.
    """
    declared = _mapping(template.get("Parameters"))
    base = {**{name: value for name, body in declared.items() if (value := _usual(body)) is not None}, **usual, **given}
    partition = given.get(_PARTITION, "aws")
    if _REGION not in given and (regions := regions_in(partition)):
        base[_REGION] = regions[0]
    found = [base]
    if "Rules" in template:
        # Which values go together is another question.
        return found
    compared = dict(_compared(template.get("Conditions")))
    text = json.dumps(_mapping(template.get("Resources")).get(str(path[1])) if len(path) > 1 else None, default=str)
    for name in (*declared, _REGION):
        if name in given or name in kept:
            continue
        texts = compared.get(name, ())
        if name == _REGION:
            texts += tuple(key for rows in _mapping(template.get("Mappings")).values() for key in _mapping(rows))
        others = _others(name, _mapping(declared.get(name)), texts, text, partition)
        found += ({**base, name: value} for value in others if value != base.get(name))
    return found[:MAX_ASSIGNMENTS]


def _others(
    name: str, body: Mapping[str, object], compared: tuple[str, ...], text: str, partition: str
) -> Iterator[str]:
    """Further values of a name at which what is read has to be what was judged."""
    if name == _REGION:
        yield from (one for one in compared if is_region(str(one)) and partition_of(one) == partition)
        return
    type_ = str(body.get("Type", "String"))
    allowed = body.get("AllowedValues")
    if type_.startswith("AWS::SSM::Parameter::Value"):
        return
    if isinstance(allowed, list):
        values = [str(_text(value)) for value in allowed]
        yield from values
        if type_.startswith(("List<", "CommaDelimitedList")):
            # All of them, in either order, and one more than once.
            yield from (",".join(several) for several in (values, values[::-1], values[:1] * 2))
    elif type_ == "String" and not _LIMITS & body.keys() and f'"{name}"' not in text and f"${{{name}}}" not in text:
        # Of a parameter that stands in a text, the default may be all that was judged.
        yield from compared
        if compared and _ANOTHER not in compared:
            yield _ANOTHER


def _usual(body: object) -> str | None:
    """The default of a parameter, or its first value; None where it has neither."""
    entry = _mapping(body)
    if "Default" in entry:
        return _text(entry["Default"])
    allowed = entry.get("AllowedValues")
    return _text(allowed[0]) if isinstance(allowed, list) and allowed else None


def _compared(value: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names that conditions compare, with the texts that they compare them with."""
    found: dict[str, dict[str, None]] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, Mapping):
            waiting += one.values()
            sides = one.get("Fn::Equals")
            for left, right in (sides, sides[::-1]) if isinstance(sides, list) and len(sides) == 2 else ():
                name = left.get("Ref") if isinstance(left, Mapping) else None
                if isinstance(name, str) and isinstance(right, (str, int)):
                    found.setdefault(name, {})[str(_text(right))] = None
    return ((name, tuple(sorted(texts))) for name, texts in found.items())


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (int, float)) else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
