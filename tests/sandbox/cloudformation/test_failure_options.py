"""
What a stack keeps when something fails in it and rollback is disabled: it is paused, and goes on or back from there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.cloudformation.conftest import (
    ACKNOWLEDGED,
    Stacks,
    inventory,
    nothing,
    policy,
    resource,
    template,
    trust,
)
from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.iam import iam_backends

NON_TERMINAL = (
    r"currently in a non-terminal \[{}\] state\. To update the stack from this state, please use the disable-"
)


def role(name: str, description: str = "", **more: Any) -> dict[str, Any]:
    """A role; with the description `wrong` one that IAM refuses."""
    trusted = {"AWS": "arn:aws:iam::111122223333:role/nobody"} if description == "wrong" else None
    properties = {"RoleName": name, "Description": description, "AssumeRolePolicyDocument": trust(trusted)}
    return resource("IAM::Role", **properties, **more)


def update(stacks: Stacks, made: dict[str, Any], **more: Any) -> str:
    return stacks.deploy(made, DisableRollback=True, **more)


def by_change_set(stacks: Stacks, made: dict[str, Any]) -> str:
    asked = {"StackName": "stack", "ChangeSetName": "change"}
    stacks.call("CreateChangeSet", TemplateBody=json.dumps(made), Capabilities=ACKNOWLEDGED, **asked)
    stacks.call("ExecuteChangeSet", DisableRollback=True, **asked)
    return str(stacks.stack()["StackStatus"])


def descriptions() -> dict[str, str]:
    return {name: one["description"] for name, one in inventory()["roles"].items()}


def statuses(stacks: Stacks) -> dict[str, str]:
    found = stacks.call("ListStackResources", StackName="stack")["StackResourceSummaries"]
    return {one["LogicalResourceId"]: one["ResourceStatus"] for one in found}


@pytest.mark.parametrize("keeping", [update, by_change_set])
def test_what_went_well_stays(stacks: Stacks, keeping: Callable[[Stacks, Any], str]) -> None:
    """Whatever does not depend on what failed is made and changed, and stays; what failed is as it was."""
    stacks.deploy(template(A=role("a"), B=role("b"), Gone=role("gone")))
    wrong = template(
        A=role("a", "new"),
        B=role("b", "wrong"),
        C=role("c", "new"),
        D={**role("d"), "DependsOn": "B"},
        E={**role("e"), "DependsOn": "D"},
        F=role("f", "wrong"),
    )
    assert keeping(stacks, wrong) == "UPDATE_FAILED"
    assert descriptions() == {"a": "new", "b": "", "c": "new", "gone": ""}
    assert statuses(stacks)["B"] == "UPDATE_FAILED"
    found = stacks.stack()
    assert found["DisableRollback"] is True
    assert found["StackStatusReason"] == (
        "The following resource(s) failed to update: [B]. The following resource(s) failed to create: [F]. "
    )


@pytest.mark.parametrize("keeping", [update, by_change_set])
def test_a_paused_update_goes_on(stacks: Stacks, keeping: Callable[[Stacks, Any], str]) -> None:
    """With rollback disabled a stack whose update failed goes on to another template, and is complete then."""
    stacks.deploy(template(A=role("a"), Gone=role("gone")))
    update(stacks, template(A=role("a", "new"), B=role("b", "wrong"), Other=role("other")))
    assert keeping(stacks, template(A=role("a", "new"), B=role("b", "right"))) == "UPDATE_COMPLETE"
    assert descriptions() == {"a": "new", "b": "right"}
    assert set(statuses(stacks)) == {"A", "B"}
    assert stacks.delete() == "DELETE_COMPLETE"
    assert inventory() == nothing()


@pytest.mark.parametrize("keeping", [update, by_change_set])
@pytest.mark.parametrize("option", [{"DisableRollback": True}, {"OnFailure": "DO_NOTHING"}])
def test_a_paused_creation_goes_on(stacks: Stacks, keeping: Callable[[Stacks, Any], str], option: Any) -> None:
    """So does a stack whose creation failed, which has all that does not depend on what failed."""
    wrong = template(A=role("a", "wrong"), B={**role("b"), "DependsOn": "A"}, C=role("c"))
    assert stacks.deploy(wrong, **option) == "CREATE_FAILED"
    assert descriptions() == {"c": ""}
    with pytest.raises(RefusedRequest, match=NON_TERMINAL.format("CREATE_FAILED")):
        stacks.deploy(template(A=role("a")))
    with pytest.raises(Undecided, match="never was complete"):
        stacks.call("RollbackStack", StackName="stack")
    assert keeping(stacks, template(A=role("a"), B={**role("b"), "DependsOn": "A"}, C=role("c"))) == "UPDATE_COMPLETE"
    assert descriptions() == {"a": "", "b": "", "c": ""}
    assert stacks.deploy(template(A=role("a", "next"))) == "UPDATE_COMPLETE"
    assert descriptions() == {"a": "next"}


def test_a_paused_update_is_tried_again(stacks: Stacks) -> None:
    """The template that failed is the previous one of the next update: what stood in the way may be gone."""
    stacks.deploy(template(A=role("a")))
    stacks.iam.create_role(
        role_name="b",
        assume_role_policy_document=json.dumps(trust()),
        path="/",
        permissions_boundary=None,
        description="by hand",
        tags=[],
        max_session_duration="3600",
    )
    asked = {"StackName": "stack", "UsePreviousTemplate": True, "Capabilities": ACKNOWLEDGED}
    assert update(stacks, template(A=role("a"), B=role("b", "stack"))) == "UPDATE_FAILED"
    stacks.call("UpdateStack", DisableRollback=True, **asked)
    assert stacks.stack()["StackStatus"] == "UPDATE_FAILED"
    stacks.iam.delete_role("b")
    for refused in ({}, {"DisableRollback": False}):
        with pytest.raises(RefusedRequest, match=NON_TERMINAL.format("UPDATE_FAILED")):
            stacks.call("UpdateStack", **asked, **refused)
    stacks.call("UpdateStack", DisableRollback=True, **asked)
    assert stacks.stack()["StackStatus"] == "UPDATE_COMPLETE"
    assert descriptions() == {"a": "", "b": "stack"}


def test_nothing_is_replaced(stacks: Stacks) -> None:
    """With rollback disabled a change that takes a new resource fails, as CloudFormation has it."""
    stacks.deploy(template(A=role("a"), B=role("b")))
    assert update(stacks, template(A=role("other"), B=role("b", "new"))) == "UPDATE_FAILED"
    assert stacks.reasons()[-2] == "Replacement type updates not supported on stack with disable-rollback."
    assert descriptions() == {"a": "", "b": "new"}


def test_a_paused_update_is_rolled_back(stacks: Stacks) -> None:
    """RollbackStack brings back what was before the first update that failed, whatever was tried since."""
    first = template(A=role("a", Policies=[{"PolicyName": "p", "PolicyDocument": policy()}]), B=role("b"))
    first["Outputs"] = {"O": {"Value": "one"}}
    stacks.deploy(first)
    then = inventory()
    second = template(A=role("a", "two"), B=role("b", "two"), C=role("c"), D=role("d", "wrong"))
    second["Outputs"] = {"O": {"Value": "two"}}
    assert update(stacks, second) == "UPDATE_FAILED"
    assert update(stacks, template(A=role("a", "three"), B=role("b", "wrong"), C=role("c", "3"))) == "UPDATE_FAILED"
    stacks.call("RollbackStack", StackName="stack")
    assert stacks.stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert inventory() == then
    assert stacks.outputs() == {"O": "one"}
    assert set(statuses(stacks).values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert json.loads(stacks.call("GetTemplate", StackName="stack")["TemplateBody"]) == first
    with pytest.raises(RefusedRequest, match="UPDATE_ROLLBACK_COMPLETE state and can not be rolled back"):
        stacks.call("RollbackStack", StackName="stack")
    with pytest.raises(RefusedRequest, match="No updates"):
        stacks.deploy(first)


def test_options_that_exclude_each_other(stacks: Stacks) -> None:
    """A change set that says what becomes of a failure is executed as it says."""
    asked = {"StackName": "stack", "ChangeSetName": "change"}
    made = {"TemplateBody": json.dumps(template(A=role("a"))), "Capabilities": ACKNOWLEDGED}
    stacks.call("CreateChangeSet", ChangeSetType="CREATE", OnStackFailure="DO_NOTHING", **asked, **made)
    with pytest.raises(RefusedRequest, match="not both"):
        stacks.call("ExecuteChangeSet", DisableRollback=True, **asked)
    stacks.call("ExecuteChangeSet", **asked)
    made["TemplateBody"] = json.dumps(template(A=role("a", "new")))
    with pytest.raises(RefusedRequest, match="OnStackFailure: DELETE"):
        stacks.call("CreateChangeSet", OnStackFailure="DELETE", **asked, **made)


@pytest.mark.parametrize(
    ("policy_of_new", "left"), [("Retain", ["a", "b"]), ("RetainExceptOnCreate", ["a"]), ("Delete", ["a"])]
)
def test_what_is_retained_outlives_a_rollback(stacks: Stacks, policy_of_new: str, left: list[str]) -> None:
    """A new resource with `Retain` stays when its update is rolled back, out of the stack."""
    stacks.deploy(template(A=role("a")))
    new = {**role("b"), "DeletionPolicy": policy_of_new}
    wrong = {**role("c", "wrong"), "DependsOn": "B"}
    assert stacks.deploy(template(A=role("a"), B=new, C=wrong)) == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(descriptions()) == left
    assert set(statuses(stacks)) == {"A"}


@pytest.mark.parametrize("asked", [{}, {"RetainExceptOnCreate": False}, {"RetainExceptOnCreate": True}])
@pytest.mark.parametrize("how", ["creation", "update", "later", "change set"])
def test_a_request_may_let_nothing_new_outlive_a_rollback(stacks: Stacks, how: str, asked: dict[str, Any]) -> None:
    """`RetainExceptOnCreate`, which `cdk rollback` always says: what is new goes, also with `Retain`."""
    kept = {"DeletionPolicy": "Retain"}
    wrong = template(A={**role("a"), **kept}, B={**role("b"), **kept}, C={**role("c", "wrong"), "DependsOn": "B"})
    left = set() if asked.get("RetainExceptOnCreate") else {"b"}
    if how == "creation":
        stacks.deploy(wrong, **asked)
        assert set(descriptions()) == (left and {"a", "b"})
        return
    stacks.deploy(template(A={**role("a"), **kept}))
    given = {"StackName": "stack", "TemplateBody": json.dumps(wrong), "Capabilities": ACKNOWLEDGED}
    if how == "update":
        stacks.call("UpdateStack", **given, **asked)
    elif how == "later":
        assert update(stacks, wrong) == "UPDATE_FAILED"
        stacks.call("RollbackStack", StackName="stack", **asked)
    else:
        stacks.call("CreateChangeSet", ChangeSetName="change", **given)
        stacks.call("ExecuteChangeSet", StackName="stack", ChangeSetName="change", **asked)
    assert stacks.stack()["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert set(descriptions()) == {"a"} | left


def test_what_is_new_in_nested_stacks_is_undecided(stacks: Stacks) -> None:
    """Whether the option is meant for it nobody says."""
    nested = resource("CloudFormation::Stack", TemplateURL="https://b.s3.amazonaws.com/k")
    with pytest.raises(Undecided, match="in nested stacks"):
        stacks.deploy(template(N=nested), RetainExceptOnCreate=True)


def test_a_rollback_brings_policies_of_deletion_back(stacks: Stacks) -> None:
    """A `DeletionPolicy` of an update that failed does not count."""
    stacks.deploy(template(A={**role("a"), "DeletionPolicy": "Retain"}))
    assert stacks.deploy(template(A=role("a"), B=role("b", "wrong"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"
    assert sorted(descriptions()) == ["a"]


DESCRIPTIONS = st.sampled_from(["", "one", "two", "wrong"])
TEMPLATES = st.dictionaries(st.sampled_from("ABCD"), DESCRIPTIONS, min_size=1)


@given(TEMPLATES, st.lists(TEMPLATES, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_rollback_is_exact(stacks: Stacks, before: dict[str, str], tried: list[dict[str, str]]) -> None:
    """Whatever is tried with rollback disabled, all is as before when it is rolled back; or complete as it says."""
    iam_backends.clear()
    changed = Stacks()

    def made(roles: dict[str, str]) -> dict[str, Any]:
        return template(**{name: role(name.lower(), text) for name, text in sorted(roles.items())})

    stable = {name: "" if text == "wrong" else text for name, text in before.items()}
    assert changed.deploy(made(stable)) == "CREATE_COMPLETE"
    for roles in tried:
        if changed.stack()["StackStatus"] != "UPDATE_FAILED" and roles == stable:
            continue
        status = update(changed, made(roles))
        assert status == ("UPDATE_FAILED" if "wrong" in roles.values() else "UPDATE_COMPLETE")
        if status == "UPDATE_COMPLETE":
            stable = roles
            assert descriptions() == {name.lower(): text for name, text in roles.items()}
    if changed.stack()["StackStatus"] == "UPDATE_FAILED":
        changed.call("RollbackStack", StackName="stack")
    assert descriptions() == {name.lower(): text for name, text in stable.items()}
    assert changed.delete() == "DELETE_COMPLETE"
    assert inventory() == nothing()
