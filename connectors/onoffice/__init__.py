"""onOffice: the letting agent's contact chain, from the object to the mailbox."""

from __future__ import annotations

from connectors.onoffice.chain import OBJECTS
from connectors.onoffice.checks import CHECKS
from connectors.onoffice.connector import connect
from connectors.onoffice.contact_chain import CONTACT_CHAIN
from connectors.onoffice.options import OnOfficeOptions
from connectors.onoffice.test_enquiry import TEST_ENQUIRY
from connectors.partner import Partner, SecretField

partner = Partner(
    key="onoffice",
    name="onOffice",
    secrets=(
        SecretField("token", "onoffice.secret_token"),
        SecretField("secret", "onoffice.secret_secret"),
    ),
    options=OnOfficeOptions,
    connect=connect,
    limits=OnOfficeOptions().limits,
    use_cases=(CONTACT_CHAIN,),
    checks=CHECKS,
    walks=(TEST_ENQUIRY,),
    chains=(OBJECTS,),
)
