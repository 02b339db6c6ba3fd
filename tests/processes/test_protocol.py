"""JSON lines and the front desk, by literal lines. docs/protocol.md's worked sessions have a test of their own."""

import http.client
import json
from contextlib import closing
from typing import Any

from antechamber import __version__
from tests.processes.chat import THROUGH_SOCKETS, Chat
from tests.processes.programs import Caller, Programs
from tests.processes.transcript import says

HELLO = '{"type":"hello","name":"Mary"}'


def joins(chat: Chat, name: str = "Mary") -> Caller:
    """Join as `name` by JSON lines, and read all of the answer."""
    session = chat.calls("general", name, json.dumps({"type": "hello", "name": name}))
    session.reads_up_to(entry(f'{{"type":"seated","name":"{name}"}}'))
    chat.server.reads(says(f"{name} has joined the general channel."))
    return session


def entry(event: str, channel: str = "general") -> str:
    return f'{{"type":"entry","channel":"{channel}","sequence":<n>,"time":<time>,"event":{event}}}'


def refusal(code: str, text: str, command_id: str = "") -> str:
    tail = f',"id":"{command_id}"' if command_id else ""
    return f'{{"type":"refusal","time":<time>,"code":"{code}","text":"{text}"{tail}}}'


def goodbye(reason: str) -> str:
    return f'{{"type":"goodbye","time":<time>,"reason":"{reason}","text":"<*>"}}'


@THROUGH_SOCKETS
class TestHello:
    def test_it_is_answered_with_a_welcome_and_the_seat(self, chat: Chat) -> None:
        session = chat.calls("general", "Mary", HELLO)
        port = chat.server.front_desk_port
        session.reads(
            f'{{"type":"welcome","time":<time>,"channel":"general","name":"Mary","server":"antechamber/{__version__}",'
            f'"protocol":1,"utc_offset_seconds":<n>,"front_desk_port":{port},'
            '"token":"<*>","seat_hold_seconds":0.0,"place_hold_seconds":0.0,'
            '"idle_seconds_max":100.0,"line_bytes_max":16384,"file_bytes_max":104857600}',
            entry('{"type":"seated","name":"Mary"}'),
        )

    def test_of_a_full_channel_with_a_place(self, chat: Chat) -> None:
        leaver, *_ = chat.fills("general")
        session = chat.calls("general", "Mary", HELLO)
        session.reads('{"type":"welcome",<*>}', '{"type":"place","time":<time>,"channel":"general","ahead":0}')
        leaver.types("/quit")
        session.reads(entry('{"type":"seated","name":"Mary"}'))

    def test_a_name_that_is_taken_is_refused_and_the_session_ends(self, chat: Chat) -> None:
        session = joins(chat)
        other = chat.calls("general", "Mary", '{"type":"hello","name":"Mary","id":"h"}')
        other.reads(refusal("name-taken", "Cannot connect to the general channel.", "h"), goodbye("refused"))
        other.ends()
        session.types('{"type":"ping"}')
        session.reads('{"type":"pong","time":<time>}')

    def test_it_comes_first_and_once(self, chat: Chat) -> None:
        session = chat.programs.caller(chat.server.ports["general"], "Mary")
        session.types('{"type":"say","text":"hello","id":"1"}', '{"type":"here"}', HELLO, HELLO)
        early = "Say who you are first: the first line is a hello."
        session.reads(refusal("hello-first", early, "1"), refusal("hello-first", early))
        session.reads_up_to(entry('{"type":"seated","name":"Mary"}'))
        session.reads(refusal("named-already", "You are Mary already."))
        session.types('{"type":"quit"}')
        session.reads(goodbye("quit"))
        session.ends()


@THROUGH_SOCKETS
class TestCommands:
    def test_a_message_comes_back_with_its_id_and_everybody_reads_it(self, chat: Chat) -> None:
        [tom] = chat.seats("general", "Tom")
        mary, ann = joins(chat), joins(chat, "Ann")
        mary.reads_up_to(entry('{"type":"seated","name":"Ann"}'))
        tom.reads(says("Mary has joined the channel."), says("Ann has joined the channel."))
        mary.types('{"type":"say","text":"  hello \\u00e4 ","id":"one"}', '{"text":"again","type":"say","new":[]}')
        for reader in (mary, ann):
            reader.reads(entry('{"type":"said","name":"Mary","text":"hello ä","id":"one"}'))
            reader.reads(entry('{"type":"said","name":"Mary","text":"again"}'))
        chat.all_read([tom, chat.server], "[Mary (<t>)] hello ä", "[Mary (<t>)] again")

    def test_a_retry_is_harmless(self, chat: Chat) -> None:
        [tom] = chat.seats("general", "Tom")
        mary = joins(chat)
        tom.reads(says("Mary has joined the channel."))
        say, whisper = '{"type":"say","text":"hello","id":"1"}', '{"type":"whisper","to":"Tom","text":"you","id":"2"}'
        mary.types(say, say, whisper, whisper, say, '{"type":"say","text":"end","id":"3"}')
        mary.reads(entry('{"type":"said","name":"Mary","text":"hello","id":"1"}'))
        done = '{{"type":"done","time":<time>,"id":"{}"}}'
        mary.reads(*(done.format(number) for number in (1, 2, 2, 1)))
        mary.reads(entry('{"type":"said","name":"Mary","text":"end","id":"3"}'))
        tom.reads("[Mary (<t>)] hello", "[Mary whispers to you: (<t>)] you", "[Mary (<t>)] end")
        chat.server.reads("[Mary (<t>)] hello", "[Mary whispers to Tom: (<t>)] you", "[Mary (<t>)] end")

    def test_lines_arrive_in_any_pieces(self, chat: Chat) -> None:
        mary = joins(chat)
        for byte in '{"type":"ping","id":"ä"}\r\n'.encode():
            mary.sends(bytes([byte]))
        mary.reads('{"type":"pong","time":<time>,"id":"ä"}')

    def test_the_list_has_every_channel(self, chat: Chat) -> None:
        mary = joins(chat)
        mary.types('{"type":"list","id":"7"}')
        ports = chat.server.ports
        rows = [
            f'{{"name":"{name}","port":{ports[name]},"seats":5,"seated":{int(name == "general")},"waiting":0}}'
            for name in ports
        ]
        mary.reads(f'{{"type":"channels","time":<time>,"channels":[{",".join(rows)}],"id":"7"}}')

    def test_a_switch_is_a_welcome_and_then_done(self, chat: Chat) -> None:
        mary = joins(chat)
        mary.types('{"type":"switch","channel":"nowhere","id":"1"}', '{"type":"switch","channel":"general","id":"2"}')
        mary.reads(
            refusal("no-such-channel", "nowhere does not exist.", "1"),
            refusal("cannot-switch", "Cannot switch to the general channel.", "2"),
        )
        mary.types('{"type":"switch","channel":"games","id":"3"}')
        mary.reads('{"type":"welcome","time":<time>,"channel":"games",<*>}')
        mary.reads(entry('{"type":"seated","name":"Mary"}', "games"), '{"type":"done","time":<time>,"id":"3"}')

    def test_a_whisper_is_told_to_its_target_alone(self, chat: Chat) -> None:
        mary, ann = joins(chat), joins(chat, "Ann")
        mary.reads_up_to(entry('{"type":"seated","name":"Ann"}'))
        mary.types('{"type":"whisper","to":"Ann","text":"you"}', '{"type":"whisper","to":"Bob","text":"you"}')
        mary.reads(refusal("not-here", "Bob is not here."))
        ann.reads('{"type":"whispered","time":<time>,"channel":"general","sender":"Mary","to":"Ann","text":"you"}')
        chat.server.reads("[Mary whispers to Ann: (<t>)] you", "[Mary whispers to Bob: (<t>)] you")

    def test_the_operators_commands_are_the_operators_alone(self, chat: Chat) -> None:
        mary = joins(chat)
        mary.types(
            '{"type":"kick","channel":"general","name":"Mary"}',
            '{"type":"mute","channel":"general","name":"Mary","seconds":9}',
            '{"type":"empty","channel":"general"}',
            '{"type":"shutdown","id":"x"}',
        )
        mary.reads(
            *[refusal("not-operator", "Only an operator of the channel may do that.")] * 3,
            refusal("operators-only", "Only the operator can do that.", "x"),
        )
        chat.server_reads_nothing()

    def test_who_waits_is_refused_what_needs_a_seat(self, chat: Chat) -> None:
        chat.fills("general")
        mary = chat.calls("general", "Mary", HELLO)
        mary.reads_up_to('{"type":"place",<*>}')
        mary.types('{"type":"say","text":"hello","id":"1"}', '{"type":"whisper","to":"one1","text":"hello","id":"2"}')
        waiting = "You are waiting for a seat: until then only /list, /switch and /quit work."
        mary.reads(refusal("waiting", waiting, "1"), refusal("waiting", waiting, "2"))
        chat.server_reads_nothing()

    def test_who_is_muted_is_refused_with_the_seconds_left(self, chat: Chat) -> None:
        mary = joins(chat, "Muted")  # for a thousand seconds, whoever comes again under this name
        chat.server.types("/mute general:Muted 1000")
        mary.reads(entry('{"type":"muted","name":"Muted","seconds":1000}'))
        mary.types('{"type":"say","text":"hello","id":"1"}')
        mary.reads(refusal("muted", "You are still muted for 9<n> seconds.", "1"))


class TestGoodbye:
    @THROUGH_SOCKETS
    def test_it_is_the_last_line_and_says_why(self, chat: Chat) -> None:
        for typed, reason in (("/kick general:Mary", "kicked"), ("/empty general", "emptied")):
            mary = joins(chat)
            chat.server.types(typed)
            mary.reads(goodbye(reason))
            mary.ends()
            chat.server.reads(says("Kicked Mary." if reason == "kicked" else "general has been emptied."))

    def test_a_shutdown_is_told_too(self, programs: Programs) -> None:
        chat = Chat(programs, programs.server(), "socket")
        mary = joins(chat)
        chat.server.types("/shutdown")
        mary.reads(goodbye("shutdown"))
        mary.ends()
        chat.server.exits(0)


@THROUGH_SOCKETS
class TestTheFrontDesk:
    def asks(self, chat: Chat, path: str, method: str = "GET") -> tuple[int, str]:
        desk = http.client.HTTPConnection("localhost", chat.server.front_desk_port, timeout=20)
        with closing(desk):
            desk.request(method, path)
            answer = desk.getresponse()
            return answer.status, answer.read().decode()

    def test_it_knows_every_channel_its_port_seats_and_queue(self, chat: Chat) -> None:
        chat.fills("games")
        chat.waits("games", "Ann", 0)
        chat.seats("general", "Mary")
        status, body = self.asks(chat, "/channels")
        ports = chat.server.ports
        channels: list[dict[str, Any]] = [
            {"name": "general", "port": ports["general"], "seats": 5, "seated": 1, "waiting": 0},
            {"name": "games", "port": ports["games"], "seats": 5, "seated": 5, "waiting": 1},
            {"name": "help", "port": ports["help"], "seats": 5, "seated": 0, "waiting": 0},
        ]
        assert (status, json.loads(body)) == (200, channels)

    def test_it_says_that_the_server_is_there(self, chat: Chat) -> None:
        assert self.asks(chat, "/healthz") == (200, "ok")

    def test_what_it_does_not_know_is_told_in_words(self, chat: Chat) -> None:
        assert self.asks(chat, "/nowhere") == (404, '{"error":"There is nothing at /nowhere."}')
        assert self.asks(chat, "/files/nothing")[0] == 404
        assert self.asks(chat, "/channels", "DELETE")[0] == 405

    def test_what_is_no_http_holds_nobody_up(self, chat: Chat) -> None:
        for rubbish in (b"\x00\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost", b"x" * 70_000):
            stranger = chat.programs.caller(chat.server.front_desk_port, "stranger")
            stranger.sends(rubbish)
        assert self.asks(chat, "/healthz") == (200, "ok")
        [mary] = chat.seats("general", "Mary")
        chat.nobody_else_read_anything([mary], speaker=mary)
