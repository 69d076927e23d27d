"""
How the parts of a template are written in the sources that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.resources.resource_lowering import LoweredTemplate
from trustproof.inputs.terraform.resources.resources import GRANTS
from trustproof.inputs.terraform.values.provider_documents import DocumentText
from trustproof.inputs.terraform.values.values import Choice, JsonText, Maybe, Value
from trustproof.model.policy import Path
from trustproof.results.hcl_lines import DOCUMENT, DOCUMENT_IN_JSON, JSON, OBJECT

#: What reads a policy that is written in YAML.
_YAML = "yamldecode"
#: The argument that a whole template is the text of.
_TEMPLATE = ("template_body",)


def ways_of_writing(
    lowered: LoweredTemplate, value: Callable[[Root], Value | None], text: Callable[[str], str]
) -> dict[tuple[str, Path], str]:
    """
    How each part is written: the name of an argument, or one of the ways to write a policy; nothing for JSON.

    Args:
        value: gives what a part was made of, as it is written.
        text: gives the text of a file, or raises a KeyError.
    """
    found: dict[tuple[str, Path], str] = {}
    for logical_id, type_ in lowered.types.items():
        for property_, argument in GRANTS[type_][1].items() if type_ in GRANTS else ():
            found[logical_id, (property_,)] = argument
        if type_ == "aws_lambda_function_url":
            found[logical_id, ("FunctionUrlAuthType",)] = "authorization_type"
            found[logical_id, ("AuthType",)] = "authorization_type"
        if type_ in GRANTS:
            found[logical_id, ("Condition",)] = "condition"
    parts = ((name, path, root, value(root)) for (name, path), root in lowered.roots.items())
    for key, root, written in (((n, at), root, one) for n, path, root, v in parts for at, one in _sides(path, v)):
        place = written.place if written is not None else None
        if place is None:
            continue
        if not place.has_offsets:
            # Only what is written in JSON has no offsets.
            if isinstance(written, DocumentText) and place.file.endswith(".json"):
                found[key] = DOCUMENT_IN_JSON
            continue
        if not isinstance(written, JsonText):
            # A policy that is written as text is JSON, wherever the text stands.
            if root.argument == _TEMPLATE:
                # So is what a template of CloudFormation says: the text is not the value that an edit is about.
                found[key] = JSON
            elif len(root.argument) == 1 and not isinstance(_at(lowered.data, key), (dict, list)):
                found[key] = str(root.argument[0])
            continue
        try:
            is_document = text(place.file).startswith("data", place.start)
            inside = written.of.place
            is_yaml = inside is not None and text(inside.file).startswith(_YAML, max(inside.start, 0))
        except KeyError:
            continue
        # All JSON is YAML.
        found[key] = JSON if is_yaml else DOCUMENT if is_document else OBJECT
    return found


def _sides(path: Path, value: Value | None) -> Iterator[tuple[Path, Value | None]]:
    """What a condition chooses between, each with the path that it is lowered to; a value by itself otherwise."""
    if isinstance(value, Choice) and not isinstance(value, Maybe):
        yield from _sides((*path, "Fn::If", 1), value.then)
        yield from _sides((*path, "Fn::If", 2), value.otherwise)
    else:
        yield path, value


def missing_argument(lowered: LoweredTemplate, path: Path) -> tuple[str, list[Root]]:
    """
    The name of an argument of one text that a permission lacks, by its path in the template, and its other arguments.
    """
    section, logical_id, properties, *names = (*map(str, path[:4]), "", "", "")[:4]
    type_ = lowered.types.get(logical_id, "")
    known = GRANTS[type_][1] if type_ in GRANTS and len(path) == 4 else {}
    if (section, properties) != ("Resources", "Properties") or names[0] not in known:
        return "", []
    others = [root for (name, _), root in lowered.roots.items() if name == logical_id and len(root.argument) == 1]
    return ("", []) if any(root.argument[0] == known[names[0]] for root in others) else (known[names[0]], others)


def _at(data: Mapping[str, object], key: tuple[str, Path]) -> object:
    """What stands at a part of a template."""
    value: object = data
    for step in ("Resources", key[0], "Properties", *key[1]):
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
