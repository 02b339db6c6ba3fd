"""The limits that a config in TOML sets: each as far as its bound, and no further."""

import pytest

from antechamber.config import ConfigError
from antechamber.config.bounds import BOUNDS, FIT_THE_OUTBOX, Bound
from antechamber.config.toml import DEFAULTS
from antechamber.protocol.limits import TOPIC_CHARACTERS_MAX
from tests.config.tomls import CHANNEL, NEVER, OTHER, fault, read


def literal(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def accepts(key: str, value: float) -> bool:
    """Say whether the limit can be set to `value`; the outbox is as large as it can be, so that all fits it."""
    outbox = f"outbox_bytes_max = {literal(BOUNDS['outbox_bytes_max'].most)}\n" if key in FIT_THE_OUTBOX else ""
    lower = "".join(f"{each} = 1024\n" for each in FIT_THE_OUTBOX) if key == "outbox_bytes_max" else ""
    try:
        settings = read(f"[limits]\n{outbox}{lower}{key} = {literal(value)}\n{CHANNEL.replace('5', '1')}")
    except ConfigError as error:
        assert str(error).startswith(f"a.toml: limits: {key} is {literal(value)}, not a ")
        return False
    found = getattr(settings.limits, key)
    assert type(found) is type(getattr(DEFAULTS, key))
    assert found == (NEVER if key == "idle_seconds_max" and value == 0 else value)
    return True


@pytest.mark.usefixtures("folder")
class TestTheLimits:
    def test_every_one_can_be_set_and_its_default_as_well(self) -> None:
        assert BOUNDS.keys() == DEFAULTS._asdict().keys()
        assert all(accepts(key, value) for key, value in DEFAULTS._asdict().items())

    @pytest.mark.parametrize(("key", "bound"), BOUNDS.items())
    def test_each_goes_as_far_as_its_bound_and_no_further(self, key: str, bound: Bound) -> None:
        assert accepts(key, bound.least)
        assert accepts(key, bound.most)
        assert not accepts(key, bound.most + 1)
        assert not accepts(key, -1)
        assert accepts(key, 0) == (bound.least == 0 or bool(bound.zero))
        if bound.least > 0:
            whole = isinstance(getattr(DEFAULTS, key), int)
            assert not accepts(key, bound.least - 1 if whole else bound.least / 2)

    @pytest.mark.parametrize("key", FIT_THE_OUTBOX)
    def test_what_is_sent_at_once_fits_the_outbox_four_times(self, key: str) -> None:
        other = "".join(f"{each} = 1024\n" for each in FIT_THE_OUTBOX if each != key)
        least = f"[limits]\noutbox_bytes_max = 262144\n{other}{key} = "
        assert read(f"{least}65536\n{CHANNEL}").limits.outbox_bytes_max == 262144
        rule = f"limits: outbox_bytes_max is 262144, less than 4 times {key}"
        assert fault(f"{least}65537\n{CHANNEL}") == f"{rule} (raise it to 262148, or lower {key})"

    def test_a_channels_seats_are_as_many_as_the_limit_and_no_more(self) -> None:
        limit = "[limits]\ncapacity_max = 3\n"
        assert read(limit + CHANNEL.replace("5", "3")).channels[0].seats == 3
        told = fault(limit + CHANNEL.replace("5", "4"))
        assert told == 'channel 1 ("a"): seats is 4, not a whole number from 1 to 3 (write seats = 3)'

    def test_a_channels_name_is_as_long_as_the_limit_and_no_longer(self) -> None:
        limit = "[limits]\nname_characters_max = 3\n"
        assert read(limit + CHANNEL.replace('"a"', '"abc"')).channels[0].name == "abc"
        told = fault(limit + CHANNEL.replace('"a"', '"abcd"'))
        rule = "the name 'abcd' cannot be: A name has at most 3 characters (choose another name)"
        assert told == f'channel 1 ("abcd"): {rule}'

    def test_channels_are_as_many_as_the_limit_and_no_more(self) -> None:
        limit = "[limits]\nchannels_max = 2\n"
        assert len(read(limit + CHANNEL + OTHER).channels) == 2
        third = '[[channel]]\nname = "c"\nport = 1\nseats = 1\n'
        told = fault(limit + CHANNEL + OTHER + third)
        assert told == 'channel 3 ("c"): a config has at most 2 channels (leave this one out)'

    def test_a_topic_is_no_longer_than_the_limit(self) -> None:
        told = fault(f'{CHANNEL}topic = "{"x" * (TOPIC_CHARACTERS_MAX + 1)}"\n')
        assert told == 'channel 1 ("a"): topic is 201 characters long, and the most are 200 (shorten it)'
