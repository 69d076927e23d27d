"""
ARNs of what has no name that is known before it is made.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.terraform.values.conditions import Undecided

#: The Region of the template.
HERE: Mapping[str, object] = {"Ref": "AWS::Region"}
#: Services whose ARNs have no Region.
_GLOBAL = ("cloudfront", "iam")
#: What the ARN of a log group depends on, which ended with ``:*`` before that version:
#: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-3-upgrade
BEFORE_3 = Undecided("the provider of AWS is older than version 3.0", is_expression=False)


def made_arn(form: str, address: str, region: object, account: object) -> dict[str, object]:
    """
    An ARN of which only what stands before the name is known, and what stands behind it.

    Args:
        form: see `Shape.attributes`.
        address: of the resource, which stands for its name.
        region: as an expression, like the account.
    """
    service, _, prefix = form.partition(":")
    # What is called so in one account is another thing in another one, and the address is one for all.
    called: list[object] = [{"Ref": address}]
    if prefix.endswith("/stream/"):
        prefix, _, behind = prefix.partition(":")
        called += [behind, {"Ref": f"{address}.stream"}]
    where = "" if service in _GLOBAL else region
    head = ["arn:", {"Ref": "AWS::Partition"}, f":{service}:", where, ":", account, f":{prefix}"]
    return {"Fn::Join": ["", [*head, *called]]}


def with_suffix(joined: dict[str, object], suffix: str) -> dict[str, object]:
    """An ARN that goes on."""
    return {"Fn::Join": ["", [joined, suffix]]}
