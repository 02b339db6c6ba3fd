"""What every test runs under."""

from hypothesis import settings

# A slow machine is no failure, and a failure found is printed as what finds it again.
settings.register_profile("antechamber", deadline=None, print_blob=True)
settings.load_profile("antechamber")
