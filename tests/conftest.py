"""What every test runs under."""

import signal
from pathlib import Path

from hypothesis import settings

from antechamber.launch import add_folders

# The root of the checkout is not on the path, for received files land there; pytest itself finds `tests`.
add_folders(str(Path(__file__).parent.parent), "bench")

# In the background, and under `nohup`, signals are ignored, and so they would be by every program that a test starts.
# One that is handled here is ignored here as well, and begins anew in a program.
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)

# A slow machine is no failure, and a failure found is printed as what finds it again.
settings.register_profile("antechamber", deadline=None, print_blob=True)
settings.load_profile("antechamber")
