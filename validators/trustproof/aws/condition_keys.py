"""
The catalogue of condition keys: type, single- or multi-valued, and who sends them.

Sources: IAM User Guide, *AWS global condition context keys* and *IAM and AWS STS condition context keys*:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from trustproof.aws import decoded_keys
from trustproof.aws.oidc_claims import claims
from trustproof.aws.parameter_keys import NAMES, carriers
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
    WEB_IDENTITY,
)

Presence: TypeAlias = Literal["always", "maybe", "never"]
ALWAYS: Final = "always"
MAYBE: Final = "maybe"
NEVER: Final = "never"

ASSUME_ROLE = "sts:assumerole"
ASSUME_ROLE_WITH_SAML = "sts:assumerolewithsaml"
ASSUME_ROLE_WITH_WEB_IDENTITY = "sts:assumerolewithwebidentity"
TAG_SESSION = "sts:tagsession"
SET_SOURCE_IDENTITY = "sts:setsourceidentity"
SET_CONTEXT = "sts:setcontext"

#: Whether the caller was authenticated with MFA, and how many seconds ago.
MFA_PRESENT = "aws:multifactorauthpresent"
MFA_AGE = "aws:multifactorauthage"

#: The actions that hand out credentials of a role, lower-cased.
CREDENTIAL_ACTIONS = (ASSUME_ROLE, ASSUME_ROLE_WITH_SAML, ASSUME_ROLE_WITH_WEB_IDENTITY)

#: Lower-cased action to the name AWS writes.
STS_ACTIONS = {
    action.lower(): action
    for action in (
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:AssumeRoot",
        "sts:DecodeAuthorizationMessage",
        "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity",
        "sts:GetDelegatedAccessToken",
        "sts:GetFederationToken",
        "sts:GetServiceBearerToken",
        "sts:GetSessionToken",
        "sts:GetWebIdentityToken",
        "sts:SetContext",
        "sts:SetSourceIdentity",
        "sts:TagGetWebIdentityToken",
        "sts:TagSession",
    )
}


#: What AWS answers to everybody who has the credentials for it, whatever policies allow or deny.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
NO_POLICY_DECIDES = ("sts:getcalleridentity", "sts:getsessiontoken")

#: Services whose keys describe requests to them, or what these are about, and nobody who calls: none of their keys is
#: in a request to AWS STS, whose keys its reference lists. (EC2, Lambda, Glue, CodeBuild and Systems Manager have keys
#: that describe the caller, and go with it to every service.)
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
#: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_NOT_TO_STS = ("kms:", "s3:")


#: The shape of numbers like a version of TLS; others count something, as seconds.
DECIMAL = "decimal"
#: The shapes of ARNs of what is always in an account, and of what a service calls for, which may be in none: there is
#: nothing in place of the account then, or a word such as ``aws``.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
IN_ACCOUNT, SOURCE = "arn-in-account", "arn-of-source"
#: The shape of what AWS itself names, as networks, Regions and units: there is no ``*`` and no ``?`` in it.
PLAIN = "plain"


class Key(NamedTuple):
    """
    What is known about one condition key.
    """

    #: As AWS writes it; the part after ``/`` or the claim as the policy writes it.
    name: str
    #: ``string``, ``arn``, ``numeric``, ``date``, ``bool``, ``ip``, or ``unknown`` where the catalogue does not
    #: know the key.
    type: str
    multi: bool
    #: Kind of caller to `ALWAYS` or `MAYBE`; a kind that is not in it never sends the key.
    callers: dict[str, Presence]
    #: Lower-cased actions whose requests may carry the key; None for all.
    actions: tuple[str, ...] | None = None
    #: A regular language every value is in, named: ``account``, ``organization``, ``external-id``,
    #: ``session-name``, ``source-identity``, `PLAIN`, `IN_ACCOUNT`, `SOURCE` or empty. Of numbers,
    #: `DECIMAL` where not only integers are values.
    shape: str = ""

    @property
    def known(self) -> bool:
        """Whether the catalogue knows this key; what it says of an unknown one is a guess."""
        return self.type != "unknown"

    def presence(self, kind: str, action: str) -> Presence:
        """
        Whether a request carries the key: `ALWAYS`, `MAYBE` or `NEVER`.

        Args:
            kind: the kind of caller.
            action: lower-cased; the empty string leaves the action open.
        """
        if action.startswith("sts:") and self.name.lower().startswith(_NOT_TO_STS):
            return NEVER
        found, actions = self.callers.get(kind, NEVER), self.actions_of(kind)
        if found != NEVER and actions is not None:
            if not action:
                return MAYBE
            if action not in actions:
                return NEVER
        return found

    def actions_of(self, kind: str) -> tuple[str, ...] | None:
        """Lower-cased actions whose requests by a kind of caller may carry the key; None for all."""
        is_tag_of_service = kind == SERVICE and self.callers is _TAGGED
        return _SIGNED_ASSUMING if is_tag_of_service else self.actions


_USERS = (USER_KEY, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA)
_ROLES = (ROLE_SESSION, IDENTITY_CENTER)
_UNSIGNED = (SAML, WEB_IDENTITY)
_EVERYONE = (*_USERS, *_ROLES, FEDERATED_USER, ROOT, SERVICE, *_UNSIGNED, ANONYMOUS)
_SIGNED_PEOPLE = (*_USERS, *_ROLES, FEDERATED_USER, ROOT)


def _who(*, always: tuple[str, ...] = (), maybe: tuple[str, ...] = ()) -> dict[str, Presence]:
    return {**dict.fromkeys(maybe, MAYBE), **dict.fromkeys(always, ALWAYS)}


#: Temporary credentials of users, and every role session.
_SESSIONS = (USER_SESSION, USER_SESSION_MFA, *_ROLES)
_ALL_MAYBE = _who(maybe=_EVERYONE)
_ALL_ALWAYS = _who(always=_EVERYONE)
#: Whether unsigned and service callers carry the principal's account is unconfirmed, so they may.
_IDENTITY = _who(always=(*_SIGNED_PEOPLE, ANONYMOUS), maybe=(SERVICE, *_UNSIGNED))
_IN_ORGANIZATION = _who(maybe=_SIGNED_PEOPLE)
#: A root user has no tags; a GetFederationToken session has the session tags it was given.
#: IAM Roles Anywhere sends the attributes of a certificate as tags of its service principal, where it assumes a role;
#: to no other service does a service call with tags: only users, roles and their sessions have some.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltag
_TAGGED = _who(maybe=(*_USERS, *_ROLES, FEDERATED_USER, SERVICE))
_SERVICE_ONLY = _who(maybe=(SERVICE,))
_ROLE_MAYBE = _who(maybe=_ROLES)
_MFA = _who(
    always=(USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA),
    # Whether a role session carries "false" or nothing is unconfirmed; a console session of the root user may carry
    # either value.
    maybe=(ROLE_SESSION, SERVICE, ROOT),
)
_MFA_AGE = _who(always=(USER_KEY_MFA, USER_SESSION_MFA), maybe=(ROOT,))
_TEMPORARY = _who(always=(*_SESSIONS, FEDERATED_USER), maybe=(ROOT,))

_ASSUMING = (*CREDENTIAL_ACTIONS, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT)
_SIGNED_ASSUMING = (ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT)
_WEB_ASSUMING = (ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, SET_SOURCE_IDENTITY)

#: name, type, multi-valued, who, shape
_GLOBAL: tuple[tuple[str, str, bool, dict[str, Presence], str], ...] = (
    # The caller.
    ("aws:PrincipalArn", "arn", False, _who(always=_SIGNED_PEOPLE), ""),
    ("aws:PrincipalAccount", "string", False, _IDENTITY, "account"),
    ("aws:PrincipalOrgID", "string", False, _IN_ORGANIZATION, "organization"),
    ("aws:PrincipalOrgPaths", "string", True, _IN_ORGANIZATION, PLAIN),
    ("aws:PrincipalType", "string", False, _IDENTITY, ""),
    ("aws:userid", "string", False, _IDENTITY, ""),
    ("aws:username", "string", False, _who(always=_USERS), ""),
    ("aws:PrincipalIsAWSService", "bool", False, _who(always=(*_SIGNED_PEOPLE, SERVICE)), ""),
    ("aws:PrincipalServiceName", "string", False, _who(always=(SERVICE,)), ""),
    ("aws:PrincipalServiceNamesList", "string", True, _who(always=(SERVICE,)), ""),
    # The global page adds the trust policy of a web identity call, which other pages do not know: hence "may".
    ("aws:FederatedProvider", "string", False, _who(maybe=(*_ROLES, WEB_IDENTITY)), ""),
    ("aws:SourceIdentity", "string", False, _ROLE_MAYBE, ""),
    ("aws:TokenIssueTime", "date", False, _TEMPORARY, ""),
    ("aws:MultiFactorAuthPresent", "bool", False, _MFA, ""),
    ("aws:MultiFactorAuthAge", "numeric", False, _MFA_AGE, ""),
    ("aws:AssumedRoot", "bool", False, _who(maybe=(ROOT,)), ""),
    ("aws:SignInSessionArn", "arn", False, _who(maybe=(*_SESSIONS, ROOT)), ""),
    ("aws:ViaCustomerDomain", "string", False, _who(maybe=(*_SESSIONS, FEDERATED_USER, ROOT)), "account"),
    ("aws:ChatbotSourceArn", "arn", False, _ROLE_MAYBE, ""),
    ("aws:Ec2InstanceSourceVpc", "string", False, _ROLE_MAYBE, PLAIN),
    ("aws:Ec2InstanceSourcePrivateIPv4", "ip", False, _ROLE_MAYBE, ""),
    ("ec2:SourceInstanceArn", "arn", False, _ROLE_MAYBE, IN_ACCOUNT),
    ("ec2:RoleDelivery", "numeric", False, _ROLE_MAYBE, ""),
    ("codebuild:BuildArn", "arn", False, _ROLE_MAYBE, IN_ACCOUNT),
    ("codebuild:ProjectArn", "arn", False, _ROLE_MAYBE, IN_ACCOUNT),
    ("lambda:SourceFunctionArn", "arn", False, _ROLE_MAYBE, IN_ACCOUNT),
    ("glue:CredentialIssuingService", "string", False, _ROLE_MAYBE, ""),
    ("glue:RoleAssumedBy", "string", False, _ROLE_MAYBE, ""),
    ("ssm:SourceInstanceArn", "arn", False, _ROLE_MAYBE, IN_ACCOUNT),
    # Identity Center sessions, and roles assumed with a context assertion of Identity Center:
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/condition-context-keys-sts-idc.html
    ("identitystore:UserId", "string", False, _ROLE_MAYBE, ""),
    ("identitystore:IdentityStoreArn", "arn", False, _ROLE_MAYBE, ""),
    ("identitycenter:ApplicationArn", "arn", False, _ROLE_MAYBE, ""),
    ("identitycenter:CredentialId", "string", False, _ROLE_MAYBE, ""),
    ("identitycenter:InstanceArn", "arn", False, _ROLE_MAYBE, ""),
    # The service that calls for somebody.
    ("aws:SourceArn", "arn", False, _SERVICE_ONLY, SOURCE),
    ("aws:SourceAccount", "string", False, _SERVICE_ONLY, "account"),
    ("aws:SourceOrgID", "string", False, _SERVICE_ONLY, "organization"),
    ("aws:SourceOrgPaths", "string", True, _SERVICE_ONLY, PLAIN),
    ("aws:SourceOwner", "string", False, _who(maybe=(*_SIGNED_PEOPLE, SERVICE)), "account"),
    ("aws:ViaAWSService", "bool", False, _ALL_ALWAYS, ""),
    ("aws:CalledVia", "string", True, _who(maybe=(*_USERS, *_ROLES, FEDERATED_USER)), PLAIN),
    ("aws:CalledViaFirst", "string", False, _who(maybe=(*_USERS, *_ROLES, FEDERATED_USER)), PLAIN),
    ("aws:CalledViaLast", "string", False, _who(maybe=(*_USERS, *_ROLES, FEDERATED_USER)), PLAIN),
    # How an authenticated request to S3 is signed:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html
    ("s3:authType", "string", False, _who(maybe=(*_SIGNED_PEOPLE, SERVICE)), ""),
    ("s3:signatureversion", "string", False, _who(maybe=(*_SIGNED_PEOPLE, SERVICE)), ""),
    ("s3:signatureAge", "numeric", False, _who(maybe=(*_SIGNED_PEOPLE, SERVICE)), ""),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html#example-object-tls-version
    ("s3:TlsVersion", "numeric", False, _ALL_MAYBE, DECIMAL),
    # The network.
    ("aws:SourceIp", "ip", False, _ALL_MAYBE, ""),
    ("aws:VpcSourceIp", "ip", False, _ALL_MAYBE, ""),
    ("aws:SourceVpc", "string", False, _ALL_MAYBE, PLAIN),
    ("aws:SourceVpcArn", "arn", False, _ALL_MAYBE, ""),
    ("aws:SourceVpce", "string", False, _ALL_MAYBE, PLAIN),
    ("aws:VpceAccount", "string", False, _ALL_MAYBE, "account"),
    ("aws:VpceOrgID", "string", False, _ALL_MAYBE, "organization"),
    ("aws:VpceOrgPaths", "string", True, _ALL_MAYBE, PLAIN),
    # The request.
    ("aws:CurrentTime", "date", False, _ALL_ALWAYS, ""),
    ("aws:EpochTime", "date", False, _ALL_ALWAYS, ""),
    ("aws:SecureTransport", "bool", False, _ALL_ALWAYS, ""),
    ("aws:RequestedRegion", "string", False, _ALL_ALWAYS, PLAIN),
    ("aws:referer", "string", False, _ALL_MAYBE, ""),
    # "Always included", but it is a header that the caller writes (assumed: or leaves out).
    ("aws:UserAgent", "string", False, _ALL_MAYBE, ""),
    ("aws:TagKeys", "string", True, _ALL_MAYBE, ""),
    ("aws:IsMcpServiceAction", "bool", False, _ALL_MAYBE, ""),
    ("aws:ViaAWSMCPService", "bool", False, _ALL_MAYBE, ""),
    ("aws:CalledViaAWSMCP", "string", False, _ALL_MAYBE, ""),
    # The resource.
    ("aws:ResourceAccount", "string", False, _ALL_MAYBE, "account"),
    ("aws:ResourceOrgID", "string", False, _ALL_MAYBE, "organization"),
    ("aws:ResourceOrgPaths", "string", True, _ALL_MAYBE, PLAIN),
)

#: name, type, multi-valued, who, actions, shape
_STS: tuple[tuple[str, str, bool, dict[str, Presence], tuple[str, ...], str], ...] = (
    ("sts:ExternalId", "string", False, _ALL_MAYBE, _SIGNED_ASSUMING, "external-id"),
    ("sts:RoleSessionName", "string", False, _ALL_ALWAYS, _ASSUMING, "session-name"),
    ("sts:SourceIdentity", "string", False, _ALL_MAYBE, _ASSUMING, "source-identity"),
    # True or false in every AssumeRoleWithWebIdentity request.
    ("sts:RoleAuthorizedByIdp", "bool", False, _who(always=(WEB_IDENTITY,)), _WEB_ASSUMING, ""),
    ("sts:TransitiveTagKeys", "string", True, _ALL_MAYBE, _ASSUMING, ""),
    ("sts:RequestContextProviders", "arn", True, _ALL_MAYBE, _SIGNED_ASSUMING, ""),
    ("sts:TaskPolicyArn", "arn", False, _ALL_MAYBE, ("sts:assumeroot",), ""),
    ("sts:AWSServiceName", "string", False, _ALL_MAYBE, ("sts:getservicebearertoken",), ""),
    # Documented as not present for the assume-role operations.
    (
        "sts:DurationSeconds",
        "numeric",
        False,
        _ALL_MAYBE,
        ("sts:getservicebearertoken", "sts:getwebidentitytoken"),
        "",
    ),
    ("sts:IdentityTokenAudience", "string", True, _ALL_MAYBE, ("sts:getwebidentitytoken",), ""),
    ("sts:SigningAlgorithm", "string", False, _ALL_MAYBE, ("sts:getwebidentitytoken",), ""),
)

#: Prefix of a family of keys to (type, multi-valued, who, actions).
_FAMILIES: dict[str, tuple[str, str, bool, dict[str, Presence], tuple[str, ...] | None]] = {
    "aws:principaltag/": ("aws:PrincipalTag/", "string", False, _TAGGED, None),
    "aws:requesttag/": ("aws:RequestTag/", "string", False, _ALL_MAYBE, None),
    "aws:resourcetag/": ("aws:ResourceTag/", "string", False, _ALL_MAYBE, None),
    "iam:resourcetag/": ("iam:ResourceTag/", "string", False, _ALL_MAYBE, None),
    "sts:requestcontext/": ("sts:RequestContext/", "string", False, _ALL_MAYBE, _SIGNED_ASSUMING),
}

#: ``saml:`` keys of every assertion; the last three stay in the session. That every assertion has a recipient is not
#: documented.
_SAML_ALWAYS = ("doc", "iss", "namequalifier", "sub", "sub_type")
_SAML_SESSION = ("namequalifier", "sub", "sub_type")
#: The recipient, and attributes with one value.
_SAML_SINGLE = "aud edupersonorgdn edupersonprimaryaffiliation edupersonprimaryorgunitdn edupersonprincipalname".split()
#: Attributes that the manual marks with ``[]``: they may be lists.
_SAML_LISTS = (
    "cn commonName edupersonaffiliation edupersonassurance edupersonentitlement edupersonnickname edupersonorgunitdn "
    "edupersonscopedaffiliation edupersontargetedid eduorghomepageuri eduorgidentityauthnpolicyuri eduorglegalname "
    "eduorgsuperioruri eduorgwhitepagesuri givenName mail name organizationStatus primaryGroupSID surname uid "
    "x500UniqueIdentifier"
).split()


def _saml_keys() -> list[Key]:
    keys = [
        Key(f"saml:{claim}", "string", False, _who(always=(SAML,), maybe=_ROLES if claim in _SAML_SESSION else ()))
        for claim in _SAML_ALWAYS
    ]
    only_saml = _who(maybe=(SAML,))
    keys += [Key(f"saml:{claim}", "string", False, only_saml) for claim in _SAML_SINGLE]
    keys += [Key(f"saml:{claim}", "string", True, only_saml) for claim in _SAML_LISTS]
    return keys


#: Claims of web identity tokens with several values.
_OIDC_MULTI = ("amr",)
#: Claims that AWS keeps in the session, of every provider and of two built-in ones.
_OIDC_SESSION = ("amr", "aud", "sub")
_OIDC_SESSION_OF = {
    "www.amazon.com": ("app_id", "sub", "user_id"),
    "graph.facebook.com": ("app_id", "id"),
}
#: Claims that are numbers.
_OIDC_NUMERIC = ("google/organization_number",)

_CATALOGUE: dict[str, Key] = {
    **{name.lower(): Key(name, type_, multi, who, None, shape) for name, type_, multi, who, shape in _GLOBAL},
    **{name.lower(): Key(name, type_, multi, who, actions, shape) for name, type_, multi, who, actions, shape in _STS},
    **{key.name.lower(): key for key in _saml_keys()},
}


def _oidc_key(name: str) -> Key:
    """
    A claim of a web identity token: ``HOST[/PATH]:claim``. Of claims that STS makes no key of, no request has any.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    """
    host, _, claim = name.lower().rpartition(":")
    stays = claim in _OIDC_SESSION_OF.get(host, _OIDC_SESSION)
    who = _who(maybe=(WEB_IDENTITY, ROLE_SESSION) if stays else (WEB_IDENTITY,) if claim in claims(host) else ())
    return Key(name, "numeric" if claim in _OIDC_NUMERIC else "string", claim in _OIDC_MULTI, who)


@lru_cache(maxsize=16_384)
def lookup(key: str) -> Key:
    """
    What the catalogue knows of a condition key.

    Names are compared without regard to case, the tag key included. A key that is in no catalogue gets the type
    ``unknown``: anybody may send it, or not, with those actions that are not known not to have it.
    """
    lowered = key.lower()
    found = _CATALOGUE.get(lowered)
    if found is not None:
        return found
    for prefix, (written, type_, multi, who, actions) in _FAMILIES.items():
        if lowered.startswith(prefix) and len(lowered) > len(prefix):
            return Key(written + key[len(prefix) :], type_, multi, who, actions)
    if "." in lowered.partition(":")[0] and ":" in lowered:
        # A provider is named by its host, and a host has a dot; no service prefix has one.
        return _oidc_key(key)
    if lowered in decoded_keys.TYPES:
        name, type_ = decoded_keys.TYPES[lowered]
        return Key(name, type_, False, _ALL_MAYBE, decoded_keys.carriers())
    if lowered in NAMES:
        return Key(NAMES[lowered], "unknown", False, _ALL_MAYBE, carriers(lowered))
    return Key(key, "unknown", False, _ALL_MAYBE)


def spelling(key: str) -> str:
    """The key as AWS writes it, where the catalogue knows it; else as given."""
    return lookup(key).name


#: A name alone, with nothing in it that may be filled in.
_NO_PREFIX = re.compile(r"[\w-]+")


def is_misspelt(key: str) -> bool:
    """
    Whether no request can carry this key: it has a prefix that only AWS assigns, and the catalogue is complete for it;
    or it is the URL of an issuer, of which a key has the host and path only; or it has no prefix, as each key has.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if key.lower().startswith(("https://", "http://")) or _NO_PREFIX.fullmatch(key):
        return True
    return not lookup(key).known and key.lower().partition(":")[0] in ("aws", "sts", "saml")


@cache
def names() -> tuple[str, ...]:
    """Every key of the catalogue that has a fixed name, sorted."""
    return tuple(sorted(key.name for key in _CATALOGUE.values()))


@cache
def always(kind: str, action: str) -> tuple[str, ...]:
    """The keys of `names` that every request of a kind of caller for an action carries; see `Key.presence`."""
    return tuple(name for name in names() if lookup(name).presence(kind, action) == ALWAYS)
