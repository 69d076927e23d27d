"""
Users that stacks of CloudFormation put into groups: what such a group has, the user of the configuration has, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.values.catalogue import NESTED_STACK, TEMPLATE_BODY
from trustproof.inputs.terraform.lowering.lowering import Lowering, Root
from trustproof.inputs.text.source import Source

_ADDITION = "AWS::IAM::UserToGroupAddition"


def add_members(made: Lowering) -> None:
    """Put what says of users in which groups they are beside the stacks that say it."""
    stacks = [(name, one) for name, one in made.resources.items() if one.get("Type") == NESTED_STACK]
    for name, stack in stacks:
        for logical_id, properties in _additions(name, stack):
            address = f"{name}/{logical_id}"
            made.resources[address] = {"Type": _ADDITION, "Properties": properties}
            if "Condition" in stack:
                made.resources[address]["Condition"] = stack["Condition"]
            made.roots[address, ()] = Root(name, ("template_body",))


def _additions(name: str, stack: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    """The logical ids and properties of what a stack adds users to groups by, as its template is read from outside."""
    properties = _mapping(stack.get("Properties"))
    body = properties.get(TEMPLATE_BODY)
    if not isinstance(body, str) or _ADDITION not in body:
        return
    try:
        resources = _mapping(_mapping(Source(name, body).load()).get("Resources"))
    except InputError:
        # It is said where the template is read by itself.
        return
    passed = _mapping(properties.get("Parameters"))

    def value(written: object, what: str) -> object:
        """What something in the template is, outside of it; a name for what is not known there."""
        if isinstance(written, str):
            return written
        named = written.get("Ref") if isinstance(written, Mapping) and len(written) == 1 else None
        given = passed.get(named) if isinstance(named, str) else None
        return {"Ref": f"{name}/{what}"} if given is None else given

    for logical_id, resource in resources.items():
        found = _mapping(resource)
        said = _mapping(found.get("Properties"))
        users = said.get("Users")
        if found.get("Type") != _ADDITION or not isinstance(users, list):
            continue
        members = [value(one, f"{logical_id}.Users.{number}") for number, one in enumerate(users)]
        # Under a condition it may be no member: nothing that the group is denied counts then.
        group = value(None if "Condition" in found else said.get("GroupName"), f"{logical_id}.GroupName")
        yield str(logical_id), {"GroupName": group, "Users": members}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
