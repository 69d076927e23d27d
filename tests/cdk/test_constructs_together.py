"""
Constructs next to each other: what would not be deployed, or never work, only since another construct is there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match

from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    GitHubActionsRole,
    GitLabRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    OrganizationRole,
    PermissionSet,
    RoleChain,
    ThirdPartyRole,
    Trusted,
)

HUB, PROD, CHINA = "111122223333", "333344445555", "444455556666"
INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
WORKFLOW = "acme/ci/.github/workflows/deploy.yml@"


def stack_in(app: cdk.App, account: str | None, name: str, region: str = "eu-central-1") -> cdk.Stack:
    """A stack of an account; of one that only a deployment knows without."""
    env = None if account is None else cdk.Environment(account=account, region=region)
    return cdk.Stack(app, name, env=env)


def role(scope: cdk.Stack, name: str) -> CrossAccountRole:
    """A role of a name."""
    return CrossAccountRole(scope, "Role", trusted=Trusted.accounts(HUB), role_name=name)


@pytest.mark.parametrize(
    ("make", "second", "argument"),
    [
        (role, "admin", "role_name"),
        (role, "ADMIN", "role_name"),
        (lambda scope, name: MfaEnforcedGroup(scope, "Group", group_name=name), "Admin", "group_name"),
        (lambda scope, name: PermissionSet(scope, "Set", name=name, instance_arn=INSTANCE), "admin", "name"),
    ],
)
def test_a_name_is_taken_once_in_an_account(
    app: cdk.App, make: Callable[[cdk.Stack, str], object], second: str, argument: str
) -> None:
    """IAM compares names without case; the message has both constructs."""
    make(stack_in(app, PROD, "First"), "admin")
    with pytest.raises(ValueError, match=f"^{argument} must be another one than that of First/.*Second/"):
        make(stack_in(app, PROD, "Second"), second)


def test_conditions_may_leave_one_of_a_name(app: cdk.App) -> None:
    """A deployment has one of the two; one without a condition beside them is one too many."""
    stack = stack_in(app, PROD, "Stack")
    blue = cdk.CfnCondition(stack, "Blue", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-central-1"))
    first = role(stack, "admin")
    with pytest.raises(ValueError, match="where conditions leave one of the two, put one on the first"):
        CrossAccountRole(stack, "Second", trusted=Trusted.accounts(HUB), role_name="admin")
    for number, one in enumerate((first, None)):
        made = one or CrossAccountRole(stack, f"Other{number}", trusted=Trusted.accounts(HUB), role_name="Admin")
        resource = made.node.default_child
        assert isinstance(resource, iam.CfnRole)
        condition = cdk.CfnCondition(stack, f"Not{number}", expression=cdk.Fn.condition_not(blue))
        resource.cfn_options.condition = condition if number else blue
    app.synth()


def test_a_stage_is_warned_of_a_name_of_the_app_around(app: cdk.App) -> None:
    """Whatever the stage is called."""
    role(stack_in(app, PROD, "Stack"), "admin")
    role(stack_in(cdk.Stage(app, "Green"), PROD, "Stack"), "admin")  # type: ignore[arg-type]
    (message,) = app.synth().get_nested_assembly("assembly-Green").stacks[0].messages
    assert str(message.entry.data).startswith("the app makes a role called 'admin'")


@pytest.mark.parametrize("account", [PROD, HUB])
@pytest.mark.parametrize("around", ["", "Pipeline"])
def test_stages_of_one_account_that_make_one_name_are_warned_of(app: cdk.App, account: str, around: str) -> None:
    """Each is deployed by itself, and the second is refused by AWS; in two accounts there are two; so in a pipeline."""
    scope: Any = stack_in(app, HUB, around) if around else app
    if around:
        role(scope, "pipeline")
    role(stack_in(cdk.Stage(scope, "Blue"), PROD, "Stack"), "admin")  # type: ignore[arg-type]
    green = stack_in(stage := cdk.Stage(scope, "Green"), account, "Stack")  # type: ignore[arg-type]
    role(green, "Admin")
    (made,) = app.synth().get_nested_assembly(stage.artifact_id).stacks
    messages = [str(one.entry.data) for one in made.messages]
    blue, other = (f"{around}/{name}" if around else name for name in ("Blue", "Green"))
    told = f"{blue} makes a role called 'Admin' in account 333344445555 too, where AWS takes a name once: {other} can"
    assert [one for one in messages if told in one] == messages
    assert len(messages) == (account == PROD)


@pytest.mark.parametrize("plain", ["Blue", "Green"])
def test_a_name_that_the_cdk_takes_in_another_stage_is_warned_of(app: cdk.App, plain: str) -> None:
    """Whichever of the two stages has the role of this library says it."""
    for name in ("Blue", "Green"):
        there = stack_in(cdk.Stage(app, name), PROD, "Stack")  # type: ignore[arg-type]
        if name == plain:
            iam.Role(there, "Plain", role_name="Admin", assumed_by=iam.AccountPrincipal(HUB))
        else:
            role(there, "admin")
    ours = "Green" if plain == "Blue" else "Blue"
    (message,) = app.synth().get_nested_assembly(f"assembly-{ours}").stacks[0].messages
    assert str(message.entry.data).startswith(f"{plain} makes a role called 'admin' in account {PROD} too")


def test_a_name_may_be_taken_in_every_account(app: cdk.App) -> None:
    """Also in stacks whose account only a deployment knows."""
    for number, account in enumerate((HUB, PROD, None, None)):
        role(stack_in(app, account, f"Stack{number}"), "admin")


@pytest.mark.parametrize(
    "make",
    [
        lambda scope, entry: RoleChain(scope, "Chain", entry=entry),
        lambda scope, entry: AssumeRoleGrant(scope, "Grant", target_roles=[entry]),
        lambda scope, entry: CrossAccountRole(scope, "Role", trusted=Trusted.roles(entry), mfa=False),
    ],
)
def test_nothing_goes_to_another_partition(app: cdk.App, make: Callable[[cdk.Stack, iam.IRole], object]) -> None:
    """Roles are refused as their ARNs are."""
    entry = role(stack_in(app, CHINA, "China", "cn-north-1"), "entry")
    with pytest.raises(ValueError, match="partition aws"):
        make(stack_in(app, PROD, "Here"), entry)


@pytest.mark.parametrize("given", [{}, {"source_identity": True}, {"session_tags": True}])
def test_a_grant_has_what_its_roles_demand(app: cdk.App, given: dict[str, bool]) -> None:
    """AWS STS refuses a call that passes tags or a source identity, and is not allowed to."""
    target = CrossAccountRole(
        stack_in(app, PROD, "There"),
        "Role",
        trusted=Trusted.accounts(HUB),
        role_name="tagged",
        source_identities=["${aws:username}"],
        session_tags={"team": ["*"]},
    )
    here = stack_in(app, HUB, "Here")
    with pytest.raises(ValueError, match=r"must be True for There/Role, which demands it"):
        AssumeRoleGrant(here, "Lacking", target_roles=[target], **given)
    AssumeRoleGrant(here, "Grant", target_roles=[target], session_tags=True, source_identity=True)


def test_a_provider_has_the_audience_of_its_roles(app: cdk.App) -> None:
    """AWS STS refuses a token that is made out to nobody whom the provider knows."""
    here = stack_in(app, PROD, "Here")
    provider = iam.OidcProviderNative(here, "Provider", url="https://gitlab.com", client_ids=["https://gitlab.com"])
    with pytest.raises(ValueError, match="audience must be one that the provider Here/Provider/Resource has"):
        GitLabRole(
            here, "Other", group="a", project="b", branches=["main"], provider=provider, audience="sts.amazonaws.com"
        )
    GitLabRole(here, "Role", group="a", project="b", branches=["main"], provider=provider)


@pytest.mark.parametrize("later", [False, True])
def test_a_provider_without_audiences_lets_nobody_in(app: cdk.App, later: bool) -> None:
    """The CDK makes one with none where it is told none; they may be given after the role was made."""
    here = stack_in(app, PROD, "Here")
    provider = iam.OidcProviderNative(here, "Provider", url="https://gitlab.com")
    GitLabRole(here, "Role", group="a", project="b", branches=["main"], provider=provider)
    if later:
        resource = provider.node.default_child
        assert isinstance(resource, iam.CfnOIDCProvider)
        resource.client_id_list = ["https://gitlab.com"]
        app.synth()
        return
    message = "the provider Here/Provider/Resource has no client_ids, .*: give it 'https://gitlab.com'"
    with pytest.raises(RuntimeError, match=message):
        app.synth()


@pytest.mark.parametrize(("registered", "works"), [("sts.amazonaws.com", True), ("https://github.com/acme", False)])
def test_the_provider_of_the_stack_is_found(app: cdk.App, registered: str, works: bool) -> None:
    """A role without a provider of its own has that of its issuer in the account, whichever was made first."""
    here = stack_in(app, PROD, "Here")
    GitHubActionsRole(here, "Role", organization="acme", repository="shop", branches=["main"])
    iam.OidcProviderNative(here, "Provider", url="https://token.actions.githubusercontent.com", client_ids=[registered])
    if works:
        app.synth()
        return
    with pytest.raises(RuntimeError, match="audience must be one that the provider Here/Provider/Resource has"):
        app.synth()


@pytest.mark.parametrize(
    ("account", "registered", "said"),
    [
        (PROD, "sts.amazonaws.com", ""),
        (PROD, "other", "Here/Role: audience must be one that the provider Net/There/Provider/Resource has"),
        (HUB, "other", ""),
    ],
)
def test_the_provider_of_another_stack_is_found(app: cdk.App, account: str, registered: str, said: str) -> None:
    """IAM has one of an issuer in an account, in whichever stage and Region it was made."""
    here = stack_in(app, PROD, "Here")
    GitHubActionsRole(here, "Role", organization="acme", repository="shop", branches=["main"])
    there = cdk.Stack(cdk.Stage(app, "Net"), "There", env=cdk.Environment(account=account, region="us-east-1"))
    issuer = "https://token.actions.githubusercontent.com"
    iam.OidcProviderNative(there, "Provider", url=issuer, client_ids=[registered])
    if not said:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=said):
        app.synth()


def test_a_provider_of_who_knows_which_account_is_warned_of(app: cdk.App) -> None:
    """Two stacks without an account may be deployed to one."""
    here, there = cdk.Stack(app, "Here"), cdk.Stack(app, "There")
    GitHubActionsRole(here, "Role", organization="acme", repository="shop", branches=["main"])
    issuer = "https://token.actions.githubusercontent.com"
    iam.OidcProviderNative(there, "Provider", url=issuer, client_ids=["other"])
    app.synth()
    assert Annotations.from_stack(here).find_warning("/Here/Role", Match.string_like_regexp(".* in one account"))


@pytest.mark.parametrize(
    ("ref", "works"),
    [
        ("refs/heads/main", True),
        ("refs/tags/v*", True),
        ("refs/pull/7/merge", True),
        ("1" * 40, True),
        ("*", True),
        ("refs/*", True),
        ("main", False),
        ("v1", False),
        ("main*", False),
        ("1234567", False),
    ],
)
def test_a_reusable_workflow_has_its_full_ref(app: cdk.App, ref: str, works: bool) -> None:
    """GitHub writes the whole ref, or the SHA of a commit, into the claim."""
    given = {"organization": "acme", "repository": "shop", "branches": ["main"]}
    here = stack_in(app, PROD, "Here")
    if works:
        GitHubActionsRole(here, "Role", job_workflow_refs=[WORKFLOW + ref], **given)
        return
    with pytest.raises(ValueError, match=f"@refs/heads/{ref.replace('*', '.')}"):
        GitHubActionsRole(here, "Role", job_workflow_refs=[WORKFLOW + ref], **given)


@pytest.mark.parametrize("values", ["eu-centrall-1", ["eu-central-1", "eu-centrall-1"]])
@pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "ForAnyValue:StringLike"])
def test_a_region_of_a_condition_exists(app: cdk.App, operator: str, values: str | list[str]) -> None:
    """Also in conditions of one's own: no request is to a Region that is misspelt, and none is kept from it."""
    here = stack_in(app, PROD, "Here")
    with pytest.raises(ValueError, match="did you mean 'eu-central-1'"):
        CrossAccountRole(
            here,
            "Role",
            trusted=Trusted.accounts(HUB),
            conditions={operator: {"aws:RequestedRegion": values}},
        )
    conditions = {"StringLike": {"aws:RequestedRegion": ["eu-*", cdk.Aws.REGION, "us-east-1"]}}
    CrossAccountRole(here, "Role", trusted=Trusted.accounts(HUB), conditions=conditions)


def test_external_ids_are_different_ones(app: cdk.App) -> None:
    """One that is given twice was meant to be another one."""
    with pytest.raises(ValueError, match="external_ids must be different ones"):
        ThirdPartyRole(
            stack_in(app, PROD, "Here"),
            "Vendor",
            vendor="Observability",
            trusted=Trusted.accounts(HUB),
            external_ids=["f3a1c2d4-development", "f3a1c2d4-development"],
        )


@pytest.mark.parametrize("year", [2020, 9999])
def test_an_end_that_is_past_is_said(app: cdk.App, year: int) -> None:
    """Nobody gets in any more, which is no error, and may be forgotten."""
    here = stack_in(app, PROD, "Here")
    end = datetime(year, 1, 1, tzinfo=UTC)
    CrossAccountRole(here, "Role", trusted=Trusted.accounts(HUB), valid_until=end)
    JustInTimeRole(here, "Soon", users=[f"arn:aws:iam::{HUB}:user/ann"], valid_until=end, approval="T-1")
    found = Annotations.from_stack(here).find_warning("*", Match.string_like_regexp("valid_until is past"))
    assert len(found) == (2 if year == 2020 else 0)


@pytest.mark.parametrize("same_stack", [True, False])
def test_a_stack_set_is_deployed_after_whom_its_role_trusts(app: cdk.App, same_stack: bool) -> None:
    """IAM refuses to trust who does not exist, in each account of the units."""
    hub = stack_in(app, HUB, "Hub")
    users = hub if same_stack else stack_in(app, HUB, "Users")
    ann = iam.User(users, "Ann", user_name="ann")
    found = OrganizationRole(
        hub,
        "Audit",
        organizational_units=["ou-ab12-11111111"],
        role=lambda stack: CrossAccountRole(stack, "Role", trusted=Trusted.users(ann), role_name="audit"),
    )
    assert same_stack or users in hub.dependencies
    assert not same_stack or [one.node.path for one in found.obtain_dependencies()] == ["Hub/Ann/Resource"]
    Annotations.from_stack(hub).has_no_warning("*", Match.string_like_regexp("deploy the stage"))
