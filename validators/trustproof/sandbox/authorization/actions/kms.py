"""
What a request to KMS says of itself in condition keys.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions.common import arn_of
from trustproof.sandbox.moto.policies import meant
from trustproof.sandbox.requests.wire import Call

_CONTEXT, _CONTEXT_KEYS = "kms:encryptioncontext:", "kms:encryptioncontextkeys"
#: Operations with one encryption context, which they say under one name.
_WITH_CONTEXT = frozenset(
    """
    Decrypt Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext
    GenerateDataKeyWithoutPlaintext
    """.split()
)
#: Operations that name one key, and of which AWS says by which alias.
_NAMES_A_KEY = frozenset(
    """
    Decrypt DeriveSharedSecret DescribeKey Encrypt GenerateDataKey GenerateDataKeyPair
    GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GetPublicKey Sign Verify VerifyMac
    """.split()
)
_REQUEST_ALIAS = "kms:requestalias"


#: Operations about an alias, each with the key that it stands for, and the one that it is to stand for.
#: https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
OF_ALIASES = frozenset(("CreateAlias", "DeleteAlias", "UpdateAlias"))


def alias_and_keys(call: Call) -> list[str]:
    """The ARNs of the alias and of the keys that one of `OF_ALIASES` is about, as far as there are such keys."""
    alias = arn_of(call, "kms", str(call.parameters.get("AliasName") or ""))
    before = meant("kms", alias)
    after = str(call.parameters.get("TargetKeyId") or "")
    if after and not after.startswith("arn:"):
        after = arn_of(call, "kms", f"key/{after}")
    return list(dict.fromkeys(one for one in (alias, before, after) if one))


def keys_of(call: Call) -> tuple[dict[str, ContextValue], tuple[str, ...]]:
    """
    The condition keys of a request that somebody sends to KMS by himself, and not through another service.

    Args:
        call: the request.

    Returns:
        lower-cased keys with their values, and the keys and families of them that were looked for.
    """
    computed = ["kms:viaservice"]
    keys: dict[str, ContextValue] = {}
    if call.account:
        computed.append("kms:calleraccount")
        keys["kms:calleraccount"] = call.account
    if call.operation in _NAMES_A_KEY:
        # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-request-alias
        computed.append(_REQUEST_ALIAS)
        named = str(call.parameters.get("KeyId") or "").rpartition(":")[2]
        if named.startswith("alias/"):
            keys[_REQUEST_ALIAS] = named
    if call.operation not in _WITH_CONTEXT:
        return keys, tuple(computed)
    given = {str(name): str(value) for name, value in (call.parameters.get("EncryptionContext") or {}).items()}
    computed.append(_CONTEXT_KEYS)
    keys[_CONTEXT_KEYS] = tuple(sorted(given))
    if len({name.lower() for name in given}) == len(given):
        # Two that differ in case only are one condition key, and which of them counts is not documented.
        computed.append(_CONTEXT)
        keys |= {f"{_CONTEXT}{name.lower()}": value for name, value in given.items()}
    return keys, tuple(computed)
