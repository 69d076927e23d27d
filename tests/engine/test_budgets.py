"""
Adversarial policies: the answer comes, or a budget with a name is reached; never a hang.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from random import Random

import pytest

from tests.engine.asking import ASSUME, allow, answer, deny, lets_in, when
from tests.laws.subjects import MFA, answers, subject_of
from trustproof.engine import query as question
from trustproof.engine.allowance import WORK, limited_to
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.domains import Values
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import MAX_QUESTION_STATES, MAX_STEPS, StepBudget
from trustproof.model.policy import Policy, Statement
from trustproof.model.request import USER_KEY
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof, Undecided
from trustproof.sets import strings
from trustproof.sets.patterns import exact
from trustproof.sets.search import MAX_STATES, BudgetReached
from trustproof.sets.strings import StringSet

X, Y = "aws:PrincipalTag/x", "aws:PrincipalTag/y"


def floating(count: int) -> Statement:
    """An Allow that wants so many different letters in one tag, in any order."""
    return allow(*(when("StringLike", X, f"*{letter}*") for letter in "abcdefghijklmnopqrstuvwxyz"[:count]))


def covered(places: int) -> Statement:
    """An Allow for nobody: an ``a`` and a ``b`` so far apart, with nothing behind them, and with something."""
    apart = "*a" + "?" * places + "b"
    return allow(when("StringLike", X, f"{apart}*"), when("StringNotLike", X, f"{apart}?*", apart))


def chain(count: int) -> list[Statement]:
    """Denies that only together cover everything: each hands on to the next."""
    tags = [f"aws:PrincipalTag/t{number}" for number in range(count)]
    links = [deny(when("StringEquals", one, "a"), when("StringNotEquals", two, "a")) for one, two in pairwise(tags)]
    return [deny(when("StringNotEquals", tags[0], "a")), *links, deny(when("StringEquals", tags[-1], "a"))]


def clauses(keys: int, count: int) -> list[Statement]:
    """Denies with three random conditions each: the negation of a 3-CNF formula."""
    rng = Random(1)
    return [
        deny(
            *(
                when(("StringEquals", "StringNotEquals")[rng.randrange(2)], f"aws:PrincipalTag/k{key}", "a")
                for key in rng.sample(range(keys), 3)
            )
        )
        for _ in range(count)
    ]


def settled(*statements: Statement) -> Proof | Refutation | Undecided:
    """The answer of mfa-required for the first statement."""
    return answers(subject_of(Policy(statements)), MFA)[0]


def reason(*statements: Statement) -> str:
    """Why mfa-required is undecided."""
    found = settled(*statements)
    assert isinstance(found, Undecided)
    return found.reasons[0]


class TestWithinTheBudgets:
    @pytest.mark.parametrize("count", [5, 12, 26])
    def test_many_floating_patterns(self, count: int) -> None:
        """Letters in any order: a word with all of them is found, whose states are a million and more."""
        found = settled(floating(count))
        assert isinstance(found, Refutation)
        assert set("abcdefghijklmnopqrstuvwxyz"[:count]) <= set(str(found.request.context[X.lower()]))

    def test_an_exponential_automaton(self) -> None:
        """``*a????`` against ``*b????``: what stands so far from the end is read from the end."""
        likes = when("StringLike", X, "*a" + "?" * 30)
        assert isinstance(settled(allow(likes, when("StringNotLike", X, "*b" + "?" * 29))), Refutation)
        assert isinstance(settled(allow(likes), deny(when("StringNotLike", X, "*b" + "?" * 30))), Proof)

    @pytest.mark.parametrize("count", [10, 40, 80])
    def test_a_covering_chain(self, count: int) -> None:
        """A chain of Denies is followed without branching."""
        assert isinstance(settled(allow(), *chain(count)), Proof)
        assert isinstance(settled(allow(), *chain(count)[:-1]), Refutation)

    def test_random_clauses(self) -> None:
        """A formula of twenty keys is decided, satisfiable or not."""
        assert isinstance(settled(allow(), *clauses(20, 60)), Refutation)
        assert isinstance(settled(allow(), *clauses(20, 140)), Proof)

    def test_twenty_exclusions_that_overlap(self) -> None:
        """Twenty patterns of which any may match together: a partition has a million parts, the search needs none."""
        teams = tuple(f"arn:aws:iam::*:role/team{number}-*" for number in range(20))
        assert lets_in(allow(when("StringNotLike", X, *teams), when("StringLike", X, "arn:aws:iam::*")))


class TestBeyond:
    def test_states_of_one_search(self) -> None:
        """What only two patterns together cover, from both sides, is too much, and the answer says so."""
        assert reason(covered(40)) == f"budget reached: states of a string search ({MAX_STATES})"

    def test_states_of_many_searches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Searches that are each within their budget are not together within that of the question."""
        monkeypatch.setattr(question, "StepBudget", lambda: StepBudget(states=5_000))
        denies = [
            deny(when("StringLike", X, f"*{one}{two}*"), when("StringLike", Y, f"{one}*"))
            for one, two in zip("abcdefghij", "bcdefghijk", strict=True)
        ]
        found = reason(floating(12), *denies)
        assert found == f"budget reached: states of the string searches of one question ({MAX_QUESTION_STATES})"

    def test_steps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A formula that is too hard runs out of steps, in the same place each time."""
        monkeypatch.setattr(question, "StepBudget", lambda: StepBudget(3_000))
        statements = (allow(), *clauses(30, 160))
        assert reason(*statements) == f"budget reached: steps of one question ({MAX_STEPS})"
        assert settled(*statements) == settled(*statements)

    def test_an_answer_needs_its_budget_only_once(self) -> None:
        """What earlier questions left in memory changes neither the answer nor what it is charged."""
        statements = (floating(11), deny(when("StringLike", X, "*ab*"), when("Bool", "aws:SecureTransport", "true")))
        costs = []
        for _ in range(2):
            steps = StepBudget()
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(question, "StepBudget", lambda steps=steps: steps)
                answer(*statements)
            costs.append((steps.left, steps.states))
        assert costs[0] == costs[1]
        assert costs[0][1] < MAX_QUESTION_STATES


def test_a_budget_is_an_error_of_the_engine_and_an_answer_of_the_prover() -> None:
    """The engine raises with the name and the limit; nothing else is left undecided by it."""
    with pytest.raises(BudgetReached) as reached:
        answer(covered(50))
    assert (reached.value.name, reached.value.limit) == ("states of a string search", MAX_STATES)
    assert isinstance(answer(allow(when("StringEquals", X, "a")), deny(when("StringEquals", X, "a"))), ClosedRegion)


def test_a_search_is_counted_once_for_what_is_judged_together() -> None:
    """Who asks for the same search again pays for looking the answer up, and no less than that."""
    with limited_to(1_000_000) as left:
        left.charge("this", 10, 100, 1000)
        first = left.limit - left.left
        left.charge("this", 10, 100, 1000)
        again = left.limit - left.left - first
        left.charge("other", 10, 100, 1000)
    assert 0 < again < first / 10
    assert left.limit - left.left == 2 * first + again


def test_a_search_without_an_answer_is_charged_what_it_cost() -> None:
    """It is dearer than one that finds something, and who asks again pays for looking that up."""
    spent = []
    for statements in ((covered(3),), (covered(40),), (covered(40), covered(40))):
        with limited_to(10**9) as left:
            for one in statements:
                with suppress(BudgetReached):
                    answer(one)
        spent.append(left.limit - left.left)
    assert spent[0] < spent[1] / 10
    assert spent[1] <= spent[2] < 1.1 * spent[1]


def test_searches_that_nobody_remembers_are_counted_again() -> None:
    """What has been counted is forgotten before the answers are, so that no search is done for nothing."""
    with limited_to(10**9) as left:
        left.charge("this", 10, 100, 1000)
        first = left.limit - left.left
        left.charge("large", 10**6, 0, 0)
        before = left.left
        left.charge("this", 10, 100, 1000)
    assert before - left.left == first


def test_what_is_remembered_costs_the_same_again() -> None:
    """What is left for a policy does not depend on whether the same was asked for another template before."""
    open_to_all = allow(when("StringLike", "aws:PrincipalTag/x", "a*"))
    denied = deny(when("StringNotLike", "aws:PrincipalTag/x", "b*"))
    asked = CompiledPolicy(Policy((open_to_all, denied)))
    left: list[int] = []
    for _ in range(3):
        with limited_to(1_000_000) as allowance:
            region = Region(RequestSpace(USER_KEY, ASSUME, "aws"))
            assert isinstance(question.ask_again(asked, region, 0), ClosedRegion)
        left.append(allowance.left)
    assert len({*left}) == 1
    assert left[0] < 1_000_000
    elsewhere = Region(RequestSpace(USER_KEY, ASSUME, "aws-cn"))
    assert isinstance(question.ask_again(CompiledPolicy(Policy((open_to_all,))), elsewhere, 0), AllowedPart)


def test_what_two_policies_search_is_counted_once_whichever_is_remembered() -> None:
    """What one has searched for costs the other the looking up, and the same where both were asked about before."""
    names = [f"{number:050}" for number in range(100)]
    first, second = (
        CompiledPolicy(Policy((allow(when("StringEquals", X, *names)), deny(always))))
        for always in (when("Null", X, "false"), when("StringLike", X, "*"))
    )
    region = Region(RequestSpace(USER_KEY, ASSUME, "aws"))
    spent: list[int] = []
    for order in ((first, second), (first,), (second,), (first, second), (second, first)):
        with limited_to(1_000_000) as allowance:
            for one in order:
                question.ask_again(one, region, 0)
        spent.append(allowance.limit - allowance.left)
    assert spent[0] == spent[3] == spent[4]
    assert spent[0] < spent[1] + spent[2] - 50 * len(names) // 2


def test_statements_for_other_callers_are_no_ways_to_be_let_in_for_a_further_action() -> None:
    """Of fifty accounts that a policy lets in, each has one way to pass tags, and the others cost little."""
    spent = []
    for count in (5, 50):
        accounts = [f"{number:012d}" for number in range(count)]
        asked = CompiledPolicy(Policy(tuple(allow(principal=f"arn:aws:iam::{one}:root") for one in accounts)))
        space = RequestSpace(USER_KEY, ASSUME, "aws")
        further = (space.for_action("sts:tagsession"), space.for_action("sts:setsourceidentity"))
        region = Region(space, also=further)
        assert len(question.ways(region, asked, asked.allow(0, space), None)) == 1
        with limited_to(1_000_000) as allowance:
            assert isinstance(question.ask(asked, region, 0), AllowedPart)
        spent.append(allowance.limit - allowance.left)
    assert spent[1] <= 5 * spent[0]


@pytest.mark.parametrize("is_closed", [True, False])
def test_names_that_a_region_leaves_out_cost_nothing_where_denies_close_it_without_them(*, is_closed: bool) -> None:
    """What nobody may do anywhere need not be asked of a thousand accounts; and what somebody may, is."""
    denies = [deny(when("Null", X, "true")), *([deny(when("Null", X, "false"))] if is_closed else [])]
    asked = CompiledPolicy(Policy((allow(), *denies)))
    spent = []
    for count in (1_000, 4_000):
        others = Values(False, StringSet.outside(exact(f"a{number}") for number in range(count)))
        region = Region(RequestSpace(USER_KEY, ASSUME, "aws"), ((f"key:{Y.lower()}", others),))
        with limited_to(10**9) as allowance:
            found = question.ask(asked, region, 0)
        assert isinstance(found, ClosedRegion) is is_closed
        spent.append(allowance.limit - allowance.left)
    assert (spent[0] == spent[1]) is is_closed


def test_what_a_statement_costs_is_known_before_it_is_read() -> None:
    """Tens of thousands of keys in one statement are a budget, and none of them is read."""
    statement = allow(*(when("StringEquals", f"aws:PrincipalTag/t{number}", "a") for number in range(30_000)))
    region = Region(RequestSpace(USER_KEY, ASSUME, "aws"))
    with limited_to(40_000_000), pytest.raises(BudgetReached, match="work on one policy"):
        question.ask(CompiledPolicy(Policy((statement,))), region, 0)


def test_a_question_that_tries_thousands_of_literals_is_charged_for_each_beyond_a_few() -> None:
    """What only a policy asks for that AWS does not take is a part of its allowance; what is ordinary costs nothing."""
    with limited_to(1_000_000) as allowance:
        steps = StepBudget()
        for _ in range(1_000):
            steps.take()
        assert allowance.left == 1_000_000
        for _ in range(10):
            steps.take()
        assert allowance.left == 1_000_000 - 10 * 16


def test_a_search_that_costs_more_than_is_left_is_no_answer_whoever_has_made_it_before() -> None:
    """The last search of a policy was counted when it was done, and its answer was taken."""
    asked = (floating(12), deny(when("StringLike", X, "*ba*")))
    with limited_to(10**9) as all_of_it:
        answer(*asked)
    costs = all_of_it.limit - all_of_it.left
    said = []
    for is_remembered in (True, False, True):
        for units in (costs, costs - 1, costs // 2):
            if not is_remembered:
                strings._remembered.clear()
                strings._searched.clear()
            with limited_to(units) as left:
                try:
                    said.append((units, isinstance(answer(*asked), AllowedPart), left.left))
                except BudgetReached as reached:
                    said.append((units, reached.name, left.limit))
    assert said[:3] == said[3:6] == said[6:]
    assert [found for _, found, _ in said[:3]] == [True, WORK, WORK]
