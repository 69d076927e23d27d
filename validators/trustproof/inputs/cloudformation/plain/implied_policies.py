"""
Policies that stand nowhere, made a second time: of a permission's properties, and what SAM makes of serverless ones.

Nothing is taken from the reading that judges templates.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.aws.published import sam_policy_template
from trustproof.inputs.cloudformation.plain.reading import NOTHING, PlainReading
from trustproof.inputs.reads_again import NotReadAgain
from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Symbolic

_Object = Mapping[str, object]
#: Properties of a permission to the operator and key of the condition that AWS makes of each.
_DEMANDS = {
    # https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
    "AWS::Lambda::Permission": {
        "SourceArn": ("ArnLike", "aws:SourceArn"),
        "SourceAccount": ("StringEquals", "aws:SourceAccount"),
        "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
        "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
        "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
        "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    },
    "AWS::Lambda::LayerVersionPermission": {"OrganizationId": ("StringEquals", "aws:PrincipalOrgID")},
    "AWS::ACMPCA::Permission": {"SourceAccount": ("StringEquals", "aws:SourceAccount")},
    "AWS::Signer::ProfilePermission": {},
    "AWS::Events::EventBusPolicy": {},
    "AWS::QBusiness::Permission": {},
    "Trustproof::KMS::Grant": {},
}
#: Where such a resource names what it allows, and the service where the names are given without it.
_ALLOWED = {
    "AWS::ACMPCA::Permission": ("Actions", "acm-pca:"),
    "AWS::QBusiness::Permission": ("Actions", ""),
    "Trustproof::KMS::Grant": ("Operations", "kms:"),
}
#: Which service assumes the role that SAM makes.
_RUNS = {"AWS::Serverless::Function": "lambda", "AWS::Serverless::StateMachine": "states"}
_ROLE_PARTS = ("AssumeRolePolicyDocument", "Policies")
_LISTED = {"AwsAccountWhitelist": "Allow", "AwsAccountBlacklist": "Deny"}
_FENCED = {
    "IpRangeWhitelist": "NotIpAddress",
    "IpRangeBlacklist": "IpAddress",
    "VpcWhitelist": "StringNotEquals",
    "VpcBlacklist": "StringEquals",
}
_API: dict[str, object] = {"Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


def written_or_made(reading: PlainReading, path: Path) -> object | None:
    """
    What stands at a path, or the policy that is made of what stands there; None where there is none.

    Raises:
        NotReadAgain: that cannot be told.
    """
    type_, below = reading.type_of(path), path[2:]
    if type_ in _RUNS and _is_of_role(below) and not _has_role_made(reading, path):
        return None
    if below == () and type_ in _RUNS:
        return None if reading.written(path) is None else _policy([_lets_run(_RUNS[type_])])
    if type_ in _RUNS and below[1:2] == ("Policies",) and (made := _of_template(reading.written(path))) is not None:
        return reading.resolve(made)
    if below == ("Properties",) and type_ in _DEMANDS:
        return _permission(reading, type_, path)
    if below[-1:] == ("FunctionUrlConfig",):
        return _url(reading, path)
    if type_.startswith("AWS::Serverless::") and below[-1:] == ("ResourcePolicy",):
        return _api(reading, path)
    return reading.at(path)


def _policy(statements: list[object]) -> object:
    return {"Version": "2012-10-17", "Statement": statements}


def _object(value: object) -> _Object:
    if not isinstance(value, Mapping):
        raise NotReadAgain("what makes a policy is not known before deployment")
    return value


# -- permissions


def _permission(reading: PlainReading, type_: str, path: Path) -> object | None:
    written = reading.written(path)
    if written is None:
        return None
    raw = _object(written)
    if "Statement" in raw:
        statements = reading.resolve(raw["Statement"])
        return None if statements is NOTHING else {"Statement": statements}
    if "Conditions" in raw:
        raise NotReadAgain("the conditions of a permission are not read")
    given = {name: value for name, one in raw.items() if (value := reading.resolve(one)) is not NOTHING}
    name, service = _ALLOWED.get(type_, ("Action", ""))
    actions = given.get(name, "events:PutEvents" if type_ == "AWS::Events::EventBusPolicy" else None)
    demands: dict[str, dict[str, object]] = {}
    for element, (operator, key) in _DEMANDS[type_].items():
        if element in given:
            demands.setdefault(operator, {})[key] = given[element]
    if "Condition" in given:
        one = _object(given["Condition"])
        if type_ == "AWS::Events::EventBusPolicy":
            if not {"Type", "Key", "Value"} <= one.keys():
                raise NotReadAgain("a part of a condition is missing")
            demands[str(one.get("Type"))] = {str(one.get("Key")): one.get("Value")}
        else:
            demands = {operator: dict(_object(keys)) for operator, keys in one.items()}
    statement = {
        "Effect": "Allow",
        "Principal": _who(given.get("Principal")),
        "Action": _with_service(service, actions),
        "Resource": "*",
    }
    return _policy([{**statement, "Condition": demands} if demands else statement])


def _with_service(service: str, actions: object) -> object:
    if not service:
        return actions
    listed = actions if isinstance(actions, list) else [actions]
    names = [one for one in listed if isinstance(one, str)]
    if len(names) < len(listed) or any(":" in name and not name.startswith(service) for name in names):
        raise NotReadAgain("what a permission allows is not known before deployment")
    return [name if name.startswith(service) else service + name for name in names]


def _who(named: object) -> object:
    """``Principal`` for a name alone: a service is called by its host, everybody else by a number or an ARN."""
    if isinstance(named, Symbolic):
        shown = "".join("x" if isinstance(part, Symbol) else part for part in named.parts)
    elif isinstance(named, str):
        shown = named
    else:
        raise NotReadAgain("a permission has no principal")
    if shown == "*":
        return "*"
    return {"Service" if "." in shown and not shown.startswith("arn:") else "AWS": named}


# -- what SAM makes


def _lets_run(service: str) -> object:
    return {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def _of_template(written: object) -> object | None:
    """The policy of a policy template, before its functions are written out; None for what names no template."""
    if not isinstance(written, Mapping) or len(written) != 1:
        return None
    ((name, given),) = written.items()
    template = sam_policy_template(str(name))
    if template is None or not isinstance(given, Mapping):
        return None
    return _policy([_put_in(statement, given) for statement in template.statements])


def _put_in(part: object, given: _Object) -> object:
    if isinstance(part, Mapping):
        named = part.get("Ref")
        if isinstance(named, str) and named in given:
            return given[named]
        return {name: _put_in(value, given) for name, value in part.items()}
    return [_put_in(item, given) for item in part] if isinstance(part, list) else part


def _is_of_role(below: Path) -> bool:
    """Whether a path below a serverless resource leads to a part of the role that SAM makes for it."""
    return below == () or (below[:1] == ("Properties",) and below[1:2] in [(part,) for part in _ROLE_PARTS])


def _has_role_made(reading: PlainReading, path: Path) -> bool:
    """
    Whether SAM makes a role for a resource.

    Raises:
        NotReadAgain: several conditions decide that, which are judged as one.
    """
    resource = reading.written(path[:2])
    properties = resource.get("Properties") if isinstance(resource, Mapping) else None
    if not isinstance(properties, Mapping) or "Role" not in properties:
        return True
    if str(properties["Role"]).count("Fn::If") > 1:
        raise NotReadAgain("several conditions decide whether there is a role")
    return reading.resolve(properties["Role"]) is NOTHING


def _url(reading: PlainReading, path: Path) -> object | None:
    written = reading.written(path)
    if written is None or _object(written).get("AuthType") != "NONE":
        return None
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "lambda:InvokeFunctionUrl",
        "Resource": "*",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}},
    }
    return _policy([statement])


def _api(reading: PlainReading, path: Path) -> object | None:
    written = reading.written(path)
    if written is None:
        return None
    raw = _object(written)
    found: list[object] = []
    custom = reading.resolve(raw.get("CustomStatements", []))
    found += custom if isinstance(custom, list) else [custom]
    for name, effect in _LISTED.items():
        if raw.get(name):
            found.append({"Effect": effect, "Principal": {"AWS": reading.resolve(_items(raw[name]))}, **_API})
    for name, operator in _FENCED.items():
        tested = {key: reading.resolve(values) for key, values in _fences(raw, name).items()}
        if tested:
            found.append({"Effect": "Allow", "Principal": "*", **_API})
            found.append({"Effect": "Deny", "Principal": "*", "Condition": {operator: tested}, **_API})
    return _policy(found) if found else None


def _fences(raw: _Object, name: str) -> dict[str, object]:
    """Condition keys to the addresses or networks of a list, told apart as they are written."""
    if name.startswith("Ip"):
        return {"aws:SourceIp": _items(raw[name])} if raw.get(name) else {}
    networks: list[object] = []
    endpoints: list[object] = []
    for written in _items(raw.get(f"Source{name}")):
        if isinstance(written, str):
            (endpoints if written.startswith("vpce-") else networks if written.startswith("vpc-") else []).append(
                written
            )
    networks += _items(raw.get(f"Intrinsic{name}"))
    endpoints += _items(raw.get(f"Intrinsic{name.replace('Vpc', 'Vpce')}"))
    found: dict[str, object] = {"aws:SourceVpc": networks} if networks else {}
    return {**found, "aws:SourceVpce": endpoints} if endpoints else found


def _items(value: object) -> list[object]:
    return [] if not value else list(value) if isinstance(value, list) else [value]
