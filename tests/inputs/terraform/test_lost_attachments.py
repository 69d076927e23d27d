"""
What goes with a user, role, group or bucket that a plan replaces by one of its name, and that the plan leaves as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.inputs.terraform.builders import OTHER, OWN, After, Resource, allow, plan, policy, trust
from trustproof.inputs.terraform.plans.lost_denials import without_principals
from trustproof.inputs.terraform.plans.orders import comes_whenever
from trustproof.inputs.terraform.plans.plan_configuration import read_configured
from trustproof.inputs.terraform.snapshots.snapshot import Snapshot
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.results.report import Report

REPLACES, KEEPS, CHANGES, MAKES = ("delete", "create"), ("no-op",), ("update",), ("create",)
ALLOW = policy(allow("iam:CreateUser"))
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENY = policy({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": WITHOUT_MFA})
DENY_ARN, BOUNDARY_ARN = f"arn:aws:iam::{OWN}:policy/deny", f"arn:aws:iam::{OWN}:policy/boundary"
CONFIG = {"boundary": {"accounts": [OWN]}}

#: A resource with what the plan does to it, and arguments that were other before.
Change = tuple[Resource, tuple[str, ...], dict[str, Any]]


def one(type_: str, actions: tuple[str, ...] = KEEPS, before: dict[str, Any] | None = None, **arguments: Any) -> Change:
    provider = arguments.pop("provider", "aws")
    name = arguments.pop("called", "it")
    computed = arguments.pop("computed", {})
    return Resource(f"{type_}.{name}", arguments, {"id": "x", **computed}, provider), actions, before or {}


USERS, ROLES, GROUPS = ["aws_iam_user.it.name"], ["aws_iam_role.it.name"], ["aws_iam_group.g.name"]
#: What names a holder, to what it refers to.
NAMING = {"user": USERS, "users": USERS, "user_name": USERS, "role": ROLES, "group": GROUPS, "groups": GROUPS}


def planned(*changes: Change, is_written_out: bool = False, **more: Any) -> dict[str, Any]:
    """
    A plan with some changes.

    Args:
        is_written_out: whether what names a holder is its name, and no reference.
    """
    found = plan(*(resource for resource, actions, _ in changes if actions != ("delete",)), **more)
    given = []
    for resource, actions, before in changes:
        change = resource.change
        was = None if actions == MAKES else {**resource.values, **before}
        gone = {"after": None, "after_unknown": {}} if actions == ("delete",) else {}
        change["change"] |= {"actions": [*actions], "before": was, **gone}
        given.append(change)
    for block in found["configuration"]["root_module"]["resources"] if not is_written_out else ():
        named = {name: {"references": said} for name, said in NAMING.items() if name in block["expressions"]}
        block["expressions"] |= named
    return {**found, "resource_changes": given}


def entity(kind: str, actions: tuple[str, ...], **more: Any) -> Change:
    more = {"name": "n", "computed": {"arn": f"arn:aws:iam::{OWN}:{kind}/n"}, **more}
    if kind == "role":
        more["assume_role_policy"] = trust({"AWS": OWN}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    return one(f"aws_iam_{kind}", actions, **more)


def inline(kind: str, document: str, actions: tuple[str, ...] = KEEPS, **more: Any) -> Change:
    called = "deny" if document is DENY else "allow"
    given = {"called": called, "name": called, kind: "n", "policy": document, **more}
    return one(f"aws_iam_{kind}_policy", actions, **given)


MANAGED = one("aws_iam_policy", called="deny", name="deny", policy=DENY, computed={"arn": DENY_ARN})
IN_GROUP = one("aws_iam_user_group_membership", user="n", groups=["g"])
GROUP = (
    one("aws_iam_group", called="g", name="g", computed={"arn": f"arn:aws:iam::{OWN}:group/g"}),
    inline("group", DENY, group="g"),
)
MADE = inline("user", ALLOW, MAKES)
STACK = {"A": {"Type": "AWS::IAM::UserToGroupAddition", "Properties": {"Users": ["n"], "GroupName": "g"}}}
#: What the plan is, and whether what is denied is there in any case.
ROWS: list[tuple[tuple[Change, ...], bool]] = [
    ((entity("user", KEEPS), MADE, inline("user", DENY)), True),
    ((entity("user", REPLACES), MADE, inline("user", DENY)), False),
    ((entity("user", ("create", "delete")), MADE, inline("user", DENY)), False),
    ((entity("user", REPLACES), MADE, inline("user", DENY, REPLACES)), True),
    ((entity("user", REPLACES), MADE, inline("user", DENY, CHANGES, before={"policy": ALLOW})), True),
    ((entity("user", REPLACES, before={"name": "other"}), MADE, inline("user", DENY)), True),
    ((entity("user", CHANGES, before={"path": "/"}), MADE, inline("user", DENY)), True),
    ((entity("user", MAKES), entity("user", ("delete",), called="old"), MADE, inline("user", DENY)), False),
    (
        (
            entity("user", MAKES),
            entity("user", CHANGES, called="old", name="o", before={"name": "n"}),
            MADE,
            inline("user", DENY),
        ),
        False,
    ),
    (
        (
            entity("user", CHANGES, before={"name": "m"}),
            entity("user", CHANGES, called="old", name="o", before={"name": "n"}),
            MADE,
            inline("user", DENY),
        ),
        False,
    ),
    (
        (
            entity("user", CHANGES, before={"name": "m"}),
            entity("user", ("delete",), called="old"),
            MADE,
            inline("user", DENY),
        ),
        False,
    ),
    ((entity("user", CHANGES, before={"name": "m"}), MADE, inline("user", DENY)), True),
    (
        (entity("user", REPLACES), MADE, MANAGED, one("aws_iam_user_policy_attachment", user="n", policy_arn=DENY_ARN)),
        False,
    ),
    (
        (
            entity("user", REPLACES),
            MADE,
            MANAGED,
            one("aws_iam_user_policy_attachments_exclusive", user_name="n", policy_arns=[DENY_ARN]),
        ),
        False,
    ),
    (
        (
            entity("user", REPLACES),
            MADE,
            MANAGED,
            one("aws_iam_policy_attachment", users=["m", "n"], policy_arn=DENY_ARN),
        ),
        False,
    ),
    (
        (
            entity("user", REPLACES),
            MADE,
            MANAGED,
            one("aws_iam_policy_attachment", CHANGES, {"users": ["n"]}, users=["m", "n"], policy_arn=DENY_ARN),
        ),
        False,
    ),
    (
        (
            entity("user", REPLACES),
            MADE,
            MANAGED,
            one("aws_iam_policy_attachment", CHANGES, {"users": ["m"]}, users=["m", "n"], policy_arn=DENY_ARN),
        ),
        True,
    ),
    ((entity("user", KEEPS), MADE, *GROUP, IN_GROUP), True),
    ((entity("user", REPLACES), MADE, *GROUP, IN_GROUP), False),
    ((entity("user", REPLACES), MADE, *GROUP, one("aws_iam_group_membership", group="g", users=["m", "n"])), False),
    ((entity("user", KEEPS), MADE, GROUP[0], inline("group", DENY, MAKES, group="g"), IN_GROUP), True),
    ((entity("user", KEEPS), MADE, one("aws_iam_group", REPLACES, called="g", name="g"), GROUP[1], IN_GROUP), False),
    (
        (
            entity("user", KEEPS),
            MADE,
            one("aws_iam_group", REPLACES, called="g", name="g"),
            inline("group", DENY, REPLACES, group="g"),
            IN_GROUP,
        ),
        False,
    ),
    (
        (
            entity("user", REPLACES),
            one("awscc_iam_user_policy", MAKES, called="allow", user_name="n", policy_name="a", policy_document=ALLOW),
            one("awscc_iam_user_policy", called="deny", user_name="n", policy_name="d", policy_document=DENY),
        ),
        False,
    ),
    (
        (
            one("awscc_iam_user", REPLACES, user_name="n"),
            one("awscc_iam_managed_policy", users=["n"], policy_document=DENY),
            one("awscc_iam_user_policy", MAKES, called="allow", user_name="n", policy_name="a", policy_document=ALLOW),
        ),
        False,
    ),
    (
        (
            one("awscc_iam_user", KEEPS, user_name="n"),
            one("awscc_iam_managed_policy", users=["n"], policy_document=DENY),
            one("awscc_iam_user_policy", MAKES, called="allow", user_name="n", policy_name="a", policy_document=ALLOW),
        ),
        True,
    ),
    (
        (
            entity("user", KEEPS),
            MADE,
            *GROUP,
            one("aws_cloudformation_stack", name="s", template_body=json.dumps({"Resources": STACK})),
        ),
        True,
    ),
    (
        (
            entity("user", REPLACES),
            MADE,
            *GROUP,
            one("aws_cloudformation_stack", name="s", template_body=json.dumps({"Resources": STACK})),
        ),
        False,
    ),
]


@pytest.mark.parametrize(("changes", "is_denied"), ROWS)
def test_what_somebody_is_denied_is_lost_with_the_one_that_is_replaced(
    check: Callable[..., Report], changes: tuple[Change, ...], is_denied: bool
) -> None:
    """A Deny counts where the plan puts it on the new one, or replaces nobody; else it is there or not."""
    report = check(planned(*changes), account=OWN, config=CONFIG, properties=["sensitive-actions-require-mfa"])
    found = [each.verdict for each in report.results if each.logical_id.endswith("_policy.allow")]
    assert found == ["proved" if is_denied else "refuted"]


def test_what_is_imported_may_be_replaced(check: Callable[..., Report]) -> None:
    """A plan may import somebody and replace them at once; else whoever is imported keeps what is there."""
    for actions, expected in ((REPLACES, "refuted"), (CHANGES, "proved"), (KEEPS, "proved")):
        content = planned(entity("user", actions), MADE, inline("user", DENY))
        content["resource_changes"][0]["change"]["importing"] = {"id": "n"}
        report = check(content, account=OWN, config=CONFIG, properties=["sensitive-actions-require-mfa"])
        assert [each.verdict for each in report.results if each.logical_id.endswith(".allow")] == [expected]


@pytest.mark.parametrize(
    ("kind", "actions", "changed", "is_lost", "expected"),
    [
        ("user", KEEPS, KEEPS, False, "proved"),
        ("user", CHANGES, KEEPS, False, "proved"),
        ("user", REPLACES, KEEPS, True, "refuted"),
        ("user", ("create", "delete"), KEEPS, True, "refuted"),
        ("user", REPLACES, CHANGES, True, "refuted"),
        ("user", REPLACES, MAKES, True, "refuted"),
        ("user", REPLACES, REPLACES, True, "refuted"),
        # A session of a role has no MFA in any case.
        ("role", REPLACES, KEEPS, True, "proved"),
    ],
)
def test_a_principal_is_kept_by_its_unique_id(
    check: Callable[..., Report],
    kind: str,
    actions: tuple[str, ...],
    changed: tuple[str, ...],
    is_lost: bool,
    expected: str,
) -> None:
    """What is denied to a principal by ARN is denied to the old one, until the next apply writes it again."""
    arn = f"arn:aws:iam::{OWN}:{kind}/n"
    everybody = {"ArnEquals": {"aws:PrincipalArn": arn}}
    let_in = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole", "Condition": everybody}
    for others in ([], [f"arn:aws:iam::{OWN}:user/other"]):
        denied = {"Effect": "Deny", "Principal": {"AWS": [arn, *others]}, "Action": "sts:*", "Condition": WITHOUT_MFA}
        role = one("aws_iam_role", changed, called="to", name="to", assume_role_policy=policy(let_in, denied), path="/")
        report = check(planned(entity(kind, actions), role), account=OWN, config=CONFIG, properties=["mfa-required"])
        assert [each.verdict for each in report.results if each.logical_id == "aws_iam_role.to"] == [expected]
        assert any("AWS keeps its unique id" in each for each in report.notes) is is_lost


ARN = f"arn:aws:iam::{OWN}:user/n"
LET_IN = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}
LET_IN["Condition"] = {"ArnEquals": {"aws:PrincipalArn": ARN}}
DENIED = {"Effect": "Deny", "Principal": {"AWS": ARN}, "Action": "sts:*", "Condition": WITHOUT_MFA}
TRUST = policy(LET_IN, DENIED)
#: What the plan does to a role that denies something to a user by ARN, what that refers to, and whether it is lost
#: where the user is replaced.
WRITTEN: list[tuple[tuple[str, ...], dict[str, str], str, bool]] = [
    (CHANGES, {"path": "/other/"}, "", True),
    (CHANGES, {"path": "/other/"}, "aws_iam_user.it.arn", True),
    (CHANGES, {"assume_role_policy": json.dumps(json.loads(TRUST), indent=1)}, "aws_iam_user.it.arn", True),
    (CHANGES, {"assume_role_policy": policy(LET_IN)}, "", True),
    (CHANGES, {"assume_role_policy": policy(LET_IN)}, "var.arn", True),
    (CHANGES, {"assume_role_policy": policy(LET_IN)}, "aws_iam_user.it.arn", False),
    (MAKES, {}, "", True),
    (MAKES, {}, "aws_iam_user.other.arn", True),
    (MAKES, {}, "terraform.workspace", True),
    (MAKES, {}, "aws_iam_user.it.arn", False),
    (REPLACES, {}, "aws_iam_user.it.arn", False),
]


@pytest.mark.parametrize(("actions", "before", "reference", "is_lost"), WRITTEN)
def test_a_policy_is_written_about_the_new_one_only_where_it_changes_after_that(
    check: Callable[..., Report], actions: tuple[str, ...], before: dict[str, str], reference: str, is_lost: bool
) -> None:
    """What else changes of a resource writes its policy again as little as what orders nothing makes it wait."""
    for type_, argument in (
        ("aws_iam_role", "assume_role_policy"),
        ("awscc_iam_role", "assume_role_policy_document"),
    ):
        was = {argument if name == "assume_role_policy" else name: value for name, value in before.items()}
        given = {argument: TRUST, "path": "/", "name" if type_ == "aws_iam_role" else "role_name": "to"}
        role = one(type_, actions, was, called="to", **given)
        for replaces, expected in ((REPLACES, "refuted" if is_lost else "proved"), (KEEPS, "proved")):
            content = planned(entity("user", replaces), role)
            block = content["configuration"]["root_module"]["resources"][1]
            if reference:
                block["expressions"][argument] = {"references": [reference, reference.rpartition(".")[0]]}
            report = check(content, account=OWN, config=CONFIG, properties=["mfa-required"])
            found = [each.verdict for each in report.results if each.logical_id.endswith("_iam_role.to")]
            assert found == [expected]


def test_a_policy_that_only_the_sources_say_may_be_written_about_the_old_one(
    check: Callable[..., Report], tmp_path: Path
) -> None:
    """It waits for what it refers to: by an ARN that is written out beside that, it waits for nobody."""
    text = json.dumps(json.loads(TRUST)["Statement"][0])
    for named, expected in (
        (f'"{ARN}", aws_iam_role.other.arn', "unknown"),
        ("aws_iam_user.it.arn, aws_iam_role.other.arn", "proved"),
    ):
        denied = f'{{ Effect = "Deny", Principal = {{ AWS = [{named}] }}, Action = "sts:*", Condition = local.mfa }}'
        (tmp_path / "main.tf").write_text(
            f"""
            locals {{
              mfa = {json.dumps(WITHOUT_MFA)}
            }}
            resource "aws_iam_user" "it" {{
              name = "n"
            }}
            resource "aws_iam_role" "other" {{
              name               = "other"
              assume_role_policy = {json.dumps(trust({"AWS": OWN}))}
            }}
            resource "aws_iam_role" "to" {{
              name               = "to"
              assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{text}, {denied}] }})
            }}
            """
        )
        references = [name for name in named.split(", ") if '"' not in name]
        hidden = After(*(each for name in references for each in (name, name.rpartition(".")[0])), "local.mfa")
        changes = (
            one("aws_iam_user", REPLACES, {"arn": ARN}, name="n", computed={"arn": After()}),
            one("aws_iam_role", MAKES, called="other", name="other", assume_role_policy=trust({"AWS": OWN})),
            one("aws_iam_role", MAKES, called="to", name="to", assume_role_policy=hidden),
        )
        changes[1][0].computed["arn"] = After()
        report = check(planned(*changes), account=OWN, config=CONFIG, properties=["mfa-required"], source=tmp_path)
        assert [each.verdict for each in report.results if each.logical_id == "aws_iam_role.to"] == [expected]


IN_NEW_GROUP = one("aws_iam_user_group_membership", MAKES, user="n", groups=["g"])
IN_GROUPS = one("aws_iam_user_group_membership", MAKES, user="n", groups=["other", "g"])
NEW_GROUP = one("aws_iam_group", REPLACES, called="g", name="g")
#: What the plan puts on whom, and whether a name that is written out, without a reference, may be that of the old one.
PUT: list[tuple[tuple[Change, ...], bool]] = [
    ((entity("user", KEEPS), MADE, inline("user", DENY, MAKES)), False),
    ((entity("user", MAKES), MADE, inline("user", DENY, MAKES)), False),
    ((entity("user", REPLACES), MADE, inline("user", DENY, MAKES)), True),
    ((entity("user", REPLACES), MADE, inline("user", DENY, REPLACES)), True),
    ((entity("user", REPLACES), MADE, inline("user", DENY, CHANGES, before={"policy": ALLOW})), True),
    ((entity("user", REPLACES), MADE, *GROUP, IN_NEW_GROUP), True),
    ((entity("user", KEEPS), MADE, NEW_GROUP, inline("group", DENY, MAKES, group="g"), IN_GROUPS), True),
]


@pytest.mark.parametrize(("changes", "may_be_lost"), PUT)
def test_what_is_put_by_a_name_may_be_put_on_the_old_one(
    check: Callable[..., Report], changes: tuple[Change, ...], may_be_lost: bool
) -> None:
    """Terraform orders what refers to each other, or waits by depends_on; else it does anything whenever it likes."""
    asked = {"account": OWN, "config": CONFIG, "properties": ["sensitive-actions-require-mfa"]}
    written = planned(*changes, is_written_out=True)
    waiting = planned(*changes, is_written_out=True)
    for block in waiting["configuration"]["root_module"]["resources"]:
        block["depends_on"] = ["aws_iam_user.it", "aws_iam_group.g"]
    in_order = planned(*changes)
    for content, is_lost in ((written, may_be_lost), (waiting, False), (in_order, False)):
        report = check(content, **asked)
        found = [each.verdict for each in report.results if each.logical_id.endswith("_policy.allow")]
        assert found == ["refuted" if is_lost else "proved"]
        assert any("names without a reference" in each for each in report.notes) is is_lost


def test_a_document_may_refer_to_whom_it_is_put_on(check: Callable[..., Report]) -> None:
    """What is made of a reference to the new one comes after it, through a data source, too."""
    asked = {"account": OWN, "config": CONFIG, "properties": ["sensitive-actions-require-mfa"]}
    for reference, expected in (("aws_iam_user.it.arn", "proved"), ("var.user", "refuted"), ("local.user", "refuted")):
        content = planned(entity("user", REPLACES), MADE, inline("user", DENY, MAKES), is_written_out=True)
        blocks = content["configuration"]["root_module"]["resources"]
        document = {**blocks[0], "mode": "data", "type": "aws_iam_policy_document", "name": "d"}
        document |= {"address": "data.aws_iam_policy_document.d", "expressions": {"x": {"references": [reference]}}}
        blocks.append(document)
        deny = next(each for each in blocks if each["address"] == "aws_iam_user_policy.deny")
        deny["expressions"]["policy"] = {"references": ["data.aws_iam_policy_document.d.json"]}
        report = check(content, **asked)
        assert [each.verdict for each in report.results if each.logical_id.endswith("_policy.allow")] == [expected]


#: What a block has of order, and whether it comes after the user is replaced; in a module what that is given.
ORDERS: list[tuple[dict[str, Any], bool]] = [
    ({"user": "each.key", "for_each": []}, False),
    ({"user": "each.key", "for_each": ["var.users"]}, False),
    ({"user": "each.key", "for_each": ["aws_iam_user.it.name", "aws_iam_user.it"]}, True),
    ({"user": "terraform.workspace"}, False),
    ({"user": "aws_iam_group.g.name"}, False),
    ({"user": "data.aws_iam_user.d.user_name"}, False),
    ({"user": "data.aws_iam_user.d.user_name", "data": "aws_iam_user.it.name"}, True),
    ({"user": "local.user"}, False),
    ({"user": "local.user", "depends_on": ["aws_iam_user.it"]}, True),
    ({"user": "var.user", "given": []}, False),
    ({"user": "var.user", "given": ["aws_iam_user.it.name", "aws_iam_user.it"]}, True),
    ({"user": "var.user", "given": [], "call": {"depends_on": ["aws_iam_user.it"]}}, True),
    ({"user": "var.user", "given": [], "call": {"depends_on": ["aws_iam_group.g"]}}, False),
    ({"user": "var.user", "given": [], "call": {"for_each_expression": {"references": ["aws_iam_user.it"]}}}, True),
    ({"user": "module.other.name"}, False),
    ({"user": "module.other.name", "output": ["aws_iam_user.it.name"], "var": ["aws_iam_user.it.name"]}, False),
    ({"user": "module.other.name", "output": ["var.it"], "var": ["aws_iam_user.it.name"]}, True),
    ({"user": "module.other.name", "output": ["var.it"], "var": ["var.it"]}, False),
    ({"user": "var.user", "depends_on": ["module.other"]}, False),
    ({"user": "var.user", "depends_on": ["module.other"], "inside": ["aws_iam_user.x.arn"]}, False),
    ({"user": "var.user", "depends_on": ["module.other"], "inside": ["var.it"], "var": ["aws_iam_user.it"]}, True),
]


@pytest.mark.parametrize(("given", "is_after"), ORDERS)
def test_only_what_leads_to_the_replaced_one_waits_for_it(given: dict[str, Any], is_after: bool) -> None:
    """A reference to something else orders nothing, and is followed through repetitions, data sources and modules."""

    def said(*names: str) -> dict[str, Any]:
        return {"references": list(names)}

    block = {"address": "aws_iam_user_policy.deny", "mode": "managed", "expressions": {"user": said(given["user"])}}
    block |= {"for_each_expression": said(*given["for_each"])} if "for_each" in given else {}
    block |= {"depends_on": given.get("depends_on", [])}
    data = {"address": "data.aws_iam_user.d", "mode": "data", "expressions": {"x": said(given.get("data", "var.x"))}}
    bucket = {"address": "aws_s3_bucket.b", "mode": "managed", "expressions": {"x": said(*given.get("inside", ()))}}
    other = {"resources": [bucket], "outputs": {"name": {"expression": said(*given.get("output", ()))}}}
    calls: dict[str, Any] = {"other": {"expressions": {"it": said(*given.get("var", ()))}, "module": other}}
    resources = [{"address": "aws_iam_user.it", "mode": "managed"}, data]
    address = block["address"]
    if "given" in given:
        inner = {"expressions": {"user": said(*given["given"])}, "module": {"resources": [block]}}
        calls["inner"] = {**inner, **given.get("call", {})}
        address = f"module.inner.{address}"
    else:
        resources.append(block)
    configured = read_configured({"root_module": {"resources": resources, "module_calls": calls}}, "plan.json")
    snapshot = Snapshot((), waits_for=configured.waits_for)
    deny, user = (Instance(name, "aws", "aws", {}) for name in (address, "aws_iam_user.it"))
    assert comes_whenever(snapshot, deny, user) is not is_after


OLD, STAYS = f"arn:aws:iam::{OWN}:user/n", f"arn:aws:iam::{OWN}:user/other"


def test_whom_the_same_text_lets_in_is_lost_with_what_it_denies(check: Callable[..., Report]) -> None:
    """One text is put at once, and AWS keeps the unique id of the old one in all of it."""
    allows, other = {"Effect": "Allow", "Principal": {"AWS": OLD}}, {"Effect": "Allow", "Principal": {"AWS": STAYS}}
    denies = {"Effect": "Deny", "Principal": {"AWS": OLD}}
    both = {"Effect": "Allow", "Principal": {"AWS": [OLD, STAYS]}}
    nobody = {"Effect": "Deny", "Principal": {"AWS": "AIDAAAAAAAAAAAAAAAAAA"}}
    for given, left in (([allows, denies], [nobody]), ([denies, allows, other], [other])):
        assert without_principals(json.dumps({"Statement": given}), OLD.__eq__) == json.dumps({"Statement": left})
    found = without_principals(json.dumps({"Statement": [both, denies]}), OLD.__eq__)
    assert json.loads(found or "")["Statement"] == [{"Effect": "Allow", "Principal": {"AWS": [STAYS]}}]
    said = {"Principal": {"AWS": OLD}, "Action": "sts:AssumeRole"}
    document = policy({**said, "Effect": "Allow"}, {**said, "Effect": "Deny", "Condition": WITHOUT_MFA})
    role = one("aws_iam_role", name="r", assume_role_policy=document)
    report = check(planned(entity("user", REPLACES), role), account=OWN, config=CONFIG, properties=["mfa-required"])
    assert report.errors == ()
    assert {each.verdict for each in report.results} == {"proved"}


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        (
            {"Effect": "Deny", "Principal": {"AWS": OLD}},
            [{"Effect": "Deny", "Principal": {"AWS": "AIDAAAAAAAAAAAAAAAAAA"}}],
        ),
        ({"Effect": "Deny", "Principal": {"AWS": [OLD, STAYS]}}, [{"Effect": "Deny", "Principal": {"AWS": [STAYS]}}]),
        (
            {"Effect": "Deny", "Principal": {"AWS": OLD, "Service": "x"}},
            [{"Effect": "Deny", "Principal": {"Service": "x"}}],
        ),
        ({"Effect": "Allow", "NotPrincipal": {"AWS": OLD}}, [{"Effect": "Allow", "Principal": "*"}]),
        ({"Effect": "Allow", "Principal": {"AWS": OLD}}, None),
        ({"Effect": "Deny", "NotPrincipal": {"AWS": OLD}}, None),
        ({"Effect": "Deny", "Principal": "*"}, None),
        ({"Effect": "Deny", "Principal": {"AWS": STAYS}}, None),
        ("no statement", None),
    ],
)
def test_what_is_lost_takes_nobody_in_or_excepts_somebody(statement: object, left: list[object] | None) -> None:
    """A Deny of the old one and an exception for it count no more; what lets it in, or closes more, is as before."""
    for given in (statement, [statement]):
        found = without_principals(json.dumps({"Statement": given}), OLD.__eq__)
        assert found == (None if left is None else json.dumps({"Statement": left}))
    assert without_principals("{", OLD.__eq__) is None


def test_the_finding_names_what_is_lost(check: Callable[..., Report]) -> None:
    """The assumption of the finding and the note say what is lost, until when, and what keeps it."""
    changes = (entity("user", REPLACES), MADE, *(inline("user", DENY, called=f"d{number}") for number in range(5)))
    report = check(planned(*changes), account=OWN, config=CONFIG, properties=["sensitive-actions-require-mfa"])
    found = next(each for each in report.results if each.verdict == "refuted")
    shown = "aws_iam_user_policy.d0, aws_iam_user_policy.d1, aws_iam_user_policy.d2 and 2 more"
    assert f"aws_iam_user.it is replaced, and until the next apply lacks {shown}" in str(found)
    (note,) = (each for each in report.notes if "the plan replaces it" in each)
    assert shown in note
    assert "replace_triggered_by" in note


def test_a_boundary_is_one_of_the_new_role(check: Callable[..., Report]) -> None:
    """A permissions boundary is an argument of the role itself, which is made with it."""
    boundary = one(
        "aws_iam_policy", called="b", name="boundary", policy=policy(allow("s3:*")), computed={"arn": BOUNDARY_ARN}
    )
    role = entity("role", REPLACES, permissions_boundary=BOUNDARY_ARN)
    out = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OTHER}:role/x"})
    for more, expected in (((boundary, role), "proved"), ((entity("role", REPLACES),), "refuted")):
        changes = planned(*more, inline("role", out, MAKES))
        report = check(changes, account=OWN, config=CONFIG, properties=["assume-role-scoped"])
        assert {each.verdict for each in report.results} == {expected}


@pytest.mark.parametrize(("provider", "expected"), [("aws.us", "refuted"), ("aws.hub", "proved")])
def test_only_what_is_in_the_same_account_is_lost(check: Callable[..., Report], provider: str, expected: str) -> None:
    """Another provider configuration may be for the same account, where somebody of the name is the same one."""
    account = OWN if provider == "aws.us" else OTHER
    hub = {"provider": provider}
    there = (
        entity("user", KEEPS, computed={"arn": f"arn:aws:iam::{account}:user/n"}, **hub),
        inline("user", ALLOW, MAKES, **hub),
        inline("user", DENY, **hub),
    )
    replaced = entity("user", REPLACES, called="other")
    report = check(
        planned(*there, replaced),
        config=CONFIG,
        properties=["sensitive-actions-require-mfa"],
        provider_accounts={"aws": OWN, provider: account},
    )
    assert {each.verdict for each in report.results if each.logical_id.endswith("allow")} == {expected}


@pytest.mark.parametrize(("actions", "expected"), [(KEEPS, "proved"), (REPLACES, "refuted")])
def test_what_a_bucket_is_denied_is_lost_with_it(
    check: Callable[..., Report], actions: tuple[str, ...], expected: str
) -> None:
    """What the policy of a bucket denies counts for its access points, unless the bucket is replaced and it is not."""
    denied = {"StringNotEquals": {"aws:PrincipalAccount": OWN}}
    everything = ["arn:aws:s3:::n", "arn:aws:s3:::n/*"]
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything, "Condition": denied}
    point = f"arn:aws:s3:eu-west-1:{OWN}:accesspoint/p"
    opened = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:GetObject", "Resource": f"{point}/object/*"}
    bucket = {"bucket": "n", "computed": {"arn": "arn:aws:s3:::n", "id": "n"}}
    changes = planned(
        one("aws_s3_bucket", actions, **bucket),
        one("aws_s3_bucket_policy", bucket="n", policy=policy(closed)),
        one("aws_s3_bucket_public_access_block", bucket="n", block_public_policy=True, restrict_public_buckets=True),
        one("aws_s3_access_point", MAKES, bucket="n", name="p", policy=policy(opened)),
    )
    report = check(changes, account=OWN, config=CONFIG, properties=["inside-boundary"])
    assert [each.verdict for each in report.results if each.logical_id == "aws_s3_access_point.it"] == [expected]


@pytest.mark.parametrize("twin", ["aws_iam_policy", "awscc_iam_managed_policy"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_policy_at_two_addresses_says_what_is_written_at_one(
    check: Callable[..., Report], twin: str, is_first: bool
) -> None:
    """AWS has one of an ARN: what the plan leaves as it is shows the text that was there before."""
    names = {"aws_iam_policy": ("name", "policy", "arn")}
    name, document, arn = names.get(twin, ("managed_policy_name", "policy_document", "policy_arn"))
    shown = one(twin, KEEPS, called="twin", **{name: "deny", document: DENY}, computed={arn: DENY_ARN})
    attached = one("aws_iam_user_policy_attachment", user="n", policy_arn=DENY_ARN)
    for text, expected in ((policy(allow("s3:GetObject")), "refuted"), (DENY, "proved")):
        was = {"policy": DENY, "description": "other"}
        written = one(
            "aws_iam_policy", CHANGES, was, called="deny", name="deny", policy=text, computed={"arn": DENY_ARN}
        )
        both = (written, shown) if is_first else (shown, written)
        report = check(
            planned(entity("user", KEEPS), MADE, *both, attached),
            account=OWN,
            config=CONFIG,
            properties=["sensitive-actions-require-mfa"],
        )
        assert [each.verdict for each in report.results if each.logical_id.endswith("_policy.allow")] == [expected]


_ON = {"block_public_policy": True, "restrict_public_buckets": True}
_OFF = dict.fromkeys(_ON, False)
_SETTINGS = "public_access_block_configuration"


@pytest.mark.parametrize(
    ("actions", "before", "own", "block", "expected"),
    [
        (KEEPS, {}, _OFF, KEEPS, "proved"),
        (CHANGES, {"tags": []}, _ON, KEEPS, "proved"),
        (CHANGES, {_SETTINGS: _ON}, _OFF, KEEPS, "refuted"),
        (CHANGES, {_SETTINGS: _ON}, _OFF, MAKES, "refuted"),
        (CHANGES, {_SETTINGS: _ON}, {"block_public_policy": True}, KEEPS, "refuted"),
        (CHANGES, {_SETTINGS: _OFF}, _ON, KEEPS, "proved"),
        (REPLACES, {}, _OFF, KEEPS, "refuted"),
    ],
)
def test_the_own_settings_of_a_bucket_may_be_written_last(
    check: Callable[..., Report],
    actions: tuple[str, ...],
    before: dict[str, Any],
    own: dict[str, bool],
    block: tuple[str, ...],
    expected: str,
) -> None:
    """A bucket of Cloud Control has the same settings as the block around it, and nothing orders the two."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::n/*"}
    bucket = {"bucket_name": "n", _SETTINGS: own, "computed": {"arn": "arn:aws:s3:::n", "id": "n"}}
    changes = planned(
        one("awscc_s3_bucket", actions, before, **bucket),
        one("aws_s3_bucket_public_access_block", block, bucket="n", **_ON),
        one("aws_s3_bucket_policy", KEEPS if actions != REPLACES else MAKES, bucket="n", policy=policy(everybody)),
    )
    report = check(changes, account=OWN, config=CONFIG, properties=["inside-boundary"])
    assert [each.verdict for each in report.results if each.logical_id == "aws_s3_bucket_policy.it"] == [expected]
