"""
Configurations of resources that a test lists: what a plan of them would be made of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from tests.inputs.terraform.builders import OWN, Resource, Secret

_LEFT_OVER = re.compile(r"([$%])\{")


def quoted(text: str) -> str:
    """A text as HCL writes it."""
    return _LEFT_OVER.sub(r"\1\1{", json.dumps(text, ensure_ascii=False))


class Reference:
    """An expression that names something."""

    def __init__(self, expression: str) -> None:
        self.expression = expression


def value(found: Any, indent: str = "  ") -> str:
    """A plain value as HCL writes it."""
    if isinstance(found, Reference):
        return found.expression
    if isinstance(found, Secret):
        return f"sensitive({value(found.value, indent)})"
    if isinstance(found, str):
        return quoted(found)
    if isinstance(found, dict):
        deeper = indent + "  "
        return "{\n" + "".join(f"{deeper}{quoted(k)} = {value(v, deeper)}\n" for k, v in found.items()) + indent + "}"
    if isinstance(found, list):
        return "[" + ", ".join(value(item, indent) for item in found) + "]"
    return json.dumps(found)


def encoded(policy: str) -> str:
    """A policy as an object in `jsonencode`."""
    return f"jsonencode({value(json.loads(policy))})"


def heredoc(policy: str) -> str:
    """A policy as indented JSON text."""
    text = "".join(f"    {line}\n" for line in json.dumps(json.loads(policy), indent=2).splitlines())
    return f"<<-EOT\n{_LEFT_OVER.sub(chr(92) + '1' + chr(92) + '1{', text)}  EOT"


def document(policy: str, name: str = "d") -> tuple[str, str]:
    """A policy as a data source, and the expression that gives it."""
    found = json.loads(policy)
    lines = [f'data "aws_iam_policy_document" "{name}" {{\n']
    if found.get("Version", "2012-10-17") != "2012-10-17":
        lines.append(f"  version = {quoted(found['Version'])}\n")
    if "Id" in found:
        lines.append(f"  policy_id = {quoted(found['Id'])}\n")
    for statement in found["Statement"]:
        lines += ["  statement {\n", *_statement(statement), "  }\n"]
    return "".join([*lines, "}\n"]), f"data.aws_iam_policy_document.{name}.json"


_ELEMENTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


def _listed(found: Any) -> list[str]:
    return [found] if not isinstance(found, list) else found


def _document_text(found: Any) -> str:
    """A list of texts, in which a policy variable is written with an ampersand."""
    return value([str(item).replace("${", "&{") if not isinstance(item, bool) else json.dumps(item) for item in found])


def _statement(statement: dict[str, Any]) -> Iterable[str]:
    if "Sid" in statement:
        yield f"    sid = {quoted(statement['Sid'])}\n"
    yield f"    effect = {quoted(statement['Effect'])}\n"
    for element, argument in _ELEMENTS.items():
        if element in statement:
            yield f"    {argument} = {_document_text(_listed(statement[element]))}\n"
    for element, block in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        found = statement.get(element, {})
        for kind, names in ({"*": "*"} if found == "*" else found).items():
            yield f"    {block} {{\n      type = {quoted(kind)}\n"
            yield f"      identifiers = {_document_text(_listed(names))}\n    }}\n"
    for test, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield (
                f"    condition {{\n      test = {quoted(test)}\n      variable = {quoted(key.replace('${', '&{'))}\n"
                f"      values = {_document_text(_listed(values))}\n    }}\n"
            )


def resource(one: Resource, write: Any = encoded) -> str:
    """
    A resource as a block.

    Args:
        write: how a policy is written.
    """
    lines = [f'resource "{one.type}" "{one.name}" {{\n']
    for name, found in one.arguments.items():
        lines.append(_argument(name, found, write, "  "))
    if one.provider != "aws":
        lines.append(f"  provider = {one.provider}\n")
    return "".join([*lines, "}\n"])


def _argument(name: str, found: Any, write: Any, indent: str) -> str:
    if isinstance(found, str) and found.startswith("{") and '"Statement"' in found:
        return f"{indent}{name} = {write(found)}\n"
    if isinstance(found, list) and found and all(isinstance(item, dict) for item in found):
        blocks = (
            "".join(
                [
                    f"{indent}{name} {{\n",
                    *(_argument(k, v, write, indent + "  ") for k, v in item.items()),
                    f"{indent}}}\n",
                ]
            )
            for item in found
        )
        return "".join(blocks)
    return f"{indent}{name} = {value(found, indent)}\n"


#: Arguments that name other resources.
_NAMING = (
    "user users role roles group groups role_name user_name bucket policy_arn policy_id permissions_boundary topic"
).split()


def referring(resources: Iterable[Resource], *, names: bool) -> list[Resource]:
    """
    Resources that name each other by references where they name an attribute that only AWS knows.

    Args:
        names: whether they also do so where they name what another one is called.
    """
    listed = list(resources)
    known: dict[object, str] = {}
    for one in listed:
        known |= {found: f"{one.address}.{name}" for name, found in one.computed.items() if isinstance(found, str)}
        if names:
            own = next((name for name in ("name", "bucket") if name in one.arguments), "")
            path = one.arguments.get("path", "/")
            kind = one.type.removeprefix("aws_iam_")
            if own and kind in ("user", "role", "group"):
                known[kind, one.arguments[own]] = f"{one.address}.{own}"
            if kind in ("policy", "role"):
                known[f"arn:aws:iam::{OWN}:{kind}{path}{one.arguments[own]}"] = f"{one.address}.arn"
            if kind == "aws_s3_bucket":
                known["bucket", one.arguments[own]] = f"{one.address}.id"

    def referred(name: str, found: Any) -> Any:
        if isinstance(found, list):
            return [referred(name, item) for item in found]
        if not isinstance(found, str):
            return found
        kind = name.removesuffix("_name").removesuffix("s")
        expression = known.get(found) or known.get((kind, found))
        return found if expression is None else Reference(expression)

    return [
        Resource(
            one.address,
            {
                name: referred(name, found) if name in _NAMING or name.endswith("_arn") else found
                for name, found in one.arguments.items()
            }
            if one.type != "aws_s3_bucket"
            else one.arguments,
            one.computed,
            one.provider,
        )
        for one in listed
    ]


def configuration(resources: Iterable[Resource], write: Any = encoded, *, names: bool = False) -> str:
    """The sources of a root module; see `referring`."""
    blocks = (resource(one, write) for one in referring(resources, names=names))
    return 'provider "aws" {\n  region = "eu-west-1"\n}\n\n' + "\n".join(blocks)
