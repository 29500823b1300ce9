"""Three digests in one read, with and without SM3 in OpenSSL."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from anjuan.facilities.repository import queries
from anjuan.facilities.repository.backends import disk as disks


@pytest.mark.parametrize("octets", [b"", b"abc", b"x" * (disks.CHUNK_BYTES + 1)])
def test_three_digests_are_taken_in_one_read(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(octets)
    with path.open("rb") as stream:
        from_stream = queries.digest_stream(stream)

    found = queries.digest_file(path)

    assert found == from_stream == queries.digest_stream(octets)
    assert found.sha512 == hashlib.sha512(octets).hexdigest()
    assert found.sha256 == hashlib.sha256(octets).hexdigest()
    assert found.size_bytes == len(octets)


def test_sm3_is_that_of_the_standard_with_and_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    # GB/T 32905-2016, example 1.
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    with_hashlib = queries.digest_stream(b"abc")

    def refuse(name: str, *rest: object) -> Iterator[None]:
        raise ValueError(name)

    monkeypatch.setattr(disks.hashlib, "new", refuse)  # type: ignore[attr-defined]
    without_hashlib = queries.digest_stream(b"abc")

    assert with_hashlib.sm3 == without_hashlib.sm3 == expected
