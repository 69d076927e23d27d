"""
saml-audience-bound: an assertion that was made out to somebody else does not get in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_SAML
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.model.document import TRUST
from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Condition, Path, Policy
from trustproof.model.request import SAML, Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.base import StatementProperty
from trustproof.properties.edits import demand
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.remedies.smaller_edits import strict, without
from trustproof.properties.sentences import because, unasked_keys
from trustproof.properties.shared.owned_values import addresses_at, recipients_at
from trustproof.properties.shared.plain_values import PLAIN, plain_values
from trustproof.properties.shared.regions import may_allow, trust_regions
from trustproof.properties.shared.web_identity_providers import admits_every_token
from trustproof.results.result import ERROR, FOREIGN, WARNING, Reach, Remedy
from trustproof.sets.patterns import exact, like
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

_KEY = "saml:aud"
#: Where AWS takes assertions, in every partition and Region; at each, the sign-in page and its identity providers have
#: paths of their own:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
#: Those of the isolated partitions are the CDK's (``RegionInfo.saml_sign_on_url``).
_HOST_OF = {
    "aws": "signin.aws.amazon.com",
    "aws-cn": "signin.amazonaws.cn",
    "aws-us-gov": "signin.amazonaws-us-gov.com",
    "aws-iso": "signin.c2shome.ic.gov",
    "aws-iso-b": "signin.sc2shome.sgov.gov",
}
_HOSTS = tuple(_HOST_OF.values())
ENDPOINTS = tuple(pattern for host in _HOSTS for pattern in addresses_at(host))
_ELSEWHERE = PLAIN & StringSet.outside((*ENDPOINTS, exact("")))
#: The addresses that assertions are made out to, as AWS names them: each Region has one.
_RECIPIENTS = StringSet.of([pattern for host in _HOSTS for pattern in recipients_at(host)])
_PREFERRED = (
    "https://other.example.com/saml/acs",
    "https://other.example.com/saml",
    *(f"https://{host}.example.com/saml" for host in _HOSTS),
    *(f"https://other.example.com/{name}{host}/saml" for name in ("", "app.") for host in _HOSTS),
)


#: The own machine of whoever signs in, where the drivers of Redshift and Athena listen for the assertion:
#: https://docs.aws.amazon.com/redshift/latest/mgmt/setup-identity-provider-okta.html
_LOOPBACK = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^*?]*)?")


class SamlAudienceBound(StatementProperty):
    """
    A SAML assertion gets credentials of the role only if it was made out to AWS.

    Claim:
        No assertion whose recipient (``SAML:aud``) is another endpoint than AWS's own, or is left out, is given
        credentials of the role.

    Threat:
        An identity provider makes out assertions to many applications. One that was meant for another application, and
        was caught there, must not be good for AWS as well.

    Severity:
        *error*; *warning* where only recipients get in whose address ends like an endpoint of AWS
        (``https://*.signin.aws.amazon.com/saml``), since the identity provider has to know one, and where the others
        that are named are the caller's own machine (``http://localhost:7890/redshift/``), at which drivers of Redshift
        and Athena listen. What is unknown is a *warning*.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"},
         "Action": "sts:AssumeRoleWithSAML"}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"},
         "Action": "sts:AssumeRoleWithSAML",
         "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}]}

    Remedy:
        Test ``SAML:aud`` with ``StringEquals`` against the sign-in endpoint of the partition, or those of its Regions.

    Limits:
        Every user of the identity provider passes: who may have which role is decided there, or by further conditions
        on the subject and its attributes.
    """

    ident = "saml-audience-bound"
    summary = "a SAML assertion for somebody else gets in"
    of_roles = True
    reach: ClassVar[Reach] = FOREIGN

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies that name a SAML provider, or may turn out to."""
        if subject.document.kind != TRUST:
            return False
        if any(admits_every_token(s, ASSUME_ROLE_WITH_SAML) for s in subject.policy.statements):
            return True
        federated = [e for s in subject.policy.statements for e in s.principals or () if e.kind == "Federated"]
        if any(":saml-provider/" in str(entry.value) for entry in federated):
            return True
        unknown = any(isinstance(e.value, Symbolic) and ":oidc-provider/" not in str(e.value) for e in federated)
        return unknown and may_allow(subject.policy, ASSUME_ROLE_WITH_SAML)

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Assertions that were made out to somebody else."""
        elsewhere = (key_dimension(_KEY), Values(True, _ELSEWHERE))
        plain = plain_values(subject.policy)
        regions = trust_regions(subject, SAML, ASSUME_ROLE_WITH_SAML, (*plain, elsewhere))
        hints = (*_PREFERRED, *_like_written(subject.policy))
        preferring = tuple(region._replace(hints=((_KEY, hints),)) for region in regions)
        return (Question(preferring, _violates, "audience"),)

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """A recipient that is not known before deployment is taken for AWS: nobody is accused of a guess."""
        if place != _KEY or symbol.is_region:
            return None
        host = _HOST_OF.get(subject.partition or "aws", _HOSTS[0])
        tested = (c for s in subject.policy.statements for c in s.conditions if c.key.lower() == _KEY)
        texts = [text for c in tested for text in c.operands if isinstance(text, Symbolic) and symbol in text.symbols]
        whole = (f"https://{host}/saml", f"{host}/saml", host, f"us-east-1.{host}", "us-east-1", host.partition(".")[2])
        return next((one for one in whole if all(_is_recipient(text.bind({symbol.name: one})) for text in texts)), None)

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say for whom the assertion was made out."""
        tested = [c for c in refutation.statement.conditions if c.key.lower() == _KEY]
        path: Path = tested[0].path if tested else (*refutation.statement.path, "Principal")
        audience = refutation.request.context.get(_KEY)
        recipients = [operand for condition in tested for operand in condition.operands]
        named = [str(one) for one in recipients if not _is_endpoint(one)]
        is_local = isinstance(audience, str) and audience in named and all(map(_LOOPBACK.fullmatch, named))
        first, *others = [_OF_DRIVERS] if is_local else _remedies(subject, refutation, tested)
        beside = isinstance(audience, str) and audience.endswith(tuple(f"{host}/saml" for host in _HOSTS))
        return Finding(
            f"an assertion made out to {audience or 'nobody'} may get credentials of {subject.document.logical_id}",
            "this admits other recipients" if tested else "admits assertions whoever they were made out to",
            path,
            (
                *because(refutation, refutation.statement, subject.policy),
                *unasked_keys(subject.policy, (_KEY,), "SAML:aud"),
            ),
            first,
            otherwise=tuple(others),
            severity=WARNING if beside or is_local else ERROR,
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"only assertions made out to AWS get credentials of {subject.document.logical_id}"


#: Taken out of the list, it would lock out everybody who signs in so.
_OF_DRIVERS = Remedy(
    "keep it where a driver of Redshift or Athena has people sign in by a browser; else admit only assertions that "
    "were made out to AWS"
)


def _remedies(subject: Subject, refutation: Refutation, tested: Sequence[Condition]) -> list[Remedy]:
    """What to change, the least first: the operator, then the values that are no endpoint of AWS, then all of them."""
    text = "admit only assertions that were made out to AWS"
    statement = refutation.statement
    denied = [c for s in subject.policy.statements if s.effect == DENY for c in s.conditions if _is_for_others(c)]
    wide = [o for c in tested for o in c.operands if _is_wide(c, o) and not _of_one_host(o)]
    wide += [o for c in denied for o in c.operands if _is_wide(c, o)]
    found = [Remedy(text, edits) for edits in (strict(subject, statement, tested),) if edits] if tested else []
    if wide:
        # Which endpoints of Regions are meant by a pattern, nobody knows.
        named = f"https://{_HOSTS[0]}/saml and https://us-east-1.{_HOSTS[0]}/saml"
        return [*found, Remedy(f"{text}: name each endpoint in full, as {named}")]
    if tested and (kept := without(subject, statement, tested, _is_endpoint, _of_one_host)):
        found.append(Remedy(text, kept))
    host = _HOST_OF.get(refutation.request.caller.arn.split(":")[1], _HOSTS[0])
    endpoints = tuple(dict.fromkeys(one for condition in denied for one in condition.operands if _is_endpoint(one)))
    endpoints = endpoints or (f"https://{host}/saml",)
    operator = "StringLike" if any("*" in str(one) for one in endpoints) else "StringEquals"
    return [*found, Remedy(text, demand(subject, statement, (operator, "SAML:aud", endpoints)))]


def _is_for_others(condition: Condition) -> bool:
    """Whether a condition of a Deny keeps out all recipients but those that it names."""
    operator = parse_operator(condition.operator)
    return condition.key.lower() == _KEY and operator is not None and operator.negated


def _is_wide(condition: Condition, operand: Text) -> bool:
    """Whether an operand is a pattern for recipients of AWS, and for others too."""
    operator = parse_operator(condition.operator)
    if operator is None or "Like" not in operator.base or _is_endpoint(operand):
        return False
    return _has(StringSet.of([like(str(operand))]) & _RECIPIENTS)


def _of_one_host(operand: Text) -> tuple[str, ...]:
    """A pattern for the recipients at one host that another one admits, which admits none at others; else nothing."""
    admitted = StringSet.of([like(str(operand))]) & _RECIPIENTS
    narrow = (f"https://{host}/saml*" for host in _HOSTS)
    found = (one for one in narrow if not _has(admitted & StringSet.outside([like(one)])))
    return tuple(found)[:1] if _has(admitted) else ()


def _has(values: StringSet) -> bool:
    """Whether a set has a value, as far as is known."""
    try:
        return values.sample() is not None
    except BudgetReached:
        return True


def _like_written(policy: Policy) -> Iterator[str]:
    """
    The addresses that a policy names, and others that its patterns admit: ``https://eu-1.example.com/app.signin...``.
    """
    tested = (c for s in policy.statements for c in s.conditions if c.key.lower() == _KEY)
    written = [str(operand) for condition in tested for operand in condition.operands]
    yield from (one for one in written if not set(one) & set("*?"))
    for one in written:
        head, wild, rest = one.partition("*")
        if wild and "?" not in one:
            yield f"{head}{'1' if head.endswith('-') else 'other'}.example.com/app{rest.replace('*', '')}"


def _is_recipient(text: Text) -> bool:
    """Whether a text is an address that assertions for AWS are made out to."""
    return isinstance(text, str) and text in _RECIPIENTS


def _is_endpoint(operand: Text) -> bool:
    """Whether an operand is for endpoints of AWS only, as far as is known."""
    try:
        return not isinstance(operand, str) or (StringSet.of([like(operand)]) & _ELSEWHERE).sample() is None
    except BudgetReached:
        return False


def _violates(request: Request) -> bool:
    audience = request.context.get(_KEY)
    return request.caller.kind == SAML and (audience is None or (isinstance(audience, str) and audience in _ELSEWHERE))
