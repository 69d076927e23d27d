"""
Users, groups and roles hold everything that the template attaches to them, wherever it is attached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trustproof.inputs.cloudformation.template import Template
from trustproof.model.policy import Guard
from trustproof.model.principals import Foreign, Holder, Membership, PermissionsBoundary

Read = Callable[..., Template]
Role = Callable[..., dict[str, Any]]

OWN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "x:Y", "Resource": "*"}]}


def policy(type_: str = "Policy", **properties: Any) -> dict[str, Any]:
    """A policy resource."""
    return {"Type": f"AWS::IAM::{type_}", "Properties": {"PolicyDocument": OWN, **properties}}


def entity(type_: str, **properties: Any) -> dict[str, Any]:
    """A user or group."""
    return {"Type": f"AWS::IAM::{type_}", "Properties": properties}


def held(template: Template, holder: Holder) -> list[str]:
    """The resources (and names) of the documents that a holder has."""
    return [template.documents[index].name or template.documents[index].logical_id for index in holder.documents]


def by_name(template: Template) -> dict[str, Holder]:
    """Holders by their name."""
    return {str(holder.name): holder for holder in template.holders}


def test_policies_are_attached_from_both_sides(read: Read, role: Role) -> None:
    """Inline, by the policy's lists, by ManagedPolicyArns, by Ref, by ARN, by name: all reach the entity."""
    template = read(
        {
            "Resources": {
                "Alice": entity(
                    "User",
                    UserName="alice",
                    Policies=[{"PolicyName": "inline", "PolicyDocument": OWN}],
                    ManagedPolicyArns=[{"Ref": "Managed"}, "arn:aws:iam::aws:policy/ReadOnlyAccess"],
                ),
                "Team": entity("Group"),
                "Worker": role("*", ManagedPolicyArns=[{"Fn::Sub": "${ByName}"}]),
                "Managed": policy("ManagedPolicy"),
                "ByName": policy("ManagedPolicy", Groups=[{"Ref": "Team"}], Users=["alice"]),
                "Attached": policy(Users=[{"Ref": "Alice"}], Roles=[{"Ref": "Worker"}], PolicyName="attached"),
                "Single": policy("UserPolicy", UserName={"Ref": "Alice"}, PolicyName="single"),
                "Elsewhere": policy(Groups=["operators"], PolicyName="elsewhere"),
            }
        },
        account="111122223333",
    )
    holders = by_name(template)
    assert list(holders) == ["alice", "<Team>", "<Worker>", "operators"]
    assert held(template, holders["alice"]) == ["inline", "Managed", "ByName", "attached", "single"]
    place = ("Resources", "Alice", "Properties", "ManagedPolicyArns", 1)
    assert holders["alice"].foreign == (Foreign("arn:aws:iam::aws:policy/ReadOnlyAccess", path=place),)
    assert held(template, holders["<Team>"]) == ["ByName"]
    assert held(template, holders["<Worker>"]) == ["ByName", "attached"]
    other = holders["operators"]
    assert (other.kind, other.logical_id, other.path) == ("group", "", ())
    assert other.arn == "arn:aws:iam::111122223333:group/operators"
    assert held(template, other) == ["elsewhere"]


def test_groups_of_a_user(read: Read) -> None:
    """Membership is read from the user and from UserToGroupAddition; declared groups by logical id."""
    template = read(
        {
            "Resources": {
                "Bob": entity("User", UserName="bob", Groups=[{"Ref": "Team"}, "operators"]),
                "Team": entity("Group", GroupName="team"),
                "Add": {
                    "Type": "AWS::IAM::UserToGroupAddition",
                    "Properties": {"GroupName": {"Ref": "Team"}, "Users": ["carol", {"Ref": "Bob"}]},
                },
            }
        }
    )
    holders = by_name(template)
    assert holders["bob"].groups == (Membership("Team"), Membership("operators"))
    assert holders["carol"].groups == (Membership("Team"),)


def test_an_empty_text_names_nothing(read: Read, role: Role) -> None:
    """A list that is empty by its default is one of an empty text, and nothing has that name."""
    given = {"Ref": "Extra"}
    template = read(
        {
            "Parameters": {"Extra": {"Type": "CommaDelimitedList", "Default": ""}},
            "Resources": {"R": role("*", ManagedPolicyArns=given), "U": entity("User", Groups=given)},
        }
    )
    assert [(one.foreign, one.groups) for one in template.holders] == [((), ())] * 2


def test_a_boundary_is_no_grant(read: Read) -> None:
    """The boundary is apart from what is attached, and there is one for each outcome of its conditions."""
    sections = {"Parameters": {"P": {"Type": "String"}}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}}
    sometimes = {"Fn::If": ["C", {"Ref": "Limit"}, {"Ref": "AWS::NoValue"}]}
    template = read(
        {
            **sections,
            "Resources": {
                "Limit": policy("ManagedPolicy", ManagedPolicyName="limit"),
                "A": entity("User", UserName="a", PermissionsBoundary={"Ref": "Limit"}),
                "B": entity("User", UserName="b", PermissionsBoundary="arn:aws:iam::aws:policy/Limit"),
                "C": entity("User", UserName="c", PermissionsBoundary=sometimes),
                "D": entity("User", UserName="d", PermissionsBoundary={"Ref": "AWS::NoValue"}),
            },
        },
        account="111122223333",
    )
    holders = by_name(template)
    assert holders["a"].boundaries == (PermissionsBoundary(0),)
    assert holders["a"].documents == ()
    assert holders["b"].boundaries == (PermissionsBoundary(None, "arn:aws:iam::aws:policy/Limit"),)
    assert holders["c"].boundaries == (
        PermissionsBoundary(0, None, (Guard("C", True),)),
        PermissionsBoundary(None, None, (Guard("C", False),)),
    )
    assert holders["d"].boundaries == ()


def test_an_attachment_under_a_condition_is_a_guarded_copy(read: Read) -> None:
    """A policy that is attached only sometimes is held as a copy with that condition as its guard."""
    sections = {"Parameters": {"P": {"Type": "String"}}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}}
    users = [{"Fn::If": ["C", {"Ref": "A"}, {"Ref": "AWS::NoValue"}]}, {"Ref": "B"}]
    template = read(
        {
            **sections,
            "Resources": {
                "A": entity("User", UserName="a"),
                "B": {**entity("User", UserName="b"), "Condition": "C"},
                "P1": policy(Users=users, PolicyName="p"),
            },
        }
    )
    holders = by_name(template)
    (index,) = holders["a"].documents
    assert template.documents[index].guards == (Guard("C", True),)
    assert template.documents[index].policy == template.documents[0].policy
    assert holders["b"].documents == (0,)
    assert holders["b"].guards == (Guard("C", True),)


def test_a_serverless_function_holds_its_policies(read: Read) -> None:
    """The generated role is a holder at the function."""
    properties = {"Policies": ["AWSLambdaExecute", OWN, {"Ref": "Managed"}]}
    template = read(
        {
            "Resources": {
                "F": {"Type": "AWS::Serverless::Function", "Properties": properties},
                "Managed": policy("ManagedPolicy"),
            }
        }
    )
    (holder,) = template.holders
    assert (holder.kind, holder.logical_id, str(holder.name)) == ("role", "F", "<FRole>")
    assert held(template, holder) == ["F", "Managed"]
    properties_of = ("Resources", "F", "Properties")
    assert holder.foreign == (
        Foreign("arn:aws:iam::aws:policy/AWSLambdaExecute", path=(*properties_of, "Policies", 0)),
        Foreign("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", path=properties_of),
    )
