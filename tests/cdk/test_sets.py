"""
Sets in place of lists: their order is another one in each process, and a template is the same in each.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from trustproof_cdk import AssumeRoleGrant, BreakGlassRole, MfaEnforcedGroup, SamlRole

HUB = "111122223333"


class Ordered(set[str]):
    """A set that is iterated in an order of its own, as sets of texts are."""

    is_backwards = False

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(super().__iter__(), reverse=self.is_backwards))


class Backwards(Ordered):
    """Likewise, in another process."""

    is_backwards = True


@pytest.mark.parametrize("construct", ["grant", "group", "emergency role", "SAML role"])
def test_the_order_of_a_set_makes_no_difference(construct: str) -> None:
    """Else each deployment would change something."""
    templates = []
    for kind in (Ordered, Backwards):
        app = cdk.App(builtin_cloud_formation_validation=False)
        stack = cdk.Stack(app, "Stack", env=cdk.Environment(account=HUB, region="eu-central-1"))
        if construct == "grant":
            roles = kind(f"arn:aws:iam::{account}:role/Deployer" for account in ("222233334444", "333344445555"))
            AssumeRoleGrant(stack, "Grant", target_roles=roles, groups=[iam.Group(stack, "People")])
        elif construct == "group":
            MfaEnforcedGroup(stack, "Group", users=kind(("alice", "bob")))
        elif construct == "SAML role":
            SamlRole(
                stack, "Role", providers=kind(f"arn:aws:iam::{HUB}:saml-provider/{name}" for name in ("One", "Two"))
            )
        else:
            users = kind(f"arn:aws:iam::{HUB}:user/{name}" for name in ("alice", "bob"))
            BreakGlassRole(stack, "Role", users=users, alarm_topic=sns.Topic(stack, "Topic"))
        templates.append(json.dumps(app.synth().get_stack_artifact(stack.artifact_id).template))
    assert templates[0] == templates[1]
