"""
`PermissionSet`: what it is in Identity Center, who has it where, and which roles trust them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.policies import concrete, policy
from trustproof.model.request import IDENTITY_CENTER, Caller, Request
from trustproof.spec.access import may
from trustproof.spec.callers import principal_keys
from trustproof_cdk import CrossAccountRole, PermissionSet, Trusted, TrustproofChecks, mfa_conditions

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
GROUP = "11111111-2222-3333-4444-555555555555"
DEV, PROD = "222233334444", "333344445555"

FOR_EVERYBODY = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"], principals=[iam.StarPrincipal()])

#: Lets people ask for any role.
ASSUME = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=["*"])

Resources = Callable[[str], list[dict[str, Any]]]


def inline(*statements: iam.PolicyStatement) -> iam.PolicyDocument:
    """A policy of the statements."""
    return iam.PolicyDocument(statements=list(statements))


def deny(action: str, resource: str = "*", **given: Any) -> iam.PolicyStatement:
    """A Deny of an action, on anything if nothing else is said."""
    return iam.PolicyStatement(effect=iam.Effect.DENY, actions=[action], resources=[resource], **given)


def on(role: str, *further: str) -> iam.PolicyStatement:
    """Lets people ask for a role, and pass what else they may."""
    return iam.PolicyStatement(actions=["sts:AssumeRole", *further], resources=[role])


#: True of every session of Identity Center.
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
NEEDS_MFA = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"], conditions=mfa_conditions())
#: Denies whoever passes another team.
TEAM_BLUE = deny("sts:AssumeRole", conditions={"StringNotEquals": {"aws:RequestTag/team": "blue"}})


def aws(name: str) -> iam.IManagedPolicy:
    """A policy that AWS manages."""
    return iam.ManagedPolicy.from_aws_managed_policy_name(name)


def test_every_argument_reaches_the_template(stack: cdk.Stack, resources: Resources) -> None:
    """As Identity Center takes it."""
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])
    PermissionSet(
        stack,
        "Audit",
        name="Audit",
        instance_arn=INSTANCE,
        description="Reads",
        session_duration=cdk.Duration.hours(4),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")],
        customer_managed_policies=["Deploy", "ops/Restart"],
        inline_policy=iam.PolicyDocument(statements=[statement]),
        permissions_boundary="Boundary",
    )
    arn = ["arn:", {"Ref": "AWS::Partition"}, ":iam::aws:policy/ReadOnlyAccess"]
    assert resources("AWS::SSO::PermissionSet") == [
        {
            "Name": "Audit",
            "InstanceArn": INSTANCE,
            "Description": "Reads",
            "SessionDuration": "PT14400S",
            "ManagedPolicies": [{"Fn::Join": ["", arn]}],
            "CustomerManagedPolicyReferences": [{"Name": "Deploy"}, {"Name": "Restart", "Path": "/ops/"}],
            "InlinePolicy": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            },
            "PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "Boundary"}},
        }
    ]


def test_assignments(stack: cdk.Stack, resources: Resources) -> None:
    """One for each account."""
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE)
    audit.assign("Auditors", accounts=[DEV, PROD], principal_id=GROUP)
    assert resources("AWS::SSO::Assignment") == [
        {
            "InstanceArn": INSTANCE,
            "PermissionSetArn": stack.resolve(audit.attr_permission_set_arn),
            "PrincipalId": GROUP,
            "PrincipalType": "GROUP",
            "TargetId": account,
            "TargetType": "AWS_ACCOUNT",
        }
        for account in (DEV, PROD)
    ]


def test_a_role_trusts_who_has_the_set(stack: cdk.Stack) -> None:
    """The same as naming it."""
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE)
    role = CrossAccountRole(stack, "Role", trusted=audit.trusted(accounts=[DEV]), mfa=False)
    (statement,) = role.trust_policy["Statement"]
    assert statement["Principal"] == {"AWS": DEV}
    assert "AWSReservedSSO_Audit_" in str(statement["Condition"])


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"name": "x" * 33}, ValueError, "name must be 1 to 32 letters"),
        ({"instance_arn": "ssoins-1"}, ValueError, "instance_arn must be the ARN of an instance of Identity Center"),
        ({"session_duration": cdk.Duration.hours(13)}, ValueError, "session_duration must be 1 hour to 12 hours"),
        (
            {"customer_managed_policies": ["arn:aws:iam::222233334444:policy/x"]},
            ValueError,
            "after its path where it has one, and not its ARN",
        ),
        (
            {"managed_policies": [iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAcces")]},
            ValueError,
            "managed_policies cannot have 'ReadOnlyAcces'",
        ),
        ({"customer_managed_policies": ["a b"]}, ValueError, "customer_managed_policies must be the name of a managed"),
        (
            {"customer_managed_policies": ["Deploy", "ops/deploy"]},
            ValueError,
            "customer_managed_policies cannot have both 'Deploy' and 'ops/deploy'",
        ),
        (
            {"customer_managed_policies": [f"P{n}" for n in range(11)]},
            ValueError,
            "must be at most 10 together, got 11",
        ),
        ({"managed_policies": ["ReadOnlyAccess"]}, TypeError, "managed_policies must be a list of managed policies"),
        ({"inline_policy": {}}, TypeError, "inline_policy must be an iam.PolicyDocument"),
        (
            {"inline_policy": iam.PolicyDocument(statements=[FOR_EVERYBODY])},
            ValueError,
            "inline_policy must be what IAM takes of an identity: A PolicyStatement used in an",
        ),
        ({"permissions_boundary": "arn:aws:iam::aws:policy/X"}, ValueError, "permissions_boundary must be the name of"),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, given: dict[str, Any], error: type[Exception], message: str) -> None:
    """What Identity Center would refuse."""
    with pytest.raises(error, match=re.escape(message)):
        PermissionSet(stack, "It", **{"name": "Audit", "instance_arn": INSTANCE, **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"principal_id": "auditors"}, "principal_id must be the id of a group or user like"),
        ({"principal_type": "ROLE"}, "principal_type must be one of 'GROUP', 'USER', got 'ROLE'"),
        ({"accounts": []}, "accounts must have at least one entry, got none"),
    ],
)
def test_assignment_refuses(stack: cdk.Stack, given: dict[str, Any], message: str) -> None:
    """A name is no id."""
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE)
    with pytest.raises(ValueError, match=re.escape(message)):
        audit.assign("It", **{"accounts": [DEV], "principal_id": GROUP, **given})


OWN_POLICIES: list[Callable[[cdk.Stack], iam.IManagedPolicy]] = [
    lambda stack: iam.ManagedPolicy(
        stack, "Own", statements=[iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])]
    ),
    lambda stack: iam.ManagedPolicy.from_managed_policy_arn(stack, "Arn", f"arn:aws:iam::{DEV}:policy/Deploy"),
    lambda stack: iam.ManagedPolicy.from_managed_policy_name(stack, "Name", "Deploy"),
]


@pytest.mark.parametrize("make", OWN_POLICIES)
def test_policies_of_an_account_are_named(stack: cdk.Stack, make: Callable[[cdk.Stack], iam.IManagedPolicy]) -> None:
    """Identity Center takes ARNs of AWS's policies only, and names of those that each account has."""
    own = make(stack)
    with pytest.raises(ValueError, match=r"managed_policies must be of AWS.*one of customer_managed_policies"):
        PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, managed_policies=[own])
    with pytest.raises(ValueError, match=r"permissions_boundary must be of AWS.*give its name"):
        PermissionSet(stack, "Bounded", name="Audit", instance_arn=INSTANCE, permissions_boundary=own)


def test_policies_of_aws_are_taken_by_arn(stack: cdk.Stack) -> None:
    """However a policy of AWS is given, it is one."""
    given = [
        iam.ManagedPolicy.from_aws_managed_policy_name("job-function/ViewOnlyAccess"),
        iam.ManagedPolicy.from_managed_policy_arn(stack, "Arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ]
    PermissionSet(
        stack,
        "Audit",
        name="Audit",
        instance_arn=INSTANCE,
        managed_policies=given,
        permissions_boundary=iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess"),
    )


def test_a_policy_that_is_given_twice_is_attached_once(stack: cdk.Stack, resources: Resources) -> None:
    """It is no second one of the ten, either."""
    PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, managed_policies=[aws("ReadOnlyAccess")] * 11)
    (properties,) = resources("AWS::SSO::PermissionSet")
    assert len(properties["ManagedPolicies"]) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"permissions_boundary": "PowerUserAccess"}, "give permissions_boundary iam.ManagedPolicy.from_aws_managed_"),
        ({"customer_managed_policies": ["Deploy", "ReadOnlyAccess"]}, "give managed_policies iam.ManagedPolicy.from_"),
        ({"customer_managed_policies": ["ops/ReadOnlyAccess"], "permissions_boundary": "ops/Bound"}, None),
    ],
)
def test_a_name_of_a_policy_of_aws(app: cdk.App, stack: cdk.Stack, given: dict[str, Any], message: str | None) -> None:
    """Where it is that of one's own, Identity Center looks for that in the accounts, and finds none."""
    PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, **given)
    messages = [str(one.entry.data) for one in app.synth().get_stack_artifact(stack.artifact_id).messages]
    assert [str(message) in one for one in messages] == [True] * (message is not None)


READER = f"arn:aws:iam::{PROD}:role/Reader"
AUDITING = f"arn:aws:iam::{DEV}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_0123456789abcdef"


@pytest.mark.parametrize(
    ("caller", "resource", "gets_in"),
    [
        (AUDITING, READER, True),
        (AUDITING.replace("Audit", "Admin"), READER, False),
        (AUDITING.replace(DEV, "999988887777"), READER, False),
        (AUDITING, READER.replace("Reader", "Writer"), False),
    ],
)
def test_people_with_a_set_go_on_to_the_roles_that_it_names(
    stack: cdk.Stack, resources: Resources, caller: str, resource: str, gets_in: bool
) -> None:
    """What the set allows and whom the role trusts meet, for people with this set in the account of the assignment."""
    go_on = iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[READER])
    document = iam.PolicyDocument(statements=[go_on])
    PermissionSet(stack, "Set", name="Audit", instance_arn=INSTANCE, inline_policy=document)
    trusted = Trusted.permission_sets("Audit", accounts=[DEV])
    role = CrossAccountRole(stack, "Role", trusted=trusted, mfa=False, role_name="Reader")
    (made,) = resources("AWS::SSO::PermissionSet")
    session = Caller(IDENTITY_CENTER, caller, session="alice@example.com")
    request = Request(session, "sts:AssumeRole", resource, principal_keys(session))
    trust = policy(concrete(stack.resolve(role.assume_role_policy), PROD))
    assert may([policy(made["InlinePolicy"])], None, trust, request, same_account=False) is gets_in


def test_an_assignment_is_there_once(stack: cdk.Stack) -> None:
    """Identity Center refuses the second, which would fail the deployment."""
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE)
    audit.assign("Auditors", accounts=[DEV], principal_id=GROUP)
    with pytest.raises(ValueError, match=f"accounts cannot have '{DEV}' for {GROUP}, .* by 'Auditors' already"):
        audit.assign("Others", accounts=[PROD, DEV], principal_id=GROUP.upper())
    audit.assign("Someone", accounts=[DEV], principal_id=GROUP.replace("1", "9"), principal_type="USER")


def test_an_inline_policy_is_measured(app: cdk.App, stack: cdk.Stack) -> None:
    """Identity Center has a quota of its own."""
    buckets = [f"arn:aws:s3:::a-bucket-with-a-name-{number:04}/*" for number in range(900)]
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=buckets)
    document = iam.PolicyDocument(statements=[statement])
    PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, inline_policy=document)
    with pytest.raises(RuntimeError, match=r"the inline policy has \d+ .* IAM Identity Center takes at most 32768"):
        app.synth()


def test_a_set_of_the_app_is_trusted_by_its_name(stack: cdk.Stack) -> None:
    """Whoever gives the construct reads what to give."""
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE)
    message = "names must be names of permission sets, got Stack/Audit: give its name, or take its people from it"
    with pytest.raises(TypeError, match=re.escape(message)):
        Trusted.permission_sets(audit, accounts=[DEV])  # type: ignore[arg-type]


@pytest.mark.parametrize(("assigned", "is_warned"), [(DEV, True), (PROD, False), (None, False)])
@pytest.mark.parametrize("name", [None, "Audit", "Others"])
def test_trust_in_people_whom_nobody_makes(
    stack: cdk.Stack, name: str | None, assigned: str | None, is_warned: bool
) -> None:
    """
    In an account where the app assigns the set to nobody; one that it assigns nowhere is assigned by others. By name,
    too, if it is that of a set which the app makes.
    """
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, inline_policy=inline(ASSUME))
    trusted = audit.trusted(accounts=[PROD]) if name is None else Trusted.permission_sets(name, accounts=[PROD])
    CrossAccountRole(stack, "Role", trusted=trusted, mfa=False)
    is_warned &= name != "Others"
    if assigned is not None:
        audit.assign("Auditors", accounts=[assigned], principal_id=GROUP)
    said = cdk.assertions.Match.string_like_regexp(f"in {PROD}, and the app assigns it there to nobody")
    assert bool(cdk.assertions.Annotations.from_stack(stack).find_warning("*", said)) is is_warned


#: What a set has, whether a role trusts it, and what is said.
GIVING_NOTHING: list[tuple[dict[str, Any], bool, str]] = [
    ({"inline_policy": inline(ASSUME)}, True, ""),
    ({"inline_policy": inline(ASSUME, deny("s3:*"))}, True, ""),
    ({"inline_policy": inline(deny("s3:*"))}, False, ""),
    ({"inline_policy": inline(deny("*"), ASSUME)}, False, "inline_policy denies everything, whatever else allows it"),
    ({"inline_policy": inline(ASSUME, deny("sts:*"))}, False, "inline_policy denies all that it allows"),
    (
        {"inline_policy": inline(deny("sts:AssumeRole"))},
        True,
        "nobody gets into the roles that trust the set",
    ),
    ({"inline_policy": inline(ASSUME, deny("sts:*", conditions=NO_MFA))}, True, "inline_policy denies sts:AssumeRole"),
    ({"inline_policy": inline(ASSUME, NEEDS_MFA)}, False, "inline_policy cannot demand MFA, which sessions of"),
    ({}, False, ""),
    ({}, True, "no policy of the set allows sts:AssumeRole"),
    ({"managed_policies": [aws("ReadOnlyAccess")]}, True, "allow it on these roles in inline_policy"),
    ({"managed_policies": [aws("AdministratorAccess")]}, True, ""),
    ({"customer_managed_policies": ["Deploy"]}, True, ""),
]


def test_a_name_that_several_sets_have(app: cdk.App) -> None:
    """Of two organizations: the set that is assigned where people are trusted is the one that is meant."""
    for stage, account, allowed in (("Beta", DEV, False), ("Prod", PROD, True)):
        stack = cdk.Stack(cdk.Stage(app, stage), "Stack", env=cdk.Environment(account=account))
        document = inline(ASSUME) if allowed else None
        instance = f"arn:aws:sso:::instance/ssoins-{account}aaaa"
        audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=instance, inline_policy=document)
        audit.assign("Auditors", accounts=[account], principal_id=GROUP)
        if allowed:
            CrossAccountRole(
                stack, "Role", trusted=Trusted.permission_sets("Audit", accounts=[account]), mfa=False, role_name="R"
            )
    app.synth()
    assert not cdk.assertions.Annotations.from_stack(stack).find_warning("*", cdk.assertions.Match.any_value())


#: The inline policy of a set, what the role demands, and what is said of people who want to get into it.
ENTERED: list[tuple[iam.PolicyDocument, dict[str, Any], str]] = [
    (inline(on(READER)), {}, ""),
    (inline(on(f"arn:aws:iam::{PROD}:role/*")), {}, ""),
    (inline(on(READER.replace("Reader", "reader"))), {}, f"no policy of the set allows sts:AssumeRole on {READER}"),
    (inline(on(READER.replace(PROD, DEV))), {}, "no policy of the set allows sts:AssumeRole"),
    (
        inline(on("*"), deny("sts:AssumeRole", READER[:-3] + "*")),
        {},
        f"inline_policy denies sts:AssumeRole on {READER}",
    ),
    (inline(on("*"), deny("sts:AssumeRole", f"{READER}s")), {}, ""),
    (inline(on(READER)), {"session_tags": {"team": ["red"]}}, "no policy of the set allows sts:TagSession"),
    (inline(on(READER, "sts:TagSession")), {"session_tags": {"team": ["red"]}}, ""),
    (inline(on(READER, "sts:TagSession"), TEAM_BLUE), {"session_tags": {"team": ["red"]}}, "denies sts:AssumeRole"),
    (inline(on(READER, "sts:TagSession"), TEAM_BLUE), {"session_tags": {"team": ["blue"]}}, ""),
    (inline(on(READER)), {"source_identities": ["bob"]}, "no policy of the set allows sts:SetSourceIdentity"),
    # What an override calls it the plugin sees.
    (inline(on(READER)), {"role_name": None}, ""),
]


@pytest.mark.parametrize(("document", "demands", "said"), ENTERED)
def test_a_set_lets_people_into_the_role_that_trusts_them(
    app: cdk.App, document: iam.PolicyDocument, demands: dict[str, Any], said: str
) -> None:
    """By its name, as IAM compares it, and with what the role demands of the call."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=DEV, region="eu-central-1"))
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=PROD, region="eu-central-1"))
    audit = PermissionSet(hub, "Audit", name="Audit", instance_arn=INSTANCE, inline_policy=document)
    CrossAccountRole(
        own, "Role", trusted=audit.trusted(accounts=[DEV]), mfa=False, **{"role_name": "Reader", **demands}
    )
    if said:
        shown = f"people with the set 'Audit' do not get into Own/Role, which trusts them: .*{re.escape(said)}"
        with pytest.raises(RuntimeError, match=shown):
            app.synth()
    else:
        app.synth()


def test_a_finding_is_said_once_in_each_synthesis(app: cdk.App) -> None:
    """Who synthesizes an app again reads of each finding once."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=DEV, region="eu-central-1"))
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=PROD, region="eu-central-1"))
    audit = PermissionSet(hub, "Audit", name="Audit", instance_arn=INSTANCE, inline_policy=inline(on(READER)))
    CrossAccountRole(own, "Role", trusted=audit.trusted(accounts=[DEV]), mfa=False)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    for _ in range(2):
        with pytest.raises(RuntimeError):
            app.synth(force=True)
        report = (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8")
        assert report.count("people with the set 'Audit' do not get into Own/Role") == 1


def test_a_name_in_other_letters(app: cdk.App, stack: cdk.Stack) -> None:
    """IAM compares what the trust policy says of the name by letter."""
    PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, inline_policy=inline(ASSUME))
    CrossAccountRole(stack, "Role", trusted=Trusted.permission_sets("audit", accounts=[PROD]), mfa=False)
    said = cdk.assertions.Match.string_like_regexp("Stack/Role trusts who has the permission set 'audit', and the app")
    assert cdk.assertions.Annotations.from_stack(stack).find_warning("*", said)


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize(("given", "is_trusted", "said"), GIVING_NOTHING)
def test_a_set_gives_what_it_is_for(
    app: cdk.App, stack: cdk.Stack, given: dict[str, Any], is_trusted: bool, said: str, by_name: bool
) -> None:
    """A Deny counts whatever allows it, and a role that trusts an account lets in whom its own policies let out."""
    audit = PermissionSet(stack, "Audit", name="Audit", instance_arn=INSTANCE, **given)
    if is_trusted:
        where: dict[str, Any] = {"accounts": [PROD]}
        trusted = Trusted.permission_sets("Audit", **where) if by_name else audit.trusted(**where)
        CrossAccountRole(stack, "Role", trusted=trusted, mfa=False)
    if said:
        with pytest.raises(RuntimeError, match=re.escape(said)):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize(
    ("given", "accounts", "message"),
    [
        (
            {"customer_managed_policies": ["Restart"]},
            [DEV],
            "customer_managed_policies names the managed policy Restart",
        ),
        ({"customer_managed_policies": ["ops/restart"]}, [DEV], f"nobody makes in account {DEV}, .* write ops/Restart"),
        ({"permissions_boundary": "Restart"}, [PROD, DEV], "permissions_boundary names the managed policy Restart"),
        ({"customer_managed_policies": ["ops/Restart"]}, [DEV], None),
        # Of other names, and of what is elsewhere, nobody here knows.
        ({"customer_managed_policies": ["Deploy"]}, [DEV], None),
        ({"customer_managed_policies": ["Restart"]}, [PROD], None),
    ],
)
def test_a_policy_has_one_path_in_an_account(given: dict[str, Any], accounts: list[str], message: str | None) -> None:
    app = cdk.App(builtin_cloud_formation_validation=False)
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    iam.ManagedPolicy(dev, "Restart", managed_policy_name="Restart", path="/ops/", statements=[ASSUME])
    made = PermissionSet(hub, "Set", name="Audit", instance_arn=INSTANCE, **given)
    made.assign("People", accounts=accounts, principal_id=GROUP)
    if message is None:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=f"Hub/Set: .*{message}"):
        app.synth()
