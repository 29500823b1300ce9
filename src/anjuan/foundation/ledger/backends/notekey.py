"""The log's signing key: Ed25519, made on first use, readable by its user only (decision 14)."""

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


def load(folder: Path, *, seed: bytes | None = None) -> NoteKey:
    """The key in a folder, made there on first use.

    Args:
        folder: where keys lie.
        seed: what a practice city derives its key from, where none is there yet; never a real archive's.

    Concurrency: two processes may both make one; whoever links it first wins and the other reads the winner's.
    """
    path = folder / "ledger.pem"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.from_private_bytes(seed) if seed else Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        partial = folder / f".ledger.{os.getpid()}"
        partial.touch(mode=0o600)
        partial.write_bytes(pem)
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("ledger.pem does not hold an Ed25519 key")
    public = private.public_key().public_bytes_raw()
    return NoteKey(private, public, f"log.anjuan.example/{public[:4].hex()}")


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature fits."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
