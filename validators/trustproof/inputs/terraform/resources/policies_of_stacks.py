"""
Inline policies that stacks of CloudFormation put on users, roles and groups of the configuration: one of the same name
replaces the one that is there.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.values.catalogue import NESTED_STACK, STACK_SET, TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.exclusive_claims import INLINE, REPLACED, Claim, text_of
from trustproof.inputs.cloudformation.values.intrinsics import MADE_UP
from trustproof.inputs.grammar.open_texts import Part, may_be_same
from trustproof.inputs.terraform.lowering.claims_to_others import (
    NOTHING,
    claims_to_others,
    leaves,
    outward_name,
    pieces_of,
)
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources.conditional_items import all_, both, move_policy
from trustproof.inputs.terraform.values.conditions import Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.text.source import Source
from trustproof.results.result import IF_SAME_NAME, REPLACES

#: The types of inline policies, each with the kinds of what they are put on and the properties that say on which.
_TYPES = {
    "AWS::IAM::UserPolicy": {"User": "UserName"},
    "AWS::IAM::RolePolicy": {"Role": "RoleName"},
    "AWS::IAM::GroupPolicy": {"Group": "GroupName"},
    "AWS::IAM::Policy": {"User": "Users", "Role": "Roles", "Group": "Groups"},
}
_KINDS = ("User", "Role", "Group")
#: The types of stacks.
STACKS = ("aws_cloudformation_stack", "awscc_cloudformation_stack")
#: What makes stacks of StackSets.
_OF_SETS = ("aws_cloudformation_stack_set_instance", "aws_cloudformation_stack_instances")
_ACCOUNT = re.compile(r"\d{12}")
#: What stands for a parameter in the text of ``Fn::Sub``.
_PLACE = re.compile(r"\$\{([^!}][^}]*)\}")
#: What is not known.
_ANYTHING: Mapping[str, object] = {}


class StackPolicy(NamedTuple):
    """
    An inline policy that a stack puts on something that it does not make.
    """

    #: The resource in the template, behind the address of the stack.
    called: str
    #: ``User``, ``Role`` or ``Group``.
    kind: str
    #: The names of that and of the policy: lowered values.
    holder: object
    name: object
    #: As `text_of` writes the policy.
    text: str


def leave_open_replaced(made: Lowering) -> None:
    """Let an inline policy be there or not of which a stack may have put another one in its place."""
    policies = list(_policies_of_stacks(made))
    for logical_id, resource in [*made.resources.items()] if policies else ():
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            continue
        for kind in _KINDS:
            if resource["Type"] == f"AWS::IAM::{kind}Policy":
                owners = [*leaves(properties.get(f"{kind}Name"))]
                found = _there(made, logical_id, [*_meeting(made, policies, kind, owners, properties)])
                before = resource.get("Condition")
                if found is not None:
                    resource["Condition"] = both(made, before, found) if isinstance(before, str) else found
            elif resource["Type"] == f"AWS::IAM::{kind}" and isinstance(entries := properties.get("Policies"), list):
                for number, entry in enumerate(entries):
                    inside = [one for one in leaves(entry) if isinstance(one, dict)]
                    meeting = (_meeting(made, policies, kind, [{"Ref": logical_id}], one) for one in inside)
                    if (found := _there(made, logical_id, [*chain.from_iterable(meeting)])) is not None:
                        entries[number] = {"Fn::If": [found, entry, NOTHING]}
                        move_policy(made, logical_id, number)


def claims_of_stacks(made: Lowering) -> Iterator[Claim]:
    """What the inline policies of stacks take away of what other templates give."""
    for one in _policies_of_stacks(made):
        names = pieces_of(one.name)
        for claim in claims_to_others(made, f"{INLINE} {one.kind.lower()}", one.kind, [one.holder], ()):
            if claim.name is not None or None not in names:
                yield claim._replace(only=(names,), kept=(one.text,) if one.text else (), how=REPLACED)


def claims_of_former_stack(was: Instance, after: Instance | None) -> Iterator[Claim]:
    """
    What goes with a stack that a plan deletes, or of which it makes another one: others may give the same.

    Args:
        was: as it was, and after as it will be.
    """
    if was.type in STACKS:
        there = {*_known_of(after)} if after is not None else frozenset()
        for kind, holder, name, _ in (one for one in _known_of(was) if one not in there):
            yield Claim(f"{INLINE} {kind.lower()}", holder, only=(name,))


def _known_of(stack: Instance) -> Iterator[tuple[str, tuple[str | None, ...], tuple[str | None, ...], str]]:
    """The inline policies in the template of a stack: kind and name of their holder, their name, and the policy."""
    for one in _in_stack(stack.address, written_stack(stack)):
        holder, name = pieces_of(one.holder), pieces_of(one.name)
        if None not in holder or None not in name:
            yield one.kind, holder, name, one.text


def written_stack(stack: Instance) -> Mapping[str, object]:
    """A stack of a plan as CloudFormation has it, as far as it is known."""
    known = stack.values.known if isinstance(stack.values, KnownValues) else {}
    properties = {TEMPLATE_BODY: known.get("template_body"), "Parameters": known.get("parameters") or {}}
    return {"Type": NESTED_STACK, "Properties": properties}


def _meeting(
    made: Lowering, policies: Sequence[StackPolicy], kind: str, owners: Sequence[object], policy: Mapping[str, object]
) -> Iterator[tuple[StackPolicy, bool]]:
    """Those policies of stacks that may take the place of one of the configuration, each with whether they do."""
    text = text_of(policy.get("PolicyDocument"))
    names = [*leaves(policy.get("PolicyName"))]
    for one in policies:
        if one.kind != kind or (text and one.text == text):
            continue
        holders = {_is_same(made, one.holder, owner, kind) for owner in owners}
        called = {_is_same(made, one.name, name, "") for name in names}
        if holders != {False} and called != {False}:
            yield one, True in holders and True in called


def _is_same(made: Lowering, one: object, other: object, kind: str) -> bool | None:
    """
    Whether two lowered names are the same; None where nobody knows it. What the provider makes up is no name that
    somebody writes.
    """
    first, second = ((outward_name(made, name, kind) if kind else pieces_of(name)) or () for name in (one, other))
    if None not in first and None not in second:
        return "".join(map(str, first)) == "".join(map(str, second))
    if any(_is_made_up(made, name, kind) for name in (one, other)):
        return False
    return None if may_be_same(_parts(first, "1"), _parts(second, "2")) else False


def _is_made_up(made: Lowering, name: object, kind: str) -> bool:
    """Whether a name is one that the provider makes up, or that of a resource that has such a name."""
    if MADE_UP in json.dumps(name, default=str):
        return True
    address = name.get("Ref") if isinstance(name, dict) else None
    properties = made.resources[str(address)].get("Properties") if address in made.resources else None
    named = properties.get(f"{kind}Name") if isinstance(properties, dict) else ""
    return named is None or MADE_UP in json.dumps(named, default=str)


def _parts(pieces: Sequence[str | None], side: str) -> list[str | Part]:
    return [Part(f"{side}.{at}") if piece is None else piece for at, piece in enumerate(pieces)]


def _there(made: Lowering, logical_id: str, meeting: Sequence[tuple[StackPolicy, bool]]) -> str | None:
    """The name of the condition that no stack has replaced a policy; None without any."""
    address = logical_id.partition("#")[0]
    found = {f"{one.called}{REPLACES}{address}{'' if is_same else IF_SAME_NAME}": None for one, is_same in meeting}
    conditions = [Not(Undecided(one, is_expression=False)) for one in found]
    return made.condition(all_(conditions)) if conditions else None


def _policies_of_stacks(made: Lowering) -> Iterator[StackPolicy]:
    for name, resource in made.resources.items():
        is_here = resource.get("Type") == NESTED_STACK
        if is_here or (resource.get("Type") == STACK_SET and _may_be_here(made)):
            yield from _in_stack(name, resource)


def _may_be_here(made: Lowering) -> bool:
    """Whether a StackSet may deploy its template to the account of the configuration, as far as that is written."""
    instances = [one for one in made.by_address.values() if one.type in _OF_SETS]
    return not instances or any(_is_here(made, one) for one in instances)


def _is_here(made: Lowering, instance: Instance) -> bool:
    account = made.known(instance, "account_id")
    is_known = isinstance(account, str) and _ACCOUNT.fullmatch(account) is not None
    return not is_known or made.home.account in (None, account)


def _in_stack(name: str, stack: Mapping[str, object]) -> Iterator[StackPolicy]:
    """The inline policies in the template of a stack, as it is read from outside."""
    properties = mapping(stack.get("Properties"))
    body = properties.get(TEMPLATE_BODY)
    if not isinstance(body, str):
        # What is made of values that nobody knows may say anything of these types.
        written = json.dumps(body, default=str)
        for type_, kinds in _TYPES.items():
            for kind in kinds if f"{type_}\\" in written or f'{type_}"' in written else ():
                yield StackPolicy(f"{name}/{type_}", kind, _ANYTHING, _ANYTHING, "")
        return
    if "AWS::IAM::" not in body:
        return
    try:
        content = mapping(Source(name, body).load())
    except InputError:
        # It is said where the template is read by itself.
        return
    resources, declared = mapping(content.get("Resources")), mapping(content.get("Parameters"))
    passed = properties.get("Parameters")
    given = passed if isinstance(passed, Mapping) and stack.get("Type") == NESTED_STACK else {}
    keeps_defaults = stack.get("Type") == NESTED_STACK and (passed is None or given is passed)

    def value(written: object) -> object:
        """What something in the template is outside of it; nothing for what the stack makes itself."""
        if isinstance(written, str):
            return written
        function = mapping(written) if len(mapping(written)) == 1 else {}
        if isinstance(text := function.get("Fn::Sub"), str):
            # Every other part is a name; what the stack makes has one that is not known.
            parts = [value({"Ref": one}) if at % 2 else one for at, one in enumerate(_PLACE.split(text))]
            return {"Fn::Join": ["", [_ANYTHING if one is None else one for one in parts]]}
        named = function.get("Ref")
        if named in resources:
            return None
        if named in given:
            return given[str(named)]
        default = mapping(declared.get(str(named))).get("Default") if keeps_defaults else None
        return default if isinstance(default, str) else _ANYTHING

    for logical_id, resource in resources.items():
        found = mapping(resource)
        said = mapping(found.get("Properties"))
        for kind, key in _TYPES.get(str(found.get("Type")), {}).items():
            named = said.get(key)
            for one in named if isinstance(named, list) else () if named is None else (named,):
                if (holder := value(one)) is not None:
                    text = text_of(said.get("PolicyDocument"))
                    yield StackPolicy(f"{name}/{logical_id}", kind, holder, value(said.get("PolicyName")), text)


def mapping(value: object) -> Mapping[str, object]:
    """A value that is an object; else an empty one."""
    return value if isinstance(value, Mapping) else {}
