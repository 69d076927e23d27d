"""
What somebody has changed by hand of a user, group or role of a stack, and an update of something else leaves alone.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.cloudformation.conftest import Stacks, inventory, policy, resource, template, trust

READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
INLINE = [{"PolicyName": "p", "PolicyDocument": policy()}]
ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": trust(), "ManagedPolicyArns": [READ], "Policies": INLINE}
USER = {"UserName": "u", "ManagedPolicyArns": [READ], "Policies": INLINE, "Groups": [{"Ref": "G"}]}
GROUP = {"GroupName": "g", "ManagedPolicyArns": [READ], "Policies": INLINE}


#: What no case here changes in the template.
KEPT = (("roles", "r", "trust"), ("roles", "r", "boundary"), ("users", "u", "boundary"), ("users", "u", "groups"))


def change(iam: Any) -> None:
    """Everything that can be changed of an identity."""
    iam.update_assume_role_policy("r", json.dumps(trust({"AWS": "222233334444"})))
    iam.update_role("r", "by hand", 7_200)
    iam.put_role_permissions_boundary("r", READ)
    iam.tag_role("r", [{"Key": "team", "Value": "blue"}])
    iam.put_user_permissions_boundary("u", READ)
    iam.tag_user("u", [{"Key": "team", "Value": "blue"}])
    iam.remove_user_from_group("g", "u")
    for kind, name in (("role", "r"), ("user", "u"), ("group", "g")):
        getattr(iam, f"put_{kind}_policy")(name, "p", json.dumps(policy("iam:*")))
        getattr(iam, f"put_{kind}_policy")(name, "more", json.dumps(policy("sqs:*")))
        getattr(iam, f"detach_{kind}_policy")(READ, name)
        getattr(iam, f"attach_{kind}_policy")(ADMINISTRATOR, name)


def made(role: dict[str, Any], user: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    return template(R=resource("IAM::Role", **role), U=resource("IAM::User", **user), G=resource("IAM::Group", **group))


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(
    ("role", "user", "group"),
    [
        ({"Tags": [{"Key": "own", "Value": "1"}]}, {"Tags": [{"Key": "own", "Value": "1"}]}, {"Path": "/x/"}),
        ({"MaxSessionDuration": 10_800}, {"Path": "/x/"}, {}),
        ({"Policies": [*INLINE, {"PolicyName": "q", "PolicyDocument": policy()}]}, {}, {"Policies": []}),
    ],
)
def test_an_update_changes_what_the_template_changes(
    stacks: Stacks, role: dict[str, Any], user: dict[str, Any], group: dict[str, Any], fails: bool
) -> None:
    """Of all that was changed by hand only what the new template says otherwise is changed; nothing if it fails."""
    assert stacks.deploy(made(ROLE, USER, GROUP)) == "CREATE_COMPLETE", stacks.reasons()
    change(stacks.iam)
    before = inventory()
    after = made({**ROLE, **role}, {**USER, **user}, {**GROUP, **group})
    if fails:
        wrong = resource("IAM::Role", AssumeRolePolicyDocument=trust({"AWS": "arn:aws:iam::111122223333:role/no"}))
        after["Resources"]["Z"] = {**wrong, "DependsOn": ["R", "U", "G"]}
        assert stacks.deploy(after) == "UPDATE_ROLLBACK_COMPLETE"
        for kind, name, what in KEPT:
            assert inventory()[kind][name][what] == before[kind][name][what]
        assert inventory()["roles"]["r"]["tags"] == [("team", "blue")]
        return
    assert stacks.deploy(after) == "UPDATE_COMPLETE", stacks.reasons()
    found = inventory()
    for kind, name in (("roles", "r"), ("users", "u"), ("groups", "g")):
        assert found[kind][name]["attached"] == [ADMINISTRATOR]
        assert "more" in found[kind][name]["policies"]
    for kind, name, what in KEPT:
        assert found[kind][name][what] == before[kind][name][what], what
    assert found["roles"]["r"]["description"] == "by hand"
    assert ("team", "blue") in found["roles"]["r"]["tags"]
    assert ("team", "blue") in found["users"]["u"]["tags"]
    assert found["roles"]["r"]["policies"]["p"] == policy("iam:*")
