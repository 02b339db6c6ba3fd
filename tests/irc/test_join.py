"""JOIN and PART, by the bytes on the wire."""

from antechamber.irc.network import IrcSettings
from antechamber.protocol.commands import Quit
from antechamber.protocol.events import Left, Queued, Seated
from antechamber.protocol.limits import Limits
from tests.irc.wire import OPEN, Net


def test_joining_shows_the_join_and_who_is_there() -> None:
    net = Net()
    mary = net.connects("Mary")
    assert mary.asked("JOIN #general") == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber 353 Mary = #general :Mary",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]


def test_those_in_the_channel_read_who_joins() -> None:
    net = Net()
    bob, mary = net.joins("Bob"), net.connects("Mary")
    assert mary.asked("JOIN #general") == [
        b":Mary!~u@mary.cloak JOIN #general",
        b":irc.antechamber 353 Mary = #general :Bob Mary",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]
    assert bob.reads() == [b":Mary!~u@mary.cloak JOIN #general"]


def test_those_who_ask_for_it_read_accounts_and_names_with_a_join() -> None:
    net = Net()
    bob = net.joins("Bob", capabilities=("extended-join",))
    mary = net.connects("Mary")
    mary.sends("JOIN #general")
    assert bob.reads() == [b":Mary!~u@mary.cloak JOIN #general * :Mary Doe"]
    mary.sends("SETNAME :Mary of old", "PART #general", "JOIN #general")
    assert bob.reads()[-1] == b":Mary!~u@mary.cloak JOIN #general * :Mary of old"


def test_the_real_name_of_who_does_not_come_by_irc_is_its_nick_whoever_is_called_so_elsewhere() -> None:
    net = Net()
    bob = net.joins("Bob", capabilities=("extended-join",))
    net.connects("Eve")
    net.connects("tom").sends("JOIN #games")
    for name in ("Tom", "Eve"):
        net.enters(name)
        assert bob.reads() == [f":{name}!~u@antechamber JOIN #general * :{name}".encode()]


def test_a_topic_is_told_to_who_joins() -> None:
    net = Net()
    net.rooms["general"].topic = "All and sundry"
    mary = net.connects("Mary")
    assert mary.asked("JOIN #general")[1] == b":irc.antechamber 332 Mary #general :All and sundry"


def test_who_would_rather_ask_for_names_is_not_told_them() -> None:
    net = Net()
    mary = net.connects("Mary", "draft/no-implicit-names")
    assert mary.asked("JOIN #general") == [b":Mary!~u@mary.cloak JOIN #general"]
    assert mary.asked("NAMES #general") == [
        b":irc.antechamber 353 Mary = #general :Mary",
        b":irc.antechamber 366 Mary #general :End of NAMES list",
    ]


def test_several_channels_are_joined_in_one_line_each_with_its_key() -> None:
    net = Net(settings=OPEN)
    bob = net.joins("Bob", "#one", "#two")
    bob.sends("MODE #two +k sesame")
    mary = net.connects("Mary")
    read = mary.asked("JOIN #one,#two x,sesame")
    assert [line for line in read if b" JOIN " in line] == [
        b":Mary!~u@mary.cloak JOIN #one",
        b":Mary!~u@mary.cloak JOIN #two",
    ]


def test_a_labelled_join_is_answered_as_a_whole() -> None:
    net = Net()
    mary = net.connects("Mary", "labeled-response", "batch", "message-tags")
    first, *inner, last = mary.asked("@label=7 JOIN #general")
    assert first.startswith(b"@label=7 :irc.antechamber BATCH +")
    batch = first.split()[3][1:]
    assert last.split()[-1] == b"-" + batch
    assert [line.split(b" ")[2] for line in inner] == [b"JOIN", b"353", b"366"]
    assert all(b"batch=" + batch in line.split(b" ")[0] for line in inner)


def test_those_there_read_that_one_who_comes_is_away() -> None:
    net = Net()
    bob = net.joins("Bob", capabilities=("away-notify",))
    mary = net.connects("Mary")
    mary.sends("AWAY :Asleep", "JOIN #general")
    assert bob.reads() == [b":Mary!~u@mary.cloak JOIN #general", b":Mary!~u@mary.cloak AWAY :Asleep"]


def test_joining_where_one_is_already_does_nothing() -> None:
    net = Net()
    mary = net.joins("Mary")
    assert mary.asked("JOIN #general", "JOIN #GENERAL") == []


def test_a_channel_is_found_in_whatever_case() -> None:
    net = Net()
    mary = net.connects("Mary")
    assert mary.asked("JOIN #GENERAL")[0] == b":Mary!~u@mary.cloak JOIN #general"


def test_a_channel_that_is_not_there_is_no_such_channel_where_users_make_none() -> None:
    net = Net()
    mary = net.connects("Mary")
    assert mary.asked("JOIN #nowhere") == [b":irc.antechamber 403 Mary #nowhere :No such channel"]
    assert mary.asked("JOIN ,,") == mary.asked("PART ,") == []
    assert mary.asked("JOIN general") == [b":irc.antechamber 403 Mary general :No such channel"]


def test_a_name_that_no_channel_can_have_is_illegal() -> None:
    net = Net(settings=OPEN)
    mary = net.connects("Mary")
    for name in ("#", "##", "#a*b", "#" + 33 * "x"):
        expected = f":irc.antechamber 479 Mary {name} :Illegal channel name".encode()
        assert mary.asked(f"JOIN {name}") == [expected]


def test_a_channel_name_may_be_as_long_as_a_name_and_have_more_than_one_hash() -> None:
    net = Net(settings=OPEN)
    mary = net.connects("Mary")
    for name in ("#" + 32 * "x", "##antechamber"):
        assert mary.asked(f"JOIN {name}")[0] == f":Mary!~u@mary.cloak JOIN {name}".encode()


def test_one_is_in_so_many_channels_and_no_more() -> None:
    net = Net(settings=IrcSettings(channels_per_user_max=2))
    mary = net.joins("Mary", "#general", "#games")
    assert mary.asked("JOIN #help") == [b":irc.antechamber 405 Mary #help :You have joined too many channels"]
    mary.sends("PART #games")
    mary.reads()
    assert mary.asked("JOIN #help")[0] == b":Mary!~u@mary.cloak JOIN #help"


def test_a_name_that_a_member_of_the_page_has_there_is_unavailable() -> None:
    net = Net()
    net.enters("Mary")
    mary = net.connects("Mary")
    text = b"There is somebody called Mary in #general already: take another nick with NICK, then join again"
    assert mary.asked("JOIN #general") == [b":irc.antechamber 437 Mary #general :" + text]
    assert mary.asked("JOIN #games")[0] == b":Mary!~u@mary.cloak JOIN #games"


def test_a_name_in_another_case_is_unavailable_too() -> None:
    net = Net()
    net.enters("MARY")
    mary = net.connects("Mary")
    text = b"There is somebody called MARY in #general already: take another nick with NICK, then join again"
    assert mary.asked("JOIN #general") == [b":irc.antechamber 437 Mary #general :" + text]


def test_who_is_kept_out_is_told_why() -> None:
    net = Net(settings=OPEN)
    bob, mary = net.joins("Bob", "#den"), net.connects("Mary")
    bob.sends("MODE #den +i")
    assert mary.asked("JOIN #den") == [b":irc.antechamber 473 Mary #den :Cannot join channel (+i)"]
    bob.sends("MODE #den -i+k sesame")
    assert mary.asked("JOIN #den") == [b":irc.antechamber 475 Mary #den :Cannot join channel (+k)"]
    assert mary.asked("JOIN #den wrong") == [b":irc.antechamber 475 Mary #den :Cannot join channel (+k)"]
    bob.sends("MODE #den -k+b * *!*@mary.cloak")
    assert mary.asked("JOIN #den") == [b":irc.antechamber 474 Mary #den :Cannot join channel (+b)"]


def test_a_channel_that_has_stopped_is_unavailable() -> None:
    net = Net()
    mary = net.connects("Mary")
    net.rooms["general"].stopped = True
    text = b"The general channel has stopped because of a fault in the server."
    assert mary.asked("JOIN #general") == [b":irc.antechamber 437 Mary #general :" + text]


# Open channels


def test_so_many_channels_are_made_and_no_more() -> None:
    net = Net(settings=OPEN, limits=Limits(channels_max=4))
    mary = net.joins("Mary", "#one")
    text = b"There are too many channels on this server."
    assert mary.asked("JOIN #two") == [b":irc.antechamber 437 Mary #two :" + text]
    mary.sends("PART #one")
    mary.reads()
    assert mary.asked("JOIN #two")[0] == b":Mary!~u@mary.cloak JOIN #two"


def test_who_makes_a_channel_is_its_operator() -> None:
    net = Net(settings=OPEN)
    mary = net.connects("Mary")
    assert mary.asked("JOIN #den") == [
        b":Mary!~u@mary.cloak JOIN #den",
        b":irc.antechamber MODE #den +o Mary",
        b":irc.antechamber 353 Mary = #den :@Mary",
        b":irc.antechamber 366 Mary #den :End of NAMES list",
    ]
    assert net.joins("Bob", "#den").asked("NAMES #den")[0] == b":irc.antechamber 353 Bob = #den :@Mary Bob"


def test_an_open_channel_with_a_limit_is_full_and_has_no_line() -> None:
    net = Net(settings=OPEN)
    mary, bob = net.joins("Mary", "#den"), net.connects("Bob")
    mary.sends("MODE #den +l 1")
    assert bob.asked("JOIN #den") == [b":irc.antechamber 471 Bob #den :Cannot join channel (+l)"]
    mary.sends("PART #den")
    assert bob.reads() == []


def test_an_open_channel_ends_with_the_last_who_leaves_it() -> None:
    net = Net(settings=OPEN)
    mary, bob = net.joins("Mary", "#den"), net.joins("Bob", "#den")
    mary.sends("MODE #den +k sesame", "TOPIC #den :Ours", "PART #den")
    bob.sends("PART #den")
    assert bob.asked("LIST #den") == [
        b":irc.antechamber 321 Bob Channel :Users  Name",
        b":irc.antechamber 323 Bob :End of LIST",
    ]
    assert bob.asked("JOIN #den") == [
        b":Bob!~u@bob.cloak JOIN #den",
        b":irc.antechamber MODE #den +o Bob",
        b":irc.antechamber 353 Bob = #den :@Bob",
        b":irc.antechamber 366 Bob #den :End of NAMES list",
    ]


# The line


def full(*waiting: str, seats: int = 1) -> Net:
    net = Net(seats=seats)
    for name in ("Ann", *waiting):
        net.joins(name)
    return net


def test_a_full_channel_is_waited_for_in_its_line() -> None:
    net = full("Bob")
    mary = net.connects("Mary")
    assert mary.asked("JOIN #general") == [
        b":irc.antechamber 471 Mary #general :Cannot join channel (+l) - you are in its waiting queue",
        b":irc.antechamber NOTE JOIN QUEUED #general 1 "
        b":You are in the waiting queue and there are 1 user(s) ahead of you.",
    ]


def test_the_join_comes_from_the_server_when_the_seat_does() -> None:
    net = Net(seats=1)
    ann, bob, mary = net.joins("Ann"), net.joins("Bob"), net.joins("Mary")
    ann.sends("PART #general")
    assert bob.reads() == [
        b":Bob!~u@bob.cloak JOIN #general",
        b":irc.antechamber 353 Bob = #general :Bob",
        b":irc.antechamber 366 Bob #general :End of NAMES list",
    ]
    assert mary.reads() == [
        b":irc.antechamber NOTICE Mary :#general: You are in the waiting queue and there are 0 user(s) ahead of you."
    ]
    bob.sends("QUIT")
    assert mary.reads()[0] == b":Mary!~u@mary.cloak JOIN #general"


def test_one_waits_in_several_lines_at_once() -> None:
    net = Net(seats=1)
    net.joins("Ann", "#general")
    net.joins("Bob", "#games")
    mary = net.connects("Mary")
    read = mary.asked("JOIN #general,#games,#help")
    assert [line.split()[1:4] for line in read] == [
        [b"471", b"Mary", b"#general"],
        [b"NOTE", b"JOIN", b"QUEUED"],
        [b"471", b"Mary", b"#games"],
        [b"NOTE", b"JOIN", b"QUEUED"],
        [b"JOIN", b"#help"],
        [b"353", b"Mary", b"="],
        [b"366", b"Mary", b"#help"],
    ]


def test_joining_again_from_the_line_tells_the_place_and_changes_nothing() -> None:
    net = full("Bob")
    mary, eve = net.joins("Mary"), net.joins("Eve")
    assert mary.asked("JOIN #general") == [
        b":irc.antechamber 471 Mary #general :Cannot join channel (+l) - you are in its waiting queue",
        b":irc.antechamber NOTE JOIN QUEUED #general 1 "
        b":You are in the waiting queue and there are 1 user(s) ahead of you.",
    ]
    assert list(net.rooms["general"].channel.waiting) == ["Bob", "Mary", "Eve"]
    assert eve.reads() == []


def test_part_leaves_the_line() -> None:
    net = Net(seats=1)
    ann, bob, mary = net.joins("Ann"), net.joins("Bob"), net.joins("Mary")
    assert bob.asked("PART #general") == [b":irc.antechamber NOTICE Bob :#general: You have left the waiting queue."]
    assert mary.reads() == [
        b":irc.antechamber NOTICE Mary :#general: You are in the waiting queue and there are 0 user(s) ahead of you."
    ]
    assert ann.reads() == []
    assert bob.asked("PART #general") == [b":irc.antechamber 442 Bob #general :You're not on that channel"]


def test_quit_leaves_every_line() -> None:
    net = Net(seats=1)
    net.joins("Ann", "#general", "#games")
    net.joins("Bob", "#general", "#games").sends("QUIT")
    assert [list(net.rooms[name].channel.waiting) for name in ("general", "games")] == [[], []]


def test_a_line_that_is_full_says_so() -> None:
    net = Net(seats=1, limits=Limits(waiting_max=1))
    net.joins("Ann")
    net.joins("Bob")
    mary = net.connects("Mary")
    assert mary.asked("JOIN #general") == [
        b":irc.antechamber 471 Mary #general :Cannot join channel (+l) - its waiting queue is full, too"
    ]


def test_members_of_the_page_and_of_irc_wait_in_one_line() -> None:
    net = Net(seats=1)
    ann, bob, mary = net.joins("Ann"), net.enters("Bob"), net.joins("Mary")
    ann.sends("PART #general")
    bob.ask(Quit())
    net.run()
    assert mary.reads()[-3] == b":Mary!~u@mary.cloak JOIN #general"


# Leaving


def test_leaving_is_told_with_its_words() -> None:
    net = Net()
    mary, bob = net.joins("Mary"), net.joins("Bob")
    mary.reads()
    assert mary.asked("PART #general :I must be off") == [b":Mary!~u@mary.cloak PART #general :I must be off"]
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #general :I must be off"]
    assert mary.asked("PART #general") == [b":irc.antechamber 442 Mary #general :You're not on that channel"]
    assert mary.asked("PART #nowhere") == [b":irc.antechamber 403 Mary #nowhere :No such channel"]


def test_leaving_several_channels_and_all_of_them() -> None:
    net = Net()
    mary = net.joins("Mary", "#general", "#games", "#help")
    assert mary.asked("PART #general,#games") == [
        b":Mary!~u@mary.cloak PART #general",
        b":Mary!~u@mary.cloak PART #games",
    ]
    mary.sends("JOIN #games")
    assert mary.asked("JOIN 0") == [b":Mary!~u@mary.cloak PART #help", b":Mary!~u@mary.cloak PART #games"]
    assert mary.asked("JOIN 0") == []


def test_nobody_can_leave_a_channel_as_if_it_left_the_network() -> None:
    net = Net()
    mary, bob = net.joins("Mary"), net.joins("Bob")
    mary.sends("PART #general :Quit: gone")
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #general :(Quit: gone)"]


def test_last_words_are_cut_at_their_bound() -> None:
    net = Net()
    mary, bob = net.joins("Mary"), net.joins("Bob")
    mary.sends("PART #general :" + 201 * "x")
    assert bob.reads() == [b":Mary!~u@mary.cloak PART #general :" + 200 * b"x"]


def test_what_is_kept_of_coming_and_going() -> None:
    net = Net()
    net.joins("Mary").sends("PART #general :bye")
    assert net.events() == [
        Queued("Mary", host="mary.cloak"),
        Seated("Mary"),
        Left("Mary", "quit", text="bye"),
    ]
    net.check()
