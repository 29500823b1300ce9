"""The log's signing keys: Ed25519, made on first use, readable by their user only (decision 14).

A later generation signs under the first one's name, for the name is the log's: only the key beside it is another.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anjuan.core.merkle import checkpoint


@dataclass(frozen=True)
class NoteKey:
    """The key and the name it signs under. The name carries part of the key, so no two archives share one."""

    private: Ed25519PrivateKey
    public: bytes
    name: str

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of a message."""
        return self.private.sign(message)

    @property
    def vkey(self) -> str:
        """The verifier key as C2SP spells it."""
        return checkpoint.encode_vkey(self.name, self.public)


def load(folder: Path, *, generation: int = 1, seed: bytes | None = None) -> NoteKey:
    """The key in a folder, made there on first use.

    Args:
        folder: where keys lie.
        generation: which, from 1.
        seed: what a practice city derives its key from, where none is there yet; never a real archive's.

    Concurrency: two processes may both make one; whoever links it first wins and the other reads the winner's.
    """
    path = folder / ("ledger.pem" if generation == 1 else f"ledger-{generation}.pem")
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.from_private_bytes(seed) if seed else Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        partial = folder / f".ledger.{os.getpid()}"
        partial.touch(mode=0o600)
        _write(partial, pem)
        try:
            os.link(partial, path)
            _sync(folder)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError(f"{path.name} does not hold an Ed25519 key")
    public = private.public_key().public_bytes_raw()
    name = f"log.anjuan.example/{public[:4].hex()}" if generation == 1 else load(folder).name
    return NoteKey(private, public, name)


def _write(path: Path, octets: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())  # a checkpoint must not outlive the key that signed it


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature fits."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
