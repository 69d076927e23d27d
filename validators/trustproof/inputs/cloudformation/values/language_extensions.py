"""
Functions that CloudFormation knows only in templates that ask for the transform ``AWS::LanguageExtensions``.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM
from trustproof.model.policy import Path

EXTENSIONS = "AWS::LanguageExtensions"
_FUNCTIONS = ("Fn::Length", "Fn::ToJsonString")
#: Sections in which functions are evaluated.
_SECTIONS = ("Conditions", "Outputs", "Resources")
#: Leaves functions to CloudFormation, as any other macro need not.
_SAM = "AWS::Serverless-"


def refused_function(data: Mapping[str, object], text: str) -> tuple[str, Path] | None:
    """
    What to say of a function without the transform that it needs, and its place; None where there is none.

    Args:
        data: the content of a template.
        text: that it was read from.
    """
    if not any(name in text for name in _FUNCTIONS + tuple(name[4:] for name in _FUNCTIONS)) or TRANSFORM in text:
        return None
    asked = data.get("Transform")
    listed = asked if isinstance(asked, list) else [] if asked is None else [asked]
    if any(not isinstance(name, str) or not name.startswith(_SAM) for name in listed):
        return None
    for section in _SECTIONS:
        for path in _functions(data.get(section), (section,)):
            if section != "Resources" or path[2:3] == ("Properties",):
                said = f"{path[-1]} needs the transform {EXTENSIONS}, so CloudFormation refuses the template"
                return said, path
    return None


def _functions(value: object, path: Path) -> Iterator[Path]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _functions(item, (*path, index))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if len(value) == 1 and key in _FUNCTIONS:
                yield (*path, str(key))
            yield from _functions(inner, (*path, str(key)))
