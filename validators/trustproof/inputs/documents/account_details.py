"""
What `GetAccountAuthorizationDetails` says of an account: its roles, users, groups and policies.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from trustproof.errors import TemplateError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.documents.template_shapes import Recast, template_of
from trustproof.inputs.reader import Reader
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.source import Source
from trustproof.model.arn import Arn
from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Symbolic

_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
#: What is in each of them.
_KINDS = ("User", "Group", "Role", "Policy")
#: Where roles are that only AWS can change.
_SERVICE_LINKED = "/aws-service-role/"
_DURATION = "MaxSessionDuration"
#: How a value ends of which the answer says nothing.
NOT_SAID = "which the account details do not say"
#: The answer does not say how long sessions may last: a value of which nothing is known.
_UNKNOWN_DURATION = Symbolic((Symbol(f"a number of seconds {NOT_SAID}", "attribute"),))


class AccountDetailsReader:
    """
    Reads what ``aws iam get-account-authorization-details`` or ``trustproof pull`` printed.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of such files end, in a directory."""
        return (".json",)

    def reads(self, content: object) -> bool:
        """Whether a file's content is such an answer."""
        return isinstance(content, Mapping) and sum(name in content for name in _LISTS) > 1

    def resembles(self, text: str) -> bool:
        """Whether a text that cannot be parsed looks like one."""
        return '"RoleDetailList"' in text or '"UserDetailList"' in text

    def refusal(self, content: object) -> str:
        """What was expected: a clause for an error."""
        return "expected what get-account-authorization-details prints"

    def read(self, source: Source, content: Mapping[str, object], settings: Settings) -> Sequence[Template]:
        """
        The account, as a template that has everything in it.

        Raises:
            TemplateError: it is of no account, of several, or of a part of one.
        """
        found = template_of(source, content, settings, _recast)
        if found.account is None:
            raise TemplateError(
                "nothing is in it, so that it does not say of which account it is: say it (--account)", source.name
            )
        return (found,)


READER: Reader = AccountDetailsReader()


def _recast(content: Mapping[str, object], file: str) -> Recast:
    more = next((name for name in _MORE if content.get(name)), None)
    if more is not None:
        said = "IsTruncated is true" if more == "IsTruncated" else f"it has a {more}"
        raise TemplateError(
            f"is a part of an account only: {said}, and the pages after it are missing; print them all, without "
            "--max-items and --no-paginate",
            file,
        )
    return _Account(content, file).recast()


#: What says that there are more pages: the first two are the API's, and the last is that of the AWS CLI, which leaves
#: out the others: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
_MORE = ("IsTruncated", "Marker", "NextToken")


class _Account:
    """Makes resources of an answer."""

    def __init__(self, content: Mapping[str, object], file: str) -> None:
        self._content = content
        self._file = file
        #: How many things have each name.
        self._names: Counter[str] = Counter()
        self._resources: dict[str, object] = {}
        self._roots: dict[Path, Path] = {}
        self._group_names: frozenset[str] = frozenset()
        #: ARN of each managed policy of the account to its logical id, and of each of AWS's to its document's path.
        self._own: dict[str, str] = {}
        self._of_aws: dict[str, tuple[object, Path]] = {}

    def recast(self) -> Recast:
        account = self._account()
        for name, kind in zip(_LISTS, _KINDS, strict=True):
            self._names.update(str(entry.get(f"{kind}Name")) for _, entry in self._entries(name))
        for path, policy in self._entries("Policies"):
            self._policy(path, policy)
        self._group_names = frozenset(str(group.get("GroupName")) for _, group in self._entries("GroupDetailList"))
        for path, group in self._entries("GroupDetailList"):
            self._principal(path, group, "Group", "GroupPolicyList")
        linked = 0
        for path, role in self._entries("RoleDetailList"):
            if str(role.get("Path", "")).startswith(_SERVICE_LINKED):
                linked += 1
                continue
            self._principal(path, role, "Role", "RolePolicyList")
        for path, user in self._entries("UserDetailList"):
            self._principal(path, user, "User", "UserPolicyList")
        notes = [f"{linked} service-linked roles are left out: only AWS changes them"] if linked else []
        ids = frozenset(
            str(entry[f"{kind}Id"])
            for kind in ("User", "Role")
            for _, entry in self._entries(f"{kind}DetailList")
            if entry.get(f"{kind}Id")
        )
        resources = {"Resources": self._resources}
        return Recast(resources, self._roots, account, tuple(notes), is_whole_account=True, unique_ids=ids)

    def _entries(self, name: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        listed = self._content.get(name, [])
        if not isinstance(listed, list):
            raise TemplateError(f"{name} must be a list", self._file)
        for index, entry in enumerate(listed):
            if not isinstance(entry, Mapping):
                raise TemplateError(f"{name}[{index}] must be a mapping", self._file)
            yield (name, index), entry

    def _items(self, path: Path, entry: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
        """What is in a list of an entry, which may be missing."""
        listed = entry.get(name)
        if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
            if listed is None:
                return []
            raise TemplateError(f"{name} of {path[0]}[{path[1]}] must be a list of mappings", self._file)
        return listed

    def _account(self) -> str | None:
        """The account of everything that is not AWS's own; None where there is nothing else."""
        found: dict[str, None] = {}
        entries: dict[str, object] = {}
        for name, kind in zip(_LISTS, _KINDS, strict=True):
            for path, entry in self._entries(name):
                arn = Arn.parse(str(entry.get("Arn", "")))
                if arn is None:
                    raise TemplateError(f"{path[0]}[{path[1]}] has no Arn", self._file)
                called = f"{kind.lower()}{entry.get('Path', '/')}{entry.get(f'{kind}Name')}"
                if "Path" in entry and arn.resource != called:
                    # What a role may be left out by is said by both.
                    said = f"{path[0]}[{path[1]}] has a Path and a {kind}Name that are not those of its Arn"
                    raise TemplateError(said, self._file)
                if entries.setdefault(str(entry["Arn"]), entry) != entry:
                    said = f"{path[0]}[{path[1]}] has the Arn of another entry, and says something else"
                    raise TemplateError(f"{said}: join no answers that were given at different times", self._file)
                if arn.account != "aws":
                    found[arn.account] = None
        if len(found) > 1:
            said = f"is of the accounts {', '.join(sorted(found))}"
            raise TemplateError(f"{said}, expected the answer for one account", self._file)
        return next(iter(found), None)

    def _policy(self, path: Path, policy: Mapping[str, Any]) -> None:
        versions = policy.get("PolicyVersionList")
        listed = versions if isinstance(versions, list) else []
        marked = [i for i, one in enumerate(listed) if isinstance(one, Mapping) and one.get("IsDefaultVersion")]
        if not marked:
            raise TemplateError(f"{path[0]}[{path[1]}] has no version that is the default one", self._file)
        index, named = marked[0], policy.get("DefaultVersionId")
        if len(marked) > 1 or named not in (None, listed[index].get("VersionId")):
            said = f"{path[0]}[{path[1]}] contradicts itself about which version is the default one"
            raise TemplateError(said, self._file)
        place = (*path, "PolicyVersionList", index, "Document")
        document = self._document(listed[index].get("Document"), place)
        arn = str(policy["Arn"])
        if ":iam::aws:" in arn:
            self._of_aws[arn] = (document, place)
            return
        logical_id = self._logical_id("Policy", policy)
        self._own[arn] = logical_id
        properties = {
            "ManagedPolicyName": policy.get("PolicyName"),
            "Path": policy.get("Path", "/"),
            "PolicyDocument": document,
        }
        self._add(logical_id, "ManagedPolicy", path, properties, {("PolicyDocument",): place})

    def _principal(self, path: Path, entry: Mapping[str, Any], kind: str, inline: str) -> None:
        name = entry.get(f"{kind}Name")
        properties: dict[str, object] = {f"{kind}Name": name, "Path": entry.get("Path", "/")}
        roots: dict[Path, Path] = {}
        if kind == "Role":
            place = (*path, "AssumeRolePolicyDocument")
            properties["AssumeRolePolicyDocument"] = self._document(entry.get("AssumeRolePolicyDocument"), place)
            roots["AssumeRolePolicyDocument",] = place
            properties[_DURATION] = entry.get(_DURATION, _UNKNOWN_DURATION)
        policies: list[object] = []
        for index, policy in enumerate(self._items(path, entry, inline)):
            place = (*path, inline, index, "PolicyDocument")
            roots["Policies", len(policies), "PolicyDocument"] = place
            document = self._document(policy.get("PolicyDocument"), place)
            policies.append({"PolicyName": policy.get("PolicyName"), "PolicyDocument": document})
        arns: list[object] = []
        for attached in self._items(path, entry, "AttachedManagedPolicies"):
            arn = str(attached.get("PolicyArn"))
            if arn in self._of_aws:
                # The answer has the text that is in force, which may be newer than what we know of the policy.
                document, place = self._of_aws[arn]
                roots["Policies", len(policies), "PolicyDocument"] = place
                policies.append({"PolicyName": arn.rpartition("/")[2], "PolicyDocument": document})
            else:
                arns.append(self._reference(arn))
        properties |= {"Policies": policies, "ManagedPolicyArns": arns}
        boundary = entry.get("PermissionsBoundary")
        if isinstance(boundary, Mapping) and boundary.get("PermissionsBoundaryArn"):
            properties["PermissionsBoundary"] = self._reference(str(boundary["PermissionsBoundaryArn"]))
        if kind == "User" and entry.get("GroupList"):
            properties["Groups"] = self._groups(entry["GroupList"], str(name))
        if kind != "Group" and entry.get("Tags"):
            properties["Tags"] = self._items(path, entry, "Tags")
        self._add(self._logical_id(kind, entry), kind, path, properties, roots)

    def _groups(self, names: object, user: str) -> list[object]:
        """Groups of a user: the account has them all, so that what they allow is never left out without a word."""
        listed = list(names) if isinstance(names, list) else [names]
        gone = next((one for one in listed if str(one) not in self._group_names), None)
        if gone is not None:
            missing = f"{user} is in the group {gone}, which is missing; print it without --filter"
            raise TemplateError(f"is a part of an account only: {missing}", self._file)
        return listed

    def _logical_id(self, kind: str, entry: Mapping[str, Any]) -> str:
        """The name, and the kind where things of several kinds have the name."""
        name = str(entry.get(f"{kind}Name"))
        return name if self._names[name] == 1 else f"{name} ({kind.lower()})"

    def _reference(self, arn: str) -> object:
        return {"Ref": self._own[arn]} if arn in self._own else arn

    def _add(
        self, logical_id: str, kind: str, path: Path, properties: Mapping[str, object], roots: Mapping[Path, Path]
    ) -> None:
        self._resources[logical_id] = {"Type": f"AWS::IAM::{kind}", "Properties": properties}
        self._roots["Resources", logical_id] = path
        for below, place in roots.items():
            self._roots["Resources", logical_id, "Properties", *below] = place

    def _document(self, value: object, place: Path) -> object:
        """A policy document, which the API gives as encoded JSON and the command line as JSON."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(unquote(value))
        except ValueError:
            shown = ".".join(map(str, place))
            raise TemplateError(
                f"{shown} is neither a policy document nor the encoded text of one", self._file
            ) from None
