"""
What a parent makes of its own parameters for a nested stack is decided together with them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import HUB, MFA, OUTSIDE, OWN, Json, trusting
from trustproof import PROVED, REFUTED

CONFIG = {"boundary": {"accounts": [OWN, HUB]}}
TEXT: Json = {"Type": "String"}
S: Json = {"Ref": "S"}
LISTED: dict[str, Json] = {
    "listed": {**TEXT, "AllowedValues": ["a", "b"]},
    "listed, with a default": {**TEXT, "AllowedValues": ["a", "b"], "Default": "b"},
}
MAPPINGS: Json = {
    "M": {"a": {"Who": HUB, "Stage": "b"}, "b": {"Who": OUTSIDE, "Stage": "a"}},
}
WHO: Json = {"Fn::FindInMap": ["M", S, "Who"]}
NOTHING: Json = {"Ref": "AWS::NoValue"}


def either(condition: str, there: object, else_: object) -> Json:
    """One value or another."""
    return {"Fn::If": [condition, there, else_]}


#: What is passed as the stage and as the account, what a role of the nested stack trusts, and the verdict.
CASES: dict[str, tuple[object, object, object, str]] = {
    "a key and its entry": (S, WHO, either("A", {"Ref": "I"}, HUB), PROVED),
    "a key and the other entry": (S, WHO, either("A", HUB, {"Ref": "I"}), REFUTED),
    "an entry, and one of the same row": (
        {"Fn::FindInMap": ["M", S, "Stage"]},
        WHO,
        either("A", HUB, {"Ref": "I"}),
        PROVED,
    ),
    "an entry, and another of the same row": (
        {"Fn::FindInMap": ["M", S, "Stage"]},
        WHO,
        either("A", {"Ref": "I"}, HUB),
        REFUTED,
    ),
    "by a condition, and an entry": (either("IsA", "a", "x"), WHO, either("A", {"Ref": "I"}, HUB), PROVED),
    "by the other condition, and an entry": (either("IsA", "x", "a"), WHO, either("A", {"Ref": "I"}, HUB), REFUTED),
    "two by a condition": (either("IsA", S, "x"), either("IsA", HUB, OUTSIDE), either("A", {"Ref": "I"}, HUB), PROVED),
    "in a text": ({"Fn::Sub": "${S}"}, WHO, either("A", {"Ref": "I"}, HUB), PROVED),
    "joined": ({"Fn::Join": ["", [S, ""]]}, WHO, either("A", {"Ref": "I"}, HUB), PROVED),
    "in a longer text": ({"Fn::Sub": "x${S}"}, WHO, either("A", HUB, {"Ref": "I"}), REFUTED),
    "by another parameter": ({"Ref": "T"}, WHO, either("A", {"Ref": "I"}, HUB), REFUTED),
    "nothing, or a value": (either("IsA", S, NOTHING), WHO, either("A", {"Ref": "I"}, HUB), PROVED),
    "a value, or nothing": (either("IsA", NOTHING, "a"), WHO, either("A", {"Ref": "I"}, HUB), REFUTED),
}


def nested(url: str, **passed: object) -> Json:
    """A nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": passed}}


def verdicts(folder: Path, files: dict[str, Json], **parameters: str) -> dict[str, str]:
    """Resource to the worst verdict about who may have it."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(folder)],
        config=CONFIG,
        account=OWN,
        parameters=parameters,
        properties=["inside-boundary", "mfa-required"],
        certify=True,
    )
    assert report.errors == ()
    found: dict[str, str] = {}
    for one in report.results:
        found[one.logical_id] = min(
            one.verdict, found.get(one.logical_id, PROVED), key=(REFUTED, "unknown", PROVED).index
        )
    return found


def outer(declared: Json, **resources: object) -> Json:
    """The template around all others."""
    is_a = {"Fn::Equals": [S, "a"]}
    return {
        "Parameters": {"S": declared, "T": LISTED["listed"]},
        "Mappings": MAPPINGS,
        "Conditions": {"IsA": is_a},
        "Resources": resources,
    }


def inner(trusted: object, **more: object) -> Json:
    """A nested template with a role."""
    is_a = {"Fn::Equals": [{"Ref": "E"}, "a"]}
    return {
        "Parameters": {"E": {**TEXT, "Default": "x"}, "I": TEXT},
        "Conditions": {"A": is_a},
        "Resources": {"Role": trusting(trusted, MFA)},
        **more,
    }


@pytest.mark.parametrize("declared", LISTED)
@pytest.mark.parametrize("hops", [1, 2])
@pytest.mark.parametrize("case", CASES)
def test_two_parameters_of_one(case: str, hops: int, declared: str, tmp_path: Path) -> None:
    """Two parameters of a nested stack that are made of one of its parent's are what that makes them."""
    stage, who, trusted, expected = CASES[case]
    files = {"outer": outer(LISTED[declared], Nested=nested("t1.json", E=stage, I=who)), f"t{hops}": inner(trusted)}
    if hops > 1:
        between = nested("t2.json", E={"Ref": "E"}, I={"Ref": "I"})
        files["t1"] = {"Parameters": {"E": {**TEXT, "Default": "x"}, "I": TEXT}, "Resources": {"Inner": between}}
    assert verdicts(tmp_path, files) == {"Role": expected}


@pytest.mark.parametrize(("compared", "verdict"), [("prod", PROVED), ("test", REFUTED)])
def test_a_condition_about_what_is_passed(compared: str, verdict: str, tmp_path: Path) -> None:
    """A condition of the parent says what a parameter is that is passed under it, whatever its default is."""
    around = {
        "Parameters": {"S": {**TEXT, "Default": "prod"}},
        "Conditions": {"P": {"Fn::Equals": [S, compared]}},
        "Resources": {"Nested": nested("inner.json", E=either("P", S, "prod"))},
    }
    role = trusting(HUB, either("P", MFA, NOTHING))
    inside = {
        "Parameters": {"E": TEXT},
        "Conditions": {"P": {"Fn::Equals": [{"Ref": "E"}, "prod"]}},
        "Resources": {"Role": role},
    }
    assert verdicts(tmp_path, {"outer": around, "inner": inside}) == {"Role": verdict}


@pytest.mark.parametrize(("is_back", "verdict"), [(True, PROVED), (False, REFUTED)])
@pytest.mark.parametrize("declared", LISTED)
def test_an_output_of_it(declared: str, verdict: str, tmp_path: Path, *, is_back: bool) -> None:
    """What a nested stack gives back of what it was passed is decided together with the parent's parameters."""
    back = {"Fn::GetAtt": ["Nested", "Outputs.Who"]}
    chosen = either("IsA", back, HUB) if is_back else either("IsA", HUB, back)
    around = outer(LISTED[declared], Nested=nested("inner.json", E=S, I=WHO), Back=trusting(chosen, MFA))
    inside = inner(HUB, Outputs={"Who": {"Value": {"Ref": "I"}}})
    assert verdicts(tmp_path, {"outer": around, "inner": inside})["Back"] == verdict


@pytest.mark.parametrize(("allowed", "verdict"), [(["b"], PROVED), (["a", "b"], REFUTED)])
def test_a_value_that_the_nested_stack_refuses(allowed: list[str], verdict: str, tmp_path: Path) -> None:
    """There is no nested stack at a value that its parameter does not admit."""
    around = outer(LISTED["listed"], Nested=nested("inner.json", E=either("IsA", "a", S), I=HUB))
    inside = inner(either("A", OUTSIDE, HUB))
    inside["Parameters"] = {"E": {**TEXT, "AllowedValues": allowed}, "I": TEXT}
    assert verdicts(tmp_path, {"outer": around, "inner": inside}) == {"Role": verdict}


@pytest.mark.parametrize("stage", ["a", "b"])
def test_a_value_that_the_user_gives(stage: str, tmp_path: Path) -> None:
    """A value that the user gives the parent is what the nested stack is made with."""
    files = {"outer": outer(LISTED["listed"], Nested=nested("inner.json", E=S, I=WHO)), "inner": inner({"Ref": "I"})}
    assert verdicts(tmp_path, files, S=stage) == {"Role": PROVED if stage == "a" else REFUTED}


def test_what_always_is_nothing(tmp_path: Path) -> None:
    """A parameter that is passed nothing at the value that the user gives is at its default, and at no other value."""
    passed = either("IsA", NOTHING, "a")
    files = {"outer": outer(LISTED["listed"], Nested=nested("inner.json", E=passed, I=OUTSIDE))}
    files["inner"] = inner(either("A", {"Ref": "I"}, HUB))
    assert verdicts(tmp_path, files, S="a") == {"Role": PROVED}
    assert verdicts(tmp_path, files, S="b") == {"Role": REFUTED}


def test_any_other_key_of_a_mapping(tmp_path: Path) -> None:
    """A mapping with a value for any other key may be asked for it."""
    looked_up = {"Fn::FindInMap": ["M", S, "Who", {"DefaultValue": OUTSIDE}]}
    around = outer(TEXT, Nested=nested("inner.json", E="a", I=looked_up)) | {"Transform": "AWS::LanguageExtensions"}
    around["Mappings"] = {"M": {"a": {"Who": HUB}, "b": {"Who": OWN}}}
    assert verdicts(tmp_path, {"outer": around, "inner": inner({"Ref": "I"})})["Role"] == REFUTED


@pytest.mark.parametrize("is_sub", [False, True])
@pytest.mark.parametrize(("given", "verdict"), [(HUB, PROVED), (OUTSIDE, REFUTED)])
def test_what_is_imported_and_passed(given: str, verdict: str, tmp_path: Path, *, is_sub: bool) -> None:
    """What a parent imports and passes is what another template of the run exports."""
    taken: Json = {"Fn::ImportValue": "Who"}
    passed = {"Fn::Join": ["", ["arn:aws:iam::", taken, ":root"]]} if is_sub else taken
    topic = {"Type": "AWS::SNS::Topic"}
    files: dict[str, Json] = {
        "exporting": {"Resources": {"T": topic}, "Outputs": {"Who": {"Value": given, "Export": {"Name": "Who"}}}},
        "outer": {"Resources": {"Nested": nested("inner.json", E="a", I=passed)}},
        "inner": inner({"Ref": "I"}),
    }
    assert verdicts(tmp_path, files)["Role"] == verdict


#: A parameter that may be anything, and trusts nobody outside at its default.
DEFAULTED: Json = {**TEXT, "Default": "a"}
#: What is one value at that default.
TEXT_OF_WHO: Json = {"Fn::Sub": ["arn:aws:iam::${W}:root", {"W": WHO}]}


@pytest.mark.parametrize("who", [WHO, TEXT_OF_WHO], ids=["an entry", "a text of it"])
@pytest.mark.parametrize(
    ("stage", "trusted", "expected"),
    [
        (S, either("A", {"Ref": "I"}, HUB), PROVED),
        (S, either("A", HUB, {"Ref": "I"}), REFUTED),
        (either("IsA", "a", "x"), either("A", {"Ref": "I"}, HUB), PROVED),
        (either("IsA", "a", "x"), either("A", HUB, {"Ref": "I"}), REFUTED),
        ("a", {"Ref": "I"}, PROVED),
    ],
)
def test_a_default_beside_what_is_compared(
    stage: object, trusted: object, expected: str, who: Json, tmp_path: Path
) -> None:
    """What is made of a parameter is judged at the other values that decide about the nested stack, too."""
    files = {"outer": outer(DEFAULTED, Nested=nested("inner.json", E=stage, I=who)), "inner": inner(trusted)}
    assert verdicts(tmp_path, files) == {"Role": expected}


@pytest.mark.parametrize(("compared", "expected"), [("a", PROVED), ("b", REFUTED)])
@pytest.mark.parametrize("who", [WHO, TEXT_OF_WHO], ids=["an entry", "a text of it"])
def test_a_stack_that_is_made_at_one_value(who: Json, compared: str, expected: str, tmp_path: Path) -> None:
    """What is made of a parameter is judged at the value at which the nested stack is made."""
    made: Json = {**nested("inner.json", E="a", I=who), "Condition": "Made"}
    around = outer(DEFAULTED, Nested=made)
    around["Conditions"] = {"Made": {"Fn::Equals": [S, compared]}}
    assert verdicts(tmp_path, {"outer": around, "inner": inner({"Ref": "I"})}) == {"Role": expected}


@pytest.mark.parametrize("is_sibling", [False, True])
@pytest.mark.parametrize(("is_back", "expected"), [(True, PROVED), (False, REFUTED)])
def test_a_default_that_comes_back(expected: str, tmp_path: Path, *, is_back: bool, is_sibling: bool) -> None:
    """What a nested stack gives back is judged at the values that decide where it goes."""
    back = {"Fn::GetAtt": ["Nested", "Outputs.Who"]}
    first: Json = {
        "Parameters": {"I": TEXT},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Who": {"Value": {"Ref": "I"}}},
    }
    files = {"first": first}
    if is_sibling:
        trusted = {"Ref": "I"}
        more = {"Second": nested("inner.json", E=S, I=back)}
        files["inner"] = inner(either("A", trusted, HUB) if is_back else either("A", HUB, trusted))
    else:
        more = {"Role": trusting(either("IsA" if is_back else "IsB", back, HUB), MFA)}
    files["outer"] = outer(DEFAULTED, Nested=nested("first.json", I=TEXT_OF_WHO), **more)
    files["outer"]["Conditions"]["IsB"] = {"Fn::Equals": [S, "b"]}
    assert verdicts(tmp_path, files)["Role"] == expected


@pytest.mark.parametrize("passed", [S, {"Fn::Sub": "arn:aws:iam::${S}:root"}])
def test_a_proof_at_a_default_of_the_parent(passed: object, tmp_path: Path) -> None:
    """A proof about a nested stack with outputs names the default of the parent that it rests on."""
    inside = inner({"Ref": "I"}, Outputs={"Who": {"Value": {"Ref": "I"}}})
    files = {"outer": outer({**TEXT, "Default": HUB}, Nested=nested("inner.json", E="a", I=passed)), "inner": inside}
    assert verdicts(tmp_path, files) == {"Role": PROVED}
    report = trustproof.check([str(tmp_path)], config=CONFIG, account=OWN, properties=["inside-boundary"])
    assert [[default for _, default in one.at_defaults] for one in report.results] == [[HUB]]


@pytest.mark.parametrize("who", [WHO, TEXT_OF_WHO], ids=["an entry", "a text of it"])
@pytest.mark.parametrize("is_made", [False, True])
def test_a_default_that_a_template_inside_compares(who: Json, tmp_path: Path, *, is_made: bool) -> None:
    """Nothing is proved of the template of a StackSet that compares what its parent is passed at a default."""
    asked = {"Ref": "I"}
    carried = {
        "Parameters": {"E": TEXT, "I": TEXT},
        "Conditions": {"A": {"Fn::Equals": ["${E}" if is_made else {"Ref": "E"}, "a"]}},
        "Resources": {"Role": trusting(either("A", HUB, "${I}" if is_made else asked), MFA)},
    }
    given = [{"ParameterKey": name, "ParameterValue": {"Ref": name}} for name in ("E", "I")]
    body = json.dumps(carried)
    properties = {"TemplateBody": {"Fn::Sub": body} if is_made else body, "Parameters": given}
    inside = {
        "Parameters": {"E": TEXT, "I": TEXT},
        "Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}},
    }
    files = {"outer": outer(DEFAULTED, Nested=nested("inner.json", E=S, I=who)), "inner": inside}
    assert PROVED not in verdicts(tmp_path, files).values()


@pytest.mark.parametrize("who", [WHO, TEXT_OF_WHO], ids=["an entry", "a text of it"])
def test_an_output_that_has_no_value_everywhere(who: Json, tmp_path: Path) -> None:
    """A proof that is checked again at values that a nested stack refuses says so, and is no error."""
    inside = {
        "Parameters": {"I": TEXT},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Who": {"Value": {"Ref": "I"}}},
    }
    trusted = either("IsA", HUB, {"Fn::GetAtt": ["Nested", "Outputs.Who"]})
    files = {"outer": outer(DEFAULTED, Nested=nested("inner.json", I=who), Role=trusting(trusted, MFA))}
    assert verdicts(tmp_path, {**files, "inner": inside})["Role"] == REFUTED
    report = trustproof.check(
        [str(tmp_path)], config=CONFIG, account=OWN, properties=["mfa-required"], certify=True, parameters={"S": "a"}
    )
    assert [one.verdict for one in report.results] == [PROVED]


@pytest.mark.parametrize("declared", [TEXT, {**TEXT, "Default": "a"}, {**TEXT, "AllowedValues": ["a", "b", "c"]}])
@pytest.mark.parametrize("is_nested", [False, True])
def test_what_a_mapping_has_not(declared: Json, tmp_path: Path, *, is_nested: bool) -> None:
    """No deployment is refuted whose conditions ask a mapping for what it has not: CloudFormation refuses it."""
    stage: Json = {"Fn::FindInMap": ["M", S, "Stage"]}
    compared = {"Ref": "E"} if is_nested else stage
    conditions = {name.upper(): {"Fn::Equals": [compared, name]} for name in ("a", "b")}
    role = trusting(either("A", HUB, either("B", HUB, OUTSIDE)), MFA)
    if is_nested:
        inside = {"Parameters": {"E": TEXT}, "Conditions": conditions, "Resources": {"Role": role}}
        files = {"outer": outer(declared, Nested=nested("inner.json", E=stage)), "inner": inside}
    else:
        files = {"outer": outer(declared, Role=role)}
        files["outer"]["Conditions"] = conditions
    assert verdicts(tmp_path, files)["Role"] == PROVED


def test_a_value_that_is_given_and_a_mapping_has_not(tmp_path: Path) -> None:
    """CloudFormation refuses the template, which is an error."""
    role = trusting(either("A", HUB, OUTSIDE), MFA)
    conditions = {"A": {"Fn::Equals": [{"Fn::FindInMap": ["M", S, "Stage"]}, "a"]}}
    template = {**outer(TEXT, Role=role), "Conditions": conditions}
    (tmp_path / "outer.json").write_text(json.dumps(template), encoding="utf-8")
    (error,) = trustproof.check([tmp_path], config=CONFIG, account=OWN, parameters={"S": "c"}).errors
    assert 'the mapping M has nothing under "c" and "Stage"' in str(error)


def test_the_same_beside_the_file_of_a_nested_stack(tmp_path: Path) -> None:
    """The parameter is that of a template that could not be read; where all could be, nobody has it."""
    template = outer(TEXT, Nested=nested("inner.json", E={"Fn::FindInMap": ["M", S, "Stage"]}))
    inside = {"Parameters": {"E": TEXT}, "Resources": {"Role": trusting(HUB, MFA)}}
    for name, content in (("outer", template), ("inner", inside)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path], config=CONFIG, account=OWN, parameters={"S": "c"})
    assert ['has nothing under "c"' in str(one) for one in report.errors] == [True]
    assert "no template that could be read has a parameter called S" in report.notes
    (tmp_path / "outer.json").unlink()
    with pytest.raises(trustproof.UsageError, match="no template has a parameter called S"):
        trustproof.check([tmp_path], config=CONFIG, account=OWN, parameters={"S": "c"})


@pytest.mark.parametrize(("exported_as", "expected"), [("own", PROVED), ("open", REFUTED)])
@pytest.mark.parametrize("is_chosen", [False, True])
def test_an_import_that_comes_back(exported_as: str, expected: str, tmp_path: Path, *, is_chosen: bool) -> None:
    """What a parent imports, passes to a nested stack and takes from its output is what the export gives."""
    outputs = {name: {"Value": value, "Export": {"Name": name}} for name, value in (("own", HUB), ("open", OUTSIDE))}
    exports = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}
    given_back = either("A", {"Ref": "I"}, HUB) if is_chosen else {"Ref": "I"}
    inside = inner(HUB, Outputs={"Who": {"Value": given_back}})
    back = trusting({"Fn::GetAtt": ["Nested", "Outputs.Who"]}, MFA)
    stack = nested("inner.json", E="a", I={"Fn::ImportValue": exported_as})
    files = {"outer": outer(LISTED["listed"], Nested=stack, Back=back), "inner": inside, "exports": exports}
    assert verdicts(tmp_path, files)["Back"] == expected
