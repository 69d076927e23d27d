"""
Grants of KMS keys: they let somebody use a key without a word in its policy, and no template makes one.

Asked is about the grants to other accounts. Those to services and within the account are made and retired day by day,
by services on behalf of whoever may create grants, and are left out.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trustproof.engine.domains import text
from trustproof.errors import PolicySyntaxError
from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, Comparison, about, compare, parse_policies
from trustproof.live.resources import PolicyResource
from trustproof.model.document import RESOURCE
from trustproof.model.request import Request
from trustproof.proving.first_excess import first_excess
from trustproof.proving.own_account import callers_of
from trustproof.proving.sides import Scene, Side
from trustproof.sets.patterns import exact

KEY_POLICY = "GetKeyPolicy"
#: Beginnings of operations that the encryption context of a grant limits.
_WITH_CONTEXT = ("CreateGrant", "Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt")
#: Ends a grant, and gives nothing.
_RETIRE = "RetireGrant"


def compare_grants(account: LiveAccount, key: PolicyResource, partition: str) -> Iterator[tuple[str, Comparison]]:
    """Compare the grants of a key to other accounts with what its policy in the template lets these do."""
    subject = f"{key.subject}: grants"
    given = {"KeyId": key.parameters["KeyId"]}
    try:
        # A key that is not there has no policy either, which is said.
        answer = account.call("kms", "ListGrants", given, key.region, ("NotFoundException",))
    except CannotCheck as error:
        yield subject, Comparison(UNKNOWN, (str(error),))
        return
    outside = [one for one in (answer or {}).get("Grants") or [] if _reaches_out(account.id, one)]
    wanted = [*key.documents.values(), *(one.widest for one in key.bounds.values() if one.widest is not None)]
    wanted = wanted or list(key.defaults)
    results = [_compared(account, key, wanted, one, partition) for one in outside]
    if results:
        worst = [one for verdict in (DIFFERS, UNKNOWN) for one in results if one.verdict == verdict]
        yield subject, worst[0] if worst else Comparison(SAME)


def _reaches_out(account: str, grant: Mapping[str, Any]) -> bool:
    """Whether a grant gives something to another account."""
    arn = str(grant.get("GranteePrincipal", "")).split(":")
    gives = any(name != _RETIRE for name in grant.get("Operations") or ())
    return gives and len(arn) > 5 and arn[4] not in ("", account)


def _compared(
    account: LiveAccount, key: PolicyResource, wanted: Sequence[str], grant: Mapping[str, Any], partition: str
) -> Comparison:
    """A grant as a statement beside the policy of the template: whether it lets in more."""
    result = compare(
        wanted,
        [*wanted, _policy(grant)],
        kind=RESOURCE,
        account=account.id,
        partition=partition,
        resource=key.about or "*",
        constraints=about(key.about, key.actions),
    )
    if result.verdict != DIFFERS or _may_grant(account, key, wanted, grant, partition):
        return result if result.verdict == UNKNOWN else Comparison(SAME)
    operations = ", ".join(sorted(map(str, grant.get("Operations") or ())))
    said = f"deployed: a grant lets in {grant['GranteePrincipal']} ({operations}); template: not"
    return Comparison(DIFFERS, (said, *result.lines[1:]))


def _policy(grant: Mapping[str, Any]) -> str:
    """What a grant gives, as a policy of the key."""
    constraints = grant.get("Constraints") or {}
    context = constraints.get("EncryptionContextEquals") or constraints.get("EncryptionContextSubset") or {}
    operations = [str(name) for name in grant.get("Operations") or () if name != _RETIRE]
    limited = [name for name in operations if name.startswith(_WITH_CONTEXT)]
    free = [name for name in operations if name not in limited]
    condition: dict[str, dict[str, object]] = {
        "StringEquals": {f"kms:EncryptionContext:{name}": value for name, value in context.items()},
        "ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": [*context]},
    }
    if constraints.get("EncryptionContextEquals"):
        # Nothing besides.
        condition["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": [*context]}
    statements = []
    for names, more in ((limited, {"Condition": condition} if context else {}), (free, {})):
        if names:
            who = {"AWS": str(grant["GranteePrincipal"])}
            actions = [f"kms:{name}" for name in names]
            statements.append({"Effect": "Allow", "Principal": who, "Action": actions, "Resource": "*", **more})
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _may_grant(
    account: LiveAccount, key: PolicyResource, wanted: Sequence[str], grant: Mapping[str, Any], partition: str
) -> bool:
    """Whether the template lets another account make grants, and that account made this one."""
    issuer = str(grant.get("IssuingAccount", "")).split(":")
    made_by = issuer[4] if len(issuer) > 4 else issuer[0]
    if made_by in ("", account.id):
        return False
    try:
        policies = Side(tuple(parse_policies(wanted, RESOURCE)))
    except PolicySyntaxError:
        return False
    there = (("action", text(exact("kms:creategrant"))), callers_of(made_by))
    scene = Scene(RESOURCE, made_by, partition, key.about or "*", constraints=there)
    return isinstance(first_excess(policies, Side(()), scene), Request)
