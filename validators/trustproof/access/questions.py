"""
What is asked of a statement, for callers of some kinds, and the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.access.own_policies import HeldPolicies
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import not_text, text
from trustproof.engine.region import Region
from trustproof.model.document import TRUST
from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Condition, Statement
from trustproof.model.query import is_concrete, texts
from trustproof.model.request import ROLE_SESSION, SAML, WEB_IDENTITY
from trustproof.model.text import Symbolic
from trustproof.properties.question import Inquiry, Question, Refutation, Subject
from trustproof.properties.shared.bucket_principals import asked_by_makers
from trustproof.properties.shared.callers import NamedCaller, requests_of
from trustproof.properties.shared.regions import Constraints
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import Prover
from trustproof.proving.undocumented_meaning import DISAGREEMENT, deployments_of
from trustproof.sets.patterns import ANY_RUN, Wildcard, exact, join

#: What a caller says by itself, or a service that calls for a resource: whatever is asked for, it may be that.
_SAID_BY_CALLERS = ("sts:externalid", "aws:sourcearn")
#: Callers that call nothing but STS.
_FOR_STS = (SAML, WEB_IDENTITY)

#: The roles that are not made of permission sets: those let in Identity Center only, and its people have a line of
#: their own. A pattern with a wildcard for the Region may go on before the next slash, where nobody can make roles.
#: https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
OTHER_ROLES: Constraints = (
    (
        "caller",
        not_text(
            join(
                "arn:",
                Wildcard(":", True, True),
                ":iam::",
                Wildcard(":", True, True),
                ":role/aws-reserved/sso.amazonaws.com",
                ANY_RUN,
            )
        ),
    ),
)


def questions(
    subject: Subject,
    kinds: Sequence[str],
    caller: NamedCaller | None,
    held: HeldPolicies,
    without: Sequence[str] = (),
) -> tuple[Question, ...]:
    """
    The requests of callers of some kinds, or of one caller where one is named; empty where it can make none.

    Args:
        without: the ARNs of users and roles that are not asked about.
    """
    wanted = [
        kind
        for kind in kinds
        # Assertions and tokens are for STS alone; what is done with the credentials, a session of the role does.
        if (caller is None or kind in caller.kinds) and (subject.document.kind == TRUST or kind not in _FOR_STS)
    ]
    here = _at_role(subject)
    regions = tuple(region for kind in wanted for region in requests_of(subject, kind, (*_bounds(kind, caller), *here)))
    if without:
        others = ("caller", not_text(*(join(exact(one), SEPARATOR, ANY_RUN) for one in without)))
        regions = tuple(region._replace(constraints=(*region.constraints, others)) for region in regions)
    if caller is not None and (tags := held.tags(caller.written)):
        regions = tuple(_carrying(region, tags) for region in regions)
    return (Question(regions, lambda request: True),) if regions else ()


def _at_role(subject: Subject) -> Constraints:
    """
    What the requests for a role are about, where its ARN is known: its trust policy names no resource, and what the
    policies of callers deny may be about other roles only.
    """
    arn = subject.document.resource_arn
    is_known = subject.document.kind == TRUST and isinstance(arn, str) and not {*"*?"} & {*arn}
    return (("resource", text(exact(str(arn)))),) if is_known else ()


def _bounds(kind: str, caller: NamedCaller | None) -> Constraints:
    if caller is not None:
        return caller.constraints
    return OTHER_ROLES if kind == ROLE_SESSION else ()


def _carrying(region: Region, tags: Mapping[str, str]) -> Region:
    also = tuple(space.narrowed(tags) for space in region.also)
    return region._replace(space=region.space.narrowed(tags), also=also)


def decide_statement(
    prover: Prover,
    index: int,
    kinds: Sequence[str],
    caller: NamedCaller | None,
    held: HeldPolicies,
    without: Sequence[str] = (),
) -> Proof | Refutation | Undecided:
    """
    Whether a statement lets in a caller of some kinds; where values are known only at deployment, at likely ones.

    Of one caller, only such values are taken for likely that do not say who gets in. Which way a condition goes is
    shown with the request.
    """
    subject = prover.subject
    answer = prover.settle(index, questions(subject, kinds, caller, held, without))
    if not isinstance(answer, Undecided) or all(is_concrete(one.policy) for one in subject.documents):
        return answer
    inquiry = Inquiry(
        "explain", lambda deployed, _: questions(deployed, kinds, caller, held, without), normalize=asked_by_makers
    )
    known = None if caller is None else known_entries(prover, index)
    for one in (prover,) if known is None else (prover, known):
        found = Prover(one.subject, inquiry, one.deployments).settle(index)
        names = _decisive(one.subject, index, found.parameters) if isinstance(found, Refutation) else []
        if isinstance(found, Refutation) and (caller is None or not names):
            return found
        if answer.reasons == (DISAGREEMENT,):
            # Where values are known only at deployment, the search by itself does not know which deployment it found.
            said = tuple(f"the value of {name} is not known before deployment" for name in names)
            answer = found if isinstance(found, Undecided) else answer._replace(reasons=said or answer.reasons)
    return answer


def known_entries(prover: Prover, index: int) -> Prover | None:
    """
    A prover of the same policy where a statement names only principals and values of conditions that are known: whom it
    lets in then, it lets in whatever the others are. None where that is the same.
    """
    policy = prover.subject.policy
    statement = policy.statements[index]
    principals = tuple(one for one in statement.principals or () if not isinstance(one.value, Symbolic))
    narrow = statement._replace(
        principals=principals or statement.principals,
        conditions=tuple(map(_known_operands, statement.conditions)),
    )
    if narrow == statement:
        return None
    statements = (*policy.statements[:index], narrow, *policy.statements[index + 1 :])
    document = prover.subject.document._replace(policy=policy._replace(statements=statements))
    subject = prover.subject._replace(document=document)
    return Prover(subject, prover.inquiry, deployments_of(subject, prover.deployments))


def _known_operands(condition: Condition) -> Condition:
    operator = parse_operator(condition.operator)
    known = tuple(one for one in condition.operands if not isinstance(one, Symbolic))
    return condition._replace(operands=known) if known and operator is not None and not operator.negated else condition


def _decisive(subject: Subject, index: int, values: Mapping[str, str]) -> list[str]:
    """Those of some values that say whom a statement lets in, or when, and not only what a policy is about."""
    documents = [document for document in subject.documents if document is not subject.document]
    own = subject.policy.statements
    # What another statement allows besides is no part of it.
    statements = [one for number, one in enumerate(own) if number == index or one.effect == DENY]
    statements += [statement for document in documents for statement in document.policy.statements]
    # Whoever knows the id may send it, whatever it is, where nothing else asks for another one.
    denied = [one for one in statements if one.effect == DENY]
    free = [key for key in _SAID_BY_CALLERS if not any(_conditions_on(key, one) for one in denied)]
    names = (name for one in statements for name in _deciding(one, free))
    return [name for name in dict.fromkeys(names) if name in values]


def _deciding(statement: Statement, free: Iterable[str]) -> Iterator[str]:
    chosen = [key for key in free if _is_one_of_some(_conditions_on(key, statement))]
    for written, place in texts(statement):
        if place != "resource" and place.lower() not in chosen and isinstance(written, Symbolic):
            yield from (symbol.name for symbol in written.symbols)


def _is_one_of_some(conditions: Sequence[Condition]) -> bool:
    """Whether they ask for one of some values, once."""
    operators = [parse_operator(one.operator) for one in conditions]
    return len(operators) == 1 and operators[0] is not None and not operators[0].negated


def _conditions_on(key: str, statement: Statement) -> list[Condition]:
    return [one for one in statement.conditions if one.key.lower() == key]
