"""
`trustproof verify`: is what is deployed what was proved?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from trustproof.errors import InputError, NothingToProve, UsageError
from trustproof.inputs.assembly import cdk_assembly as assembly
from trustproof.inputs.out_of_reach import OUT_OF_REACH, refusal
from trustproof.live.account import LiveAccount
from trustproof.live.check import AccountCheck, Finding, Instance
from trustproof.live.errors import CannotCheck
from trustproof.live.template_files import template_text
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.template import Template, read_before_deployment


@dataclass(frozen=True)
class StackOfApp:
    """A stack that a cloud assembly makes."""

    name: str
    #: None where it may go to any account.
    account: str | None
    #: None where it goes to the Region of whoever deploys it.
    region: str | None
    #: None where it cannot be read; `problem` says why.
    template: Template | None
    #: Of the cloud assembly: where the templates of its nested stacks are.
    folder: Path = Path()
    problem: str = ""


class Verification(NamedTuple):
    """
    What became of verifying.
    """

    findings: list[Finding]
    #: What could not be compared.
    failures: list[str]
    #: The accounts of the app that credentials were given for.
    accounts: frozenset[str]
    #: The ARNs of their deployed roles to the trust policies and tags of the templates; see `AccountCheck.roles`.
    roles: dict[str, tuple[str, dict[str, str] | None]]
    #: The ARNs of their users to the tags of each.
    users: dict[str, dict[str, str]]


def read_assembly(folder: Path) -> list[StackOfApp]:
    """
    The stacks of a cloud assembly, nested assemblies of stages included.

    Raises:
        UsageError: when it is none, names a file that is outside of it, or the file of a template cannot be read.
    """
    if not (folder / assembly.MANIFEST).exists():
        raise UsageError(
            f"{folder}: no cloud assembly, which has a {assembly.MANIFEST}; expected the directory that `cdk synth` "
            "writes"
        )
    try:
        stacks = assembly.stacks(str(folder), set())
    except NothingToProve:
        return []
    except InputError as error:
        raise UsageError(str(error)) from None
    found: list[StackOfApp] = []
    for stack in stacks:
        template, problem = None, ""
        try:
            template = read_before_deployment(template_text(stack.file))
        except InputError as error:
            raise UsageError(str(error)) from None
        except RefusedRequest as error:
            problem = f"{stack.file}: {error}"
        found.append(
            StackOfApp(stack.stack_name, stack.account, stack.region, template, Path(stack.directory), problem)
        )
    return found


def verify(folder: Path, profiles: Sequence[str | None], *, others: bool = False) -> Verification:
    """
    Verify every account of a cloud assembly that credentials are given for.

    Args:
        folder: the cloud assembly, `cdk.out`.
        profiles: of the configuration of AWS's tools; None stands for the default credentials.
        others: whether roles that no template makes are reported as well.
    """
    stacks = read_assembly(folder)
    failures = [f"stack {one.name}: not checked: {one.problem}" for one in stacks if one.template is None]
    checks: dict[str, AccountCheck] = {}
    spare: dict[str, tuple[str, AccountCheck]] = {}
    for profile in profiles:
        called = f"profile {profile}" if profile is not None else "the default credentials"
        try:
            account = LiveAccount(profile)
            mine = [stack for stack in stacks if stack.account in (account.id, None)]
            if not mine:
                # A stack set may have made a stack there.
                spare.setdefault(account.id, (called, AccountCheck(account)))
            elif account.id in checks:
                failures.append(f"{called}: another profile is of account {account.id}, too")
            else:
                checks[account.id] = AccountCheck(account)
        except CannotCheck as error:
            failures.append(f"{called}: {error}")
    for check in checks.values():
        for stack in stacks:
            if stack.account not in (check.account.id, None):
                continue
            if stack.template is None:
                check.incomplete = True
                continue
            with _kept(failures, check, f"stack {stack.name}"):
                check.read(stack.name, stack.region, stack.template, stack.folder)
    while instances := [one for check in checks.values() for one in _instances(check, failures)]:
        for instance in instances:
            if instance.account in spare:
                checks[instance.account] = spare.pop(instance.account)[1]
            _read_instance(checks, instance, failures)
    failures += [f"{called}: no stack of {folder} is for account {account}" for account, (called, _) in spare.items()]
    findings: list[Finding] = []
    roles: dict[str, tuple[str, dict[str, str] | None]] = {}
    users: dict[str, dict[str, str]] = {}
    # What has a tag in one account may be looked at in another.
    policies = [text for check in checks.values() for text in check.policies()]
    for check in checks.values():
        with _kept(failures, check, "its policies"):
            roles |= check.roles()
            users |= check.users()
            check.compare(others=others, policies=policies)
        findings += check.findings
    for account_id in sorted({stack.account for stack in stacks if stack.account is not None} - {*checks}):
        names = ", ".join(stack.name for stack in stacks if stack.account == account_id)
        failures.append(f"account {account_id}: not checked ({names}): no credentials of it were given")
    return Verification(findings, failures, frozenset(checks), roles, users)


def _instances(check: AccountCheck, failures: list[str]) -> list[Instance]:
    """The stacks that stack sets of an account made, as far as they can be listed."""
    found: list[Instance] = []
    with _kept(failures, check, "its stack sets"):
        found += check.instances()
    return found


def _read_instance(checks: Mapping[str, AccountCheck], instance: Instance, failures: list[str]) -> None:
    check = checks.get(instance.account)
    if check is None:
        said = f"account {instance.account}: not checked: no credentials of it were given"
        failures.append(f"{instance.maker}: {said}")
        return
    with _kept(failures, check, instance.maker):
        check.read(instance.stack, instance.region, instance.template, instance.folder)


@contextmanager
def _kept(failures: list[str], check: AccountCheck, what: str) -> Iterator[None]:
    """Keep what could not be read of an account, and go on."""
    try:
        yield
    except CannotCheck as error:
        check.incomplete = True
        failures.append(f"account {check.account.id}: {what}: {error}")
    except OUT_OF_REACH as error:
        check.incomplete = True
        failures.append(f"account {check.account.id}: {what}: {refusal(error, '').message}")
