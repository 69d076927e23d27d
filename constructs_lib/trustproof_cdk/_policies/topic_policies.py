"""
Topics that alarms are published to, and the keys that encrypt them: an alarm that their own policies refuse is made
without a word, and nobody hears it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, references, regions
from trustproof_cdk._names import objects, order, own_policies, unique
from trustproof_cdk._policies import topic_subscriptions as subscriptions
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, denies, is_about_service, may_allow, statements_of
from trustproof_cdk._policies.known_keys import KnownKey, of_service
from trustproof_cdk._policies.readings import readings
from trustproof_cdk._synthesis import stacks, walk
from trustproof_cdk._synthesis.promises import promise

_EVENTS = "events.amazonaws.com"
#: What a service asks of a key for a topic that the key encrypts.
_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
#: Of keys that encrypt what anybody is sent; others sign, or have a half that is public.
_ENCRYPTS, _SYMMETRIC = "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"
_CALLS = of_service(_EVENTS)
#: Whose policy is AWS's.
_KEY_OF_AWS = "alias/aws/sns"


_Policy: TypeAlias = "sns.CfnTopicPolicy | sns.CfnTopicInlinePolicy"


class _Alarm(NamedTuple):
    """An alarm, and where it is published to."""

    construct: Construct
    topic: sns.ITopic


class _Looked(NamedTuple):
    """A policy of a topic or key that is asked about a call of EventBridge."""

    alarm: _Alarm
    has_policy: _Policy | kms.CfnKey
    #: What its statements may refer to; None where that is none of the app.
    about: IConstruct | None
    action: str
    #: What a reference to that comes to.
    arn: str

    def said(self, document: Any, shown: str) -> Iterator[str]:
        """
        What is wrong with the policy; where nothing is, the plugin looks at the template, which an override changes.

        Args:
            document: as the app has it.
            shown: the policy in words, to begin the message.
        """
        stack = stacks.stack_of(self.has_policy)
        if found := self.refused(stack.resolve(document)):
            yield f"{shown} {found}"
            return
        name = "KeyPolicy" if isinstance(self.has_policy, kms.CfnKey) else "PolicyDocument"

        def said(properties: Mapping[str, Any]) -> str:
            found = self.refused(properties.get(name)) or self._lost_by(properties)
            return f"{self.alarm.construct.node.path}: {shown} {found}" if found else ""

        is_of_topic = isinstance(self.about, sns.CfnTopic) and stacks.stack_of(self.about) is stack
        promise(stack, lambda: self.has_policy, said, owner=self.about if is_of_topic else None)

    def _lost_by(self, properties: Mapping[str, Any]) -> str:
        """What is wrong with the policy of a topic that an override has given to others."""
        if not isinstance(self.has_policy, sns.CfnTopicPolicy):
            return ""
        made, there = stacks.stack_of(self.has_policy).resolve(self.has_policy.topics), properties.get("Topics")
        is_kept = isinstance(there, list) and all(one in there for one in made)
        return "" if is_kept else "is of other topics than it was made for: nobody hears the alarm"

    def refused(self, document: Any) -> str:
        """What of the document is against a call of EventBridge, in words; empty where nothing surely is."""
        stack = stacks.stack_of(self.has_policy)
        named = {}
        if isinstance(self.about, cdk.CfnResource) and stacks.stack_of(self.about) is stack:
            named[stack.resolve(self.about.logical_id)] = self.arn
        account = stacks.account_of(stacks.stack_of(self.alarm.construct))
        every = (written_out.with_references(one, stack, named) for (one,) in readings(document))
        return next((found for one in every if (found := _refused(one, self.action, self.arn, account))), "")


#: By app or stage.
_ALARMS: WeakKeyDictionary[cdk.Stage, list[_Alarm]] = WeakKeyDictionary()


def refuse_unheard(alarm: Construct, topic: sns.ITopic) -> None:
    """
    Fail the synthesis if EventBridge surely may not publish to the topic of an alarm, as the policies of the topic and
    of its key are in the app in the end.

    What only a deployment knows counts for the alarm. Of topics and keys that are imported nothing is known, except
    where they are imported by a reference to a resource of the app.

    Args:
        alarm: a construct with the rule.
        topic: of its target.

    Raises:
        ValueError: the key of the topic is made as one that nothing can be encrypted with.
    """
    made = _made(topic, "topic_arn")
    key = _key_of(topic, made)
    if key is not None and (said := _why_no_use(key)):
        raise ValueError(f"alarm_topic cannot be encrypted with {key.node.path}, {said}: nobody would hear the alarm")
    stage = unique.check_beside_names(alarm, _check)
    if isinstance(made, sns.CfnTopic):
        _look_at_topic(alarm, made)
    if stage is not None:
        _ALARMS.setdefault(stage, []).append(_Alarm(alarm, topic))


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    by_topic: dict[str, list[_Policy]] = {}
    under_condition: dict[str, list[_Policy]] = {}
    are_all_known = True
    for _, there in walked:
        for one in there:
            if isinstance(one, (sns.CfnTopicPolicy, sns.CfnTopicInlinePolicy)):
                is_conditional = one.cfn_options.condition is not None
                are_all_known = are_all_known and not is_conditional and _is_of_known_topics(one)
                for topic in _topics_of(one):
                    (under_condition if is_conditional else by_topic).setdefault(topic, []).append(one)
    for alarm in _ALARMS[stage]:
        everything = [one for _, there in walked for one in there]
        subscriptions.warn_of_deaf(alarm.construct, _made(alarm.topic, "topic_arn"), everything)
    return [
        f"{one.construct.node.path}: {said}"
        for one in _ALARMS[stage]
        for said in (
            *_said_of(one, by_topic, under_condition),
            *_said_of_condition(one, by_topic, under_condition),
            *(_said_without_policy(one, by_topic, stage) if are_all_known else ()),
        )
    ]


def _topics_of(policy: _Policy) -> list[str]:
    """The topics that a policy is of, by their ARNs or, of the app, by their paths."""
    given = policy.topics if isinstance(policy, sns.CfnTopicPolicy) else [policy.topic_arn]
    return list(dict.fromkeys([*(stacks.path_of(one) for one in own_policies.references(given, policy)), *given]))


def _is_of_known_topics(policy: _Policy) -> bool:
    given = policy.topics if isinstance(policy, sns.CfnTopicPolicy) else [policy.topic_arn]
    return all(own_policies.references([one], policy) or not arguments.is_token(one) for one in given)


def _said_without_policy(alarm: _Alarm, by_topic: Mapping[str, Sequence[_Policy]], stage: cdk.Stage) -> Iterator[str]:
    """A topic without a policy lets its own account publish, and no service."""
    made = _made(alarm.topic, "topic_arn")
    if not isinstance(made, sns.CfnTopic) or stacks.stage_of(stacks.stack_of(made)) is not stage:
        return
    arn = _arn_of(made)
    if stacks.path_of(made) not in by_topic and not any(fnmatchcase(one, arn) for one in by_topic):
        yield (
            f"its topic, {made.node.path}, has no policy: nobody hears the alarm; give it one that allows {_EVENTS} "
            "sns:Publish"
        )


def _said_of_condition(
    alarm: _Alarm, by_topic: Mapping[str, Sequence[_Policy]], under_condition: Mapping[str, Sequence[_Policy]]
) -> Iterator[str]:
    """A topic whose only policy is not in every deployment has none in the others."""
    made = _made(alarm.topic, "topic_arn")
    if not isinstance(made, sns.CfnTopic) or any(one in by_topic for one in (stacks.path_of(made), _arn_of(made))):
        return
    policies = under_condition.get(made.node.path, ())
    rule = alarm.construct.node.default_child
    if len(policies) != 1:
        is_always_there = isinstance(rule, cdk.CfnResource) and rule.cfn_options.condition is None
        for one in policies if is_always_there else ():
            looked = _Looked(alarm, one, made, "sns:Publish", _arn_of(made))
            if said := looked.refused(stacks.stack_of(one).resolve(one.policy_document)):
                yield f"the policy of its topic, {one.node.path}, {said}"
        return
    policy = policies[0]
    known = [one for one in (policy, made, rule) if isinstance(one, cdk.CfnResource)]
    own, *theirs = ["" if (found := one.cfn_options.condition) is None else found.node.path for one in known]
    if own not in theirs:
        yield (
            f"the only policy of its topic, {policy.node.path}, is not in every deployment that has the topic: without "
            "it nobody hears the alarm; take the condition from it, or give the topic or the alarm the same one"
        )


def _look_at_topic(alarm: Construct, topic: sns.CfnTopic) -> None:
    """Have the plugin see that EventBridge can still publish to a topic: an override makes it another one."""

    def said(properties: Mapping[str, Any]) -> str:
        if str(properties.get("FifoTopic")).lower() == "true":
            why = "is a FIFO topic, to which EventBridge does not publish"
        elif _KEY_OF_AWS in json.dumps(key := properties.get("KmsMasterKeyId")):
            why = f"is encrypted with {_KEY_OF_AWS!r}, a key that EventBridge may not use"
        elif key not in (None, stacks.stack_of(topic).resolve(topic.kms_master_key_id)):
            why = "is encrypted by an override with another key, which EventBridge may not be let use: set the property"
        else:
            return ""
        return f"{alarm.node.path}: its topic, {topic.node.path}, {why}: nobody hears the alarm"

    promise(stacks.stack_of(topic), lambda: topic, said)


def _meeting(alarm: _Alarm, policies: Iterable[_Policy]) -> Iterator[_Policy]:
    """The policies under a condition that are in a deployment which surely has the alarm as well."""
    rule = stacks.node_of(alarm.construct).default_child
    own = rule.cfn_options.condition if isinstance(rule, cdk.CfnResource) else None
    for one in policies:
        theirs = one.cfn_options.condition
        if own is None or (theirs is not None and theirs.node.path == own.node.path):
            yield one


def _said_of(
    alarm: _Alarm, by_topic: Mapping[str, Sequence[_Policy]], under_condition: Mapping[str, Sequence[_Policy]]
) -> Iterator[str]:
    made = _made(alarm.topic, "topic_arn")
    arn = _arn_of(made) if isinstance(made, sns.CfnTopic) else alarm.topic.topic_arn
    named = (arn,) if made is None else (stacks.path_of(made), arn)
    own = list({stacks.path_of(one): one for name in named for one in by_topic.get(name, ())}.values())
    beside = _meeting(alarm, (one for name in named for one in under_condition.get(name, ()))) if own else ()
    together = {stacks.path_of(one) for one in (*own, *beside)}
    if len(together) > 1:
        those = " and ".join(sorted(together))
        yield (
            f"its topic has several policies ({those}), and Amazon SNS keeps the one that is written last, which may "
            "be one that EventBridge is not in: write all statements into one of them"
        )
    for policy in own if len(own) == 1 else ():
        looked = _Looked(alarm, policy, made, "sns:Publish", arn)
        yield from looked.said(policy.policy_document, f"the policy of its topic, {stacks.path_of(policy)},")
    key = _key_of(alarm.topic, made)
    if key is not None and (why := _why_no_use(key)):
        yield f"its topic is encrypted with {key.node.path}, {why}: nobody hears the alarm"
    elif key is not None:
        _look_at_key(alarm, key)
        shown = f"the policy of the key that encrypts its topic, {key.node.path},"
        every = (_Looked(alarm, key, key, action, "*").said(key.key_policy, shown) for action in _KEY_ACTIONS)
        yield from next(filter(None, map(list, every)), [])


def _refused(document: Any, action: str, resource: str, source: str) -> str:
    """What of a resource policy is against a call of EventBridge, in words; empty where nothing surely is."""
    statements = statements_of(document)
    if statements is None:
        return ""
    account = () if arguments.is_token(source) else (KnownKey("aws:SourceAccount", (None, (source,))),)
    call = Call(action, resource, (*_CALLS, *account))
    if denies({"Statement": [one for one in statements if is_about_service(one, _EVENTS, unknown=False)]}, call):
        return (
            f"denies {_EVENTS} {action}: nobody hears the alarm; spare AWS services in the Deny, like by "
            '{"Bool": {"aws:PrincipalIsAWSService": "false"}}'
        )
    if not may_allow({"Statement": [one for one in statements if is_about_service(one, _EVENTS, unknown=True)]}, call):
        return f"does not allow {_EVENTS} {action}: nobody hears the alarm; add a statement that allows it"
    return ""


def _arn_of(topic: sns.CfnTopic) -> str:
    """The ARN of a topic, as a pattern."""
    stack = stacks.stack_of(topic)
    account, region, name = stacks.account_of(stack), stack.region, stack.resolve(topic.topic_name)
    parts = ["*" if arguments.is_token(one) else one for one in (region, account)]
    partition = regions.partition_of(stack) or "*"
    return ":".join(["arn", partition, "sns", *parts, name if isinstance(name, str) else "*"])


def _key_of(topic: sns.ITopic, made: IConstruct | None) -> kms.CfnKey | None:
    """The key of the app that encrypts a topic, perhaps by an alias."""
    found: Any = None if topic.master_key is None else _made(topic.master_key, "key_arn")
    if found is None and isinstance(made, sns.CfnTopic) and made.kms_master_key_id is not None:
        found = next(iter(own_policies.references(made.kms_master_key_id, made)), None)
    if isinstance(found, kms.CfnAlias):
        found = next(iter(own_policies.references(found.target_key_id, found)), None)
    return found if isinstance(found, kms.CfnKey) else None


def _why_no_use(key: kms.CfnKey) -> str:
    """Why nothing can be encrypted with a key, in words."""
    resolve = stacks.stack_of(key).resolve
    return _why_no_use_of(resolve(key.enabled), resolve(key.key_usage), resolve(key.key_spec))


def _look_at_key(alarm: _Alarm, key: kms.CfnKey) -> None:
    """Have the plugin see that something can still be encrypted with a key, likewise."""

    def said(properties: Mapping[str, Any]) -> str:
        why = _why_no_use_of(*(properties.get(name) for name in ("Enabled", "KeyUsage", "KeySpec")))
        shown = f"{alarm.construct.node.path}: its topic is encrypted with {key.node.path}"
        return f"{shown}, {why}: nobody hears the alarm" if why else ""

    promise(stacks.stack_of(key), lambda: key, said)


def _why_no_use_of(enabled: Any, usage: Any, spec: Any) -> str:
    if str(enabled).lower() == "false":
        return "which is disabled"
    if (isinstance(usage, str) and usage != _ENCRYPTS) or (isinstance(spec, str) and spec != _SYMMETRIC):
        return "which is no symmetric key for encryption, as Amazon SNS needs"
    return ""


def _made(entity: Any, attribute: str) -> IConstruct | None:
    """The resource of the app that an object stands for, also where it is imported by a reference to it."""
    return order.created(entity) or references.referred_to(objects.arn_of(entity, attribute))
