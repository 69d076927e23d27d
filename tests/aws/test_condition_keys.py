"""
The catalogue of condition keys.
"""

from __future__ import annotations

import pytest

from trustproof.aws.condition_keys import ALWAYS, MAYBE, NEVER, STS_ACTIONS, is_misspelt, lookup, names, spelling
from trustproof.model.request import (
    ANONYMOUS,
    CREDENTIALS,
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
)

GLOBAL_KEYS = """
    AssumedRoot CalledVia CalledViaAWSMCP CalledViaFirst CalledViaLast ChatbotSourceArn CurrentTime
    Ec2InstanceSourcePrivateIPv4 Ec2InstanceSourceVpc EpochTime FederatedProvider IsMcpServiceAction MultiFactorAuthAge
    MultiFactorAuthPresent PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths
    PrincipalServiceName PrincipalServiceNamesList PrincipalTag/team PrincipalType RequestTag/team RequestedRegion
    ResourceAccount ResourceOrgID ResourceOrgPaths ResourceTag/team SecureTransport SignInSessionArn SourceAccount
    SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceVpc SourceVpcArn SourceVpce TagKeys
    TokenIssueTime UserAgent ViaAWSMCPService ViaAWSService ViaCustomerDomain VpcSourceIp VpceAccount VpceOrgID
    VpceOrgPaths referer userid username
""".split()
CROSS_SERVICE_KEYS = """
    codebuild:BuildArn codebuild:ProjectArn ec2:RoleDelivery ec2:SourceInstanceArn glue:CredentialIssuingService
    glue:RoleAssumedBy identitystore:UserId lambda:SourceFunctionArn ssm:SourceInstanceArn
""".split()
STS_KEYS = """
    AWSServiceName DurationSeconds ExternalId IdentityTokenAudience RequestContext/key RequestContextProviders
    RoleAuthorizedByIdp RoleSessionName SigningAlgorithm SourceIdentity TaskPolicyArn TransitiveTagKeys
""".split()
SAML_KEYS = """
    aud cn commonName doc edupersonaffiliation edupersonassurance edupersonentitlement edupersonnickname edupersonorgdn
    edupersonorgunitdn edupersonprimaryaffiliation edupersonprimaryorgunitdn edupersonprincipalname
    edupersonscopedaffiliation edupersontargetedid eduorghomepageuri eduorgidentityauthnpolicyuri eduorglegalname
    eduorgsuperioruri eduorgwhitepagesuri givenName iss mail name namequalifier organizationStatus primaryGroupSID sub
    sub_type surname uid x500UniqueIdentifier
""".split()
DOCUMENTED = [
    *(f"aws:{name}" for name in GLOBAL_KEYS),
    *CROSS_SERVICE_KEYS,
    *(f"sts:{name}" for name in STS_KEYS),
    *(f"saml:{name}" for name in SAML_KEYS),
]


@pytest.mark.parametrize("key", DOCUMENTED)
def test_documented_key_is_known(key: str) -> None:
    """Every key of the two manual pages is in the catalogue, in any letter case."""
    assert lookup(key).known
    assert lookup(key.upper()).known
    assert not is_misspelt(key.lower())
    assert spelling(key) == key


@pytest.mark.parametrize(
    ("key", "misspelt"),
    [
        ("aws:MultiFactorAuthPresnt", True),
        ("aws:PrincipalTag/", True),
        ("AWS:PrincipalOrgIDs", True),
        ("sts:ExternalID", False),
        ("sts:ExternalIds", True),
        ("saml:audience", True),
        ("s3:whatever", False),
        # In no page of keys, but in what EC2 says of requests that are refused.
        ("aws:ARN", False),
        ("token.actions.githubusercontent.com:anything", False),
        ("MultiFactorAuthPresent", True),
        ("clusterID", True),
        ("${Issuer}", False),
        ("nonsense:more", False),
    ],
)
def test_misspelt(key: str, misspelt: bool) -> None:
    """A key with a prefix of AWS's own that is in no catalogue cannot be sent, and no key is without a prefix."""
    assert is_misspelt(key) is misspelt


@pytest.mark.parametrize(
    ("key", "type_", "multi"),
    [
        ("aws:PrincipalArn", "arn", False),
        ("aws:PrincipalOrgPaths", "string", True),
        ("aws:MultiFactorAuthPresent", "bool", False),
        ("aws:MultiFactorAuthAge", "numeric", False),
        ("aws:SourceIp", "ip", False),
        ("aws:CurrentTime", "date", False),
        ("aws:TagKeys", "string", True),
        ("sts:TransitiveTagKeys", "string", True),
        ("sts:RequestContextProviders", "arn", True),
        ("sts:RoleAuthorizedByIdp", "bool", False),
        ("saml:edupersonaffiliation", "string", True),
        ("saml:edupersonprincipalname", "string", False),
        ("saml:aud", "string", False),
        ("accounts.google.com:google/organization_number", "numeric", False),
        ("cognito-identity.amazonaws.com:amr", "string", True),
        ("oidc.circleci.com/org/12345:oidc.circleci.com/project-id", "string", False),
        ("acme:key", "unknown", False),
    ],
)
def test_type(key: str, type_: str, multi: bool) -> None:
    """Types and value types are those of the manual."""
    assert (lookup(key).type, lookup(key).multi) == (type_, multi)


GITHUB = "token.actions.githubusercontent.com"
PRESENCE: list[tuple[str, str, dict[str, str]]] = [
    # key, action, kind to presence; kinds that are not listed never send it
    (
        "aws:MultiFactorAuthPresent",
        "sts:assumerole",
        {
            USER_KEY_MFA: ALWAYS,
            USER_SESSION: ALWAYS,
            USER_SESSION_MFA: ALWAYS,
            ROLE_SESSION: MAYBE,
            SERVICE: MAYBE,
            ROOT: MAYBE,
        },
    ),
    ("aws:MultiFactorAuthAge", "sts:assumerole", {USER_KEY_MFA: ALWAYS, USER_SESSION_MFA: ALWAYS, ROOT: MAYBE}),
    ("aws:username", "", dict.fromkeys(USERS, ALWAYS)),
    ("aws:SourceAccount", "sts:assumerole", {SERVICE: MAYBE}),
    (
        "aws:PrincipalTag/team",
        "",
        dict.fromkeys((*USERS, ROLE_SESSION, IDENTITY_CENTER, FEDERATED_USER, SERVICE), MAYBE),
    ),
    ("saml:aud", "sts:assumerolewithsaml", {SAML: MAYBE}),
    ("saml:sub", "", {SAML: ALWAYS, ROLE_SESSION: MAYBE, IDENTITY_CENTER: MAYBE}),
    (f"{GITHUB}:sub", "", {WEB_IDENTITY: MAYBE, ROLE_SESSION: MAYBE}),
    (f"{GITHUB}:repository", "", {WEB_IDENTITY: MAYBE}),
    ("gitlab.com:user_id", "", {WEB_IDENTITY: MAYBE}),
    ("www.amazon.com:user_id", "", {WEB_IDENTITY: MAYBE, ROLE_SESSION: MAYBE}),
    ("sts:RoleAuthorizedByIdp", "sts:assumerolewithwebidentity", {WEB_IDENTITY: ALWAYS}),
    ("sts:RoleAuthorizedByIdp", "sts:assumerole", {}),
    ("sts:ExternalId", "sts:assumerole", dict.fromkeys(CREDENTIALS, MAYBE)),
    ("sts:ExternalId", "sts:assumerolewithsaml", {}),
    ("sts:ExternalId", "s3:getobject", {}),
    ("sts:DurationSeconds", "sts:assumerole", {}),
    ("sts:RoleSessionName", "sts:assumerole", dict.fromkeys(CREDENTIALS, ALWAYS)),
    ("sts:RoleSessionName", "", dict.fromkeys(CREDENTIALS, MAYBE)),
    ("aws:CurrentTime", "", dict.fromkeys(CREDENTIALS, ALWAYS)),
    ("acme:key", "", dict.fromkeys(CREDENTIALS, MAYBE)),
]


@pytest.mark.parametrize(("key", "action", "expected"), PRESENCE)
def test_presence(key: str, action: str, expected: dict[str, str]) -> None:
    """Who sends a key, with which action."""
    found = {kind: lookup(key).presence(kind, action) for kind in CREDENTIALS}
    assert {kind: presence for kind, presence in found.items() if presence != NEVER} == expected


def test_long_term_keys_carry_no_mfa() -> None:
    """The fact behind every hole of this kind: an access key sends neither MFA key."""
    for kind in (USER_KEY, IDENTITY_CENTER, SAML, WEB_IDENTITY, FEDERATED_USER, ANONYMOUS):
        assert lookup("aws:MultiFactorAuthPresent").presence(kind, "sts:assumerole") == NEVER


def test_names_are_sorted_and_known() -> None:
    """The catalogue can be listed."""
    assert list(names()) == sorted(names())
    assert all(lookup(name).name == name and lookup(name).known for name in names())
    assert {"aws:MultiFactorAuthPresent", "sts:ExternalId", "saml:aud"} <= set(names())


def test_sts_actions_are_indexed_in_lower_case() -> None:
    """An action is found whatever its letter case."""
    assert all(key == name.lower() for key, name in STS_ACTIONS.items())
