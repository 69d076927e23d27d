"""
`TrustproofChecks` and `trustproof check` say the same of one assembly with one configuration, and let the same pass.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cli.program import called
from trustproof_cdk import TrustproofChecks, waive

HUB, OWN = "111122223333", "222233334444"
RULE = "mfa-required"
#: A finding: its property, what it is to the project, the template and the resource.
Finding = tuple[str, str, str, str]


class Access(NamedTuple):
    """An app whose roles nobody has finished yet."""

    app: cdk.App
    stack: cdk.Stack
    nested: cdk.NestedStack
    stage: cdk.Stage
    staged: cdk.Stack
    roles: list[iam.Role]
    provider: iam.OidcProviderNative


def made(folder: Path) -> Access:
    """Roles without MFA: in a stack, in one that is nested in it, and in a stage; a user, and an issuer."""
    app = cdk.App(outdir=str(folder / "cdk.out"), builtin_cloud_formation_validation=False)
    place = cdk.Environment(account=OWN, region="eu-central-1")
    stack = cdk.Stack(app, "Access", env=place)
    nested = cdk.NestedStack(stack, "Inner")
    stage = cdk.Stage(app, "Prod", env=place)
    staged = cdk.Stack(stage, "Access")
    roles = [iam.Role(scope, "Open", assumed_by=iam.AccountPrincipal(HUB)) for scope in (stack, nested, staged)]
    administer = iam.PolicyStatement(actions=["iam:*"], resources=["*"])
    iam.User(stack, "Operator").add_to_policy(administer)
    provider = iam.OidcProviderNative(nested, "Corporate", url="https://idp.example.com", client_ids=["tools"])
    return Access(app, stack, nested, stage, staged, roles, provider)


def acknowledged(*where: str) -> Callable[[Access], None]:
    """Acknowledge the rule at constructs of that name."""

    def accept(access: Access) -> None:
        for one in where:
            scope = access.roles[0] if one == "role" else getattr(access, one)
            cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=f"trustproof::{RULE}", reason="of old"))

    return accept


def of_the_provider(how: str) -> Callable[[Access], None]:
    """Answer for what is not checked, by a waiver or an acknowledgment."""

    def accept(access: Access) -> None:
        if how == "waived":
            waive(access.provider, "not-checked", reason="it is ours")
        else:
            rule = cdk.Acknowledgment(id="trustproof::not-checked", reason="it is ours")
            cdk.Validations.of(access.provider).acknowledge(rule)

    return accept


def waived(access: Access) -> None:
    """Waive the rule for the first role."""
    waive(access.roles[0], RULE, reason="of old")


BOUNDARY = f'[boundary]\naccounts = ["{HUB}"]\n'
ALLOWING = f"template-waivers = true\n{BOUNDARY}"
WAIVER = f'[[waiver]]\nproperty = "{RULE}"\nreason = "of old"\n'
INVARIANT = '[[invariant]]\nname = "nobody"\nresources = ["Open*"]\naccounts = []\n'
SETTLED = f"[properties.{RULE}]\nwaivable = false\n"


class Case(NamedTuple):
    """A configuration, and what the author of the app does."""

    config: str
    accept: Callable[[Access], None] = lambda access: None
    strict: bool = False


CASES = {
    "nothing declared": Case(""),
    "a boundary": Case(BOUNDARY),
    "strict": Case(BOUNDARY, strict=True),
    "a property is a warning": Case(f'{BOUNDARY}[properties.{RULE}]\nseverity = "warning"\n'),
    "a warning, strict": Case(f'{BOUNDARY}[properties.{RULE}]\nseverity = "warning"\n', strict=True),
    "a property is off": Case(f'{BOUNDARY}[properties.{RULE}]\nseverity = "off"\n'),
    "an override for a stage": Case(
        f'{BOUNDARY}[[override]]\npaths = ["cdk.out/assembly-Prod/**"]\n[override.properties.{RULE}]\nseverity="note"\n'
    ),
    "an invariant": Case(f"{BOUNDARY}{INVARIANT}"),
    "a waiver of a role": Case(f'{BOUNDARY}{WAIVER}resource = "Access/Open/Resource"\n'),
    "a waiver of a template": Case(f'{BOUNDARY}{WAIVER}template = "cdk.out/assembly-Prod/**"\n'),
    "a waiver that is over": Case(f'{BOUNDARY}{WAIVER}resource = "Access/Open/Resource"\nexpires = 2020-01-01\n'),
    "a waiver of nothing": Case(f'{BOUNDARY}{WAIVER}resource = "Gone"\n'),
    "a waiver of nothing, strict": Case(f'{BOUNDARY}{WAIVER}resource = "Gone"\n', strict=True),
    "a waiver in the template": Case(ALLOWING, waived),
    "a waiver in the template that does not count": Case(BOUNDARY, waived),
    "a waiver in the template of what nobody waives": Case(f"{ALLOWING}{SETTLED}", waived),
    "a role acknowledged": Case(ALLOWING, acknowledged("role")),
    "a stack acknowledged": Case(ALLOWING, acknowledged("stack")),
    "a nested stack acknowledged": Case(ALLOWING, acknowledged("nested")),
    "a stack of a stage acknowledged": Case(ALLOWING, acknowledged("staged")),
    "all stacks acknowledged": Case(ALLOWING, acknowledged("stack", "staged")),
    "a stage acknowledged": Case(ALLOWING, acknowledged("stage")),
    "the app acknowledged": Case(ALLOWING, acknowledged("app")),
    "the app and a stack acknowledged": Case(ALLOWING, acknowledged("app", "stack")),
    "the app and all stacks acknowledged": Case(ALLOWING, acknowledged("app", "stack", "staged")),
    "acknowledged what nobody waives": Case(f"{ALLOWING}{SETTLED}", acknowledged("stack")),
    "an issuer": Case(f'{BOUNDARY}issuers = ["idp.example.com"]\n', strict=True),
    "an issuer waived": Case(ALLOWING, of_the_provider("waived"), strict=True),
    "an issuer waived, which does not count": Case(BOUNDARY, of_the_provider("waived"), strict=True),
    "an issuer acknowledged": Case(ALLOWING, of_the_provider("acknowledged"), strict=True),
    "a baseline": Case(f'baseline = "known.json"\n{BOUNDARY}'),
    "a baseline of what nobody waives": Case(f'baseline = "known.json"\n{BOUNDARY}{SETTLED}'),
    "a baseline, strict": Case(f'baseline = "known.json"\n{BOUNDARY}', strict=True),
}


def said_by_the_plugin(access: Access, *, strict: bool, severity: str = "error") -> tuple[bool, set[Finding]]:
    """Whether the synthesis passes, and what is shown."""
    cdk.Validations.of(access.app).add_plugins(TrustproofChecks(strict=strict, severity=severity))
    passes = True
    try:
        access.app.synth()
    except RuntimeError:
        passes = False
    written = Path(access.app.outdir) / "validation-report.json"
    reports = json.loads(written.read_text(encoding="utf-8"))["pluginReports"] if written.exists() else []
    return passes, {
        (one["ruleName"], _counted(one), *_place(one))
        for report in reports
        for one in report["violations"]
        if one["ruleName"] != "in-stages"
    }


def _counted(violation: dict[str, Any]) -> str:
    """What nobody may accept is an error to the command, and a note is no severity of the CDK."""
    severity: str = violation.get("customSeverity", violation["severity"])
    return "error" if severity == "fatal" else severity


def _place(violation: dict[str, Any]) -> tuple[str, str]:
    """The CDK calls a template by its place in the assembly, and has nothing to say of a file that is none."""
    found = [
        one["cloudFormationResource"] for one in violation["violatingConstructs"] if "cloudFormationResource" in one
    ]
    return (found[0]["templatePath"], found[0]["logicalId"]) if found else ("", "")


def said_by_the_command(folder: Path, *, strict: bool) -> tuple[bool, set[Finding]]:
    """Whether the run passes, and what is shown."""
    ran = called(folder, "check", "cdk.out", "--format", "json", *(["--strict"] if strict else []))
    report = json.loads(ran.stdout)
    found = [one for one in report["results"] if one["verdict"] != "proved"]
    omitted = {
        ("not-checked", "error" if strict else "warning", *_named({**one, "logical_id": one["resource"]}))
        for one in report.get("not_checked", ())
        if not one["suppression"]
    }
    return ran.returncode == 0, omitted | {
        # What is a warning is an error to the CDK, where it fails.
        (one["property"], "error" if strict and one["severity"] == "warning" else one["severity"], *_named(one))
        for one in found
        if not one.get("suppression")
    }


def _named(found: dict[str, Any]) -> tuple[str, str]:
    return (os.path.relpath(found["template"], "cdk.out"), found["logical_id"]) if found["logical_id"] else ("", "")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_say_the_same(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A synthesis that passes is one that the gate lets pass, and each shows what the other one shows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trustproof.toml").write_text(case.config, encoding="utf-8")
    if "baseline" in case.config:
        (tmp_path / "trustproof.toml").write_text(case.config.replace(SETTLED, ""), encoding="utf-8")
        made(tmp_path).app.synth()
        assert called(tmp_path, "baseline", "write", "cdk.out").returncode == 0
        (tmp_path / "trustproof.toml").write_text(case.config, encoding="utf-8")
    access = made(tmp_path)
    case.accept(access)
    plugin = said_by_the_plugin(access, strict=case.strict)
    assert plugin == said_by_the_command(tmp_path, strict=case.strict)


@pytest.mark.parametrize("accept", [waived, acknowledged("role"), acknowledged("stack"), acknowledged("app")])
def test_nobody_accepts_what_is_fatal(
    accept: Callable[[Access], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the configuration lets authors of templates waive: the argument of the app is stricter."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trustproof.toml").write_text(ALLOWING, encoding="utf-8")
    access = made(tmp_path)
    accept(access)
    passes, found = said_by_the_plugin(access, strict=False, severity="fatal")
    assert not passes
    assert {template for rule, _, template, _ in found if rule == RULE} >= {"Access.template.json"}


def test_a_baseline_that_is_gone_fails_the_synthesis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is proved then, and the message has its name and what makes it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trustproof.toml").write_text('baseline = "known.json"\n', encoding="utf-8")
    access = made(tmp_path)
    cdk.Validations.of(access.app).add_plugins(TrustproofChecks())
    with pytest.raises(RuntimeError, match=r"nothing is proved: .*known\.json.*baseline write"):
        access.app.synth()


def test_what_is_not_checked_says_where_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The construct is named, and what is written into the configuration if the issuer is one's own."""
    monkeypatch.chdir(tmp_path)
    access = made(tmp_path)
    cdk.Validations.of(access.app).add_plugins(TrustproofChecks(strict=True))
    with pytest.raises(RuntimeError, match=r'\[boundary\] issuers = \["idp\.example\.com"\]'):
        access.app.synth()
    report = json.loads((Path(access.app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    (found,) = [one for one in report["pluginReports"][0]["violations"] if one["ruleName"] == "not-checked"]
    assert [one["constructPath"] for one in found["violatingConstructs"]] == ["Access/Inner/Corporate/Resource"]


@pytest.mark.parametrize("strict", [False, True])
def test_the_nearest_configuration_lets_nothing_pass_in_silence(
    strict: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app in a directory with a file of its own is held against the one further up, unless somebody names one."""
    app = tmp_path / "app"
    app.mkdir()
    (tmp_path / "trustproof.toml").write_text(BOUNDARY, encoding="utf-8")
    off = "".join(f'[properties.{one}]\nseverity = "off"\n' for one in (RULE, "sensitive-actions-require-mfa"))
    (app / "trustproof.toml").write_text(f'{BOUNDARY}issuers = ["idp.example.com"]\n{off}', encoding="utf-8")
    monkeypatch.chdir(app)
    access = made(app)
    plugin = said_by_the_plugin(access, strict=strict)
    assert plugin == said_by_the_command(app, strict=strict)
    passes, found = plugin
    assert passes is not strict
    assert ("not-checked", "error" if strict else "warning", "", "") in found
