"""
What decides, besides its policy, who gets into a resource: settings that are not the same on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from trustproof.analysis.controls.surroundings import around, is_called_from_vpcs, kinds
from trustproof.comparison.gains import OpenQuestion
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.surroundings.tags import Labelled
from trustproof.inputs.reader import REMOVED
from trustproof.model.document import OF_NEW_BUCKETS, Document
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.request import ANONYMOUS
from trustproof.proving.excess import Excess

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
    differ = kinds(new.documents) != kinds(old.documents) and not _was_off(new, old)
    return differ or any(map(is_called_from_vpcs, documents))


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
        yield from _no_longer_written(new, old)
        return
    if _was_off(new, old):
        # Terraform deletes what was off, and so leaves it off.
        if not _is_of_terraform(old) and any(around(new.context, one).denies for one in new.documents):
            yield "whether settings against public policies stay off that are no longer written is not known"
        return
    before, after = ([around(one.context, document) for document in one.documents] for one in (old, new))
    # A policy that was refused may let in services that one lets in which is restricted.
    moved = any(one.is_refused for one in before) and all(one.denies for one in after)
    moved = moved or (any(one.is_refused for one in after) and all(one.denies for one in before))
    if moved or any(one.is_open for one in (*before, *after)):
        said = [" and ".join(one.settings) or "nothing" for one in (old, new)]
        yield f"what keeps others out besides the policy was: {said[0]}; it is: {said[1]}"


def _was_off(new: Subject, old: Subject) -> bool:
    """Whether the settings of a bucket were written and kept out nobody, and the new side says nothing of them."""
    return (
        bool(new.documents and old.documents)
        and all(one.kept_private.endswith(OF_NEW_BUCKETS) for one in new.documents)
        and not any(one.kept_private for one in old.documents)
    )


def _no_longer_written(new: Subject, old: Subject) -> Iterator[str]:
    """
    Why it is not known what is left of the settings of a bucket of which the new side says nothing: a bucket that had
    been made is not made again as S3 makes new ones.
    """
    if (written := _left_out(new, old)) and any(around(new.context, one).denies for one in new.documents):
        yield f"{' and '.join(written)} is no longer written, and whether it stays as it was is not known"


def without_deleted_settings(new: Subject, old: Subject) -> tuple[Subject, tuple[str, ...]]:
    """
    The new side without the settings of new buckets, where Terraform deletes what the old side has written, and what is
    to be said of that: then nothing is blocked any more. What a block ``removed`` keeps stays as it was.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html
    """
    written = _left_out(new, old)
    kept = new.home.presentation.left_out
    if not written or not _is_of_terraform(old) or any(which.startswith(REMOVED) for _, which in kept):
        return new, ()
    left = tuple(
        one._replace(kept_private="") if one.kept_private.endswith(OF_NEW_BUCKETS) else one for one in new.documents
    )
    note = f"Terraform deletes {' and '.join(written)}, which is no longer written: nothing is blocked then"
    return new._replace(documents=left, settings=()), (note,)


def _left_out(new: Subject, old: Subject) -> list[str]:
    """The settings of a bucket that the old side has written, in words, where the new side says nothing of it."""
    is_silent = any(one.kept_private.endswith(OF_NEW_BUCKETS) for one in new.documents)
    said = (one.kept_private for one in old.documents if is_silent)
    return [*dict.fromkeys(one for one in said if one and not one.endswith(OF_NEW_BUCKETS))]


def _is_of_terraform(subject: Subject) -> bool:
    """Whether it has the address of a resource of Terraform; no logical id of CloudFormation has a dot."""
    return "." in subject.logical_id


def keys_changed(new: Iterable[Labelled], old: Iterable[Labelled]) -> dict[str, tuple[str, str]]:
    """What conditions look at of a key, where that is not what it was: to the logical id of the key, and in words."""
    before = dict(old)
    out: dict[str, tuple[str, str]] = {}
    for label, context in new:
        sides = (
            [] if label not in before else [one.template.written(("Resources",)) for one in (before[label], context)]
        )
        was, now = (_keys_in(one) for one in sides or ({}, {}))
        for logical_id in sorted(was.keys() & now.keys()):
            for looked_at, (name, default) in _OF_KEYS.items():
                said = [_said(one[logical_id].get(name), default) for one in (was, now)]
                if said[0].lower() != said[1].lower():
                    words = f"{name} of {logical_id} was {said[0]}, and is {said[1]}"
                    out.setdefault(looked_at, (logical_id, words))
    return out


def _keys_in(resources: object) -> dict[str, Mapping[str, object]]:
    """The properties of the keys of KMS in a template, by logical id."""
    found = resources.items() if isinstance(resources, Mapping) else ()
    keys = ((str(one), it) for one, it in found if isinstance(it, Mapping) and it.get("Type") == "AWS::KMS::Key")
    return {one: it["Properties"] for one, it in keys if isinstance(it.get("Properties"), Mapping)}


def by_settings_of_keys(pair: Pair, changed: Mapping[str, tuple[str, str]]) -> Iterator[OpenQuestion]:
    """Why it is not known who may use a key that is not what it was, by a policy elsewhere that looks at that."""
    subject = pair[0]
    if subject is None or pair[1] is None:
        return
    statements = (one for document in subject.all_documents for one in document.policy.statements)
    for looked_at in dict.fromkeys(one.key for statement in statements for one in statement.conditions):
        logical_id, words = changed.get(looked_at.lower(), (subject.logical_id, ""))
        if logical_id != subject.logical_id:
            yield OpenQuestion(subject, (f"{words}, and {subject.called} looks at {looked_at}",))


def _said(value: object, default: str) -> str:
    return default if value is None else json.dumps(value).strip('"')


def _of_the_key(new: Subject, old: Subject) -> Iterator[str]:
    """What a key is, where its policy looks at that and it is not what it was."""
    statements = (one for side in (new, old) for document in side.documents for one in document.policy.statements)
    for key in dict.fromkeys(one.key for statement in statements for one in statement.conditions):
        if key.lower() in _OF_KEYS:
            name, default = _OF_KEYS[key.lower()]
            said = [one.home.written(("Resources", one.logical_id, "Properties", name)) for one in (new, old)]
            here, there = (_said(one, default) for one in said)
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
        elif document.own_access_control:
            found.add("who they are, by access control of the domain (AdvancedSecurityOptions)")
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


def by_those_who_sign(found: Excess) -> Excess:
    """What is found, without calls that nobody signs where a statement is about URLs that take signed ones alone."""
    asked = [one for one in found.statement.conditions if one.key.lower() == _URL_TYPE]
    if not any(one.operator == "StringEquals" and one.operands == (_SIGNED,) for one in asked):
        return found
    return found.where(lambda request: None if request.caller.kind == ANONYMOUS else request)


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
