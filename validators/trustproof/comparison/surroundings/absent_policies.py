"""
Resources that let somebody in where they have no policy, so that one that goes is no loss, and one that comes no gain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from trustproof.comparison.gains import OpenQuestion
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import Input
from trustproof.model.document import RESOURCE

#: Templates by what both sides call them.
Templates: TypeAlias = "Mapping[str, Sequence[Input]]"
_KEY = "AWS::KMS::Key"
_API = "lets in whom its methods let in"
#: Types to whom they let in without a policy:
#: https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
#: https://docs.aws.amazon.com/vpc-lattice/latest/ug/auth-policies.html
#: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
_WITHOUT = {
    "AWS::EFS::FileSystem": "lets in every client that reaches a mount target",
    "AWS::ApiGateway::RestApi": _API,
    "AWS::Serverless::Api": _API,
    "AWS::VpcLattice::AuthPolicy": "lets in whoever reaches it, if its AuthType is NONE, and else nobody",
    _KEY: "has the key policy of KMS's own, by which its account may use it",
}
#: The policy is a resource of its own, and what it stands on may be there without it.
_APART = "AWS::VpcLattice::AuthPolicy"


def open_without(pair: Pair, now: Templates, then: Templates) -> OpenQuestion | None:
    """
    What is not known of a policy that is there on one side only; None where that it is there says it all.

    Args:
        now: the templates of the new side.
        then: those of the old side.
    """
    new, old = pair
    there, others, has = (new, then, "had") if old is None else (old, now, "has")
    if there is None or (new is not None and old is not None) or there.kind != RESOURCE:
        return None
    said = _WITHOUT.get(there.resource_type, "")
    if not said or not (_is_apart(there) or _has(others.get(there.label, ()), there)):
        return None
    reason = f"{there.logical_id} {has} no policy, and without one it {said}, which is not compared"
    return OpenQuestion(there, (reason,))


def _is_apart(one: Subject) -> bool:
    # A policy of Terraform's has an address; that of a key may be about another key than it was.
    return one.resource_type == _APART or ("." in one.logical_id and one.resource_type != _KEY)


def _has(templates: Iterable[Input], one: Subject) -> bool:
    """Whether its template has the resource on the other side, and has no policy there."""
    paths = [document.path for document in one.documents]
    for template in templates:
        resource = template.written(("Resources", one.logical_id))
        if isinstance(resource, Mapping) and resource.get("Type") == one.resource_type:
            return all(template.written(path) is None for path in paths)
    return False
