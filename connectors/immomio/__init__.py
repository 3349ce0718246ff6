"""Immomio: letting with applicants, and the tenants' app."""

from __future__ import annotations

from connectors.immomio.checks import CHECKS
from connectors.immomio.checks_tickets import TICKET_CHECKS
from connectors.immomio.client import connect
from connectors.immomio.documents import DOCUMENTS
from connectors.immomio.master_data import MASTER_DATA
from connectors.immomio.options import ImmomioOptions
from connectors.immomio.prospects import PROSPECTS
from connectors.immomio.test_tenant import TEST_TENANT
from connectors.immomio.tickets import FLOW
from connectors.immomio.vacancies import VACANCIES
from connectors.partner import Partner, SecretField

partner = Partner(
    key="immomio",
    name="Immomio",
    secrets=(
        SecretField("username", "immomio.secret_username"),
        SecretField("password", "immomio.secret_password"),
        SecretField("ftp_username", "immomio.secret_ftp_username", required=False),
        SecretField("ftp_password", "immomio.secret_ftp_password", required=False),
    ),
    options=ImmomioOptions,
    connect=connect,
    limits=ImmomioOptions().limits,
    use_cases=(MASTER_DATA, VACANCIES, PROSPECTS, DOCUMENTS),
    checks=(*CHECKS, *TICKET_CHECKS),
    walks=(TEST_TENANT,),
    tickets=FLOW,
)
