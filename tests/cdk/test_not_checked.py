"""
What nobody has looked into, acknowledged by the author of a stack: it counts where the assembly keeps it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_servicecatalog as catalog
from constructs import Construct

import trustproof
from trustproof_cdk import CrossAccountRole, Trusted, TrustproofChecks

RULE = cdk.Acknowledgment(id="trustproof::not-checked", reason="somebody else proves it")


def placed(scope: Construct) -> dict[str, Construct]:
    """A stack with a stack nested in it whose template is elsewhere, and what is around."""
    stack = cdk.Stack(scope, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    properties = {"TemplateURL": "https://templates.s3.amazonaws.com/network.json"}
    nested = cdk.CfnResource(stack, "Nested", type="AWS::CloudFormation::Stack", properties=properties)
    return {"resource": nested, "stack": stack}


@pytest.mark.parametrize(
    ("at", "staged", "severity", "refused"),
    [
        ("resource", False, "error", None),
        ("stack", False, "error", None),
        ("resource", True, "error", None),
        ("app", False, "error", "what is acknowledged of the app does not count"),
        ("app", True, "error", "what is acknowledged of the app does not count"),
        ("stage", True, "error", "what is acknowledged of Stage does not count"),
        ("stack", False, "fatal", "nothing is proved: the nested stack Nested"),
    ],
)
def test_what_is_not_checked_is_acknowledged_in_a_stack(
    app: cdk.App, at: str, staged: bool, severity: str, refused: str | None
) -> None:
    """As findings are: what stands around the stacks is in no template, and with `fatal` nobody may acknowledge."""
    stage = cdk.Stage(app, "Stage") if staged else app
    around = {**placed(stage), "app": app, "stage": stage}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, strict=True, severity=severity))
    cdk.Validations.of(around[at]).acknowledge(RULE)
    # By itself, an app whose validation fails raises; the command line reads the report.
    with suppress(RuntimeError):
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    (checks,) = report["pluginReports"]
    fatal = [one["description"] for one in checks["violations"] if one["severity"] == "fatal"]
    in_stages = [one for one in checks["violations"] if one["ruleName"] == "in-stages"]
    assert (len(fatal), len(in_stages)) == ((0, 0) if refused is None else (1, int(staged)))
    assert refused is None or refused in fatal[0]


@pytest.mark.parametrize("at", ["", "policy", "stack"])
def test_policies_that_nobody_has_are_acknowledged(app: cdk.App, at: str) -> None:
    """An app of policies for permission sets and boundaries has nobody to ask about, and its author may say so."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    reading = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])
    around: dict[str, Construct] = {"stack": stack, "policy": iam.ManagedPolicy(stack, "Policy", statements=[reading])}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, strict=True))
    if at:
        cdk.Validations.of(around[at]).acknowledge(RULE)
    with suppress(RuntimeError):
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    found = [one for checks in report["pluginReports"] for one in checks["violations"]]
    assert [one["description"] for one in found if one["severity"] == "error"] == (
        [] if at else ["nothing is proved: Policy23B91518, attached to nobody"]
    )
    checked = trustproof.check([app.outdir], config={"template-waivers": True})
    assert len(checked.not_checked) == (0 if at else 1)
    assert checked.omissions[0].construct_path == "Stack/Policy/Resource"


class Product(catalog.ProductStack):
    """What users of a catalogue make: a role."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        CrossAccountRole(self, "Role", trusted=Trusted.accounts("222233334444"), role_name="Role")


def versions(stack: cdk.Stack, other: str | None) -> list[catalog.CloudFormationProductVersion]:
    """A product stack of the app, and another template."""
    templates = [catalog.CloudFormationTemplate.from_product_stack(Product(stack, "Product"))]
    if other is not None:
        templates.append(catalog.CloudFormationTemplate.from_url(other))
    return [
        catalog.CloudFormationProductVersion(cloud_formation_template=one, product_version_name=str(number))
        for number, one in enumerate(templates)
    ]


@pytest.mark.parametrize(
    ("other", "staged", "is_checked"),
    [(None, False, True), (None, True, True), ("https://templates.s3.amazonaws.com/network.json", False, False)],
)
def test_products_whose_templates_the_app_makes_are_checked(
    app: cdk.App, other: str | None, staged: bool, is_checked: bool
) -> None:
    """They stand in the assembly, and are judged there; one version that is elsewhere is one that nobody has read."""
    stack = cdk.Stack(cdk.Stage(app, "Stage") if staged else app, "Stack", env=cdk.Environment(account="222233334444"))
    catalog.CloudFormationProduct(
        stack, "Offer", product_name="role", owner="us", product_versions=versions(stack, other)
    )
    assembly = app.synth().directory
    report = trustproof.check([assembly])
    assert trustproof.PROVED in {one.verdict for one in report.results if "product" in one.template}
    assert ["the product" in str(one) for one in report.not_checked] == [True] * (not is_checked)
    # By itself, the template of the stack says nothing of it.
    (file,) = [str(one) for one in Path(assembly).rglob("*Stack*.template.json") if "product" not in one.name]
    assert ["the product" in str(one) for one in trustproof.check([file]).not_checked] == [True]


def test_a_product_of_an_earlier_synthesis_is_not_checked(app: cdk.App) -> None:
    """The CDK leaves its file in the assembly, where nobody reads it."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444"))
    catalog.CloudFormationProduct(
        stack, "Offer", product_name="role", owner="us", product_versions=versions(stack, None)
    )
    assembly = Path(app.synth().directory)
    assets = assembly / "Stack.assets.json"
    assets.rename(assembly / "Old.assets.json")
    assets.write_text('{"version": "36.0.0", "files": {}, "dockerImages": {}}', encoding="utf-8")
    assert ["the product" in str(one) for one in trustproof.check([str(assembly)]).not_checked] == [True]
