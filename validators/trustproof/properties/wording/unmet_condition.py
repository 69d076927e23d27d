"""
A condition, or an action, that none of the callers meets whom a statement means, in words.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.aws.condition_keys import NEVER, STS_ACTIONS, is_misspelt, lookup, spelling
from trustproof.aws.oidc_claims import claims
from trustproof.aws.service_principals import FOR_ORGANIZATIONS, global_name
from trustproof.engine.conflict import Conflict
from trustproof.engine.denote import describe, type_mismatch
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import not_text
from trustproof.engine.operands import SPECIAL, Variable, split_variables
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Literal
from trustproof.escaping.text import first_of
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Path, Statement
from trustproof.model.request import CREDENTIALS, SERVICE, USER_KEY_MFA, USER_SESSION_MFA
from trustproof.model.text import Text
from trustproof.properties.edits import as_written, change, replace, version
from trustproof.properties.question import Finding, Subject
from trustproof.properties.sentences import nearest_key, variable_keys, variables
from trustproof.properties.shared.plain_values import has_wildcard
from trustproof.properties.shared.regions import EXTRAS, may_allow
from trustproof.properties.shared.resource_shapes import misshapen_arns
from trustproof.properties.shared.web_identity_providers import host_and_claim
from trustproof.properties.wording.value_forms import ANOTHER_KEY, CORRECT_IT, of_wrong_form
from trustproof.results.edit import Edit
from trustproof.results.result import NOTE, REFUTED, WARNING, Remedy, Verdict
from trustproof.sets.patterns import exact
from trustproof.sets.strings import StringSet

#: How the reason ends that a list is empty which a statement is about.
ABOUT_NOTHING = "is empty, so that the statement is about nothing"
#: What is compared, by the family of the operator.
_OPERANDS = {
    "bool": "true or false",
    "null": "true or false",
    "numeric": "a number",
    "date": "a date such as 2026-01-01T00:00:00Z, or the seconds since 1970",
    "ip": "an address or a CIDR block",
}
_EXACT = ("StringEquals", "StringEqualsIgnoreCase")
_AGE = "aws:multifactorauthage"
TIME_KEYS = ("aws:currenttime", "aws:epochtime")
_TIME = key_dimension(TIME_KEYS[0])
MFA_KEYS = ("aws:multifactorauthpresent", _AGE)
_WITH_MFA = (USER_KEY_MFA, USER_SESSION_MFA)
#: What is said of a resource that no action of its statement is about.
NOT_ABOUT = "no action here is about such a resource"
#: How values of keys are shown of which there is one.
_ALWAYS = "always "
#: What a tag has that switches something on, and what it has while that is off.
_SWITCHES = {"true": "false", "yes": "no", "on": "off", "enabled": "disabled", "active": "inactive"}
#: What a call needs besides the action that gets credentials.
_BESIDES = tuple(needed for needed, _ in EXTRAS)


def impossible(subject: Subject, statement: Statement, conflict: Conflict, message: str) -> Finding:
    """A part of the statement that none of the callers meets whom it means."""
    # What a day has ended is the least of what is wrong.
    literal = next((one for one in conflict.impossible if one.dimension != _TIME), conflict.impossible[0])
    space = conflict.space
    credentials = CREDENTIALS[space.kind]
    condition = condition_of(statement, literal)
    path = _path(statement, literal)
    if literal.dimension == "action":
        return _wrong_action(statement, STS_ACTIONS.get(space.action, space.action), credentials, message)
    if literal.dimension == "resource" and (missing := _unnamed(subject, statement, space)):
        why = f"{credentials}: {missing} is never in the request, so ${{{missing}}} names no resource"
        element = (*statement.path, "Resource")
        remedy = Remedy("name the resources, or use a key that this kind of caller has")
        return Finding(message, "this policy variable has no value here", element, (why,), remedy)
    if condition is None:
        is_named = literal.dimension == "resource"
        return _of_nothing(statement, message) if is_named else Finding(message, f"never true: {literal.label}", path)
    written = as_written(subject, statement)
    without = change(written, [c for c in written.conditions if (c.operator, c.key) == condition[:2]])
    key = spelling(condition.key)
    if is_misspelt(condition.key):
        meant = nearest_key(condition.key)
        return Finding(
            message,
            "no request carries this key",
            path,
            (f"{condition.key} is not a condition key, so {condition.operator} is never true",),
            Remedy(
                f"did you mean {meant}?" if meant else "use a key that AWS has",
                _instead(written, condition, condition.operator, meant, condition.operands) if meant else (),
            ),
        )
    operator = parse_operator(condition.operator)
    if operator is not None and space.settled and (unread := type_mismatch(condition)):
        return Finding(
            message,
            "nothing compares with this value",
            path,
            (f"{unread}; it is taken to match nothing",),
            Remedy(f"write {_OPERANDS[operator.family]}"),
        )
    if operator is not None and operator.base in _EXACT and has_wildcard(condition):
        like = condition.operator.replace("IgnoreCase", "").replace("Equals", "Like")
        return Finding(
            message,
            "a wildcard is an ordinary character here",
            path,
            (f"{condition.operator} compares letter by letter, and no value of {key} has a * or ?",),
            Remedy(f"write the value out in full; a pattern needs {like}, and lets in whatever it matches"),
        )
    found = lookup(condition.key)
    if found.known and (found.presence(space.kind, space.action) == NEVER or _needs(subject, condition)):
        return _never_sent(subject, statement, conflict, condition, message, without)
    if (noted := _variables(subject, condition, conflict)) is not None:
        why, remedy = noted
        return Finding(message, "this policy variable has no value here", path, (why,), remedy)
    if condition.key.lower() in MFA_KEYS and space.kind not in _WITH_MFA:
        return _no_mfa(subject, condition, credentials, message, path, without, f"{key} is never true")
    if condition.key.lower() == _AGE:
        return Finding(
            message,
            "no MFA has such an age",
            path,
            (f"{key} counts the seconds since the MFA, so {literal.label} is never true",),
            Remedy(
                "give an upper bound in seconds",
                _instead(written, condition, "NumericLessThanEquals", key, ("3600",)),
            ),
        )
    if condition.key.lower() in TIME_KEYS:
        return Finding(
            message,
            "this time is past",
            path,
            (f"{literal.label} is true of no moment that is still to come",),
            Remedy("take the statement out, or give it a later time"),
            # It was written to end, and did so without a change by anybody.
            severity=WARNING,
        )
    if condition.key.lower() == "aws:sourceip":
        return Finding(
            message,
            "AWS sees no private address here",
            path,
            (f"{key} is a public address, and absent behind a VPC endpoint, so {literal.label} is never true",),
            Remedy("name the public addresses, or test aws:VpcSourceIp together with aws:SourceVpc"),
        )
    if (formed := of_wrong_form(condition, literal.label, message, path, found.shape)) is not None:
        return formed
    only = _only_value(space, condition)
    if _is_switched_off(condition, only):
        return Finding(
            message,
            "the tag that switches this on has another value",
            path,
            (f"{credentials}: {key} is {only}, which is taken to be meant",),
            Remedy(f"whoever is to use it sets the tag {key.partition('/')[2]} first; if nobody is to, remove it"),
            # Break-glass access is written so, and whoever needs it changes the tag.
            severity=NOTE,
        )
    return Finding(
        message,
        "no caller of this kind sends a value that this matches",
        path,
        (f"{credentials}: {key} is {only}" if only else f"{credentials}: no value of {key} meets {literal.label}",),
        Remedy(f"{CORRECT_IT}{ANOTHER_KEY} {key}"),
    )


def _unnamed(subject: Subject, statement: Statement, space: RequestSpace) -> str:
    """A key that every entry of Resource needs as a policy variable, and that no request of a request space carries."""
    found = ""
    for entry in statement.resources or () if subject.policy.has_variables else ():
        keys = [part.key for part in split_variables(str(entry)) if isinstance(part, Variable) and part.default is None]
        missing = [key for key in keys if key not in SPECIAL and space.presence(lookup(key)) == NEVER]
        if not missing:
            return ""
        found = found or spelling(missing[0])
    return found


def _wrong_action(statement: Statement, needed: str, credentials: str, message: str) -> Finding:
    """Action covers nothing that such a caller calls."""
    element, listed = "Action", statement.actions
    if listed is None:
        element, listed = "NotAction", statement.not_actions
    allowed = " and ".join(map(str, listed or ())) or "nothing"
    why = f"allows {allowed}" if element == "Action" else f"allows everything but {allowed}"
    if not needed:
        # Of a policy that is on no role: there is no one action that it has to allow.
        return Finding(
            message,
            "no request to this resource is for these actions",
            (*statement.path, element),
            (f"this {why}, and AWS asks the policy about requests to its own resource only",),
            Remedy("allow actions on the resource that has the policy, or take the statement out"),
        )
    besides = [a for a in statement.actions or () if str(a).lower() in _BESIDES]
    return Finding(
        message,
        "this principal cannot call these actions",
        (*statement.path, element),
        (f"{credentials}: gets credentials by {needed}, and this {why}",),
        Remedy(
            f"allow {needed}, which is what this principal calls",
            replace(statement, element, (needed, *besides), "Action"),
        ),
    )


def _never_sent(
    subject: Subject,
    statement: Statement,
    conflict: Conflict,
    condition: Condition,
    message: str,
    without: tuple[Edit, ...],
) -> Finding:
    """A condition on a key that is in no request of these callers."""
    space = conflict.space
    key, credentials = lookup(condition.key), CREDENTIALS[space.kind]
    path = condition.path or statement.path
    if condition.key.lower() in MFA_KEYS:
        return _no_mfa(subject, condition, credentials, message, path, without, f"{key.name} is never in the request")
    action = STS_ACTIONS.get(space.action, space.action)
    if key.presence(space.kind, "") != NEVER and (needed := _needs(subject, condition)):
        return Finding(
            message,
            f"nobody may send this without {needed}",
            path,
            (f"a call that passes {key.name} needs {needed} too, and no statement of this policy allows that",),
            Remedy(f"allow {needed} as well", _allowing(statement, action, needed)),
        )
    if key.actions is not None and space.action and space.action not in key.actions:
        others = " and ".join(STS_ACTIONS.get(a, a) for a in key.actions[:2])
        hint = "; MaxSessionDuration of the role bounds its sessions" if key.name == "sts:DurationSeconds" else ""
        return Finding(
            message,
            f"{action} never carries this key",
            path,
            (f"{key.name} is in requests for {others}, never in one for {action}, so {condition.operator} is false",),
            Remedy(f"take it out{hint}", without),
        )

    host, claim = host_and_claim(condition.key)
    if host and claim.lower() not in claims(host):
        known = sorted(claims(host))
        return Finding(
            message,
            "STS makes no condition key of this claim",
            path,
            (f"of the claims of {host} STS makes keys of {', '.join(known)}, so {condition.operator} is false",),
            Remedy("test one of these claims instead, or take it out", without),
        )
    return Finding(
        message,
        "these callers never send this key",
        path,
        (f"{credentials}: {key.name} is never in the request, so {condition.operator} is false",),
        *_instead_of(key.name, as_written(subject, statement), condition, space.kind, without),
    )


#: Keys of whoever calls that no service has.
_OF_CALLERS = ("aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")


def _instead_of(
    key: str, written: Statement, condition: Condition, kind: str, without: tuple[Edit, ...]
) -> tuple[Remedy, tuple[str, ...], Verdict, tuple[Remedy, ...]]:
    """The remedy where callers never send a key, and what a `Finding` has after it: what else would do."""
    out = Remedy(f"test a key that this kind of caller sends instead of {key}, or take it out", without)
    if kind == SERVICE and key in _OF_CALLERS:
        # It has no account or organization of its own, and says for whose it calls.
        source = key.replace("aws:Principal", "aws:Source")
        services = [global_name(str(entry.value)) for entry in written.principals or ()]
        if key != "aws:PrincipalAccount" and not {*services} <= {*FOR_ORGANIZATIONS}:
            text = f"test {source} instead of {key}, if the service sends it, or aws:SourceAccount"
            return Remedy(text), (), REFUTED, ()
        lines = _instead(written, condition, condition.operator, source, condition.operands)
        text = f"test {source}, by which a service says for whom it calls, instead of {key}"
        return Remedy(text, lines), (), REFUTED, ()
    principal = key.replace("aws:Source", "aws:Principal")
    if kind == SERVICE or key not in ("aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"):
        return out, (), REFUTED, ()
    # Whoever meant the account of the caller has named it already.
    lines = _instead(written, condition, condition.operator, principal, condition.operands)
    return Remedy(f"test {principal}, which this kind of caller has, instead of {key}", lines), (), REFUTED, (out,)


def _allowing(statement: Statement, action: str, needed: str) -> tuple[Edit, ...]:
    """The edits that let a statement allow what an action needs besides, where there is a plain way to write it."""
    if statement.actions is not None:
        return replace(statement, "Action", (*statement.actions, needed))
    listed = statement.not_actions or ()
    others = tuple(action for action in listed if str(action).lower() != needed.lower())
    if len(others) == len(listed):
        return ()
    if others:
        return replace(statement, "NotAction", others)
    return replace(statement, "NotAction", (action, needed), "Action")


def _of_nothing(statement: Statement, message: str) -> Finding:
    """What a statement names is nothing that a request at this policy is about."""
    element = "Resource" if statement.resources is not None else "NotResource"
    path = (*statement.path, element)
    if wrong := misshapen_arns(statement):
        about = Remedy("name resources that the actions are about")
        return Finding(message, NOT_ABOUT, path, tuple(map(str, wrong)), about)
    named = [str(one) for one in statement.resources or statement.not_resources or ()]
    why = (
        f"no request that is decided here is about {element} {first_of(named, 2, ' and ')}"
        if named
        else f"{element} {ABOUT_NOTHING}"
    )
    return Finding(message, "nothing that is asked for here", path, (why,), Remedy("name what the statement is about"))


def _needs(subject: Subject, condition: Condition) -> str:
    """The action that passing a key needs, where no statement allows that; the empty string elsewhere."""
    needed = next((action for action, keys in EXTRAS if condition.key.lower().startswith(keys)), "")
    is_asked = needed and subject.document.kind == TRUST and not may_allow(subject.policy, needed)
    return STS_ACTIONS[needed] if is_asked else ""


def _no_mfa(
    subject: Subject,
    condition: Condition,
    credentials: str,
    message: str,
    path: Path,
    without: tuple[Edit, ...],
    why: str,
) -> Finding:
    remedy = Remedy("remove the MFA condition here, and ask for MFA where a person signs in", without)
    if opened := list(dict.fromkeys(_without_mfa(subject))):
        # Alone, the change would give what the policy allows to whoever assumes the role without MFA.
        first = f"ask for MFA in the trust policy of {first_of(opened, 2, ' and ')}"
        remedy = Remedy(f"{first}, which lets people in without it, and then remove the MFA condition here")
    finding = (f"{credentials}: {why}, so {condition.operator} is false",)
    return Finding(message, "these callers never carry MFA information", path, finding, remedy)


def _without_mfa(subject: Subject) -> Iterator[str]:
    """The roles with an identity policy whose trust policies let in people without a demand for MFA."""
    if subject.document.kind != IDENTITY:
        return
    for trust in subject.neighbours.trusts_of_roles_with(subject.document):
        for statement in trust.policy.statements:
            entries = statement.principals or ()
            # Neither a role nor a service has MFA, and neither is asked for it.
            lets_in_people = statement.principals is None or any(
                entry.kind in ("AWS", "*") and ":role/" not in str(entry.value) for entry in entries
            )
            if statement.effect == ALLOW and lets_in_people and not any(map(_demands_mfa, statement.conditions)):
                yield trust.logical_id


def _demands_mfa(condition: Condition) -> bool:
    is_of_mfa = condition.key.lower() in MFA_KEYS
    return is_of_mfa and not condition.operator.lower().endswith("ifexists") and "false" not in condition.operands


def _variables(subject: Subject, condition: Condition, conflict: Conflict) -> tuple[str, Remedy] | None:
    """A condition that compares with policy variables that are none, or that these callers have no value for."""
    named = variable_keys(condition)
    if not named:
        return None
    if not subject.policy.has_variables:
        (why,) = variables(condition, subject.policy, {})
        return why, Remedy("give the policy the version that has policy variables", version(subject.policy))
    missing = next((key for key in named if conflict.space.presence(lookup(key)) == NEVER), None)
    if missing is None:
        return None
    credentials = CREDENTIALS[conflict.space.kind]
    return (
        f"{credentials}: {spelling(missing)} is never in the request, so nothing is equal to ${{{missing}}}",
        Remedy(f"compare with a key that this kind of caller has instead of {spelling(missing)}, or name users"),
    )


def _is_switched_off(condition: Condition, only: str) -> bool:
    """Whether a tag has a value that says that it is off, and the condition wants the one that says that it is on."""
    wanted = {_SWITCHES.get(str(one).lower()) for one in condition.operands}
    is_of_a_tag = condition.key.lower().startswith(("aws:principaltag/", "aws:resourcetag/", "iam:resourcetag/"))
    return is_of_a_tag and wanted == {only.removeprefix(_ALWAYS).lower()}


def _only_value(space: RequestSpace, condition: Condition) -> str:
    """What a key is in every request of a request space, where that is one value, in words."""
    found = space.domain(key_dimension(condition.key.lower()))
    present = found.present
    if found.absent or not isinstance(present, StringSet):
        return ""
    value = present.sample()
    if value is None or not (found & not_text(exact(value))).is_empty:
        return ""
    return f"{_ALWAYS}{value}"


def _instead(
    statement: Statement, condition: Condition, operator: str, key: str, values: tuple[Text, ...]
) -> tuple[Edit, ...]:
    """The edits that put one condition in the place of another."""
    dropped = [c for c in statement.conditions if (c.operator, c.key) == condition[:2]]
    return change(statement, dropped, ((operator, key, values),))


def condition_of(statement: Statement, literal: Literal) -> Condition | None:
    """The condition that a literal says; None where it says another part of the statement."""
    return next((c for c in statement.conditions if describe(c) == literal.label), None)


def _path(statement: Statement, literal: Literal) -> tuple[str | int, ...]:
    condition = condition_of(statement, literal)
    return condition.path if condition is not None and condition.path else statement.path
