"""
Facts of nature: requests that nobody can send are no counterexamples, and what is not a fact is not taken for one.
"""

from __future__ import annotations

import pytest

from tests.engine.asking import allow, deny, lets_in, request, when
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.domains import text
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.witness import build
from trustproof.model.policy import ALLOW, Condition, Policy, Statement
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_SESSION,
    WEB_IDENTITY,
)
from trustproof.sets.patterns import ANY_RUN, Wildcard, join
from trustproof.spec.realism import impossibilities

GITHUB = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
SAML_ACTION, WEB_ACTION = "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"


def all_of(*conditions: Condition) -> tuple[Condition, ...]:
    return conditions


#: Kind of caller, conditions that no request of that kind meets together, and a change after which one does.
TIED = [
    # An organization has an id and paths, and the paths begin with the id.
    (
        USER_KEY,
        all_of(when("StringEquals", "aws:PrincipalOrgID", "o-a"), when("Null", "aws:PrincipalOrgPaths", "true")),
        all_of(when("StringEquals", "aws:PrincipalOrgID", "o-a"), when("Null", "aws:PrincipalOrgPaths", "false")),
    ),
    (
        USER_KEY,
        all_of(
            when("StringEquals", "aws:PrincipalOrgID", "o-a"),
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-b/*"),
        ),
        all_of(
            when("StringLike", "aws:PrincipalOrgID", "o-*"),
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-b/*"),
        ),
    ),
    (
        USER_KEY,
        all_of(
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/*"),
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-b/*"),
        ),
        all_of(
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/*"),
            when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/r-1/*"),
        ),
    ),
    (
        SERVICE,
        all_of(
            when("StringEquals", "aws:SourceOrgID", "o-a"),
            when("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-b/*"),
        ),
        all_of(when("Null", "aws:SourceOrgID", "true"), when("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-b/*")),
    ),
    # What a session's credentials were handed to is in the account of its role.
    (
        ROLE_SESSION,
        all_of(
            when("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:111122223333:function:*"),
            when("StringEquals", "aws:PrincipalAccount", "444455556666"),
        ),
        all_of(
            when("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:*:function:*"),
            when("StringEquals", "aws:PrincipalAccount", "444455556666"),
        ),
    ),
    (
        ROLE_SESSION,
        all_of(
            when("ArnLike", "ec2:SourceInstanceArn", "arn:aws:ec2:*:111122223333:instance/*"),
            when("StringNotEquals", "aws:PrincipalAccount", "111122223333"),
        ),
        all_of(
            when("ArnNotLike", "ec2:SourceInstanceArn", "arn:aws:ec2:*:111122223333:instance/*"),
            when("StringNotEquals", "aws:PrincipalAccount", "111122223333"),
        ),
    ),
    (
        ROLE_SESSION,
        all_of(
            when("Null", "codebuild:BuildArn", "false"),
            when("ArnNotLike", "codebuild:BuildArn", "arn:aws:codebuild:*:111122223333:build/*"),
            when(
                "ArnLike",
                "codebuild:BuildArn",
                "arn:aws:codebuild:*:111122223333:build/*",
                "arn:aws:codebuild:*:444455556666:build/*",
            ),
            when("StringEquals", "aws:PrincipalAccount", "111122223333"),
        ),
        all_of(
            when("ArnNotLike", "codebuild:BuildArn", "arn:aws:codebuild:*:111122223333:build/*"),
            when("StringEquals", "aws:PrincipalAccount", "111122223333"),
        ),
    ),
    (
        ROLE_SESSION,
        all_of(
            when("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:*8:function:*"),
            when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::4444????6661:role/*"),
        ),
        all_of(
            when("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:*8:function:*"),
            when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::4444????666?:role/*"),
        ),
    ),
    (
        ROLE_SESSION,
        all_of(
            when("StringLike", "lambda:SourceFunctionArn", "arn:aws:lambda:us-east-1:44445555666?:function:*"),
            when("StringEquals", "aws:PrincipalAccount", "111122223333"),
        ),
        all_of(
            # Here the wildcard may stand for the account with its colons.
            when("StringLike", "lambda:SourceFunctionArn", "arn:aws:lambda:us-east-1:*44445555666?:function:*"),
            when("StringEquals", "aws:PrincipalAccount", "111122223333"),
        ),
    ),
    (
        ROLE_SESSION,
        all_of(when("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:11112222333?3:function:*")),
        all_of(when("ArnLike", "lambda:SourceFunctionArn", "arn:aws:lambda:*:11112222333?:function:*")),
    ),
    # The network.
    (
        USER_KEY,
        all_of(when("IpAddress", "aws:SourceIp", "10.0.0.0/8", "172.16.0.0/12", "192.168.1.0/24", "fd00::/8")),
        all_of(when("IpAddress", "aws:SourceIp", "10.0.0.0/7")),
    ),
    (
        USER_KEY,
        all_of(when("IpAddress", "aws:SourceIp", "192.0.2.0/24"), when("StringEquals", "aws:SourceVpce", "vpce-1")),
        all_of(when("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"), when("StringEquals", "aws:SourceVpce", "vpce-1")),
    ),
    # Who forwards, and how.
    (
        USER_KEY,
        all_of(when("Bool", "aws:ViaAWSService", "true")),
        all_of(when("Bool", "aws:ViaAWSService", "false")),
    ),
    (
        USER_SESSION,
        all_of(when("Bool", "aws:ViaAWSService", "false"), when("Null", "aws:CalledVia", "false")),
        all_of(when("Bool", "aws:ViaAWSService", "true"), when("Null", "aws:CalledVia", "false")),
    ),
    # The source of a service's call.
    (
        SERVICE,
        all_of(
            when("StringEquals", "aws:SourceAccount", "111122223333"),
            when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:444455556666:*"),
        ),
        all_of(
            when("StringEquals", "aws:SourceAccount", "111122223333"),
            when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
        ),
    ),
    (
        SERVICE,
        all_of(
            when("StringLike", "aws:SourceAccount", "1111*"),
            when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:????55556666:*"),
            when("StringNotLike", "aws:SourceAccount", "????55556666"),
        ),
        all_of(
            when("StringLike", "aws:SourceAccount", "1111*"),
            when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:????55556666:*"),
        ),
    ),
    (
        SERVICE,
        all_of(
            when("StringLike", "aws:SourceAccount", "*1"), when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*8:topic")
        ),
        all_of(when("StringLike", "aws:SourceAccount", "*1"), when("ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:b")),
    ),
    (
        SERVICE,
        # No account is a text that has a letter among its digits.
        all_of(when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:3261a07758?8:topic")),
        all_of(when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:3261?07758?8:topic")),
    ),
    # Session tags.
    (
        USER_KEY,
        all_of(when("StringEquals", "aws:RequestTag/a", "1"), when("ForAllValues:StringEquals", "aws:TagKeys", "b")),
        all_of(when("StringEquals", "aws:RequestTag/a", "1"), when("ForAllValues:StringEquals", "aws:TagKeys", "A")),
    ),
    (
        USER_KEY,
        all_of(when("StringNotLike", "aws:RequestTag/a", "*"), when("ForAnyValue:StringEquals", "aws:TagKeys", "a")),
        # A tag with an empty value is there, and null.
        all_of(when("Null", "aws:RequestTag/a", "true"), when("ForAnyValue:StringEquals", "aws:TagKeys", "a")),
    ),
    # A source identity does not change.
    (
        ROLE_SESSION,
        all_of(when("StringEquals", "aws:SourceIdentity", "alice"), when("StringEquals", "sts:SourceIdentity", "bob")),
        all_of(
            when("StringNotEquals", "aws:SourceIdentity", "alice"), when("StringEquals", "sts:SourceIdentity", "bob")
        ),
    ),
    # MFA, by the kind of caller.
    (
        ROLE_SESSION,
        all_of(when("Bool", "aws:MultiFactorAuthPresent", "true")),
        all_of(when("Bool", "aws:MultiFactorAuthPresent", "false")),
    ),
    (
        ROOT,
        all_of(when("Bool", "aws:MultiFactorAuthPresent", "true"), when("Null", "aws:MultiFactorAuthAge", "true")),
        all_of(when("Bool", "aws:MultiFactorAuthPresent", "true"), when("Null", "aws:MultiFactorAuthAge", "false")),
    ),
    (
        ROOT,
        all_of(
            when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"), when("Null", "aws:MultiFactorAuthAge", "false")
        ),
        all_of(
            when("BoolIfExists", "aws:MultiFactorAuthPresent", "true"), when("Null", "aws:MultiFactorAuthAge", "false")
        ),
    ),
    # Formats.
    (
        USER_KEY,
        all_of(when("StringLike", "sts:ExternalId", "?")),
        all_of(when("StringLike", "sts:ExternalId", "??")),
    ),
    (
        USER_KEY,
        all_of(when("StringLike", "aws:PrincipalOrgID", "o-a-b")),
        all_of(when("StringLike", "aws:PrincipalOrgID", "o-a?b")),
    ),
    (
        SERVICE,
        all_of(when("StringEquals", "aws:SourceArn", "queue")),
        all_of(when("StringLike", "aws:SourceArn", "*queue")),
    ),
    (
        SERVICE,
        all_of(when("StringEquals", "aws:PrincipalType", "Service")),
        all_of(when("StringNotEquals", "aws:PrincipalType", "Service"), when("Null", "aws:PrincipalType", "false")),
    ),
]
_ACTIONS = {ROOT: "s3:getobject"}


@pytest.mark.parametrize(("kind", "never", "sometimes"), TIED, ids=lambda part: part if isinstance(part, str) else "")
def test_what_cannot_be_is_not_found(kind: str, never: tuple[Condition, ...], sometimes: tuple[Condition, ...]) -> None:
    """Conditions that no request meets together exclude each other, and their neighbours do not."""
    action = _ACTIONS.get(kind, "sts:assumerole")
    everybody = [allow(*conditions, principal="*", kind="*", action="*") for conditions in (never, sometimes)]
    assert not lets_in(everybody[0], kind=kind, action=action)
    found = request(everybody[1], kind=kind, action=action)
    against = impossibilities(found._replace(resource="arn:aws:s3:::example/any" if kind == ROOT else "*"))
    assert against == []


class TestWhatFollowsFromTheCaller:
    """Keys that follow from the caller, and claims of providers."""

    def test_the_name_of_a_service(self) -> None:
        """``aws:PrincipalServiceName`` is the principal, and the list has it."""
        name = when("StringEquals", "aws:PrincipalServiceName", "ec2.amazonaws.com")
        listed = when("ForAllValues:StringEquals", "aws:PrincipalServiceNamesList", "lambda.amazonaws.com")
        assert not lets_in(allow(name, principal="lambda.amazonaws.com", kind="Service"), kind=SERVICE)
        assert lets_in(allow(name, principal="ec2.amazonaws.com", kind="Service"), kind=SERVICE)
        assert not lets_in(allow(listed, principal="ec2.amazonaws.com", kind="Service"), kind=SERVICE)
        assert lets_in(allow(listed, principal="lambda.amazonaws.com", kind="Service"), kind=SERVICE)
        # Nobody has that name, and so nobody has it in the list alone.
        nobody = when("ForAllValues:StringEquals", "aws:PrincipalServiceNamesList", "ec2.example.com")
        assert not lets_in(allow(nobody, principal="*", kind="*"), kind=SERVICE)

    @pytest.mark.parametrize(
        ("pattern", "possible"),
        [("111122223333/Corp", True), ("*/Corp", True), ("1111*rp", True), ("?*/?*", True), ("444455556666/*", False)],
    )
    def test_the_document_of_an_assertion(self, pattern: str, possible: bool) -> None:
        """``saml:doc`` is the account and the name of the provider."""
        provider = "arn:aws:iam::111122223333:saml-provider/Corp"
        statement = allow(when("StringLike", "saml:doc", pattern), principal=provider, kind="Federated")
        assert lets_in(statement, kind=SAML, action=SAML_ACTION) is possible

    @pytest.mark.parametrize(
        ("kind", "pattern", "possible"),
        [
            (FEDERATED_USER, "111122223333:bo", True),
            (FEDERATED_USER, "*:bo", True),
            (FEDERATED_USER, "111122223333:al", False),
            (ROOT, "111122223333", True),
            (ROOT, "444455556666", False),
            (ANONYMOUS, "anonymous", True),
            (ANONYMOUS, "A*", False),
        ],
    )
    def test_unique_ids(self, kind: str, pattern: str, possible: bool) -> None:
        """``aws:userid`` of federated users, of the root user and of nobody follows from who they are."""
        conditions = [when("StringLike", "aws:userid", pattern)]
        if kind == FEDERATED_USER:
            conditions.append(when("StringEquals", "aws:PrincipalArn", "arn:aws:sts::111122223333:federated-user/bo"))
        elif kind == ROOT:
            conditions.append(when("StringEquals", "aws:PrincipalAccount", "111122223333"))
        statement = allow(*conditions, kind="*", action="*")
        assert lets_in(statement, kind=kind, action="s3:getobject") is possible

    def test_claims_of_another_provider(self) -> None:
        """A token carries claims of its own issuer."""
        own = when("StringLike", f"{GITHUB}:sub", "repo:acme/*")
        foreign = when("StringLike", "accounts.google.com:sub", "*")
        for condition, possible in ((own, True), (foreign, False)):
            statement = allow(condition, principal=PROVIDER, kind="Federated")
            assert lets_in(statement, kind=WEB_IDENTITY, action=WEB_ACTION) is possible

    def test_the_provider_of_a_token(self) -> None:
        """``aws:FederatedProvider``, where it is there, is the provider."""
        for name, possible in ((PROVIDER, True), ("accounts.google.com", False)):
            statement = allow(when("StringEquals", "aws:FederatedProvider", name), principal=PROVIDER, kind="Federated")
            assert lets_in(statement, kind=WEB_IDENTITY, action=WEB_ACTION) is possible

    def test_identity_center_roles_are_not_roles(self) -> None:
        """Sessions of Identity Center's roles are a kind of their own."""
        reserved = when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*")
        assert lets_in(allow(reserved), kind=IDENTITY_CENTER)
        assert not lets_in(allow(reserved), kind=ROLE_SESSION)


def test_facts_hold_in_denies_too() -> None:
    """Two Denies that together stop every request that can be sent close the question."""
    with_paths = deny(when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a/*"))
    without = deny(when("Null", "aws:PrincipalOrgPaths", "true"))
    statement = allow(when("StringEquals", "aws:PrincipalOrgID", "o-a"))
    assert not lets_in(statement, with_paths, without)
    assert lets_in(statement, deny(when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-b/*")), without)


POINT = "arn:aws:s3:us-east-1:111122223333:accesspoint/readers"
ABOUT = [
    ("iam:createvirtualmfadevice", "arn:aws:iam::111122223333:mfa/any", True),
    ("iam:createvirtualmfadevice", "arn:aws:iam::111122223333:user/alice", False),
    ("iam:createvirtualmfadevice", "arn:aws:iam::111122223333:*", True),
    ("iam:enablemfadevice", "arn:aws:iam::111122223333:user/people/alice", True),
    ("iam:enablemfadevice", "arn:aws:iam::111122223333:mfa/*", False),
    ("iam:listvirtualmfadevices", "*", True),
    ("iam:listvirtualmfadevices", "arn:aws:iam::111122223333:mfa/*", True),
    ("iam:listvirtualmfadevices", "arn:aws:iam::111122223333:user/*", False),
    ("iam:*", "arn:aws:iam::111122223333:group/admins", True),
    ("iam:*", "arn:aws:s3:::bucket", False),
    ("kms:*", "arn:aws:s3:::bucket", False),
    ("*", "arn:aws:s3:::bucket", True),
    ("kms:*", "arn:aws:*:::bucket", True),
    ("kms:*", "*:kms:us-east-1:111122223333:key/*", True),
    ("ec2:*", "arn:aws:iam::111122223333:role/app", True),
    ("ec2:terminate*", "arn:aws:iam::111122223333:role/app", False),
    ("backup:*", "arn:aws:ec2:us-east-1::snapshot/snap-1", True),
    ("nosuchservice:*", "arn:aws:s3:::bucket", True),
    # Fewer than six fields are no ARN, and what they match is open.
    ("kms:*", "arn:aws:s3:bucket", True),
    ("s3:getobject", "arn:aws:s3:::logs", False),
    ("s3:getobject", "arn:aws:s3:::logs/*", True),
    ("s3:getobject", "arn:aws:s3:::logs*", True),
    ("s3:getobject", "*", True),
    ("s3:getobject", f"{POINT}/object/*", True),
    ("s3:getobject", POINT, False),
    ("s3:listbucket", "arn:aws:s3:::logs", True),
    ("s3:listbucket", "arn:aws:s3:::logs/*", False),
    ("s3:listbucket", "arn:aws:s3:::*", True),
    ("s3:listbucket", "*", True),
    ("s3:listbucket", POINT, True),
    ("s3:listbucket", f"{POINT}/object/*", False),
    ("s3:deletebucket", POINT, False),
    ("s3:*", "arn:aws:s3:::logs", True),
    ("s3:*object", "arn:aws:s3:::logs", True),
    ("s3:listallmybuckets", "*", True),
    ("s3:tagresource", "arn:aws:s3:::logs", True),
    ("sts:assumerole", "arn:aws:iam::111122223333:role/deploy", True),
    ("sts:assumerole", "arn:aws:iam::111122223333:user/alice", False),
    ("sts:assumerole", "*", True),
    ("sts:getcalleridentity", "arn:aws:iam::111122223333:user/alice", False),
    ("sts:getcalleridentity", "*", True),
    ("sts:*", "arn:aws:s3:::logs", False),
    ("sts:*", "arn:aws:sts::111122223333:federated-user/bob", True),
    ("sts:tagsession", "arn:aws:iam::111122223333:role/deploy", True),
    ("sts:setcontext", "arn:aws:sts::111122223333:self", True),
    ("sts:assumeroot", "arn:aws:iam::111122223333:root", True),
    ("sts:assumeroot", "arn:aws:s3:::logs", False),
]


@pytest.mark.parametrize(("action", "resource", "possible"), ABOUT)
def test_what_actions_are_about(action: str, resource: str, possible: bool) -> None:
    """An action is about resources of its own types, and the request that is found is one that can be sent."""
    statement = Statement(ALLOW, actions=(action,), resources=(resource,))
    found = ask(CompiledPolicy(Policy((statement,))), Region(RequestSpace(USER_KEY, "", "aws")), 0)
    assert isinstance(found, AllowedPart) is possible
    if isinstance(found, AllowedPart):
        assert impossibilities(build(found)) == []


def test_every_token_of_cognito_says_how_its_bearer_signed_in() -> None:
    """A token without ``amr`` is one of another provider."""
    key, pool = "cognito-identity.amazonaws.com", ("us-east-1:pool",)
    for host, absent, possible in ((key, "true", False), (key, "false", True), (PROVIDER, "true", True)):
        statement = allow(when("Null", f"{key}:amr", absent), principal=host, kind="Federated", action=WEB_ACTION)
        assert lets_in(statement, kind=WEB_IDENTITY, action=WEB_ACTION) is possible
    found = request(
        allow(when("StringEquals", f"{key}:aud", *pool), principal=key, kind="Federated", action=WEB_ACTION),
        kind=WEB_IDENTITY,
        action=WEB_ACTION,
    )
    assert impossibilities(found) == []
    without = {name: value for name, value in found.context.items() if not name.endswith(":amr")}
    assert impossibilities(found._replace(context=without)) == [f"{key}:amr is in every token of {key}"]


OURS, THEIRS = "111122223333", "444455556666"
#: Action, resource, and whether a caller of our account may send it.
REACHED = [
    ("iam:createaccesskey", f"arn:aws:iam::{OURS}:user/*", True),
    ("iam:createaccesskey", f"arn:aws:iam::{THEIRS}:user/*", False),
    ("iam:createaccesskey", "arn:aws:iam::*:user/*", True),
    ("iam:createaccesskey", "*", True),
    ("iam:createaccesskey", "arn:aws:iam::aws:user/*", False),
    ("iam:*", f"arn:aws:iam::{THEIRS}:user/*", False),
    ("iam:*", f"arn:aws:iam::{THEIRS}:delegation-request/*", True),
    ("iam:getpolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", True),
    ("iam:getpolicy", f"arn:aws:iam::{THEIRS}:policy/*", False),
    ("iam:listusers", "*", True),
    ("sts:assumerole", f"arn:aws:iam::{THEIRS}:role/*", True),
    ("ec2:terminateinstances", f"arn:aws:ec2:*:{THEIRS}:instance/*", False),
    ("ec2:terminateinstances", f"arn:aws:ec2:*:{OURS}:instance/*", True),
    ("ec2:runinstances", f"arn:aws:ec2:*:{THEIRS}:subnet/*", True),
    ("kms:decrypt", f"arn:aws:kms:*:{THEIRS}:key/*", True),
    ("kms:schedulekeydeletion", f"arn:aws:kms:*:{THEIRS}:key/*", False),
    ("kms:*", f"arn:aws:kms:*:{THEIRS}:key/*", True),
    ("rds:deletedbinstance", f"arn:aws:rds:*:{THEIRS}:db:*", False),
    ("dynamodb:deletetable", f"arn:aws:dynamodb:*:{THEIRS}:table/*", True),
]


@pytest.mark.parametrize("kind", [USER_KEY, ROLE_SESSION, FEDERATED_USER, ROOT])
@pytest.mark.parametrize(("action", "resource", "possible"), REACHED)
def test_some_actions_reach_no_other_account(kind: str, action: str, resource: str, possible: bool) -> None:
    """The caller of a request that is found is in the account of what it is about, where that has to be."""
    if kind in (FEDERATED_USER, ROOT) and action.startswith("sts:"):
        return
    compiled = CompiledPolicy(Policy((Statement(ALLOW, actions=(action,), resources=(resource,)),)))
    here = text(join("arn:aws:", Wildcard(":", True, True), f"::{OURS}:", ANY_RUN))
    found = ask(compiled, Region(RequestSpace(kind, "", "aws"), (("caller", here),)), 0)
    assert isinstance(found, AllowedPart) is possible
    if isinstance(found, AllowedPart):
        assert impossibilities(build(found)) == []
    # Where nobody says which account the caller is of, it is the right one.
    anybody = ask(compiled, Region(RequestSpace(kind, "", "aws")), 0)
    assert isinstance(anybody, AllowedPart) is ("::aws:user" not in resource)
    if isinstance(anybody, AllowedPart):
        assert impossibilities(build(anybody, accounts=(OURS,))) == []


def test_services_call_for_any_account() -> None:
    """A caller without an account is held to none."""
    statement = allow(principal="*", kind="*", action="kms:PutKeyPolicy")._replace(resources=("*",))
    compiled = CompiledPolicy(Policy((statement,)))
    found = ask(compiled, Region(RequestSpace(SERVICE, "", "aws")), 0)
    assert isinstance(found, AllowedPart)
    assert impossibilities(build(found)) == []
