"""What the tests of connectors share."""

from __future__ import annotations

import pytest

# The conformance suite asserts in modules that are no test files: pytest shows their values as well.
for _module in ("conformance", "conformance_reading", "conformance_writing"):
    pytest.register_assert_rewrite(f"tests.connectors.{_module}")
