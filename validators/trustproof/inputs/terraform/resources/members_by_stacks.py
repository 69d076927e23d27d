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
        instance = made.by_address.get(name)
        left_behind = _replaced(made) if instance is not None and instance.existed else frozenset()
        for logical_id, properties in _additions(name, stack, left_behind):
            address = f"{name}/{logical_id}"
            made.resources[address] = {"Type": _ADDITION, "Properties": properties}
            if "Condition" in stack:
                made.resources[address]["Condition"] = stack["Condition"]
            made.roots[address, ()] = Root(name, ("template_body",))


def _replaced(made: Lowering) -> frozenset[str]:
    """The users and groups that the plan replaces by ones of the same name: what a stack has said of these is lost."""
    return frozenset(
        called
        for type_ in ("aws_iam_user", "aws_iam_group")
        for one in made.of_type(type_)
        if not one.existed and any(made.former.having(type_, "name", (name := made.known(one, "name"),)))
        for called in (one.address, str(name))
    )


def _additions(
    name: str, stack: Mapping[str, object], left_behind: frozenset[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    """
    The logical ids and properties of what a stack adds users to groups by, as its template is read from outside.

    Args:
        left_behind: names and addresses of users and groups of which it may be so no more.
    """
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
        group = value(said.get("GroupName"), f"{logical_id}.GroupName")
        named = (one.get("Ref") if isinstance(one, dict) else one for one in (group, *members))
        if "Condition" in found or any(isinstance(one, str) and one in left_behind for one in named):
            # It may be no member: nothing that the group is denied counts then.
            group = value(None, f"{logical_id}.GroupName")
        yield str(logical_id), {"GroupName": group, "Users": members}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
