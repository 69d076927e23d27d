"""
What a template may say only with the transform `AWS::LanguageExtensions`, and what of that the sandbox evaluates.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.sandbox.cloudformation.errors import Undecided, template_error

TRANSFORM = "AWS::LanguageExtensions"
#: What has to be acknowledged where it is deployed without a change set.
EXPANSION = "CAPABILITY_AUTO_EXPAND"

_FUNCTIONS = ("Fn::Length", "Fn::ToJsonString")
LOOP = "Fn::ForEach"
_LOOKUP = "Fn::FindInMap"
#: What stands in a lookup without the transform; defaults of lookups need it no longer.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap-enhancements.html
_IN_LOOKUPS = ("Ref", _LOOKUP)
#: Sections in which functions are evaluated.
_SECTIONS = ("Conditions", "Outputs", "Resources", "Rules")


def is_extended(transform: object) -> bool:
    """Whether a template asks for the transform."""
    return transform in (TRANSFORM, [TRANSFORM])


def check_functions(data: Mapping[str, Any]) -> None:
    """
    See that a template uses no function that CloudFormation refuses it, or that is not evaluated here.

    Raises:
        RefusedRequest: one is there with the transform only, which the template does not ask for.
        Undecided: the sandbox does not evaluate it.
    """
    extended = is_extended(data.get("Transform"))
    for name, argument in _functions_in(data):
        is_loop, composed = name.startswith(LOOP), name in ("Ref", "Fn::GetAtt") and _is_composed(name, argument)
        if extended:
            if is_loop or composed:
                what = f"{LOOP} there" if is_loop else f"functions in {name}: {argument!r}"
                raise Undecided(f"the sandbox does not evaluate {what}")
            continue
        if name in _FUNCTIONS or is_loop:
            raise template_error(f"Encountered unsupported function: {name}: it needs the transform {TRANSFORM}")
        inside = _functions(argument[:3]) if name == _LOOKUP and isinstance(argument, list) else ()
        refused = next(
            (f"no {one}" for one, _ in inside if one not in _IN_LOOKUPS), "no function" if composed else None
        )
        if refused is not None:
            raise template_error(f"{name} takes {refused} without the transform {TRANSFORM}")


def _is_composed(name: str, argument: Any) -> bool:
    """Whether the name of a resource is put together; that of an attribute may be in any template."""
    first = argument[:1] if name == "Fn::GetAtt" and isinstance(argument, list) else [argument]
    return any(isinstance(one, Mapping) for one in first)


def _functions_in(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The functions of a template, in which an output or a resource may have the name of one."""
    for section in _SECTIONS:
        entries = data.get(section)
        for name, value in entries.items() if isinstance(entries, Mapping) else ():
            if name.startswith(LOOP):
                yield name, value
            yield from _functions(value)


def _functions(value: Any) -> Iterator[tuple[str, Any]]:
    """The functions in a value, with what each is given; the loops next to other names as well."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            for name, argument in one.items():
                if name.startswith(LOOP) or (len(one) == 1 and (name == "Ref" or name.startswith("Fn::"))):
                    yield name, argument
                pending.append(argument)
        elif isinstance(one, list):
            pending += one
