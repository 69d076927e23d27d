"""
One policy, one property: the library's front door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from os import PathLike

from trustproof.analysis.assignments.targets import compared_values, merge_results, targets
from trustproof.analysis.controls.control_policies import Controls, named_controls
from trustproof.analysis.controls.planned_controls import SaidOfControls
from trustproof.analysis.execution.task import CheckedTemplate, Task, Worker
from trustproof.analysis.processes.endings import at_work_on
from trustproof.analysis.run.configuration_notes import with_undeclared_targets
from trustproof.analysis.run.configured_report import with_waivers
from trustproof.analysis.run.run import MergedFindings, Progress, read_all
from trustproof.analysis.run.selection import identifiers, named_properties, select
from trustproof.aws import published
from trustproof.aws.partitions import written_partition
from trustproof.config import loader
from trustproof.config.baseline_file import configured_baseline, read_baseline
from trustproof.config.model import Config
from trustproof.config.nearest import Configurations
from trustproof.config.reader import read_mapping
from trustproof.config.toml import line_of
from trustproof.errors import ConfigError, InputError, UsageError
from trustproof.escaping.text import shown
from trustproof.files.paths import working_directory
from trustproof.inputs.arguments import (
    check_day,
    check_jobs,
    check_kind,
    check_place,
    check_policy_kind,
    check_values,
    each_path,
    path_text,
    path_texts,
    refuse_unused,
    template_places,
)
from trustproof.inputs.discovery.inputs import Inputs, read_templates
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.inputs.reader import Input
from trustproof.inputs.settings import Settings
from trustproof.inputs.walk import ExcludedPaths
from trustproof.model.document import IDENTITY, POLICY_KINDS, RESOURCE, TRUST, Document
from trustproof.model.principals import Holder
from trustproof.properties import registry
from trustproof.properties.base import IdentityProperty, Property, StatementProperty
from trustproof.properties.question import Subject
from trustproof.proving.outcomes import Place, check_statements, subject_for
from trustproof.results.baseline import compare
from trustproof.results.report import Report
from trustproof.results.result import PROVED, REFUTED, UNKNOWN, Result
from trustproof.results.sentences import safe_to_print

#: Stands for an account that is not known.
_EXAMPLE_ACCOUNT = "111122223333"
_WORST_FIRST = (REFUTED, UNKNOWN, PROVED)
#: Kind of policy to what it is called, the type of resource it stands on, and the ARN of that.
_NAMES = {
    TRUST: ("the role", "AWS::IAM::Role", "arn:{partition}:iam::{account}:role/role"),
    RESOURCE: ("the resource", "", "*"),
    IDENTITY: ("the user", "AWS::IAM::User", "*"),
}


@safe_to_print
def prove(
    policy: Mapping[str, object] | str,
    asked: str | Property = "mfa-required",
    *,
    account: str | None = None,
    config: Config | Mapping[str, object] | None = None,
    kind: str | None = None,
    name: str = "",
) -> Result:
    """
    Ask one property of a policy document.

    >>> refuted = prove({"Version": "2012-10-17", "Statement": [{
    ...     "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
    ...     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}]})
    >>> refuted.verdict, refuted.counterexample.context
    ('refuted', {'aws:MultiFactorAuthPresent': None})

    Args:
        policy: as a mapping or as JSON text.
        asked: identifier of a property, or the property.
        account: the account it is deployed to, 12 digits; None where that is not known.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        kind: ``trust`` (a role's trust policy), ``resource`` (a resource policy) or ``identity`` (attached to a user,
            as its only policy); None for the kind that the property is about.
        name: what to call the role, resource or user in messages.

    Returns:
        The worst answer: a refutation, else what is unknown, else the proof.

    Raises:
        PolicySyntaxError: it is not a policy.
        UsageError: the property is unknown or not about such a policy, or the account is not one.
    """
    check_place(account, None)
    found = asked if isinstance(asked, Property) else registry.find(asked)
    chosen = kind or (found.kind if isinstance(found, StatementProperty) else TRUST)
    check_policy_kind(chosen, _NAMES, "kind")
    check_kind(name, str, "name")
    if not isinstance(policy, (Mapping, str)):
        raise UsageError(f"policy must be a mapping or JSON text, got {shown(policy)}")
    document = Document(chosen, parse_policy(policy, kind=chosen), name or _NAMES[chosen][0], _NAMES[chosen][1], ())
    if not isinstance(found, StatementProperty):
        raise UsageError(f"{found.ident} is not about one {chosen} policy")
    own = account or _EXAMPLE_ACCOUNT
    subject = _subject(document, own, read_config(config), found)._replace(account_known=account is not None)
    if not found.applies_to(subject):
        raise UsageError(f"{found.ident} is not about one {chosen} policy")
    place = Place("", own, lambda path: {}, {})
    results = check_statements(subject, found, place, None)
    known = compared_values if account is not None or chosen != IDENTITY else targets
    for home, organization in sorted(set(known(document))):
        if organization:
            there = subject._replace(organization=organization)
        elif known is targets:
            there = _subject(document, home, subject.config, found)
        else:
            continue
        results = merge_results(
            found, results, check_statements(there, found, place._replace(account=there.account), None)
        )
    return min(results, key=lambda result: _WORST_FIRST.index(result.verdict))


def _subject(document: Document, account: str, config: Config, asked: StatementProperty) -> Subject:
    """A policy that stands alone, in an account."""
    partition = written_partition(str(document.policy))
    arn = _NAMES[document.kind][2].format(account=account, partition=partition)
    subject = subject_for(document._replace(resource_arn=arn), account, partition, config)
    if document.kind != IDENTITY:
        return subject
    kind = "user" if isinstance(asked, IdentityProperty) and "user" in asked.holders else "role"
    holder = Holder(kind, document.logical_id, "name", f"arn:{partition}:iam::{account}:{kind}/alice", (0,))
    return subject._replace(holder=holder)


@safe_to_print
def load_config(file: str | PathLike[str] | None = None, start: str | PathLike[str] = ".") -> Config:
    """
    Read the configuration of a project, as the command line does.

    The nearest directory from `start` upward that has one wins; a directory has its configuration in one file, or in
    a ``trustproof.toml`` that extends the ``pyproject.toml`` beside it. Where there is none, nothing is declared.

    Args:
        file: read this file instead of searching; one named ``pyproject.toml`` is read as that.
        start: the directory to search from.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an unknown table, key or value; the message names
            file and line.
    """
    working_directory()
    named = None if file is None else path_text(file, "the path of a configuration")
    return loader.load_config(named, path_text(start, "the path of a directory"), known=registry.options())


@safe_to_print
def with_baseline(report: Report, config: Config) -> Report:
    """
    Mark the findings of a report that are in the baseline which the configuration names, as the command line does.

    What is marked has a `suppression`, and fails nothing. Where the configuration names none, nothing is marked.

    Args:
        report: what `check` returned.
        config: the configuration that it was made with, of a file.

    Raises:
        InputError: the baseline cannot be read, or is none.
        UsageError: one of both is something else.
    """
    check_kind(report, Report, "report")
    check_kind(config, Config, "config")
    file = configured_baseline(config)
    return report if file is None else compare(report, read_baseline(file), file).report


def property_ids() -> tuple[str, ...]:
    """The identifiers of all properties, in the order of reports."""
    return tuple(found.ident for found in registry.PROPERTIES)


def managed_policy_names() -> tuple[str, ...]:
    """
    The policies that AWS manages, in the partition ``aws``, by the day of the release.

    https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

    Returns:
        What follows ``policy/`` in their ARNs: ``ReadOnlyAccess``, ``job-function/ViewOnlyAccess``.
    """
    return published.managed_policy_names()


def managed_policy_document(name: str) -> Mapping[str, object] | None:
    """
    The document of a policy that AWS manages, by its name as `managed_policy_names` has it; None where AWS had
    published no policy of that name.
    """
    return published.managed_policy_document(name)


def toml_line(text: str, keys: Sequence[str | int]) -> int | None:
    r"""
    The line where a key of a TOML document stands, for messages about its value.

    >>> toml_line('[accounts.hub]\nid = "1"', ("accounts", "hub", "id"))
    2

    Args:
        text: the document.
        keys: from the root; the index of an array of tables counts its ``[[headers]]``.

    Returns:
        From 1; that of the nearest table where the key is not there, and None where none of them is found.
    """
    return line_of(text, tuple(keys))


@safe_to_print
def check(
    paths: Sequence[str | PathLike[str] | Mapping[str, object]],
    *,
    config: Config | Mapping[str, object] | None = None,
    account: str | None = None,
    region: str | None = None,
    parameters: Mapping[str, str] | None = None,
    provider_accounts: Mapping[str, str] | None = None,
    source: str | PathLike[str] | None = None,
    var_files: Sequence[str | PathLike[str]] = (),
    policy_kind: str | None = None,
    properties: Sequence[str] | None = None,
    certify: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
    today: date | None = None,
) -> Report:
    """
    Prove the properties of every policy in CloudFormation templates, in plans and states of Terraform, in policy
    documents, and in what `GetAccountAuthorizationDetails` says of an account.

    Nothing is raised for a file that cannot be read: it is in the report's `errors`, and the other files are judged.

    Args:
        paths: files, directories of templates, cloud assemblies, ``-`` for standard input, or templates themselves as
            mappings; plans and states of Terraform, policy documents and authorization details likewise.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        account: 12 digits; the account of templates that do not say theirs.
        region: the Region of templates that do not say theirs.
        parameters: template parameters to the values at which they are judged.
        provider_accounts: provider configurations of Terraform (``aws.hub``) to the accounts that they are for, 12
            digits each.
        source: the configuration that a plan of Terraform was made of: its directory, or the plan file, which holds the
            sources. With it a policy is known that the plan only knows after it has been applied.
        var_files: files with values of the variables of Terraform configurations (``.tfvars``); a later one wins.
        policy_kind: what policy documents that stand by themselves are: ``trust``, ``identity`` (of a user who has no
            other policy) or ``resource``; None tells it from the document. With it, no other input is accepted.
        properties: identifiers of the properties to ask; None asks all that the configuration does not switch off.
        certify: whether every proof is checked again, without the search; its result then has a `certificate`.
        jobs: how many processes may check templates, where there are many; with more than one, a program of yours
            needs the guard ``if __name__ == "__main__"``.
        progress: called with the number of files done, and how many there are where that is known.
        today: the day of the run, for waivers that have a last day; the library never looks at a clock.

    Raises:
        UsageError: no path, an unknown property, an account, a Region or a day that is none, a parameter that no
            template has, or a waiver that has a last day and no `today`.
        ConfigError: the mapping is no configuration.
        CertificateError: a proof does not stand up to being checked again, which is a bug.
    """
    named, properties = each_path(paths), identifiers(properties)
    if not named:
        raise UsageError("no path was named")
    check_place(account, region, provider_accounts)
    check_day(today)
    check_jobs(jobs)
    check_values(parameters)
    check_policy_kind(policy_kind, POLICY_KINDS, "policy_kind")
    working_directory()
    declared = read_config(config)
    asked = select(declared, properties)
    excluded = ExcludedPaths(declared.exclude, declared.exclude_directory)
    given_source = None if source is None else path_text(source, "the path of a configuration of Terraform")
    files = path_texts(var_files, "the path of a file with values of variables")
    settings = Settings(account, region, parameters or {}, provider_accounts or {}, given_source, files, policy_kind)
    idents = tuple(p.ident for p in named_properties(declared, properties))
    task = Task(settings, declared, idents, certify, properties is None)
    found, given, merged = read_all(Inputs(named, settings, excluded), task, jobs, progress)
    configurations = Configurations(declared, registry.options())
    if controls := _controls(given, configurations):
        # Templates that were read before these were judged without them.
        task = task._replace(controls=controls)
        found, given, merged = read_all(Inputs(named, settings, excluded), task, jobs)
    with at_work_on("judging what all files make together"):
        report = merged.report(given, asked, found, task, jobs)
    if found.count:
        settings.refuse_unused({option for one in given for option in one.checked.presentation.options})
    if found.unused_parameters and found.count:
        unused = refuse_unused(found.unused_parameters, found.declared_parameters, all_read=not report.errors)
        report = report.replace(notes=(*report.notes, unused))
    report = with_undeclared_targets(report, ((configurations.of(one.name), one) for one in given), declared, account)
    report = report.replace(notes=(*report.notes, *_judged_though_excluded(given, excluded, named)))
    return with_waivers(report, given, configurations, properties, named, today)


def _judged_though_excluded(
    given: Iterable[CheckedTemplate], excluded: ExcludedPaths, named: Sequence[str | Mapping[str, object]]
) -> tuple[str, ...]:
    """A note where the configuration excludes what is read all the same: an app is deployed as a whole."""
    found = dict.fromkeys(one.name for one in given if one.name not in named and excluded.has(one.name))
    said = "exclude leaves out no stack of a cloud assembly; a waiver or an override is for what is in one"
    return (f"{said}: {', '.join(found)}",) if found else ()


def _controls(given: Iterable[CheckedTemplate], configurations: Configurations) -> Controls:
    """The control policies of a run, each with the organization of its own configuration."""
    if not any(one.checked.controls for one in given):
        return ()
    saying = (one for one in given if one.checked.controls or any(one.checked.changed))
    return named_controls(
        SaidOfControls(one.name, configurations.of(one.name).organization, one.checked.controls, one.checked.changed)
        for one in saying
    )


@safe_to_print
def check_templates(
    templates: Iterable[tuple[str, str | None, str | None]],
    *,
    config: Config | Mapping[str, object] | None = None,
    properties: Sequence[str] | None = None,
    today: date | None = None,
) -> Report:
    """
    Prove the properties of templates whose accounts and Regions are known.

    Args:
        templates: (file, account, Region); None where it is not known.
        config: the project's declarations; a mapping has the shape of ``trustproof.toml``.
        properties: identifiers of the properties to ask.
        today: the day of the run, for waivers that have a last day; the library never looks at a clock.

    Raises:
        InputError: a template cannot be read.
        UsageError: no template, an unknown property, or an account, a Region or a day that is none.
    """
    templates, properties = template_places(templates), identifiers(properties)
    if not templates:
        raise UsageError("no template was named")
    check_day(today)
    read: list[Input] = []
    for outer in read_templates(templates):
        read.append(outer)
        for inner in outer.embedded():
            if isinstance(inner, InputError):
                raise inner
            read.append(inner)
    declared = read_config(config)
    asked = select(declared, properties)
    inputs = Inputs((), Settings())
    idents = tuple(p.ident for p in named_properties(declared, properties))
    task = Task(inputs.settings, declared, idents, False, properties is None)
    worker, merged = Worker(task), MergedFindings()
    given = [worker.ask(template, (number, 0)) for number, template in enumerate(read)]
    configurations = Configurations(declared, registry.options())
    if controls := _controls(given, configurations):
        task = task._replace(controls=controls)
        worker = Worker(task)
        given = [worker.ask(template, (number, 0)) for number, template in enumerate(read)]
    for one in given:
        merged.read(one)
    report = merged.report(given, asked, inputs, task, 1)
    report = with_waivers(report, given, configurations, properties, [file for file, *_ in templates], today)
    for error in report.errors:
        raise error
    return report


@safe_to_print
def read_config(config: Config | Mapping[str, object] | None) -> Config:
    """
    A configuration, from what a caller of the library gives.

    Args:
        config: a mapping of the shape of ``trustproof.toml``; None declares nothing.

    Raises:
        ConfigError: an unknown table, key or value.
    """
    if config is None:
        return Config()
    if not isinstance(config, (Config, Mapping)):
        raise ConfigError(f"config must be a mapping, or what load_config gives for a file, got {shown(config)}")
    return config if isinstance(config, Config) else read_mapping(config, known=registry.options())
