"""
Policy documents by themselves, and the authorization details of accounts.
"""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import trustproof

ACCOUNT = "111122223333"
CONFIG = {"boundary": {"accounts": ["222233334444"]}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
MFA_IF_EXISTS = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(principal: Any, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return policy({**statement, "Condition": condition} if condition else statement)


def details(**lists: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer for an account."""
    empty: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    return {**empty, **lists}


def named(kind: str, name: str, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """An entry of an answer."""
    return {"Path": "/", f"{kind}Name": name, "Arn": f"arn:aws:iam::{account}:{kind.lower()}/{name}", **more}


def managed(name: str, document: Any, owner: str = ACCOUNT, *older: Any) -> dict[str, Any]:
    """A managed policy of an answer."""
    versions = [{"VersionId": "v0", "IsDefaultVersion": False, "Document": one} for one in older]
    versions.append({"VersionId": "v9", "IsDefaultVersion": True, "Document": document})
    arn = f"arn:aws:iam::{owner}:policy/{name}"
    return {"PolicyName": name, "Arn": arn, "Path": "/", "PolicyVersionList": versions}


def attached(*policies: dict[str, Any]) -> list[dict[str, Any]]:
    """How an answer says that managed policies are attached."""
    return [{"PolicyName": one["PolicyName"], "PolicyArn": one["Arn"]} for one in policies]


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    """An identity policy."""
    return policy({"Effect": "Allow", "Action": list(actions), "Resource": resource})


def role(name: str, document: Any, **more: Any) -> dict[str, Any]:
    """A role of an answer."""
    return named("Role", name, AssumeRolePolicyDocument=document, RolePolicyList=[], AttachedManagedPolicies=[], **more)


def checked(tmp_path: Path, *files: object, **arguments: Any) -> trustproof.Report:
    """The report on some files."""
    paths = []
    for number, content in enumerate(files):
        path = tmp_path / f"input{number}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        paths.append(path)
    return trustproof.check(paths, **{"config": CONFIG, **arguments})


def verdicts(report: trustproof.Report) -> dict[str, str]:
    """Property to its worst verdict."""
    assert not report.errors, report.errors
    found: dict[str, str] = {}
    for one in report.verdicts:
        worst = ("proved", "unknown", "refuted")
        found[one.property] = max(one.verdict, found.get(one.property, "proved"), key=worst.index)
    return found


TRUSTS = [
    ("MFA asked for", trust({"AWS": ACCOUNT}, MFA)),
    ("IfExists", trust({"AWS": ACCOUNT}, MFA_IF_EXISTS)),
    ("foreign", trust({"AWS": "999988887777"}, MFA)),
    ("everybody", trust("*")),
    ("a service", trust({"Service": "lambda.amazonaws.com"})),
    ("an organization", trust("*", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})),
]


@pytest.mark.parametrize("document", [row[1] for row in TRUSTS], ids=[row[0] for row in TRUSTS])
def test_every_reader_gives_the_same_verdict(tmp_path: Path, document: dict[str, Any]) -> None:
    """A trust policy in a template, by itself and in an account's details has one verdict, and one counterexample."""
    properties = {"AssumeRolePolicyDocument": document, "RoleName": "input0", "MaxSessionDuration": 3600}
    template = {"Resources": {"input0": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    account = details(RoleDetailList=[role("input0", document, MaxSessionDuration=3600)])
    reports = [checked(tmp_path, one, account=ACCOUNT) for one in (template, document, account)]
    answers = [
        {
            (one.property, one.verdict): one.counterexample and (one.counterexample.caller, one.counterexample.context)
            for one in report.results
            if one.property != "deployers-declared"
        }
        for report in reports
    ]
    assert answers[0] == answers[1] == answers[2]


class TestPolicies:
    """What a document is attached to, and what is asked of it."""

    @pytest.mark.parametrize(
        ("document", "kind", "expected"),
        [
            (trust({"AWS": ACCOUNT}), None, {"mfa-required": "refuted"}),
            (trust({"AWS": ACCOUNT}, MFA), None, {"mfa-required": "proved"}),
            (allow("iam:*"), "identity", {"sensitive-actions-require-mfa": "refuted"}),
            (allow("sts:AssumeRole"), "identity", {"assume-role-scoped": "refuted"}),
            (
                policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}),
                None,
                {"inside-boundary": "refuted"},
            ),
            (
                policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sqs:SendMessage"}),
                None,
                {"inside-boundary": "proved"},
            ),
            (
                policy({"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}),
                None,
                {"inside-boundary": "refuted"},
            ),
            (
                policy({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "*"}),
                "trust",
                {"mfa-required": "refuted"},
            ),
        ],
    )  # fmt: skip
    def test_kinds(self, tmp_path: Path, document: object, kind: str | None, expected: dict[str, str]) -> None:
        """A document is told from what it says, or is what the caller says."""
        found = verdicts(checked(tmp_path, document, account=ACCOUNT, policy_kind=kind))
        assert {ident: found.get(ident) for ident in expected} == expected

    def test_the_line_is_that_of_the_document(self, tmp_path: Path) -> None:
        """A finding stands in the file that the author has written."""
        report = checked(tmp_path, trust({"AWS": ACCOUNT}, MFA_IF_EXISTS), properties=["mfa-required"])
        (found,) = report.results
        position = report.sources.position(found.template, found.path)
        assert position is not None
        line = report.sources.line(found.template, position.line)
        assert "aws:MultiFactorAuthPresent" in line

    @pytest.mark.parametrize(
        ("document", "message"),
        [
            (
                policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
                "say --as trust or --as resource",
            ),
            (
                policy({"Effect": "Allow", "Principal": "*", "Action": ["s3:*", "sqs:*"], "Resource": "*"}),
                "cannot tell what this resource policy stands on: it is about s3, sqs; expected one of",
            ),
        ],
    )  # fmt: skip
    def test_what_cannot_be_told_is_an_error(self, tmp_path: Path, document: object, message: str) -> None:
        """Nothing is guessed: the error says what to say."""
        (error,) = checked(tmp_path, document).errors
        assert message in str(error)

    def test_what_aws_would_refuse_is_an_error_with_its_line(self, tmp_path: Path) -> None:
        """A malformed document is no document."""
        (error,) = checked(tmp_path, policy({"Effect": "Alow", "Action": "s3:*", "Resource": "*"})).errors
        assert "Alow" in str(error)
        assert error.line == 5

    def test_as_is_for_policies(self, tmp_path: Path) -> None:
        """A template with `--as` is a mistake, and says so."""
        (error,) = checked(tmp_path, {"Resources": {}}, policy_kind="trust").errors
        assert "is no policy document, which --as trust is for" in str(error)
        with pytest.raises(trustproof.UsageError, match="policy_kind must be one of trust, identity, resource"):
            checked(tmp_path, {"Resources": {}}, policy_kind="role")

    def test_an_identity_policy_that_nobody_has_is_said(self, tmp_path: Path) -> None:
        """Without `--as` nobody is known to have it, and the report says that it was not asked about."""
        report = checked(tmp_path, policy({"Effect": "Allow", "Action": "iam:*", "Resource": "*"}))
        assert report.policies == 0 or not report.failures()
        assert any("without a policy" in note or "no template has a policy" in note for note in report.notes)
        (said,) = (note for note in report.notes if "attached to nobody" in note)
        assert said.endswith("; --as identity asks about it as a policy of a user")
        for name in ("a", "b"):
            content = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        several = trustproof.check([tmp_path / "a.json", tmp_path / "b.json"])
        (said,) = (note for note in several.notes if "attached to nobody" in note)
        assert said.endswith("b.json; --as identity asks about each as a policy of a user")


class TestAccounts:
    """Everything that an account has, put together."""

    def test_what_groups_give_is_the_users(self, tmp_path: Path) -> None:
        """A user has what its groups have attached, in the version that is in force, within its boundary."""
        own = managed("All", allow("*"), ACCOUNT, policy({"Effect": "Deny", "Action": "*", "Resource": "*"}))
        group = named("Group", "g", GroupPolicyList=[], AttachedManagedPolicies=attached(own))
        user = named("User", "alice", UserPolicyList=[], AttachedManagedPolicies=[], GroupList=["g"])
        found = checked(tmp_path, details(UserDetailList=[user], GroupDetailList=[group], Policies=[own]))
        assert any("alice" in one.message for one in found.results if one.verdict == "refuted")
        edge = managed("Edge", allow("s3:Get*"))
        bounded = {**user, "PermissionsBoundary": {"PermissionsBoundaryArn": edge["Arn"]}}
        found = checked(tmp_path, details(UserDetailList=[bounded], GroupDetailList=[group], Policies=[own, edge]))
        assert not any("alice" in one.message for one in found.results if one.verdict == "refuted")

    def test_the_text_of_an_aws_policy_is_that_of_the_answer(self, tmp_path: Path) -> None:
        """What AWS's policy says on the day of the answer counts, and not what was known when we were released."""
        newest = managed("Newest", allow("iam:*"), "aws")
        user = named("User", "a", UserPolicyList=[], AttachedManagedPolicies=attached(newest))
        found = checked(tmp_path, details(UserDetailList=[user], Policies=[newest]))
        assert verdicts(found)["sensitive-actions-require-mfa"] == "refuted"

    def test_a_name_of_several_kinds_says_which(self, tmp_path: Path) -> None:
        """A role and a user of one name are two."""
        user = named("User", "x", UserPolicyList=[{"PolicyName": "p", "PolicyDocument": allow("iam:*")}])
        found = checked(tmp_path, details(UserDetailList=[user], RoleDetailList=[role("x", trust({"AWS": ACCOUNT}))]))
        assert {"x (user)", "x (role)"} <= {one.logical_id for one in found.results}

    def test_the_raw_answer_has_encoded_documents(self, tmp_path: Path) -> None:
        """The API encodes documents, the command line decodes them: both are read."""
        encoded = quote(json.dumps(trust({"AWS": ACCOUNT})))
        assert verdicts(checked(tmp_path, details(RoleDetailList=[role("R", encoded)])))["mfa-required"] == "refuted"

    def test_chains_over_accounts(self, tmp_path: Path) -> None:
        """Two accounts given together: a role without MFA leads to one that demands it."""
        entry = role("Entry", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
        admin = "arn:aws:iam::222233334444:role/Admin"
        entry["RolePolicyList"] = [{"PolicyName": "p", "PolicyDocument": allow("sts:AssumeRole", resource=admin)}]
        people = trust({"AWS": "arn:aws:iam::222233334444:root"}, MFA)["Statement"]
        entered = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/Entry"})["Statement"]
        target = role("Admin", policy(*people, *entered))
        target["Arn"] = admin
        report = checked(tmp_path, details(RoleDetailList=[entry]), details(RoleDetailList=[target]))
        assert verdicts(report)["mfa-survives-chaining"] == "refuted"

    def test_how_long_sessions_last_is_not_said(self, tmp_path: Path) -> None:
        """The answer leaves the duration out: that is unknown, and not an hour."""
        report = checked(tmp_path, details(RoleDetailList=[role("R", trust({"AWS": ACCOUNT}, MFA))]))
        assert verdicts(report)["session-duration-bounded"] == "unknown"
        (reason,) = next(one for one in report.results if one.property == "session-duration-bounded").reasons
        assert "which the account details do not say" in reason
        # Nobody imports anything there.
        assert "Fn::" not in reason

    def test_service_linked_roles_are_left_out_and_said(self, tmp_path: Path) -> None:
        """Only AWS changes them; the report says how many there are."""
        linked = role("AWSServiceRoleForSupport", trust({"Service": "support.amazonaws.com"}))
        linked["Path"] = "/aws-service-role/support.amazonaws.com/"
        linked["Arn"] = f"arn:aws:iam::{ACCOUNT}:role{linked['Path']}{linked['RoleName']}"
        report = checked(tmp_path, details(RoleDetailList=[linked, role("R", trust({"AWS": ACCOUNT}, MFA))]))
        assert any("1 service-linked roles are left out" in note for note in report.notes)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ({**details(), "IsTruncated": True}, "is a part of an account only: IsTruncated is true"),
            ({**details(RoleDetailList=[role("R", {})]), "Marker": "m"}, "an account only: it has a Marker"),
            (details(UserDetailList=[named("User", "u", GroupList=["g"])]), "u is in the group g, which is missing"),
            ({**details(RoleDetailList=[role("R", {})]), "NextToken": "n"}, "only: it has a NextToken"),
            (details(), "nothing is in it, so that it does not say of which account it is"),
            (details(RoleDetailList=[{"RoleName": "R"}]), "RoleDetailList[0] has no Arn"),
            (details(RoleDetailList=["R"]), "RoleDetailList[0] must be a mapping"),
            (details(RoleDetailList=[role("R", "%zz")]), "neither a policy document nor the encoded text of one"),
            (
                details(RoleDetailList=[role("R", {})], UserDetailList=[named("User", "u", "222233334444")]),
                "is of the accounts 111122223333, 222233334444",
            ),
            *(
                (details(RoleDetailList=[*roles]), "RoleDetailList[1] has the Arn of another entry, and says")
                for roles in permutations((role("R", trust({"AWS": ACCOUNT}, MFA)), role("R", trust({"AWS": "*"}))))
            ),
            (details(Policies=[{**managed("p", {}), "PolicyVersionList": []}]), "no version that is the default"),
        ],
    )  # fmt: skip
    def test_what_is_no_account_is_an_error(self, tmp_path: Path, content: object, message: str) -> None:
        """A broken answer names what is wrong with it."""
        (error,) = checked(tmp_path, content).errors
        assert message in str(error)


def test_a_new_account_has_nothing(tmp_path: Path) -> None:
    """Where somebody says of which account it is, an answer with nothing in it is one side of a comparison like any."""
    (tmp_path / "old.json").write_text(json.dumps(details()))
    (tmp_path / "new.json").write_text(json.dumps(details(RoleDetailList=[role("R", trust({"AWS": "222233334444"}))])))
    files = [tmp_path / name for name in ("old.json", "new.json")]
    assert not trustproof.check(files[:1], account=ACCOUNT).errors
    assert trustproof.diff(*files, account=ACCOUNT).gained
    assert trustproof.diff(*files[::-1], account=ACCOUNT).lost


@pytest.mark.parametrize(("named", "is_marked"), [("v0", False), ("v9", True)])
def test_an_answer_that_contradicts_itself_about_versions_is_an_error(
    tmp_path: Path, named: str, is_marked: bool
) -> None:
    """AWS says twice which version is in force; an answer with two of them is from nobody."""
    document = policy(allow("s3:List*"))
    found = managed("p", document, ACCOUNT, document)
    found["DefaultVersionId"] = named
    found["PolicyVersionList"][0]["IsDefaultVersion"] = is_marked
    (error,) = checked(tmp_path, details(Policies=[found])).errors
    assert error.message == "Policies[0] contradicts itself about which version is the default one"


@pytest.mark.parametrize("given", [{"Path": "/aws-service-role/x.amazonaws.com/"}, {"RoleName": "S"}])
def test_a_role_is_what_its_arn_says(tmp_path: Path, given: dict[str, str]) -> None:
    """What is left out as AWS's own is so by its ARN, which policies name it by."""
    entry = {"Path": "/", **role("R", trust({"AWS": "*"})), **given}
    (error,) = checked(tmp_path, details(RoleDetailList=[entry])).errors
    assert error.message == "RoleDetailList[0] has a Path and a RoleName that are not those of its Arn"


def test_a_remedy_is_a_change_of_the_file_of_a_policy(tmp_path: Path) -> None:
    """It stands where the file has the statement, and after it the policy is proved."""
    file = tmp_path / "admins.json"
    text = json.dumps(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), indent=2)
    file.write_text(text)
    (change,) = _changes(file, "mfa-required")
    lines = text.splitlines(keepends=True)
    at = sum(map(len, lines[: change.line - 1])) + change.column - 1
    file.write_text(text[:at] + change.text + text[at:])
    report = trustproof.check([file], properties=["mfa-required"], account=ACCOUNT)
    assert [one.verdict for one in report.results] == ["proved"]


def test_no_change_of_a_policy_has_a_function(tmp_path: Path) -> None:
    """Only a template can say what its own account is."""
    file = tmp_path / "queue.json"
    service = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    file.write_text(json.dumps(policy({**service, "Resource": "*"})))
    assert not _changes(file, "no-confused-deputy")
    assert "111122223333" in _changes(file, "no-confused-deputy", account="111122223333")[0].text


def _changes(file: Path, ident: str, **arguments: Any) -> tuple[Any, ...]:
    report = trustproof.check([file], properties=[ident], config={}, **arguments)
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.remedy is not None
    assert report.sources is not None
    return report.sources.replacements(found.template, found.remedy.edits)
