"""
What bounds callers who sign nothing: browsers, players and clients in a network, who are of no account.
"""

from __future__ import annotations

from trustproof.model.policy import Statement
from trustproof.results.result import Remedy
from trustproof.sets.patterns import like, matches

#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-RUM-resource-policies.html
APP_MONITOR = "AWS::RUM::AppMonitor"
_SENDING = "rum:putrumevents"
#: A signature is what says whose a request is.
_OF_NOBODY = "one that is not signed is of no account and organization"
_BY_ADDRESS = f"bound the network, by aws:SourceIp, or name principals, who sign their requests: {_OF_NOBODY}"
#: By the type of what a policy is on, what tells apart callers of whom nobody signs.
_NETWORKS = {
    "AWS::OpenSearchService::Domain": _BY_ADDRESS,
    "AWS::Elasticsearch::Domain": _BY_ADDRESS,
    # https://docs.aws.amazon.com/cloudsearch/latest/developerguide/configuring-access.html
    "Trustproof::CloudSearch::AccessPolicy": _BY_ADDRESS,
    # Domain names have policies where they are private only:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html
    "AWS::ApiGateway::DomainNameV2": f"bound the network, by aws:SourceVpce: {_OF_NOBODY}",
    APP_MONITOR: (
        "bound the network, by aws:SourceIp, where the browsers are in yours; those of visitors sign nothing and are "
        "of no account and organization, and rum:alias is whatever they write, so nothing keeps others out"
    ),
}
#: What is streamed from: viewers come through CloudFront, and encoders sign.
#: https://docs.aws.amazon.com/mediastore/latest/ug/policies-examples-cloudfront.html
#: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-mediapackage.html
_STREAMS = (
    "AWS::MediaStore::Container",
    "AWS::MediaPackageV2::OriginEndpointPolicy",
    "AWS::MediaPackageV2::ChannelPolicy",
)
_VIEWED = (
    "mediastore:getobject",
    "mediastore:describeobject",
    "mediapackagev2:getobject",
    "mediapackagev2:getheadobject",
)
_VIEWERS = "let in cloudfront.amazonaws.com, with aws:SourceArn of the distribution, for everybody"
_WRITERS = "name the account of those that write here, who sign their requests"


def sends_events(statement: Statement) -> bool:
    """Whether a statement lets its callers send events to an app monitor, and nothing else."""
    return bool(statement.actions) and all(str(action).lower() == _SENDING for action in statement.actions or ())


def for_unsigned_callers(resource_type: str, statement: Statement) -> Remedy | None:
    """What to do where a statement lets in callers who sign nothing, as words; None where nothing else is known."""
    if (network := _NETWORKS.get(resource_type)) is not None:
        return Remedy(network)
    if resource_type not in _STREAMS:
        return None
    # A User-Agent keeps nobody out.
    by_agent = any(condition.key.lower() == "aws:useragent" for condition in statement.conditions)
    what = "a User-Agent is whatever the caller writes: " if by_agent else ""
    actions = None if statement.actions is None else [str(action).lower() for action in statement.actions]
    if actions is not None and all(action in _VIEWED for action in actions):
        return Remedy(f"{what}{_VIEWERS}")
    if actions is not None and not any(matches(like(action), one) for action in actions for one in _VIEWED):
        return Remedy(f"{what}{_WRITERS}")
    return Remedy(f"{what}{_VIEWERS} who views, by a statement about GetObject alone; and {_WRITERS}, in another")
