"""
What AWS publishes and a policy alone does not say: accounts of its own, and actions that exist.
"""

from __future__ import annotations

from trustproof.aws import published

#: No request is sent before this moment any more, in seconds of Unix time: when this was released.
RELEASED = published.release()

#: Region to the account of Elastic Load Balancing there that delivers access logs to customers' buckets:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
LOAD_BALANCING_ACCOUNTS = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}

#: Accounts of Redshift, one a Region, whose user ``logs`` delivered audit logs to customers' buckets before there was a
#: service principal for that: https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html
REDSHIFT_ACCOUNTS = (
    "013126148197",
    "053454850223",
    "075028567923",
    "090321488786",
    "111890595117",
    "193672423079",
    "210876761215",
    "262260360010",
    "307160386991",
    "313564881002",
    "361669875840",
    "365689465814",
    "391106570357",
    "404641285394",
    "660998842044",
    "665727464434",
    "729911121831",
    "760740231472",
    "762762565011",
    "865932855811",
    "902366379725",
    "907379612154",
    "915173422425",
    "945612479654",
)
#: What the ARN of that user ends with.
REDSHIFT_USER = ":user/logs"
