"""Checkpoints of the ledger (检查点): size and root of the tree as a signed note that anybody can check.

Parsing is strict: what is accepted has exactly one spelling, so no byte of what was signed, nor of the signature that
is relied on, can change unnoticed. Signing and verifying are callables, since core holds no keys and no crypto library.

Standard: C2SP tlog-checkpoint and signed-note.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from anjuan.core.merkle.tree import HASH_BYTES

ED25519 = 0x01
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64
MAXIMUM_NOTE_CHARACTERS = 1_000_000
MAXIMUM_SIGNATURES = 100

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY_ID = re.compile(r"[0-9a-f]{8}")

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes, bytes], bool]


class MalformedNote(ValueError):
    """The text is not a note, checkpoint or key as the specification writes it, or nobody known has signed it."""


@dataclass(frozen=True)
class Checkpoint:
    """What a log commits to at one moment (检查点).

    Attributes:
        origin: name of the log.
        size: number of leaves.
        root: root hash, 32 bytes.
        extensions: further lines, opaque; none as a rule.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or any(ord(character) < 0x20 for character in line):
                raise MalformedNote("a line of a checkpoint is empty or holds a control character")
        if not 0 <= self.size < 1 << 63:
            raise MalformedNote("a tree size is 0 to 2**63 - 1")
        if len(self.root) != HASH_BYTES:
            raise MalformedNote("a root hash has 32 bytes")

    def body(self) -> str:
        """The text that is signed."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), _encode(self.root), *self.extensions))


@dataclass(frozen=True)
class NoteSignature:
    """One signature line of a note.

    Attributes:
        name: name of the key.
        key_id: four bytes that tell keys of one name apart.
        signature: what the key's algorithm gave.
    """

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class VerifierKey:
    """An Ed25519 key that a reader trusts (验证公钥).

    Attributes:
        name: name of the key; the origin of the log as a rule.
        public_key: 32 bytes.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise MalformedNote("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The first four bytes of the hash of name, algorithm and key."""
        return key_id(self.name, self.public_key)


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _decode(text: str) -> bytes:
    """Standard base64 with padding, in its one canonical spelling."""
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedNote("not base64") from error
    if _encode(octets) != text:  # unused bits set, or missing padding: a second spelling of the same bytes
        raise MalformedNote("not canonical base64")
    return octets


def _check_name(name: str) -> None:
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 for c in name):
        raise MalformedNote("a key name is empty or holds a space, a plus or a control character")


def key_id(name: str, public_key: bytes) -> bytes:
    """The four bytes that name an Ed25519 key beside its name (密钥标识).

    Standard: C2SP signed-note, Signatures.
    """
    return hashlib.sha256(name.encode() + b"\n" + bytes([ED25519]) + public_key).digest()[:4]


def encode_vkey(name: str, public_key: bytes) -> str:
    """A public key as one line to hand to readers: ``name+id+key``.

    Args:
        name: name of the key, without spaces and plus signs.
        public_key: 32 bytes of Ed25519.
    """
    key = VerifierKey(name, public_key)
    return f"{name}+{key.key_id.hex()}+{_encode(bytes([ED25519]) + public_key)}"


def decode_vkey(vkey: str) -> VerifierKey:
    """A line ``name+id+key`` read back; MalformedNote when its identifier does not fit its key."""
    parts = vkey.split("+", 2)
    if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
        raise MalformedNote("a verifier key has the form name+id+key")
    material = _decode(parts[2])
    if not material or material[0] != ED25519:
        raise MalformedNote("not an Ed25519 verifier key")
    key = VerifierKey(parts[0], material[1:])
    if key.key_id.hex() != parts[1]:
        raise MalformedNote("the identifier does not fit the key")
    return key


def parse_checkpoint(body: str) -> Checkpoint:
    """The signed text of a checkpoint, read strictly.

    Raises:
        MalformedNote: when it is not spelt as the specification says.
    """
    lines = body.split("\n")
    if len(lines) < 4 or lines[-1]:
        raise MalformedNote("a checkpoint has three lines or more and ends with a newline")
    origin, size, root, *extensions = lines[:-1]
    if not _SIZE.fullmatch(size):
        raise MalformedNote("the tree size is not a plain decimal number")
    return Checkpoint(origin=origin, size=int(size), root=_decode(root), extensions=tuple(extensions))


def parse_note(text: str) -> tuple[str, tuple[NoteSignature, ...]]:
    """A note as its signed text and its signature lines (签名文书解析).

    Raises:
        MalformedNote: when it is not spelt as the specification says.
    """
    if len(text) > MAXIMUM_NOTE_CHARACTERS:
        raise MalformedNote("the note is too long")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise MalformedNote("the note is not valid Unicode") from error
    if any(ord(character) < 0x20 and character != "\n" for character in text):
        raise MalformedNote("the note holds a control character")
    head, blank, tail = text.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise MalformedNote("no blank line before the signatures, or no newline at the end")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > MAXIMUM_SIGNATURES:
        raise MalformedNote("too many signatures")
    signatures: list[NoteSignature] = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise MalformedNote("a signature line is not spelt as it must be")
        _check_name(parts[1])
        octets = _decode(parts[2])
        if len(octets) < 5:
            raise MalformedNote("a signature is too short")
        signatures.append(NoteSignature(name=parts[1], key_id=octets[:4], signature=octets[4:]))
    return head + "\n", tuple(signatures)


def sign_note(body: str, name: str, public_key: bytes, sign: Sign) -> str:
    """A text with one Ed25519 signature beneath it (签署).

    Args:
        body: the text; ends with a newline.
        name: name of the key.
        public_key: 32 bytes.
        sign: gives 64 bytes of signature over the bytes of the text.
    """
    _check_name(name)
    if not body.endswith("\n"):
        raise MalformedNote("a note's text ends with a newline")
    octets = key_id(name, public_key) + sign(body.encode())
    note = f"{body}\n— {name} {_encode(octets)}\n"
    parse_note(note)
    return note


def cosign_note(note: str, name: str, public_key: bytes, sign: Sign) -> str:
    """A note with one more Ed25519 signature beneath it (加签): the text stays as it is."""
    body, _ = parse_note(note)
    added = sign_note(body, name, public_key, sign)
    both = note + added.removeprefix(f"{body}\n")
    parse_note(both)
    return both


def verify_note(text: str, vkey: str | VerifierKey, verify: Verify, *, origin: str | None = None) -> Checkpoint:
    """The checkpoint of a note, if the trusted key has signed it (核验检查点).

    Signatures of other keys are left alone, as the specification asks: they are for other readers.

    Args:
        text: the note.
        vkey: the key that the reader trusts.
        verify: ``verify(public_key, signature, message)``, true when the Ed25519 signature is good.
        origin: name of the log expected; any, if None.

    Raises:
        MalformedNote: not a note or not a checkpoint, not signed by this key, or a signature of this key is bad.
    """
    key = decode_vkey(vkey) if isinstance(vkey, str) else vkey
    body, signatures = parse_note(text)
    ours = [line for line in signatures if line.name == key.name and hmac.compare_digest(line.key_id, key.key_id)]
    if not ours:
        raise MalformedNote("the trusted key has not signed this note")
    message = body.encode()
    for line in ours:
        if len(line.signature) != SIGNATURE_BYTES or not verify(key.public_key, line.signature, message):
            raise MalformedNote("the signature does not fit")
    checkpoint = parse_checkpoint(body)
    if origin is not None and checkpoint.origin != origin:
        raise MalformedNote("the checkpoint belongs to another log")
    return checkpoint
