"""
What decides, besides its policy, who gets into a resource: settings that are not the same on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from trustproof.analysis.surroundings import around, is_called_from_vpcs, kinds
from trustproof.comparison.subjects import Subject
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Policy, Statement

#: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
_URL_TYPE, _UNSIGNED, _SIGNED = "lambda:functionurlauthtype", "NONE", "AWS_IAM"

#: What a condition looks at of the key itself, with the property and what it is where it is not written.
#: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
_OF_KEYS = {
    "kms:multiregion": ("MultiRegion", "false"),
    "kms:multiregionkeytype": ("MultiRegion", "false"),
    "kms:keyorigin": ("Origin", "AWS_KMS"),
    "kms:keyspec": ("KeySpec", "SYMMETRIC_DEFAULT"),
    "kms:keyusage": ("KeyUsage", "ENCRYPT_DECRYPT"),
}


def is_surrounded(new: Subject, old: Subject) -> bool:
    """Whether settings have to be compared with the policies: they differ, or no request is real that is without."""
    documents = (*new.documents, *old.documents)
    return kinds(new.documents) != kinds(old.documents) or any(map(is_called_from_vpcs, documents))


def settings_not_compared(new: Subject | None, old: Subject | None) -> Iterator[str]:
    """Why it is not known what settings come to that are not what they were."""
    if new is None or old is None:
        return
    yield from _of_the_key(new, old)
    asked = [_asked_by_itself(one) for one in (old, new)]
    if asked[0] != asked[1] and None not in asked:
        was, now = (" and ".join(sorted(one or ())) or "nothing" for one in asked)
        yield f"what callers are asked for besides the policy was: {was}; it is: {now}"
    if old.access_identities and (others := sorted(new.access_identities - old.access_identities)):
        # A request of CloudFront does not say for which identity it is made.
        yield f"CloudFront is let in for another origin access identity than on the old side: {' and '.join(others)}"
    if kinds(new.documents) == kinds(old.documents):
        return
    before, after = ([around(one.context, document) for document in one.documents] for one in (old, new))
    # A policy that was refused may let in services that one lets in which is restricted.
    moved = any(one.is_refused for one in before) and all(one.denies for one in after)
    moved = moved or (any(one.is_refused for one in after) and all(one.denies for one in before))
    if moved or any(one.is_open for one in (*before, *after)):
        said = [" and ".join(one.settings) or "nothing" for one in (old, new)]
        yield f"what keeps others out besides the policy was: {said[0]}; it is: {said[1]}"


def _of_the_key(new: Subject, old: Subject) -> Iterator[str]:
    """What a key is, where its policy looks at that and it is not what it was."""
    statements = (one for side in (new, old) for document in side.documents for one in document.policy.statements)
    for key in dict.fromkeys(one.key for statement in statements for one in statement.conditions):
        if key.lower() in _OF_KEYS:
            name, default = _OF_KEYS[key.lower()]
            said = [one.home.written(("Resources", one.logical_id, "Properties", name)) for one in (new, old)]
            here, there = (default if one is None else json.dumps(one).strip('"') for one in said)
            if here.lower() != there.lower():
                yield f"{name} of {new.logical_id} was {there}, and is {here}, and its policy looks at {key}"


def _asked_by_itself(subject: Subject) -> frozenset[str] | None:
    """
    What the methods of an API or a domain ask callers for that no policy says, in words.

    None where signatures or networks are what keeps callers out: these are compared.
    """
    found: set[str] = set()
    for document in subject.documents:
        if document.signed_only or is_called_from_vpcs(document):
            return None
        if document.own_users:
            found.add("a name and a password (AdvancedSecurityOptions)")
        if document.is_public_api and "" not in document.method_types:
            found.update(document.method_types)
    return frozenset(found)


def with_signed_calls(subject: Subject) -> Subject:
    """
    The same, with signed calls of a URL let in where unsigned ones are: whoever signs could have left it out.

    ``lambda:FunctionUrlAuthType`` is what the URL says, and nothing that a caller has.
    """
    return subject._replace(documents=tuple(_with_signed(one) for one in subject.documents))


def _with_signed(document: Document) -> Document:
    if not document.urls or any(said != _UNSIGNED for _, said in document.urls):
        return document
    policy = document.policy
    more = tuple(_signed(one) for one in policy.statements if _is_for_everybody(one))
    return document._replace(policy=Policy((*policy.statements, *more))) if more else document


def _is_for_everybody(statement: Statement) -> bool:
    """Whether whoever finds the URL gets in, whatever else is so."""
    named = [str(one.value) for one in statement.principals or ()]
    conditions = statement.conditions
    return (
        statement.effect == ALLOW
        and named == ["*"]
        and len(conditions) == 1
        and conditions[0].key.lower() == _URL_TYPE
        and conditions[0].operator == "StringEquals"
        and [str(one) for one in conditions[0].operands] == [_UNSIGNED]
    )


def _signed(statement: Statement) -> Statement:
    return statement._replace(conditions=(statement.conditions[0]._replace(operands=(_SIGNED,)),))
