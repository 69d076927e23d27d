"""
One account: what its stacks should hold is read first, and then compared with what is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.assembly.assets import AssetManifests, Assets
from trustproof.inputs.assembly.files import below
from trustproof.live.account import LiveAccount, StackFacts
from trustproof.live.controls import compare_control
from trustproof.live.errors import CannotCheck
from trustproof.live.expectation import Expectation, StackSet, read_expectation
from trustproof.live.grants import KEY_POLICY, compare_grants
from trustproof.live.groups import compare_members, membership
from trustproof.live.holdings import Holding
from trustproof.live.identity_center import ASSIGNMENTS
from trustproof.live.other_roles import other_holders, other_roles
from trustproof.live.permissions import compare_in, managed, permissions
from trustproof.live.policy_bounds import compare_bounds
from trustproof.live.policy_comparison import (
    DIFFERS,
    SAME,
    SURPLUS,
    UNKNOWN,
    Comparison,
)
from trustproof.live.resource_tags import compare_resource_tags
from trustproof.live.resources import PolicyResource, compare_resource
from trustproof.live.settings import compare_settings
from trustproof.live.tags import compare_tags, policy_texts, tags_in_policies, uses_of_tags
from trustproof.live.template_files import template_text
from trustproof.model.document import TRUST
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.parameters import HIDDEN
from trustproof.sandbox.cloudformation.template import Template, read_before_deployment, read_template

#: Stacks of which nothing is there: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
_EMPTY = ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_COMPLETE")
#: What is said of what is deployed and no template says, as far as they are known.
_MORE = tuple((said,) for said in SURPLUS)


class Finding(NamedTuple):
    """
    One comparison.
    """

    #: The account id.
    account: str
    #: What was compared: `role OrgReader: trust policy`.
    subject: str
    comparison: Comparison


class Instance(NamedTuple):
    """
    A stack that a stack set made.
    """

    account: str
    region: str
    #: Its ARN.
    stack: str
    template: Template
    #: What made it, in words.
    maker: str
    folder: Path


class AccountCheck:
    """
    One account.

    Args:
        account: the account.
    """

    def __init__(self, account: LiveAccount) -> None:
        self.account = account
        self.findings: list[Finding] = []
        self._expected = Expectation()
        self._partitions: set[str] = set()
        self._stack_sets: list[tuple[StackSet, Path]] = []
        #: Whether what some stack of the account should hold is not known.
        self.incomplete = False

    def read(self, name: str, region: str | None, template: Template, folder: Path) -> None:
        """
        Read what a stack should hold, and its nested stacks.

        Args:
            name: of the stack, or its ARN.
            region: of the stack; None for that of the credentials.
            template: that was proved.
            folder: of the cloud assembly, where the templates of nested stacks are.

        Raises:
            CannotCheck: when something cannot be read.
        """
        where = "" if region else f" in {self.account.region}, the Region of the credentials"
        region = region or self.account.region
        facts = self.account.stack(name, region)
        if facts is None or facts.status in _EMPTY:
            said = f"there is no such stack{where}" if facts is None else f"the stack is {facts.status}"
            self._add(f"stack {name}", Comparison(DIFFERS, (said,)))
            return
        if facts.status.endswith(("_IN_PROGRESS", "_FAILED")):
            said = f"the stack is {facts.status}: what is deployed may be half of what the template says"
            self._add(f"stack {name}", Comparison(UNKNOWN, (said,)))
        self._read(name if not name.startswith("arn:") else facts.id.split("/")[1], region, template, facts)
        self._nested(folder)
        self._stack_sets += [(one, folder) for one in self._expected.stack_sets]
        self._expected.stack_sets.clear()

    def instances(self) -> Iterator[Instance]:
        """
        The stacks that the stack sets of this account made, wherever they are; each is given once.

        Raises:
            CannotCheck: when they cannot be read.
        """
        while self._stack_sets:
            one, folder = self._stack_sets.pop(0)
            template = self._template(one, folder)
            if template is None:
                self._add(one.place, Comparison(UNKNOWN, ("where the template of the stack set is is not known",)))
                continue
            answer = self.account.call(
                "cloudformation",
                "ListStackInstances",
                {"StackSetName": one.name, "CallAs": one.call_as},
                one.region,
                ("StackSetNotFoundException",),
            )
            if answer is None:
                self._add(f"stack set {one.name}", Comparison(DIFFERS, ("is not deployed",)))
                continue
            for instance in answer.get("Summaries") or []:
                yield from self._instance(one, instance, template, folder)

    def policies(self) -> list[str]:
        """The texts of the policies of its templates, and of those of its users, groups and roles."""
        return policy_texts(self.account, self._expected)

    def compare(self, *, others: bool, policies: Sequence[str] | None = None) -> list[Finding]:
        """
        Compare all that was read.

        Args:
            others: whether roles that no template makes are reported as well.
            policies: the texts of all policies that may look at tags, also of other accounts; None for its own.

        Raises:
            CannotCheck: when users, groups and roles cannot be read.
        """
        expected, account = self._expected, self.account
        partition = min(self._partitions, default="aws")
        for place in expected.missing:
            self._add(place, Comparison(DIFFERS, ("is not deployed",)))
        for place in expected.surplus:
            self._add(place, Comparison(DIFFERS, ("is deployed, and the template does not make it",)))
        for place, comparison in expected.renamed.items():
            self._add(place, comparison)
        for place in expected.unknown:
            self._add(place, Comparison(UNKNOWN, ("what the template says is not known, or not compared",)))
        policies = self.policies() if policies is None else policies
        tags = tags_in_policies(policies)
        for (kind, name), holding in expected.holdings.items():
            for subject, comparison in _identity(account, expected, kind, name, holding, partition, tags):
                self._add(subject, comparison)
        for subject, comparison in compare_members(account, expected):
            self._add(subject, _doubtful(comparison, unclear=self.incomplete))
        for arn in (*expected.managed, *expected.managed_bounds):
            result = managed(account, expected, arn, partition)
            self._add(f"managed policy {arn.partition(':policy')[2].lstrip('/')}", result)
        for held in expected.held.values():
            self._resource(held, partition)
        for setting in expected.settings:
            self._add(f"{setting.subject}: settings", setting.compare(account))
        self._roles()
        for one in expected.running:
            self._add(one.subject, one.compare(account))
        for subject, comparison in compare_resource_tags(account, expected, uses_of_tags(policies), partition):
            self._add(subject, comparison)
        self._organization(partition)
        if others:
            for subject, comparison in (*other_roles(account, expected), *other_holders(account, expected)):
                self._add(subject, comparison)
        return self.findings

    def roles(self) -> dict[str, tuple[str, dict[str, str] | None]]:
        """
        The ARNs of the deployed roles of the templates to the trust policies and tags that these give them; None where
        the tags are not known.
        """
        return {
            self.account.identities[key].arn: (holding.trust, None if holding.unclear else holding.tags)
            for key, holding in self._expected.holdings.items()
            if holding.trust is not None and key in self.account.identities
        }

    def users(self) -> dict[str, dict[str, str]]:
        """The ARNs of the users of the account to their tags, where users were read."""
        if not self._expected.holdings:
            return {}
        return {one.arn: dict(one.tags) for one in self.account.identities.values() if one.kind == "user"}

    def _resource(self, held: PolicyResource, partition: str) -> None:
        unclear = held.unclear or held.row.noun in self._expected.unclear
        result = compare_resource(self.account, held, partition)
        self._add(f"{held.subject}: policy", _doubtful(result, unclear=unclear))
        if held.row.operation == KEY_POLICY:
            for subject, grants in compare_grants(self.account, held, partition):
                self._add(subject, _doubtful(grants, unclear=unclear or self.incomplete))

    def _organization(self, partition: str) -> None:
        for control in self._expected.controls:
            for subject, comparison in compare_control(self.account, control, partition):
                self._add(subject, comparison)
        center = self._expected.identity_center
        for subject, comparison in center.compare(self.account, partition):
            unclear = (center.unclear or self.incomplete) and subject.endswith(ASSIGNMENTS)
            self._add(subject, _doubtful(comparison, unclear=unclear))

    def _roles(self) -> None:
        """Compare the roles that resources act with; of those that act with none, nothing is said."""
        for one in self._expected.roles:
            result = one.compare(self.account)
            if one.wanted or result.verdict != SAME:
                self._add(f"{one.subject}: role", result)

    def _add(self, subject: str, comparison: Comparison) -> None:
        comparison = _doubtful(comparison, unclear=self.incomplete and comparison.lines[:1] in _MORE)
        self.findings.append(Finding(self.account.id, subject, comparison))

    def _read(self, name: str, region: str, template: Template, facts: StackFacts) -> None:
        self._partitions.add(facts.id.split(":")[1])
        if template.extended:
            # Loops make what the parameters of the stack say, and not their defaults.
            given = {key: None if text == HIDDEN else text for key, text in facts.parameters.items()}
            try:
                template = read_template(template.text, given)
            except RefusedRequest as error:
                raise CannotCheck(f"stack {name}: {error.message}") from None
        read_expectation(self._expected, self.account, name, template, facts, region)

    def _nested(self, folder: Path) -> None:
        """Add what the nested stacks hold that were met, and those in them."""
        expected = self._expected
        while expected.nested:
            nested = expected.nested.pop(0)
            file = _file_of(nested.location, folder)
            if file is None:
                expected.unknown.append(f"{nested.place}: which file has the template of the nested stack is not known")
                continue
            template = _template_of(file)
            facts = self.account.stack(nested.id, nested.region)
            if facts is None:
                expected.missing.append(f"{nested.place} (AWS::CloudFormation::Stack)")
                continue
            self._read(facts.id.split("/")[1], nested.region, template, facts)

    def _template(self, one: StackSet, folder: Path) -> Template | None:
        if one.template is not None:
            try:
                return read_before_deployment(one.template)
            except RefusedRequest as error:
                self._add(one.place, Comparison(UNKNOWN, (error.message,)))
        file = _file_of(one.location, folder)
        return None if file is None else _template_of(file)

    def _instance(
        self, one: StackSet, instance: dict[str, Any], template: Template, folder: Path
    ) -> Iterator[Instance]:
        account, region = str(instance.get("Account")), str(instance.get("Region"))
        subject = f"stack set {one.name}: {account} {region}"
        status = str(instance.get("Status", "CURRENT"))
        if status != "CURRENT":
            self._add(subject, Comparison(DIFFERS, (f"the stack is {status}",)))
        if "StackId" not in instance:
            self._add(subject, Comparison(DIFFERS, ("there is no stack",)))
            return
        yield Instance(account, region, str(instance["StackId"]), template, f"stack set {one.name}", folder)


def _doubtful(comparison: Comparison, *, unclear: bool) -> Comparison:
    """What is not known where some of what the templates say is not known."""
    if not unclear or comparison.verdict != DIFFERS:
        return comparison
    return Comparison(UNKNOWN, ("not all that the templates say of it is known", *comparison.lines))


def _file_of(location: object, folder: Path) -> Path | None:
    """The file of a cloud assembly that a ``TemplateURL`` means; None where it is none of the assembly's."""
    try:
        found = Assets(AssetManifests(str(folder)), "", {}).template_of(location)
        return None if found is None else Path(below(str(folder), found, str(folder / "manifest.json")))
    except InputError as error:
        raise CannotCheck(str(error)) from None


def _template_of(file: Path) -> Template:
    try:
        return read_before_deployment(template_text(str(file)))
    except InputError as error:
        raise CannotCheck(str(error)) from None
    except RefusedRequest as error:
        raise CannotCheck(f"{file}: {error}") from None


def _identity(
    account: LiveAccount,
    expected: Expectation,
    kind: str,
    name: str,
    holding: Holding,
    partition: str,
    tags_in_use: set[str],
) -> Iterator[tuple[str, Comparison]]:
    subject = f"{kind} {name}"
    identity = account.identities.get((kind, name))
    if identity is None:
        yield subject, Comparison(DIFFERS, ("is not deployed",))
        return
    if holding.trust is not None and identity.trust is not None:
        result = compare_in(account, [holding.trust], [identity.trust], TRUST, partition, identity.arn)
        yield f"{subject}: trust policy", result
    elif holding.bounds is not None and identity.trust is not None:

        def compared(one: Sequence[str], other: Sequence[str]) -> Comparison:
            return compare_in(account, one, other, TRUST, partition, identity.arn)

        yield f"{subject}: trust policy", compare_bounds([holding.bounds], [], [identity.trust], compared)
    unclear = holding.unclear or kind in expected.unclear
    result = permissions(account, expected, kind, holding, identity, partition)
    yield f"{subject}: permissions", _doubtful(result, unclear=unclear)
    live = {"path": identity.path, "permissions boundary": identity.boundary or "none"}
    wanted = {fact: value or "none" for fact, value in holding.facts.items()}
    if "maximum session duration" in wanted:
        live["maximum session duration"] = str(account.session_duration(name))
    for fact in wanted:
        result = compare_settings({fact: wanted[fact]}, live)
        if result.verdict != SAME:
            yield f"{subject}: {fact}", Comparison(DIFFERS, (result.lines[0].partition(": ")[2],))
    if kind == "user":
        for what, result in membership(subject, holding, identity):
            yield what, _doubtful(result, unclear=unclear)
    if holding.made and kind != "group":
        yield from compare_tags(subject, holding, identity, tags_in_use)
