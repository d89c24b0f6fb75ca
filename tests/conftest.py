"""How the tests share the machine's processors: files apart, those with a real card service or broker together."""

from __future__ import annotations

import pytest

_REAL_SERVICES = ("pcsc", "broker", "journey")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests on one worker, because they share fixtures.

    Tests with real services stay on one worker together: two card services would want the same port where the machine
    gives no network of one's own, and answers that are late because of each other prove nothing.
    """
    for item in items:
        is_real = any(item.get_closest_marker(name) for name in _REAL_SERVICES)
        item.add_marker(pytest.mark.xdist_group("services" if is_real else str(item.path)))
