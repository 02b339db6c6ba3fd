"""What every test runs under."""

import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from antechamber.bootstrap.launch import add_folders

# The root of the checkout is not on the path, for received files land there; pytest itself finds `tests`.
add_folders(str(Path(__file__).parent.parent), "bench")

# In the background, and under `nohup`, signals are ignored, and so they would be by every program that a test starts.
# One that is handled here is ignored here as well, and begins anew in a program.
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

# A slow machine is no failure, and a failure found is printed as what finds it again.
settings.register_profile("short", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("short"), max_examples=1_000)

# The packages that the gate on coverage is for have tests of their own that cover them whole. All others run untraced.
COVERING = ("tests/channel/", "tests/codec/", "tests/log/")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run what takes long, too: more seeds, frames and examples")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: more of the same; it runs with --long alone")
    settings.load_profile("long" if config.getoption("long") else "short")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if not item.nodeid.startswith(COVERING):
            item.add_marker(pytest.mark.no_cover)
    if not config.getoption("long"):
        later = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=later)
