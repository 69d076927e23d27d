"""
Why nobody can use a statement, in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_SAML, ASSUME_ROLE_WITH_WEB_IDENTITY, STS_ACTIONS, lookup
from trustproof.aws.oidc_issuers import tenancy
from trustproof.engine.conflict import Conflict
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.request_space import longest
from trustproof.engine.search import Literal
from trustproof.model.arn import is_account
from trustproof.model.document import Document
from trustproof.model.policy import DENY, Condition, Principal, Statement
from trustproof.model.request import CREDENTIALS, USERS, WEB_IDENTITY, Request
from trustproof.model.text import NO_PRINCIPALS
from trustproof.properties.edits import as_written, change, replace, version
from trustproof.properties.question import Finding, Subject
from trustproof.properties.sentences import deny_name, elsewhere, sentence, variable_keys, variables
from trustproof.properties.shared.key_statements import is_without_effect
from trustproof.properties.shared.refused_elements import refused_elements
from trustproof.properties.shared.regions import may_allow
from trustproof.properties.shared.resource_shapes import misshapen_arns
from trustproof.properties.shared.web_identity_providers import host_and_claim, providers
from trustproof.properties.wording.unmet_condition import MFA_KEYS, NOT_ABOUT, TIME_KEYS, condition_of, impossible
from trustproof.results.edit import set_value
from trustproof.results.result import NOTE, WARNING, Remedy
from trustproof.spec.decision import decide

#: Shapes of keys whose values have two characters at least.
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_TWO_AT_LEAST = ("session-name", "source-identity", "external-id")
#: The ARN of a principal, with a place for the id of the account.
_PRINCIPAL_ARN = "arn:aws:iam::ACCOUNT:root"
#: What stands in examples where an id of an account is to be put, and AWS takes none of these.
_COUNTED = "1234567890" * 3
#: How many digits tell a number that is counted out from another one.
_DIGITS_AT_LEAST = 4
#: What has an ARN of IAM or STS and assumes no role.
_NO_CALLER = {
    "group": "a group is no principal, only its users are",
    "mfa": "an MFA device is no principal",
    "policy": "a policy is no principal",
    "federated-user": "a federated user session cannot assume a role",
}


def unusable_finding(
    subject: Subject, statement: Statement, conflict: Conflict | None, request: Request | None
) -> Finding:
    """Word a statement that nobody can use."""
    role = subject.document.logical_id
    name = f"statement {statement.sid} of {role}" if statement.sid else f"a statement of {role}"
    message = f"nobody can use {name}"
    if is_without_effect(subject.document, statement):
        is_open = statement.principals is None or any(one.value == "*" for one in statement.principals)
        return Finding(
            message,
            "KMS heeds no statement without a Resource",
            statement.path,
            ("a statement of a key policy without Resource is about no key: KMS takes it, and it has no effect",),
            Remedy(
                'give it a Resource: "*" is the key that the policy stands on',
                # Nobody is shown how to let in everybody.
                () if is_open else (set_value((*statement.path, "Resource"), None, "*"),),
            ),
        )
    if refused := refused_elements(subject.document.kind, statement):
        first, *_ = refused
        of_element = [one for one in refused if one.element == first.element]
        return Finding(
            message,
            first.label,
            (*statement.path, first.element),
            tuple(dict.fromkeys(one.why for one in refused)),
            Remedy("; ".join(dict.fromkeys(one.instead for one in of_element))),
        )
    if conflict is None:
        return _nobody_named(subject, statement, message)
    if conflict.impossible:
        return impossible(subject, statement, conflict, message)
    if conflict.conflicting:
        return _conflict(statement, conflict.conflicting, message)
    if conflict.facts and not conflict.denied:
        return _against_facts(subject, statement, conflict, message)
    if subject.permissions_boundary is not None and not conflict.denied:
        return _outside_the_boundary(subject.permissions_boundary, statement, message)
    if not conflict.denied:
        return _not_the_whole_call(subject, statement, conflict, message)
    return _denied(subject, statement, request, message)


def _nobody_named(subject: Subject, statement: Statement, message: str) -> Finding:
    """Principal names nobody who exists and can call."""
    element = "Principal" if statement.principals is not None else "NotPrincipal"
    why: list[str] = []
    text = "name a principal of this partition that can call sts:AssumeRole or one of its relatives"
    for value in [str(entry.value) for entry in statement.principals or () if entry.kind == "Federated"]:
        account = value.split(":", 5)[4] if value.count(":") >= 5 else subject.account
        if account.isdigit() and not is_account(account):
            why.append(f"an account id has {len(subject.account)} digits, and {account} has {len(account)}: {value}")
            text = "name the provider by its ARN, whose account has an id of 12 digits"
        elif ":oidc-provider/" in value and account != subject.account:
            why.append(f"STS looks for a provider in the account of the role, {subject.account}: {value} is elsewhere")
            text = f"create the provider in the account {subject.account} as well, and name it"
    for said in filter(None, map(_by_name, statement.principals or ())):
        why.append(said)
        text = "name the principal by its ARN: the attribute Arn of a user or role"
    for value in [str(entry.value) for entry in statement.principals or () if entry.kind == "AWS"]:
        fields = value.split(":", 5)
        if value.startswith("arn:") and (wrong := _no_arn(fields, subject.account)):
            why.append(f"{wrong}: {value}")
            text = "name the principal by its ARN, or its account by an id of 12 digits"
        elif value.isdigit() and not is_account(value):
            why.append(f"an account id has {len(subject.account)} digits, and this is none: {value}")
            text = "name the account by its id of 12 digits, in quotes"
        elif len(fields) == 6 and set(value) & set("*?"):
            why.append(f"a wildcard in the ARN of a Principal is an ordinary character: {value}")
            text = "name the account, and test aws:PrincipalArn with ArnLike"
        elif len(fields) == 6 and subject.partition and fields[1] != subject.partition:
            why.append(f"access does not reach from one partition to another: {value} is not in {subject.partition}")
        elif len(fields) == 6 and (kind := fields[5].partition("/")[0]) in _NO_CALLER:
            why.append(f"{_NO_CALLER[kind]}: {value}")
    found = Finding(
        message, "no caller that this names can exist", (*statement.path, element), tuple(why), Remedy(text)
    )
    named = [str(entry.value) for entry in statement.principals or ()]
    return _of_an_example(found, named) if named and all(map(_counted, named)) else found


def _counted(text: str) -> str:
    """
    The number in the place of an account that is only counted out, as in an example, or is nothing but zeros, which
    stand where nobody has given one; empty where there is none.
    """
    account = text.split(":", 5)[4] if text.startswith("arn:") and text.count(":") >= 5 else text
    is_example = len(account) >= _DIGITS_AT_LEAST and _COUNTED.startswith(account)
    is_nothing = account.startswith("0") and not account.strip("0")
    return account if (is_example or is_nothing) and not is_account(account) else ""


def _of_an_example(found: Finding, texts: Sequence[str]) -> Finding:
    """The finding about numbers that are to be replaced before anything is deployed, which fails no build."""
    numbers = " and ".join(dict.fromkeys(map(_counted, texts)))
    return found._replace(
        remedy=Remedy(f"put the id of the account, of 12 digits, in the place of {numbers}"), severity=NOTE
    )


def names_nobody(entry: Principal, account: str) -> bool:
    """
    Whether an entry of a Principal can be no AWS principal by its words alone: a mere name, or an ARN without account.

    Args:
        account: that of the policy.
    """
    value = str(entry.value)
    is_number = entry.kind == "AWS" and value.isdigit() and not is_account(value)
    is_arn = entry.kind == "AWS" and value.startswith("arn:")
    return is_number or bool(_by_name(entry)) or (is_arn and bool(_no_arn(value.split(":", 5), account)))


def _by_name(entry: Principal) -> str:
    """What is said of an entry that is a mere name; empty of another one."""
    value = entry.value
    if not isinstance(value, str):
        named = [one.name for one in value.symbols if one.holds in NO_PRINCIPALS]
        return f"a name or an id of {named[0]} is no principal: {value}" if value.names_resource else ""
    if not value:
        return "the principal is an empty text" if entry.kind == "AWS" else ""
    is_other = ":" in value or value.isdigit() or value.startswith(("AIDA", "AROA")) or set(value) & set("*?")
    return "" if entry.kind != "AWS" or is_other else f"a name is no principal: {value}"


def _no_arn(fields: Sequence[str], account: str) -> str:
    """What keeps a text from being the ARN of a principal; empty where nothing does."""
    if len(fields) < len(_PRINCIPAL_ARN.split(":")):
        return f"this is no ARN of a principal, as {_PRINCIPAL_ARN} is"
    named = fields[4]
    if is_account(named) or set(named) & set("*?"):
        return ""
    if named.isdigit():
        return f"an account id has {len(account)} digits, and {named} has {len(named)}"
    return "an ARN of a principal has an account id in its fifth field"


def _conflict(statement: Statement, literals: Sequence[Literal], message: str) -> Finding:
    """Parts of the statement that exclude each other."""
    found = [c for literal in literals if (c := condition_of(statement, literal)) is not None]
    path = next((c.path for c in found if c.path), statement.path)
    labels = list(dict.fromkeys(literal.label for literal in literals))
    whole = ", ".join(labels[:-1]) + f" and {labels[-1]}" if len(labels) > 1 else f"{labels[0]} and the rest"
    return Finding(
        message,
        "this and the other conditions exclude each other",
        path,
        (f"each can be met, and no request meets all of them: {whole}",),
        Remedy("remove one of the conditions that exclude each other, or make two statements of them"),
    )


def _against_facts(subject: Subject, statement: Statement, conflict: Conflict, message: str) -> Finding:
    """Conditions that exclude each other, or the principal, by what is known of requests."""
    dimensions = {literal.dimension for fact in conflict.facts for literal in fact.literals}
    if dimensions == {"action", "resource"}:
        wrong = misshapen_arns(statement)
        texts = [str(one) for one in statement.resources or ()]
        found = Finding(
            message,
            NOT_ABOUT,
            (*statement.path, "Resource" if statement.resources is not None else "NotResource"),
            tuple(map(str, wrong)) or tuple(fact.label for fact in conflict.facts),
            Remedy("name resources that the actions are about"),
        )
        return _of_an_example(found, texts) if texts and all(map(_counted, texts)) else found
    if dimensions == {"action", "resource", "caller"}:
        return Finding(
            message,
            "these actions reach no other account",
            (*statement.path, "Resource" if statement.resources is not None else "NotResource"),
            tuple(fact.label for fact in conflict.facts),
            Remedy("name resources of the account of whoever has the policy; into another one, people assume a role"),
        )
    tested = [c for c in statement.conditions if key_dimension(c.key.lower()) in dimensions]

    hosts = [host for host in providers(subject.policy).hosts if conflict.space.kind == WEB_IDENTITY]
    foreign = [c for c in tested if host_and_claim(c.key)[0] and not _is_claim_of(c, hosts)]
    if foreign and hosts:
        named = " or ".join(hosts)
        return Finding(
            message,
            f"a token of {named} carries no such claim",
            foreign[0].path or statement.path,
            (*(fact.label for fact in conflict.facts), f"Principal names {named}"),
            Remedy(f"test a claim of {named}, the provider that Principal names"),
        )
    issuers = {host_and_claim(c.key)[0] for c in tested}
    if all(c.key.lower().endswith(":sub") for c in tested) and len(issuers) == 1 and "" not in issuers:
        issuer = tenancy(*issuers)
        form = issuer.remedy[2]
        return Finding(
            message,
            f"no token of {issuer.name} has such a subject",
            tested[0].path or statement.path,
            tuple(fact.label for fact in conflict.facts),
            Remedy(f"write the subject as the provider does, for example {form}"),
        )
    return Finding(
        message,
        "no request has this together with the rest",
        tested[0].path if tested and tested[0].path else statement.path,
        (*(fact.label for fact in conflict.facts), *_lengths(tested)),
        Remedy("remove one of the conditions that exclude each other, or make two statements of them"),
    )


def _lengths(conditions: Sequence[Condition]) -> Iterator[str]:
    """How long the values of keys are of which AWS STS takes no others: what is compared with one may be shorter."""
    for name in dict.fromkeys(one.key for one in conditions):
        if (most := longest(lookup(name))) is not None and lookup(name).shape in _TWO_AT_LEAST:
            yield f"a value of {name} has 2 to {most} characters"


def _outside_the_boundary(permissions_boundary: Document, statement: Statement, message: str) -> Finding:
    """What a statement allows, the permissions boundary does not."""
    name = permissions_boundary.name if permissions_boundary.is_foreign else permissions_boundary.logical_id
    return Finding(
        message,
        "the permissions boundary allows nothing of this",
        statement.path,
        (f"a request is allowed where the permissions boundary {name} allows it too, and it allows none of these",),
        Remedy(f"allow in {name} what this statement is for, or remove the statement"),
    )


def _is_claim_of(condition: Condition, hosts: Sequence[str]) -> bool:
    return any(condition.key.lower().startswith(f"{host.lower()}:") for host in hosts)


def _not_the_whole_call(subject: Subject, statement: Statement, conflict: Conflict, message: str) -> Finding:
    """A call needs several actions, and nothing allows the others to these callers."""
    region = conflict.nearest.region
    asked = STS_ACTIONS.get(region.space.action, region.space.action)
    needed = [space.action for space in region.also]
    missing = [action for action in needed if not may_allow(subject.policy, action)] or needed
    others = [STS_ACTIONS.get(action, action) for action in missing]
    named = " and ".join(others)
    entries = statement.principals or ()
    if entries and all(entry.kind == "Federated" and not isinstance(entry.value, str) for entry in entries):
        # Whether its users come with assertions or with tokens, the provider decides, and nobody knows which it is.
        calls = " or ".join(STS_ACTIONS[call] for call in (ASSUME_ROLE_WITH_SAML, ASSUME_ROLE_WITH_WEB_IDENTITY))
        return Finding(
            message,
            f"nothing allows the call that {asked} is a part of",
            statement.path,
            (f"a call that needs {asked} needs {calls} too, and nothing allows one of them",),
            Remedy(f"allow the one that the provider's users call: {calls}"),
        )
    if not others:
        what = "nobody who has this policy makes such a request"
        return Finding(message, what, statement.path, remedy=Remedy("correct the statement, or remove it"))
    return Finding(
        message,
        f"these callers may not call {named}",
        statement.path,
        (f"{CREDENTIALS[region.space.kind]}: a call that needs {asked} needs {named} too, and nothing allows that",),
        Remedy(
            f"allow {named} as well",
            replace(statement, "Action", (*statement.actions, *others)) if statement.actions else (),
        ),
    )


def _denied(subject: Subject, statement: Statement, request: Request | None, message: str) -> Finding:
    """Every request that the statement allows is denied; the nearest one says by what."""
    finding = Finding(
        message,
        "every request that this allows is denied",
        statement.path,
        ("each request that meets this statement also meets a Deny of the same policy",),
        Remedy("narrow the Deny, or remove this statement"),
    )
    if request is None:
        return finding
    own = [(None, one) for one in decide(subject.policy, request).explanations]
    why: list[str] = []
    remedy = finding.remedy
    timed = []
    for document, one in [*own, *elsewhere(subject, request)]:
        if one.statement.effect != DENY or not one.applies:
            continue
        policy = subject.policy if document is None else document.policy
        name = deny_name(one.statement, document)
        timed.append(any(tested.condition.key.lower() in TIME_KEYS for tested in one.conditions))
        for tested in one.conditions:
            why += [
                f"{name} applies: {sentence(tested)}",
                *variables(tested.condition, policy, request.context),
            ]
            if variable_keys(tested.condition) and not policy.has_variables:
                remedy = Remedy("give the policy the version that has policy variables", version(policy))
            elif tested.condition.key.lower() in MFA_KEYS and tested.value is None and request.caller.kind not in USERS:
                # These carry no MFA key, and a Deny that asks for it stops them all.
                users = ("ArnLike", "aws:PrincipalArn", ("arn:*:iam::*:user/*",))
                lines = change(as_written(subject, one.statement), (), (users,), whole=True)
                remedy = Remedy(f"{CREDENTIALS[request.caller.kind]}: never with MFA; keep the Deny to users", lines)
        if not one.conditions:
            why.append(f"{name} applies to {request.caller.display_arn} whatever the request carries")
    # What was to end, ended without a change by anybody.
    severity = WARNING if timed and all(timed) else finding.severity
    return finding._replace(why=tuple(dict.fromkeys(why)) or finding.why, remedy=remedy, severity=severity)
