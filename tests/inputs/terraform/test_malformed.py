"""
Plans and states that are none: one clear line for each, and no traceback.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.inputs.terraform.builders import Resource, plan, policy, raw_state, state, trust
from trustproof.results.report import Report

ROLE = Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": trust()})
#: Another object of the same address.
OTHER = Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": trust("*")})


def _with(content: dict[str, Any], *path: str | int, value: object) -> dict[str, Any]:
    """A content in which something else stands at a path."""
    inner: Any = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return content


def _shown(*resources: Resource) -> list[object]:
    """What a state that is shown has of each of them."""
    return [state(one)["values"]["root_module"]["resources"][0] for one in resources]


def _without(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A content without some of its keys."""
    return {key: value for key, value in content.items() if key not in keys}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (plan(ROLE, format_version="2.0"), 'the format_version is "2.0", expected one of 0.x and 1.x'),
        (plan(ROLE, format_version=1), "the format_version is 1, expected one of 0.x and 1.x"),
        (plan(ROLE, errored=True), "the plan is errored: Terraform has not finished it"),
        (plan(ROLE, planned_values=[]), "planned_values is a list, expected an object"),
        (plan(ROLE, planned_values={"root_module": "x"}), 'planned_values.root_module is "x", expected an object'),
        (plan(ROLE, planned_values={"root_module": {"resources": {}}}), "resources is an object, expected a list"),
        (plan(ROLE, planned_values={"root_module": {"resources": ["x"]}}), 'an item of resources is "x"'),
        (plan(ROLE, planned_values={"root_module": {"child_modules": 1}}), "child_modules is 1, expected a list"),
        (plan(ROLE, resource_changes="x"), 'resource_changes is "x", expected a list'),
        (plan(ROLE, resource_changes=[{}]), "the address of a resource change is missing, expected text"),
        (_with(plan(ROLE), "resource_changes", 0, "change", value=[]), "the change of aws_iam_role.a is a list"),
        (
            _with(plan(ROLE), "resource_changes", 0, "change", "after", value={"assume_role_policy": trust("*")}),
            "the plan contradicts itself: aws_iam_role.a has two values of assume_role_policy, one in planned_values",
        ),
        *(
            (
                _with(plan(one), "resource_changes", 0, "change", "after", name, value=other),
                f"the plan contradicts itself: {one.address} has two values of {name}, one in planned_values",
            )
            for one, name, other in (
                (Resource("aws_iam_user_policy.p", {"user": "u", "policy": trust("*")}), "user", "v"),
                (Resource("aws_iam_user_group_membership.m", {"user": "u", "groups": ["g"]}), "groups", ["h"]),
                (
                    Resource("aws_s3_bucket_public_access_block.b", {"block_public_policy": True}),
                    "block_public_policy",
                    False,
                ),
            )
        ),
        *(
            (_with(plan(ROLE), "resource_changes", 0, *path, value=value), message)
            for path, value, message in (
                (
                    ["change", "actions"],
                    "create",
                    'actions in the change of aws_iam_role.a is "create"',
                ),
                (["change", "after"], [], "after in the change of aws_iam_role.a is a list, expected an object"),
                (["change", "after_unknown"], "x", 'after_unknown in the change of aws_iam_role.a is "x"'),
                (["change", "after_unknown"], True, "aws_iam_role.a is known in after and unknown in after_unknown"),
                (["change", "after_unknown"], {"name": True}, "aws_iam_role.a.name is known in after and unknown in"),
                (["type"], 3, "the type of aws_iam_role.a is 3, expected text"),
            )
        ),
        *(
            (
                {**plan(last), "resource_changes": [plan(one)["resource_changes"][0] for one in (first, last)]},
                "the plan contradicts itself: aws_iam_role.a is in resource_changes twice",
            )
            for first, last in ((ROLE, OTHER), (OTHER, ROLE))
        ),
        *(
            (
                _with(
                    state(last),
                    "values",
                    "root_module",
                    "resources",
                    value=_shown(first, last),
                ),
                "the state contradicts itself: aws_iam_role.a is in it twice",
            )
            for first, last in ((ROLE, OTHER), (OTHER, ROLE))
        ),
        *(
            (
                _with(raw_state(last), "resources", value=[raw_state(one)["resources"][0] for one in (first, last)]),
                "the state contradicts itself: aws_iam_role.a is in it twice",
            )
            for first, last in ((ROLE, OTHER), (OTHER, ROLE))
        ),
        (plan(ROLE, complete=None), "whether the plan is complete is neither true nor false"),
        (
            _with(plan(ROLE), "planned_values", "root_module", "resources", 0, "mode", value="data"),
            'the mode of aws_iam_role.a is "data", and the address is that of a resource',
        ),
        (
            _with(state(ROLE), "values", "root_module", "resources", 0, "mode", value="data"),
            'the mode of aws_iam_role.a is "data", and the address is that of a resource',
        ),
        (plan(ROLE, configuration=[]), "configuration is a list, expected an object"),
        (plan(ROLE, configuration={"provider_config": []}), "provider_config is a list, expected an object"),
        (plan(ROLE, configuration={"root_module": {"module_calls": []}}), "module_calls is a list"),
        (plan(ROLE, variables=[]), "variables is a list, expected an object"),
        (plan(ROLE, deferred_changes={}), "deferred_changes is an object, expected a list"),
        (
            _with(plan(ROLE), "planned_values", "root_module", "resources", 0, "type", value=None),
            "the type of aws_iam_role.a is missing, expected text",
        ),
        (
            _with(plan(ROLE), "planned_values", "root_module", "resources", 0, "values", value="x"),
            'the values of aws_iam_role.a is "x", expected an object',
        ),
        (_with(state(ROLE), "values", value=[]), "values is a list, expected an object"),
        (_with(raw_state(ROLE), "version", value=3), "the version of the state is 3, expected 4"),
        # Without the keys that only tell states from each other, it is one all the same.
        (_without(_with(raw_state(ROLE), "version", value=3), "lineage", "serial"), "the version of the state is 3"),
        (
            _without(_with(raw_state(ROLE), "resources", 0, "instances", value="x"), "lineage", "serial"),
            'the instances of aws_iam_role.a is "x", expected a list',
        ),
        ({"version": 3, "modules": [{"resources": {}}]}, "the version of the state is 3, expected 4"),
        (
            {**plan(ROLE), "Resources": {}},
            "it is several kinds of input at once, by",
        ),
        ({**raw_state(ROLE), "AWSTemplateFormatVersion": "2010-09-09"}, "it is several kinds of input at once, by"),
        (_with(raw_state(ROLE), "resources", value={}), "resources is an object, expected a list"),
        (
            _with(raw_state(ROLE), "resources", 0, "name", value=None),
            "the name of a resource of the type aws_iam_role is missing",
        ),
        (_with(raw_state(ROLE), "resources", 0, "instances", value="x"), 'the instances of aws_iam_role.a is "x"'),
        (
            _with(raw_state(ROLE), "resources", 0, "instances", 0, "attributes", value=[]),
            "the attributes of aws_iam_role.a is a list, expected an object",
        ),
    ],
)
def test_what_is_no_plan_is_one_clear_error(
    check: Callable[..., Report], content: dict[str, Any], message: str
) -> None:
    """A malformed file is an error with what was received and what is expected."""
    report = check(content)
    assert [error.message for error in report.errors if message in error.message] != [], report.errors
    assert report.results == ()


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "aws_iam_role.a.assume_role_policy: the policy is text, and not JSON"),
        ("[]", "aws_iam_role.a.assume_role_policy: a policy is an object or its JSON text, not an empty list"),
        (policy({"Effect": "Allow"}), "a statement has neither Action nor NotAction"),
        ('{"Version": "2012-10-17"}', "a policy has no Statement"),
    ],
)
def test_a_policy_that_aws_would_refuse_is_an_error_at_its_argument(
    check: Callable[..., Report], document: str, message: str
) -> None:
    """The error names the resource and the argument, since a plan has no lines."""
    report = check(plan(Resource("aws_iam_role.a", {"name": "a", "assume_role_policy": document})))
    (error,) = report.errors
    assert message in error.message
    assert error.message.startswith("aws_iam_role.a.assume_role_policy")
    assert error.line is None


def test_json_that_is_broken_and_looks_like_a_plan_is_not_passed_over(
    check: Callable[..., Report], tmp_path: Any
) -> None:
    """In a directory too, a broken plan is an error."""
    import trustproof

    (tmp_path / "plan.json").write_text('{"format_version": "1.2", "terraform_version": "1.15.5", ')
    (error,) = trustproof.check([tmp_path]).errors
    assert "JSON" in error.message
