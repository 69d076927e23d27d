"""
What a plan knows, what it does not know, and where it goes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import (
    HUB,
    MFA,
    OTHER,
    OWN,
    After,
    Resource,
    Secret,
    allow,
    plan,
    policy,
    raw_state,
    state,
    trust,
)
from trustproof.analysis.execution import pool
from trustproof.errors import UsageError
from trustproof.inputs.discovery.inputs import read_paths
from trustproof.inputs.reader import Input
from trustproof.output.formats import FORMATS, render
from trustproof.output.style import Style
from trustproof.results.report import Report

R = Resource
PLAIN = Style(coloured=False)
ROLE = R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()})
ADMIN = policy(allow("*"))


def _unread(report: Report) -> dict[str, str]:
    """The resources of which something is not read, with the first reason."""
    return {one.logical_id: one.reasons[0] for one in report.results if one.unread}


def _by(report: Report, ident: str) -> dict[str, str]:
    return {one.logical_id: one.verdict for one in report.results if one.property == ident}


def _read(tmp_path: Path, content: Any) -> Input:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(content))
    inputs = read_paths([str(file)])
    (found,) = inputs.templates
    assert inputs.errors == []
    return found


def _text(report: Report, form: str = "text") -> str:
    return render(form, report, PLAIN)


# -- what is not known


def test_an_unknown_policy_is_unknown_with_the_references_that_hide_it(check: Callable[..., Report]) -> None:
    """The reason names what the argument is made of, and what to do; nothing is claimed about the policy."""
    hidden = After("aws_iam_user.alice.arn", "aws_iam_user.alice")
    report = check(plan(R("aws_iam_role.a", {"name": "a", "assume_role_policy": hidden})))
    expected = "known after apply; made from aws_iam_user.alice.arn; give the configuration with --source"
    assert _unread(report) == {"aws_iam_role.a": expected}
    assert {one.verdict for one in report.results} == {"unknown"}


@pytest.mark.parametrize(
    "resource",
    [
        R("aws_iam_policy.a", {"name": "a", "policy": After("data.aws_iam_policy_document.d.json")}),
        R("aws_iam_role_policy.a", {"name": "a", "role": "r", "policy": After("local.p")}),
        R(
            "aws_iam_role.a",
            {"name": "a", "assume_role_policy": trust(), "inline_policy": [{"name": "x", "policy": After("local.p")}]},
        ),
        R("aws_s3_bucket_policy.a", {"bucket": "b", "policy": After("local.p")}),
        R("aws_s3control_multi_region_access_point_policy.a", {"details": [{"name": "x", "policy": After("local.p")}]}),
        R("aws_glue_resource_policy.a", {"policy": After("local.p")}),
        R("aws_sns_topic.a", {"name": "a", "policy": After("local.p")}),
        R(
            "aws_ssoadmin_permission_set_inline_policy.a",
            {"permission_set_arn": After(), "inline_policy": After("local.p")},
        ),
        R('module.m["k/l"].aws_sqs_queue_policy.a[0]', {"queue_url": After(), "policy": After("var.policy")}),
        R("awscc_iam_role.a", {"role_name": "a", "assume_role_policy_document": After("local.p")}),
    ],
    ids=lambda resource: resource.type,
)
def test_no_policy_is_lost_that_is_not_known(check: Callable[..., Report], resource: Resource) -> None:
    """Wherever the argument stands, what is unknown in it is said."""
    report = check(plan(resource))
    reasons = {reason for one in report.results for reason in one.reasons}
    assert any("known after apply; made from " in reason for reason in reasons)


def test_a_policy_of_a_role_that_is_not_known_leaves_its_trust_policy_as_it_is(check: Callable[..., Report]) -> None:
    """It lets nobody into the role; whatever goes through the role is unknown."""
    role = R(
        "aws_iam_role.a",
        {
            "name": "a",
            "assume_role_policy": trust(None, MFA),
            "inline_policy": [{"name": "i", "policy": After("var.x")}],
        },
    )
    own = R("aws_iam_role_policy.b", {"role": "a", "name": "b", "policy": After("var.x")})
    inner = R("aws_iam_role.c", {"name": "c", "assume_role_policy": trust({"AWS": f"arn:aws:iam::{OWN}:role/a"})})
    report = check(plan(role, own, inner), account=OWN, config={"boundary": {"accounts": [OWN, HUB]}})
    assert _by(report, "mfa-required")["aws_iam_role.a"] == "proved"
    unknown = {
        one.property for one in report.results if one.verdict == "unknown" and one.logical_id != "aws_iam_role.c"
    }
    assert unknown <= {"assume-role-scoped", "mfa-survives-chaining", "statement-usable"}


@pytest.mark.parametrize(
    "resource",
    [
        R(
            "aws_iam_role.a",
            {"name": "a", "assume_role_policy": trust(None, MFA)},
            {"inline_policy": After(), "managed_policy_arns": After()},
        ),
        R("aws_sns_topic.a", {"name": "a"}, {"policy": After()}),
        R("aws_kms_key.a", {}, {"policy": After()}),
        R("aws_s3_bucket.a", {"bucket": "a"}, {"policy": After()}),
        R("aws_secretsmanager_secret.a", {"name": "a"}, {"policy": After()}),
    ],
    ids=lambda resource: resource.type,
)
def test_what_is_only_computed_is_not_unknown(check: Callable[..., Report], resource: Resource) -> None:
    """An argument that nobody sets is unknown in a first plan, and says nothing."""
    assert _unread(check(plan(resource))) == {}


def test_a_part_that_is_not_known_is_a_symbol(tmp_path: Path) -> None:
    """A name, an account or a source that is unknown leaves the rest as it is."""
    found = _read(
        tmp_path,
        plan(
            R(
                "aws_lambda_permission.a",
                {
                    "action": "lambda:InvokeFunction",
                    "principal": "s3.amazonaws.com",
                    "function_name": "f",
                    "source_arn": After(),
                },
            )
        ),
    )
    (document,) = found.documents
    (statement,) = document.policy.statements
    (condition,) = statement.conditions
    assert str(condition.operands[0]) == "<aws_lambda_permission.a.source_arn>"
    assert statement.principals is not None
    assert statement.principals[0].value == "s3.amazonaws.com"


def test_an_interpolation_that_is_left_over_is_no_policy_variable(tmp_path: Path) -> None:
    """What looks like one of Terraform's own is unknown; a policy variable is what it is."""
    written = policy(
        allow("s3:GetObject") | {"Resource": ["arn:aws:s3:::a/${var.name}", "arn:aws:s3:::a/${aws:username}"]}
    )
    found = _read(tmp_path, plan(R("aws_iam_policy.a", {"name": "a", "policy": written})))
    (statement,) = found.documents[0].policy.statements
    assert [str(text) for text in statement.resources or ()] == [
        "arn:aws:s3:::a/<what is left over of var.name>",
        "arn:aws:s3:::a/${aws:username}",
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("arn:aws:s3:::@@BUCKET@@/*", "arn:aws:s3:::<what is left over of @@BUCKET@@>/*"),
        ("arn:aws:s3:::__BUCKET__", "arn:aws:s3:::<what is left over of __BUCKET__>"),
        ("arn:aws:s3:::a/{{ name }}", "arn:aws:s3:::a/<what is left over of {{ name }}>"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",) * 2,
        ("arn:aws:s3:::a/__pycache__/*",) * 2,
    ],
)
def test_what_another_tool_puts_something_in_the_place_of_is_unknown(tmp_path: Path, written: str, read: str) -> None:
    """It is read as in a template of CloudFormation; what AWS or people write for itself is what it is."""
    text = policy(allow("s3:GetObject") | {"Resource": written})
    found = _read(tmp_path, plan(R("aws_iam_policy.a", {"name": "a", "policy": text})))
    (statement,) = found.documents[0].policy.statements
    assert [str(one) for one in statement.resources or ()] == [read]


@pytest.mark.parametrize("function", ['{"Ref": "x"}', '{"Fn::If": ["a", "b", "c"]}'])
def test_a_policy_never_reads_as_a_function_of_a_template(check: Callable[..., Report], function: str) -> None:
    """JSON text that looks like an intrinsic function is unknown."""
    text = f'{{"Version": "2012-10-17", "Statement": {function}}}'
    (reason,) = _unread(check(plan(R("aws_iam_policy.a", {"name": "a", "policy": text})))).values()
    assert "which no policy does" in reason


def test_which_bucket_it_is_of_decides_about_everybody(check: Callable[..., Report]) -> None:
    """A policy for everybody, of a bucket that is not known, may have a block around it; any other policy is judged."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    bucket = R("aws_s3_bucket.b", {"bucket": "b"})
    block = R(
        "aws_s3_bucket_public_access_block.x", {"bucket": After("aws_s3_bucket.b.id"), "block_public_policy": True}
    )
    named = {**everybody, "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
    for statement, unread in ((everybody, True), (named, False)):
        policy_ = R("aws_s3_bucket_policy.p", {"bucket": After("aws_s3_bucket.b.id"), "policy": policy(statement)})
        assert ("aws_s3_bucket_policy.p" in _unread(check(plan(bucket, block, policy_)))) is unread


# -- what is known


def test_the_address_is_the_name_of_a_finding(check: Callable[..., Report]) -> None:
    """Modules, `count` and `for_each` stand in it, slashes too; the type is Terraform's."""
    address = 'module.a["team/x"].module.b.aws_iam_role.r["k/l"]'
    report = check(plan(R(address, {"name": "r", "assume_role_policy": trust()})))
    assert {one.logical_id for one in report.results} == {address}
    assert {one.resource_type for one in report.results} == {"aws_iam_role"}
    assert {one.construct_path for one in report.results} == {None}


def test_a_second_plan_is_judged_once(check: Callable[..., Report]) -> None:
    """What a resource shows of another one's policy is dropped; what nobody has set is judged, with a note."""
    own = policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "sqs:*", "Resource": "*"}
    )
    url = f"https://sqs.eu-west-1.amazonaws.com/{OWN}/q"
    queue = R("aws_sqs_queue.q", {"name": "q"}, {"policy": own, "url": url, "id": url})
    stranger = R("aws_sqs_queue.s", {"name": "s"}, {"policy": own, "id": f"{url}2"})
    its_policy = R("aws_sqs_queue_policy.p", {"queue_url": url, "policy": own})
    report = check(plan(queue, its_policy, stranger))
    assert set(_by(report, "inside-boundary")) == {"aws_sqs_queue_policy.p", "aws_sqs_queue.s.policy"}
    assert [note for note in report.notes if "not set by the configuration" in note] == [
        note for note in report.notes if "aws_sqs_queue.s: the policy is judged" in note
    ]


def test_inline_policies_of_a_second_plan_are_judged_once(tmp_path: Path) -> None:
    """A role shows what `aws_iam_role_policy` has set."""
    shown = {"inline_policy": [{"name": "p", "policy": ADMIN}], "managed_policy_arns": []}
    found = _read(
        tmp_path,
        plan(
            R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()}, shown),
            R("aws_iam_role_policy.p", {"name": "p", "role": "a", "policy": ADMIN}),
        ),
    )
    assert [document.logical_id for document in found.documents] == ["aws_iam_role.a", "aws_iam_role_policy.p"]


def test_data_sources_say_the_account(check: Callable[..., Report]) -> None:
    """The account that a provider is known to be in need not be given."""
    identity = R("data.aws_caller_identity.me", {}, {"account_id": OWN, "id": OWN})
    report = check(plan(identity, ROLE))
    assert {one.account for one in report.results} == {OWN}


def test_a_type_that_is_not_known_is_a_note(check: Callable[..., Report]) -> None:
    """A new resource type with a policy does not pass in silence; one with another kind of policy does."""
    report = check(
        plan(
            ROLE,
            R("aws_new_thing.a", {"document": ADMIN}),
            R("aws_newer_thing.a", {"resource_policy": After("local.p")}),
            R("aws_ecr_lifecycle_policy.a", {"policy": '{"rules": []}'}),
            R("aws_route53_record.a", {"weighted_routing_policy": After("local.p")}),
            R("aws_sqs_queue_redrive_allow_policy.a", {"redrive_allow_policy": After("local.p")}),
        )
    )
    why = "and is of a type that is not known here"
    assert [note.partition(": ")[2] for note in report.notes if "not known here" in note] == [
        f"not checked: aws_new_thing.a, which may have a policy in document, {why}, aws_new_thing",
        f"not checked: aws_newer_thing.a, which may have a policy in resource_policy, {why}, aws_newer_thing",
    ]


def test_what_a_plan_forgets_is_judged_with_a_note(check: Callable[..., Report]) -> None:
    """A role that stays in AWS and leaves the state is named, and read as it was."""
    content = plan(ROLE)
    gone = R("aws_iam_role.gone", {"name": "gone", "assume_role_policy": trust()}).change
    gone["change"] |= {"actions": ["forget"], "before": gone["change"]["after"], "after": None}
    content["resource_changes"].append(gone)
    report = check(content)
    assert [note for note in report.notes if "aws_iam_role.gone: is forgotten by the plan, and read as it was" in note]
    assert {one.logical_id for one in report.results} == {"aws_iam_role.a", "aws_iam_role.gone"}


def test_what_a_plan_forgets_without_a_word_on_it_is_not_checked(check: Callable[..., Report]) -> None:
    """A plan that does not say what a resource was leaves it to somebody else to look."""
    content = plan(ROLE)
    gone = R("aws_iam_role.gone", {"name": "gone"}).change
    gone["change"] |= {"actions": ["forget"], "before": None, "after": None}
    content["resource_changes"].append(gone)
    assert [note for note in check(content).notes if "not checked: aws_iam_role.gone, which the plan forgets" in note]


def test_a_deposed_object_that_a_plan_forgets_is_a_note(check: Callable[..., Report]) -> None:
    """One that was replaced and could not be deleted stays too, as it is; one that the plan deletes does not."""
    content = plan(R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()}))
    for key, action in (("aaaa0001", "forget"), ("aaaa0002", "delete")):
        old = copy.deepcopy(content["resource_changes"][0])
        old["change"] |= {"actions": [action], "before": {**old["change"]["after"], "name": key}, "after": None}
        content["resource_changes"].append(old | {"deposed": key})
    (note,) = (note for note in check(content).notes if "deposed" in note)
    assert "aws_iam_role.a (deposed object aaaa0001): is forgotten by the plan, and read as it was" in note


#: The names of a role and of a deposed one, and what they ask for.
OLD_AND_NEW = (("a", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}), ("b", {}))


@pytest.mark.parametrize("write", [state, raw_state])
def test_a_deposed_object_of_a_state_is_judged(check: Callable[..., Report], write: Any) -> None:
    """It is in AWS beside the one that has replaced it, with its own policy."""
    rows = [R("aws_iam_role.a", {"name": name, "assume_role_policy": trust(None, c)}) for name, c in OLD_AND_NEW]
    content = write(*rows)
    if write is state:
        content["values"]["root_module"]["resources"][1]["deposed_key"] = "8f2a1b3c"
    else:
        content["resources"][0]["instances"][1]["deposed"] = "8f2a1b3c"
    assert _by(check(content, account=OWN), "mfa-required") == {
        "aws_iam_role.a": "proved",
        "aws_iam_role.a (deposed object 8f2a1b3c)": "refuted",
    }


@pytest.mark.parametrize(
    ("actions", "judged"),
    [
        ([], {"aws_iam_role.a": "proved", "aws_iam_role.a (deposed object 8f2a1b3c)": "refuted"}),
        (["no-op"], {"aws_iam_role.a": "proved", "aws_iam_role.a (deposed object 8f2a1b3c)": "refuted"}),
        (["delete"], {"aws_iam_role.a": "proved"}),
        (["forget"], {"aws_iam_role.a": "proved", "aws_iam_role.a (deposed object 8f2a1b3c)": "refuted"}),
    ],
)
def test_a_deposed_object_that_a_plan_leaves_alone_is_judged(
    check: Callable[..., Report], actions: list[str], judged: dict[str, str]
) -> None:
    """One of the prior state, which no change deletes, stays in AWS with what it lets in."""
    role, old = (R("aws_iam_role.a", {"name": name, "assume_role_policy": trust(None, c)}) for name, c in OLD_AND_NEW)
    content = plan(role)
    stands = {**old.planned, "deposed_key": "8f2a1b3c"}
    content["prior_state"]["values"] = {"root_module": {"resources": [role.planned, stands]}}
    if actions:
        change = {**old.change, "deposed": "8f2a1b3c"}
        change["change"] = {"actions": actions, "before": old.values, "after": None}
        content["resource_changes"].append(change)
    report = check(content, account=OWN)
    assert _by(report, "mfa-required") == judged
    why = "is forgotten by the plan" if actions == ["forget"] else "is not planned"
    assert any(f"(deposed object 8f2a1b3c): {why}" in note for note in report.notes) == (len(judged) > 1)


def test_a_deposed_deny_excuses_nothing(check: Callable[..., Report]) -> None:
    """It is about to be deleted: what is right with it alone is wrong as soon as it is gone."""
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    deny = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": without})
    rows = [R("aws_iam_user.u", {"name": "u"})]
    rows += [
        R(f"aws_iam_user_policy.{name}", {"name": name, "user": "u", "policy": document})
        for name, document in (("allow", policy(allow("*"))), ("deny", deny))
    ]
    content = state(*rows)
    asked = "sensitive-actions-require-mfa"
    assert _by(check(content, account=OWN), asked)["aws_iam_user_policy.allow"] == "proved"
    content["values"]["root_module"]["resources"][2]["deposed_key"] = "8f2a1b3c"
    assert _by(check(content, account=OWN), asked)["aws_iam_user_policy.allow"] == "refuted"


@pytest.mark.parametrize("more", [{"complete": False}, {"deferred_changes": [{"reason": "unknown"}]}])
def test_a_plan_that_is_not_complete_proves_nothing_of_all_together(
    check: Callable[..., Report], more: dict[str, Any]
) -> None:
    """Resources that nobody knows may be in a chain; a policy by itself is what it is."""
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust(None, MFA)})
    whole, part = check(plan(role)), check(plan(role, **more))
    assert _by(whole, "mfa-survives-chaining") == {"aws_iam_role.a": "proved"}
    assert _by(part, "mfa-survives-chaining") == {"aws_iam_role.a": "unknown"}
    assert _by(part, "mfa-required") == _by(whole, "mfa-required") == {"aws_iam_role.a": "proved"}


def test_resources_of_other_providers_are_notes(check: Callable[..., Report]) -> None:
    """A provider that only has the same names is not read."""
    report = check(json.dumps(plan(ROLE)).replace("hashicorp/aws", "other/aws"))
    assert report.results == ()
    assert any("is of the provider registry.terraform.io/other/aws" in note for note in report.notes)


def test_opentofu_has_another_registry(check: Callable[..., Report]) -> None:
    """The host of a provider's address may be any."""
    text = json.dumps(plan(ROLE)).replace("registry.terraform.io", "registry.opentofu.org")
    assert _by(check(text), "mfa-required") == {"aws_iam_role.a": "refuted"}


# -- accounts


HUB_AND_SPOKE = {
    "aws": {"region": {"constant_value": "eu-west-1"}},
    "aws.hub": {
        "region": {"constant_value": "eu-west-1"},
        "assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{HUB}:role/terraform"}}],
    },
}


def test_each_provider_configuration_has_its_account(check: Callable[..., Report]) -> None:
    """One plan may go to several accounts: each resource is judged in its own."""
    hub = R("aws_iam_role.b", {"name": "b", "assume_role_policy": trust()}, provider="aws.hub")
    report = check(plan(ROLE, hub, providers=HUB_AND_SPOKE), account=OWN)
    accounts = {one.logical_id: one.account for one in report.results}
    assert accounts == {"aws_iam_role.a": OWN, "aws_iam_role.b": HUB}
    assert report.templates == 2


def test_the_same_credentials_are_one_account(check: Callable[..., Report]) -> None:
    """Providers that differ in their Region only are one place: what is attached by one is attached."""
    providers = {**HUB_AND_SPOKE, "aws.us": {"region": {"constant_value": "us-east-1"}}}
    deny = policy(
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        }
    )
    report = check(
        plan(
            R("aws_iam_user.u", {"name": "u"}),
            R("aws_iam_user_policy.p", {"name": "p", "user": "u", "policy": ADMIN}),
            R("aws_iam_user_policy.d", {"name": "d", "user": "u", "policy": deny}, provider="aws.us"),
            providers=providers,
        )
    )
    assert report.templates == 1
    assert _by(report, "sensitive-actions-require-mfa")["aws_iam_user_policy.p"] == "proved"


def test_the_only_account_that_is_allowed_is_the_account(check: Callable[..., Report]) -> None:
    """A single `allowed_account_ids` says it; several do not."""
    for allowed, account in (([OTHER], OTHER), ([OWN, OTHER], None)):
        providers = {"aws": {"allowed_account_ids": {"constant_value": allowed}}}
        assert {one.account for one in check(plan(ROLE, providers=providers)).results} == {account}


def test_accounts_that_disagree_are_an_error(check: Callable[..., Report]) -> None:
    """What the user says and what the plan knows must be the same."""
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()}, {"arn": f"arn:aws:iam::{OWN}:role/a"})
    (error,) = check(plan(role), account=OTHER).errors
    assert error.message == (
        f"the provider aws is for two accounts: {OTHER} (as it is given for the provider aws) and {OWN} "
        "(as aws_iam_role.a has it)"
    )


ASSUMED = {"assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{HUB}:role/deploy"}}]}


@pytest.mark.parametrize(
    ("written", "given", "known", "said"),
    [
        (ASSUMED, OTHER, {}, f"{OTHER} (as it is given for the provider aws) and {HUB} (as the role is that aws"),
        (ASSUMED, None, {"arn": f"arn:aws:iam::{OWN}:role/a"}, f"{OWN} (as aws_iam_role.a has it) and {HUB} (as"),
        ({**ASSUMED, "allowed_account_ids": {"constant_value": [OWN]}}, None, {}, f"{OWN} (the one that aws allows)"),
        (
            {**ASSUMED, "allowed_account_ids": {"constant_value": [OWN, OTHER]}},
            None,
            {},
            "one of those that aws allows",
        ),
        ({"allowed_account_ids": {"constant_value": [HUB]}}, OTHER, {}, f"{HUB} (the one that aws allows)"),
        ({**ASSUMED, "allowed_account_ids": {"constant_value": [OWN, HUB]}}, HUB, {}, ""),
        ({"allowed_account_ids": {"constant_value": [OWN, OTHER]}}, None, {}, ""),
        ({**ASSUMED, "allowed_account_ids": {"references": ["var.ids"]}}, None, {}, ""),
    ],
)
def test_what_the_provider_says_of_its_account_must_agree_too(
    check: Callable[..., Report], written: dict[str, Any], given: str | None, known: dict[str, Any], said: str
) -> None:
    """A role that is assumed, and the accounts that are allowed, are not overruled in silence."""
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()}, known)
    errors = check(plan(role, providers={"aws": written}), account=given).errors
    assert [said in error.message for error in errors] == ([True] if said else [])


def test_an_account_of_a_provider_that_is_not_there_is_an_error(check: Callable[..., Report]) -> None:
    """The providers there are are named; and where nothing is of Terraform, the option is wrong."""
    (error,) = check(plan(ROLE), provider_accounts={"aws.hub": HUB}).errors
    assert error.message == "no provider is called aws.hub; the providers there are: aws"
    with pytest.raises(UsageError, match="nothing that was read is of Terraform"):
        check({"Resources": {}}, provider_accounts={"aws.hub": HUB})
    with pytest.raises(UsageError, match="must be 12 digits, got"):
        check(plan(ROLE), provider_accounts={"aws.hub": "1"})


def test_a_chain_over_two_accounts_of_one_plan(check: Callable[..., Report]) -> None:
    """A role of one provider that lets users of another one's into the next, without MFA, is found."""
    hop = R("aws_iam_role.hop", {"name": "hop", "assume_role_policy": trust()}, provider="aws.hub")
    through = policy(allow("sts:AssumeRole") | {"Resource": f"arn:aws:iam::{OWN}:role/end"})
    may = R("aws_iam_role_policy.may", {"name": "may", "role": "hop", "policy": through}, provider="aws.hub")
    users, roles = (
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": arn}}
        for arn in (
            f"arn:aws:iam::{HUB}:root",
            f"arn:aws:iam::{HUB}:role/hop",
        )
    )
    entry = policy({**users, "Condition": MFA}, roles)
    end = R("aws_iam_role.end", {"name": "end", "assume_role_policy": entry})
    report = check(plan(hop, may, end, providers=HUB_AND_SPOKE), account=OWN)
    assert _by(report, "mfa-survives-chaining")["aws_iam_role.end"] == "refuted"


# -- what is shown


def test_a_plan_is_shown_as_its_policies(check: Callable[..., Report]) -> None:
    """The excerpt is a line of the policy, indented, under the address and the argument."""
    shown = _text(check(plan(ROLE)))
    assert "plan.json: aws_iam_role.a.assume_role_policy:7:16 (aws_iam_role.a)" in shown
    assert f' 7 |         "AWS": "arn:aws:iam::{HUB}:root"' in shown


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"text"}))
def test_other_forms_have_no_line_of_a_plan(check: Callable[..., Report], form: str) -> None:
    """A plan is one endless line, and a place in it is none; every form can be written."""
    assert "assume_role_policy:7" not in _text(check(plan(ROLE)), form)


def test_json_has_the_path_and_no_line(check: Callable[..., Report]) -> None:
    """What a program reads of a plan is the address and the path of what was made of it."""
    results = json.loads(_text(check(plan(ROLE)), "json"))["results"]
    (found,) = [one for one in results if one["property"] == "mfa-required"]
    assert found["location"]["line"] is None
    assert found["resource_type"] == "aws_iam_role"


@pytest.mark.parametrize("write", [plan, state, raw_state])
@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_is_sensitive_is_compared_and_never_shown(check: Callable[..., Report], form: str, write: Any) -> None:
    """The text of a secret stands in the file in the clear, and in no form of the report."""
    secret = "correct-horse-battery"
    hidden = trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, {"StringEquals": {"sts:ExternalId": secret}})
    config = {"boundary": {"accounts": [OWN]}, "third-party": [{"name": "vendor", "accounts": [OTHER]}]}
    content = write(R("aws_iam_role.a", {"name": "a", "assume_role_policy": Secret(hidden)}))
    report = check(content, config=config)
    assert _by(report, "external-id-required") == {"aws_iam_role.a": "proved"}
    assert _by(report, "mfa-required")["aws_iam_role.a"] in ("proved", "refuted")
    shown = _text(report, form)
    assert secret not in shown
    wrong = write(R("aws_iam_role.a", {"name": "a", "assume_role_policy": Secret(hidden.replace("Equals", "Equal"))}))
    assert secret not in _text(check(wrong, config=config), form)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_is_wrong_with_what_is_sensitive_is_said_without_it(check: Callable[..., Report], form: str) -> None:
    """Two findings at one hidden policy have places; neither its accounts nor its conditions are shown."""
    # One that stands in no example of a rule's page.
    other = "987612345678"
    hidden = trust({"AWS": f"arn:aws:iam::{other}:root"}, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})
    role = R("aws_iam_role.a", {"name": "a", "assume_role_policy": Secret(hidden)})
    report = check(plan(role), config={"boundary": {"accounts": [OWN]}}, account=OWN)
    assert _by(report, "inside-boundary") == {"aws_iam_role.a": "refuted"}
    assert _by(report, "mfa-required") == {"aws_iam_role.a": "refuted"}
    shown = _text(report, form)
    assert other not in shown
    # The pages of rules, which this form carries, have conditions of their own.
    assert form == "sarif" or '"BoolIfExists"' not in shown.replace("\\", "")


def test_a_run_is_the_same_in_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans that several processes share give the same report."""
    monkeypatch.setattr(pool, "MIN_SHARE", 8)
    for number in range(18):
        role = R(f"aws_iam_role.r{number}", {"name": f"r{number}", "assume_role_policy": trust()})
        (tmp_path / f"plan{number:02}.json").write_text(json.dumps(plan(role)))
    reports = [trustproof.check([tmp_path], jobs=jobs) for jobs in (1, 2)]
    assert _text(reports[0]) == _text(reports[1])
    assert reports[0].templates == 18


# -- names


@pytest.mark.parametrize(
    ("arguments", "computed", "admitted"),
    [
        ({"name": "a"}, {}, {"a"}),
        ({"name": None}, {"name": After()}, {"terraform-*"}),
        ({"name_prefix": "app-"}, {"name": After()}, {"app-*"}),
        ({"name": After("random_pet.x.id")}, {}, {"a", "terraform-*", "app-*"}),
    ],
    ids=["given", "of the provider", "prefix", "unknown"],
)
def test_a_role_is_called_as_terraform_calls_it(
    check: Callable[..., Report], arguments: dict[str, Any], computed: dict[str, Any], admitted: set[str]
) -> None:
    """A condition on another name than the role may have lets nobody in; of a name that is unknown, on none."""
    found = set()
    for name in ("a", "terraform-*", "app-*"):
        condition = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{name}"}}
        report = check(
            plan(
                R(
                    "aws_iam_role.b",
                    {
                        "assume_role_policy": trust(None, MFA),
                        "inline_policy": [
                            {"name": "p", "policy": policy(allow("sts:AssumeRole", Condition=condition))}
                        ],
                        **arguments,
                    },
                    computed,
                ),
            ),
            properties=["assume-role-scoped"],
        )
        if _by(report, "assume-role-scoped")["aws_iam_role.b"] != "proved":
            found.add(name)
    assert found == admitted
