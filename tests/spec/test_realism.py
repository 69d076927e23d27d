"""
Which requests a real caller could send.
"""

from __future__ import annotations

import pytest

from tests.spec.examples import ASSUMING, CALLERS, IDENTITY_CENTER_ROLE, request, with_context
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    USERS,
    WEB_IDENTITY,
    Caller,
    ContextValue,
    Request,
)
from trustproof.spec.realism import impossibilities, principal_keys


@pytest.mark.parametrize("kind", sorted(CALLERS))
def test_realistic_request_is_possible(kind: str) -> None:
    """Every kind of caller has a request that nothing speaks against."""
    assert impossibilities(request(kind)) == []


POSSIBLE: list[tuple[str, dict[str, ContextValue | None]]] = [
    (USER_KEY, {"aws:currenttime": "2026-11-25T00:00:00Z", "aws:epochtime": "1795564800"}),
    (ROLE_SESSION, {"aws:multifactorauthpresent": "false"}),
    (SERVICE, {"aws:multifactorauthpresent": "false"}),
    (SERVICE, {"aws:sourceaccount": "333333333333", "aws:sourcearn": "arn:aws:sns:eu-west-1:333333333333:topic"}),
    (SERVICE, {"aws:sourceaccount": "333333333333", "aws:sourcearn": "arn:aws:s3:::bucket"}),
    (SERVICE, {"aws:sourceowner": "999999999999"}),
    (SERVICE, {"aws:sourcearn": "arn:aws:s3:::bucket"}),
    (SERVICE, {"aws:sourcearn": "arn:aws:iam::aws:policy/x"}),
    (SERVICE, {"aws:principalservicenameslist": ("scheduler.amazonaws.com", "scheduler.eu-west-1.amazonaws.com")}),
    (ROOT, {"aws:multifactorauthpresent": "true", "aws:multifactorauthage": "0"}),
    (USER_KEY, {"sts:externalid": "a/b:c"}),
    (SERVICE, {"aws:securetransport": "false"}),
    (USER_KEY_MFA, {"aws:multifactorauthage": "60"}),
    (USER_SESSION_MFA, {"aws:multifactorauthage": "129600"}),
    (USER_KEY, {"aws:sourceip": "2001:db8::1"}),
    (USER_KEY, {"aws:sourceip": "172.32.0.1"}),
    (USER_KEY, {"aws:sourcevpce": "vpce-1", "aws:vpcsourceip": "10.0.0.1"}),
    (USER_SESSION, {"aws:viaawsservice": "true", "aws:calledvia": ("athena.amazonaws.com",)}),
    (ROLE_SESSION, {"aws:principalorgid": "o-a1b2c3d4e5", "aws:principalorgpaths": ("o-a1b2c3d4e5/r-ab12/ou-1/",)}),
    (ROLE_SESSION, {"aws:requesttag/team": "", "aws:tagkeys": ("Team",)}),
    (ROLE_SESSION, {"aws:sourceidentity": "alice", "sts:sourceidentity": "alice"}),
    (ROLE_SESSION, {"aws:resourceaccount": "111111111111"}),
    (
        ROLE_SESSION,
        {"lambda:sourcefunctionarn": f"arn:aws:lambda:eu-west-1:{CALLERS[ROLE_SESSION].account}:function:x"},
    ),
    (ROLE_SESSION, {"saml:sub": "alice", "token.actions.githubusercontent.com:sub": "repo:x"}),
    (WEB_IDENTITY, {"token.actions.githubusercontent.com:repository": "example/app"}),
    *(
        (WEB_IDENTITY, {"token.actions.githubusercontent.com:sub": sub})
        for sub in ("repo:o/r", "repo:o/r:ref:refs/heads/x", "repo:o@1/r@2:pull_request", "ref:x", "pull_request")
    ),
    (WEB_IDENTITY, {"aws:federatedprovider": CALLERS[WEB_IDENTITY].arn}),
    (SAML, {"saml:edupersonaffiliation": ("staff", "faculty")}),
    (SAML, {"saml:aud": None}),
    (USER_KEY, {"acme:whatever": "x"}),
    (USER_KEY, {"acme:whatever": ("x", "y")}),
]


@pytest.mark.parametrize(("kind", "changes"), POSSIBLE)
def test_possible(kind: str, changes: dict[str, ContextValue | None]) -> None:
    """Keys that a caller may have, may be there."""
    assert impossibilities(with_context(request(kind), changes)) == []


MFA = "aws:multifactorauthpresent"
AGE = "aws:multifactorauthage"
IMPOSSIBLE: list[tuple[str, dict[str, ContextValue | None], str]] = [
    # MFA, by credential.
    (USER_KEY, {MFA: "false"}, "MultiFactorAuthPresent is not in a request"),
    (USER_KEY, {MFA: "true", AGE: "1"}, "MultiFactorAuthPresent is not in a request"),
    (USER_KEY_MFA, {MFA: "false", AGE: None}, "of this caller is 'true'"),
    (USER_KEY_MFA, {MFA: None, AGE: None}, "MultiFactorAuthPresent is in every request"),
    (USER_KEY_MFA, {AGE: None}, "if and only if"),
    (USER_SESSION, {MFA: "true", AGE: "1"}, "of this caller is 'false'"),
    (USER_SESSION, {MFA: None}, "is in every request"),
    (USER_SESSION_MFA, {MFA: "false", AGE: None}, "of this caller is 'true'"),
    (USER_SESSION_MFA, {AGE: "-1"}, "counts seconds"),
    (USER_SESSION_MFA, {AGE: "1.5"}, "counts seconds"),
    (USER_KEY_MFA, {AGE: "61"}, "is not 61 seconds old"),
    (USER_SESSION_MFA, {AGE: "129601"}, "is not 129601 seconds old"),
    (USER_SESSION_MFA, {AGE: "soon"}, "not a value of aws:MultiFactorAuthAge"),
    (USER_SESSION_MFA, {MFA: "True"}, "not a value of aws:MultiFactorAuthPresent"),
    (ROLE_SESSION, {MFA: "true", AGE: "1"}, "has no MFA"),
    (ROLE_SESSION, {MFA: "false", AGE: "1"}, "MultiFactorAuthAge is not in a request"),
    (IDENTITY_CENTER, {MFA: "false"}, "is not in a request"),
    (SAML, {MFA: "false"}, "is not in a request"),
    (WEB_IDENTITY, {MFA: "true", AGE: "1"}, "is not in a request"),
    (FEDERATED_USER, {MFA: "false"}, "is not in a request"),
    (SERVICE, {MFA: "true", AGE: "1"}, "has no MFA"),
    (ANONYMOUS, {MFA: "false"}, "is not in a request"),
    # What follows from the caller.
    (USER_KEY, {"aws:principalarn": "arn:aws:iam::222222222222:user/bo"}, "aws:PrincipalArn of this caller"),
    (USER_KEY, {"aws:principalaccount": "333333333333"}, "aws:PrincipalAccount of this caller"),
    (USER_KEY, {"aws:principalaccount": None}, "aws:PrincipalAccount is in every request"),
    (USER_KEY, {"aws:principaltype": "AssumedRole"}, "aws:PrincipalType of this caller"),
    (USER_KEY, {"aws:username": "bo"}, "aws:username of this caller"),
    (USER_KEY, {"aws:username": None}, "aws:username is in every request"),
    (USER_KEY, {"aws:userid": "AIDAOTHER"}, "aws:userid of this caller"),
    (USER_KEY, {"aws:userid": None}, "aws:userid is in every request"),
    (USER_KEY, {"aws:principalisawsservice": "true"}, "aws:PrincipalIsAWSService of this caller"),
    (USER_KEY, {"aws:tokenissuetime": "2026-12-01T10:00:00Z"}, "aws:TokenIssueTime is not in a request"),
    (USER_SESSION, {"aws:tokenissuetime": None}, "aws:TokenIssueTime is in every request"),
    (ROLE_SESSION, {"aws:username": "alice"}, "aws:username is not in a request"),
    (SERVICE, {"aws:principalservicename": "lambda.amazonaws.com"}, "aws:PrincipalServiceName of this caller"),
    (SERVICE, {"aws:principalservicenameslist": ("lambda.amazonaws.com",)}, "aws:PrincipalServiceNamesList of this"),
    (SERVICE, {"aws:principalarn": "arn:aws:iam::222222222222:role/x"}, "aws:PrincipalArn is not in a request"),
    (SERVICE, {"aws:principaltype": "Robot"}, "no value of aws:PrincipalType"),
    (ANONYMOUS, {"aws:principalaccount": "222222222222"}, "aws:PrincipalAccount of this caller is 'anonymous'"),
    (SERVICE, {"aws:principalaccount": "anonymous"}, "only anonymous callers"),
    (SAML, {"saml:doc": "111111111111/Other"}, "saml:doc of this caller"),
    (SAML, {"saml:sub": None}, "saml:sub is in every request"),
    (
        ROLE_SESSION,
        {"lambda:sourcefunctionarn": "arn:aws:lambda:eu-west-1:999999999999:function:x"},
        "lambda:SourceFunctionArn is in the account of the role",
    ),
    (
        ROLE_SESSION,
        {"ec2:sourceinstancearn": "arn:aws:ec2:eu-west-1:999999999999:instance/i-1"},
        "ec2:SourceInstanceArn is in the account of the role",
    ),
    # Of a service it says whom that calls for.
    (USER_KEY, {"aws:sourceowner": "999999999999"}, "aws:SourceOwner is 999999999999, and the caller is of"),
    # Organizations.
    (USER_KEY, {"aws:principalorgid": "o-a1b2c3d4e5"}, "are present together"),
    (USER_KEY, {"aws:principalorgpaths": ("o-a1b2c3d4e5/r-ab12/",)}, "are present together"),
    (
        USER_KEY,
        {"aws:principalorgid": "o-a1b2c3d4e5", "aws:principalorgpaths": ("o-other/r-ab12/",)},
        "aws:PrincipalOrgPaths begins with aws:PrincipalOrgID",
    ),
    (SERVICE, {"aws:sourceorgid": "o-a1b2c3d4e5", "aws:sourceorgpaths": ("o-x/r-1/",)}, "aws:SourceOrgPaths begins"),
    (SERVICE, {"aws:principalorgid": "o-a1b2c3d4e5"}, "aws:PrincipalOrgID is not in a request"),
    (WEB_IDENTITY, {"aws:principalorgid": "o-a1b2c3d4e5"}, "aws:PrincipalOrgID is not in a request"),
    (USER_KEY, {"aws:resourceorgid": "corp"}, "'corp' is not a value of aws:ResourceOrgID"),
    # Keys of services, of other actions, and of nobody.
    (USER_KEY, {"aws:sourceaccount": "222222222222"}, "aws:SourceAccount is not in a request"),
    (USER_KEY, {"aws:sourcearn": "arn:aws:s3:::bucket"}, "aws:SourceArn is not in a request"),
    (USER_KEY, {"sts:durationseconds": "900"}, "sts:DurationSeconds is not in a request for sts:AssumeRole"),
    (SAML, {"sts:externalid": "abc"}, "sts:ExternalId is not in a request for sts:AssumeRoleWithSAML"),
    (USER_KEY, {"saml:aud": "https://x"}, "saml:aud is not in a request"),
    (USER_KEY, {"token.actions.githubusercontent.com:sub": "repo:x"}, "is not in a request"),
    (USER_KEY, {"aws:multifactorauthpresnt": "true"}, "no request carries the key aws:multifactorauthpresnt"),
    (USER_KEY, {"sts:rolesessionname": None}, "sts:RoleSessionName is in every request"),
    (USER_KEY, {"aws:currenttime": None}, "aws:CurrentTime is in every request"),
    (USER_KEY, {"aws:Referer": "x"}, "not lower-cased"),
    # Formats.
    (USER_KEY, {"sts:externalid": "a"}, "'a' is not a value of sts:ExternalId"),
    (USER_KEY, {"sts:externalid": "with blank"}, "not a value of sts:ExternalId"),
    (USER_KEY, {"sts:externalid": "x" * 1225}, "not a value of sts:ExternalId"),
    (USER_KEY, {"sts:rolesessionname": "x"}, "not a value of sts:RoleSessionName"),
    (USER_KEY, {"sts:rolesessionname": "a/b"}, "not a value of sts:RoleSessionName"),
    (USER_KEY, {"sts:rolesessionname": "x" * 65}, "not a value of sts:RoleSessionName"),
    (USER_KEY, {"sts:sourceidentity": "aws:alice"}, "not a value of sts:SourceIdentity"),
    (USER_KEY, {"sts:sourceidentity": "ä_"}, "not a value of sts:SourceIdentity"),
    (USER_KEY, {"aws:sourceip": "10.0.0.1"}, "10.0.0.1 is none"),
    (USER_KEY, {"aws:sourceip": "172.31.255.255"}, "172.31.255.255 is none"),
    (USER_KEY, {"aws:sourceip": "fd00::1"}, "fd00::1 is none"),
    (USER_KEY, {"aws:sourceip": "10.0.0.0/8"}, "not a value of aws:SourceIp"),
    (USER_KEY, {"aws:sourceip": "here"}, "not a value of aws:SourceIp"),
    (USER_KEY, {"aws:currenttime": "now"}, "not a value of aws:CurrentTime"),
    (USER_KEY, {"aws:securetransport": "false"}, "STS takes no request without TLS"),
    (WEB_IDENTITY, {"aws:securetransport": "false"}, "STS takes no request without TLS"),
    (USER_KEY, {"aws:securetransport": "yes"}, "not a value of aws:SecureTransport"),
    (USER_KEY, {"aws:resourceaccount": "12345"}, "not a value of aws:ResourceAccount"),
    (SERVICE, {"aws:sourcearn": "bucket"}, "not a value of aws:SourceArn"),
    (SERVICE, {"aws:sourcearn": "arn:aws:sns:us-east-1:*:topic"}, "not a value of aws:SourceArn"),
    (SERVICE, {"aws:sourcearn": "arn:aws:sns:us-east-1:11112222333:topic"}, "not a value of aws:SourceArn"),
    (ROLE_SESSION, {"lambda:sourcefunctionarn": "arn:aws:lambda:a:any8:function:f"}, "not a value of lambda:Source"),
    (ROLE_SESSION, {"ec2:sourceinstancearn": "arn:aws:ec2:a::instance/i"}, "not a value of ec2:SourceInstanceArn"),
    # Single and several.
    (USER_KEY, {"sts:externalid": ("ab", "cd")}, "single-valued"),
    (USER_KEY, {"ec2:instancetype": ("t3.micro",)}, "single-valued"),
    (USER_KEY, {"sts:transitivetagkeys": "team"}, "multi-valued"),
    (USER_KEY, {"sts:transitivetagkeys": ("",)}, "empty value"),
    (USER_KEY, {"sts:transitivetagkeys": ()}, "empty value"),
    # Facts that hang together.
    (USER_KEY, {"aws:sourceip": "203.0.113.7", "aws:sourcevpce": "vpce-1"}, "aws:SourceIp is absent"),
    (USER_SESSION, {"aws:calledvia": ("athena.amazonaws.com",)}, "only when aws:ViaAWSService is true"),
    (USER_KEY, {"aws:viaawsservice": "true"}, "no service forwards"),
    (SERVICE, {"aws:viaawsservice": "true"}, "no service forwards"),
    (SAML, {"aws:viaawsservice": "true"}, "no service forwards"),
    (
        SERVICE,
        {"aws:sourceaccount": "333333333333", "aws:sourcearn": "arn:aws:sns:eu-west-1:444444444444:topic"},
        "not in the account 333333333333",
    ),
    (ROLE_SESSION, {"aws:sourceidentity": "alice", "sts:sourceidentity": "bob"}, "cannot be changed"),
    (USER_KEY, {"aws:resourceaccount": "222222222222"}, "aws:ResourceAccount of"),
    (USER_KEY, {"aws:tagkeys": ("team",)}, "aws:TagKeys lists exactly"),
    (USER_KEY, {"aws:requesttag/team": "x"}, "aws:TagKeys lists exactly"),
    (USER_KEY, {"aws:requesttag/team": "a,b", "aws:tagkeys": ("team",)}, "is no value of aws:RequestTag/team"),
    (USER_KEY, {"aws:requesttag/a,b": "x", "aws:tagkeys": ("a,b",)}, "'a,b' is the key of no tag"),
    (ROLE_SESSION, {"aws:principaltag/team": "a;b"}, "is no value of aws:PrincipalTag/team"),
    (
        USER_KEY,
        {"aws:currenttime": "2026-11-24T23:59:59Z", "aws:epochtime": "1795564799"},
        "the moment of the request is past",
    ),
    (USER_KEY, {"aws:epochtime": "1796121001"}, "are the same moment"),
    (WEB_IDENTITY, {"accounts.google.com:sub": "x"}, "not a claim of token.actions.githubusercontent.com"),
    *(
        (WEB_IDENTITY, {"token.actions.githubusercontent.com:sub": sub}, "has the subject")
        for sub in ("REPO:o/r", "repo:o", "repo:o/r:refs/heads/x", "repo:o@1/r", "o/r:ref:x", "")
    ),
    (WEB_IDENTITY, {"aws:federatedprovider": "accounts.google.com"}, "names the provider of the token"),
    (WEB_IDENTITY, {"sts:roleauthorizedbyidp": None}, "sts:RoleAuthorizedByIdp is in every request"),
]


@pytest.mark.parametrize(("kind", "changes", "reason"), IMPOSSIBLE)
def test_impossible(kind: str, changes: dict[str, ContextValue | None], reason: str) -> None:
    """One fact that does not fit makes a realistic request impossible, and is named."""
    found = impossibilities(with_context(request(kind), changes))
    assert any(reason in one for one in found), found


@pytest.mark.parametrize("kind", sorted(CALLERS))
@pytest.mark.parametrize(
    ("action", "kinds"),
    [
        ("sts:AssumeRole", {*USERS, ROLE_SESSION, IDENTITY_CENTER, SERVICE}),
        ("sts:AssumeRoleWithSAML", {SAML}),
        ("sts:AssumeRoleWithWebIdentity", {WEB_IDENTITY}),
        ("sts:TagSession", {*ASSUMING}),
        ("sts:SetSourceIdentity", {*ASSUMING}),
        ("sts:SetContext", {*ASSUMING} - {SAML, WEB_IDENTITY}),
        ("sts:GetFederationToken", {USER_KEY, ROOT}),
        ("sts:GetSessionToken", {USER_KEY, USER_KEY_MFA, ROOT}),
        ("sts:GetCallerIdentity", {*CALLERS} - {SAML, WEB_IDENTITY, ANONYMOUS, USER_KEY_MFA}),
        ("sts:DecodeAuthorizationMessage", {*CALLERS} - {SAML, WEB_IDENTITY, ANONYMOUS, USER_KEY_MFA, FEDERATED_USER}),
        ("s3:GetObject", {*CALLERS} - {SAML, WEB_IDENTITY, USER_KEY_MFA}),
    ],
)
def test_who_calls_what(action: str, kinds: set[str], kind: str) -> None:
    """Root, federated users and anonymous callers assume no role; SAML and web identities call one action each."""
    found = [one for one in impossibilities(request(kind, action)) if "cannot call" in one or "MFA code" in one]
    assert (found == []) is (kind in kinds), found


CALLER_FAULTS: list[tuple[Caller, str]] = [
    (Caller(USER_KEY, "arn:aws:iam::22222222222:user/alice"), "12-digit"),
    (Caller(USER_KEY, "arn:aws:iam::22222222222a:user/alice"), "12-digit"),
    (Caller(USER_KEY, "arn:aws:iam::222222222222:role/alice"), "not a user ARN"),
    (Caller(USER_KEY, "arn:aws:sts::222222222222:user/alice"), "not a user ARN"),
    (Caller(USER_KEY, "arn:aws:iam::222222222222:user/"), "not the name of a user"),
    (Caller(USER_KEY, "arn:aws:iam::222222222222:user/al ice"), "not the name of a user"),
    (Caller(USER_KEY, "arn:aws:iam::222222222222:user/" + "a" * 65), "not the name of a user"),
    (Caller(USER_KEY, "arn:aws:iam::222222222222:user/a b/alice"), "not a path"),
    (Caller(USER_KEY, "arn:aws:iam:eu-west-1:222222222222:user/alice"), "not the ARN of a caller"),
    (Caller(USER_KEY, "alice"), "not the ARN of a caller"),
    (Caller(ROLE_SESSION, "arn:aws:iam::222222222222:role/Worker", "x"), "not a role session name"),
    (Caller(ROLE_SESSION, "arn:aws:iam::222222222222:role/Worker", "a/b"), "not a role session name"),
    (Caller(ROLE_SESSION, "arn:aws:iam::222222222222:role/Work*er", "build"), "not the name of a role"),
    (Caller(ROLE_SESSION, IDENTITY_CENTER_ROLE, "alice"), "through IAM Identity Center"),
    (Caller(IDENTITY_CENTER, IDENTITY_CENTER_ROLE.replace(".com/", ".com//"), "alice"), "is no Region in the path"),
    (Caller(IDENTITY_CENTER, "arn:aws:iam::222222222222:role/Worker", "alice"), "through IAM Identity Center"),
    (Caller(FEDERATED_USER, "arn:aws:sts::222222222222:federated-user/a/b"), "not a path"),
    (Caller(FEDERATED_USER, "arn:aws:iam::222222222222:federated-user/bo"), "not a federated-user ARN"),
    (Caller(ROOT, "arn:aws:iam::222222222222:user/root"), "not a root user"),
    (Caller(SAML, "arn:aws:iam::222222222222:role/Corp"), "not a saml-provider ARN"),
    (Caller(WEB_IDENTITY, "arn:aws:iam::222222222222:saml-provider/Corp"), "not an identity provider"),
    (Caller(WEB_IDENTITY, "login.example.com"), "not the ARN of a caller"),
    (Caller(SERVICE, "arn:aws:iam::222222222222:user/alice"), "not the name of a service"),
    (Caller(SERVICE, "lambda"), "not the name of a service"),
    (Caller(ANONYMOUS, "arn:aws:iam::222222222222:user/alice"), "no ARN"),
    (Caller("ghost", "arn:aws:iam::222222222222:user/alice"), "unknown kind"),
]


@pytest.mark.parametrize(("caller", "reason"), CALLER_FAULTS)
def test_malformed_caller(caller: Caller, reason: str) -> None:
    """A caller whose ARN no AWS account can contain does not exist."""
    found = impossibilities(request()._replace(caller=caller))
    assert any(reason in one for one in found), found


USER_IDS = [
    (USER_KEY, "AROAEXAMPLEALICE"),
    (USER_KEY, "AIDA"),
    (ROLE_SESSION, "AROAEXAMPLEWORKER:other"),
    (ROLE_SESSION, "AIDAEXAMPLEWORKER:build-7"),
    (FEDERATED_USER, "222222222222:alice"),
    (ROOT, "333333333333"),
]


@pytest.mark.parametrize(("kind", "userid"), USER_IDS)
def test_user_id_has_the_form_of_the_caller(kind: str, userid: str) -> None:
    """The id is checked against the kind of caller, also where the caller does not state one."""
    asked = with_context(request(kind), {"aws:userid": userid})
    asked = asked._replace(caller=CALLERS[kind]._replace(userid=""))
    assert any("is not the aws:userid" in one for one in impossibilities(asked))


def test_built_in_identity_provider() -> None:
    """The shared providers are named by their host, and so are their claims."""
    asked = request(WEB_IDENTITY)._replace(caller=Caller(WEB_IDENTITY, "accounts.google.com"))
    other = {key: None for key in asked.context if key.startswith("token.actions")}
    assert any("not a claim of accounts.google.com" in one for one in impossibilities(asked))
    assert impossibilities(with_context(asked, {**other, "accounts.google.com:sub": "1"})) == []


def test_partitions_do_not_mix() -> None:
    """A caller of one partition never reaches a role of another."""
    asked = request()._replace(resource="arn:aws-cn:iam::111111111111:role/Deployer")
    assert impossibilities(asked) == ["the caller is in the partition aws, the resource in aws-cn"]


@pytest.mark.parametrize("resource", ["arn:aws:iam::111111111111:user/x", "arn:aws:s3:::bucket", "arn:aws"])
def test_only_roles_are_assumed(resource: str) -> None:
    """Credentials come from roles."""
    assert any("is not a role" in one for one in impossibilities(request()._replace(resource=resource)))


def test_path_of_a_user_may_have_many_parts() -> None:
    """Paths may contain every printable character."""
    caller = Caller(USER_KEY, "arn:aws:iam::222222222222:user/a!b/~c/alice", userid="AIDAX")
    asked = with_context(request(), {**principal_keys(caller)})._replace(caller=caller)
    assert impossibilities(asked) == []


@pytest.mark.parametrize("kind", sorted(CALLERS))
def test_principal_keys_are_lower_cased(kind: str) -> None:
    """What follows from a caller can be put into a context as it is."""
    assert all(key == key.lower() for key in principal_keys(CALLERS[kind]))


@pytest.mark.parametrize(
    ("action", "resource", "possible"),
    [
        ("iam:CreateVirtualMFADevice", "arn:aws:iam::222222222222:mfa/alice", True),
        ("iam:CreateVirtualMFADevice", "arn:aws:iam::222222222222:user/alice", False),
        ("iam:CreateVirtualMFADevice", "*", False),
        ("iam:EnableMFADevice", "arn:aws:iam::222222222222:user/people/alice", True),
        ("iam:EnableMFADevice", "arn:aws:iam::222222222222:mfa/alice", False),
        ("iam:ListMFADevices", "*", True),
        ("iam:ListVirtualMFADevices", "*", True),
        ("iam:ListVirtualMFADevices", "arn:aws:iam::222222222222:mfa/", True),
        ("iam:ListVirtualMFADevices", "arn:aws:iam::222222222222:user/alice", False),
        ("kms:PutKeyPolicy", "arn:aws:s3:::logs/any", False),
        ("kms:PutKeyPolicy", "*", False),
        ("kms:CreateKey", "*", True),
        ("s3:GetObject", "arn:aws:s3:::logs/any", True),
        ("s3:GetObject", "arn:aws:s3:::logs", False),
        ("s3:GetObject", "*", False),
        ("s3:ListBucket", "arn:aws:s3:::logs", True),
        ("s3:ListBucket", "arn:aws:s3:::logs/any", False),
        ("ec2:AssociateEnclaveCertificateIamRole", "arn:aws:iam::111111111111:role/app", True),
        ("ec2:TerminateInstances", "arn:aws:iam::111111111111:role/app", False),
        ("backup:DeleteRecoveryPoint", "arn:aws:ec2:us-east-1::snapshot/snap-1", True),
        ("acme:Anything", "arn:aws:s3:::logs/any", True),
    ],
)
def test_actions_are_about_resources_of_their_types(action: str, resource: str, possible: bool) -> None:
    """What the Service Authorization Reference says of an action's resources holds; what it leaves open is possible."""
    asked = request(USER_KEY)
    context = {key: value for key, value in asked.context.items() if not key.startswith("sts:")}
    context["aws:requestedregion"] = "us-east-1"
    found = impossibilities(asked._replace(action=action, resource=resource, context=context))
    assert found == ([] if possible else [f"{action} is not about {resource}"])


@pytest.mark.parametrize(
    ("action", "resource", "possible"),
    [
        ("iam:CreateUser", "arn:aws:iam::222222222222:user/bob", True),
        ("iam:CreateUser", "arn:aws:iam::111111111111:user/bob", False),
        ("iam:CreateUser", "arn:aws:iam::aws:user/bob", False),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", True),
        ("iam:SimulatePrincipalPolicy", "*", True),
        ("iam:AcceptDelegationRequest", "arn:aws:iam::111111111111:delegation-request/one", True),
        ("kms:DisableKey", "arn:aws:kms:us-east-1:111111111111:key/one", False),
        ("kms:Encrypt", "arn:aws:kms:us-east-1:111111111111:key/one", True),
        ("ec2:StopInstances", "arn:aws:ec2:us-east-1:111111111111:instance/i-1", False),
    ],
)
def test_what_is_in_the_own_account_only(action: str, resource: str, possible: bool) -> None:
    """What no account lets others do is about the caller's account, or about what AWS owns."""
    asked = request(USER_KEY)
    context = {key: value for key, value in asked.context.items() if not key.startswith("sts:")}
    context["aws:requestedregion"] = "us-east-1"
    found = impossibilities(asked._replace(action=action, resource=resource, context=context))
    assert (found == []) is possible
    assert possible or found[0].startswith(f"{action} reaches no other account")


CHINA = "arn:aws-cn:iam::222222222222:user/alice"


@pytest.mark.parametrize(
    ("action", "caller", "region", "fault"),
    [
        ("iam:CreateUser", "", "us-east-1", ""),
        ("iam:CreateUser", "", "eu-west-1", "requests for iam are made to us-east-1, not to eu-west-1"),
        ("iam:CreateUser", CHINA, "cn-north-1", ""),
        ("iam:CreateUser", CHINA, "cn-northwest-1", "requests for iam are made to cn-north-1, not to cn-northwest-1"),
        ("iam:CreateUser", CHINA, "us-east-1", "us-east-1 is no Region of the partition aws-cn"),
        ("organizations:LeaveOrganization", CHINA, "cn-northwest-1", ""),
        ("route53:CreateHostedZone", "", "us-west-2", "requests for route53 are made to us-east-1, not to us-west-2"),
        ("iam:PassRole", "", "eu-west-1", ""),
        ("sqs:SendMessage", "", "mx-central-1", ""),
        ("sqs:SendMessage", "", "us-gov-west-1", "us-gov-west-1 is no Region of the partition aws"),
    ],
)
def test_where_a_service_is_called(action: str, caller: str, region: str, fault: str) -> None:
    """A service with a single endpoint is called in its Region, and every other one in some Region of the partition."""
    asked = request(USER_KEY)
    context = {key: value for key, value in asked.context.items() if not key.startswith("sts:")}
    who = asked.caller._replace(arn=caller) if caller else asked.caller
    context.update(principal_keys(who), **{"aws:requestedregion": region})
    found = impossibilities(asked._replace(caller=who, action=action, resource="*", context=context))
    assert [one for one in found if "not about" not in one] == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("action", "resource", "region", "possible"),
    [
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:q", "eu-west-1", True),
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:q", "us-east-1", False),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:222222222222:function:f", "us-east-1", False),
        ("sqs:SendMessage", "*", "us-east-1", True),
        # A primary key and its replicas.
        ("kms:UpdatePrimaryRegion", "arn:aws:kms:eu-west-1:222222222222:key/k", "us-east-1", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/key", "us-east-1", True),
    ],
)
def test_in_which_region_a_resource_is_reached(action: str, resource: str, region: str, possible: bool) -> None:
    """A queue is reached in its own Region, and so is whatever no call of another Region is documented to reach."""
    asked = request(USER_KEY)
    context = {key: value for key, value in asked.context.items() if not key.startswith("sts:")}
    context["aws:requestedregion"] = region
    found = impossibilities(asked._replace(action=action, resource=resource, context=context))
    assert [one for one in found if "reaches nothing in" in one] == (
        [] if possible else [f"a request made to {region} reaches nothing in eu-west-1"]
    )


@pytest.mark.parametrize(("account", "possible"), [("111122223333", True), ("444455556666", False), ("${x}", False)])
def test_kms_says_the_account_of_the_caller(account: str, possible: bool) -> None:
    """Another one is in no request of a user."""
    user = Caller(USER_KEY, "arn:aws:iam::111122223333:user/alice", "", "AIDAALICE")
    key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    sent = Request(user, "kms:Decrypt", key, {"kms:calleraccount": account})
    said = [fault for fault in impossibilities(sent) if "kms:CallerAccount" in fault]
    assert bool(said) is not possible
