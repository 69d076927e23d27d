"""
One policy in several accounts: a request that uses a statement in one is tried in the next, and nothing else is taken
over from there.
"""

from __future__ import annotations

import pytest

from trustproof.config.model import Config
from trustproof.engine import query
from trustproof.engine.allowance import limited_to
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Condition, Policy, Principal, Statement
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.statement_usable import StatementUsable
from trustproof.proving.answers import Proof
from trustproof.proving.cache import Proofs
from trustproof.proving.outcomes import subject_for
from trustproof.proving.prover import Prover

HERE, THERE, OTHER = "111122223333", "444455556666", "777788889999"
HUB = Principal("AWS", "999900001111")
WITH_MFA = Condition("Bool", "aws:MultiFactorAuthPresent", ("true",))
TOKENS = "sts:AssumeRoleWithWebIdentity"
GITHUB = "token.actions.githubusercontent.com"


def statement(principal: Principal, *conditions: Condition, action: str = "sts:AssumeRole") -> Statement:
    """An Allow of a trust policy."""
    return Statement("Allow", principals=(principal,), actions=(action,), conditions=conditions)


def of_provider(account: str) -> Statement:
    """An Allow for the workflows of a repository, by a provider in some account."""
    provider = Principal("Federated", f"arn:aws:iam::{account}:oidc-provider/{GITHUB}")
    of_repository = Condition("StringEquals", f"{GITHUB}:sub", ("repo:acme/shop:ref:refs/heads/main",))
    return statement(provider, of_repository, action=TOKENS)


def of_account(operator: str, key: str, value: str) -> Statement:
    """An Allow for users of the hub with a test."""
    return statement(HUB, Condition(operator, key, (value,)))


def role(account: str, *statements: Statement, known: bool = True) -> Subject:
    """A role in an account, with its trust policy."""
    document = Document(TRUST, Policy(statements, "2012-10-17"), "R", "AWS::IAM::Role", ())
    return subject_for(document, account, "aws", Config())._replace(account_known=known)


def answer(proofs: Proofs, subject: Subject) -> object:
    """What is said of the first statement of a role."""
    return proofs.about(subject).settle(Prover(subject, StatementUsable().inquiry), 0)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with each search."""
    found: list[int] = []
    ask = query.ask

    def counted(*arguments: object, **more: object) -> object:
        found.append(1)
        return ask(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(query, "ask", counted)
    return found


def test_searched_once(searches: list[int]) -> None:
    """Of roles of many accounts that say the same, one is searched."""
    proofs = Proofs()
    assert isinstance(answer(proofs, role(HERE, statement(HUB, WITH_MFA))), Refutation)
    before = len(searches)
    for account in (THERE, OTHER):
        assert isinstance(answer(proofs, role(account, statement(HUB, WITH_MFA))), Refutation)
    assert before
    assert len(searches) == before


def test_searched_once_where_each_has_a_provider(searches: list[int]) -> None:
    """The provider is named with its account, and is another one in each."""
    proofs = Proofs()
    assert isinstance(answer(proofs, role(HERE, of_provider(HERE))), Refutation)
    before = len(searches)
    for account in (THERE, OTHER):
        found = answer(proofs, role(account, of_provider(account)))
        assert isinstance(found, Refutation)
        assert account in found.request.caller.arn
    assert before
    assert len(searches) == before


def test_searched_twice_where_the_first_is_the_one_named(searches: list[int]) -> None:
    """The users of the account that a policy names are at home there, and come from elsewhere in all others."""
    proofs, hub = Proofs(), str(HUB.value)
    answers = [answer(proofs, role(account, statement(HUB, WITH_MFA))) for account in (hub, HERE)]
    before = len(searches)
    answers += [answer(proofs, role(account, statement(HUB, WITH_MFA))) for account in (THERE, OTHER)]
    assert all(isinstance(one, Refutation) for one in answers)
    assert len(searches) == before


@pytest.mark.parametrize(
    "there",
    [
        role(THERE, of_provider(HERE)),
        role(THERE, of_account("StringEquals", "aws:SourceAccount", HERE)),
        role(THERE, of_account("StringNotEquals", "aws:PrincipalAccount", "999900001111")),
        role(THERE, statement(Principal("AWS", f"arn:aws:iam::{THERE}:user/ann"), WITH_MFA)),
        role(THERE, statement(Principal("AWS", f"arn:aws:iam::{HERE}:user/ann"), WITH_MFA)),
        role(THERE, of_account("StringLike", "aws:userid", "1111*")),
        role(THERE, statement(HUB), Statement("Deny", principals=(Principal("AWS", "*"),), actions=("sts:*",))),
        role(THERE, of_provider(HERE), known=False),
        role(THERE, of_account("StringNotLike", "aws:PrincipalArn", f"arn:aws:iam::{THERE}:*")),
    ],
)
def test_as_if_it_stood_alone(there: Subject) -> None:
    """What is said of a role is what is said where no other account was looked at before."""
    alone = answer(Proofs(), there)
    proofs = Proofs()
    answer(proofs, there._replace(account=HERE))
    answer(proofs, there._replace(account=HERE, account_known=True))
    assert type(answer(proofs, there)) is type(alone)


def test_provider_of_the_other_account() -> None:
    """A role that trusts the provider of one account can be used there, and in no other account."""
    proofs = Proofs()
    assert isinstance(answer(proofs, role(HERE, of_provider(HERE))), Refutation)
    assert isinstance(answer(proofs, role(THERE, of_provider(HERE))), Proof)


def test_somebody_of_the_next_account() -> None:
    """Whom a request names by the account that is next, is not taken for somebody from elsewhere there."""
    proofs = Proofs()
    whom = statement(Principal("AWS", f"arn:aws:iam::{THERE}:user/ann"), WITH_MFA)
    first = answer(proofs, role(HERE, whom))
    found = answer(proofs, role(THERE, whom))
    assert isinstance(first, Refutation)
    assert isinstance(found, Refutation)
    alone = answer(Proofs(), role(THERE, whom))
    assert isinstance(alone, Refutation)
    assert found.request == alone.request


def test_costs_the_same() -> None:
    """Whoever is spared the search has no more left for what is asked next, and finds nothing with less."""
    proofs = Proofs()
    with limited_to(1_000_000) as first:
        answer(proofs, role(HERE, statement(HUB, WITH_MFA)))
    with limited_to(1_000_000) as second:
        answer(proofs, role(THERE, statement(HUB, WITH_MFA)))
    assert first.left == second.left < 1_000_000
