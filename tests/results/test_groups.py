"""
What belongs together: one cause, one remedy, one reason.
"""

from __future__ import annotations

import pytest

from tests.output.builders import STATEMENT, result
from trustproof.results.edit import set_value
from trustproof.results.groups import ADMINISTRATION, alike_elsewhere, cause_of_entry, cause_of_external_id, groups
from trustproof.results.result import (
    FOREIGN,
    NOTE,
    OWN,
    PROVED,
    REFUTED,
    UNKNOWN,
    WARNING,
    WORLD,
    Remedy,
    Result,
    Verdict,
)

PRINCIPAL = (*STATEMENT, "Principal")


def nowhere(_: Result) -> str:
    """The place of a result that stands in no file."""
    return ""


def found(**changes: object) -> Result:
    """A result at the principals of the template's statement."""
    return result(**{"path": PRINCIPAL, "reach": OWN, **changes})


def test_what_lets_in_the_world_is_one_finding() -> None:
    """A role open to the world is not also one without MFA: that is said with it."""
    world = found(property="inside-boundary", reach=WORLD)
    vendor = found(property="external-id-required", reach=FOREIGN)
    (group,) = groups([found(), vendor, world])
    assert group.lead is world
    assert [one.property for one in group.also] == ["mfa-required", "external-id-required"]


def test_nothing_is_folded_into_what_fails_less() -> None:
    """Where the world is let in on purpose, what fails the run stays a finding of its own."""
    world = found(property="inside-boundary", reach=WORLD, severity=WARNING)
    assert [group.lead.property for group in groups([world, found()])] == ["mfa-required", "inside-boundary"]


def test_another_statement_is_another_finding() -> None:
    """What the remedy of one statement does not close is not folded into it."""
    world = found(property="inside-boundary", reach=WORLD)
    other = found(path=(*STATEMENT[:-1], 1, "Principal"))
    assert [group.also for group in groups([world, other])] == [(), ()]


def test_another_principal_of_the_statement_is_another_finding() -> None:
    """Whom the remedy for one principal does not keep out is not said to be closed with it."""
    world = found(property="web-identity-bound", reach=WORLD, caret=("Federated",))
    users, tokens = found(caret=("AWS", 0)), found(property="invariant-ours", caret=("Federated",))
    first, second = groups([world, users, tokens])
    assert (first.lead, first.also) == (world, (tokens,))
    assert second.lead is users


def test_the_worst_comes_first() -> None:
    """World, foreign account, own users, hardening; and what is unknown after what is refuted."""
    given = [
        found(property="d", severity=NOTE),
        found(property="e", verdict=UNKNOWN, reasons=("nobody knows",)),
        found(property="c"),
        found(property="b", reach=FOREIGN),
        found(property="a", reach=WORLD, logical_id="Other"),
        found(property="f", verdict=PROVED),
    ]
    assert [group.lead.property for group in groups(given)] == list("abcde")


def test_writing_comes_before_reading() -> None:
    """What lets the world write is shown before what lets it read, and neither hides what is nearer or farther."""

    def calling(action: str, **changes: object) -> Result:
        shown = found(**changes)
        assert shown.counterexample is not None
        return shown._replace(counterexample=shown.counterexample._replace(action=action))

    given = [
        calling("s3:GetObject", property="b", reach=WORLD, logical_id="B"),
        calling("s3:PutObject", property="c", reach=FOREIGN, logical_id="C"),
        calling("s3:DeleteObject", property="a", reach=WORLD, logical_id="A"),
        calling("acme:Anything", property="z", reach=OWN, logical_id="Z"),
    ]
    assert [group.lead.property for group in groups(given)] == list("abcz")


def test_one_value_is_asked_for_once() -> None:
    """However the principals are written that a parameter is a part of, its value answers for all."""

    def unknown(principal: str, *reasons: str) -> Result:
        said = f"the principal {principal} is not known before deployment"
        return found(verdict=UNKNOWN, reasons=(said, *reasons))

    hub = "give the value of Hub: --parameter Hub=VALUE"
    given = [
        unknown("arn:aws:iam::<Hub>:root", hub),
        unknown("<Hub>", hub),
        unknown("<Other>", "give the value of Other: --parameter Other=VALUE"),
        unknown("<Hub>", hub, "nobody knows"),
        unknown("<Role>"),
        unknown("<Key>"),
    ]
    assert [len(group.results) for group in groups(given)] == [2, 1, 1, 1, 1]


def test_one_cause_is_one_finding_of_a_template() -> None:
    """Roles with the same hole are shown by the first, and those of another template apart."""
    roles = [found(logical_id=name) for name in "ABC"]
    one, other = groups([*roles, found(template="other.json")])
    assert [same.logical_id for same in one.results] == ["A", "B", "C"]
    assert other.results[0].template == "other.json"


def test_a_service_of_another_region_is_the_same_service() -> None:
    """A module that is there in two Regions says one thing, and its remedy names the service as it is called there."""
    places = ("eu-west-1", "eu-west-2")
    twice = [
        found(
            logical_id=f"Key{place}",
            label=f"admits logs.{place}.amazonaws.com for every customer",
            remedy=Remedy(f"give logs.{place}.amazonaws.com a statement of its own"),
        )
        for place in places
    ]
    assert len(groups(twice)) == 1


def test_whoever_of_iam_has_the_policy_it_is_one_finding() -> None:
    """What users, groups and managed policies say alike is put right alike; a bucket is not a queue."""
    iam = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "aws_iam_user_policy")
    types = (*iam, "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy")
    several = [found(resource_type=name, logical_id=name, property="sensitive-actions-require-mfa") for name in types]
    assert [len(group.results) for group in groups(several)] == [4, 1, 1]


@pytest.mark.parametrize(
    "types",
    [
        ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
        ("aws_kms_key", "aws_kms_replica_key"),
        ("aws_s3_bucket", "aws_s3_bucket_policy"),
    ],
)
def test_a_policy_of_a_copy_or_apart_says_the_same(types: tuple[str, ...]) -> None:
    """A key of several Regions and its replicas have one policy as a rule, and it is put right once."""
    (one,) = groups([found(resource_type=name, logical_id=name) for name in types])
    assert len(one.results) == len(types)


def test_hardening_is_one_line_of_a_template() -> None:
    """Notes of one property are one, whatever they say."""
    notes = [found(severity=NOTE, label=text, remedy=None) for text in ("one", "two")]
    assert len(groups(notes)) == 1


def test_what_cannot_be_read_is_one_unknown() -> None:
    """A macro leaves every property open, for one reason."""
    given = [
        found(property=name, verdict=UNKNOWN, severity=severity, reasons=(reason,), unread=True)
        for name, severity in (("mfa-required", WARNING), ("statement-usable", NOTE))
        for reason in ("the macro M may change anything", "the policy of R is left to a macro")
    ]
    made = ("the statement is the value of <Fn::Transform AWS::Include>", "what the macro M gives is not known here")
    given += [found(property="inside-boundary", verdict=UNKNOWN, severity=WARNING, reasons=(one,)) for one in made]
    assert len(groups(given)) == 1


def test_nothing_is_lost() -> None:
    """Every result that is not proved is in one group."""
    given = [
        found(property="inside-boundary", reach=WORLD),
        found(),
        found(logical_id="B"),
        found(verdict=UNKNOWN, reasons=("x",)),
        found(verdict=PROVED),
    ]
    said = [one for group in groups(given) for one in group.results]
    assert sorted(map(id, said)) == sorted(id(one) for one in given if one.verdict in (REFUTED, UNKNOWN))


def test_what_one_change_closes_is_one_finding() -> None:
    """Results at several resources with one cause are one finding; another cause, severity or template is another."""
    half = found(severity=WARNING, cause="the URL of f", logical_id="Half", remedy=None)
    whole = half._replace(logical_id="Whole", remedy=Remedy("both", (set_value(("a",), "b", "c"),)))
    others = [half._replace(cause="the URL of g"), half._replace(severity=NOTE), half._replace(template="other")]
    shown = groups([half, whole, *others])
    assert [(one.lead.logical_id, len(one.also), len(one.like)) for one in shown if one.also] == [("Whole", 1, 0)]
    assert sum(len(one.results) for one in shown) == 5


def test_what_is_unknown_for_one_reason_is_one_unknown_however_bad() -> None:
    """The same reason is said once, by the worst of what it leaves open."""
    mild = found(property="a", verdict=UNKNOWN, severity=NOTE, reasons=("nobody knows",))
    worse = found(property="b", verdict=UNKNOWN, severity=WARNING, reasons=("nobody knows",))
    (group,) = groups([mild, worse])
    assert (group.lead, group.like) == (worse, (mild,))


def test_what_the_world_reaches_is_closed_with_the_way_in() -> None:
    """A chain is folded into where users get in without MFA, and both into the statement that lets in the world."""
    cause = cause_of_entry("Entry", ("Statement", 0))
    world = found(property="inside-boundary", reach=WORLD, logical_id="Entry")
    entry = found(cause=cause, logical_id="Entry", remedy=Remedy("MFA", (set_value(("a",), "b", "c"),)))
    chain = found(property="mfa-survives-chaining", cause=cause, remedy=Remedy("demand MFA"))
    chains = [chain._replace(logical_id=name) for name in "AB"]
    for order in ([*chains, entry, world], [world, entry, *chains]):
        (group,) = groups(order)
        assert group.lead is world
        assert set(map(id, group.also)) == {id(entry), *map(id, chains)}
    (group,) = groups([*chains, entry])
    assert group.lead is entry
    assert list(group.also) == chains


def test_administrators_are_one_note_of_the_run() -> None:
    """What whoever may do anything may also do is one group over all templates, unless the project says it is worse."""
    one = found(severity=NOTE, cause=ADMINISTRATION, property="assume-role-scoped")
    other = one._replace(template="other.json")
    worse = one._replace(severity=WARNING, template="third.json")
    another = found(severity=NOTE, property="assume-role-scoped")
    shown = groups([one, another, other, worse])
    assert [group.results for group in shown] == [(worse,), (one, other), (another,)]


@pytest.mark.parametrize("verdict", [UNKNOWN, REFUTED])
def test_a_vendor_is_asked_about_once(verdict: Verdict) -> None:
    """Whoever says whose an account is settles what it is asked: the note about its external id is a part of that."""
    cause = cause_of_external_id("Deployer", STATEMENT)
    note = found(severity=NOTE, cause=cause)
    whose = found(property="inside-boundary", verdict=verdict, reach=FOREIGN, severity=WARNING)
    (group,) = groups([note, whose])
    assert (group.lead, group.also) == (whose, (note,))
    (alone,) = groups([note, whose._replace(verdict=PROVED)])
    assert alone.lead == note
    assert len(groups([note._replace(severity=WARNING), whose])) == 2


def one_of(template: str, **changes: object) -> Result:
    """The same result of another template."""
    return found(template=template, **changes)


STACKS = ["a", "b", "c", "d"]


def test_what_many_templates_say_is_said_once() -> None:
    """Of near-alike stacks the first speaks for all, and each finding stands in one group."""
    results = [one_of(name) for name in STACKS] + [one_of("b", path=(*STATEMENT[:-1], 1, "Principal"))]
    ((first, others),) = alike_elsewhere(groups(results), 4, nowhere)
    assert first.lead.template == "a"
    assert [one.lead.template for one in others] == ["b", "c", "d"]
    assert [len(one.like) for one in others] == [1, 0, 0]


def test_what_few_templates_say_is_said_of_each() -> None:
    """Below so many templates each has its own place, request and remedy."""
    shown = alike_elsewhere(groups([one_of(name) for name in STACKS[:3]]), 4, nowhere)
    assert [(one.lead.template, others) for one, others in shown] == [("a", ()), ("b", ()), ("c", ())]


def test_what_stands_in_one_place_is_said_once() -> None:
    """What two configurations have from a module that both call is put right there, and is one finding."""
    results = [one_of(name) for name in STACKS[:3]]
    shown = alike_elsewhere(groups(results), 4, lambda one: "m.tf:1:1" if one.template in "ac" else "b.tf:1:1")
    assert [(one.lead.template, [each.lead.template for each in others]) for one, others in shown] == [
        ("a", ["c"]),
        ("b", []),
    ]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"remedy": Remedy("another one")}, 1),
        ({"remedy": Remedy("another one"), "template": "b"}, 1),
        ({"remedy": Remedy("another one"), "reach": FOREIGN}, 1),
        ({"remedy": Remedy("another one"), "severity": WARNING}, 2),
        ({"property": "inside-boundary"}, 2),
    ],
)
def test_a_place_is_said_once_whatever_is_to_be_done(other: dict[str, object], expected: int) -> None:
    """A line of a module that makes the principals of many roles is changed once, whatever is to be done about each."""
    results = [found(template="a"), found(**{"template": "a", "logical_id": "B", **other})]
    assert len(alike_elsewhere(groups(results), 4, lambda _: "m.tf:1:1")) == expected
    # Where nobody knows where they stand, or each stands elsewhere, they are two.
    assert len(alike_elsewhere(groups(results), 4, lambda one: f"{one.logical_id}.tf:1:1")) == 2


def test_what_is_a_copy_is_said_once() -> None:
    """What one resource says in two files, by its fingerprint, is put right in both in the same way."""
    results = [one_of("a", fingerprint="f"), one_of("b", fingerprint="f-2"), one_of("c", fingerprint="g")]
    shown = alike_elsewhere(groups(results), 4, nowhere)
    assert [(one.lead.template, len(others)) for one, others in shown] == [("a", 1), ("c", 0)]


@pytest.mark.parametrize(
    "other",
    [
        {"severity": WARNING},
        {"property": "inside-boundary"},
        {"reach": FOREIGN},
        {"label": "something else"},
        {"resource_type": "AWS::S3::BucketPolicy"},
        {"remedy": Remedy("another one")},
        {"verdict": UNKNOWN, "reasons": ("nobody knows",)},
    ],
)
def test_what_differs_is_no_more_of_the_same(other: dict[str, object]) -> None:
    """Another severity, reach, property, label, reason or remedy is something else to do."""
    shown = alike_elsewhere(groups([*(one_of(name) for name in STACKS), one_of("e", **other)]), 4, nowhere)
    assert sorted(one.lead.template for one, _ in shown) == ["a", "e"]


@pytest.mark.parametrize(("reason", "expected"), [("the same", 1), ("{}", 4)])
def test_what_is_unknown_for_one_reason_in_many_templates(reason: str, expected: int) -> None:
    """An unknown of many templates is one, unless each has a reason of its own."""
    results = [one_of(name, verdict=UNKNOWN, reasons=(reason.format(name),)) for name in STACKS]
    assert len(alike_elsewhere(groups(results), 4, nowhere)) == expected


def test_what_gives_rights_speaks_for_what_is_closed_with_it() -> None:
    """Of actions that one remedy closes, the one that makes an administrator is worse than a machine that stops."""
    cause = "requests without MFA of user U"
    shown = found().counterexample
    assert shown is not None
    first, second = (
        found(cause=cause, counterexample=shown._replace(action=action), message=action)
        for action in ("ec2:StopInstances", "iam:AttachUserPolicy")
    )
    for order in ([first, second], [second, first]):
        (group,) = groups(order)
        assert group.lead is second
        assert list(group.also) == [first]
