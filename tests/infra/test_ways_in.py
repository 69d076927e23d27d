"""
Every role's list of those who get in is what the accounts file says.

What the file says is read from it here once more, and who gets in is asked of the validator's evaluator, caller by
caller. Neither has anything of the app in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from aws_cdk import cx_api

from infra.accounts import ACCOUNTS_FILE
from tests.infra.conftest import EVERYTHING
from tests.infra.said import CLUSTERS, Said
from tests.infra.ways_in import Attempt, Deployed, assertions, deployed, entered, tokens
from trustproof.model.request import (
    ANONYMOUS,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    USER_KEY,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Caller,
)

FRESH, STALE = 60, 7200
STRANGER = "999900001111"
SIGN_IN = "https://signin.aws.amazon.com/saml"


def attempts(said: Said, found: Deployed) -> list[Attempt]:
    """Everybody whom the file names, rightly and wrongly, and strangers."""
    ids = [account["id"] for account in said.accounts.values()]
    return [
        *_people(said, found),
        *_sessions(said, found),
        *_vendors(said, found),
        *tokens(found, ids, said.subjects()),
        *(a for name in said.table("saml") for a in assertions(ids, f"Org-{name}", f"person of {name}", SIGN_IN)),
        *(a for name in said.also() for a in assertions(ids, f"Org-{name}.2", f"person of {name}", SIGN_IN)),
        *assertions(ids, "Org-staff", "person at another endpoint", "https://example.com/saml"),
        *assertions(ids, "Another", "person of another provider", SIGN_IN),
        *_pods(said),
        *_pods_with_tokens(said),
        *_strangers(said),
    ]


def _people(said: Said, found: Deployed) -> Iterator[Attempt]:
    named = {f"member of {group}": [group] for group in said.table("groups")}
    # Whose member a user is, the templates say; the test below holds that to the file.
    for who, groups in {**named, **found.users}.items():
        user = f"arn:aws:iam::{said.hub}:user/{'-'.join(who.split())}"
        policies = [document for group in groups for document in found.groups[group]]
        yield Attempt(f"{who} with a key", Caller(USER_KEY, user), policies=policies)
        yield Attempt(f"{who} without MFA", Caller(USER_SESSION, user), policies=policies)
        for how, age in (("with MFA", FRESH), ("with stale MFA", STALE)):
            context = {"aws:MultiFactorAuthAge": str(age)}
            yield Attempt(f"{who} {how}", Caller(USER_SESSION_MFA, user), context=context, policies=policies)


def _sessions(said: Said, found: Deployed) -> Iterator[Attempt]:
    reserved = "role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO"
    for name in (*said.table("permission-sets"), "Stranger"):
        arn = f"{reserved}_{name}_0123456789abcdef"
        here = Caller(IDENTITY_CENTER, f"arn:aws:iam::{said.hub}:{arn}", "alice")
        yield Attempt(f"permission set {name}", here, policies=found.permission_sets.get(name))
        elsewhere = Caller(IDENTITY_CENTER, f"arn:aws:iam::{STRANGER}:{arn}", "alice")
        yield Attempt(f"permission set {name} elsewhere", elsewhere)
    for arn, policies in found.roles.items():
        entry = arn.partition("/OrgCiEntry-")[2]
        session = Caller(ROLE_SESSION, arn, "session")
        # What AWS's own policies allow the other roles is as much as can be.
        yield Attempt(f"entry of {entry}", session, policies=policies) if entry else Attempt(arn, session)


def _vendors(said: Said, found: Deployed) -> Iterator[Attempt]:
    # A vendor knows the external id of each role it was given, and tries all of them everywhere.
    known = {
        value
        for trust in found.trust.values()
        for statement in trust.statements
        for condition in statement.conditions
        if condition.key == "sts:ExternalId"
        for value in condition.operands
    }
    for entry in said.table("vendors").values():
        for account in entry["accounts"]:
            robot = Caller(ROLE_SESSION, f"arn:aws:iam::{account}:role/robot", "robot")
            yield Attempt(f"vendor {account} without external id", robot)
            yield Attempt(f"vendor {account} for another customer", robot, context={"sts:ExternalId": "customer-4711"})
            for external_id in sorted(map(str, known)):
                yield Attempt(f"vendor {account}", robot, context={"sts:ExternalId": external_id})


def _pods(said: Said) -> Iterator[Attempt]:
    named = {who for entry in said.table("pods").values() for who in entry["service-accounts"]}
    # Each namespace with the service accounts of the others too.
    crossed = {f"{a.partition('/')[0]}/{b.partition('/')[2]}" for a in named for b in named}
    ids = [account["id"] for account in said.accounts.values()]
    for account, cluster, who in product((*ids, STRANGER), CLUSTERS, sorted({*named, *crossed})):
        arn = f"arn:aws:eks:eu-central-1:{account}:cluster/{cluster}"
        namespace, _, service_account = who.partition("/")
        tags = {
            "aws:RequestTag/eks-cluster-arn": arn,
            "aws:RequestTag/kubernetes-namespace": namespace,
            "aws:RequestTag/kubernetes-service-account": service_account,
        }
        context = {"aws:SourceAccount": account, "aws:SourceArn": arn, **tags}
        yield Attempt(f"pod {(account, cluster, who)}", Caller(SERVICE, "pods.eks.amazonaws.com"), context=context)


def _pods_with_tokens(said: Said) -> Iterator[Attempt]:
    entries = [entry for entry in said.table("pods").values() if "issuers" in entry]
    issuers = {issuer for entry in entries for listed in entry["issuers"].values() for issuer in listed}
    named = {who for entry in said.table("pods").values() for who in entry["service-accounts"]}
    ids = [account["id"] for account in said.accounts.values()]
    for account, issuer, who in product((*ids, STRANGER), sorted(issuers), sorted(named)):
        host = issuer.removeprefix("https://")
        caller = Caller(WEB_IDENTITY, f"arn:aws:iam::{account}:oidc-provider/{host}")
        subject = {f"{host}:sub": f"system:serviceaccount:{who.replace('/', ':')}"}
        for name, audience in ((f"pod {(account, issuer, who)}", "sts.amazonaws.com"), ("pod elsewhere", "vault")):
            context = {**subject, f"{host}:aud": audience}
            yield Attempt(name, caller, "sts:AssumeRoleWithWebIdentity", context)


def _strangers(said: Said) -> Iterator[Attempt]:
    context = {"aws:MultiFactorAuthAge": str(FRESH), "sts:ExternalId": "customer-0815"}
    yield Attempt("anonymous", Caller(ANONYMOUS))
    yield Attempt("root of a stranger", Caller(ROOT, f"arn:aws:iam::{STRANGER}:root", userid=STRANGER))
    for name, account in {**said.accounts, "stranger": {"id": STRANGER}}.items():
        if account["id"] != said.hub:
            user = Caller(USER_SESSION_MFA, f"arn:aws:iam::{account['id']}:user/mallory")
            yield Attempt(f"user in {name} with MFA", user, context=context)
        role = Caller(ROLE_SESSION, f"arn:aws:iam::{account['id']}:role/Admin", "mallory")
        yield Attempt(f"administrator of {name}", role, context={"sts:ExternalId": "customer-0815"})


FILES = [(ACCOUNTS_FILE, "assembly"), (EVERYTHING, "everything_assembly")]


@pytest.mark.parametrize(("file", "synthesized"), FILES, ids=["accounts", "everything"])
def test_who_gets_in_is_what_the_file_says(file: Path, synthesized: str, request: pytest.FixtureRequest) -> None:
    """Of everybody who tries, those get into a role whom the accounts file names for it, and nobody else."""
    assembly: cx_api.CloudAssembly = request.getfixturevalue(synthesized)
    said, found = Said(file), deployed(assembly)
    organization = said.file["organization"]["id"]
    actual = entered(found, attempts(said, found), organization)
    assert actual == said.expected()


def test_users_are_members_of_their_groups(everything_assembly: cx_api.CloudAssembly) -> None:
    """A user is a member of the groups that the file gives, and of no others."""
    said = Said(EVERYTHING)
    found = deployed(everything_assembly)
    assert {user: sorted(groups) for user, groups in found.users.items()} == {
        user: sorted(groups) for user, groups in said.table("users").items()
    }
    assert found.groups.keys() == said.table("groups").keys()
