"""
What stands around the policies of buckets: settings against public policies, and websites.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.values.catalogue import (
    ACCESS_POINT,
    BUCKET_POLICY,
    KEPT_BY_ACCOUNT,
    SECRET_POLICY,
)
from trustproof.inputs.cloudformation.values.exclusive_claims import BLOCK as AROUND_BUCKET
from trustproof.inputs.cloudformation.values.exclusive_claims import Claim
from trustproof.inputs.terraform.lowering.claims_to_others import claims_to_others
from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.plans.orders import comes_whenever
from trustproof.inputs.terraform.resources.blocks_around_buckets import (
    PUBLIC_ACCESS_BLOCK,
    SETTINGS,
    blocks_around_buckets,
    leaves,
    named_bucket,
)
from trustproof.inputs.terraform.resources.refused_policies import (
    REFUSING,
    RESTRICTING,
    comes_later,
    counting,
    is_for_everybody,
    not_refusing,
    was_put_before,
)
from trustproof.inputs.terraform.resources.unknown_accounts import may_be_here
from trustproof.inputs.terraform.snapshots.assignments import texts_of
from trustproof.inputs.terraform.values.conditions import AllOf, AnyOf, Condition, Not, Undecided
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import Attribute, Choice, Known, Symbol, Unknown, Value
from trustproof.results.result import REPLACES

_OWN_REGION = {"Ref": "AWS::Region"}
BLOCK = "PublicAccessBlockConfiguration"
_BUCKET, _AWS_BUCKET = "aws_s3_bucket", "AWS::S3::Bucket"
_ACCESS_POINT = "aws_s3_access_point"
ACCOUNT_BLOCK = "aws_s3_account_public_access_block"
#: Types of resources that are buckets.
_CLOUD_CONTROL_BUCKET, _OWN_SETTINGS = "awscc_s3_bucket", "public_access_block_configuration"
_BUCKETS = (_BUCKET, _CLOUD_CONTROL_BUCKET)
#: Types of resources by which buckets have policies.
_HAVING_POLICIES = (_BUCKET, "aws_s3_bucket_policy", "awscc_s3_bucket_policy")


def settings(made: Lowering, values: Mapping[str, Value], *, absent: bool) -> dict[str, object]:
    """
    The settings against public policies that a block has.

    Args:
        values: its arguments.
        absent: what a setting is that is not set.
    """
    found: dict[str, object] = {}
    for setting, name in SETTINGS.items():
        value = values.get(name)
        missing = value is None or (isinstance(value, Known) and value.value is None)
        found[setting] = absent if missing or value is None else lower_value(value, made)
    return found


def may_be_private(made: Lowering, instance: Instance, type_: str, document: object) -> str:
    """
    Why it is not known what a policy does that speaks of everybody: a setting that stands around it decides that. Empty
    where that is known.

    Args:
        type_: of the policy, as CloudFormation calls it.
    """
    if type_ not in (BUCKET_POLICY, SECRET_POLICY, ACCESS_POINT) or not is_for_everybody(document):
        return ""
    if type_ == SECRET_POLICY:
        return _undecided(made.value(instance, SETTINGS["BlockPublicPolicy"]))
    if type_ == ACCESS_POINT:
        point = access_point(made, instance)
        if point is None:
            reason = "it is not known which access point it is about, and so which settings are around it"
            return reason + (f"; {made.hint}" if made.hint else "")
        blocks = (block for _, block in made.blocks(point, "public_access_block_configuration"))
        return next(filter(None, map(undecided_setting, blocks)), "")
    return _of_bucket(made, instance)


def undecided_setting(block: Mapping[str, Value]) -> str:
    """Why one of the settings in a block is not known; empty where they are, or variables decide them."""
    return next(filter(None, (_undecided(block.get(name)) for name in SETTINGS.values())), "")


def access_point(made: Lowering, instance: Instance) -> Instance | None:
    """The access point that a policy is about, which may have it itself; None where that is not known."""
    if instance.type == _ACCESS_POINT:
        return instance
    value = made.value(instance, "access_point_arn")
    if isinstance(value, Attribute):
        found = made.by_address.get(value.address)
        return found if found is not None and found.type == _ACCESS_POINT else None
    before, _, name = str(value.value).rpartition(":accesspoint/") if isinstance(value, Known) else ("", "", "")
    region, _, account = before.partition(":s3:")[2].partition(":")
    named = made.having(_ACCESS_POINT, "name", name) if name and account in (made.home.account or account, "") else ()
    # One of another Region is another one; which the provider's is may not be known.
    is_of_provider = region == (made.home.region or region)
    here = [one for one in named if (own := made.region_of(one)) == region or (own == _OWN_REGION and is_of_provider)]
    return here[0] if len(here) == 1 else None


def _undecided(value: Value | None) -> str:
    """Why a setting is not known; empty where it is, or a variable decides it."""
    unknown = _unknown_in(value)
    why = unknown.reason if isinstance(unknown, Symbol) else ""
    return "" if unknown is None else why or f"it is not known what {unknown.shown} is, which decides who gets in"


def _of_bucket(made: Lowering, instance: Instance) -> str:
    """Why it is not known what is around the bucket that a policy is about; empty where that is known."""
    here = {"Ref": instance.address} if instance.type == _BUCKET else made.bucket(instance, "bucket")
    blocks = blocks_around_buckets(made)
    around = blocks.around(here)
    names = counting(made, instance)
    is_open = not around and _is_unknown(made, instance) and made.of_type(_BUCKET)
    # A block of which nobody knows the bucket may be around this one: the only one, or instead of another one.
    if is_open or (not _is_kept_by_account(made, names) and blocks.may_be_another_around(here)):
        reason = "it is not known which bucket is whose, and so whether a public access block is around it"
        return reason + (f"; {made.hint}" if made.hint else "")
    accounts = [(one, own) for one in made.of_type(ACCOUNT_BLOCK) if (own := is_of_own_account(made, one)) is not False]
    settings_ = (*around, *(one for one, _ in accounts))
    reasons = [_undecided(made.value(one, name)) for one in settings_ for name in names]
    if not _is_kept_by_account(made, names):
        is_any = any(value is not False for one, _ in accounts for value in _of(made, one).values())
        open_ = (one for one, own in accounts if own is None and is_any)
        reasons += [f"it is not known which account {one.address} is about" for one in open_]
        elsewhere = may_be_here(made, ACCOUNT_BLOCK)
        reasons += [
            f"it is not known which account {one.address} is about: {option}"
            for one, option in elsewhere
            if any(value is not False for value in _of(made, one).values())
        ]
    decided = any(_is_on(made, one, names) for one in around)
    if reason := "" if decided else next(filter(None, reasons), ""):
        return reason
    bucket = made.by_address.get(str(here.get("Ref"))) if isinstance(here, dict) else None
    # A new bucket refuses public policies by itself, until something else is set.
    is_old = REFUSING in names and (bucket is None or bucket.existed)
    there = (*around, *(one for one, is_own in accounts if is_own))
    late = comes_later(made, instance, there) if is_old else ""
    is_off = any(all(on is False for on in _of(made, one).values()) for one in around)
    # What is not read may be around it, too.
    late = late or ("" if is_off else made.snapshot.doubt)
    return late or ("" if _is_kept_by_account(made, names) else _left(made, bucket, around))


def _left(made: Lowering, bucket: Instance | None, around: Sequence[Instance]) -> str:
    """Why it is not known what is around a bucket that was there before; empty where that is known."""
    if bucket is None or not bucket.existed:
        return ""
    gone = [one for one in made.snapshot.deleted if one.type == PUBLIC_ACCESS_BLOCK and _is_of(made, one, bucket)]
    if around and gone:
        return f"the plan deletes {gone[0].address}, and it is not known whether before {around[0].address} is made"
    if not around and not gone:
        return f"{bucket.address} was there before, and it is not known whether a public access block is around it"
    return ""


def _is_of(made: Lowering, block: Instance, bucket: Instance) -> bool:
    name = made.known(block, "bucket")
    return name is not None and name in (made.known(bucket, "bucket"), made.known(bucket, "id"))


def _is_kept_by_account(made: Lowering, names: Sequence[str]) -> bool:
    """Whether some settings of the account are on, whatever is around a bucket: of several, the last one counts."""
    blocks = [(one, own) for one in made.of_type(ACCOUNT_BLOCK) if (own := is_of_own_account(made, one)) is not False]
    there = any(own and one.condition is None for one, own in blocks)
    return there and all(any(made.known(one, name) is True for name in names) for one, _ in blocks)


def _is_on(made: Lowering, block: Instance, names: Sequence[str]) -> bool:
    """Whether one of some settings of a block is on in any case."""
    return block.condition is None and any(made.known(block, name) is True for name in names)


def _unknown_in(value: Value | None) -> Unknown | None:
    """What nobody knows of a setting, if that may be what it is; a variable may be either."""
    if isinstance(value, Choice):
        return _unknown_in(value.then) or _unknown_in(value.otherwise)
    return value if isinstance(value, Unknown) and not isinstance(value, Variable) else None


def _is_unknown(made: Lowering, instance: Instance) -> bool:
    """Whether nothing is known of the bucket that a resource is about."""
    value = made.value(instance, "bucket")
    return isinstance(value, Symbol) or (isinstance(value, Choice) and isinstance(value.otherwise, Symbol))


def surround(made: Lowering, instances: Sequence[Instance]) -> None:
    """Put the settings against public policies, and websites, at the buckets that they are about."""
    blocks: dict[str, str] = {}
    for instance in instances:
        properties = made.resources.get(instance.address, {}).get("Properties")
        if instance.existed and instance.type in _BUCKETS and isinstance(properties, dict):
            # Only what is made now has settings by itself.
            properties.setdefault(BLOCK, {})
    for instance in instances:
        if instance.type == PUBLIC_ACCESS_BLOCK:
            _put(
                made, instance, BLOCK, _of(made, instance), {**dict(_written_besides(made, instance)), **blocks}, blocks
            )
        elif instance.type == "aws_s3_bucket_website_configuration":
            _put(made, instance, "WebsiteConfiguration", {"IndexDocument": "index.html"}, {}, {})
    accounts = [i for i in instances if i.type == ACCOUNT_BLOCK and is_of_own_account(made, i)]
    if any(value is not False for one in accounts for value in _of(made, one).values()):
        _note_buckets(made)
    for resource in made.resources.values():
        properties = resource.get("Properties")
        if resource["Type"] == BUCKET_POLICY and isinstance(properties, dict):
            names = (name for name, there in made.elsewhere.items() if there == properties.get("Bucket"))
            if (found := next(names, None)) is not None:
                properties["Bucket"] = {"Ref": found}
    _put_around_all(made, sorted(accounts, key=lambda one: one.condition is not None))
    for instance in instances:
        if instance.type in _HAVING_POLICIES and was_put_before(made, instance):
            here = {"Ref": instance.address} if instance.type == _BUCKET else made.bucket(instance, "bucket")
            _refuse_nothing(made, here)


def _refuse_nothing(made: Lowering, bucket: object) -> None:
    """Switch off at a bucket what does nothing to the policy that it has."""
    named = next((name for name, there in made.elsewhere.items() if there == bucket), None)
    name = named or (bucket.get("Ref") if isinstance(bucket, dict) else None)
    properties = made.resources.get(str(name), {}).get("Properties")
    if isinstance(properties, dict) and BLOCK in properties:
        properties[BLOCK] = not_refusing(properties[BLOCK])


def _note_buckets(made: Lowering) -> None:
    """
    Note the buckets that have a policy and are made elsewhere: only the account that owns one may give it a policy.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
    """
    for address, resource in [*made.resources.items()]:
        properties = resource.get("Properties")
        named = properties.get("Bucket") if isinstance(properties, dict) else None
        is_known = isinstance(named, dict) and (named.get("Ref") in made.resources or "Fn::If" in str(named))
        if resource["Type"] == BUCKET_POLICY and named and not is_known and named not in made.elsewhere.values():
            name = f"{address}.bucket"
            made.elsewhere[name] = named
            made.resources[name] = {"Type": _AWS_BUCKET, "Properties": {"BucketName": named, BLOCK: {}}}


def _of(made: Lowering, instance: Instance) -> dict[str, object]:
    given = {name: value for name in SETTINGS.values() if (value := made.value(instance, name)) is not None}
    found = settings(made, given, absent=False)
    # What nobody writes is off as well, and nobody is said to have switched it off.
    return {setting: value for setting, value in found.items() if SETTINGS[setting] in given} or found


def is_of_own_account(made: Lowering, instance: Instance) -> bool | None:
    """Whether the settings of an account are those of the account of the template; None where that is not known."""
    account = made.text(instance, "account_id")
    if account is ABSENT or account == {"Ref": "AWS::AccountId"}:
        return True
    return account == made.home.account if isinstance(account, str) and made.home.account is not None else None


def _put_around_all(made: Lowering, accounts: Sequence[Instance]) -> None:
    """
    Put the settings of the account at all its buckets, where they hold besides.

    Args:
        accounts: what sets them, what is there in any case first; of several, the one that was applied last is there.
    """
    each = [(one, {key: value for key, value in _of(made, one).items() if value is not False}) for one in accounts]
    for resource in made.resources.values():
        properties = resource.get("Properties")
        if not any(given for _, given in each) or resource["Type"] != _AWS_BUCKET or not isinstance(properties, dict):
            continue
        block = found = properties.get(BLOCK)
        by_itself = block if isinstance(block, dict) else {}
        deciding = [setting for setting, name in SETTINGS.items() if name in (REFUSING, RESTRICTING)]
        if not any(by_itself.get(setting) is True for setting in deciding):
            resource[KEPT_BY_ACCOUNT] = True
        for number, (one, given) in enumerate(each):
            own = _with(block, given)
            last = [_counts(one, other) for other, _ in each[:number]]
            found = made.where(one, _where(made, last, own, found) if last else own, found)
        properties[BLOCK] = found


def _counts(one: Instance, other: Instance) -> Condition:
    """What must hold for the settings of one instance to count beside those of another one, which may not be there."""
    replaces = Undecided(f"{one.address}{REPLACES}{other.address}", is_expression=False)
    return replaces if other.condition is None else AnyOf((Not(other.condition), replaces))


def _with(block: object, given: Mapping[str, object]) -> object:
    """The settings of a bucket with those of its account."""
    if isinstance(block, dict) and isinstance(found := block.get("Fn::If"), list):
        return {"Fn::If": [found[0], *(_with(side, given) for side in found[1:])]}
    if not isinstance(block, dict) or "Ref" in block:
        # A new bucket has them on by itself.
        return {key: value for key, value in given.items() if value is True} or block or {"Ref": "AWS::NoValue"}
    return {**given, **{key: value for key, value in block.items() if value is True or key not in given}}


def _written_besides(made: Lowering, block: Instance) -> Iterator[tuple[str, str]]:
    """
    The buckets, by address and name, whose own settings the plan writes, as Cloud Control lets it, without a block
    around them waiting for that: either of the two may be the last. Of a bucket that is made anew, a block that stays
    as it is has gone.
    """
    before = {one.address: one for one in made.snapshot.replaced}
    for address, was in before.items():
        now = made.by_address.get(address)
        if was.type != _CLOUD_CONTROL_BUCKET or now is None:
            continue
        is_as_before = block.existed and block.address not in before
        if _is_written_anew(was, now) and (is_as_before or comes_whenever(made.snapshot, block, now)):
            # Such a bucket may be named by its name, too.
            yield from ((name, address) for name in (address, *texts_of(now, "bucket_name")))


def _put(
    made: Lowering, instance: Instance, key: str, value: object, others: Mapping[str, str], put: dict[str, str]
) -> None:
    """
    Put something at the buckets that an instance may be about, at each where it is there.

    Args:
        others: by bucket, what is there in any case of what was put there before.
        put: receives this one, likewise.
    """
    named = named_bucket(made, instance)
    if named is None:
        return
    for bucket, conditions in leaves(named, ()):
        found = made.bucket_of(bucket)
        name = found["Ref"] if isinstance(found, dict) and "Ref" in found else None
        resource = made.resources.get(str(name)) if name is not None else None
        before: object = None
        if resource is None:
            # Somebody else makes the bucket, and this is all that is said of it.
            own = f"{instance.address}.bucket{len(made.elsewhere) or ''}"
            name = next((name for name, there in made.elsewhere.items() if there == found), own)
            made.elsewhere[name] = found
            resource = made.resources.setdefault(name, {"Type": _AWS_BUCKET})
            resource.setdefault("Properties", {"BucketName": found})
            before = {}
        if resource["Type"] == _AWS_BUCKET:
            properties = resource["Properties"]
            assert isinstance(properties, dict)
            before = properties.get(key, before)
            replaces: tuple[Condition, ...] = ()
            if (first := others.get(str(name), others.get(str(found)))) is not None:
                written = made.resources.get(first, {}).get("Properties")
                if key not in properties and isinstance(written, dict):
                    before = written.get(key, before)
                # Of two, the one that was applied last is there.
                replaces = (Undecided(f"{instance.address}{REPLACES}{first}", is_expression=False),)
            own_condition = () if instance.condition is None else (instance.condition,)
            properties[key] = _where(made, (*own_condition, *conditions, *replaces), value, before)
            if instance.condition is None and not conditions:
                put[str(name)] = instance.address


def switched_off(made: Lowering, instances: Iterable[Instance]) -> Iterator[Claim]:
    """Of which buckets that other templates make it switches off what keeps their policies private."""
    for instance in instances:
        if instance.type == PUBLIC_ACCESS_BLOCK and not any(
            made.known(instance, name) is True for name in SETTINGS.values()
        ):
            named = made.bucket(instance, "bucket")
            own = made.by_address.get(str(named.get("Ref"))) if isinstance(named, dict) else None
            # A bucket that was there before may be that of another template.
            if own is None or own.existed:
                yield from claims_to_others(made, AROUND_BUCKET, "Bucket", [named], ())
    for address, was in ((one.address, one) for one in made.snapshot.replaced if one.type == _CLOUD_CONTROL_BUCKET):
        now = made.by_address.get(address)
        if now is None or made.homes.of(now.provider) != made.home or not _is_written_anew(was, now):
            continue
        written = now.values.raw(_OWN_SETTINGS) if isinstance(now.values, KnownValues) else None
        said = written if isinstance(written, dict) else {}
        # A new bucket has all of them on where nobody says otherwise.
        if not any(said.get(name) is True for name in SETTINGS.values()) and (now.existed or said):
            yield from (Claim(AROUND_BUCKET, (name,)) for name in texts_of(now, "bucket_name"))


def _is_written_anew(was: Instance, now: Instance) -> bool:
    """Whether a plan writes the settings that a bucket has by itself."""
    values = [one.values.raw(_OWN_SETTINGS) for one in (was, now) if isinstance(one.values, KnownValues)]
    return not now.existed or values[:1] != values[1:]


def _where(made: Lowering, conditions: Iterable[Condition], value: object, otherwise: object) -> object:
    """A value that is only there where some conditions hold."""
    other = {"Ref": "AWS::NoValue"} if otherwise is None else otherwise
    asked = tuple(conditions)
    if len(asked) > 1 and isinstance(otherwise, dict) and "Fn::If" in otherwise:
        # Written once for each condition, it would double with each place that something is put at.
        asked = (AllOf(asked),)
    for condition in reversed(asked):
        value = {"Fn::If": [made.condition(condition), value, other]}
    return value
