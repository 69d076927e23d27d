"""
Facts about the values of a request's context: their types, their formats, and how they depend on each other.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from trustproof.aws.accounts import RELEASED
from trustproof.aws.condition_keys import IN_ACCOUNT, PLAIN, SOURCE, Key, lookup
from trustproof.aws.global_services import ENDPOINTS
from trustproof.aws.partitions import region_beginnings
from trustproof.aws.single_values import has_one
from trustproof.model.arn import is_account
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    USERS,
    WEB_IDENTITY,
    ContextValue,
    Request,
)
from trustproof.spec.callers import NAME, issuer, made_of, principal_keys
from trustproof.spec.operators.address import parse_block
from trustproof.spec.operators.date import parse_date
from trustproof.spec.operators.numeric import parse_number
from trustproof.spec.tags import tag_faults

_TYPES = ("AssumedRole", "User", "FederatedUser", "Account", "Anonymous")
#: Keys of organizations, and the key with the paths inside it.
_ORGANIZATIONS = (
    ("aws:principalorgid", "aws:principalorgpaths"),
    ("aws:resourceorgid", "aws:resourceorgpaths"),
    ("aws:sourceorgid", "aws:sourceorgpaths"),
    ("aws:vpceorgid", "aws:vpceorgpaths"),
)
#: Keys of requests that come through a VPC endpoint; all others have ``aws:SourceIp``.
_ENDPOINT = (
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
)
#: The resource that a session's credentials were handed to, or the provider that they were handed out for. A role is
#: passed to resources of its own account only, and its provider is one of its account.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
_HANDED_TO = (
    "aws:federatedprovider",
    "lambda:sourcefunctionarn",
    "ec2:sourceinstancearn",
    "ssm:sourceinstancearn",
    "codebuild:buildarn",
    "codebuild:projectarn",
)
#: Addresses of private networks (RFC 1918 and RFC 4193), and IPv4 addresses that are written as IPv6 (RFC 4291).
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "::ffff:0:0/96")
_CALLED_VIA = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
#: Kinds of caller whose requests a service forwards; it does so with temporary credentials.
_NEVER_FORWARDED = (USER_KEY, USER_KEY_MFA, SERVICE)


def context_faults(request: Request) -> list[str]:
    """Reasons why the values of the context cannot stand in one request."""
    found: list[str] = []
    for name in sorted(request.context):
        found += _value_faults(lookup(name), request.context[name])
    for check in (
        _caller,
        _user_id,
        _mfa,
        _organizations,
        _network,
        _endpoint,
        _forwarding,
        _source,
        _source_owner,
        tag_faults,
        _provider,
        _times,
    ):
        found += check(request)
    return found


def _value_faults(key: Key, value: ContextValue) -> list[str]:
    """One value: single or several as the key has it, each of the key's type and format."""
    if isinstance(value, tuple) and has_one(key):
        return [f"{key.name} is single-valued, not {value!r}"]
    if key.multi and not isinstance(value, tuple):
        return [f"{key.name} is multi-valued, not {value!r}"]
    if isinstance(value, tuple):
        if not all(value) or not value:
            return [f"{key.name} has an empty value"]
        return [fault for one in value for fault in _value_faults(key._replace(multi=False), one)]
    if not _typed(key.type, value) or not _shaped(key.shape, value):
        return [f"{value!r} is not a value of {key.name}"]
    return []


def _typed(type_: str, value: str) -> bool:
    if type_ == "bool":
        return value in ("true", "false")
    if type_ == "numeric":
        return parse_number(value) is not None
    if type_ == "date":
        return parse_date(value) is not None
    if type_ == "ip":
        return parse_block(value) is not None and "/" not in value
    if type_ == "arn":
        return value.startswith("arn:") and value.count(":") >= 5
    return True


def _shaped(shape: str, value: str) -> bool:
    """The formats of parameters, from the STS API reference, and of identifiers."""
    if shape == "external-id":
        return made_of(value, NAME + ":/", 2, 1224)
    if shape in ("session-name", "source-identity"):
        return made_of(value, NAME, 2, 64) and not (shape == "source-identity" and value.startswith("aws:"))
    if shape == PLAIN:
        return "*" not in value and "?" not in value
    if shape == "account":
        return is_account(value) or value == "anonymous"
    if shape in (IN_ACCOUNT, SOURCE):
        owner = value.split(":")[4]
        word = owner.isascii() and owner.replace("-", "").isalpha() and owner == owner.lower() and owner[0] != "-"
        return is_account(owner) or (shape == SOURCE and (not owner or word))
    if shape == "organization":
        return value.startswith("o-") and made_of(value[2:], "", 1, 32)
    return True


def _caller(request: Request) -> list[str]:
    """Keys that follow from the caller have the values that follow from the caller."""
    found = []
    for name, wanted in principal_keys(request.caller).items():
        given = request.context.get(name)
        if name == "aws:principalservicenameslist" and isinstance(given, tuple) and isinstance(wanted, tuple):
            # A service may have further names.
            agrees = set(wanted) <= set(given)
        else:
            agrees = given in (None, wanted)
        if not agrees:
            found.append(f"{lookup(name).name} of this caller is {wanted!r}, not {given!r}")
    kind = request.context.get("aws:principaltype")
    if kind is not None and kind not in _TYPES:
        found.append(f"{kind!r} is no value of aws:PrincipalType")
    if request.caller.kind != ANONYMOUS and request.context.get("aws:principalaccount") == "anonymous":
        found.append("only anonymous callers have the account 'anonymous'")
    return found


def _user_id(request: Request) -> list[str]:
    """``AIDA…`` of a user, ``AROA…:session`` of a role session, ``account:name`` of a federated user."""
    caller, userid = request.caller, request.context.get("aws:userid")
    if not isinstance(userid, str):
        return []
    good = True
    if caller.kind in USERS:
        good = userid.startswith("AIDA") and made_of(userid, "", 5, 128)
    elif caller.kind in (ROLE_SESSION, IDENTITY_CENTER):
        role, _, session = userid.partition(":")
        good = role.startswith("AROA") and made_of(role, "", 5, 128) and session == caller.session
    elif caller.kind == FEDERATED_USER:
        good = userid == f"{caller.account}:{caller.arn.rpartition('/')[2]}"
    elif caller.kind == ROOT:
        good = userid == caller.account
    return [] if good else [f"{userid!r} is not the aws:userid of this caller"]


def _mfa(request: Request) -> list[str]:
    """The age is there if and only if MFA was used, and counts whole seconds."""
    present = request.context.get("aws:multifactorauthpresent")
    age = request.context.get("aws:multifactorauthage")
    found = []
    if (age is not None) is not (present == "true"):
        found.append("aws:MultiFactorAuthAge is present if and only if aws:MultiFactorAuthPresent is true")
    if isinstance(age, str) and not (age.isascii() and age.isdigit()):
        found.append(f"aws:MultiFactorAuthAge counts seconds, and {age!r} does not")
    elif isinstance(age, str) and (oldest := _oldest_mfa(request)) and (len(age) > 9 or int(age) > oldest):
        found.append(f"the MFA of a caller of kind {request.caller.kind} is not {age} seconds old")
    if present == "true" and request.caller.kind in (USER_SESSION, ROLE_SESSION, SERVICE):
        # For role sessions the manual says that MFA information is not in the context.
        found.append(f"a caller of kind {request.caller.kind} has no MFA")
    return found


def _oldest_mfa(request: Request) -> int | None:
    """
    Seconds; None where it is not known.

    A code that is passed in the call is of that moment (assumed: of the same minute). What GetSessionToken
    hands out lasts for 36 hours at most, and the console's sessions for fewer; what a service does later for a user is
    another matter.
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    if request.caller.kind == USER_KEY_MFA:
        return 60
    calls_sts = request.action.lower().startswith("sts:")
    return 36 * 3600 if request.caller.kind == USER_SESSION_MFA and calls_sts else None


def _organizations(request: Request) -> list[str]:
    """Paths begin with the organization; a principal in an organization has both keys."""
    found = []
    for id_key, paths_key in _ORGANIZATIONS:
        organization, paths = request.context.get(id_key), request.context.get(paths_key, ())
        if isinstance(organization, str) and not all(path.startswith(f"{organization}/") for path in paths):
            found.append(f"{lookup(paths_key).name} begins with {lookup(id_key).name}")
    if ("aws:principalorgid" in request.context) is not ("aws:principalorgpaths" in request.context):
        found.append("aws:PrincipalOrgID and aws:PrincipalOrgPaths are present together")
    return found


def _network(request: Request) -> list[str]:
    """
    Without a VPC endpoint a request comes over the internet, where nobody has a private address. STS takes it by HTTPS
    only; how AWS's own services reach it is not documented.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/programming.html#IAMHTTPSRequired
    """
    found = []
    plain = request.context.get("aws:securetransport") == "false"
    if plain and request.caller.kind != SERVICE and request.action.lower().startswith("sts:"):
        found.append("STS takes no request without TLS")
    given = request.context.get("aws:sourceip")
    if given is None:
        return found
    if any(key in request.context for key in _ENDPOINT):
        found.append("aws:SourceIp is absent from requests that come through a VPC endpoint")

    try:
        address = ip_address(str(given))
    except ValueError:
        return found
    if any(address in ip_network(block) for block in _PRIVATE):
        found.append(f"aws:SourceIp is a public address, and {address} is none")
    return found


def _endpoint(request: Request) -> list[str]:
    """
    A request is made to a Region of its partition, and one for a service with a single endpoint to the Region of that:
    for IAM to ``us-east-1``. Whether a role may be passed is asked by the service that it is passed to, in its own.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
    """
    region, action = request.context.get("aws:requestedregion"), request.action.lower()
    arn = request.caller.arn if request.caller.arn.startswith("arn:") else request.resource
    if not isinstance(region, str) or not arn.startswith("arn:"):
        return []
    partition, service = arn.split(":")[1], action.partition(":")[0]
    beginnings = region_beginnings()
    own = beginnings.get(partition, "")
    if not region.startswith(own) or (not own and region.startswith(tuple(beginnings.values()))):
        return [f"{region} is no Region of the partition {partition}"]
    here = ENDPOINTS.get(service, {}).get(partition, region)
    if action == "iam:passrole" or region == here:
        return []
    return [f"requests for {service} are made to {here}, not to {region}"]


def _forwarding(request: Request) -> list[str]:
    """A service that forwards a request signs it with temporary credentials of the caller."""
    forwarded = request.context.get("aws:viaawsservice") == "true"
    found = []
    if forwarded and (request.caller.kind in _NEVER_FORWARDED or request.caller.account is None):
        found.append(f"no service forwards requests of a caller of kind {request.caller.kind}")
    if not forwarded and any(key in request.context for key in _CALLED_VIA):
        found.append("aws:CalledVia is present only when aws:ViaAWSService is true")
    return found


def _source_owner(request: Request) -> list[str]:
    """
    Whom a service calls for; else the caller's account: the default policy of topics rests on that (assumed). To KMS
    it is that too.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    """
    caller = request.caller
    if caller.kind == SERVICE or caller.account is None:
        return []
    owners = {name: request.context.get(name.lower()) for name in ("aws:SourceOwner", "kms:CallerAccount")}
    return [
        f"{name} is {owner}, and the caller is of {caller.account}"
        for name, owner in owners.items()
        if owner not in (None, caller.account)
    ]


def _source(request: Request) -> list[str]:
    """The source's account, and a source identity that was set once, are the same wherever they appear."""
    found = []
    arn, account = request.context.get("aws:sourcearn"), request.context.get("aws:sourceaccount")
    if isinstance(arn, str) and isinstance(account, str):
        owner = arn.split(":")[4] if arn.count(":") >= 5 else ""
        if is_account(owner) and owner != account:
            found.append(f"the source {arn} is not in the account {account}")
    for key in _HANDED_TO:
        fields = str(request.context.get(key, "")).split(":")
        if len(fields) >= 6 and is_account(fields[4]) and request.caller.account not in (None, fields[4]):
            found.append(f"{lookup(key).name} is in the account of the role, not in {fields[4]}")
    earlier, new = request.context.get("aws:sourceidentity"), request.context.get("sts:sourceidentity")
    if None not in (earlier, new) and earlier != new:
        found.append("a source identity cannot be changed after it is set")
    resource, owner_key = request.resource.split(":"), request.context.get("aws:resourceaccount")
    if len(resource) >= 6 and is_account(resource[4]) and owner_key not in (None, resource[4]):
        found.append(f"aws:ResourceAccount of {request.resource} is {resource[4]}, not {owner_key}")
    return found


def _provider(request: Request) -> list[str]:
    """A web identity token carries claims of its own issuer."""
    if request.caller.kind != WEB_IDENTITY:
        return []
    host = issuer(request.caller.arn).lower()
    found = [
        f"{name} is not a claim of {host}"
        for name in sorted(request.context)
        if "." in name.partition(":")[0] and not name.startswith(f"{host}:")
    ]
    subject = request.context.get(f"{host}:sub")
    if isinstance(subject, str) and not _is_subject(subject, host):
        found.append(f"no token of {host} has the subject {subject!r}")
    if host.startswith("cognito-identity") and f"{host}:amr" not in request.context:
        # A guest is said to be one: https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
        found.append(f"{host}:amr is in every token of {host}")
    if request.context.get("aws:federatedprovider", request.caller.arn) != request.caller.arn:
        found.append("aws:FederatedProvider names the provider of the token")
    return found


def _is_subject(subject: str, host: str) -> bool:
    """
    Whether a token of a provider may have a subject.

    https://docs.github.com/en/actions/reference/security/oidc
    https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
    """
    first, colon, rest = subject.partition(":")
    if host.startswith("oidc.eks."):
        names = rest.split(":")
        service_account = first == "system" and names[0] == "serviceaccount" and len(names) == 3
        return service_account and all(name and "/" not in name for name in names)
    if host in ("app.terraform.io", "app.eu.terraform.io"):
        organization, after, _ = rest.partition(":")
        return first == "organization" and bool(organization and after)
    if host.partition("/")[0] != "token.actions.githubusercontent.com" or subject == "pull_request":
        return True
    if first != "repo":
        # Of any other claim that a subject begins with, the name only.
        return bool(colon) and _is_claim(first)
    repository, more, claims = rest.partition(":")
    owner, slash, name = repository.partition("/")
    if not slash or not _is_login(owner) or not _is_login(name) or ("@" in owner) is not ("@" in name):
        return False
    claim, valued, _ = claims.partition(":")
    return not more or claims == "pull_request" or (bool(valued) and _is_claim(claim))


def _is_claim(name: str) -> bool:
    return made_of(name, "_", 1, 256) and name == name.lower()


def _is_login(name: str) -> bool:
    """A name of GitHub, perhaps with an id."""
    login, at, number = name.partition("@")
    return made_of(login, "._-", 1, 256) and (not at or (number.isascii() and number.isdigit()))


def _times(request: Request) -> list[str]:
    """``aws:CurrentTime`` and ``aws:EpochTime`` are the same moment, and it is not past."""
    given = [request.context[key] for key in ("aws:currenttime", "aws:epochtime") if key in request.context]
    if not given:
        return []

    # What is no date has been said already.
    moments = {moment for one in given if isinstance(one, str) and (moment := parse_date(one)) is not None}
    found = ["aws:CurrentTime and aws:EpochTime are the same moment"] if len(moments) > 1 else []
    if any(moment < RELEASED for moment in moments):
        found.append("the moment of the request is past")
    return found


_CHECKS = (
    _caller,
    _user_id,
    _mfa,
    _organizations,
    _network,
    _endpoint,
    _forwarding,
    _source,
    tag_faults,
    _provider,
    _times,
)
