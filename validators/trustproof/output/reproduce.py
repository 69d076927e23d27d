"""
A counterexample as commands: whoever doubts a finding runs them, and sees who gets in.

They are commands of a shell and of the AWS CLI, which ends up at AWS or in a sandbox as its environment says; callers
whom nobody can be at will (a service, an issuer of tokens, an identity provider) are played by `trustproof sandbox`.
Whatever comes from a template is one quoted word of a command, or stands in a remark.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from trustproof.aws.oidc_claims import ACCESS_TOKENS
from trustproof.aws.saml_attributes import ATTRIBUTE_KEYS
from trustproof.escaping.text import printable
from trustproof.model.request import (
    ANONYMOUS,
    CREDENTIALS,
    SAML,
    SERVICE,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    USERS,
    WEB_IDENTITY,
    ContextValue,
    Request,
)
from trustproof.model.text import ACCOUNT_ID, PARTITION, REGION
from trustproof.output import counterexamples, humanize
from trustproof.output.calls import Word, call_of, changes
from trustproof.output.counterexamples import REMARK
from trustproof.output.deployed_names import looked_up, places_of, word_pattern
from trustproof.results.result import REFUTED, Counterexample, Result

#: Actions that a call for a role's credentials makes, to that call; the others are parts of these.
_ASSUMING = {
    "sts:assumerole": "assume-role",
    "sts:assumerolewithsaml": "assume-role-with-saml",
    "sts:assumerolewithwebidentity": "assume-role-with-web-identity",
}
_PARTS = ("sts:tagsession", "sts:setsourceidentity")
#: Where a role's own policy and its longest session stand.
_OF_ROLE = ("AssumeRolePolicyDocument", "MaxSessionDuration")
#: What follows from who calls, and from how the AWS CLI calls.
_GIVEN = frozenset(
    """
    aws:federatedprovider aws:multifactorauthpresent aws:principalaccount aws:principalarn aws:principalisawsservice
    aws:principalservicename aws:principalservicenameslist aws:principaltype aws:requestedregion aws:securetransport
    aws:userid aws:username aws:viaawsservice
    """.split()
)
#: Of an assuming call, the keys that its parameters make.
_OF_CALL = frozenset("aws:tagkeys sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys".split())
_TAG = "aws:requesttag/"
#: The AWS CLI reads a parameter that begins so from a file, or from an address.
_READ_FROM = ("file://", "fileb://", "http://", "https://")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", re.ASCII)
#: Issuers that IAM knows by itself.
_BUILT_IN = ("accounts.google.com", "cognito-identity.amazonaws.com", *ACCESS_TOKENS)
_KEYS = "--query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text"
#: Signs with what `set --` has put there.
_WITH_KEYS = 'AWS_ACCESS_KEY_ID="$1" AWS_SECRET_ACCESS_KEY="$2" AWS_SESSION_TOKEN="$3" aws'
_SERVICE_KEYS = "python3 -c 'import json, sys; print(*json.load(sys.stdin).values())'"
#: Services for which version 1 of the AWS CLI has addresses of its own, and goes there whatever AWS_ENDPOINT_URL says.
#: https://github.com/aws/aws-cli/blob/1.45.11/awscli/customizations/overridesslcommonname.py
_PAST_THE_ENVIRONMENT = ("docdb", "emr", "health", "neptune", "rds", "sqs")
_ENDPOINT = '${AWS_ENDPOINT_URL:+--endpoint-url="$AWS_ENDPOINT_URL"}'
_PSEUDO = (ACCOUNT_ID, PARTITION, REGION)


class _Unplayable(Exception):
    """Nobody can make this request with commands; why is a clause."""


class _Player(NamedTuple):
    """
    How a caller calls.
    """

    #: Remarks and commands that come first.
    before: tuple[str, ...]
    #: How the command begins.
    aws: str
    #: What the command has besides, ready for the shell.
    more: tuple[str, ...] = ()
    #: Condition keys that are seen to; those that end with a colon are beginnings.
    sees_to: frozenset[str] = frozenset()


def commands(result: Result) -> tuple[str, ...]:
    """
    What reproduces the counterexample of a refuted result, a line each: commands, and remarks that begin with ``#``.

    Variables of the shell stand for what only the reader knows: `ADMIN` and `CALLER` are profiles of the AWS CLI. Where
    the request cannot be made, one remark says why; a result that is not refuted, or has no request, has no lines.
    """
    found = result.counterexample
    if found is None or result.verdict != REFUTED:
        return ()
    try:
        return tuple(_lines(result, found))
    except _Unplayable as why:
        return (f"{REMARK}cannot be played: {printable(str(why))}",)


def _lines(result: Result, found: Counterexample) -> Iterator[str]:
    request = found.request
    action = request.action.lower()
    places: dict[str, str] = {}
    if action in _ASSUMING or action in _PARTS:
        target, role = _role(result, request)
        player = _player(found, role, assuming=True)
        call, seen = _assume(request, role), _OF_CALL
    else:
        known = call_of(request)
        if isinstance(known, str):
            raise _Unplayable(known)
        target = (f"{REMARK}changes something where it gets in",) if changes(action) else ()
        target += tuple(_remark(f"{variable}: {what}") for variable, what in known.open)
        player = _player(found, "", assuming=False)
        places = places_of(result, request)
        target = (*looked_up(request, places), *target)
        call, seen = [_call_word(one, places) for one in known.words], known.seen
    yield from _remarks(result, found, player.sees_to | seen, places, assuming=call[0] == "sts")
    yield from target
    yield from player.before
    yield " ".join((player.aws, *_where(request, call[0], places), *call, *player.more))


def _remarks(
    result: Result, found: Counterexample, seen: frozenset[str], places: dict[str, str], *, assuming: bool
) -> Iterator[str]:
    """What the commands cannot see to."""
    if found.refused:
        yield f"{REMARK}the call is refused, which is the finding: nobody can use the statement"
    account = found.parameters.get(ACCOUNT_ID)
    if account is not None and result.account is None and "ACCOUNT" not in places.values():
        region = _region_of(found.request)
        more = "" if region is None else f", and {region} for its Region where that is open too"
        yield _remark(f"{account} stands for the account of the template{more}")
    for name, value in sorted(found.parameters.items()):
        if name not in _PSEUDO:
            yield _remark(f"holds where {name} is {value}")
    if _reads_a_secret_elsewhere(found.request):
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
        yield _remark(
            "see to it that the key of the secret lets the caller decrypt; aws/secretsmanager, the default, does not"
        )
    if _reads_an_object(found.request):
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        yield _remark("see to it that the object is there: S3 denies whoever may not list the bucket one that is not")
    left = [
        f"{key} {counterexamples.value(value)}"
        for key, value in sorted(found.context.items())
        if not _is_seen(key.lower(), seen, assuming=assuming)
    ]
    if left:
        yield _remark(f"see to it that {humanize.names(left, len(left))}")


def _reads_a_secret_elsewhere(request: Request) -> bool:
    """Whether somebody reads a secret of another account, whose key has a policy of its own."""
    owner = request.resource.split(":")[4:5]
    mine = request.caller.account
    return request.action.lower() == "secretsmanager:getsecretvalue" and mine is not None and [mine] != owner


def _reads_an_object(request: Request) -> bool:
    """Whether somebody reads an object that the counterexample names."""
    return request.action.lower().startswith("s3:getobject") and "/" in request.resource


def _is_seen(key: str, seen: frozenset[str], *, assuming: bool) -> bool:
    if key in _GIVEN or key in seen:
        return True
    if assuming and key.startswith(_TAG):
        return True
    return any(one.endswith(":") and key.startswith(one) for one in seen)


def _role(result: Result, request: Request) -> tuple[tuple[str, ...], str]:
    """The commands that find the role, and how its ARN stands in a command."""
    own = result.resource_type == "AWS::IAM::Role" and any(one in _OF_ROLE for one in result.path[2:4])
    if not own:
        if request.resource.startswith("arn:") and not any(wild in request.resource for wild in "*?"):
            return (), _word(request.resource)
        return (f"{REMARK}ROLE: the ARN of a role that the statement is about",), '"${ROLE:?}"'
    identifier = result.logical_id
    if not (identifier.isascii() and identifier.isalnum()):
        return (_remark(f"ROLE: the ARN of {identifier}"),), '"${ROLE:?}"'
    found = (
        'NAME=$(aws --profile "${ADMIN:?}" cloudformation describe-stack-resource --stack-name "${STACK:?}" '
        f"{_word(f'--logical-resource-id={identifier}')} --query StackResourceDetail.PhysicalResourceId --output text)"
    )
    return (
        f"{REMARK}ADMIN: a profile that may look at the stack; STACK: its name, or that of the nested stack",
        found,
        'ROLE=$(aws --profile "${ADMIN:?}" iam get-role --role-name "$NAME" --query Role.Arn --output text)',
    ), '"$ROLE"'


def _assume(request: Request, role: str) -> list[str]:
    action = request.action.lower()
    kinds = {SAML: "assume-role-with-saml", WEB_IDENTITY: "assume-role-with-web-identity"}
    call = ["sts", _ASSUMING.get(action) or kinds.get(request.caller.kind, "assume-role"), f"--role-arn={role}"]
    context = request.context
    if call[1] != "assume-role-with-saml":
        call.append(_option("role-session-name", _one(context, "sts:rolesessionname") or "trustproof"))
    tags = {key[len(_TAG) :]: value for key, value in context.items() if key.startswith(_TAG)}
    source = _one(context, "sts:sourceidentity")
    if call[1] == "assume-role":
        external = _one(context, "sts:externalid")
        call += [_option("external-id", external)] if external is not None else []
        call += [_option("source-identity", source)] if source is not None else []
        transitive = _several(context, "sts:transitivetagkeys")
        # Only a tag of the session goes on to the next one.
        if tags := {**{key: "v" for key in transitive if key.lower() not in map(str.lower, tags)}, **tags}:
            call.append(_option("tags", json.dumps([{"Key": key, "Value": value} for key, value in tags.items()])))
            call += [_option("transitive-tag-keys", json.dumps(transitive))] if transitive else []
    elif tags or source is not None:
        raise _Unplayable("the session tags or the source identity would have to be in the token or assertion")
    return call


def _player(found: Counterexample, role: str, *, assuming: bool) -> _Player:
    """How the caller of a request is played."""
    request, kind = found.request, found.request.caller.kind
    if kind == SERVICE:
        return _service(request)
    if kind == WEB_IDENTITY and assuming:
        return _web_identity(found)
    if kind == SAML and assuming:
        return _saml(request, role)
    if kind == ANONYMOUS:
        return _Player((), "aws --no-sign-request")
    of = "" if kind in USERS else f" ({CREDENTIALS[kind]})"
    who = f"CALLER: a profile with {'the access key' if kind in USERS else 'credentials'} of "
    caller = (_remark(f"{who}{request.caller.display_arn}{of}, or of one like it"),)
    profile = 'aws --profile "${CALLER:?}"'
    if kind == USER_SESSION:
        keys = f"set -- $({profile} sts get-session-token {_KEYS})"
        return _Player((*caller, keys), _WITH_KEYS)
    if kind not in (USER_KEY_MFA, USER_SESSION_MFA):
        return _Player(caller, profile)
    code = (
        *caller,
        f"{REMARK}SERIAL: the ARN of the caller's MFA device; outside a sandbox, set CODE to what the device shows",
        'CODE=$(trustproof sandbox code "${SERIAL:?}")',
    )
    given = '--serial-number="${SERIAL:?}" --token-code="$CODE"'
    if kind == USER_KEY_MFA:
        return _Player(code, profile, (given,))
    return _Player((*code, f"set -- $({profile} sts get-session-token {given} {_KEYS})"), _WITH_KEYS)


def _service(request: Request) -> _Player:
    service = request.caller.arn
    if not _SERVICE.fullmatch(service):
        raise _Unplayable(f"{service} stands for any service, and is none")
    play = f"trustproof sandbox as-service {_word(service)}"
    for key, option in (("aws:sourceaccount", "source-account"), ("aws:sourcearn", "source-arn")):
        value = _one(request.context, key)
        play += "" if value is None else f" {_word(f'--{option}={value}')}"
    return _Player(
        (f"{REMARK}in a sandbox only: nobody signs as a service of AWS", f"set -- $({play} | {_SERVICE_KEYS})"),
        _WITH_KEYS,
        sees_to=frozenset(("aws:sourceaccount", "aws:sourcearn")),
    )


def _web_identity(found: Counterexample) -> _Player:
    request, provider = found.request, found.request.caller.arn
    host = provider.partition(":oidc-provider/")[2] or provider
    begin = f"{host.lower()}:"
    claims = {key[len(begin) :]: value for key, value in request.context.items() if key.startswith(begin)}
    app, user = ACCESS_TOKENS.get(host, ("aud", "sub"))
    if any(
        value is None and key.lower() in (f"{begin}{app}", f"{begin}{user}") for key, value in found.context.items()
    ):
        raise _Unplayable("a token has an audience and a subject, and this one has not both")
    if host in ACCESS_TOKENS and not claims.keys() <= {app, user}:
        raise _Unplayable(f"an access token of {host} says no more than its {app} and its {user}")
    # What nobody looks at may be anything, but that a provider of one's own takes its client ids only.
    is_open = "aud" not in claims and host not in _BUILT_IN
    audience = claims.pop(app, "any-audience")
    further = [("azp", audience)] if "oaud" in claims else []
    play = [
        "trustproof sandbox token",
        _word(f"--issuer=https://{host}"),
        '--audience="${AUDIENCE:?}"' if is_open else _word(f"--audience={claims.pop('oaud', audience)}"),
        _word(f"--subject={claims.pop(user, 'any-subject')}"),
    ]
    for name, value in (*further, *sorted(claims.items())):
        play += [_word(f"--claim={name}={one}") for one in ((value,) if isinstance(value, str) else value)]
    return _Player(
        (
            *((f"{REMARK}AUDIENCE: a client id of the provider",) if is_open else ()),
            _remark(f"outside a sandbox, set TOKEN to one of {host} that says the same"),
            f"TOKEN=$({' '.join(play)})",
        ),
        "aws",
        ('--web-identity-token="$TOKEN"', *([f"--provider-id={host}"] if host in ACCESS_TOKENS else [])),
        frozenset((begin,)),
    )


def _saml(request: Request, role: str) -> _Player:
    provider = request.caller.arn
    name = provider.rsplit("/", 1)[-1]
    play = [
        "trustproof sandbox assertion",
        _word(f"--provider={name}"),
        f"--role={role}",
        _word(f"--provider-arn={provider}"),
        _word(f"--session={_one(request.context, 'sts:rolesessionname') or 'trustproof'}"),
    ]
    seen = {"saml:aud"} if "saml:aud" in request.context else set()
    recipient = _one(request.context, "saml:aud")
    play += [_word(f"--recipient={recipient}")] if recipient is not None else []
    attributes = {f"saml:{key}".lower(): attribute for attribute, key in ATTRIBUTE_KEYS.items()}
    for key, value in sorted(request.context.items()):
        if key in attributes:
            seen.add(key)
            several = (value,) if isinstance(value, str) else value
            play += [_word(f"--attribute={attributes[key]}={one}") for one in several]
    return _Player(
        (
            _remark(f"the provider has the metadata that trustproof sandbox assertion --new-provider={name} writes"),
            f"{REMARK}outside a sandbox, set ASSERTION to one of the identity provider that says the same",
            f"ASSERTION=$({' '.join(play)})",
        ),
        "aws",
        (_word(f"--principal-arn={provider}"), '--saml-assertion="$ASSERTION"'),
        frozenset(seen),
    )


def _where(request: Request, service: str, places: dict[str, str]) -> tuple[str, ...]:
    """Where the call goes: to the Region of its resource, where that is in one; and into a sandbox, if run in one."""
    region = _region_of(request) or _one(request.context, "aws:requestedregion")
    said = () if region is None else (_with_places(f"--region={region}", places),)
    return (*said, _ENDPOINT) if service in _PAST_THE_ENVIRONMENT else said


def _region_of(request: Request) -> str | None:
    field = request.resource.split(":")[3:4]
    return field[0] if field and re.fullmatch(r"[a-z0-9-]+", field[0]) else None


def _one(context: dict[str, ContextValue], key: str) -> str | None:
    value = context.get(key)
    return value if isinstance(value, str) else None


def _several(context: dict[str, ContextValue], key: str) -> list[str]:
    value = context.get(key, ())
    return [value] if isinstance(value, str) else list(value)


def _option(name: str, value: str) -> str:
    if value.startswith(_READ_FROM):
        raise _Unplayable(f"the AWS CLI would read {name} from {value}")
    return _word(f"--{name}={value}")


def _call_word(word: Word, places: dict[str, str]) -> str:
    """A word of a call: after what is known of it, the variable that the reader sets."""
    option, _, value = word.text.partition("=")
    if value.startswith(_READ_FROM) and not option.endswith("url"):
        raise _Unplayable(f"the AWS CLI would read {option} from {value}")
    return _with_places(word.text, places) + (f'"${{{word.variable}:?}}"' if word.variable else "")


def _with_places(text: str, places: dict[str, str]) -> str:
    """A text as one word, with the variables that have its account and Region."""
    if not places:
        return _word(text)
    parts = word_pattern(places).split(text)
    return "".join(f'"${places[one]}"' if one in places else _word(one) for one in parts if one)


def _word(text: str) -> str:
    """
    A text as one word of a command.

    What moves the cursor or reverses the reading direction would have to be written otherwise than it is read.
    """
    if not text.isprintable():
        raise _Unplayable("a value has characters that nobody can type")
    return shlex.quote(text)


def _remark(text: str) -> str:
    """Text from a template in a remark: it has one line, whatever stands in it."""
    return REMARK + printable(text)
