"""
Users, groups, roles, policies, providers and topics of this app in another account or Region, wherever they can be
given: a template that can be deployed, or an error with the argument, the construct and what to do.
"""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any
from zlib import crc32

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

import trustproof_cdk
from tests.cdk.federated import METADATA
from tests.cdk.generated import ACCOUNT
from tests.cdk.samples import SAMPLES, call, placed
from tests.strategies import one_in
from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassAlarm,
    CrossAccountRole,
    MfaEnforcedGroup,
    MfaPolicy,
    RoleChain,
    Trusted,
    TrustproofChecks,
)
from trustproof_cdk._roles.role import RoleOptions, TrustingRole

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated. its name is:DeprecationWarning")

OWN = cdk.Environment(account=ACCOUNT, region="eu-central-1")
ELSEWHERE = {
    "account": cdk.Environment(account="333344445555", region="eu-central-1"),
    "Region": cdk.Environment(account=ACCOUNT, region="us-east-1"),
}
#: How something is called: by CloudFormation, by its author, by the CDK when it is needed, or by a deployment.
NAMES: dict[str, Callable[[cdk.Stack], str | None]] = {
    "unnamed": lambda _: None,
    "named": lambda _: "Named",
    "generated": lambda _: cdk.PhysicalName.GENERATE_IF_NEEDED,
    "parameter": lambda stack: cdk.CfnParameter(stack, "Name").value_as_string,
}
#: Whom the samples of roles for tokens have them made for.
AUDIENCES = ["aws", "aws.workload.identity", "https://gitlab.com", "sts.amazonaws.com"]
#: Makes something in a stack that has a name.
Make = Callable[[cdk.Stack, "str | None"], Any]

MAKE: dict[str, Make] = {
    "iam.IRole": lambda stack, name: iam.Role(
        stack, "Made", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), role_name=name
    ),
    "iam.IUser": lambda stack, name: iam.User(stack, "Made", user_name=name),
    "iam.IGroup": lambda stack, name: iam.Group(stack, "Made", group_name=name),
    "iam.IManagedPolicy": lambda stack, name: iam.ManagedPolicy(
        stack,
        "Made",
        managed_policy_name=name,
        statements=[iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])],
    ),
    "iam.ISamlProvider": lambda stack, name: iam.SamlProvider(
        stack, "Made", metadata_document=iam.SamlMetadataDocument.from_xml(METADATA), name=name
    ),
    "sns.ITopic": lambda stack, name: sns.Topic(stack, "Made", topic_name=name),
    "Provider": lambda stack, name: iam.OidcProviderNative(
        stack, "Made", url="https://idp.example.com", oidc_provider_name=name, client_ids=AUDIENCES
    ),
}

#: Arguments that take such an object but say so in another way; and whose samples cannot have it beside the rest.
TRUSTED: list[tuple[str, str, str]] = [
    ("CrossAccountRole", "trusted", "iam.IUser"),
    ("CrossAccountRole", "trusted", "iam.IRole"),
    ("ThirdPartyRole", "trusted", "iam.IRole"),
]
#: What is changed where it is, and nothing else refers to.
IN_PLACE = {"require_mfa", "waive", "OrganizationRole"}


def _arguments() -> list[tuple[str, str, str]]:
    """Construct, argument and kind, as the signatures of all that is exported say it."""
    found = list(TRUSTED)
    for name in sorted(SAMPLES.keys() - IN_PLACE):
        exported = getattr(trustproof_cdk, name)
        made = inspect.unwrap(exported.__init__ if isinstance(exported, type) else exported)
        annotations = {one.name: str(one.annotation) for one in inspect.signature(made).parameters.values()}
        if isinstance(exported, type) and issubclass(exported, TrustingRole):
            annotations |= {key: str(value) for key, value in RoleOptions.__annotations__.items()}
        for argument, annotation in annotations.items():
            kinds = [kind for kind in MAKE if re.search(rf"(?<![\w.]){re.escape(kind)}\b", annotation)]
            found += [(name, argument, kind) for kind in kinds]
    return found


#: Names that constructs of the CDK do not take themselves.
_NEVER = {("iam.ISamlProvider", "generated"), ("Provider", "generated")}


@functools.cache
def _known(name: str) -> list[set[str]]:
    """The arguments of each sample: which they are, every stack is told alike."""
    probe = cdk.Stack(cdk.App(), "Probe")
    return [set(sample(cdk.Stack(probe, f"Sample{n}"))) for n, sample in enumerate(SAMPLES[name])]


def _given(name: str, argument: str, kind: str, stack: cdk.Stack, entity: object) -> dict[str, Any]:
    """The arguments of a sample that has the argument, with the object in it."""
    number = next((n for n, known in enumerate(_known(name)) if argument in known), 0)
    given = SAMPLES[name][number](stack)
    if argument == "trusted":
        factory = Trusted.users if kind == "iam.IUser" else Trusted.roles
        given = {"trusted": call(factory, entity)}
        return given | (
            {"vendor": "V", "external_id": "id"} if name == "ThirdPartyRole" else {"mfa": kind != "iam.IRole"}
        )
    if kind == "Provider":
        # Its issuer is its own, and is that of no build server.
        given = {key: value for key, value in given.items() if key not in ("issuer", "claims", "claim_patterns")}
    single = argument in ("entry", "alarm_topic", "provider", "permissions_boundary")
    return given | {argument: entity if single else [entity]}


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_references, value))
    if not isinstance(value, dict):
        return set()
    if value.keys() == {"Ref"}:
        return set() if value["Ref"].startswith("AWS::") else {value["Ref"]}
    if value.keys() == {"Fn::GetAtt"}:
        return {value["Fn::GetAtt"][0]}
    return _references(list(value.values()))


@pytest.mark.parametrize(("name", "argument", "kind"), _arguments())
def test_an_object_of_another_environment(name: str, argument: str, kind: str, tmp_path: Path) -> None:
    """Whatever its name: nothing dangles, and nothing but a `ValueError` that has the argument refuses it."""
    app = cdk.App(outdir=str(tmp_path / "out"), builtin_cloud_formation_validation=False, tree_metadata=False)
    said: list[str] = []
    cases = [case for case in product(ELSEWHERE, NAMES) if (kind, case[1]) not in _NEVER]
    # Other ones for each argument, so that all are looked at.
    for where, called in one_in(3, cases, crc32(f"{name} {argument}".encode())):
        stage = cdk.Stage(app, f"{where}-{called}")
        own, other = cdk.Stack(stage, "Own", env=OWN), cdk.Stack(stage, "Other", env=ELSEWHERE[where])
        entity = MAKE[kind](other, NAMES[called](other))
        try:
            placed(name, own, _given(name, argument, kind, own, entity))
        except ValueError as error:
            said.append(str(error))
    # What has an old name is checked by its new one.
    named = re.compile(rf"\b{argument.removeprefix('source_')}\b")
    assert [one for one in said if not named.search(one) or "Token[" in one] == []
    app.synth()
    for path in (tmp_path / "out").rglob("*.template.json"):
        template = json.loads(path.read_text())
        known = {*template.get("Resources", {}), *template.get("Parameters", {})}
        assert _references(template.get("Resources", {})) <= known


def test_a_generated_name_of_a_chain_is_in_the_policy_of_its_entry(app: cdk.App) -> None:
    """The CDK makes it for whoever refers to the role from another account, which is that policy only."""
    hub, workload = cdk.Stack(app, "Hub", env=ELSEWHERE["account"]), cdk.Stack(app, "Workload", env=OWN)
    entry = CrossAccountRole(hub, "Entry", trusted=Trusted.accounts(ACCOUNT), role_name="Entry")
    RoleChain(workload, "Target", entry=entry, role_name=cdk.PhysicalName.GENERATE_IF_NEEDED, path="/ops/")
    assembly = app.synth()
    made = assembly.get_stack_by_name("Workload").template["Resources"].values()
    (name,) = (one["Properties"]["RoleName"] for one in made if one["Type"] == "AWS::IAM::Role")
    assert f":iam::{ACCOUNT}:role/ops/{name}" in json.dumps(assembly.get_stack_by_name("Hub").template)


@pytest.mark.parametrize("called", ["named", "generated"])
@pytest.mark.parametrize("renamed", [False, True])
def test_references_over_regions_are_names(app: cdk.App, called: str, renamed: bool) -> None:
    """Also where the CDK would carry them over by a custom resource: whoever reads the template sees who is meant."""
    entries, targets = (
        cdk.Stack(app, name, env=env, cross_region_references=True)
        for name, env in (("Entries", ELSEWHERE["Region"]), ("Targets", OWN))
    )
    given = NAMES[called](entries)
    entry = CrossAccountRole(entries, "Entry", trusted=Trusted.accounts(ACCOUNT), role_name=given, path="/ops/")
    user = iam.User(entries, "Ann", user_name="ann")
    RoleChain(targets, "Chain", entry=entry)
    CrossAccountRole(targets, "Trusting", trusted=Trusted.users(user))
    if renamed:
        resource = entry.node.default_child
        assert isinstance(resource, iam.CfnRole)
        resource.role_name = "After"
        with pytest.raises(RuntimeError, match="is called 'After', by an Aspect or an override"):
            app.synth()
        return
    assembly = app.synth()
    made = assembly.get_stack_by_name("Entries").template["Resources"].values()
    (name,) = (one["Properties"]["RoleName"] for one in made if one["Type"] == "AWS::IAM::Role")
    text = json.dumps(assembly.get_stack_by_name("Targets").template)
    assert f":iam::{ACCOUNT}:role/ops/{name}" in text
    assert f":iam::{ACCOUNT}:user/ann" in text
    assert f'"Roles": ["{name}"]' in text
    assert "Custom::" not in text
    assert "Entries" in {one.id for one in assembly.get_stack_artifact(targets.artifact_id).dependencies}


@pytest.mark.parametrize("construct", ["group", "policy"])
def test_what_is_attached_over_regions_is_deployed_after_its_holders(app: cdk.App, construct: str) -> None:
    """There is only a name, and IAM attaches nothing to who does not exist."""
    people, policies = cdk.Stack(app, "People", env=ELSEWHERE["Region"]), cdk.Stack(app, "Policies", env=OWN)
    user = iam.User(people, "Ann", user_name="ann")
    if construct == "group":
        MfaEnforcedGroup(policies, "Group", users=[user])
    else:
        MfaPolicy(policies, "Policy", actions=["s3:GetObject"], resources=["*"], users=[user])
    artifact = app.synth().get_stack_artifact(policies.artifact_id)
    assert "People" in {one.id for one in artifact.dependencies}
    assert '["ann"]' in json.dumps(artifact.template)


def test_what_an_aspect_calls_otherwise_is_found(app: cdk.App) -> None:
    """A name over Regions is a text, which follows nobody who renames a group."""
    people, policies = cdk.Stack(app, "People", env=ELSEWHERE["Region"]), cdk.Stack(app, "Policies", env=OWN)
    group = iam.Group(people, "Group", group_name="before")
    MfaPolicy(policies, "Policy", actions=["s3:GetObject"], resources=["*"], groups=[group])
    resource = group.node.default_child
    assert isinstance(resource, iam.CfnGroup)
    resource.group_name = "after"
    with pytest.raises(RuntimeError, match="is called 'after', by an Aspect or an override"):
        app.synth()


@pytest.mark.parametrize(
    ("refers", "given", "later", "referred"),
    [
        ("grant", None, "/team/", "Role"),
        ("grant", "/ours/", "/team/", "ours/Role"),
        ("grant", "/ours/", "/ours/", None),
        ("grant", None, None, None),
        ("chain", None, "/team/", "Role"),
        ("trust", None, "/team/", "Role"),
        ("grant by its ARN", None, "/team/", "Role"),
        ("trust by its ARN", None, "/team/", "Role"),
        # What is attached goes by the name.
        ("attachment", None, "/team/", None),
    ],
)
def test_a_path_that_an_aspect_gives_is_found(
    app: cdk.App, refers: str, given: str | None, later: str | None, referred: str | None
) -> None:
    """An ARN over accounts is a text as well, with the path of the constructor; nobody would get in by it."""
    elsewhere = cdk.Stack(app, "Elsewhere", env=ELSEWHERE["Region" if refers == "attachment" else "account"])
    own = cdk.Stack(app, "Own", env=OWN)
    service = iam.ServicePrincipal("ec2.amazonaws.com")
    role = iam.Role(elsewhere, "Role", role_name="Role", path=given, assumed_by=service)
    resource = role.node.default_child
    named = role.role_arn if refers.endswith("ARN") else role
    if refers.startswith("grant"):
        AssumeRoleGrant(own, "Grant", target_roles=[named], groups=[iam.Group(own, "People")])
    elif refers == "chain":
        RoleChain(own, "Chain", entry=role, role_name="Chain")
    elif refers.startswith("trust"):
        CrossAccountRole(own, "Trusting", trusted=Trusted.roles(named), mfa=False)
    else:
        group = iam.Group(elsewhere, "Group", group_name="Group")
        MfaPolicy(own, "Policy", actions=["s3:GetObject"], resources=["*"], groups=[group])
        resource = group.node.default_child
    assert isinstance(resource, iam.CfnRole | iam.CfnGroup)
    if later is not None:
        resource.path = later
    if referred is None:
        app.synth()
        return
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    assert f"Elsewhere/Role/Resource has the path {later!r}, by an Aspect or an override" in str(failed.value)
    assert f"refers to it as {referred!r}: give it its path in its constructor" in str(failed.value)


def test_a_role_that_is_still_to_be_looked_up_passes(app: cdk.App) -> None:
    """The CDK looks it up between two syntheses, of which the first one must come to its end."""
    own = cdk.Stack(app, "Own", env=OWN)
    found = [iam.Role.from_lookup(own, name, role_name=name) for name in ("Entry", "Target", "Builder", "Watched")]
    RoleChain(own, "Chain", entry=found[0], role_name="Chain")
    AssumeRoleGrant(own, "Grant", target_roles=[found[1]], groups=[iam.Group(own, "People")])
    CrossAccountRole(own, "Trusting", trusted=Trusted.roles(found[2]), mfa=False)
    BreakGlassAlarm(own, "Alarm", roles=[found[3]], alarm_topic=sns.Topic(own, "Topic"))
    manifest = json.loads((Path(app.synth().directory) / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["missing"]) == 4


@pytest.mark.parametrize("known", ["elsewhere", "both", "neither"])
@pytest.mark.parametrize("construct", ["chain", "grant", "trust", "alarm"])
def test_who_is_of_a_stack_without_an_account_is_warned_of(app: cdk.App, construct: str, known: str) -> None:
    """CloudFormation makes the account of the reader of it, where another one would be meant."""
    environment = None if known == "neither" else OWN
    own = cdk.Stack(app, "Own", env=environment)
    other = cdk.Stack(app, "Other", env=OWN if known == "both" else None)
    role = iam.Role(other, "Role", role_name="Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    if construct == "chain":
        RoleChain(own, "Chain", entry=role, role_name="Chain")
    elif construct == "grant":
        AssumeRoleGrant(own, "Grant", target_roles=[role], groups=[iam.Group(own, "People")])
    elif construct == "trust":
        CrossAccountRole(own, "Trusting", trusted=Trusted.roles(role), mfa=False)
    else:
        BreakGlassAlarm(own, "Alarm", roles=[role], alarm_topic=sns.Topic(own, "Topic"))
    messages = [str(one.entry.data) for stack in app.synth().stacks for one in stack.messages]
    said = [one for one in messages if "is of a stack without an account" in one]
    assert len(said) == (1 if known == "elsewhere" else 0)
    for message in said:
        assert (
            f"Other/Role/Resource is of a stack without an account, and is taken to be of account {ACCOUNT}" in message
        )


@pytest.mark.parametrize(
    ("overridden", "said"),
    [
        ("RoleName", "Elsewhere/Role/Resource is called 'after', by an Aspect or an override"),
        ("Path", "Elsewhere/Role/Resource has the path 'after', by an Aspect or an override"),
        ("Description", None),
    ],
)
def test_a_name_or_path_that_an_override_gives_is_found_by_the_gate(
    app: cdk.App, overridden: str, said: str | None
) -> None:
    """An override stands in the template only, when no construct is asked any more."""
    own, elsewhere = cdk.Stack(app, "Own", env=OWN), cdk.Stack(app, "Elsewhere", env=ELSEWHERE["account"])
    role = iam.Role(elsewhere, "Role", role_name="Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    CrossAccountRole(own, "Trusting", trusted=Trusted.roles(role), mfa=False)
    resource = role.node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.add_property_override(overridden, "after")
    config = {"boundary": {"accounts": [ACCOUNT, "333344445555"]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    if said is None:
        app.synth()
        return
    with pytest.raises(RuntimeError, match="construct-unchanged") as failed:
        app.synth()
    assert f"Own/Trusting: {said}" in " ".join(str(failed.value).split())


@pytest.mark.parametrize("carrying", [False, True])
@pytest.mark.parametrize("name", ["alice", None])
def test_who_has_no_name_over_regions_is_said(app: cdk.App, carrying: bool, name: str | None) -> None:
    """The CDK carries the ARN over, by a custom resource whose value the gate does not decide: a name is what helps."""
    people, targets = (
        cdk.Stack(app, called, env=env, cross_region_references=carrying)
        for called, env in (("People", ELSEWHERE["Region"]), ("Targets", OWN))
    )
    user = iam.User(people, "User", user_name=name)
    if name is None and not carrying:
        with pytest.raises(ValueError, match="give it a user_name"):
            CrossAccountRole(targets, "Role", trusted=Trusted.users(user))
        return
    CrossAccountRole(targets, "Role", trusted=Trusted.users(user))
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Targets").messages]
    about = [one for one in said if "People/User/Resource has no user_name" in one]
    assert ["give it a user_name" in one for one in about] == ([] if name else [True])
