"""
`trustproof verify`: is what is deployed what was proved?
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trustproof.errors import PolicySyntaxError, UsageError
from trustproof.live.account import Identity, LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.expected import Expected, Holding, is_linked, read_expected
from trustproof.live.same import DIFFERS, ONLY_DEPLOYED, SAME, UNKNOWN, Comparison, compare, same_statements
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.sandbox.cloudformation.errors import Refused
from trustproof.sandbox.cloudformation.template import Template, read_template


@dataclass(frozen=True)
class Finding:
    """
    One comparison.

    Args:
        account: the account id.
        subject: what was compared: `role OrgReader: trust policy`.
        comparison: what came of it.
    """

    account: str
    subject: str
    comparison: Comparison


@dataclass(frozen=True)
class StackOfApp:
    """A stack that a cloud assembly makes."""

    name: str
    account: str
    region: str
    template: Template
    #: Of the cloud assembly: where the templates of its nested stacks are.
    folder: Path = Path()


def read_assembly(folder: Path) -> list[StackOfApp]:
    """
    The stacks of a cloud assembly, nested assemblies of stages included.

    Raises:
        UsageError: when it is none, or a template cannot be read.
    """
    manifest = folder / "manifest.json"
    try:
        data = json.loads(manifest.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{manifest}: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"{manifest}: {error}") from None
    found: list[StackOfApp] = []
    for name, artifact in (data.get("artifacts") or {}).items():
        properties = artifact.get("properties") or {}
        if artifact.get("type") == "cdk:cloud-assembly":
            found += read_assembly(folder / str(properties["directoryName"]))
        if artifact.get("type") != "aws:cloudformation:stack":
            continue
        place = str(artifact.get("environment", "")).removeprefix("aws://")
        account, _, region = place.partition("/")
        file = folder / str(properties["templateFile"])
        try:
            template = read_template(file.read_text(encoding="utf-8"))
        except (OSError, Refused) as error:
            raise UsageError(f"{file}: {error}") from None
        found.append(StackOfApp(str(properties.get("stackName") or name), account, region, template, folder))
    return found


def verify_account(account: LiveAccount, stacks: Sequence[StackOfApp], *, others: bool = False) -> list[Finding]:
    """
    Compare the stacks of one account with what is deployed there.

    Args:
        account: the account.
        stacks: those of the app that belong to it.
        others: whether roles that no template makes are reported as well.

    Raises:
        CannotCheck: when something cannot be read.
    """
    expected = Expected()
    findings: list[Finding] = []
    partitions = set()
    for stack in stacks:
        facts = account.stack(stack.name, stack.region)
        if facts is None or facts.status in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_COMPLETE"):
            said = "there is no such stack" if facts is None else f"the stack is {facts.status}"
            findings.append(Finding(account.id, f"stack {stack.name}", Comparison(DIFFERS, (said,))))
            continue
        partitions.add(facts.id.split(":")[1])
        read_expected(expected, account, stack.name, stack.template, facts, stack.region)
        _read_nested(expected, account, stack.folder)
    missing = Comparison(DIFFERS, ("is not deployed",))
    unclear = Comparison(UNKNOWN, ("what the template says is not known",))
    findings += [Finding(account.id, place, missing) for place in expected.missing]
    findings += [Finding(account.id, place, unclear) for place in expected.unknown]
    partition = min(partitions, default="aws")
    for (kind, name), holding in expected.holdings.items():
        findings += _verify_identity(account, expected, kind, name, holding, partition)
    for arn, text in expected.managed.items():
        deployed = account.managed_policies.get(arn)
        result = (
            Comparison(DIFFERS, ("is not deployed",))
            if deployed is None
            else _compare(account, [text], [deployed], IDENTITY, partition)
        )
        findings.append(Finding(account.id, f"managed policy {arn.partition(':policy')[2].lstrip('/')}", result))
    for (bucket, region), text in expected.buckets.items():
        live = account.bucket_policy(bucket, region)
        result = (
            Comparison(DIFFERS, ("the bucket has no policy",))
            if live is None
            else _compare(account, [text], [live], RESOURCE, partition, f"arn:{partition}:s3:::{bucket}")
        )
        findings.append(Finding(account.id, f"bucket {bucket}: policy", result))
    if others:
        findings += _others(account, expected)
    return findings


def _read_nested(expected: Expected, account: LiveAccount, folder: Path) -> None:
    """Add what the nested stacks hold that were met, and those in them."""
    while expected.nested:
        nested = expected.nested.pop(0)
        if nested.asset is None:
            expected.unknown.append(f"{nested.place}: which file has the template of the nested stack is not known")
            continue
        try:
            template = read_template((folder / nested.asset).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, Refused) as error:
            raise UsageError(f"{folder / nested.asset}: {error}") from None
        facts = account.stack(nested.id, nested.region)
        if facts is None:
            expected.missing.append(f"{nested.place} (AWS::CloudFormation::Stack)")
            continue
        read_expected(expected, account, facts.id.split("/")[1], template, facts, nested.region)


def _verify_identity(
    account: LiveAccount, expected: Expected, kind: str, name: str, holding: Holding, partition: str
) -> Iterable[Finding]:
    subject = f"{kind} {name}"
    identity = account.identities.get((kind, name))
    if identity is None:
        yield Finding(account.id, subject, Comparison(DIFFERS, ("is not deployed",)))
        return
    if holding.trust is not None and identity.trust is not None:
        result = _compare(account, [holding.trust], [identity.trust], TRUST, partition, identity.arn)
        yield Finding(account.id, f"{subject}: trust policy", result)
    yield Finding(account.id, f"{subject}: permissions", _permissions(account, expected, holding, identity, partition))
    live = {"permissions boundary": identity.boundary}
    if "maximum session duration" in holding.facts:
        live["maximum session duration"] = str(account.session_duration(name))
    for fact, wanted in holding.facts.items():
        if wanted != live[fact]:
            said = f"template: {wanted or 'none'}; deployed: {live[fact] or 'none'}"
            yield Finding(account.id, f"{subject}: {fact}", Comparison(DIFFERS, (said,)))


def _permissions(
    account: LiveAccount, expected: Expected, holding: Holding, identity: Identity, partition: str
) -> Comparison:
    """All that an identity may do: policies that moved from inline to managed are no difference, more of them are."""
    made = sorted(arn for arn in holding.attached if arn in expected.managed)
    wanted = [*holding.documents.values(), *(expected.managed[arn] for arn in made)]
    wanted_arns = holding.attached - set(made)
    own = {arn for arn in identity.attached if arn in account.managed_policies and arn not in wanted_arns}
    found = [*identity.inline.values(), *(account.managed_policies[arn] for arn in sorted(own))]
    found_arns = set(identity.attached) - own
    if not holding.made:
        # Somebody else's identity, to which a template adds: what else it holds is not the template's.
        result = _compare(account, wanted, found, IDENTITY, partition)
        return Comparison(SAME) if result.lines[:1] == (ONLY_DEPLOYED,) else result
    try:
        if wanted_arns == found_arns and same_statements(wanted, found, IDENTITY):
            # The policies that others make need not be read.
            return Comparison(SAME)
    except PolicySyntaxError as error:
        return Comparison(UNKNOWN, (str(error),))
    wanted += [account.policy_text(arn) for arn in sorted(wanted_arns)]
    found += [account.policy_text(arn) for arn in sorted(found_arns)]
    return _compare(account, wanted, found, IDENTITY, partition)


def _compare(
    account: LiveAccount, wanted: Sequence[str], found: Sequence[str], kind: str, partition: str, resource: str = "*"
) -> Comparison:
    return compare(wanted, found, kind=kind, account=account.id, partition=partition, resource=resource)


def _others(account: LiveAccount, expected: Expected) -> Iterable[Finding]:
    """Roles that no template makes, and whom of outside they let in."""
    for (kind, name), identity in sorted(account.identities.items()):
        if kind != "role" or (kind, name) in expected.holdings or identity.trust is None:
            continue
        outsiders = _outsiders(account.id, identity.trust)
        if not outsiders:
            continue
        whose = " (of AWS: a service, a stack set or Identity Center)" if is_linked(identity) else ""
        said = tuple(f"lets in {one}" for one in outsiders)
        yield Finding(account.id, f"role {name}: no template makes it{whose}", Comparison("other", said))


def _outsiders(account: str, trust: str) -> list[str]:
    found: dict[str, None] = {}
    statements: Any = json.loads(trust).get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        principals = statement.get("Principal")
        if statement.get("Effect") != "Allow" or principals is None:
            continue
        if isinstance(principals, str):
            found[principals] = None
            continue
        for kind, values in principals.items():
            for value in values if isinstance(values, list) else [values]:
                if kind != "AWS" or (account not in str(value)):
                    found[f"{kind} {value}"] = None
    return list(found)


def verify(folder: Path, profiles: Sequence[str | None], *, others: bool = False) -> tuple[list[Finding], list[str]]:
    """
    Verify every account of a cloud assembly that credentials are given for.

    Args:
        folder: the cloud assembly, `cdk.out`.
        profiles: of the configuration of AWS's tools; None stands for the default credentials.
        others: whether roles that no template makes are reported as well.

    Returns:
        what was compared, and what could not be.
    """
    stacks = read_assembly(folder)
    findings: list[Finding] = []
    failures: list[str] = []
    seen: set[str] = set()
    for profile in profiles:
        called = f"profile {profile}" if profile is not None else "the default credentials"
        try:
            account = LiveAccount(profile)
            mine = [stack for stack in stacks if stack.account in (account.id, "unknown-account")]
            if not mine:
                failures.append(f"{called}: no stack of {folder} is for account {account.id}")
                continue
            seen.add(account.id)
            findings += verify_account(account, mine, others=others)
        except CannotCheck as error:
            failures.append(f"{called}: {error}")
    for account_id in sorted({stack.account for stack in stacks} - seen - {"unknown-account"}):
        names = ", ".join(stack.name for stack in stacks if stack.account == account_id)
        failures.append(f"account {account_id}: not checked ({names}): no credentials of it were given")
    return findings, failures
