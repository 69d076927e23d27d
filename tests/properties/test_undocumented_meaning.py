"""
What a policy itself says that has no documented meaning is an error where it may let somebody in: its author can write
it at will.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping

import pytest

import trustproof

Json = dict[str, object]
OPEN: Json = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def worst(*statements: Json, **sections: object) -> tuple[str, str]:
    """Verdict and severity of `inside-boundary` for a trust policy."""
    (found,) = results(*statements, **sections)
    return found.verdict, found.severity


def severities(*statements: Json, **sections: object) -> set[str]:
    """The severities of what is not proved, where more than one statement may let somebody in."""
    return {one.severity for one in results(*statements, **sections) if one.verdict != "proved"}


def results(*statements: Json, **sections: object) -> tuple[trustproof.Result, ...]:
    """What is found of `inside-boundary` for a trust policy."""
    policy = {"Version": "2012-10-17", "Statement": [*statements]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    report = trustproof.check(
        [{"Resources": {"R": role}, **sections}],
        properties=["inside-boundary"],
        account="111122223333",
        config={"boundary": {"accounts": ["111122223333"]}},
    )
    return report.results


def deny(condition: Mapping[str, object], **more: object) -> Json:
    """A Deny for everybody."""
    return {**OPEN, "Effect": "Deny", "Condition": condition, **more}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:EpochTime": "1"}},
        {"StringLike": {"aws:CurrentTime": "2*"}},
        {"StringNotLike": {"aws:SourceIp": "1.*"}},
        {"NotIpAddress": {"aws:userid": "10.0.0.0/8"}},
        {"NotIpAddressIfExists": {"foo:Bar": "0.0.0.0/0"}},
        {"NotIpAddress": {"aws:SourceIp": "${aws:PrincipalTag/a}/8"}},
        {"StringNotEquals": {"sts:RoleSessionName": "${foo:Bar}"}},
        {"StringNotLike": {"sts:RoleSessionName": ["a", "x-${Foo:bar/baz, 'd'}"]}},
    ],
    ids=str,
)
def test_a_deny_without_documented_meaning_is_an_error(condition: Json) -> None:
    """Beside a statement that lets everybody in, nobody can rely on it: no value would decide it."""
    assert worst(OPEN) == ("refuted", "error")
    assert worst(OPEN, deny(condition)) == ("unknown", "error")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"NumericLessThan": {"aws:PrincipalType": "1"}}, "error"),
        ({"NumericGreaterThan": {"sts:ExternalId": "0"}}, "error"),
        # Whoever is without the key gets in, as IAM reads a variable that is not there.
        ({"StringNotEquals": {"sts:RoleSessionName": "${foo:Bar}"}}, "error"),
        # As IAM reads it, it lets in nobody; another tool may put a tag there.
        ({"StringEquals": {"aws:PrincipalTag/a": "${foo:Bar}"}}, "warning"),
    ],
    ids=str,
)
def test_what_an_allow_asks_for_is_read_likewise(condition: Json, expected: str) -> None:
    """What the author writes there is an error too, if it may let everybody in."""
    assert worst({**OPEN, "Condition": condition}) == ("unknown", expected)


@pytest.mark.parametrize("placeholder", ["@@team@@", "{{ team }}", "${Team}", "<team>", "#{team}"])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # Whoever has no such tag gets in, however it is called; and whoever has another value of it.
        ({"StringEquals": {"aws:PrincipalTag/X": "nobody"}}, "error"),
        ({"StringEqualsIfExists": {"aws:PrincipalTag/X": "nobody"}}, "error"),
        ({"StringNotEquals": {"aws:PrincipalTag/X": "a"}}, "error"),
        ({"Null": {"aws:RequestTag/X": "true"}}, "error"),
        ({"Null": {"aws:RequestTag/X": "true"}, "Bool": {"aws:SecureTransport": "true"}}, "error"),
        ({"StringLike": {"foo:X": "*"}}, "error"),
        # It may be the organization that nobody else is of.
        ({"StringNotEquals": {"aws:X": "o-a1b2c3d4e5"}}, "warning"),
        ({"ForAllValues:StringEquals": {"aws:X": "a"}}, "warning"),
        ({"Null": {"aws:X": "true"}}, "warning"),
    ],
    ids=str,
)
def test_a_key_with_something_left_over_hides_nobody(placeholder: str, condition: Json, expected: str) -> None:
    """A Deny that is met by some only, whatever another tool makes of its key, lets in whoever is let in."""
    written = json.loads(json.dumps(condition).replace("/X", f"/{placeholder}").replace(":X", f":{placeholder}"))
    assert worst(OPEN, deny(written)) == ("unknown", expected)
    ours = {**OPEN, "Principal": {"AWS": "111122223333"}}
    assert worst(ours, deny(written))[0] == "proved"


WORDS = ["@@x@@", "{{ x }}", "${X}", "<x>", "#{x}", "$[x]", "__X__"]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_language_that_is_left_over_hides_nobody(word: str) -> None:
    """IAM takes no such policy, and what another tool puts there may be the opposite of what is meant."""
    held = {"StringEquals": {"aws:PrincipalTag/a": "n"}}
    for beside in (
        deny({word: {"aws:PrincipalTag/a": "n"}}),
        deny({word: {"aws:PrincipalAccount": "111122223333"}}),
        deny(held, Effect=word),
        deny(held, Principal={word: "*"}),
        {**deny(held), word: "a"},
    ):
        assert "error" in severities(OPEN, beside), beside
        if beside["Effect"] == "Deny":
            assert "error" not in severities({**OPEN, "Principal": {"AWS": "111122223333"}}, beside), beside
        # A Deny that is sure keeps out whom it keeps out.
        sure = deny({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}})
        assert "error" not in severities(OPEN, beside, sure), beside
    assert worst({**OPEN, "Effect": word}) == ("unknown", "error")
    # That tool may let in who is meant.
    assert worst({**OPEN, "Condition": {word: {"aws:PrincipalTag/a": "n"}}}) == ("unknown", "warning")


@pytest.mark.parametrize("operator", ["String@@x@@", "String{{x}}", "${X}Equals", "ForAnyValue:#{x}"])
def test_a_part_of_an_operator_that_is_left_over_hides_nobody(operator: str) -> None:
    """It makes no difference where in it the placeholder stands."""
    assert worst(OPEN, deny({operator: {"aws:PrincipalTag/a": "n"}})) == ("unknown", "error")


def test_an_effect_that_is_given_is_a_value() -> None:
    """A parameter has a value in each deployment, which another template may say."""
    given = {**OPEN, "Effect": {"Ref": "P"}}
    assert severities(given, Parameters={"P": {"Type": "String"}}) == {"warning"}


def test_a_key_on_several_lines_is_a_key() -> None:
    """Nobody sends one of that name, and so the Deny keeps out nobody."""
    assert worst(OPEN, deny({"StringEquals": {"aws:PrincipalTag/@@x@@\n": "nobody"}})) == ("unknown", "error")


def test_what_a_macro_makes_of_keys_is_nobodys_wording() -> None:
    """It may return any conditions for what stands there."""
    made: Json = {"Fn::Transform": {"Name": "Guard"}, "aws:PrincipalTag/team": "nobody"}
    assert worst(OPEN, deny({"StringEquals": made})) == ("unknown", "warning")


PLACEHOLDERS = ["{{x}}", "%FOO%", "${self:custom.x}", "${env:NAME}", "#{Hub}", "${Hub}"]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_that_keeps_nobody_out_is_an_error(text: str) -> None:
    """Whatever another tool puts there, whoever calls can say it: as with a parameter, which is refuted."""
    assert worst(OPEN, deny({"StringNotEquals": {"sts:RoleSessionName": text}})) == ("unknown", "error")
    names = {"P": {"Type": "String"}}
    assert worst(OPEN, deny({"StringNotEquals": {"sts:RoleSessionName": {"Ref": "P"}}}), Parameters=names)[1] == "error"
    # It is no way out to have it in the Allow too.
    both = {**OPEN, "Principal": {"AWS": ["*", text]}}
    assert worst(both, deny({"StringNotEquals": {"sts:RoleSessionName": text}})) == ("unknown", "error")


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_that_decides_is_a_value_that_nobody_knows(text: str) -> None:
    """A Deny of all but an account that another tool fills in is a warning, as with a parameter."""
    names = {"P": {"Type": "String"}}
    for value in (text, {"Ref": "P"}):
        asked = deny({"StringNotEquals": {"aws:PrincipalAccount": value}})
        assert worst(OPEN, asked, Parameters=names) == ("unknown", "warning")
    assert worst({**OPEN, "Principal": {"AWS": text}}) == ("unknown", "warning")


def test_a_value_that_is_not_known_does_not_hide_the_wording() -> None:
    """A parameter or a condition of the template beside it makes no warning of it; a placeholder may."""
    odd = deny({"StringNotEquals": {"aws:EpochTime": "1"}})
    names = {"P": {"Type": "String"}}
    given = deny({"StringEquals": {"aws:RequestTag/a": {"Ref": "P"}}})
    assert worst(OPEN, given, odd, Parameters=names) == ("unknown", "error")
    chosen = {"Fn::If": ["C", odd, given]}
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    assert worst(OPEN, odd, chosen, Parameters=names, Conditions=conditions)[1] == "error"
    asked = deny({"NotIpAddress": {"aws:userid": {"Ref": "P"}}})
    assert worst(OPEN, asked, Parameters=names) == ("unknown", "error")
    hub = deny({"StringNotEquals": {"aws:PrincipalAccount": "{{hub}}"}})
    assert worst(OPEN, hub, odd) == ("unknown", "warning")


def test_a_deny_that_is_sure_beside_it_decides() -> None:
    """What keeps everybody out does so whatever stands beside it."""
    sure = deny({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}})
    assert worst(OPEN, sure, deny({"StringNotEquals": {"aws:EpochTime": "1"}}))[0] == "proved"


def test_where_nobody_gets_in_it_is_a_note() -> None:
    """A property that guards no entry has a note for it, as for what nobody knows."""
    policy = {"Version": "2012-10-17", "Statement": [OPEN, deny({"StringNotEquals": {"aws:EpochTime": "1"}})]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    (found,) = trustproof.check([{"Resources": {"R": role}}], properties=["statement-usable"]).results
    assert (found.verdict, found.severity) == ("unknown", "note")


#: Keys of every type, operators of every family, and values.
_KEYS = "sts:RoleSessionName aws:SourceIp aws:EpochTime aws:userid aws:PrincipalArn aws:TagKeys foo:Bar"
_OPERATORS = "StringNotEquals StringNotLike ArnNotLike NumericLessThan DateNotEquals IpAddress NotIpAddress Bool"
_VALUES = "a* ${foo:Bar} ${aws:username}? 10.0.0.0/8 2030-01-01T00:00:00Z 7 true arn:aws:iam::*:*/b"


def test_no_deny_makes_a_warning_of_an_open_role() -> None:
    """Whatever a Deny says, an open role fails the gate or is proved to be closed."""
    chosen = random.Random(10)
    for _ in range(30):
        condition = {
            chosen.choice(("", "", "ForAnyValue:", "ForAllValues:"))
            + chosen.choice(_OPERATORS.split())
            + chosen.choice(("", "IfExists")): {chosen.choice(_KEYS.split()): chosen.choice(_VALUES.split())}
            for _ in range(chosen.choice((1, 1, 2)))
        }
        verdict, severity = worst(OPEN, deny(condition))
        assert verdict == "proved" or severity == "error", condition


def test_what_is_no_policy_variable_is_named() -> None:
    """The reason says what is wrong with it, and does not speak of another tool."""
    statements = [OPEN, deny({"StringNotEquals": {"sts:RoleSessionName": "${foo:Bar}"}})]
    policy = {"Version": "2012-10-17", "Statement": statements}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    (found,) = trustproof.check([{"Resources": {"R": role}}], properties=["inside-boundary"]).results
    (reason,) = found.reasons
    assert reason.startswith("${foo:Bar} is left over in a text: no service is known to have a condition key")
    assert "another tool" not in reason
