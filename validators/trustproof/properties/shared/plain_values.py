"""
Keys whose values never have a wildcard: an exact operator that is given one compares it as an ordinary character.

Access Analyzer reports such a condition:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html

The question mark of an address is none: it begins the query, and issuers of SAML have one
(``https://accounts.google.com/o/saml2?idpid=C01abcde``).
"""

from __future__ import annotations

from trustproof.aws.condition_keys import lookup
from trustproof.aws.service_principals import WITH_WILDCARDS, global_name
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.properties.shared.regions import Constraints
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import Wildcard, join
from trustproof.sets.strings import StringSet

#: Beginnings of keys that the caller fills as it likes.
_FREE = ("aws:referer", "aws:useragent", "sts:requestcontext/")
_REST = Wildcard("*?", True, True)
#: An address with a query, at a host that has a name.
_WITH_QUERY = join("://", Wildcard("*?/", True, False), _REST, "?", Wildcard("*", True, True))
_QUERIES = tuple(join(scheme, _WITH_QUERY) for scheme in ("http", "https"))
PLAIN = StringSet.of((join(_REST), *_QUERIES))


def plain_values(policy: Policy, statement: Statement | None = None) -> Constraints:
    """
    The keys that a policy compares with a wildcard, without the values that have one.

    Args:
        statement: the one that is asked about; some services send ARNs with a wildcard in them.
    """
    keys = {c.key.lower() for s in policy.statements for c in s.conditions if has_wildcard(c)}
    if keys and statement is not None and any(_sends_wildcards(str(p.value)) for p in statement.principals or ()):
        keys.discard("aws:sourcearn")
    out: dict[str, Values] = {}
    for name in sorted(keys):
        key = lookup(name)
        if key.type in ("string", "arn") and not name.startswith(_FREE):
            out[key_dimension(name)] = Values(True, CollectionSet(PLAIN) if key.multi else PLAIN)
    return tuple(out.items())


def _sends_wildcards(principal: str) -> bool:

    return global_name(principal) in WITH_WILDCARDS


def has_wildcard(condition: Condition) -> bool:
    """Whether a condition compares with a text that has a wildcard."""
    return any(set(str(operand)) & set("*?") for operand in condition.operands)
