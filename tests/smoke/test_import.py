"""Every module can be imported."""

import importlib
import pkgutil

import ourocc


def test_import_everything() -> None:
    for module in pkgutil.walk_packages(ourocc.__path__, "ourocc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
