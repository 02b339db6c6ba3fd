"""Roles in a channel: who has one is seen and heard, and may do more, by typed commands and by buttons."""

import re

import pytest
from playwright.sync_api import expect

from tests.processes.programs import Programs
from tests.web.browsing import People
from tests.web.chatting import Chatter, chatter
from tests.web.houses import House
from tests.web.operating import isolated
from tests.web.speaking import Speaker, office


@pytest.fixture
def house(programs: Programs) -> House:
    return House(programs)


def two(house: House, people: People) -> tuple[Chatter, Chatter, Speaker]:
    """Seat Mary, who is made an operator of the channel, and Bob, who is nothing of that kind."""
    mary, bob = (chatter(people, house.front_desk_port).takes_a_seat("general", name) for name in ("Mary", "Bob"))
    mary.reads("Bob took a seat")
    of_the_server = office(house)
    of_the_server.sets("+o Mary")
    mary.reads(isolated("The operator made you an operator"))
    bob.reads(isolated("The operator made Mary an operator"))
    return mary, bob, of_the_server


def picks(mary: Chatter, name: str, what: str) -> None:
    """Choose from what can be done with somebody in the list."""
    mary.seated.get_by_role("button", name=name).click()
    mary.seated.get_by_role("button", name=what, exact=True).click()


def test_a_role_has_a_mark_for_the_eyes_and_a_word_for_the_ears(house: House, people: People) -> None:
    mary, bob, server = two(house, people)
    row = bob.seated.get_by_role("listitem").filter(has_text="Mary")
    expect(row.locator(".role")).to_have_text("@operator ")
    expect(row.get_by_role("button", name=re.compile("^operator Mary"))).to_be_visible()
    server.sets("+v Bob")
    bob.reads("The operator gave a voice to you")
    expect(mary.seated.get_by_role("button", name=re.compile("^has a voice Bob"))).to_be_visible()
    server.sets("-o Mary")
    expect(row.locator(".role")).to_be_hidden()
    bob.page.reload()
    expect(bob.seated.get_by_role("listitem").filter(has_text="Bob").locator(".role")).to_contain_text("+")


def test_the_topic_is_what_an_operator_of_the_channel_makes_it(house: House, people: People) -> None:
    mary, bob, server = two(house, people)
    bob.writes("/topic What Bob likes")
    bob.sees("Only an operator of the channel may do that.")
    mary.writes("/topic Essays & exams")
    for person in (mary, bob):
        expect(person.page.locator("chat-header > .topic")).to_have_text("Essays & exams")
    bob.reads(isolated("Mary set the topic: Essays & exams"))
    tom = chatter(people, house.front_desk_port)
    tom.opens()
    tom.sees("Essays & exams")
    server.asks("set-topic", channel="general", topic="")
    bob.reads("The operator restored the usual topic")
    expect(bob.page.locator("chat-header > .topic")).to_have_text("Everything and nothing")


def test_commands_are_offered_to_those_who_may_give_them(house: House, people: People) -> None:
    mary, bob, server = two(house, people)
    expect(bob.seated.locator(".role").filter(has_text="@")).to_be_visible()
    offered = bob.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    bob.composer.press_sequentially("/k")
    expect(offered).to_have_count(0)
    bob.writes("/help")
    helped = bob.reads("/nick NAME")
    expect(helped).not_to_contain_text("/kick NAME")
    expect(helped).to_contain_text("Operators of the channel (@) also have /topic, /mute, /kick,")
    bob.writes("/kick Mary")
    bob.sees("Only an operator of the channel may do that.")
    bob.composer.fill("")
    server.sets("-t")
    bob.reads("The operator let everyone set the topic")
    bob.composer.press_sequentially("/to")
    expect(offered).to_have_text(re.compile("/topic TEXT"))
    mary.composer.press_sequentially("/ki")
    mary.presses("Enter")
    expect(mary.page.get_by_role("listbox", name="Suggestions").get_by_role("option")).to_have_text(["Bob"])
    mary.composer.fill("")
    mary.writes("/help")
    expect(mary.reads("/kick NAME WHY")).not_to_contain_text("Operators of the channel")


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("/kick", "/kick NAME WHY"),
        ("/mute Bob", "/mute NAME TIME"),
        ("/mute Bob 5 minutes", "/mute NAME TIME"),
        ("/op Bob Tom", "/op NAME"),
        ("/nick two words", "/nick NAME"),
        ("/mode", "/mode CHANGES"),
    ],
)
def test_a_command_that_lacks_something_is_shown_whole(
    programs: Programs, people: People, typed: str, form: str
) -> None:
    mary = chatter(people, programs.server().front_desk_port).takes_a_seat("general", "Mary")
    mary.writes(typed)
    mary.sees(f"Write it as {form}.")
    expect(mary.composer).to_have_value(typed)


def test_who_is_sent_out_reads_by_whom_and_why_and_so_do_the_others(house: House, people: People) -> None:
    mary, bob, _ = two(house, people)
    picks(mary, "Bob", "Kick…")
    dialog = mary.page.get_by_role("dialog", name="Kick Bob?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(mary.seated.get_by_role("button", name="Bob")).to_be_focused()
    picks(mary, "Bob", "Kick…")
    dialog.get_by_role("button", name="Kick").click()
    expect(bob.page.get_by_role("heading", name="You were kicked")).to_be_visible()
    bob.sees("Mary closed your connection.")
    mary.reads(isolated("Bob was kicked by you"))
    bob.clicks("Take a seat again")
    bob.is_seated_in("general")
    tom = chatter(people, house.front_desk_port).takes_a_seat("general", "Tom")
    mary.writes("/kick bob Enough of that")
    tom.reads(isolated("Bob was kicked by Mary: Enough of that"))
    bob.sees("Mary: Enough of that")


def test_who_is_muted_by_a_channels_operator_is_told(house: House, people: People) -> None:
    mary, bob, _ = two(house, people)
    picks(mary, "Bob", "Mute…")
    expect(mary.seated.get_by_role("button", name="1 minute", exact=True)).to_be_focused()
    mary.seated.get_by_role("button", name="5 minutes", exact=True).click()
    bob.sees("You are muted. You may write again in")
    mary.reads("Bob has been muted for 5:00")
    mary.writes("/mute Bob 1s")
    expect(bob.composer).to_be_editable()
    mary.writes("/mute Bob 2h")
    mary.reads("Bob has been muted for 2:00:00")


def test_a_voice_is_for_a_channel_where_not_everyone_may_talk(house: House, people: People) -> None:
    mary, bob, _ = two(house, people)
    mary.writes("/mode +m")
    bob.reads(isolated("Mary let only members with a role talk"))
    bob.sees("Only members with a role may talk here now.")
    bob.writes("May I?")
    expect(bob.message("May I?")).to_contain_text("Only those who have a voice may talk in the general channel now.")
    picks(mary, "Bob", "Give a voice")
    bob.reads(isolated("Mary gave a voice to you"))
    bob.does_not_see("Only members with a role may talk here now.")
    bob.message("May I?").get_by_role("button", name="Try again").click()
    mary.reads("May I?")
    picks(mary, "Bob", "Take the voice")
    bob.reads(isolated("Mary took the voice from you"))
    picks(mary, "Bob", "Make operator")
    bob.reads(isolated("Mary made you an operator"))
    bob.writes("/deop Mary")
    mary.reads(isolated("Bob took the operator’s role from you"))
    mary.seated.get_by_role("button", name="Bob").click()
    expect(mary.seated.get_by_role("button", name="Mute…")).to_have_count(0)


def test_who_is_banned_gets_in_again_when_the_ban_is_lifted(house: House, people: People) -> None:
    mary, bob, _ = two(house, people)
    mary.writes("/ban Bob")
    mary.reads(isolated("You banned Bob!*@*"))
    mary.writes("/kick Bob")
    bob.clicks("Take a seat again")
    bob.sees("You are banned from the general channel.")
    mary.writes("/unban Bob")
    mary.reads(isolated("You lifted the ban on Bob!*@*"))
    bob.clicks("Take a seat again")
    bob.is_seated_in("general")


def test_a_channel_with_a_key_opens_to_those_who_know_it(house: House, people: People) -> None:
    mary, _, _ = two(house, people)
    mary.writes("/mode +k secret")
    mary.reads("locked the channel with a key")
    replies = ["wrong", "secret", "secret"]
    tom = chatter(people, house.front_desk_port)
    tom.page.on("dialog", lambda dialog: dialog.accept(replies.pop(0)))
    tom.enters("general", "Tom")
    tom.sees("The general channel opens to those who know its key.")
    house.server.tells("a wrong secret was tried")
    tom.name_field.press("Enter")
    tom.is_seated_in("general")
    tom.writes("/switch games")
    tom.is_seated_in("games")
    tom.writes("/switch general")
    tom.is_seated_in("general")


def test_who_is_invited_is_told_wherever_they_are(house: House, people: People) -> None:
    mary, bob, _ = two(house, people)
    tom = chatter(people, house.front_desk_port).takes_a_seat("games", "Tom")
    mary.writes("/mode +i")
    bob.reads(isolated("Mary let in only invited people"))
    mary.writes("/invite Tom")
    bob.reads(isolated("Mary invited Tom"))
    tom.sees("Mary invites you to general.")
    tom.hears("Mary invites you to general.")
    tom.is_accessible()
    tom.clicks("Go there")
    tom.is_seated_in("general")


def test_a_mode_without_words_of_its_own_is_told_as_it_is(house: House, people: People) -> None:
    mary, bob, _ = two(house, people)
    mary.writes("/mode +se-t *!*@friends")
    bob.reads(isolated("Mary set the mode +s, set the mode +e *!*@friends, let everyone set the topic"))
    mary.writes("/mode +k secret")
    bob.reads(isolated("Mary locked the channel with a key"))
    bob.has_not_read("secret")
    mary.writes("/mode +z")
    mary.sees("+z is no change of a channel's modes.")


def test_the_topic_of_a_locked_channel_is_shown_to_its_members_alone(house: House, people: People) -> None:
    mary, bob, server = two(house, people)
    tom = chatter(people, house.front_desk_port)
    tom.opens()
    tom.sees("Everything and nothing")
    server.sets("+k secret")
    tom.does_not_see("Everything and nothing")
    for person in (mary, bob):
        expect(person.page.locator("chat-header > .topic")).to_have_text("Everything and nothing")
    mary.writes("/topic Ours")
    expect(bob.page.locator("chat-header > .topic")).to_have_text("Ours")
    server.asks("set-topic", channel="general", topic="")
    for person in (mary, bob):
        expect(person.page.locator("chat-header > .topic")).to_have_text("Everything and nothing")
    tom.does_not_see("Everything and nothing")
