"""
`TrustproofChecks`: how results of the validator become a report of the CDK.
"""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from weakref import WeakSet

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_ssm as ssm
from aws_cdk import cloud_assembly_schema as schema
from constructs import Construct

import trustproof
from tests.output.builders import FakeSources
from trustproof.errors import InputError, TemplateError
from trustproof.model.request import USER_KEY, Caller, Request
from trustproof.results.edit import set_value
from trustproof.results.omissions import Omission
from trustproof.results.report import Report
from trustproof.results.result import Counterexample, Remedy, Result, Suppression
from trustproof_cdk import CrossAccountRole, OrganizationRole, Trusted, TrustproofChecks
from trustproof_cdk._synthesis import check_process, walk
from trustproof_cdk.checks import describe

ALICE = "arn:aws:iam::111122223333:user/alice"
ROLE = "arn:aws:iam::222233334444:role/Open"
TRUST = ("Properties", "AssumeRolePolicyDocument", "Statement", 0)

#: The paths of templates.
Templates = list[str]


def report_of(results: list[Result], *errors: InputError, omissions: tuple[Omission, ...] = ()) -> Report:
    """What the validator returns."""
    return Report(tuple(results), 1, len(results), (), errors, (), FakeSources({}), omissions=omissions)


class Validator:
    """Stands in for the validator: remembers the question, and gives the prepared answer."""

    def __init__(self) -> None:
        self.assemblies: list[str] | None = None
        self.config: object = None
        self.answer: Callable[[Templates], list[Result]] = lambda _: []
        self.omissions: tuple[Omission, ...] = ()

    def check(self, assemblies: list[str], *, config: object = None, today: object = None) -> Report:
        assert self.assemblies is None, "it is asked once"
        self.assemblies, self.config = assemblies, config
        found = [str(path) for one in assemblies for path in sorted(Path(one).rglob("*.template.json"))]
        try:
            return report_of(self.answer(found), omissions=self.omissions)
        except InputError as error:
            return report_of([], error)


@pytest.fixture
def validator(monkeypatch: pytest.MonkeyPatch) -> Validator:
    """The validator, replaced."""
    double = Validator()
    monkeypatch.setattr(trustproof, "check", double.check)
    monkeypatch.setattr(trustproof, "InputError", InputError, raising=False)
    return double


def result(template: str, logical_id: str, **changes: Any) -> Result:
    """A refuted property of a role."""
    request = Request(Caller(USER_KEY, ALICE), "sts:AssumeRole", ROLE, {})
    found = Result(
        property="mfa-required",
        verdict="refuted",
        severity="error",
        template=template,
        logical_id=logical_id,
        resource_type="AWS::IAM::Role",
        construct_path=None,
        account="222233334444",
        path=("Resources", logical_id, *TRUST),
        message="a request without MFA may assume the role",
        counterexample=Counterexample(
            caller=ALICE,
            credentials="IAM user, long-term access key, no MFA",
            action="sts:AssumeRole",
            resource=ROLE,
            context={"aws:MultiFactorAuthPresent": None, "aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            parameters={"Hub": "111122223333"},
            request=request,
        ),
        why=("there is no condition on MFA",),
        remedy=Remedy(
            "demand MFA", (set_value((*TRUST, "Condition"), None, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),)
        ),
    )
    return found._replace(**changes)


def synthesized(app: cdk.App) -> dict[str, Any]:
    """Synthesize an app that must not pass, and give the validation report and what was said."""
    with pytest.raises(RuntimeError) as error:
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    return {"said": str(error.value), "report": report["pluginReports"][0]}


def logical_id(role: iam.Role) -> str:
    """The logical id of a role's resource."""
    resource = role.node.default_child
    assert isinstance(resource, iam.CfnRole)
    found: str = cdk.Stack.of(role).resolve(resource.logical_id)
    return found


def test_asks_once_for_all_stacks(app: cdk.App, validator: Validator) -> None:
    """One question about the assembly, which has the templates of all stacks, stages and nested stacks."""
    environment = cdk.Environment(account="222233334444", region="eu-central-1")
    child = cdk.NestedStack(cdk.Stack(app, "Parent", env=environment), "Child")
    agnostic = cdk.Stack(cdk.Stage(app, "Prod"), "Agnostic")
    for stack in (child, agnostic):
        iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    config = {"boundary": {"accounts": ["111122223333"]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    assembly = app.synth()
    assert validator.assemblies == [assembly.directory]
    assert validator.config == trustproof.read_config(config)


def test_stages_without_a_stack_beside_them_are_asked_about_together(app: cdk.App, validator: Validator) -> None:
    """Each stage has an assembly of its own, and one question is about all of them."""
    for name in ("Test", "Prod"):
        stack = cdk.Stack(cdk.Stage(app, name), "Access")
        iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    directory = Path(app.synth().directory)
    assert validator.assemblies == [str(directory / "assembly-Prod"), str(directory / "assembly-Test")]


def test_what_an_earlier_synthesis_has_left_is_not_of_this_one(tmp_path: Path) -> None:
    """A stack that goes from the app leaves its template in the directory, and fails no synthesis."""
    for names in (("Gone", "Kept"), ("Kept",)):
        app = cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
        for name in names:
            principal = (
                iam.AccountPrincipal("111122223333") if name == "Gone" else iam.ServicePrincipal("ec2.amazonaws.com")
            )
            iam.Role(cdk.Stack(app, name), "Role", assumed_by=principal)
        if names == ("Kept",):
            cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, strict=True))
        app.synth()
    assert (tmp_path / "cdk.out" / "Gone.template.json").is_file()
    report = trustproof.check([tmp_path / "cdk.out"], config={})
    assert [path for path, _ in report.left_over] == [str(tmp_path / "cdk.out" / "Gone.template.json")]


def test_a_resource_that_says_nothing_is_left_out() -> None:
    """A trust policy stands on its role, so the request of its counterexample is about no resource by name."""
    found = result("S.template.json", "Open")
    assert found.counterexample is not None
    nameless = found._replace(counterexample=found.counterexample._replace(resource="*"))
    assert (
        describe(nameless).split("\n   ")[1] == f"{ALICE} (IAM user, long-term access key, no MFA) calls sts:AssumeRole"
    )


def test_refuted_property_fails_synthesis(app: cdk.App, stack: cdk.Stack, validator: Validator) -> None:
    """The report names the construct, the request that gets in, and the change that would stop it."""
    role = iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.answer = lambda templates: [result(templates[0], logical_id(role))]
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    outcome = synthesized(app)
    assert "Stack/Open/Resource" in outcome["said"]
    (violation,) = outcome["report"]["violations"]
    assert violation["ruleName"] == "mfa-required"
    assert violation["severity"] == "error"
    assert violation["description"].split("\n   ") == [
        "a request without MFA may assume the role",
        f"{ALICE} (IAM user, long-term access key, no MFA) calls sts:AssumeRole on {ROLE}",
        "aws:MultiFactorAuthPresent is absent",
        'aws:PrincipalOrgID is "o-a1b2c3d4e5"',
        "where Hub is 111122223333",
        "there is no condition on MFA",
    ]
    assert violation["suggestedFix"] == 'demand MFA\n+ "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}'
    assert violation["ruleMetadata"]["caller"] == ALICE
    (construct,) = violation["violatingConstructs"]
    assert construct["constructPath"] == "Stack/Open/Resource"
    assert construct["cloudFormationResource"]["propertyPaths"] == ["Properties.AssumeRolePolicyDocument.Statement.0"]


def test_role_in_a_nested_stack_is_named(app: cdk.App, stack: cdk.Stack, validator: Validator) -> None:
    """The construct path of a nested stack's role is found too."""
    role = iam.Role(cdk.NestedStack(stack, "Child"), "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.answer = lambda templates: [result(templates[1], logical_id(role))]
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    assert "Stack/Child/Open/Resource" in synthesized(app)["said"]


@pytest.mark.parametrize(
    ("changes", "strict"),
    [
        ({"verdict": "proved"}, False),
        ({"verdict": "unknown", "severity": "warning"}, False),
        ({"severity": "warning"}, False),
    ],
)
def test_other_results_pass(
    app: cdk.App, stack: cdk.Stack, validator: Validator, changes: dict[str, Any], strict: bool
) -> None:
    """What is proved, unknown or only a warning does not stop a deployment."""
    role = iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.answer = lambda templates: [result(templates[0], logical_id(role), **changes)]
    cdk.Validations.of(app).add_plugins(TrustproofChecks(strict=strict))
    app.synth()


def test_strict_fails_on_unknown(app: cdk.App, stack: cdk.Stack, validator: Validator) -> None:
    """With strict, what could not be decided fails too, and says what would resolve it."""
    role = iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    unknown = {"verdict": "unknown", "counterexample": None, "remedy": None, "reasons": ("declare a boundary",)}
    validator.answer = lambda templates: [result(templates[0], logical_id(role), **unknown)]
    cdk.Validations.of(app).add_plugins(TrustproofChecks(strict=True))
    assert "declare a boundary" in synthesized(app)["said"]


@pytest.mark.parametrize(("severity", "passes"), [("warning", False), ("note", True)])
@pytest.mark.parametrize("verdict", ["unknown", "refuted"])
def test_strict_fails_on_what_check_strict_fails_on(
    app: cdk.App, stack: cdk.Stack, validator: Validator, verdict: str, severity: str, passes: bool
) -> None:
    """With strict a warning fails, as on the command line, and a note does not."""
    role = iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.answer = lambda templates: [result(templates[0], logical_id(role), verdict=verdict, severity=severity)]
    cdk.Validations.of(app).add_plugins(TrustproofChecks(strict=True))
    if passes:
        app.synth()
    else:
        assert "a request without MFA may assume the role" in synthesized(app)["said"]


def test_strict_fails_on_a_real_unknown(app: cdk.App, stack: cdk.Stack) -> None:
    """An account that only a deployment knows is unknown, which the validator calls a warning."""
    trusted = cdk.CfnParameter(stack, "Hub").value_as_string
    CrossAccountRole(stack, "Role", trusted=Trusted.accounts(trusted))
    config = {"boundary": {"accounts": ["111122223333"]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, strict=True))
    assert "Hub" in synthesized(app)["said"]


def said_in_passing(app: cdk.App) -> list[tuple[str, str, str]]:
    """Synthesize an app that passes, and give the rule, the severity and the description of all that is said of it."""
    app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    found = [one for plugin in report["pluginReports"] for one in plugin["violations"]]
    # A note has no place among the severities of the CDK.
    return [(one["ruleName"], one.get("customSeverity", one["severity"]), one["description"]) for one in found]


def parameter(stack: cdk.Stack) -> None:
    CrossAccountRole(stack, "Role", trusted=Trusted.accounts(cdk.CfnParameter(stack, "Hub").value_as_string))


def macro(stack: cdk.Stack) -> None:
    stack.add_transform("MyMacro")
    CrossAccountRole(stack, "Role", trusted=Trusted.accounts("111122223333"))


@pytest.mark.parametrize("make", [parameter, macro])
def test_what_is_not_decided_is_said(app: cdk.App, stack: cdk.Stack, make: Callable[[cdk.Stack], None]) -> None:
    """Without strict the synthesis passes, and says of each result what the command says, with its severity."""
    make(stack)
    config = {"boundary": {"accounts": ["111122223333"]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    said = said_in_passing(app)
    results = trustproof.check([app.outdir], config=config).results
    undecided = [(one.property, one.severity, describe(one)) for one in results if one.verdict == "unknown"]
    assert said == undecided
    assert "warning" in {severity for _, severity, _ in said}


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("staged", [False, True])
def test_a_synthesis_that_still_looks_things_up_is_not_judged(tmp_path: Path, strict: bool, staged: bool) -> None:
    """What the CDK has made up would be refuted, and it would never look the values up; with them it is judged."""
    env = cdk.Environment(account="222233334444", region="eu-central-1")

    def made(name: str, context: dict[str, str]) -> cdk.App:
        outdir = str(tmp_path / name)
        app = cdk.App(outdir=outdir, builtin_cloud_formation_validation=False, context=context)
        stack = cdk.Stack(cdk.Stage(app, "Stage") if staged else app, "Stack", env=env)
        vendor = ssm.StringParameter.value_from_lookup(stack, "/vendor")
        iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal(vendor))
        config = {"boundary": {"accounts": ["111122223333"]}}
        cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, strict=strict, severity="fatal"))
        return app

    ((rule, severity, said),) = said_in_passing(made("first", {}))
    assert (rule, severity) == ("not-checked", "warning")
    assert said.startswith("nothing is proved yet: the CDK is still to look up")
    key = "ssm:account=222233334444:parameterName=/vendor:region=eu-central-1"
    assert "444455556666" in synthesized(made("second", {key: "444455556666"}))["said"]


@pytest.mark.parametrize(
    ("context", "is_judged"), [({}, False), ({"it": "x"}, True), ({"it": {"$providerError": "refused"}}, True)]
)
def test_what_was_looked_up_and_is_asked_for_again_is_judged(
    tmp_path: Path, context: dict[str, Any], is_judged: bool
) -> None:
    """The command line gives up on it and deploys what there is: who asks for ever would be judged never."""
    app = cdk.App(outdir=str(tmp_path / "out"), builtin_cloud_formation_validation=False, context=context)
    env = cdk.Environment(account="222233334444", region="eu-central-1")
    stack = cdk.Stack(app, "Stack", env=env)
    iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal("444455556666"))
    place = {"account": "222233334444", "region": "eu-central-1", "parameterName": "/it"}
    stack.report_missing_context_key(key="it", provider=schema.ContextProvider.SSM_PARAMETER_PROVIDER, props=place)
    config = {"boundary": {"accounts": ["111122223333"]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    if is_judged:
        assert "444455556666" in synthesized(app)["said"]
    else:
        ((rule, _, _),) = said_in_passing(app)
        assert rule == "not-checked"


def test_hints_are_those_of_an_app(app: cdk.App, stack: cdk.Stack) -> None:
    """The synthesis has no options to give a value with, so the hint names the app, or the command with its options."""
    parameter(stack)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["111122223333"]}}))
    ((_, _, description),) = said_in_passing(app)
    assert "give the value of" not in description
    assert f"write it into the app, or prove it for a value: trustproof check {app.outdir} --parameter Hub=VALUE" in (
        description
    )


def test_a_name_with_the_region_says_what_makes_it_known(app: cdk.App, stack: cdk.Stack) -> None:
    """The role of an environment-agnostic stack; in one with an environment it is proved."""
    config = {"boundary": {"accounts": ["111122223333"]}}
    for scope in (stack, cdk.Stack(app, "Placed", env=cdk.Environment(account="222233334444", region="eu-central-1"))):
        CrossAccountRole(scope, "Role", trusted=Trusted.accounts("111122223333"), role_name=f"R-{cdk.Aws.REGION}")
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    for rule, _, description in said_in_passing(app):
        assert rule == "mfa-survives-chaining"
        assert "depends on AWS::Region, which env=cdk.Environment(region=...) of the stack says" in description


@pytest.mark.parametrize("strict", [True, False])
def test_strict_fails_on_what_is_not_checked(
    app: cdk.App, stack: cdk.Stack, validator: Validator, strict: bool
) -> None:
    """With strict, what nothing is proved about fails, as on the command line."""
    iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.omissions = (Omission("", "a template that is not at hand"),)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(strict=strict))
    if strict:
        assert "nothing is proved: a template that is not at hand" in synthesized(app)["said"]
    else:
        assert said_in_passing(app) == [("not-checked", "warning", "nothing is proved: a template that is not at hand")]


@pytest.mark.parametrize(("severity", "passes"), [("error", True), ("fatal", False)])
def test_acknowledged(app: cdk.App, stack: cdk.Stack, validator: Validator, severity: str, passes: bool) -> None:
    """A refuted property can be accepted with a reason, unless the plugin says that it cannot."""
    role = iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.answer = lambda templates: [result(templates[0], logical_id(role))]
    cdk.Validations.of(app).add_plugins(TrustproofChecks(severity=severity))
    cdk.Validations.of(role).acknowledge(cdk.Acknowledgment(id="trustproof::mfa-required", reason="accepted"))
    if passes:
        app.synth()
    else:
        assert "a request without MFA may assume the role" in synthesized(app)["said"]


def test_what_the_configuration_waives_does_not_fail_synthesis(
    app: cdk.App, stack: cdk.Stack, validator: Validator
) -> None:
    """A waiver of the project holds for the synthesis too, also where the author of a stack may acknowledge nothing."""
    role = iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    waived = Suppression("waiver", "moving")
    validator.answer = lambda templates: [result(templates[0], logical_id(role), suppression=waived)]
    cdk.Validations.of(app).add_plugins(TrustproofChecks(severity="fatal"))
    app.synth()


def test_unreadable_template_fails_synthesis(app: cdk.App, stack: cdk.Stack, validator: Validator) -> None:
    """Nothing is proved about what cannot be read, so it does not pass."""

    def refuse(templates: Templates) -> list[Result]:
        raise TemplateError("duplicate key 'Statement'", templates[0], 12, 3)

    iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    validator.answer = refuse
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    said = synthesized(app)["said"]
    assert "nothing is proved: " in said
    assert "Stack.template.json:12:3: duplicate key 'Statement'" in said


def test_stacks_without_resources_are_left_out(app: cdk.App, validator: Validator) -> None:
    """There is nothing in them, and nothing to ask in an app of such stacks only."""
    cdk.Stack(app, "Empty")
    validator.answer = lambda templates: [result(templates[0], "Open")]
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    app.synth()
    assert validator.assemblies is None


def test_constructor_refuses() -> None:
    """A severity that would let everything pass is not one."""
    with pytest.raises(ValueError, match="severity must be one of 'error', 'fatal', got 'info'"):
        TrustproofChecks(severity="info")


@pytest.mark.parametrize(
    ("positional", "given", "said"),
    [
        ((), {"confg": {}}, "TrustproofChecks has no argument 'confg'; did you mean 'config'?"),
        ((), {"fail_on": "error"}, "TrustproofChecks has no argument 'fail_on'; it has config, jobs, severity, strict"),
        (("trustproof.toml",), {}, "TrustproofChecks takes its arguments by name, got 'trustproof.toml' without one"),
    ],
)
def test_arguments_that_it_does_not_have(positional: tuple[str, ...], given: dict[str, Any], said: str) -> None:
    """They are named with the nearest one that it has."""
    with pytest.raises(TypeError) as error:
        TrustproofChecks(*positional, **given)
    assert str(error.value) == said


def test_a_reason_for_long_sessions_is_enough(app: cdk.App) -> None:
    """The construct asks for it, and with it the plugin lets the role pass; nothing else of the role is let pass."""
    stack = cdk.Stack(app, "Long", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["111122223333"]}}))
    given: Any = {"max_session_duration": cdk.Duration.hours(8), "session_duration_reason": "Restores take a day"}
    CrossAccountRole(stack, "Ours", trusted=Trusted.accounts("111122223333"), **given)
    app.synth()
    CrossAccountRole(stack, "Theirs", trusted=Trusted.accounts("999900001111"), **given)
    with pytest.raises(RuntimeError, match="inside-boundary"):
        app.synth(force=True)


def _made(stack: cdk.Stack, by: str) -> CrossAccountRole:
    role = CrossAccountRole(stack, "Ours", trusted=Trusted.accounts("111122223333"), role_name="Ours")
    _lengthened(role, by)
    return role


def _lengthened(role: iam.Role, by: str) -> None:
    made = role.node.default_child
    assert isinstance(made, iam.CfnRole)
    if by == "override":
        made.add_property_override("MaxSessionDuration", 43_200)
    else:
        made.max_session_duration = 43_200


@pytest.mark.parametrize("by", ["property", "override"])
@pytest.mark.parametrize(
    ("made", "config", "fails"),
    [
        ("ours", {}, True),
        ("everywhere", {}, True),
        ("plain", {}, False),
        # The project has said how long is meant, or that nobody is to be told.
        ("ours", {"max-seconds": 43_200}, False),
        ("ours", {"severity": "note"}, False),
        ("acknowledged", {}, False),
    ],
)
def test_longer_sessions_without_a_reason(app: cdk.App, by: str, made: str, config: Any, fails: bool) -> None:
    """What a constructor refuses is no way round it: the role was made for an hour."""
    stack = cdk.Stack(app, "Long", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    said = {"boundary": {"accounts": ["111122223333"]}}
    declared = {**said, "properties": {"session-duration-bounded": config}} if config else said
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=declared))
    if made == "everywhere":
        OrganizationRole(stack, "All", organizational_units=["ou-ab12-11111111"], role=lambda inner: _made(inner, by))
    elif made == "plain":
        _lengthened(iam.Role(stack, "Plain", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")), by)
    else:
        role = _made(stack, by)
        if made == "acknowledged":
            reason = cdk.Acknowledgment(id="trustproof::session-duration-bounded", reason="restores take half a day")
            cdk.Validations.of(role).acknowledge(reason)
    with (
        pytest.raises(RuntimeError, match="by a construct that asks for a session_duration_reason")
        if fails
        else nullcontext()
    ):
        app.synth()


VENDOR = """
[boundary]
accounts = ["111122223333"]

[[third-party]]
name = "Observability Inc."
accounts = ["444455556666"]
"""


def vendor_role(stack: cdk.Stack) -> iam.Role:
    """A role that a vendor's account assumes with an external id, and that no person does."""
    return iam.Role(stack, "Vendor", assumed_by=iam.AccountPrincipal("444455556666"), external_ids=["0815-4711"])


def test_declarations_are_those_of_the_command_line(
    app: cdk.App, stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vendor that trustproof.toml declares, in a directory above, is held to the external id, and not to MFA."""
    (tmp_path / "trustproof.toml").write_text(VENDOR, encoding="utf-8")
    (tmp_path / "deployment").mkdir()
    monkeypatch.chdir(tmp_path / "deployment")
    vendor_role(stack)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(strict=True))
    app.synth()


def test_file_may_be_passed(app: cdk.App, stack: cdk.Stack, tmp_path: Path) -> None:
    """A file of another name, wherever it is."""
    (tmp_path / "production.toml").write_text(VENDOR, encoding="utf-8")
    vendor_role(stack)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=tmp_path / "production.toml", strict=True))
    app.synth()


def test_collector_is_as_it_was(app: cdk.App, stack: cdk.Stack) -> None:
    """How often garbage is collected is the program's to say, and what it said holds again after the validation."""
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    vendor_role(stack)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    try:
        gc.set_threshold(1_234, 5, 6)
        app.synth()
        assert gc.get_threshold() == (1_234, 5, 6)
        assert gc.get_freeze_count() <= frozen
    finally:
        gc.set_threshold(*before)


def test_empty_mapping_declares_nothing(
    app: cdk.App, stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever files there are: the same vendor is then a stranger, whose people come without MFA."""
    (tmp_path / "trustproof.toml").write_text(VENDOR, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    vendor_role(stack)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, strict=True))
    assert "444455556666" in synthesized(app)["said"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[boundary]\nacounts = ["111122223333"]\n', 'trustproof.toml:2: unknown key "acounts" in [boundary]'),
        ("[boundary\n", "trustproof.toml:1:10: not valid TOML"),
    ],
)
def test_bad_configuration_fails_synthesis(
    app: cdk.App, stack: cdk.Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    """What is wrong in the file is said with its line, and nothing is proved without what it declares."""
    (tmp_path / "trustproof.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    vendor_role(stack)
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    assert f"nothing is proved: {said}" in synthesized(app)["said"]


@pytest.mark.parametrize("strict", ["no", None, 1])
def test_strict_is_a_decision(strict: Any) -> None:
    """A text or nothing decides nothing."""
    with pytest.raises(TypeError, match=f"strict must be True or False, got {strict!r}"):
        TrustproofChecks(strict=strict)


@pytest.mark.parametrize(
    ("jobs", "error", "said"),
    [
        ("2", TypeError, "jobs must be a whole number, got '2'"),
        (True, TypeError, "jobs must be a whole number, got True"),
        (0, ValueError, "jobs must be at least 1, got 0"),
    ],
)
def test_jobs_are_a_number_of_processes(jobs: Any, error: type[Exception], said: str) -> None:
    """As of the command."""
    with pytest.raises(error, match=said):
        TrustproofChecks(jobs=jobs)


@pytest.mark.parametrize("jobs", [None, 1, 3])
def test_a_large_app_is_checked_by_other_processes(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch, jobs: int | None
) -> None:
    """One that asks for none has none; what is refuted fails the synthesis either way."""
    monkeypatch.setattr(check_process, "_MANY", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    asked: list[int | None] = []

    class Process(trustproof.CheckProcess):
        def __init__(self, *, jobs: int | None = None) -> None:
            asked.append(jobs)
            super().__init__(jobs=jobs)

    monkeypatch.setattr(trustproof, "CheckProcess", Process)
    for name in ("One", "Two"):
        iam.Role(cdk.Stack(app, name), "Open", assumed_by=iam.AnyPrincipal())
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, jobs=jobs))
    found = synthesized(app)
    assert asked == ([] if jobs == 1 else [jobs])
    assert "Any AWS principal" in found["said"] or "inside-boundary" in found["said"]


def test_the_process_is_started_before_the_templates_are_written(app: cdk.App, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the app is seen to be large, and once: by then it has imported what it needs."""
    monkeypatch.setattr(walk, "_EXPECTING", WeakSet())
    monkeypatch.setattr(check_process, "_MANY", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    there: list[bool] = []

    class Process(trustproof.CheckProcess):
        def __init__(self, *, jobs: int | None = None) -> None:
            there.append(Path(app.outdir, "One.template.json").exists())
            super().__init__(jobs=jobs)

    monkeypatch.setattr(trustproof, "CheckProcess", Process)
    for name in ("One", "Two"):
        CrossAccountRole(cdk.Stack(app, name), "Role", trusted=Trusted.accounts("444455556666"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    app.synth()
    assert there == [False]


@pytest.mark.parametrize(("cores", "most"), [(1, None), (2, 200), (4, 100), (8, 50), (64, 50)])
def test_processes_are_started_where_they_are_done_sooner(
    monkeypatch: pytest.MonkeyPatch, cores: int, most: int | None
) -> None:
    """With few cores an app has to be larger for them."""
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    asked: list[str] = []

    class Process:
        def __init__(self, **_: object) -> None:
            pass

        def check(self, *_: object, **__: object) -> None:
            asked.append("process")

    monkeypatch.setattr(trustproof, "check", lambda *_, **__: asked.append("check"))
    monkeypatch.setattr(trustproof, "CheckProcess", Process)
    own = check_process.AppCheck(None)
    for size in (most - 1, most) if most else (10_000,):
        own.report(["cdk.out"], size, config=trustproof.read_config({}), meanwhile=list)
    assert asked == (["check", "process"] if most else ["check"])


def test_configuration_of_another_kind_is_refused() -> None:
    """The message says what is accepted."""
    with pytest.raises(TypeError, match=r"config must be a file, a trustproof.Config or a mapping .* got 3"):
        TrustproofChecks(config=3)  # type: ignore[arg-type]


def access(scope: Construct) -> None:
    """Two stacks that speak of each other, one of them with a nested stack."""
    environment = cdk.Environment(account="222233334444", region="eu-central-1")
    policies, people = (cdk.Stack(scope, name, env=environment) for name in ("Policies", "People"))
    administer = iam.PolicyStatement(actions=["iam:*"], resources=["*"])
    policy = iam.ManagedPolicy(policies, "Administer", statements=[administer])
    nested = cdk.NestedStack(people, "Contractors")
    iam.User(people, "Alice", managed_policies=[policy])
    iam.User(nested, "Bob", managed_policies=[policy])
    entry = iam.Role(policies, "Entry", assumed_by=iam.AccountPrincipal("222233334444"), role_name="entry")
    iam.Role(people, "Target", assumed_by=iam.ArnPrincipal(entry.role_arn))
    iam.Role(nested, "Open", assumed_by=iam.AccountPrincipal("999900001111"))


def test_the_plugin_says_what_the_command_says(app: cdk.App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of stacks and stages that import from each other, what fails the synthesis is what the report on it refutes."""
    monkeypatch.chdir(tmp_path)
    access(app)
    access(cdk.Stage(app, "Prod"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}))
    shown = [one for one in synthesized(app)["report"]["violations"] if one["violatingConstructs"]]
    said = {(one["ruleName"], one["severity"], one["description"], one.get("suggestedFix")) for one in shown}
    report = trustproof.check([app.outdir], config={})
    found = [one for one in report.results if one.verdict != "proved"]
    assert said == {
        (one.property, one.severity, describe(one), None if one.remedy is None else str(one.remedy)) for one in found
    }
    for stage in ("", "Prod/"):
        whom = [f"user {stage}People/Alice", f"user {stage}People/Contractors/Bob"]
        assert any(all(who in description for who in whom) for _, _, description, _ in said)


@pytest.mark.parametrize(
    "text",
    [
        "[[waiver]]\n",
        "Resources:\n  Open:\n    Type: AWS::IAM::Role\n",
        "\ufeff{}",
        '{"Resources": {"Open": {"Metadata": ["a"]}}}',
        '{"Resources": {"Open": {"Metadata": {"trustproof": {"waivers": ["a"]}}}}}',
        None,
    ],
)
def test_findings_are_said_whatever_file_they_are_in(
    app: cdk.App, stack: cdk.Stack, validator: Validator, tmp_path: Path, text: str | None
) -> None:
    """A finding about a configuration, or about the YAML of a nested stack, is said, and so are the others."""
    role = iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal("111122223333"))
    other = tmp_path / "other"
    if text is not None:
        other.write_text(text, encoding="utf-8")
    validator.answer = lambda templates: [result(str(other), "Open"), result(templates[0], logical_id(role))]
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    found = synthesized(app)["report"]["violations"]
    assert len([one for one in found if one["ruleName"] == "mfa-required"]) == 2


def test_expired_waivers_and_nested_yaml_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration of the directory is read, and what is wrong in it is a finding beside those in templates."""
    monkeypatch.chdir(tmp_path)
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Stack")
    waiver = (
        '[[waiver]]\nproperty = "mfa-required"\nreason = "r"\nresource = "Stack/Role/Resource"\nexpires = 2026-01-01\n'
    )
    (tmp_path / "trustproof.toml").write_text(waiver, encoding="utf-8")
    nested = tmp_path / "nested.yaml"
    nested.write_text(
        "Resources:\n  Open:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n"
        "        Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: sts:AssumeRole}]\n",
        encoding="utf-8",
    )
    cdk.CfnStack(stack, "Nested", template_url=assets.Asset(stack, "Asset", path=str(nested)).http_url)
    iam.Role(stack, "Role", assumed_by=iam.AccountPrincipal("111122223333"))
    cdk.Validations.of(app).add_plugins(TrustproofChecks())
    found = [one["ruleName"] for one in synthesized(app)["report"]["violations"]]
    assert found.count("mfa-required") == 2
    assert "waiver-expired" in found


def test_a_plugin_that_nobody_refers_to_is_asked(app: cdk.App, stack: cdk.Stack) -> None:
    """The CDK keeps it: what Python would collect is still there when the app is synthesized."""
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["222233334444"]}}))
    iam.Role(stack, "Open", assumed_by=iam.AccountPrincipal("111122223333"))
    gc.collect()
    with pytest.raises(RuntimeError, match=r"gets Open.* without MFA"):
        app.synth()


def test_what_is_described_is_safe_to_print() -> None:
    """The values of a request are of a template: none begins a line of the log, or is a command in one."""
    hostile = "x\n::error::y ##vso[task.complete]z \x1b[31m"
    found = Counterexample(hostile, hostile, hostile, hostile, {hostile: hostile}, {hostile: hostile}, _REQUEST)
    for line in describe(result("t.json", "R", message=hostile, counterexample=found, why=(hostile,))).split("\n"):
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
        assert "##vso" not in line


_REQUEST = Request(Caller(USER_KEY, ALICE), "sts:AssumeRole", ROLE, {})
