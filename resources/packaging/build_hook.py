"""Puts the package's own file, which offers `watch`, into a wheel; an editable install finds it in the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "resources/packaging/checkout/lstm_visualizer/__init__.py"


class PackageFile(BuildHookInterface[Any]):
    """Adds the file where everything else of the package lies."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add it to a wheel that is installed; version: "standard" or "editable"."""
        if version == "standard":
            build_data["force_include"][f"{self.root}/{PACKAGE}"] = "__init__.py"
