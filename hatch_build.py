"""Build hook: compile the catalogues, and put the example configuration beside the code that reads it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Build(BuildHookInterface):  # type: ignore[misc]  # hatchling is there only while a wheel is built
    """Runs before a wheel is packed, for an editable install too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every ``.po``; in a real wheel ``console`` holds the example configuration as well."""
        root = Path(self.root)
        runpy.run_path(str(root / "scripts" / "messages.py"))["compile_catalogues"](root)
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"]["config.example.toml"] = "console/config.example.toml"
