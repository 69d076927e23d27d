"""
An alarm for emergency roles.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, known_later, known_texts, partly_known, regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import misnamed_arns, named_in_app, objects, order, unique
from trustproof_cdk._policies import topic_policies
from trustproof_cdk._policies.topic_subscriptions import DETAIL_TYPES, SOURCES
from trustproof_cdk._roles.role import TrustingRole
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._synthesis.promises import promise

#: The warning of a role whose refused attempts nobody sees; an alarm where its users are answers it.
UNSEEN_REFUSALS = "trustproof:refused-attempts"
#: Characters of an event pattern:
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_LONGEST_PATTERN = 2048
#: Of it, what is around the detail.
_FRAME = 140
#: AssumeRole changes nothing, so CloudTrail may log it as a read; a rule sees reads only if it says so.
_EVERY_EVENT = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
#: Of an ARN that only a deployment knows: that of a role without a path in a partition with a long name.
_LONGEST_ARN = 110
#: Of a part of one: the name of a role.
_LONGEST_PART = 64
_ARN_PARTS = 6
_FIFO = ".fifo"
_NO_FIFO = "alarm_topic cannot be a FIFO topic, to which EventBridge does not publish: make a standard one"


class AlarmedRole(TrustingRole):
    """
    A role that knows which alarms watch it.
    """

    #: Account and Region of each alarm that was given the role itself; set before the first is made.
    alarms: set[tuple[str, str]]
    #: The accounts that attempts are logged in, its own and those of its users; empty where one is not known.
    logged_in: frozenset[str]


#: By app, the alarms that have a role by its ARN, and how they have it.
_BY_ARN: WeakKeyDictionary[IConstruct, list[tuple[Construct, str | iam.IRole]]] = WeakKeyDictionary()
#: Likewise, how many of them there were when they were looked at, and by account, and path and name of the role, the
#: partition of the ARN, where it says one, and the alarm.
_LOOKED_AT: WeakKeyDictionary[IConstruct, tuple[int, dict[tuple[str, str], list[tuple[str | None, Construct]]]]] = (
    WeakKeyDictionary()
)


def alarms_of(role: AlarmedRole) -> set[tuple[str, str]]:
    """
    Account and Region of each alarm of the app that watches a role, also of those that have it by its ARN.

    Args:
        role: of which it is asked when everything is there.
    """
    found, resource, stage = set(role.alarms), order.created(role), stacks.stage_of(role)
    if not isinstance(resource, iam.CfnRole) or resource.role_name is None or stage is None:
        return found
    with walk.under_way():
        called = unique.Having(resource, known_texts.text(resource.role_name, resource)).path_and_name
        by_arn = _by_arn(stacks.root_of(stage))
    for partition, alarm in by_arn.get((stacks.stack_of(role).account, str(called)), ()):
        if len({partition, regions.partition_of(alarm), regions.partition_of(role)} - {None}) <= 1:
            found.add((cdk.Stack.of(alarm).account, cdk.Stack.of(alarm).region))
    return found


def _by_arn(root: IConstruct) -> dict[tuple[str, str], list[tuple[str | None, Construct]]]:
    listed = _BY_ARN.get(root, [])
    before, found = _LOOKED_AT.get(root, (0, {}))
    if before == len(listed):
        return found
    found = {}
    for alarm, role in listed:
        written = named_in_app.WRITTEN.fullmatch(str(named_in_app.text_of(role, alarm)))
        if written is None:
            continue
        is_own = f":{named_in_app.own_account(alarm)}:" in written[0]
        account = cdk.Stack.of(alarm).account if is_own else written[1]
        partition = written[0].split(":")[1]
        known = None if arguments.is_token(partition) else partition
        found.setdefault((account, f"{written[3]}{written[4]}"), []).append((known, alarm))
    _LOOKED_AT[root] = (len(listed), found)
    return found


@construct
class BreakGlassAlarm(events.Rule):
    """
    An EventBridge rule that reports each attempt to assume emergency roles to a topic, refused attempts too.

    `BreakGlassRole` has one of its own, in its stack. CloudTrail does not log everything there:

    - What is refused to a caller of another account is logged in the caller's account only. So an alarm belongs into
      the account of the users too.
    - A call is logged in the Region whose STS was called. So an alarm belongs into each Region that the role allows
      (``regions`` of `BreakGlassRole`), in both accounts. Calls of the global endpoint are logged in us-east-1.

    A trail must log management events. More roles than one event pattern has room for are divided over several rules.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        roles: the emergency roles: roles of this app, or ARNs.
        alarm_topic: where attempts are reported to; in the Region of the stack.

    Raises:
        ValueError: no role, an ARN with a wildcard, a topic that EventBridge cannot publish to, or an account in which
            no attempt on a role is logged. The synthesis fails if the policy of the topic, or of the key that encrypts
            it, is against EventBridge in the end, or if the topic has several policies.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        roles: Iterable[str | iam.IRole],
        alarm_topic: sns.ITopic | sns.Topic,
    ) -> None:
        listed = arguments.once(roles)
        arns = arguments.each(arguments.arns(listed, "roles", "role_arn"), "roles", arguments.role_arn)
        _refuse_unreachable(stacks.stack_of(scope), alarm_topic)
        for role in listed:
            order.refuse_out_of_reach(scope, role, "roles")
            _refuse_unlogged(stacks.stack_of(scope), _made_by_app(role))
        watched = dict(zip(arns, map(_session, listed), strict=False))
        first, *more = parts = _parts(stacks.stack_of(scope), watched)
        super().__init__(scope, construct_id, **_rule(first, alarm_topic))
        rules = [self, *(events.Rule(self, f"More{n}", **_rule(part, alarm_topic)) for n, part in enumerate(more, 1))]
        for rule, part in zip(rules, parts, strict=True):
            resource = stacks.node_of(rule).default_child
            assert isinstance(resource, events.CfnRule)
            resource.state = _EVERY_EVENT
            _hold_to_alarm(resource, part, alarm_topic, listed)
        self._warn_of_policy(alarm_topic)
        self._warn_of_key(alarm_topic)
        topic_policies.refuse_unheard(self, alarm_topic)
        order.hold_to_names(self, listed)
        misnamed_arns.refuse_misnamed(self, listed)
        for role in listed:
            self._note(role)

    def _note(self, role: str | iam.IRole) -> None:
        made, stage = _made_by_app(role), stacks.stage_of(self)
        if isinstance(made, AlarmedRole):
            made.alarms.add((stacks.stack_of(self).account, stacks.stack_of(self).region))
        elif stage is not None and named_in_app.may_be_arn(role, self):
            _BY_ARN.setdefault(stacks.root_of(stage), []).append((self, role))

    def _warn_of_policy(self, topic: sns.ITopic) -> None:
        """The policy of an imported topic is not ours to write, and without it the alarm is silent."""
        if order.created(topic) is not None:
            return
        # Without a condition, since EventBridge is not documented to say for whom it publishes to a topic.
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic.topic_arn,
        }
        cdk.Annotations.of(self).add_warning_v2(
            "trustproof:alarm-topic-policy",
            f"the topic of {self.node.path} is imported: nobody hears the alarm unless the policy of the topic has "
            f"this statement: {json.dumps(cdk.Stack.of(self).resolve(statement))}",
        )

    def _warn_of_key(self, topic: sns.ITopic) -> None:
        """Nor is the policy of an imported key, without which nothing can be published to what it encrypts."""
        key = topic.master_key
        if key is None or order.created(key) is not None:
            return
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
        }
        cdk.Annotations.of(self).add_warning_v2(
            "trustproof:alarm-key-policy",
            f"the key that encrypts the topic of {self.node.path} is imported: nobody hears the alarm unless the "
            f"policy of the key has this statement: {json.dumps(statement)}",
        )


def _rule(watched: Mapping[str, str], topic: sns.ITopic) -> dict[str, Any]:
    """The arguments of a rule that watches some roles, by ARN and by how the ARNs of their sessions begin."""
    return {
        "description": "Somebody assumes an emergency role, or tries to",
        "event_pattern": events.EventPattern(
            source=SOURCES,
            detail_type=DETAIL_TYPES,
            detail=_detail(list(watched), list(watched.values())),
        ),
        "targets": [targets.SnsTopic(topic)],
    }


def _hold_to_alarm(
    rule: events.CfnRule, watched: Mapping[str, str], topic: sns.ITopic, roles: Iterable[str | iam.IRole]
) -> None:
    """Have the plugin see that a rule still reports what is done with the roles: an override silences it."""
    stack = stacks.stack_of(rule)
    own = next((role for role in roles if isinstance(role, AlarmedRole) and stacks.stack_of(role) is stack), None)
    detail = _detail(list(watched), list(watched.values()))
    pattern = {"source": SOURCES, "detail-type": DETAIL_TYPES, "detail": detail}

    def said(properties: Mapping[str, Any]) -> str:
        expected = stack.resolve({"State": _EVERY_EVENT, "EventPattern": pattern})
        changed = [name for name, value in expected.items() if properties.get(name) != value]
        # CloudTrail sends what it logs to the bus that an account has from the beginning.
        if properties.get("EventBusName", "default") != "default":
            changed.append("EventBusName")
        arn, reached = stack.resolve(topic.topic_arn), properties.get("Targets")
        if not any(isinstance(one, Mapping) and one.get("Arn") == arn for one in reached or ()):
            changed.append("Targets")
        if not changed:
            return ""
        return f"{rule.node.path} has another {' and '.join(changed)} than it was made with, and nobody hears the alarm"

    promise(stack, lambda: rule, said, owner=own)


def _detail(arns: Sequence[str], sessions: Sequence[str]) -> dict[str, Any]:
    return {
        "$or": [
            {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": arns}},
            # A refused call has no parameters in the log, only a message, which may end with a reason.
            {
                "eventName": ["AssumeRole"],
                "errorMessage": [one for arn in arns for one in ({"suffix": f" {arn}"}, {"wildcard": f"* {arn} *"})],
            },
            {
                "eventName": ["SwitchRole"],
                "userIdentity": {"arn": [{"prefix": one} for one in sessions]},
            },
        ]
    }


def _parts(stack: cdk.Stack, watched: Mapping[str, str]) -> list[dict[str, str]]:
    """Roles, so many in each part as a pattern has room for."""
    parts: list[dict[str, str]] = []
    for arn, session in watched.items():
        if not parts or _size(stack, {**parts[-1], arn: session}) > _LONGEST_PATTERN:
            parts.append({})
        parts[-1][arn] = session
    return parts


def _size(stack: cdk.Stack, watched: Mapping[str, str]) -> int:
    """Characters of a pattern at most; what only a deployment knows counts as much as it can have."""
    arns, sessions = ([_known(stack, text) for text in texts] for texts in (watched, watched.values()))
    return _FRAME + len(json.dumps(_detail(arns, sessions), separators=(",", ":")))


def _known(stack: cdk.Stack, text: str) -> str:
    found = stack.resolve(text)
    if isinstance(found, str):
        return found
    if found.keys() == {"Fn::Join"}:
        return "".join(part if isinstance(part, str) else "x" * _LONGEST_PART for part in found["Fn::Join"][1])
    return "x" * _LONGEST_ARN


def _made_by_app(role: str | iam.IRole) -> object:
    """The role of the app that is meant by a reference to its ARN, or that was imported by one."""
    if isinstance(role, AlarmedRole):
        return role
    return objects.made_by_app(role if isinstance(role, str) else role.role_arn)


def _refuse_unlogged(stack: cdk.Stack, role: object) -> None:
    """An alarm where no attempt is logged never rings."""
    logged = role.logged_in if isinstance(role, AlarmedRole) else frozenset()
    if logged and not arguments.is_token(stack.account) and stack.account not in logged:
        assert isinstance(role, AlarmedRole)
        raise ValueError(
            f"roles cannot have {role.node.path} in an alarm of account {stack.account}, where no attempt on it is "
            f"logged: only in its own account and those of its users, {', '.join(sorted(logged))}"
        )


def _session(role: str | iam.IRole) -> str:
    """How the ARN of every session of the role begins."""
    if not isinstance(role, str):
        return f"arn:{cdk.Aws.PARTITION}:sts::{role.env.account}:assumed-role/{role.role_name}/"
    parts = role.split(":")
    if len(parts) != 6 and arguments.is_looked_up(role):
        return role
    if len(parts) != 6:
        raise ValueError(
            f"roles must be roles, or ARNs whose account and name are known at synthesis, got {role!r}: make the ARN "
            "of them, or import the role (iam.Role.from_role_arn)"
        )
    return f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{parts[5].rpartition('/')[2]}/"


def _refuse_elsewhere(stack: cdk.Stack, account: str, region: str) -> None:
    if not arguments.is_token(account) and not arguments.is_token(stack.account) and account != stack.account:
        raise ValueError(
            f"alarm_topic must be of account {stack.account}, that of the rule, got one of {account}: make a topic in "
            "this account, and subscribe there whoever hears the other one"
        )
    if not arguments.is_token(region) and not arguments.is_token(stack.region) and region != stack.region:
        raise ValueError(
            f"alarm_topic must be in {stack.region}, the Region of the rule, since EventBridge publishes to no topic "
            f"of another one, got one in {region}"
        )


def _refuse_arn(stack: cdk.Stack, arn: str) -> None:
    """Refuse a topic by its ARN, which was a token and has come out, perhaps with parts that stay unknown."""
    parts = arn.split(":")
    if len(parts) == _ARN_PARTS:
        of, region, account = (
            here if partly_known.UNKNOWN in there else there
            for here, there in zip(("sns", stack.region, stack.account), parts[2:5], strict=True)
        )
        if of != "sns":
            raise ValueError(f"alarm_topic must be the ARN of a topic of Amazon SNS, got {arn!r}")
        _refuse_elsewhere(stack, account, region)
    if arn.endswith(_FIFO):
        raise ValueError(_NO_FIFO)


def _refuse_unreachable(stack: cdk.Stack, topic: sns.ITopic) -> None:
    objects.one(topic, "alarm_topic", "topic_arn")
    _refuse_elsewhere(stack, topic.env.account, topic.env.region)
    if topic.fifo or (not arguments.is_token(topic.topic_arn) and topic.topic_arn.endswith(_FIFO)):
        raise ValueError(_NO_FIFO)
    resource: Any = order.created(topic)
    if resource is None:
        known_later.note_place(topic.topic_arn, "alarm_topic", lambda arn: _refuse_arn(stack, arn))
        if not arguments.is_token(topic.topic_arn):
            _refuse_arn(stack, topic.topic_arn)
    key = None if resource is None else stack.resolve(resource.kms_master_key_id)
    if "alias/aws/sns" in json.dumps(key):
        raise ValueError(
            "alarm_topic cannot be encrypted with 'alias/aws/sns', a key that EventBridge may not use: give it a key "
            "of yours, whose policy lets events.amazonaws.com use it"
        )
