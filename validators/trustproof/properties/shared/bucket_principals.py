"""
Principals that only policies of buckets have, as those who make the requests.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

import re

from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.regex import shapes
from trustproof.model.text import Symbol, Symbolic
from trustproof.properties.question import Subject

_CANONICAL = "CanonicalUser"
#: How an origin access identity begins: it stands where a user has its name, and no account has such users.
_IDENTITY = re.compile(r"arn:aws[\w-]*:iam::cloudfront:user/CloudFront Origin Access Identity ")
#: What gives the canonical user id of one, in CloudFormation and in Terraform.
_ATTRIBUTES = (".S3CanonicalUserId", ".s3_canonical_user_id")
#: What gives that of the account itself, and that by which CloudFront delivers its logs, in Terraform.
_OWN = "data.aws_canonical_user_id."
_DELIVERY = "data.aws_cloudfront_log_delivery_canonical_user_id."
_CLOUDFRONT = "cloudfront.amazonaws.com"


def asked_by_makers(subject: Subject) -> Subject:
    """
    A subject whose policy lets in whoever makes the requests for principals that no request names.

    Whom a Deny names so is left alone: it keeps out less than it may then, and nobody else by what is not known of it.
    """
    document = subject.document
    if document.kind != RESOURCE or not any(map(_has_one, document.policy.statements)):
        return subject
    statements = tuple(_with_makers(one, subject.account, all_of=False) for one in document.policy.statements)
    return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))


def with_makers_of_requests(document: Document) -> Document:
    """
    A resource policy with whoever makes the requests for its principals that no request names.

    A canonical user is an account that the policy does not name otherwise, so all of that account. For an origin access
    identity CloudFront asks, for whoever asks it.
    """
    if document.kind != RESOURCE or not any(map(_has_one, document.policy.statements)):
        return document
    statements = tuple(_with_makers(one) for one in document.policy.statements)
    return document._replace(policy=document.policy._replace(statements=statements))


def access_identities(document: Document) -> tuple[str, ...]:
    """The origin access identities that the principals of a policy name, as it names them."""
    entries = (entry for one in document.policy.statements for entry in (one.principals or ()))
    return tuple(dict.fromkeys(str(entry.value) for entry in entries if _is_identity(entry)))


def _has_one(statement: Statement) -> bool:
    return _with_makers(statement) != statement


def _with_makers(statement: Statement, account: str = "", *, all_of: bool = True) -> Statement:
    """
    A statement with who makes the requests for its principals.

    Args:
        account: the policy's own; empty where that is not known.
        all_of: also whom a Deny names, and whom an Allow leaves out.
    """
    allows = statement.effect == ALLOW
    named = _makers(statement.principals, account) if allows or all_of else statement.principals
    left_out = _makers(statement.not_principals, account) if not allows or all_of else statement.not_principals
    return statement._replace(principals=named, not_principals=left_out)


def _makers(entries: tuple[Principal, ...] | None, account: str) -> tuple[Principal, ...] | None:
    return None if entries is None else tuple(_maker(one, account) for one in entries)


def _maker(entry: Principal, account: str) -> Principal:
    if _is_identity(entry):
        return Principal("Service", _CLOUDFRONT)
    if entry.kind == _CANONICAL:
        if account and _first_symbol(entry).startswith(_OWN):
            return Principal("AWS", account)
        return Principal("AWS", Symbolic((_account_of(str(entry.value)),)))
    return entry


def _is_identity(entry: Principal) -> bool:
    """
    Whether an entry names an origin access identity, by its ARN or by the id that CloudFront gives it for S3, or
    CloudFront itself.
    """
    if entry.kind == _CANONICAL:
        name = _first_symbol(entry)
        return name.endswith(_ATTRIBUTES) or name.startswith(_DELIVERY)
    if entry.kind != "AWS":
        return False
    first, *others = [entry.value] if isinstance(entry.value, str) else entry.value.parts
    if isinstance(first, Symbol):
        return not others and _is_always_identity(first)
    return _IDENTITY.match(first) is not None


def _is_always_identity(symbol: Symbol) -> bool:
    """Whether a parameter admits nothing else, but for what is empty, which S3 refuses."""
    beginnings: list[str | None] = []
    if symbol.allowed is not None:
        beginnings += [text for text in symbol.allowed if text]
    elif symbol.pattern:
        beginnings += [shape[0] for shape in shapes(symbol.pattern) if shape]
    return bool(beginnings) and all(text is not None and _IDENTITY.match(text) is not None for text in beginnings)


def _first_symbol(entry: Principal) -> str:
    """The name of what is known at deployment only and begins an entry; empty where it begins with a text."""
    first = "" if isinstance(entry.value, str) else entry.value.parts[0]
    return first.name if isinstance(first, Symbol) else ""


def _account_of(canonical: str) -> Symbol:
    name = f"account with the canonical user id {canonical}"
    return Symbol(name, "intrinsic", doubt=f"no template says which is the {name}: name it by its account id")
