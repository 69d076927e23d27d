"""
The words that generated policies and requests are made of: few, so that they meet.

Policies and requests draw from one vocabulary. The first word of each list is the plainest one: examples shrink to it.
"""

from __future__ import annotations

from trustproof.aws.condition_keys import Key, lookup, names

OWN = "111122223333"
OTHER = "444455556666"
VENDOR = "777788889999"
ACCOUNTS = (OWN, OTHER, VENDOR)
#: The role whose trust policy is generated.
ROLE = f"arn:aws:iam::{OWN}:role/Deployer"

USERS = (
    f"arn:aws:iam::{OWN}:user/alice",
    f"arn:aws:iam::{OTHER}:user/people/bob",
    f"arn:aws:iam::{OWN}:user/a/b/alice",
    f"arn:aws:iam::{OWN}:user/b:{OTHER}:x/alice",
)
ROLES = (
    f"arn:aws:iam::{OWN}:role/app",
    f"arn:aws:iam::{OTHER}:role/ci/app",
    f"arn:aws:iam::{OTHER}:role/Deploy",
)
IDENTITY_CENTER_ROLES = (
    f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
    f"arn:aws:iam::{OTHER}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_fedcba9876543210",
)
SESSIONS = ("alice", "build-7")
SERVICES = ("ec2.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com")
SAML_PROVIDERS = (f"arn:aws:iam::{OWN}:saml-provider/Corp", f"arn:aws:iam::{OTHER}:saml-provider/idp")
GITHUB = "token.actions.githubusercontent.com"
GOOGLE = "accounts.google.com"
WEB_PROVIDERS = (f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}", GOOGLE, "cognito-identity.amazonaws.com")
USER_IDS = ("AIDAALICE00000000001", "AIDABOB0000000000002")
ROLE_IDS = ("AROAAPP0000000000001", "AROADEPLOY0000000002")
ORGANIZATIONS = ("o-a1b2c3d4e5", "o-outsider00")
PATHS = ("o-a1b2c3d4e5/r-ab12/ou-ab12-1/", "o-a1b2c3d4e5/r-ab12/", "o-outsider00/r-xy98/")
DATES = ("2027-01-01T00:00:00Z", "2026-12-01T12:00:00Z", "2030-12-31T23:59:59Z")
TEAMS = ("blue", "red", "Blue", "")
ADDRESSES = ("203.0.113.7", "198.51.100.1", "2001:db8::7")

#: Key to values that real requests carry. Keys that matter most to trust policies; all others get `words` by type.
VALUES: dict[str, tuple[str, ...]] = {
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:MultiFactorAuthAge": ("0", "300", "3600", "3601"),
    "aws:PrincipalArn": (*USERS, *ROLES, *IDENTITY_CENTER_ROLES),
    "aws:PrincipalAccount": ACCOUNTS,
    "aws:PrincipalOrgID": ORGANIZATIONS,
    "aws:PrincipalOrgPaths": PATHS,
    "aws:PrincipalType": ("User", "AssumedRole", "Account", "FederatedUser", "Anonymous"),
    "aws:userid": (*USER_IDS, *(f"{role}:{session}" for role in ROLE_IDS for session in SESSIONS)),
    "aws:username": ("alice", "bob"),
    "aws:PrincipalTag/team": TEAMS,
    "aws:PrincipalTag/level": ("5", "4", "6", "2026-01-01"),
    "aws:PrincipalIsAWSService": ("false", "true"),
    "aws:PrincipalServiceName": SERVICES,
    "aws:PrincipalServiceNamesList": SERVICES,
    "aws:SourceIp": ADDRESSES,
    "aws:VpcSourceIp": ADDRESSES,
    "aws:SourceVpce": ("vpce-1", "vpce-2"),
    "aws:SourceVpc": ("vpc-1", "vpc-2"),
    "aws:CurrentTime": DATES,
    "aws:EpochTime": ("1798761600", "1796126400"),
    "aws:TokenIssueTime": DATES,
    "aws:ViaAWSService": ("false", "true"),
    "aws:SecureTransport": ("true", "false"),
    "aws:CalledVia": ("athena.amazonaws.com", "cloudformation.amazonaws.com"),
    "aws:CalledViaFirst": ("athena.amazonaws.com",),
    "aws:RequestTag/team": TEAMS,
    "aws:RequestTag/Cost": ("1", "2"),
    "aws:TagKeys": ("team", "Cost", "Team"),
    "sts:TransitiveTagKeys": ("team", "Cost"),
    "sts:ExternalId": ("id-1", "id-2", "Id-1"),
    "sts:RoleSessionName": ("alice", "bob", "build-7"),
    "sts:SourceIdentity": ("alice", "bob"),
    "aws:SourceIdentity": ("alice", "bob"),
    "sts:RequestContextProviders": ("arn:aws:iam::aws:contextProvider/IdentityCenter",),
    "sts:RoleAuthorizedByIdp": ("true", "false"),
    "aws:SourceArn": (f"arn:aws:sns:us-east-1:{OWN}:topic", f"arn:aws:sns:us-east-1:{OTHER}:topic", "arn:aws:s3:::b"),
    "aws:SourceAccount": ACCOUNTS,
    "aws:SourceOrgID": ORGANIZATIONS,
    "aws:RequestedRegion": ("us-east-1", "eu-west-1"),
    "aws:UserAgent": ("cli", "Cli"),
    "aws:ResourceAccount": (OWN,),
    "aws:FederatedProvider": WEB_PROVIDERS,
    "saml:aud": ("https://signin.aws.amazon.com/saml", "https://other.example.com"),
    "saml:sub": ("alice", "bob"),
    "saml:doc": (f"{OWN}/Corp", f"{OTHER}/idp"),
    "saml:edupersonaffiliation": ("staff", "faculty"),
    f"{GITHUB}:aud": ("sts.amazonaws.com", "other"),
    f"{GITHUB}:sub": ("repo:acme/app:ref:refs/heads/main", "repo:acme/app:environment:prod", "repo:evil/app:x"),
    f"{GITHUB}:amr": ("mfa", "pwd"),
    f"{GOOGLE}:aud": ("client-1", "client-2"),
    f"{GOOGLE}:google/organization_number": ("1", "2"),
    "cognito-identity.amazonaws.com:amr": ("authenticated", "unauthenticated"),
}
#: Keys that the catalogue does not know, and one that no request carries.
UNKNOWN: dict[str, tuple[str, ...]] = {
    "acme:tier": ("gold", "5", "true", "10.0.0.1", ""),
    "aws:MultiFactorAuthPresnt": ("true",),
}
#: Groups of keys whose values depend on each other.
TIED = (
    ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
    ("aws:RequestTag/team", "aws:TagKeys", "aws:RequestTag/Cost"),
    ("aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst"),
    ("aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpce"),
    ("sts:SourceIdentity", "aws:SourceIdentity"),
    ("aws:SourceArn", "aws:SourceAccount"),
    ("aws:SourceOrgID", "aws:SourceOrgPaths"),
    ("aws:CurrentTime", "aws:EpochTime"),
    ("aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"),
    ("aws:FederatedProvider", "token.actions.githubusercontent.com:sub", "accounts.google.com:aud"),
)
#: Values by type, and by shape, of all other keys.
_BY_TYPE = {
    "string": ("x", "y", "X"),
    "arn": ("arn:aws:s3:::b", f"arn:aws:sns:us-east-1:{OTHER}:topic"),
    "numeric": ("1", "2", "900"),
    "date": DATES,
    "bool": ("true", "false"),
    "ip": ADDRESSES,
    "unknown": ("x", "5"),
}
_BY_SHAPE = {"account": ACCOUNTS, "organization": ORGANIZATIONS, "session-name": SESSIONS, "source-identity": SESSIONS}
_LOWERED = {key.lower(): values for key, values in (*VALUES.items(), *UNKNOWN.items())}

#: Every key of the catalogue that has a fixed name.
CATALOGUE = names()


def words(name: str) -> tuple[str, ...]:
    """Values that a request may carry under a key (of a multi-valued key: elements)."""
    found = _LOWERED.get(name.lower())
    if found is not None:
        return found
    key: Key = lookup(name)
    if name.lower().endswith(("orgpaths",)):
        return PATHS
    return _BY_SHAPE.get(key.shape) or _BY_TYPE[key.type]
