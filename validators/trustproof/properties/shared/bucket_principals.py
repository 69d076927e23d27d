"""
Principals that only policies of buckets have, as those who make the requests.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

import re

from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import Principal, Statement
from trustproof.model.text import Symbol, Symbolic
from trustproof.properties.question import Subject

_CANONICAL = "CanonicalUser"
#: How an origin access identity begins: it stands where a user has its name, and no account has such users.
_IDENTITY = re.compile(r"arn:aws[\w-]*:iam::cloudfront:user/CloudFront Origin Access Identity ")
#: What gives the canonical user id of one, in CloudFormation and in Terraform.
_ATTRIBUTES = (".S3CanonicalUserId", ".s3_canonical_user_id")
_CLOUDFRONT = "cloudfront.amazonaws.com"


def asked_by_makers(subject: Subject) -> Subject:
    """A subject with its policy as `with_makers_of_requests` gives it."""
    return subject._replace(document=with_makers_of_requests(subject.document))


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


def _with_makers(statement: Statement) -> Statement:
    return statement._replace(
        principals=_makers(statement.principals), not_principals=_makers(statement.not_principals)
    )


def _makers(entries: tuple[Principal, ...] | None) -> tuple[Principal, ...] | None:
    return None if entries is None else tuple(map(_maker, entries))


def _maker(entry: Principal) -> Principal:
    if _is_identity(entry):
        return Principal("Service", _CLOUDFRONT)
    if entry.kind == _CANONICAL:
        return Principal("AWS", Symbolic((_account_of(str(entry.value)),)))
    return entry


def _is_identity(entry: Principal) -> bool:
    """Whether an entry names an origin access identity: by its ARN, or by the id that CloudFront gives it for S3."""
    first = entry.value if isinstance(entry.value, str) else entry.value.parts[0]
    if entry.kind == _CANONICAL:
        return isinstance(first, Symbol) and first.name.endswith(_ATTRIBUTES)
    return entry.kind == "AWS" and isinstance(first, str) and _IDENTITY.match(first) is not None


def _account_of(canonical: str) -> Symbol:
    name = f"account with the canonical user id {canonical}"
    return Symbol(name, "intrinsic", doubt=f"no template says which is the {name}")
