"""What a visit has asked and is yet to be answered: in the order of asking, as the protocol promises."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from antechamber.protocol.commands import (
    AskPlace,
    Command,
    Hello,
    Here,
    List,
    Malformed,
    Ping,
    Quit,
    Resume,
    Say,
    Send,
    Switch,
    Tag,
    Watch,
    Whisper,
    Who,
)


class Question(NamedTuple):
    """A command that waits for its answer. `text` is what was said in it."""

    kind: type[Command]
    id: str
    text: str = ""


ANSWERED = {
    "welcome": (Hello, Switch),
    "resumed": (Resume,),
    "pong": (Ping,),
    "channels": (List, Watch),
    "ticket": (Send,),
    "members": (Who,),
    "place": (AskPlace,),
    "done": (Say, Tag, Whisper, Switch, Here),
    "goodbye": (Quit,),
    "refusal": (
        *(Hello, Resume, Say, Tag, Whisper, List, Switch, Send, Ping, Who, AskPlace, Here, Watch, Quit),
        Malformed,
    ),
    "said": (Say,),
}
"""The commands that each kind of answer may be for."""


class Talk:
    """The questions of one visit. While it is `strict`, answers come in the order of the questions.

    One that has resumed may read old entries while it reads answers, until it has caught up.
    """

    def __init__(self, fail: Callable[[str], object]) -> None:
        self.questions: deque[Question] = deque()
        self.strict = True
        self._fail = fail

    def ask(self, question: Question) -> None:
        self.questions.append(question)

    def answer(self, kind: str, command_id: str, text: str = "", *, stays: bool = False) -> Question | None:
        """Find the question that an answer is for; it `stays` where another answer is to follow."""
        questions, fitting = self.questions, ANSWERED[kind]
        for index, question in enumerate(questions):
            if question.id == command_id and question.kind in fitting and (not text or question.text == text):
                if not stays:
                    del questions[index]
                return question
            if self.strict:
                self._fail(f"a {kind} ({command_id or text}) came before the answer to {question}")
        if self.strict or not text:
            self._fail(f"a {kind} ({command_id or text}) is the answer to nothing")
        return None

    def drop(self, command_id: str) -> None:
        """Give up a question, if it is not answered yet."""
        for question in self.questions:
            if question.id == command_id:
                self.questions.remove(question)
                return

    def answer_move(self, *, stays: bool) -> list[str]:
        """Find the hello or the switch that a welcome is for.

        Return what was said before a switch by one who has not caught up yet, and so never reads of it.
        """
        questions, unread = self.questions, []
        while questions and questions[0].kind not in ANSWERED["welcome"]:
            question = questions.popleft()
            if self.strict or question.kind is not Say:
                self._fail(f"a welcome came before the answer to {question}")
            unread.append(question.text)
        if not questions:
            self._fail("it is welcome, and had not asked to be")
        if not stays:
            questions.popleft()
        return unread

    def asked(self, text: str) -> bool:
        """Say whether a text was said and is not answered yet."""
        return any(question.text == text for question in self.questions)
