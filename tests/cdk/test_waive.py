"""
`waive`, and what is acknowledged: in the template, in synthesis and in the gate, by the same rules.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

import trustproof
from trustproof_cdk import TrustproofChecks, waive

TODAY = date(2026, 11, 26)
TRUSTING = {"boundary": {"accounts": ["111122223333"]}, "template-waivers": True}
#: Without it, only the configuration waives.
DISTRUSTING = {"boundary": {"accounts": ["111122223333"]}}
SETTLED = {"mfa-required": {"waivable": False}}
#: What the project lets nobody waive, everywhere and in some templates.
SETTLING = ({"properties": SETTLED}, {"override": [{"paths": ["*.template.json"], "properties": SETTLED}]})


def open_role(stack: cdk.Stack) -> iam.Role:
    """A role that users without MFA may assume."""
    return iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))


def of_mfa(app: cdk.App, config: dict[str, Any], jobs: int = 1) -> list[trustproof.Result]:
    """What the gate says of the assembly about MFA, and about waivers."""
    report = trustproof.check([app.synth(force=True).directory], config=config, today=TODAY, jobs=jobs)
    return [one for one in report.results if one.property in ("mfa-required", "waiver-unused", "waiver-expired")]


def acknowledge(scope: Any, ident: str = "mfa-required") -> None:
    """As the CDK lets the author of a stack do it."""
    cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=f"trustproof::{ident}", reason="moves in March"))


def test_a_waiver_is_written_at_the_role(stack: cdk.Stack) -> None:
    """The template says what is waived, why, by whom and until when."""
    role = open_role(stack)
    waive(role, "mfa-required", reason="moves in March", owner="platform", expires=date(2027, 3, 31))
    waive(role.node.default_child, "no-confused-deputy", reason="an old service")
    (resource,) = cdk.assertions.Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert resource["Metadata"]["trustproof"]["waivers"] == [
        {"property": "mfa-required", "reason": "moves in March", "owner": "platform", "expires": "2027-03-31"},
        {"property": "no-confused-deputy", "reason": "an old service"},
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_it_counts_where_the_project_lets_it(app: cdk.App, stack: cdk.Stack, jobs: int) -> None:
    """With `template-waivers` the finding stays, with its reason, and fails nothing; without, it fails."""
    waive(open_role(stack), "mfa-required", reason="moves in March", expires="2027-03-31")
    (found,) = of_mfa(app, TRUSTING, jobs)
    assert found.verdict == "refuted"
    assert found.suppression is not None
    assert (found.suppression.reason, found.suppression.expires) == ("moves in March", "2027-03-31")
    (found,) = of_mfa(app, DISTRUSTING, jobs)
    assert found.suppression is None


def test_a_waiver_of_a_bucket_says_where_its_policy_was_found(app: cdk.App, stack: cdk.Stack) -> None:
    """What the CDK makes in a resource of its own is waived there."""
    bucket = s3.Bucket(stack, "Reports")
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject"],
            resources=[bucket.arn_for_objects("*")],
            principals=[iam.AccountPrincipal("444455556666")],
        )
    )
    waive(bucket, "inside-boundary", reason="a partner reads them")
    report = trustproof.check([app.synth(force=True).directory], config=TRUSTING, today=TODAY)
    (found,) = [one.message for one in report.results if one.property == "waiver-unused"]
    (at,) = [one.logical_id for one in report.results if one.property == "inside-boundary" and one.verdict == "refuted"]
    assert at.startswith("ReportsPolicy")
    assert found.endswith(f"is about nothing that was found: it was found at {at}")


@pytest.mark.parametrize(("config", "passes"), [(TRUSTING, True), (DISTRUSTING, False)])
def test_it_counts_in_synthesis(app: cdk.App, stack: cdk.Stack, config: dict[str, Any], passes: bool) -> None:
    """The plugin reads the waiver as the gate does."""
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    waive(open_role(stack), "mfa-required", reason="moves in March")
    if passes:
        app.synth()
    else:
        lacking = "does not count: the configuration does not say template-waivers = true"
        with pytest.raises(RuntimeError, match=lacking):
            app.synth()


@pytest.mark.parametrize("strict", [False, True])
def test_that_a_waiver_has_expired_cannot_be_acknowledged(app: cdk.App, stack: cdk.Stack, strict: bool) -> None:
    """The gate would find it all the same, so synthesis neither takes it nor advises it."""
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=TRUSTING, strict=strict))
    role = open_role(stack)
    waive(role, "mfa-required", reason="moved", expires="2026-03-31")
    for one in ("mfa-required", "waiver-expired", "waiver-unused"):
        acknowledge(role, one)
    with pytest.raises(RuntimeError) as failure:
        app.synth()
    assert "waiver-expired" in str(failure.value)
    assert "Acknowledge with 'trustproof::waiver-expired'" not in str(failure.value)


@pytest.mark.parametrize("said", SETTLING, ids=["everywhere", "override"])
def test_synthesis_says_what_cannot_be_waived(app: cdk.App, stack: cdk.Stack, said: dict[str, object]) -> None:
    """Of a property that the project lets nobody waive, the message says so."""
    config = {**TRUSTING, **said}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    waive(open_role(stack), "mfa-required", reason="moves in March")
    with pytest.raises(RuntimeError, match="mfa-required is declared with waivable = false"):
        app.synth()


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_acknowledged_is_waived(app: cdk.App, stack: cdk.Stack, jobs: int) -> None:
    """An acknowledgment counts in the gate as it does in synthesis, of everything below the construct."""
    open_role(stack)
    acknowledge(stack)
    (found,) = of_mfa(app, TRUSTING, jobs)
    assert found.suppression is not None
    assert found.suppression.reason == "moves in March"
    (found,) = of_mfa(app, DISTRUSTING, jobs)
    assert found.suppression is None


def test_another_construct_is_not_acknowledged(app: cdk.App, stack: cdk.Stack) -> None:
    """An acknowledgment says nothing of what stands beside the construct, even if the names begin alike."""
    open_role(stack)
    iam.Role(stack, "OpenToo", assumed_by=iam.AccountPrincipal("111122223333"))
    acknowledge(stack.node.find_child("Open"))
    acknowledge(stack.node.find_child("Open"), "saml-audience-bound")
    waived = {one.logical_id: one.suppression is not None for one in of_mfa(app, TRUSTING)}
    assert list(waived.values()) == [True, False]


@pytest.mark.parametrize("said", SETTLING, ids=["everywhere", "override"])
def test_what_may_not_be_waived_cannot_be_acknowledged(app: cdk.App, stack: cdk.Stack, said: dict[str, object]) -> None:
    """`waivable = false` holds in synthesis too: the violation is fatal, which the CDK lets nobody acknowledge."""
    config = {**TRUSTING, **said}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    acknowledge(open_role(stack))
    with pytest.raises(RuntimeError, match="mfa-required"):
        app.synth()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"property_id": "mfa"}, ValueError, "property_id must be one of 'mfa-required'"),
        ({"reason": " "}, ValueError, "reason must be a text that is not empty"),
        ({"owner": 7}, TypeError, "owner must be a text that is not empty, got 7"),
        ({"expires": "soon"}, ValueError, "expires must be a date or a day like '2027-01-31', got 'soon'"),
        ({"expires": datetime(2027, 1, 1)}, TypeError, "expires must be a date"),
        ({"construct": "Open"}, TypeError, "construct must be a resource, or a construct with a main resource"),
    ],
)
def test_refuses(stack: cdk.Stack, arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    """Wrong arguments fail where they are given."""
    given = {"construct": open_role(stack), "property_id": "mfa-required", "reason": "moves", **arguments}
    with pytest.raises(error, match=message):
        waive(given.pop("construct"), given.pop("property_id"), **given)


def test_a_construct_without_a_main_resource_is_refused(stack: cdk.Stack) -> None:
    """A stack has many resources: the author says which."""
    with pytest.raises(TypeError, match="name the role, the policy or the bucket"):
        waive(stack, "mfa-required", reason="moves")


def test_what_is_imported_is_not_waived(stack: cdk.Stack) -> None:
    """Its findings are where it is made."""
    role = iam.Role.from_role_name(stack, "Imported", "Deployer")
    with pytest.raises(TypeError, match=r"got 'Stack/Imported': .* what is imported is waived where it is made"):
        waive(role, "mfa-required", reason="moves in March")


def test_an_invariant_is_waived_like_any_other_property(app: cdk.App, stack: cdk.Stack) -> None:
    """Its name is the configuration's to say; what cannot be one is refused."""
    waive(open_role(stack), "invariant-nobody-gets-in", reason="moves in March")
    invariant = {"name": "nobody-gets-in", "resources": ["Open*"], "accounts": []}
    found = trustproof.check([app.synth().directory], config={**TRUSTING, "invariant": [invariant]}, today=TODAY)
    (one,) = (one for one in found.results if one.property == "invariant-nobody-gets-in")
    assert one.verdict == "refuted"
    assert one.suppression is not None
    for wrong in ("invariant-", "invariant-A b", "invariant-a-", "invariantx"):
        with pytest.raises(ValueError, match="property_id must be"):
            waive(stack.node.find_child("Open"), wrong, reason="moves in March")
