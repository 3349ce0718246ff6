"""Bots4You: chatbot, voicebot and e-mail bot that know who is calling."""

from __future__ import annotations

from connectors.bots4you.checks import CHECKS
from connectors.bots4you.client import Bots4YouOptions, connect
from connectors.bots4you.identification import IDENTIFICATION
from connectors.bots4you.ticket_checks import TICKET_CHECKS
from connectors.bots4you.tickets import FLOW
from connectors.bots4you.use_cases import MASTER_DATA, TICKET_CATEGORIES
from connectors.partner import Partner, SecretField

partner = Partner(
    key="bots4you",
    name="Bots4You",
    secrets=(
        SecretField("username", "bots4you.secret_username"),
        SecretField("password", "bots4you.secret_password"),
    ),
    options=Bots4YouOptions,
    connect=connect,
    limits=Bots4YouOptions().limits,
    use_cases=(MASTER_DATA, TICKET_CATEGORIES),
    checks=(*CHECKS, *TICKET_CHECKS),
    trials=(IDENTIFICATION,),
    tickets=FLOW,
)
