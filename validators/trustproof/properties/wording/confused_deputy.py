"""
The words of no-confused-deputy: whom a service is to say that it calls for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.aws.service_principals import global_name
from trustproof.model.arn import is_account
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Condition, Statement
from trustproof.properties.edits import Demand, demand
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.properties.sentences import because
from trustproof.properties.shared.asked_services import services_in
from trustproof.properties.shared.own_sources import imported_for, written_for
from trustproof.properties.shared.regions import third_party_accounts
from trustproof.properties.shared.service_keys import TOKEN, use_of_key
from trustproof.properties.shared.sources import tests_of_sources
from trustproof.results.result import FOREIGN, WARNING, Remedy

_ORGANIZATION = "aws:sourceorgid"


def as_others_do(subject: Subject, statement: Statement, demands: Sequence[Demand]) -> Remedy:
    """What asks a service for whom it calls in the way in which other statements of the template ask that."""
    keys = " and ".join(dict.fromkeys(key for _, key, _ in demands))
    text = f"say for whom the service may call, with {keys}, as other statements do"
    return Remedy(text, demand(subject, statement, *demands))


def held_to(
    subject: Subject,
    statement: Statement,
    asks: Demand | None,
    by_arn: Mapping[str, bool],
    by_context: Mapping[str, str],
) -> Remedy:
    """
    What asks a service for whom it calls, as a diff where that is known and nobody has asked for somebody else.

    Args:
        by_arn: the services that the statement lets in, and of each whether it is held by the ARN of its source only.
        by_context: those of them that use a key, and say for whom only by what they encrypt; and the key that says it.
    """
    text = "say for whom the service may call"
    keys = {one: "aws:SourceArn" if only else "aws:SourceAccount" for one, only in by_arn.items()}
    keys.update(by_context)
    if asks is None and len({*keys.values()}) > 1:
        # What holds one of them keeps the others out.
        each = "; ".join(f"{one}, with {key}" for one, key in sorted(keys.items()))
        return Remedy(f"give each service a statement of its own, and say there for whom it may call: {each}")
    asked = set(map(global_name, by_arn))
    others = sorted(one for one in services_in([statement]) if global_name(one) not in asked)
    if asks is None and others and subject.document.grant is None:
        # They may send nothing of the kind, and would be kept out.
        whose = "its" if len(by_arn) == 1 else "their"
        apart = f"give {' and '.join(sorted(by_arn))} a statement of {whose} own, apart from {' and '.join(others)}"
        text = f"{apart}, and say there for whom the service may call"
    if asks is None and subject.document.grant is not None and any(by_arn.values()):
        return Remedy(f"{text}, with aws:SourceArn of each thing that has it call, in a permission each")
    if asks is None and (stores := imported_for(subject, by_arn)):
        whose = f"in whose name it reads for {' and '.join(stores)} is not known"
        return Remedy(f"{text}, with aws:SourceArn of a distribution; {whose}, so leave that a statement of its own")
    if asks is None and any(by_arn.values()):
        return Remedy(f"{text}, with aws:SourceArn, whose value names each account of yours that it delivers for")
    grant = subject.document.grant
    if asks is None and grant is not None and not grant.has_condition and _ORGANIZATION not in dict(grant.properties):
        # A permission of AWS Lambda has no property for the organization of a source.
        return Remedy(f"{text}, with aws:SourceAccount, in a permission for each account of yours that it calls for")
    if asks is None:
        either = "with aws:SourceAccount, or with aws:SourceOrgID where it delivers for other accounts of yours too"
        return Remedy(f"{text}: {either}")
    foreign = [
        c.key for c in tests_of_sources(statement) if c.key.lower() != asks[1].lower() and _is_foreign(subject, c)
    ]
    if foreign:
        # With both, nobody could call.
        return Remedy(f"{text} with {asks[1]}, in place of {foreign[0]}, which names somebody else")
    text = f"{text}, with {asks[1]}{_to_declare(subject, asks)}"
    return Remedy(text, demand(subject, statement, asks))


def told_by_context(subject: Subject, statement: Statement, service: str) -> Demand | None:
    """The test of what a service encrypts with a key, where it says by nothing else for whom; None elsewhere."""
    use = use_of_key(subject, service)
    if use is None or use.sends_sources:
        return None
    key, name = f"kms:EncryptionContext:{use.context}", use.context.split(":")[1]
    whose = f"arn:{subject.partition or 'aws'}:{name}:*:{subject.account}:*"
    return ("ArnLike", key, written_for(statement, key, name, (subject.account,)) or (whose,))


def _to_declare(subject: Subject, asks: Demand) -> str:
    """That an account has to be declared besides, which the template names and nobody has said is ours."""
    boundary = subject.config.boundary
    if boundary is None:
        return ""
    ours = (subject.account, *boundary.accounts, *third_party_accounts(subject.config))
    named = {part for value in asks[2] for part in str(value).split(":")[:5] if is_account(part)}
    others = " and ".join(sorted(named.difference(ours)))
    return f"; and declare {others}, which is outside the boundary" if others else ""


def _is_foreign(subject: Subject, condition: Condition) -> bool:
    """Whether a condition names accounts, and none that is one's own."""
    named = {part for operand in condition.operands for part in str(operand).split(":")[:5] if is_account(part)}
    boundary = subject.config.boundary
    return bool(named) and named.isdisjoint((subject.account, *(boundary.accounts if boundary is not None else ())))


def for_every_skill(subject: Subject, refutation: Refutation) -> Finding:
    """Word that a function may be called by every skill of Alexa, whoever has made it."""
    service, statement = refutation.request.caller.arn, refutation.statement
    tested = [one for one in statement.conditions if one.key.lower() == TOKEN]
    name = subject.document.logical_id
    how = "with EventSourceToken" if subject.document.grant is not None else "with lambda:EventSourceToken"
    how = "with SkillId" if "Events" in subject.document.path else how
    return Finding(
        f"{service} is let in by {name} for every skill, whoever has made it",
        "lets in skills that others choose" if tested else f"admits {service} for every skill",
        tested[0].path if tested else (*statement.path, "Principal"),
        (
            *because(refutation, statement, subject.policy),
            *(() if tested else (f"no condition looks at the token of a skill, by which {service} says what calls",)),
        ),
        Remedy(f"name the skill that may call, {how} (amzn1.ask.skill.…), in a permission for each skill"),
        severity=WARNING,
        reach=FOREIGN,
    )


def is_made(document: Document) -> bool:
    """Whether SAM makes the policy, so that it has no place in the template."""
    return (
        document.kind == TRUST
        and document.resource_type.startswith("AWS::Serverless::")
        and "AssumeRolePolicyDocument" not in document.path
    )


def with_own_role(subject: Subject, service: str) -> Remedy:
    """What to do about a policy that SAM makes."""
    name = subject.document.logical_id
    return Remedy(
        f"the role that SAM makes for {name} asks nothing of the service: give {name} the property Role, with a role "
        f"whose trust policy lets in {service} where aws:SourceAccount is {subject.account}"
    )
