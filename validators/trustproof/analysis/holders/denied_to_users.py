"""
What is denied to the users that a trust policy names: a user of its own account gets in without any policy that allows
it, and not where one of its own policies denies it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustproof.analysis.assignments.other_values import forms_at_no_default
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import about_role, resting_on
from trustproof.analysis.holders.holdings import Holding, Holdings
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, DENY, Guard, Principal, Statement
from trustproof.model.principals import Holder
from trustproof.model.query import is_known
from trustproof.model.substitution import bind_text
from trustproof.model.text import Text
from trustproof.sets.search import BudgetReached

#: Of the documents made here, by which they are known again.
_NAME = "denied to a user"


def denied_to_users(context: TemplateContext, document: Document) -> tuple[Document, ...]:
    """
    What the template certainly denies to the users that a trust policy names, whatever the defaults of parameters.

    Whose user it is that has such an ARN, and what it has besides, does not matter: it is the one that the template
    makes, and what denies something here denies it whatever else is there.
    """
    found = dict(_denied(context, document))
    for form in forms_at_no_default(context, document) if found else ():
        there = {} if form is None else dict(_denied(*form))
        found = {key: one for key, one in found.items() if key in there}
    return tuple(found.values())


def resting_on_denials(denied: Iterable[Document]) -> tuple[str, ...]:
    """What a proof has to say for which control policies count, and those of users."""
    found = [*denied]
    names = dict.fromkeys(one.logical_id for one in found if one.name == _NAME)
    return (*resting_on(found), *(f"this rests on {name}, which denies it to a user whom it names" for name in names))


def _denied(context: TemplateContext, document: Document) -> Iterator[tuple[object, Document]]:
    """What is denied, each with what tells that the same is denied to the same user elsewhere."""
    template = context.template
    named = dict.fromkeys(_users_named(document))
    users = [one for arn in named for one in context.declared.users.get(arn, ()) if _is_certain(context, one)]
    if not users or template.doubt or template.doubts or template.is_optional:
        return
    groups = [one for one in template.holders if one.kind == "group"]

    def bind(text: Text) -> Text:
        return bind_text(text, context.assumed)

    for user in users:
        found = Holdings(context.documents, [user, *groups], bind, context.deployments).everything
        holdings = [one for one in found if one.holder.kind == "user"]
        # It may have one boundary or another.
        if len(holdings) == 1 and not holdings[0].unclear:
            yield from _of_user(context, holdings[0], document)


def _users_named(document: Document) -> Iterator[Text]:
    """What a trust policy names whom it lets in by, as far as these may be users."""
    for statement in document.policy.statements if document.kind == TRUST else ():
        if statement.effect == ALLOW:
            yield from (one.value for one in statement.principals or () if one.kind == "AWS")


def _is_certain(context: TemplateContext, user: Holder) -> bool:
    """Whether there is a user in each deployment, which has what the template gives it."""
    return bool(user.path) and not user.is_poorer and _is_there(context, user.guards)


def _is_there(context: TemplateContext, guards: Sequence[Guard]) -> bool:
    """Whether something is there in each deployment, by what guards it: a condition may be one that always holds."""
    negated = [guard._replace(value=not guard.value) for guard in guards if isinstance(guard.value, bool)]
    try:
        return len(negated) == len(guards) and all(context.deployments.satisfy([one]) is None for one in negated)
    except BudgetReached:
        return False


def _of_user(context: TemplateContext, holding: Holding, document: Document) -> Iterator[tuple[object, Document]]:
    user = holding.holder
    held = [one for at, one in enumerate(holding.documents) if at not in holding.removed]
    if holding.permissions_boundary is not None and not holding.guards and not holding.removed_boundary:
        held.append(holding.permissions_boundary)
    for one in held:
        statements = () if one.is_foreign or not _is_there(context, one.guards) else one.policy.statements
        for statement in statements:
            is_plain = statement.effect == DENY and is_known(statement) and _is_there(context, statement.guards)
            if is_plain and (about := about_role(statement, document)) is not None:
                alone = _placeless(about)
                policy = one.policy._replace(
                    statements=(alone._replace(principals=(Principal("AWS", user.arn),)),), path=()
                )
                made = one._replace(kind=TRUST, policy=policy, path=(), is_foreign=True, name=_NAME, guards=())
                yield (user.path, one.path, repr(alone)), made


def _placeless(statement: Statement) -> Statement:
    return statement._replace(path=(), guards=(), conditions=tuple(c._replace(path=()) for c in statement.conditions))
