"""Resume tokens, by which a client shows that it belongs to an earlier connection's member; and the operator token.

A resume token names a membership (channel, name, and the sequence number of the entry by which it began), and is signed
with a secret in the log (HMAC-SHA256, RFC 2104). So the server keeps no list of tokens, and they outlive the process. A
member who leaves and enters again gets another token, and the old one is worthless.

There is one operator token for all operators: the config's, or else one made from the same secret.
"""

import binascii
import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from antechamber.protocol.text import is_same_secret
from antechamber.session.addresses import origin_of

_TAG_BYTES = 16
"""Bytes of a token's signature: 128 bits cannot be guessed."""

_OLD_PROOF_CHARACTERS = 13
_CLOAK_CHARACTERS = 13
"""Characters of a cloak: 65 bits, so that two addresses never have the same by accident."""


class Claim(NamedTuple):
    """The membership that a token is for."""

    channel: str
    name: str
    entered: int


def operator_token(secret: bytes) -> str:
    """Return the operator token of the log with this secret, for a config without one."""
    return _text(hmac.digest(secret, b"operator", "sha256"))  # no membership has this content


class Tokens:
    """The tokens of one log."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._operator = operator_token(secret)

    def set_operator(self, token: str) -> None:
        """Set the operator token; an empty one stands for the log's own token."""
        self._operator = token or operator_token(self._secret)

    def operates(self, token: str) -> bool:
        """Return whether this is the operator token, in constant time."""
        return is_same_secret(token, self._operator)

    def make(self, claim: Claim) -> str:
        """Return the resume token of a membership."""
        content = f"{claim.entered}\n{claim.channel}\n{claim.name}".encode()
        return f"{_text(content)}.{_text(self._tag(content))}"

    def read(self, token: str) -> Claim | None:
        """Return the membership of a resume token, None if it is not one of this log."""
        content_text, _, tag_text = token.partition(".")
        try:
            content, tag = _bytes(content_text), _bytes(tag_text)
        except (binascii.Error, ValueError):
            return None
        if not hmac.compare_digest(tag, self._tag(content)):
            return None
        entered, channel, name = content.decode().split("\n")  # what we signed is what we made
        return Claim(channel, name, int(entered))

    def cloak(self, address: str) -> str:
        """Return the cloak of an IP address: always the same, and irreversible."""
        origin = origin_of(address)
        packed = origin.encode() if isinstance(origin, str) else origin
        digest = hmac.digest(self._secret, b"cloak\n" + packed, "sha256")
        return f"{b32encode(digest)[:_CLOAK_CHARACTERS].decode().lower()}.cloak"

    def mark(self, *what: object) -> str:
        """Return the mark of a membership or connection: always the same, and irreversible."""
        digest = hmac.digest(self._secret, "\n".join(["mark", *map(str, what)]).encode(), "sha256")
        return b32encode(digest)[:_CLOAK_CHARACTERS].decode().lower()

    def proof(self, channel: str, entered: int, password: str) -> str:
        """Return the proof of a member's password on IRC, which differs in each membership.

        The membership began with the entry `entered` of the channel.
        """
        return _text(hmac.digest(self._secret, f"password\n{channel}\n{entered}\n{password}".encode(), "sha256"))

    def proves(self, proof: str, channel: str, entered: int, password: str) -> bool:
        """Return whether a proof is of this password, in constant time."""
        made = self.proof(channel, entered, password)
        if len(proof) == _OLD_PROOF_CHARACTERS:
            made = self._old_proof(channel, password)
        return bool(password) and is_same_secret(made, proof)

    def _old_proof(self, channel: str, password: str) -> str:
        """Return the proof as versions up to 0.4 made it, so that their members can still resume."""
        digest = hmac.digest(self._secret, f"proof\n{channel}\n{password}".encode(), "sha256")
        return b32encode(digest)[:_OLD_PROOF_CHARACTERS].decode().lower()

    def _tag(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, "sha256")[:_TAG_BYTES]


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
