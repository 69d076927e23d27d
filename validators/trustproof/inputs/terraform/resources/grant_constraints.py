"""
The encryption context that a grant of KMS demands, as conditions: of one that is to be equal, nothing besides.

https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from trustproof.inputs.terraform.lowering.expressions import lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Fields

_EQUALS, _SUBSET = "encryption_context_equals", "encryption_context_subset"


def context_demanded(made: Lowering, instance: Instance) -> dict[str, object]:
    """The conditions of an ``aws_kms_grant``, below their element; empty where it has none."""
    found: dict[str, object] = {}
    keys: list[object] = []
    is_all = False
    for _, block in made.blocks(instance, "constraints"):
        for name in (_EQUALS, _SUBSET):
            pairs = block.get(name)
            for entry in pairs.entries if isinstance(pairs, Fields) else ():
                key = lower_value(entry.key, made)
                found[f"kms:EncryptionContext:{key}"] = lower_value(entry.value, made)
                keys.append(key)
                is_all = is_all or name == _EQUALS
    if not found:
        return {}
    named = {"kms:EncryptionContextKeys": keys}
    besides = {"ForAllValues:StringEquals": named} if is_all else {}
    return {"Condition": {"StringEquals": found, "ForAnyValue:StringEquals": named, **besides}}
