"""
Readings of conditions that are easy to get wrong; the law in `tests.laws.test_operators` holds all others.
"""

from __future__ import annotations

from base64 import b64decode

import pytest

from tests.engine.asking import ASSUME, allow, answer, deny, lets_in, request, when
from trustproof.engine.denote import Denotation, denote, type_mismatch
from trustproof.engine.region import ClosedRegion
from trustproof.engine.request_space import RequestSpace
from trustproof.model.policy import Condition
from trustproof.model.request import ROLE_SESSION, USER_KEY, USER_SESSION, USER_SESSION_MFA
from trustproof.model.text import Symbol, Symbolic

TAG, TIER = "aws:PrincipalTag/x", "acme:tier"
#: A key whose values may be any text.
AGENT = "aws:UserAgent"


def reading(condition: Condition, *, variables: bool = True, kind: str = USER_KEY) -> Denotation:
    found = denote(condition, RequestSpace(kind, ASSUME, "aws"), variables)
    assert found is not None
    return found


#: An Allow with the first condition lets a long-term key in, and with the second it does not.
OPPOSITES = [
    # The absent key.
    (when("BoolIfExists", "aws:MultiFactorAuthPresent", "true"), when("Bool", "aws:MultiFactorAuthPresent", "true")),
    (when("Null", "aws:MultiFactorAuthPresent", "true"), when("Null", "aws:MultiFactorAuthPresent", "false")),
    (
        when("ForAllValues:Bool", "aws:MultiFactorAuthPresent", "true"),
        when("ForAnyValue:Bool", "aws:MultiFactorAuthPresent", "true"),
    ),
    (
        when("NumericLessThanIfExists", "aws:MultiFactorAuthAge", "1"),
        when("NumericLessThan", "aws:MultiFactorAuthAge", "1"),
    ),
    (when("StringNotEquals", "aws:SourceAccount", "1"), when("ForAnyValue:StringNotEquals", "aws:SourceAccount", "1")),
    # An empty list of operands is met by an absent key, where absence counts.
    (when("BoolIfExists", "aws:MultiFactorAuthPresent"), when("Bool", "aws:MultiFactorAuthPresent")),
    (when("ForAllValues:StringLike", "aws:SourceAccount"), when("StringNotLike", "aws:SourceAccount")),
    (when("ForAnyValue:BoolIfExists", "aws:SourceAccount"), when("ForAnyValue:Bool", "aws:SourceAccount")),
    (when("ForAllValues:Null", "aws:SourceAccount"), when("ForAllValues:Null", "aws:username")),
    # A set operator makes of Null no test at all.
    (when("ForAllValues:Null", "aws:username", "true"), when("ForAnyValue:Null", "aws:username", "false")),
    # A misspelt key is never there.
    (when("Null", "aws:MultiFactorAuthPresnt", "true"), when("Bool", "aws:MultiFactorAuthPresnt", "false")),
    # Wildcards are wildcards for the operators that say so.
    (when("StringLike", "aws:PrincipalAccount", "1111*"), when("StringEquals", "aws:PrincipalAccount", "1111*")),
    (when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:user/*"), when("StringEquals", "aws:PrincipalArn", "arn:*")),
    (when("StringLike", "aws:PrincipalArn", "arn:*/a"), when("ArnLike", "aws:PrincipalArn", "arn:*:user/a:*:*:*:x")),
    # A field of the caller's ARN has no colon, whatever stands in its path.
    (when("StringLike", "aws:PrincipalAccount", "*1*"), when("StringLike", "aws:PrincipalAccount", "*:*")),
    (when("StringLike", "aws:username", "a*"), when("StringLike", "aws:username", "a/*")),
    # Ages and times count whole units.
    (when("DateLessThan", "aws:CurrentTime", "2027"), when("DateEquals", "aws:CurrentTime", "2026-13")),
]


@pytest.mark.parametrize(("open_", "closed"), OPPOSITES, ids=lambda c: f"{c.operator} {c.key}")
def test_who_gets_in(open_: Condition, closed: Condition) -> None:
    """Of two conditions that look alike, one lets a long-term access key in."""
    assert lets_in(allow(open_))
    found = answer(allow(closed))
    # What is not exact may be found; then it has a reason.
    assert isinstance(found, ClosedRegion) or found.notes


def test_no_age_between_two_seconds() -> None:
    """Between 300 and 301 seconds there is no age."""
    between = (
        when("NumericGreaterThan", "aws:MultiFactorAuthAge", "300"),
        when("NumericLessThan", "aws:MultiFactorAuthAge", "301"),
    )
    assert not lets_in(allow(*between), kind=USER_SESSION_MFA)


@pytest.mark.parametrize("operand", ["10.0.0.0/255.0.0.0", "::1%eth0", "10.0.0.0/33", "10.0.0.*"])
def test_what_is_no_block_is_no_block(operand: str) -> None:
    """Netmasks, zones and wildcards are no CIDR blocks, though Python's library reads some of them."""
    assert "is not an address or a CIDR block" in reading(when("IpAddress", "aws:SourceIp", operand)).note
    assert lets_in(
        allow(), deny(when("IpAddress", "aws:SourceIp", operand)), deny(when("Null", "aws:SourceIp", "true"))
    )


def test_what_is_given_at_deployment_may_match_beside_what_is_no_number() -> None:
    """An operand of the wrong type is taken to match nothing, and not a parameter that stands next to it."""
    given = Symbolic((Symbol("Age", "parameter", type="Number", least=900, most=3600),))
    alone = Condition("NumericLessThan", "aws:MultiFactorAuthAge", ("1h",))
    both = alone._replace(operands=("1h", given))
    assert "1h is not a number" in type_mismatch(alone)
    assert type_mismatch(both) == ""
    space = RequestSpace(USER_SESSION_MFA, ASSUME, "aws")
    for condition, notes in ((alone, False), (both, True)):
        found = denote(condition, space, True, settled=True)
        assert found is not None
        assert bool(found.note) is notes


class TestBinary:
    def test_bytes_have_several_texts(self) -> None:
        """The bits that padding leaves over do not count."""
        value = request(allow(when("BinaryEquals", TAG, "YQ=="))).context[TAG.lower()]
        assert b64decode(str(value)) == b"a"
        assert not lets_in(allow(when("BinaryEquals", TAG, "YQ=="), when("StringNotLike", TAG, "Y?==")))
        assert lets_in(allow(when("BinaryEquals", TAG, "YQ=="), when("StringNotEquals", TAG, "YQ==")))

    def test_what_is_not_base64_is_equal_to_nothing(self) -> None:
        """An operand that is not base64 matches no value, not even itself."""
        assert not lets_in(allow(when("BinaryEquals", TAG, "abc!")))

    def test_there_are_no_variables(self) -> None:
        """``${...}`` is not base64."""
        assert not lets_in(allow(when("BinaryEquals", TAG, "${aws:username}")))


class TestVariables:
    @pytest.mark.parametrize("written", ["${*}", "${?}", "${$}"])
    def test_special_ones_are_characters(self, written: str) -> None:
        """``${*}`` is a star, and exactly known."""
        found = request(allow(when("StringLike", AGENT, f"a{written}b")))
        assert found.context[AGENT.lower()] == f"a{written[2]}b"

    @pytest.mark.parametrize("written", ["${ * }", "${*, 'x'}"])
    def test_with_blanks_or_a_default_they_are_keys(self, written: str) -> None:
        """Only ``${*}`` itself is the character."""
        assert "differs from request to request" in reading(when("StringEquals", TAG, written)).note

    def test_without_the_version_they_are_text(self) -> None:
        """In a document without version 2012-10-17, ``${...}`` is what it says."""
        assert not reading(when("StringEquals", TAG, "${aws:username}"), variables=False).note

    def test_one_that_is_never_there_leaves_the_operand_out(self) -> None:
        """Positive operators then match nothing, negated ones everything."""
        role = ROLE_SESSION
        assert not lets_in(allow(when("StringEquals", TAG, "${aws:username}")), kind=role)
        assert not lets_in(allow(), deny(when("StringNotEquals", TAG, "${aws:username}")), kind=role)

    def test_its_default_counts_where_it_is_never_there(self) -> None:
        """A default is literal text."""
        found = request(allow(when("StringEquals", AGENT, "${aws:username, 'x*'}")), kind=ROLE_SESSION)
        assert found.context[AGENT.lower()] == "x*"

    def test_a_deny_with_one_is_not_certain(self) -> None:
        """A Deny that depends on a variable proves nothing: the value may be another."""
        assert lets_in(
            allow(), deny(when("StringEquals", TAG, "${aws:PrincipalTag/y}")), deny(when("Null", TAG, "true"))
        )


class TestUnknownKeys:
    def test_numbers_may_be_no_numbers(self) -> None:
        """A value below, and one not below, is not all there can be under a key whose type nobody knows."""
        below, not_below = when("NumericLessThanIfExists", TIER, "5"), when("NumericGreaterThanEquals", TIER, "5")
        assert lets_in(allow(), deny(below), deny(not_below))

    def test_addresses_may_be_no_addresses(self) -> None:
        """The same for addresses."""
        every = [deny(when("IpAddressIfExists", TIER, block)) for block in ("0.0.0.0/0", "::/0")]
        assert lets_in(allow(), *every)

    def test_there_is_one_value(self) -> None:
        """What is tested without a set operator is no collection: AWS reports such a test of one as an error."""
        assert not lets_in(
            allow(), deny(when("StringEqualsIfExists", TIER, "a")), deny(when("StringNotEquals", TIER, "a"))
        )

    def test_all_operators_speak_of_the_same_value(self) -> None:
        """What ``StringEquals`` wants, ``Bool`` finds."""
        assert not lets_in(allow(when("StringEquals", TIER, "gold"), when("Bool", TIER, "true")))
        assert lets_in(allow(when("StringEquals", TIER, "TRUE"), when("Bool", TIER, "true")))

    def test_a_deny_of_the_only_value_covers(self) -> None:
        """Text is compared exactly."""
        assert not lets_in(allow(when("StringEquals", TIER, "gold")), deny(when("StringLike", TIER, "g*")))


class TestSeveralValues:
    PATHS = "aws:PrincipalOrgPaths"

    def test_all_and_any(self) -> None:
        """``ForAllValues`` bounds every element, ``ForAnyValue`` asks for one; absence meets the first alone."""
        inside = when("ForAllValues:StringLike", self.PATHS, "o-a/*")
        other = when("ForAnyValue:StringLike", self.PATHS, "o-b/*")
        assert request(allow(inside)).context.get(self.PATHS.lower()) is None
        assert not lets_in(allow(inside, other))

    def test_without_set_operator(self) -> None:
        """A plain operator on several values is not documented: no Deny counts on it, an Allow is about some value."""
        plain = when("StringEquals", self.PATHS, "o-a/r-1/")
        assert reading(plain).note
        assert lets_in(allow(plain))
        assert not lets_in(allow(plain, when("ForAllValues:StringLike", self.PATHS, "o-b/*")))
        assert lets_in(allow(when("StringNotEquals", self.PATHS, "o-a/r-1/")))
        assert lets_in(allow(), deny(plain), deny(when("Null", self.PATHS, "true")))


def test_null_values() -> None:
    """The empty string is null: ``Null true`` holds, and ``ForAllValues`` is vacuous."""
    present_but_null = (when("StringEquals", TAG, ""), when("Null", TAG, "true"))
    assert request(allow(*present_but_null)).context[TAG.lower()] == ""
    assert lets_in(allow(when("StringEquals", TAG, ""), when("ForAllValues:StringEquals", TAG, "a")))
    assert not lets_in(allow(when("StringEquals", TAG, ""), when("ForAnyValue:StringEquals", TAG, "")))


def test_two_times_are_one_moment() -> None:
    """``aws:EpochTime`` and ``aws:CurrentTime`` are the same moment, also as a number."""
    before, after = (
        when("DateLessThan", "aws:CurrentTime", "2027-01-01"),
        when("NumericGreaterThan", "aws:EpochTime", "1798761600"),
    )
    assert lets_in(allow(before))
    assert lets_in(allow(after))
    assert not lets_in(allow(before, after))


def test_a_deny_without_action_denies_nothing() -> None:
    """A statement that names no action applies to none."""
    assert lets_in(allow(), deny()._replace(actions=None))
    assert not lets_in(allow(), deny())
    assert not lets_in(allow()._replace(actions=None))


def test_user_session_without_mfa_says_false() -> None:
    """A session obtained without MFA carries the key, with the value false."""
    assert lets_in(allow(when("Bool", "aws:MultiFactorAuthPresent", "false")), kind=USER_SESSION)
    assert not lets_in(allow(when("Null", "aws:MultiFactorAuthPresent", "true")), kind=USER_SESSION)
