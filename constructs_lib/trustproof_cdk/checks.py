"""
The validator as a part of synthesis: what it refutes fails `cdk synth` and `cdk deploy`.
"""

from __future__ import annotations

import gc
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from constructs import IConstruct

import trustproof
from trustproof_cdk import _constructor
from trustproof_cdk._arguments import arguments
from trustproof_cdk._arguments.refused_values import refused_values
from trustproof_cdk._callers.denied_statements import denied_statements
from trustproof_cdk._roles import handed_roles
from trustproof_cdk._roles.long_sessions import WITHOUT_REASON, LongSessions
from trustproof_cdk._roles.useless_policies import useless_policies
from trustproof_cdk._synthesis.acceptance import Acceptance
from trustproof_cdk._synthesis.check_process import AppCheck
from trustproof_cdk._synthesis.promises import broken_promises
from trustproof_cdk._synthesis.stages import fails_in_stages
from trustproof_cdk._trust import resource_statements

if TYPE_CHECKING:
    from trustproof import Config, Result

_FAILING = ("error", "fatal")
#: What is acknowledged of what nobody has looked into.
_NOT_CHECKED = "not-checked"
#: Hints for the command line, in the words of `trustproof.proving`.
_PARAMETER_HINT = re.compile(r"give the value of (\S+): (--parameter \S+)")
_ENVIRONMENT_HINTS = (
    (re.compile(r"^say the Region: --region REGION$"), "say the Region: env=cdk.Environment(region=...) of the stack"),
    (re.compile(r", which --region REGION says$"), ", which env=cdk.Environment(region=...) of the stack says"),
    (re.compile(r", which --account ID says$"), ", which env=cdk.Environment(account=...) of the stack says"),
    (re.compile(r", which --account (\d+) says$"), r": env=cdk.Environment(account='\1') of the stack says so"),
)


@_constructor.plugin
@jsii.implements(cdk.IPolicyValidationPlugin)
class TrustproofChecks:
    """
    A validation plugin that proves or refutes every role of the app while it is synthesized.

    Register it once, at the app: ``cdk.Validations.of(app).add_plugins(TrustproofChecks())``.

    Args:
        config: the declarations of the project: a file, a `trustproof.Config`, or a mapping of the shape of
            ``trustproof.toml``. Default: what ``trustproof check`` reads, the nearest ``trustproof.toml`` (or
            ``pyproject.toml`` with a table ``[tool.trustproof]``) from the working directory upward. ``config={}``
            declares nothing, whatever files there are.
        severity: of what is refuted with the severity *error*: ``error`` lets the author of a stack acknowledge it
            (`Validations.acknowledge`, of the stack or of what is in it), ``fatal`` lets nobody, and counts no waivers
            of templates either.
        strict: whether what is neither proved nor refuted fails the synthesis too, and all that is a *warning*; as in
            ``trustproof check --strict``, notes do not. Without it, these are said and fail nothing.
        jobs: how many processes may check the templates of an app that has many of them: 200 or more for two
            processes, a hundred for four, fifty for eight. They are started beside the app, and import nothing of it.
            Default: one for each core; with 1 none is started.

    Raises:
        TypeError: a configuration that is none of these, or something else than True or False.
        ValueError: a severity that is neither ``error`` nor ``fatal``, or less than one job.
    """

    def __init__(
        self,
        *,
        config: Config | Mapping[str, object] | str | os.PathLike[str] | None = None,
        severity: str = "error",
        strict: bool = False,
        jobs: int | None = None,
    ) -> None:
        self._config = _config(config)
        self._severity = arguments.one_of(severity, "severity", _FAILING)
        self._strict = arguments.flag(strict, "strict")
        self._check = AppCheck(None if jobs is None else _processes(jobs))

    @property
    def name(self) -> str:
        """What reports call the plugin, and the first half of what is acknowledged: ``trustproof::mfa-required``."""
        return "trustproof"

    @property
    def version(self) -> str | None:
        """The version of the distribution, if it is installed."""
        try:
            return metadata.version("trustproof")
        except metadata.PackageNotFoundError:
            return None

    @property
    def rule_ids(self) -> list[str] | None:
        """Which properties are proved is the configuration's to say."""
        return None

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """
        Called by the CDK with the synthesized templates.

        A template that cannot be read fails the synthesis, since nothing is proved about it. A synthesis in which the
        CDK is still to look something up is not judged, also with `strict`: the next one, which has it, is, and the
        command line of the CDK deploys nothing before. What it has looked up and a stack still asks for, it does not
        look up again: it deploys what there is, which is judged.
        """
        templates = [Path(path) for path in context.template_paths]
        # The manifest of an app grows with its stacks, so that each is read once.
        unfinished = {
            folder for folder in {path.parent for path in templates} if _is_unfinished(folder, context.app_construct)
        }
        if made_up := [path for path in templates if path.parent in unfinished]:
            # What the CDK has made up could be refuted, and would keep it from ever looking the values up.
            return cdk.PolicyValidationPluginReport(
                success=True, violations=[_not_judged(made_up[0])], plugin_version=self.version
            )
        asked = any(map(_has_resources, templates))
        # To ask the CDK takes time in which other processes can check.
        broken = cache(partial(self._broken, context.app_construct, templates))
        with _seldom_collected():
            violations = [*self._violations(templates, context.app_construct, broken), *broken()] if asked else []
        violations += fails_in_stages(context.app_construct, violations, _FAILING)
        return cdk.PolicyValidationPluginReport(
            success=all(violation.severity not in _FAILING for violation in violations),
            violations=violations,
            plugin_version=self.version,
        )

    def _violations(
        self, templates: list[Path], app: IConstruct, meanwhile: Callable[[], object]
    ) -> list[cdk.PolicyViolation]:
        try:
            declared = self._declared()
            report = self._check.report(
                _assemblies(templates), len(templates), config=self._counting(declared), meanwhile=meanwhile
            )
            report = trustproof.with_baseline(report, declared)
        except trustproof.InputError as error:
            return [_unreadable(error)]
        if report.errors:
            return [_unreadable(error) for error in report.errors]
        # What is waived in the configuration is none of the CDK's business.
        counting = (one for one in report.results if one.verdict != "proved" and one.suppression is None)
        rules = Acceptance(declared, report, app, is_fatal=self._severity == "fatal")
        long = LongSessions(declared, app)
        return [*(self._violation(one, rules, long) for one in counting), *_unchecked(report, rules, self._strict)]

    def _broken(self, app: IConstruct, templates: list[Path]) -> list[cdk.PolicyViolation]:
        """
        What overrides have changed of what constructs vouch for, what their roles are handed to in vain, what of their
        arguments is refused by what the templates say, and what of the statements for resources is denied anyway.
        """
        resource_statements.watch(app)
        return [
            cdk.PolicyViolation(
                rule_name=one.rule,
                description=trustproof.printable(one.said),
                severity="warning" if one.is_warning and not self._strict else self._severity,
                rule_metadata={"construct path": one.construct_path},
                violating_resources=[_place(one.logical_id, str(one.template))],
            )
            for one in (
                *broken_promises(app, templates),
                *handed_roles.handed_in_vain(app, templates),
                *useless_policies(app, templates),
                *refused_values(app, templates),
                *denied_statements(app),
            )
        ]

    def _counting(self, declared: Config) -> Config:
        """The configuration, and what the arguments of the plugin leave of it."""
        return declared._replace(template_waivers=False) if self._severity == "fatal" else declared

    def _declared(self) -> Config:
        """
        The configuration; a file is read when the templates are there, so that what is wrong in it is reported as what
        is wrong in them.
        """
        if self._config is None or isinstance(self._config, str):
            return trustproof.load_config(self._config)
        return trustproof.read_config(self._config)

    def _violation(self, result: Result, rules: Acceptance, long: LongSessions) -> cdk.PolicyViolation:
        severity = "fatal" if rules.is_final(result) else self._severity
        failing = ("error", "warning") if self._strict else ("error",)
        more = [WITHOUT_REASON] if long.has_no_reason(result) else []
        return cdk.PolicyViolation(
            rule_name=result.property,
            description="\n   ".join([describe(result), *more, *rules.in_vain(result)]),
            severity=severity if result.severity in failing or more else result.severity,
            fix=None if result.remedy is None else str(result.remedy),
            rule_metadata=_facts(result),
            violating_resources=[_place(result.logical_id, result.template, ".".join(map(str, result.path[2:])))],
        )


def _processes(jobs: int) -> int:
    if type(jobs) is not int:
        raise TypeError(f"jobs must be a whole number, got {jobs!r}")
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    return jobs


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """
    Collect garbage seldom, as the command does, and none of what is there before.

    The app is in this process too, and would be gone through over and over for what a policy leaves behind.
    """
    before, is_frozen = gc.get_threshold(), gc.get_freeze_count() > 0
    if before[0]:
        gc.set_threshold(max(before[0], 100_000), *before[1:])
    # What somebody else has frozen would be thawed with it.
    if not is_frozen:
        gc.freeze()
    try:
        yield
    finally:
        if not is_frozen:
            gc.unfreeze()
        gc.set_threshold(*before)


def _config(
    given: Config | Mapping[str, object] | str | os.PathLike[str] | None,
) -> Config | Mapping[str, object] | str | None:
    if isinstance(given, os.PathLike):
        return os.fspath(given)
    if given is None or isinstance(given, (str, Mapping, trustproof.Config)):
        return given
    raise TypeError(
        f"config must be a file, a trustproof.Config or a mapping of the shape of trustproof.toml, got {given!r}"
    )


def describe(result: Result) -> str:
    """
    The message of a result, and the request that shows it, in words.
    """
    lines = [result.message]
    found = result.counterexample
    if found is not None:
        # Where the resource is the one that the policy stands on, the message has named it already.
        where = "" if found.resource in ("", "*") else f" on {found.resource}"
        lines.append(f"{found.caller} ({found.credentials}) calls {found.action}{where}")
        lines += [f"{key} is {_value(value)}" for key, value in found.context.items()]
        lines += [f"where {name} is {value}" for name, value in found.parameters.items()]
    lines += result.why
    lines += [_in_synthesis(reason, result.template) for reason in result.reasons]
    # The values of the request are of the template, and the CDK prints them as they are.
    return "\n   ".join(map(trustproof.printable, lines))


def _in_synthesis(reason: str, template: str) -> str:
    """A reason whose hint is an option of the command, which a synthesis does not have, in terms of the app."""
    found = _PARAMETER_HINT.fullmatch(reason)
    if found is not None:
        name, option = found.groups()
        return (
            f"the value of {name} is a deployment's to say: write it into the app, or prove it for a value: "
            f"trustproof check {Path(template).parent} {option}"
        )
    for hint, said in _ENVIRONMENT_HINTS:
        reason = hint.sub(said, reason)
    return reason


def _value(value: object) -> str:
    if value is None:
        return "absent"
    return json.dumps(value if isinstance(value, str) else list(value))  # type: ignore[call-overload]


def _facts(result: Result) -> dict[str, str]:
    """What a program that reads the report wants without parsing sentences."""
    facts = {"verdict": result.verdict, "account": result.account or "", "construct path": result.construct_path or ""}
    if result.counterexample is not None:
        facts["caller"] = result.counterexample.caller
        facts["credentials"] = result.counterexample.credentials
        facts["action"] = result.counterexample.action
    return {name: text for name, text in facts.items() if text}


def _unreadable(error: trustproof.InputError) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name="unreadable-input",
        description=f"nothing is proved: {error}",
        severity="fatal",
        violating_resources=[cdk.PolicyViolatingResource(locations=[], template_path=error.file or None)],
    )


def _unchecked(report: trustproof.Report, rules: Acceptance, strict: bool) -> list[cdk.PolicyViolation]:
    """
    What nothing is proved about, since it was passed over or is not known.

    What an earlier synthesis has left in the directory is no part of this one: nobody deploys it from here.
    """
    passed_over = [
        (path, "", reason, "") for path, reason in report.passed_over if (path, reason) not in report.left_over
    ]
    omitted = [
        (one.template, one.resource, str(one), one.construct_path or "")
        for one in report.omissions
        if one.suppression is None
    ]
    found = []
    for template, resource, reason, path in (*passed_over, *omitted):
        is_final, in_vain = rules.unchecked(path, _NOT_CHECKED)
        failing = "fatal" if is_final else "error"
        found.append(
            cdk.PolicyViolation(
                rule_name=_NOT_CHECKED,
                description="\n   ".join([f"nothing is proved: {reason}", *in_vain]),
                severity=failing if strict else "warning",
                rule_metadata={"construct path": path} if path else None,
                violating_resources=[_place(resource, template)],
            )
        )
    return found


def _place(resource: str, template: str, *locations: str) -> cdk.PolicyViolatingResource:
    """
    Where something is, for the CDK.

    Args:
        resource: its logical id; one in the template of a StackSet is named after the StackSet, which is what the CDK
            knows.
        template: the file.
        locations: what it is about, in the resource.
    """
    return cdk.PolicyViolatingResource(
        resource_logical_id=resource.partition("/")[0] or None,
        template_path=template or None,
        locations=list(locations),
    )


def _is_unfinished(assembly: Path, app: IConstruct) -> bool:
    """
    Whether the CDK has put made-up values into templates, in place of what it is going to look up: what the app has
    been given for it, be that an error, is all that there will be.

    https://docs.aws.amazon.com/cdk/v2/guide/context.html
    """
    manifest = assembly / "manifest.json"
    if not manifest.is_file():
        return False
    missing = json.loads(manifest.read_text(encoding="utf-8")).get("missing") or ()
    return any(app.node.try_get_context(one["key"]) is None for one in missing)


def _not_judged(template: Path) -> cdk.PolicyViolation:
    return cdk.PolicyViolation(
        rule_name=_NOT_CHECKED,
        description="nothing is proved yet: the CDK is still to look up what the templates have made-up values of, and "
        "synthesizes again",
        severity="warning",
        violating_resources=[cdk.PolicyViolatingResource(locations=[], template_path=str(template))],
    )


def _has_resources(template: Path) -> bool:
    """
    Whether there is anything in a template: a stack without resources is one that CloudFormation would not take, and
    the CDK skips it.
    """
    return "Resources" in json.loads(template.read_text(encoding="utf-8"))


def _assemblies(templates: list[Path]) -> list[str]:
    """
    The cloud assemblies that templates are of, as ``trustproof check`` is given them.

    An assembly says what a list of templates does not: which stack each is, which templates are nested, and which
    stages there are. Those of stages stand in the assembly of the app, where it has a stack itself.
    """
    found = {template.parent for template in templates}
    return sorted(str(one) for one in found if not found.intersection(one.parents))
