"""
What is taken out of the ARN of a resource that nobody knows before it is made: its account, and the name in it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.instances import Instance, split_key, steps
from trustproof.inputs.terraform.values.values import Attribute, Known, Unknown, Value

#: Names of what is taken, as attributes: the name behind a path is known whatever the path is.
ACCOUNT, NAME, NAME_BEHIND_ROOT = "arn (account)", "arn (name)", "arn (behind /)"
PARTITION = "arn (partition)"
#: Types whose ARNs have a path before the name, and types whose ARNs end with the name behind the account.
_WITH_PATH = tuple(f"aws_iam_{kind}" for kind in ("group", "instance_profile", "policy", "role", "user"))
_PRINCIPALS = {"aws_iam_role": "role", "aws_iam_user": "user"}
_NAMED = ("aws_sns_topic", "aws_sqs_queue")


def part(value: Value, name: str) -> Attribute | None:
    """A part of what may be the ARN of a resource; None for another value, and where its type has none."""
    if not isinstance(value, Attribute) or value.name != "arn":
        return None
    *before, type_, _ = ("", *steps(value.address))
    types = (*_WITH_PATH, *_NAMED) if name in (ACCOUNT, PARTITION) else _WITH_PATH
    if before[-1:] == ["data"] or type_ not in types:
        return None
    return Attribute(value.address, name, value.place, value.sensitive)


def any_instance(address: str) -> str:
    """The address of the instance that stands for any of a block, as far as an address has a key."""
    *before, last = steps(address)
    name, key = split_key(last)
    return address if key is None else ".".join((*before, f"{name}[*]"))


def open_value(attribute: Attribute, account: object) -> object:
    """An attribute of an instance of which only the block is known: of a user or role, it is known whose it is."""
    type_ = steps(attribute.address)[-2]
    if attribute.name != "arn" or type_ not in _PRINCIPALS:
        return {"Ref": attribute.shown}
    called = {"Ref": f"path and name of {attribute.address}"}
    head = ["arn:", {"Ref": "AWS::Partition"}, ":iam::", account, f":{_PRINCIPALS[type_]}/"]
    return {"Fn::Join": ["", [*head, called]]}


def service(of: Attribute) -> str:
    """The service of the resource that a part is of, as ARNs have it."""
    return steps(of.address)[-2].removeprefix("aws_").partition("_")[0]


def attribute_for(instance: Instance, attribute: Attribute) -> Attribute:
    """The attribute that a part of an ARN is: the name, if the path is known not to stand in its place."""
    if (instance.type, attribute.name) == ("aws_sns_topic", "owner"):
        return Attribute(attribute.address, ACCOUNT, attribute.place, attribute.sensitive)
    path = instance.values.get("path", Known("/"))
    is_root = isinstance(path, Known) and path.value in (None, "/")
    if attribute.name == NAME or (attribute.name == NAME_BEHIND_ROOT and is_root and not isinstance(path, Unknown)):
        return Attribute(attribute.address, "name", attribute.place, attribute.sensitive)
    return attribute
