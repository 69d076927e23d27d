"""
Quotas: measured at synthesis, of the documents as they will be deployed.
"""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from trustproof_cdk import AssumeRoleGrant, CrossAccountRole, MfaEnforcedGroup, MfaPolicy, RoleChain, Trusted
from trustproof_cdk._names.quotas import policy_size

STATEMENTS = [iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])]
OWN = "222233334444"
MANY = [f"arn:aws:iam::111122223333:user/people/user-{number:03}" for number in range(50)]

DOCUMENTS = st.recursive(
    st.text(alphabet="ab: *$/", max_size=8) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["A", "B", "Cc"]), inner, max_size=3),
    max_leaves=10,
)


@given(DOCUMENTS)
def test_size_is_that_of_the_document_without_whitespace(document: object) -> None:
    """What is known at synthesis is counted to the character."""
    text = json.dumps(document, separators=(",", ":"))
    assert policy_size(document) == (len("".join(text.split())), True)


def test_size_of_unknown_values_is_not_overstated() -> None:
    """A value that only a deployment knows counts with the fewest characters it can have."""
    arn = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}
    assert policy_size({"AWS": arn}) == (len('{"AWS":"arn:aws:iam::111122223333:root"}'), False)
    assert policy_size({"Fn::GetAtt": ["Role", "Arn"]}) == (2, False)


def test_trust_policy_over_quota_fails_synthesis(app: cdk.App, stack: cdk.Stack) -> None:
    """The message names the construct, the size and the quota."""
    role = CrossAccountRole(stack, "Role", trusted=Trusted.users(*MANY))
    size = len(json.dumps(role.trust_policy, separators=(",", ":")))
    message = (
        f"[Stack] Stack/Role: the trust policy has {size} characters without whitespace, and IAM takes at most 2048"
    )
    with pytest.raises(RuntimeError, match=re.escape(message)):
        app.synth()


def test_what_is_too_long_is_named_as_people_know_it(app: cdk.App) -> None:
    """Role, account and what to do stand in the message; a role without a name is known by its path."""
    stack = cdk.Stack(app, "Prod", env=cdk.Environment(account="222233334444"))
    CrossAccountRole(stack, "Role", trusted=Trusted.users(*MANY), role_name="Shop")
    with pytest.raises(
        RuntimeError, match=r"2048 \(role Shop, account 222233334444\): trust fewer, .* max_trust_policy"
    ):
        app.synth()


def test_where_the_quota_is_at_its_most_no_more_is_offered(app: cdk.App, stack: cdk.Stack) -> None:
    """AWS raises it no further."""
    everybody = [f"arn:aws:iam::{number:012}:user/somebody-with-a-name" for number in range(200)]
    CrossAccountRole(stack, "Role", trusted=Trusted.users(*everybody), max_trust_policy_size=8192)
    with pytest.raises(RuntimeError, match=r"at most 8192: trust fewer, .* over several roles(?!; or)"):
        app.synth()


def test_trust_policy_may_have_the_size_that_aws_granted(app: cdk.App, stack: cdk.Stack) -> None:
    """An account whose quota was raised says so."""
    CrossAccountRole(stack, "Role", trusted=Trusted.users(*MANY), max_trust_policy_size=4096)
    app.synth()


def test_statements_that_were_added_later_are_measured(app: cdk.App, stack: cdk.Stack) -> None:
    """The size is measured when nothing can be added any more."""
    role = CrossAccountRole(stack, "Role", trusted=Trusted.users(MANY[0]))
    policy = role.assume_role_policy
    assert policy is not None
    policy.add_statements(iam.PolicyStatement(actions=["sts:AssumeRole"], principals=list(map(iam.ArnPrincipal, MANY))))
    with pytest.raises(RuntimeError, match=r"the trust policy has \d+ characters"):
        app.synth()


def test_an_empty_inline_policy_fails_synthesis(app: cdk.App, stack: cdk.Stack) -> None:
    """The CDK says of it that a property is missing, of no role; what gets statements before the synthesis is taken."""
    empty, later = iam.PolicyDocument(), iam.PolicyDocument()
    CrossAccountRole(stack, "Role", trusted=Trusted.users(MANY[0]), inline_policies={"Empty": empty, "Later": later})
    later.add_statements(iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"]))
    with pytest.raises(
        RuntimeError, match=r"Stack/Role: inline_policies\['Empty'\] must have at least one state"
    ) as said:
        app.synth()
    assert "Later" not in str(said.value)


def test_inline_policies_over_quota_fail_synthesis(app: cdk.App, stack: cdk.Stack) -> None:
    """IAM counts all inline policies of a role together, what is granted to it included."""

    def reading(count: int, kind: str) -> iam.PolicyStatement:
        buckets = [f"arn:aws:s3:::{kind}-{number:03}/*" for number in range(count)]
        return iam.PolicyStatement(actions=["s3:GetObject"], resources=buckets)

    policies = {"Read": iam.PolicyDocument(statements=[reading(200, "bucket")])}
    role = CrossAccountRole(stack, "Role", trusted=Trusted.users(MANY[0]), inline_policies=policies)
    app.synth()
    role.add_to_policy(reading(200, "ledger"))
    with pytest.raises(RuntimeError, match=r"the inline policies have together \d+ characters .* at most 10240"):
        app.synth(force=True)


def test_size_is_a_minimum_where_values_are_unknown(app: cdk.App, stack: cdk.Stack) -> None:
    """The message says so."""
    hub = cdk.CfnParameter(stack, "Hub").value_as_string
    CrossAccountRole(stack, "Role", trusted=[Trusted.users(*MANY), Trusted.accounts(hub)])
    with pytest.raises(RuntimeError, match=r"the trust policy has at least \d+ characters"):
        app.synth()


def test_managed_policy_over_quota_fails_synthesis(app: cdk.App, stack: cdk.Stack) -> None:
    """A managed policy has a quota of its own, which AWS does not raise."""
    buckets = [f"arn:aws:s3:::a-bucket-with-quite-a-long-name-{number:04}/*" for number in range(150)]
    MfaPolicy(stack, "Policy", actions=["s3:GetObject"], resources=buckets)
    with pytest.raises(
        RuntimeError, match=r"\[Stack\] Stack/Policy: the managed policy has \d+ characters.*at most 6144"
    ):
        app.synth()


def test_each_role_that_is_too_long_is_named_and_no_other(app: cdk.App, stack: cdk.Stack) -> None:
    """Documents of a stack are measured together, and what is wrong is said of the construct it is wrong of."""
    for number in range(4):
        CrossAccountRole(stack, f"Role{number}", trusted=Trusted.users(*MANY[: 50 if number % 2 else 5]))
    with pytest.raises(RuntimeError, match=r"Role1: the trust policy has") as raised:
        app.synth()
    assert re.findall(r"\[Stack\] Stack/(\w+): the trust policy", str(raised.value)) == ["Role1", "Role3"]


def test_what_was_taken_out_of_the_app_is_not_measured(app: cdk.App, stack: cdk.Stack) -> None:
    """Nobody deploys it, and it hides nothing of what is left."""
    CrossAccountRole(stack, "Gone", trusted=Trusted.users(*MANY))
    CrossAccountRole(stack, "Role", trusted=Trusted.users(*MANY))
    stack.node.try_remove_child("Gone")
    with pytest.raises(RuntimeError, match=r"\[Stack\] Stack/Role: the trust policy") as raised:
        app.synth()
    assert "Gone" not in str(raised.value)


@pytest.mark.parametrize("taken_out", ["stack", "construct", "stage"])
def test_what_is_taken_out_takes_no_check_of_the_rest_with_it(app: cdk.App, taken_out: str) -> None:
    """The first scope with something of this library is where the walk of the app is asked for."""
    around: Any = {
        "stack": lambda: app,
        "construct": lambda: cdk.Stack(app, "Around"),
        "stage": lambda: cdk.Stage(app, "Prod"),
    }[taken_out]()
    first = Construct(around, "First") if taken_out == "construct" else cdk.Stack(around, "First")
    CrossAccountRole(first, "Role", trusted=Trusted.accounts("111122223333"))
    rest = cdk.Stack(around, "Rest")
    CrossAccountRole(rest, "Role", trusted=Trusted.users(*MANY))
    around.node.try_remove_child("First")
    with pytest.raises(RuntimeError, match="Rest/Role: the trust policy has"):
        app.synth()


def test_policies_that_are_attached_later_are_counted(stack: cdk.Stack) -> None:
    """Of a role and of a group, by whatever attaches them; a role may have as many as it says."""
    group = MfaEnforcedGroup(stack, "People")
    with_more = CrossAccountRole(stack, "More", trusted=Trusted.accounts("111122223333"), max_managed_policies=11)
    role = CrossAccountRole(stack, "Role", trusted=Trusted.accounts("111122223333"))
    plain = iam.Role(stack, "Plain", assumed_by=iam.AccountPrincipal("111122223333"))
    target = ["arn:aws:iam::222233334444:role/Reader"]
    for number in range(10):
        AssumeRoleGrant(stack, f"Grant{number}", target_roles=target, roles=[role, with_more, plain])
    for number in range(9):
        group.add_managed_policy(iam.ManagedPolicy(stack, f"Policy{number}", statements=STATEMENTS))
    AssumeRoleGrant(stack, "Grant10", target_roles=target, roles=[with_more, plain])
    with pytest.raises(ValueError, match="roles cannot have Stack/Role once more: it has 10 managed policies, "):
        AssumeRoleGrant(stack, "OfRole", target_roles=target, roles=[role])
    with pytest.raises(ValueError, match="managed_policies must be at most 11, got 12"):
        with_more.add_managed_policy(iam.ManagedPolicy(stack, "OfMore", statements=STATEMENTS))
    with pytest.raises(ValueError, match="groups cannot have Stack/People once more: it has 10 managed policies"):
        group.add_managed_policy(iam.ManagedPolicy(stack, "OfGroup", statements=STATEMENTS))


def test_policies_of_a_user_are_counted(stack: cdk.Stack) -> None:
    """AWS may have granted more, and nobody can say so of a user, so that it is a warning."""
    user = iam.User(stack, "Alice")
    found = cdk.assertions.Annotations.from_stack
    said = cdk.assertions.Match.string_like_regexp("Stack/Alice has more than 10 managed policies")
    for number in range(11):
        if number == 10:
            found(stack).has_no_warning("*", said)
        MfaPolicy(stack, f"Policy{number}", actions=["s3:GetObject"], resources=["*"], users=[user])
    found(stack).has_warning("*", said)


@pytest.mark.parametrize(("count", "fits"), [(40, True), (70, False)])
def test_chains_from_other_stacks_are_measured_at_their_entry(app: cdk.App, count: int, fits: bool) -> None:
    """Their policies stand in these stacks, and are inline policies of one role."""
    env = cdk.Environment(account="111122223333", region="eu-central-1")
    entry = CrossAccountRole(
        cdk.Stack(app, "Entries", env=env), "Entry", trusted=Trusted.accounts("222233334444"), role_name="Entry"
    )
    stack = cdk.Stack(app, "Targets", env=env)
    for number in range(count):
        RoleChain(stack, f"T{number}", entry=entry, role_name=f"TargetOfMany{number:02}", path="/some/path/for/roles/")
    if fits:
        app.synth()
        return
    said = r"Entries/Entry: the inline policies have together at least 1\d{4} characters .* at most 10240"
    with pytest.raises(RuntimeError, match=said):
        app.synth()


@pytest.mark.parametrize(("statements", "fits"), [(40, True), (60, False), (200, False)])
def test_what_is_granted_alone_is_measured(app: cdk.App, stack: cdk.Stack, statements: int, fits: bool) -> None:
    """What the CDK leaves in the inline policy, where it has made managed policies of a part too, is measured."""
    role = CrossAccountRole(stack, "Role", trusted=Trusted.accounts("111122223333"))
    for number in range(statements):
        resource = f"arn:aws:s3:::a-quite-long-bucket-name-for-team-number-{number:04}/some/prefix/here/*"
        tag = {"StringEquals": {"aws:PrincipalTag/x": f"v{number}"}}
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[resource], conditions=tag))
    if fits:
        app.synth()
    else:
        with pytest.raises(RuntimeError, match=r"inline policies have together \d+ characters.*at most 10240: put"):
            app.synth()


@pytest.mark.parametrize(
    ("own", "naming", "maximum", "elsewhere", "fits"),
    [
        (8, 2, 10, False, True),
        (9, 2, 10, False, False),
        (0, 11, 10, False, False),
        (10, 0, 10, False, True),
        (9, 2, 11, False, True),
        (8, 2, 10, True, True),
        (9, 2, 10, True, False),
    ],
)
def test_policies_that_name_a_role_are_counted(
    app: cdk.App, stack: cdk.Stack, own: int, naming: int, maximum: int, elsewhere: bool, fits: bool
) -> None:
    """IAM does not mind who says that a policy is attached, nor in which stack; those of other roles are theirs."""
    given = [
        iam.ManagedPolicy.from_managed_policy_arn(stack, f"P{number}", f"arn:aws:iam::{OWN}:policy/p{number}")
        for number in range(own)
    ]
    roles = [
        CrossAccountRole(
            stack,
            name,
            trusted=Trusted.accounts("111122223333"),
            managed_policies=given,
            max_managed_policies=maximum,
        )
        for name in ("Role", "Other")
    ]
    around = cdk.Stack(app, "Elsewhere") if elsewhere else stack
    for number in range(naming):
        reads = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])
        iam.ManagedPolicy(around, f"Naming{number}", roles=roles[:1], statements=[reads])
    if fits:
        app.synth()
    else:
        with pytest.raises(RuntimeError) as failed:
            app.synth()
        assert f"Stack/Role has {own + naming} managed policies" in str(failed.value)
        assert "Stack/Other" not in str(failed.value)
