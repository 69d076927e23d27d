"""
Actions besides those that assume roles, as calls of the AWS CLI.

Most follow from what AWS publishes of its operations. A call stands here where the action has another name than its
operation, or where it is better made in a way that changes little. What a call needs and a counterexample does not
decide is a variable of the shell, which the reader sets.
https://docs.aws.amazon.com/cli/latest/reference/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from trustproof.aws.published import Command, command, service
from trustproof.model.request import Request

#: Lower-cased action to what the AWS CLI is told, a word each; what is in braces is a part of the resource's ARN.
_CALLS: dict[str, tuple[str, ...]] = {
    "dynamodb:describetable": ("dynamodb", "describe-table", "--table-name={arn}"),
    "dynamodb:query": ("dynamodb", "query", "--table-name={arn}", "--key-conditions={}"),
    "dynamodb:scan": ("dynamodb", "scan", "--table-name={arn}", "--max-items=1"),
    "iam:attachgrouppolicy": ("iam", "attach-group-policy", "--group-name={name}", "--policy-arn={policy}"),
    "iam:attachrolepolicy": ("iam", "attach-role-policy", "--role-name={name}", "--policy-arn={policy}"),
    "iam:attachuserpolicy": ("iam", "attach-user-policy", "--user-name={name}", "--policy-arn={policy}"),
    "kms:decrypt": ("kms", "decrypt", "--key-id={arn}", "--ciphertext-blob={}"),
    "kms:encrypt": ("kms", "encrypt", "--key-id={arn}", "--plaintext=dHJ1c3Rwcm9vZg=="),
    "kms:generatedatakey": ("kms", "generate-data-key", "--key-id={arn}", "--key-spec=AES_256"),
    "kms:reencryptfrom": (
        "kms",
        "re-encrypt",
        "--source-key-id={arn}",
        "--ciphertext-blob={}",
        "--destination-key-id={}",
    ),
    "kms:reencryptto": ("kms", "re-encrypt", "--ciphertext-blob={}", "--destination-key-id={arn}"),
    "lambda:invokefunction": ("lambda", "invoke", "--function-name={arn}", "/dev/null"),
    "s3:deleteobjectversion": ("s3api", "delete-object", "--bucket={bucket}", "--key={key}", "--version-id={}"),
    "s3:getobjectversion": ("s3api", "get-object", "--bucket={bucket}", "--key={key}", "--version-id={}", "/dev/null"),
    "s3:getobjectversionacl": ("s3api", "get-object-acl", "--bucket={bucket}", "--key={key}", "--version-id={}"),
    "s3:listallmybuckets": ("s3api", "list-buckets"),
    "s3:listbucket": ("s3api", "list-objects-v2", "--bucket={bucket}", "--max-items=1"),
    "s3:listbucketversions": ("s3api", "list-object-versions", "--bucket={bucket}", "--max-items=1"),
    "s3:putobject": ("s3api", "put-object", "--bucket={bucket}", "--key={key}"),
    "sns:publish": ("sns", "publish", "--topic-arn={arn}", "--message=trustproof"),
    "sqs:receivemessage": ("sqs", "receive-message", "--queue-url={queue}", "--visibility-timeout=0"),
    "sqs:sendmessage": ("sqs", "send-message", "--queue-url={queue}", "--message-body=trustproof"),
}
#: Actions that operations of other names are authorized as, to such an operation.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_OPERATIONS = {
    "s3:bypassgovernanceretention": "s3:deleteobject",
    "s3:getaccelerateconfiguration": "s3:getbucketaccelerateconfiguration",
    "s3:getbucketpublicaccessblock": "s3:getpublicaccessblock",
    "s3:getencryptionconfiguration": "s3:getbucketencryption",
    "s3:getinventoryconfiguration": "s3:listbucketinventoryconfigurations",
    "s3:getlifecycleconfiguration": "s3:getbucketlifecycleconfiguration",
    "s3:getreplicationconfiguration": "s3:getbucketreplication",
    "s3:listbucketmultipartuploads": "s3:listmultipartuploads",
    "s3:listmultipartuploadparts": "s3:listparts",
    "s3:putbucketpublicaccessblock": "s3:putpublicaccessblock",
    "s3:putencryptionconfiguration": "s3:putbucketencryption",
    "s3:putlifecycleconfiguration": "s3:putbucketlifecycleconfiguration",
    "s3:putreplicationconfiguration": "s3:putbucketreplication",
}
#: Actions that no operation is called like, to what asks for them.
_ASKED_FOR_BY = {
    "elasticfilesystem:clientmount": "whoever mounts the file system is asked for it",
    "elasticfilesystem:clientrootaccess": "whoever mounts the file system as root is asked for it",
    "elasticfilesystem:clientwrite": "whoever writes to the mounted file system is asked for it",
    "execute-api:invoke": "requests to the address of the API are asked for it",
    "iam:passrole": "whoever hands the role to a service is asked for it, as in lambda create-function --role",
    "lambda:invokefunctionurl": "requests to the address of the function are asked for it",
}
_READING = re.compile(
    r"[a-z0-9-]+:(describe|get|list|receive|scan)|kms:(decrypt|encrypt|generate|reencrypt|sign|verify)"
)
_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):(?P<service>[^:]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<rest>.+)", re.S
)
_LISTING = {"s3:delimiter": "--delimiter", "s3:max-keys": "--page-size", "s3:prefix": "--prefix"}
#: Lower-cased action to condition keys that are parameters of its call, and the option that each is.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_OPTIONS = {
    "s3:deleteobjectversion": {"s3:versionid": "--version-id"},
    "s3:getobjectversion": {"s3:versionid": "--version-id"},
    "s3:getobjectversionacl": {"s3:versionid": "--version-id"},
    "s3:listbucket": _LISTING,
    "s3:listbucketversions": _LISTING,
    "s3:putobject": {
        "s3:x-amz-acl": "--acl",
        "s3:x-amz-server-side-encryption": "--server-side-encryption",
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "--ssekms-key-id",
        "s3:x-amz-storage-class": "--storage-class",
        "s3:x-amz-website-redirect-location": "--website-redirect-location",
    },
    "secretsmanager:getsecretvalue": {
        "secretsmanager:versionid": "--version-id",
        "secretsmanager:versionstage": "--version-stage",
    },
    "sns:subscribe": {"sns:endpoint": "--notification-endpoint", "sns:protocol": "--protocol"},
}
#: Likewise to beginnings of keys whose ends are names, and the option that has all of them.
_NAMED_OPTIONS = {
    "kms:decrypt": ("kms:encryptioncontext:", "--encryption-context"),
    "kms:encrypt": ("kms:encryptioncontext:", "--encryption-context"),
    "kms:generatedatakey": ("kms:encryptioncontext:", "--encryption-context"),
    "s3:putobject": ("s3:requestobjecttag/", "--tagging"),
}
#: What resources are, whose ARN does not say it.
_KINDS = {"s3": "bucket", "sns": "topic", "sqs": "queue"}
#: Services whose operations take an ARN where they ask for a name, so that it works from other accounts.
_TAKE_ARNS = ("dynamodb", "kms", "lambda", "secretsmanager")
#: Of a call that may be about the repository of another account.
_REPOSITORY = "--repository-name="
_ENDS = re.compile(r"-?(arns?|identifiers?|ids?|names?|url)$")


class Word(NamedTuple):
    """
    A word of a call: a text, and after it what the reader puts into a variable.
    """

    text: str
    #: Of the shell; empty where the text is all.
    variable: str = ""


class Call(NamedTuple):
    """
    A call of the AWS CLI.
    """

    words: tuple[Word, ...]
    #: Condition keys that it sees to.
    seen: frozenset[str]
    #: Variables, each with what it is.
    open: tuple[tuple[str, str], ...]


def call_of(request: Request) -> Call | str:
    """
    The call that makes a request; else why no command makes it, a clause.
    """
    action = request.action.lower()
    parts = _parts(request)
    written = _CALLS.get(action)
    known = None if written else command(_OPERATIONS.get(action, action))
    if written is not None:
        words = list(_written(written, parts))
    elif known is not None:
        words = list(_published(known, parts))
    else:
        if action.startswith("es:eshttp"):
            return "requests to the address of the domain are asked for it"
        return _ASKED_FOR_BY.get(action, f"no command is known for {request.action} on {request.resource}")
    seen = {"iam:policyarn"} if any("{policy}" in word for word in written or ()) else set()
    for key, option, value in _options(action, request):
        seen.add(key)
        words = [one for one in words if one.text != f"{option}="]
        if (given := Word(f"{option}={value}")) not in words:
            words.append(given)
    if words[0].text == "ecr" and parts.get("account") and any(one.text.startswith(_REPOSITORY) for one in words):
        words.append(Word(f"--registry-id={parts['account']}"))
    kinds = dict(known.needs) if known is not None else {}
    asked = tuple((word.variable, _asked(word, kinds, words)) for word in words if word.variable)
    return Call(tuple(words), frozenset(seen), asked)


def _options(action: str, request: Request) -> Iterator[tuple[str, str, str]]:
    """The condition keys of a request that are parameters of its call, with the option of each and its value."""
    for key, option in _OPTIONS.get(action, {}).items():
        value = request.context.get(key)
        if isinstance(value, str):
            yield key, option, value
    beginning, option = _NAMED_OPTIONS.get(action, ("", ""))
    named = {
        key.removeprefix(beginning): value
        for key, value in sorted(request.context.items())
        if beginning and key.startswith(beginning) and isinstance(value, str)
    }
    if named:
        text = urlencode(named) if option == "--tagging" else json.dumps(named)
        yield from ((f"{beginning}{name}", option, text) for name in named)


def changes(action: str) -> bool:
    """Whether an action leaves something changed."""
    prefix, _, name = action.lower().partition(":")
    if _READING.match(action.lower()):
        return False
    found = service(prefix)
    known = None if found is None else found.actions.get(name)
    return known is None or not known.reads


def _written(words: tuple[str, ...], parts: dict[str, str]) -> Iterator[Word]:
    for word in words:
        fields = re.findall(r"\{(\w*)\}", word)
        if all(parts.get(field) for field in fields):
            yield Word(word.format_map(parts))
        else:
            yield _open(word.partition("=")[0].removeprefix("--"))


def _published(known: Command, parts: dict[str, str]) -> Iterator[Word]:
    yield from map(Word, known.words)
    for option, kind in known.needs:
        value = _value(option, known.words[1], parts)
        if value is not None and kind in ("string", "list"):
            yield Word(f"--{option}={value}")
        elif kind == "boolean":
            yield Word(f"--{option}")
        else:
            yield _open(option)
    if known.streams:
        yield Word("/dev/null")


def _open(option: str) -> Word:
    return Word(f"--{option}=", option.upper().replace("-", "_"))


def _asked(word: Word, kinds: dict[str, str], words: list[Word]) -> str:
    option = word.text.strip("-=")
    kind = kinds.get(option, "string")
    shown = f" ({kind})" if kind != "string" else ""
    return f"what {' '.join(one.text for one in words[:2])} is to have as --{option}{shown}"


def _value(option: str, operation: str, parts: dict[str, str]) -> str | None:
    """
    What an option has of the resource: its name, its ARN, its account; None where it is about something else.
    """
    if option in parts and option in ("bucket", "key"):
        return parts[option] or None
    if option in ("account-id", "registry-id"):
        return parts.get("account") or None
    kind, name = parts.get("kind", ""), parts.get("named", "")
    if not name:
        return None
    stem = _ENDS.sub("", option).replace("-", "")
    if not ((stem in ("", "resource") and (kind in operation.replace("-", "") or stem)) or _alike(stem, kind)):
        return None
    if option.endswith("url"):
        return parts.get("queue") or None
    by_arn = option.endswith(("arn", "arns")) or option == "resource" or parts["service"] in _TAKE_ARNS
    if by_arn:
        return parts["arn"]
    # A path is no part of a name.
    return parts["name"] if parts["service"] == "iam" else name


def _alike(stem: str, kind: str) -> bool:
    """Whether two names are of one thing: `dbinstance` and `db`, `stream` and `stream`."""
    return bool(stem and kind) and (stem == kind or stem.endswith(kind) or kind.endswith(stem))


def _parts(request: Request) -> dict[str, str]:
    """The parts of the ARN of a request's resource, by name; none of one that names several, or nothing."""
    policy = request.context.get("iam:policyarn")
    found = _ARN.fullmatch(request.resource)
    partition = "aws" if found is None else found["partition"]
    parts = {"policy": policy if isinstance(policy, str) else f"arn:{partition}:iam::aws:policy/SecurityAudit"}
    if found is None or any(wild in request.resource for wild in "*?"):
        return parts
    _, service_, region, account, rest = found.groups()
    head, separator, tail = re.match(r"([^/:]*)([/:]?)(.*)", rest, re.S).groups()  # type: ignore[union-attr]
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    bucket, _, key = rest.partition("/")
    kind = _KINDS.get(service_) or (head if separator else "")
    return {
        **parts,
        "arn": request.resource,
        "service": service_,
        "account": account,
        "name": re.split("[/:]", rest)[-1],
        "kind": kind.replace("-", "").lower(),
        "named": tail if separator and service_ not in _KINDS else rest,
        "bucket": bucket if service_ == "s3" else "",
        "key": key if service_ == "s3" else "",
        "queue": f"https://sqs.{region}.{suffix}/{account}/{rest}" if region and account else "",
    }
