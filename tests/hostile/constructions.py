"""
Templates that are small and ask for much: each is a way in which work once grew faster than the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

#: What a role of these templates trusts, where nothing hostile stands there.
ALLOW: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def role(statement: object, **properties: object) -> dict[str, object]:
    document = {"Version": "2012-10-17", "Statement": statement}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document, **properties}}


def _with_value(value: object, **sections: object) -> str:
    """A template with a value where a condition compares, in a description, and in a name."""
    statement = {**ALLOW, "Condition": {"StringEquals": {"sts:ExternalId": value}}}
    return json.dumps({**sections, "Resources": {"Role": role(statement, RoleName=value)}})


def _nested(function: str, depth: int) -> str:
    value: object = '"'
    for _ in range(depth):
        value = {function: value}
    return _with_value(value)


def aliases(places: int = 8, depth: int = 24) -> str:
    """YAML aliases that double, in several places of a role."""
    lines = ["A:", "  a0: &a0 [x, x]"]
    lines += [f"  a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, depth)]
    last = f"*a{depth - 1}"
    parts = {
        "Effect": "Allow",
        "Principal": f"{{AWS: {last}}}",
        "Action": last,
        "Resource": last,
        "Condition": f"{{StringLike: {{'sts:ExternalId': {last}}}}}",
    }
    lines += ["Resources:", "  Role:", "    Type: AWS::IAM::Role", "    Properties:"]
    lines += [f"      RoleName: {last}", f"      Tags: {last}", f"      ManagedPolicyArns: {last}"]
    lines += ["      AssumeRolePolicyDocument:", "        Statement:"]
    items = list(parts.items())[:places]
    lines += [f"        {'-' if not n else ' '} {key}: {value}" for n, (key, value) in enumerate(items)]
    return "\n".join(lines) + "\n"


def alias_statements(depth: int = 20) -> str:
    """YAML aliases that double the statements of a policy."""
    lines = ["A:", "  a0: &a0 {Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}"]
    lines += [f"  a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, depth)]
    lines += ["Resources:", "  Role:", "    Type: AWS::IAM::Role", "    Properties:"]
    lines += ["      AssumeRolePolicyDocument:", f"        Statement: *a{depth - 1}"]
    return "\n".join(lines) + "\n"


def alias_mappings(depth: int = 24) -> str:
    """YAML aliases that double mappings, where nobody reads and where a list is expected."""
    lines = ["A:", "  a0: &a0 {x: y, z: y}"]
    lines += [f"  a{n}: &a{n} {{x: *a{n - 1}, z: *a{n - 1}}}" for n in range(1, depth)]
    last = f"*a{depth - 1}"
    lines += ["Mappings:", f"  M: {last}", "Conditions:", f"  C: {last}", "Outputs:", f"  O: {last}"]
    lines += ["Parameters:", f"  P: {{Type: String, Default: {last}}}", "Metadata:", f"  M: {last}"]
    lines += ["Resources:", "  Role:", "    Type: AWS::IAM::Role", f"    Metadata: {last}", "    Properties:"]
    lines += [f"      AssumeRolePolicyDocument: {last}", f"      PermissionsBoundary: {last}"]
    lines += ["  Bucket:", "    Type: AWS::S3::BucketPolicy", f"    Properties: {last}"]
    lines += ["  Other:", "    Type: Custom::Thing", f"    Properties: {last}"]
    return "\n".join(lines) + "\n"


def loops(depth: int = 12, items: int = 10) -> str:
    """Loops inside loops, whose entries are many more than CloudFormation takes."""
    body: object = {"R" + "".join(f"${{I{n}}}" for n in range(depth)): role(ALLOW)}
    for n in reversed(range(depth)):
        body = {f"Fn::ForEach::L{n}": [f"I{n}", [str(item) for item in range(items)], body]}
    return json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": body})


def equal_loops(depth: int = 24) -> str:
    """Loops inside loops that all write the same entry."""
    body: object = {"Role": role(ALLOW)}
    for n in reversed(range(depth)):
        body = {f"Fn::ForEach::L{n}": [f"I{n}", ["a", "b"], body]}
    return json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": body})


def inner_loops(depth: int = 24) -> str:
    """Loops inside the properties of a resource."""
    body: object = {"Version": "2012-10-17", "Statement": [ALLOW]}
    for n in reversed(range(depth)):
        body = {f"Fn::ForEach::L{n}": [f"I{n}", ["a", "b"], body]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": body}}
    return json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": {"Role": role}})


def growing_loops(depth: int = 24) -> str:
    """Loops whose identifiers make each other longer."""
    body: object = {"Role": role(ALLOW)}
    for n in reversed(range(depth)):
        before = f"${{I{n - 1}}}" if n else "abcdefgh"
        body = {f"Fn::ForEach::L{n}": [f"I{n}", [before * 2], body]}
    return json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": body})


def doubling_sub(depth: int = 26) -> str:
    """``Fn::Sub`` whose variables are given by another one twice."""
    value: object = "x"
    for _ in range(depth):
        value = {"Fn::Sub": ["${a}${a}", {"a": value}]}
    return _with_value(value)


def doubling_join(depth: int = 24) -> str:
    """YAML aliases of ``Fn::Join`` that double."""
    lines = ["A:", "  a0: &a0 !Join ['', [x, x]]"]
    lines += [f"  a{n}: &a{n} !Join ['', [*a{n - 1}, *a{n - 1}]]" for n in range(1, depth)]
    lines += ["Resources:", "  Role:", "    Type: AWS::IAM::Role", "    Properties:"]
    lines += ["      AssumeRolePolicyDocument:", "        Statement:"]
    lines += ["        - {Effect: Allow, Action: 'sts:AssumeRole', Principal: '*', Condition: {StringEquals: "]
    lines += [f"            {{'sts:ExternalId': *a{depth - 1}}}}}}}"]
    return "\n".join(lines) + "\n"


def doubling_names(depth: int = 26) -> str:
    """Names of resources that consist of the name of another one twice."""
    resources = {"R0": role(ALLOW, RoleName="x")}
    for n in range(1, depth):
        resources[f"R{n}"] = role(ALLOW, RoleName={"Fn::Sub": f"${{R{n - 1}}}${{R{n - 1}}}"})
    return json.dumps({"Resources": resources})


def doubling_unknown(depth: int = 26) -> str:
    """Names that consist of the name of another one twice, and hold what nobody knows."""
    resources = {"R0": role(ALLOW, RoleName={"Fn::Sub": "${P}x"})}
    for n in range(1, depth):
        resources[f"R{n}"] = role(ALLOW, RoleName={"Fn::Sub": f"${{R{n - 1}}}${{R{n - 1}}}"})
    return json.dumps({"Parameters": {"P": {"Type": "String"}}, "Resources": resources})


def long_join(size: int = 1000) -> str:
    """A long delimiter between many items, in many places."""
    joined = {"Fn::Join": ["x" * 50_000, ["y"] * 30_000]}
    return _with_value([joined] * (1 if size < 1 else 5))


def doubling_conditions(depth: int = 26) -> str:
    """Conditions that name another one twice."""
    conditions: dict[str, object] = {"C0": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    for n in range(1, depth):
        conditions[f"C{n}"] = {"Fn::And": [{"Condition": f"C{n - 1}"}, {"Condition": f"C{n - 1}"}]}
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": conditions,
            "Resources": {"Role": {**role(ALLOW), "Condition": f"C{depth - 1}"}},
        }
    )


def doubling_choices(depth: int = 26) -> str:
    """Conditions that compare what another one chooses twice."""
    conditions: dict[str, object] = {"C0": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    for n in range(1, depth):
        chosen = {"Fn::If": [f"C{n - 1}", "a", "b"]}
        conditions[f"C{n}"] = {
            "Fn::Equals": [{"Fn::Sub": ["${X}-", {"X": chosen}]}, {"Fn::Sub": ["${X}", {"X": chosen}]}]
        }
    trusted = {"Fn::If": [f"C{depth - 1}", "111122223333", {"Ref": "AWS::AccountId"}]}
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": conditions,
            "Resources": {"Role": role({**ALLOW, "Principal": {"AWS": trusted}})},
        }
    )


def chained_conditions(count: int = 2000) -> str:
    """Conditions that name one another in a long row."""
    conditions: dict[str, object] = {"C0": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    conditions.update({f"C{n}": {"Fn::Not": [{"Condition": f"C{n - 1}"}]} for n in range(1, count)})
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": conditions,
            "Resources": {"Role": {**role(ALLOW), "Condition": f"C{count - 1}"}},
        }
    )


def deep_map(depth: int = 400) -> str:
    """``Fn::FindInMap`` whose key another one gives, and so on."""
    value: object = "k"
    for _ in range(depth):
        value = {"Fn::FindInMap": ["M", value, "x"]}
    return _with_value(value, Mappings={"M": {"k": {"x": "k"}}})


def deep_functions(depth: int = 5000) -> str:
    """One function inside another, deeper than a program's stack."""
    text = '{"Fn::Join": ["", [' * depth + '"x"' + "]]}" * depth
    return _with_value("@").replace('"@"', text)


def deep_reference(count: int = 2000) -> str:
    """Names of resources that refer to one another in a long row."""
    resources = {"R0": role(ALLOW, RoleName="x")}
    for n in range(1, count):
        resources[f"R{n}"] = role(ALLOW, RoleName={"Fn::Sub": f"${{R{n - 1}}}"})
    return json.dumps({"Resources": dict(reversed(resources.items()))})


def many_conditions(count: int = 40) -> str:
    """Conditions that nothing ties together, all of them in one statement."""
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(count)}
    values = [{"Fn::If": [name, "a" + name, "b" + name]} for name in conditions]
    statement = {**ALLOW, "Condition": {"StringEquals": {"sts:ExternalId": values}}}
    return json.dumps(
        {
            "Parameters": {f"P{n}": {"Type": "String"} for n in range(count)},
            "Conditions": conditions,
            "Resources": {"Role": role(statement)},
        }
    )


def nested_conditions(depth: int = 30) -> str:
    """``Fn::If`` inside both outcomes of another one, around a statement."""
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(depth)}
    lines = ["Parameters:", *(f"  P{n}: {{Type: String}}" for n in range(depth)), "Conditions:"]
    lines += [f"  {name}: {json.dumps(body)}" for name, body in conditions.items()]
    lines += ["A:", f"  s0: &s0 {json.dumps(ALLOW)}"]
    lines += [f"  s{n}: &s{n} !If [C{n}, *s{n - 1}, *s{n - 1}]" for n in range(1, depth)]
    lines += ["Resources:", "  Role:", "    Type: AWS::IAM::Role", "    Properties:"]
    lines += ["      AssumeRolePolicyDocument:", "        Statement:", f"          - *s{depth - 1}"]
    return "\n".join(lines) + "\n"


def backtracking(pattern: str = "^(a+)+$", default: str = "a" * 40 + "!") -> str:
    """An ``AllowedPattern`` for which a search by trial takes for ever."""
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String", "AllowedPattern": pattern, "Default": default}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, default]}},
            "Resources": {
                "Role": {
                    **role({**ALLOW, "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "P"}}}}),
                    "Condition": "C",
                }
            },
        }
    )


def listed_parameters(count: int = 140) -> str:
    """Roles that trust what a parameter of their own lists: at each value, all others are read as well."""
    listed = {f"P{n}": {"Type": "String", "AllowedValues": [f"{n:012d}", f"{n + 1:012d}"]} for n in range(count)}
    roles = {f"R{n}": role({**ALLOW, "Principal": {"AWS": {"Ref": f"P{n}"}}}) for n in range(count)}
    return json.dumps({"Parameters": listed, "Resources": roles})


def two_keys(roles: int = 400) -> str:
    """Roles that look up whom they trust in a small mapping, by two keys that nobody knows."""
    table = {f"k{n}": {f"v{k}": f"{n:06d}{k:06d}" for k in range(5)} for n in range(10)}
    found = {"Fn::FindInMap": ["M", {"Ref": "P"}, {"Ref": "Q"}]}
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String"}, "Q": {"Type": "String"}},
            "Mappings": {"M": table},
            "Resources": {f"R{n}": role({**ALLOW, "Principal": {"AWS": found}}) for n in range(roles)},
        }
    )


def nested_choices(depth: int = 60) -> str:
    """``Fn::If`` inside ``Fn::If``, each in a part of one ARN, and each with a parameter of its own."""
    value: object = {"Ref": "P0"}
    for n in range(depth):
        value = {"Fn::Join": ["", ["arn:aws:iam::", {"Fn::If": [f"C{n}", f"{n:012d}", value]}, ""]]}
    return json.dumps(
        {
            "Parameters": {f"P{n}": {"Type": "String"} for n in range(depth)},
            "Conditions": {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(depth)},
            "Resources": {"R": role({**ALLOW, "Principal": {"AWS": {"Fn::Join": ["", [value, ":root"]]}}})},
        }
    )


def chained_rules(count: int = 2000, roles: int = 300) -> str:
    """Rules of which each has a parameter of the one before, and roles that trust what parameters say."""
    rules = {
        f"Q{n}": {
            "RuleCondition": {"Fn::Equals": [{"Ref": f"P{n}"}, "a"]},
            "Assertions": [{"Assert": {"Fn::Contains": [["a", "b"], {"Ref": f"P{(n + 1) % count}"}]}}],
        }
        for n in range(count)
    }
    return json.dumps(
        {
            "Parameters": {f"P{n}": {"Type": "String", "Default": "a"} for n in range(count)},
            "Rules": rules,
            "Resources": {
                f"R{n}": role({**ALLOW, "Principal": {"AWS": {"Ref": f"P{n}"}}}) for n in range(min(roles, count))
            },
        }
    )


def repeated_pattern() -> str:
    """An ``AllowedPattern`` whose shortest text is very long."""
    return backtracking("((((a{1000}){1000}){1000}){1000})", "a")


def puzzle(width: int = 20) -> str:
    """A pattern that says what stands so many places before the end."""
    return "*a" + "?" * width


def hard_patterns(roles: int = 200, denies: int = 8) -> str:
    """Many roles, each with patterns that are hard to tell apart, and no two alike."""
    resources = {}
    for n in range(roles):
        statements: list[object] = [ALLOW]
        for k in range(denies):
            value = f"*{'abcdefghijklm'[k]}{'?' * (12 + k)}{n}"
            condition = {"StringNotLike": {"sts:RoleSessionName": value}}
            statements.append({**ALLOW, "Effect": "Deny", "Condition": condition})
        resources[f"Role{n}"] = role(statements)
    return json.dumps({"Resources": resources})


def many_statements(count: int = 3000) -> str:
    """A policy with more statements than AWS takes."""
    statements = [
        {**ALLOW, "Condition": {"StringLike": {"sts:ExternalId": f"*a{n}*b*"}}, "Effect": "Deny" if n % 2 else "Allow"}
        for n in range(count)
    ]
    return json.dumps({"Resources": {"Role": role(statements)}})


def many_roles(count: int = 2500) -> str:
    """As many small roles as fit in a megabyte."""
    return json.dumps(
        {
            "Resources": {
                f"Role{n}": role({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{n:012d}:root"}}) for n in range(count)
            }
        }
    )


def trusting_roles(count: int = 300) -> str:
    """Roles that all trust each other."""
    resources = {
        f"Role{n}": role(
            ALLOW,
            RoleName=f"r{n}",
            Policies=[
                {
                    "PolicyName": "p",
                    "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]},
                }
            ],
        )
        for n in range(count)
    }
    return json.dumps({"Resources": resources})


def deep_lists(depth: int = 100_000) -> str:
    """Nothing but brackets."""
    return '{"Resources": ' + "[" * depth + "]" * depth + "}"


def deep_yaml(depth: int = 100_000) -> str:
    """Nothing but brackets, as YAML."""
    return "Resources: " + "[" * depth + "]" * depth


def deep_dashes(depth: int = 20_000) -> str:
    """A list in a list in a list, in the block style of YAML."""
    return "Resources:\n  " + "- " * depth + "x\n"


def quoted_templates(depth: int = 14) -> str:
    """StackSets that carry the template of another StackSet as text."""
    body = json.dumps({"Resources": {"Role": role(ALLOW)}})
    for _ in range(depth):
        stack_set = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": body}}
        body = json.dumps({"Resources": {"Set": stack_set}})
    return body


CONSTRUCTIONS: Mapping[str, Callable[[], str]] = {
    "aliases": aliases,
    "alias-statements": alias_statements,
    "alias-mappings": alias_mappings,
    "backtracking": backtracking,
    "backtracking-alternatives": lambda: backtracking("^(a|a|aa)+$"),
    "backtracking-any": lambda: backtracking("(.*)*(.*)*(.*)*b", "a" * 60),
    "backtracking-reference": lambda: backtracking(r"(a*)*\1(a*)*b", "a" * 60),
    "base64": lambda: _nested("Fn::Base64", 60),
    "chained-conditions": chained_conditions,
    "chained-rules": chained_rules,
    "conditions": many_conditions,
    "deep-dashes": deep_dashes,
    "deep-functions": deep_functions,
    "deep-lists": deep_lists,
    "deep-map": deep_map,
    "deep-reference": deep_reference,
    "deep-yaml": deep_yaml,
    "doubling-choices": doubling_choices,
    "doubling-conditions": doubling_conditions,
    "doubling-join": doubling_join,
    "doubling-names": doubling_names,
    "doubling-sub": doubling_sub,
    "doubling-unknown": doubling_unknown,
    "equal-loops": equal_loops,
    "growing-loops": growing_loops,
    "hard-patterns": hard_patterns,
    "inner-loops": inner_loops,
    "listed-parameters": listed_parameters,
    "long-join": long_join,
    "loops": loops,
    "many-roles": many_roles,
    "many-statements": many_statements,
    "nested-choices": nested_choices,
    "nested-conditions": nested_conditions,
    "quoted-templates": quoted_templates,
    "repeated-pattern": repeated_pattern,
    "to-json-string": lambda: '{"Transform": "AWS::LanguageExtensions", ' + _nested("Fn::ToJsonString", 40)[1:],
    "trusting-roles": trusting_roles,
    "two-keys": two_keys,
}
