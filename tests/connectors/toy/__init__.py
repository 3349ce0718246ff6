"""A small partner as a third party would write it, outside of ``connectors``."""

from __future__ import annotations

from connectors.partner import Partner, SecretField
from tests.connectors.toy.client import LIMITS, Toy, ToyOptions
from tests.connectors.toy.shelf import CHAIN, CHECK, USE_CASE

partner = Partner(
    key="toy",
    name="Toy",
    secrets=(SecretField("key", "toy.secret_key"),),
    options=ToyOptions,
    connect=Toy,
    limits=LIMITS,
    use_cases=(USE_CASE,),
    checks=(CHECK,),
    chains=(CHAIN,),
)
