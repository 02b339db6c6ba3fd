"""What people do: come, talk, go, and all that goes wrong at their end. Each returns whether it did anything."""

from typing import TYPE_CHECKING

from antechamber.protocol.commands import (
    AskPlace,
    Hello,
    Here,
    List,
    Malformed,
    Ping,
    Quit,
    Send,
    Switch,
    Tag,
    Watch,
    Whisper,
    Who,
)
from tests.simulation.json_visits import JsonVisit
from tests.simulation.plain_visits import PlainVisit
from tests.simulation.plan import CHANNELS, LINE_BYTES_MOST, NAMES
from tests.simulation.talk import Question
from tests.simulation.visits import Visit

if TYPE_CHECKING:
    from tests.simulation.world import World

_NONSENSE = (
    b"what?\n",
    b"{}\n",
    b'{"type":"say","text":"  "}\n',
    b'{"type":"dance"}\n',
    b'"\xff\xfe"\n',
    b'{"type":"hello"}\n',
    b'{"type":"resume","token":5}\n',
    b'{"type":"kick","channel":"general","name":"Ada"}\n',
    b'{"type":"shutdown"}\n',
)
"""Lines that a member is refused, one refusal each."""


def _somebody(world: "World") -> Visit | None:
    """Return somebody who may say something."""
    dice, visits = world.dice, world.visits
    for _ in range(4 if visits else 0):
        visit = dice.pick(visits)
        if visit.speaks and (visit.seated or dice.chance(300 if visit.channel else 50)):
            return visit
    return None


def _another(world: "World", visit: Visit) -> str:
    """Return the name of somebody, who is mostly near."""
    near = list(visit.ledger.seated) if visit.channel else []
    return world.dice.pick(near if near and world.dice.chance(800) else world.plan.names)


def _json(world: "World") -> JsonVisit | None:
    """Return somebody who speaks JSON, and has said who it is."""
    visit = _somebody(world)
    return visit if isinstance(visit, JsonVisit) else None


def arrive(world: "World") -> bool:
    """Come in, or come back."""
    dice, plan = world.dice, world.plan
    if len(world.visits) >= plan.people_max or not world.server.doors:
        return False
    if world.lost and dice.chance(plan.resumes):
        return come_back(world)
    door, name = dice.pick(list(world.server.doors)), dice.pick(plan.names)
    if dice.chance(plan.plain):
        plain = PlainVisit(world, name, door)
        plain.slow = dice.chance(plan.slow)
        plain.say_hello()
        return True
    visit = JsonVisit(world, name, door)
    visit.slow = dice.chance(plan.slow)
    if dice.chance(30):
        visit.ask(Ping(visit.new_id()), lively=False)
    elsewhere = dice.pick(CHANNELS) if dice.chance(100) else ""
    visit.say_hello(holds=not dice.chance(plan.fleeting), channel=elsewhere)
    if dice.chance(100):
        visit.ask(Hello(name, id=visit.new_id()), lively=False)
    return True


def come_back(world: "World") -> bool:
    """Go on in another connection: mostly as the last one who was lost, with its last token."""
    dice, lost = world.dice, world.lost
    if not lost or not world.server.doors:
        return False
    origin = lost[-1] if dice.chance(500) else dice.pick(lost)
    return _come_back_as(world, origin, keep=dice.chance(100))


def come_back_alive(world: "World") -> bool:
    """Go on in another connection while the old one seems alive."""
    visit = _json(world)
    if visit is None or not visit.token or visit.claim is None or not world.server.doors:
        return False
    if world.dice.chance(500):
        _say(world, visit)
    return _come_back_as(world, visit, keep=True)


def _come_back_as(world: "World", origin: JsonVisit, *, keep: bool) -> bool:
    dice = world.dice
    token, garbled = origin.token, False
    if dice.chance(40) and origin.older_token:
        token = origin.older_token
    elif dice.chance(30):
        at = dice.below(len(token))
        garbled_token = token[:at] + dice.pick("Aa.-_=\u00e9") + token[at + 1 :]
        garbled = world.tokens.read(garbled_token) is None
        token = garbled_token if garbled else token
    if not (keep or garbled) and origin in world.lost:
        world.lost.remove(origin)
    back = JsonVisit(world, origin.name, dice.pick(list(world.server.doors)))
    back.slow = dice.chance(world.plan.slow)
    back.come_back(origin, token, garbled=garbled)
    return True


def say(world: "World") -> bool:
    visit = _somebody(world)
    if visit is None:
        return False
    _say(world, visit)
    return True


def _say(world: "World", visit: Visit) -> None:
    text = f"{world.step} {world.next_number()}"
    if world.dice.chance(100):
        text += " " + "long " * world.dice.below(24) + "long"
    if isinstance(visit, JsonVisit) and world.dice.chance(100):
        text += "\n\nand more"
    if isinstance(visit, JsonVisit):
        visit.say(text, visit.new_id() if not visit.talk.strict or world.dice.chance(800) else "")
    elif isinstance(visit, PlainVisit):
        visit.say(text)


def flood(world: "World") -> bool:
    """Say much at once."""
    visit = _somebody(world)
    if visit is None:
        return False
    for _ in range(2 + world.dice.below(12)):
        _say(world, visit)
    return True


def say_again(world: "World") -> bool:
    """Send a message once more, with its id, before it was answered; or a ping with an id that is used."""
    visit = _json(world)
    if visit is None:
        return False
    for text, command_id in reversed(visit.said.items()):
        if command_id:
            visit.say(text, command_id)
            return True
    command_id = visit.new_id()
    visit.ask(Ping(command_id), lively=False)
    visit.ask(Ping(command_id), lively=False)
    return True


def whisper(world: "World") -> bool:
    visit = _somebody(world)
    if visit is None:
        return False
    to, text = _another(world, visit), f"psst {world.step} {world.next_number()}"
    world.whispers.ask(visit.name, to, text)
    if isinstance(visit, JsonVisit):
        visit.ask(Whisper(to, text, visit.new_id()), text)
    elif isinstance(visit, PlainVisit):
        visit.type(f"/whisper {to} {text}")
    return True


def react(world: "World") -> bool:
    """Say something in tags alone."""
    visit = _json(world)
    if visit is None:
        return False
    reaction = f"{world.step} {world.next_number()}"
    world.asked.of["tag", visit.name, reaction] += 1
    visit.ask(Tag({"+draft/react": reaction}, visit.new_id()))
    return True


def look(world: "World") -> bool:
    """Ask for the channels, once or for good, who is there, for one's place, or a pong; or say that one is there."""
    visit = _somebody(world)
    if isinstance(visit, JsonVisit):
        question = world.dice.pick((List, Ping, Who, AskPlace, Here, Watch))
        visit.ask(question(id=visit.new_id()), lively=question in (List, Here))
    elif isinstance(visit, PlainVisit):
        visit.type("/list")
    return visit is not None


def switch(world: "World") -> bool:
    visit = _somebody(world)
    if visit is None:
        return False
    channel = world.dice.pick(CHANNELS)
    world.asked.of["switched", visit.name] += 1
    if isinstance(visit, JsonVisit):
        visit.ask(Switch(channel, visit.new_id()))
    elif isinstance(visit, PlainVisit):
        visit.type(f"/switch {channel}")
    return True


def send_file(world: "World") -> bool:
    visit = _somebody(world)
    if visit is None:
        return False
    to, path = _another(world, visit), f"file{world.next_number()}"
    if isinstance(visit, JsonVisit):
        visit.ask(Send(to, path, 5, id=visit.new_id()))
    elif isinstance(visit, PlainVisit):
        visit.type(f"/send {to} {path}")
    return True


def leave(world: "World") -> bool:
    """Quit."""
    visit = _somebody(world)
    if visit is None:
        return False
    world.asked.of["quit", visit.name] += 1
    if isinstance(visit, JsonVisit):
        visit.ask(Quit(visit.new_id()))
    elif isinstance(visit, PlainVisit):
        visit.type("/quit")
    return True


def talk_nonsense(world: "World") -> bool:
    """Send what is no command, is too long, or is not for one's like."""
    visit = _somebody(world)
    if isinstance(visit, PlainVisit):
        visit.type(world.dice.pick(("", "/whisper", "/switch", " ", "\t/quit now")), lively=False)
        return True
    if not isinstance(visit, JsonVisit) or not visit.has_spoken or not visit.talk.strict:
        return False
    visit.finish_line()
    visit.talk.ask(Question(Malformed, ""))
    if world.dice.chance(100):
        visit.send(b'{"type":"say","text":"' + b"x" * LINE_BYTES_MOST + b'"}\n')
    else:
        visit.send(world.dice.pick(_NONSENSE))
    return True


def begin_line(world: "World") -> bool:
    """Send the first half of a line."""
    visit = _json(world)
    return visit is not None and visit.begin_line(world.dice.below(20))


def knock(world: "World") -> bool:
    """Connect and say nothing, or next to nothing."""
    if len(world.visits) >= world.plan.people_max or not world.server.doors:
        return False
    visit = JsonVisit(world, world.dice.pick(NAMES), world.dice.pick(list(world.server.doors)))
    if world.dice.chance(500):
        visit.ask(Ping(visit.new_id()), lively=False)
    return True


def drop(world: "World") -> bool:
    """Be cut off, in one way or another."""
    dice = world.dice
    if not world.visits:
        return False
    visit = dice.pick(world.visits)
    if visit.wire.lost or visit.wire.hung_up:
        return False
    way = dice.below(8)
    if way < 3:
        visit.break_off()
    elif way < 5:
        visit.hang_up(reads_on=False)
    elif way < 6:
        visit.hang_up(reads_on=True)
    else:
        visit.vanish()
    return True


def find_gone(world: "World") -> bool:
    """Tell the server's network that somebody has vanished."""
    gone = [wire for wire in world.wires if wire.vanished and not wire.lost]
    if not gone:
        return False
    world.dice.pick(gone).reset("no answer from the peer")
    return True


def slow_down(world: "World") -> bool:
    """Read slowly from now on, or fast again."""
    if not world.visits:
        return False
    visit = world.dice.pick(world.visits)
    visit.slow = not visit.slow
    return True
