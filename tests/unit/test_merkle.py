"""The tree, its proofs, tiles and checkpoints against known vectors."""

import hashlib
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from anjuan.core.merkle import checkpoint, proof, tile, tree

# The eight leaves and their roots with which Certificate Transparency logs are tested (RFC 6962).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]


def reading(tiles: dict[str, bytes]) -> tile.ReadTile:
    return lambda path: tiles.get(path)


nothing = reading({})


def node(level: int, index: int) -> bytes:
    return tree.root(HASHES[index << level : (index + 1) << level])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_vectors(size: int) -> None:
    assert tree.root(HASHES[:size]).hex() == ROOTS[size]
    assert proof.root_at(size, node).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_paths_are_those_of_the_published_vectors(index: int, size: int, path: list[str]) -> None:
    made = proof.inclusion_path(index, size, node)

    assert [step.hex() for step in made] == path
    assert proof.verify_inclusion(
        leaf=HASHES[index], index=index, size=size, path=made, root=bytes.fromhex(ROOTS[size])
    )


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_paths_are_those_of_the_published_vectors(old: int, new: int, path: list[str]) -> None:
    made = proof.consistency_path(old, new, node)

    assert [step.hex() for step in made] == path
    assert proof.verify_consistency(
        old_size=old, new_size=new, old_root=bytes.fromhex(ROOTS[old]), new_root=bytes.fromhex(ROOTS[new]), path=made
    )


def test_the_empty_tree_is_consistent_with_every_tree_and_with_no_false_root() -> None:
    empty, later = bytes.fromhex(ROOTS[0]), bytes.fromhex(ROOTS[3])

    assert proof.verify_consistency(old_size=0, new_size=3, old_root=empty, new_root=later, path=[])
    assert proof.verify_consistency(old_size=0, new_size=0, old_root=empty, new_root=empty, path=[])
    assert not proof.verify_consistency(old_size=0, new_size=3, old_root=later, new_root=later, path=[])
    assert not proof.verify_consistency(old_size=0, new_size=0, old_root=later, new_root=later, path=[])
    assert not proof.verify_consistency(old_size=3, new_size=0, old_root=later, new_root=empty, path=[])


def test_a_leaf_outside_the_tree_has_no_proof() -> None:
    with pytest.raises(ValueError, match="not in the tree"):
        proof.inclusion_path(8, 8, node)
    with pytest.raises(ValueError, match="not smaller"):
        proof.consistency_path(5, 4, node)
    assert not proof.verify_inclusion(leaf=HASHES[0], index=1, size=1, path=[], root=HASHES[0])
    assert not proof.verify_inclusion(leaf=b"short", index=0, size=1, path=[], root=b"short")


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1067, 256, "tile/0/x001/067"),
        (1, 1234067, 256, "tile/1/x001/x234/067"),
        (0, 999, 256, "tile/0/999"),
        (0, 1000, 256, "tile/0/x001/000"),
        (0, 273, 112, "tile/0/273.p/112"),
        (2, 0, 1, "tile/2/000.p/1"),
        (63, 1000000, 255, "tile/63/x001/x000/000.p/255"),
    ],
)
def test_tiles_lie_where_the_specification_puts_them(level: int, index: int, width: int, path: str) -> None:
    assert tile.tile_path(level, index, width) == path


def test_bundles_lie_where_the_specification_puts_them() -> None:
    assert tile.entries_path(1234067, 8) == "tile/entries/x001/x234/067.p/8"
    assert tile.entries_path(0) == "tile/entries/000"


@pytest.mark.parametrize(
    ("level", "index", "width"), [(64, 0, 256), (-1, 0, 256), (0, -1, 256), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_cannot_exist_has_no_path(level: int, index: int, width: int) -> None:
    with pytest.raises(ValueError, match="tile"):
        tile.tile_path(level, index, width)


def test_seventy_thousand_leaves_make_the_tiles_that_the_specification_counts() -> None:
    leaves = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]

    tiles = tile.grow(0, leaves, nothing)

    full_leaves = [path for path in tiles if path.startswith("tile/0/") and ".p/" not in path]
    rest = sorted(path for path in tiles if ".p/" in path or not path.startswith("tile/0/"))
    assert len(full_leaves) == 273
    assert rest == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert proof.root_at(70_000, tile.node_reader(70_000, reading(tiles))) == tree.root(leaves)


def test_a_tree_of_256_has_a_full_tile_and_a_partial_one_above() -> None:
    tiles = tile.grow(0, [HASHES[0]] * 256, nothing)

    assert sorted(tiles) == ["tile/0/000", "tile/1/000.p/1"]


def test_an_old_size_is_proven_from_the_full_tile_when_the_partial_one_was_dropped() -> None:
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(256)]
    tiles = tile.grow(0, leaves, nothing)

    def strict(path: str) -> bytes:
        return tiles[path]

    assert proof.root_at(100, tile.node_reader(100, strict)) == tree.root(leaves[:100])
    with pytest.raises(ValueError, match="not complete"):
        tile.node_reader(100, strict)(0, 100)


def test_a_cut_or_missing_tile_is_noticed() -> None:
    tiles = tile.grow(0, HASHES, nothing)
    cut = {path: octets[:-1] for path, octets in tiles.items()}

    with pytest.raises(ValueError, match="wrong length"):
        tile.node_reader(8, reading(cut))(0, 0)
    with pytest.raises(ValueError, match="missing"):
        tile.node_reader(8, nothing)(0, 0)
    with pytest.raises(ValueError, match="32 bytes"):
        tile.grow(0, [b"short"], nothing)


def test_a_bundle_gives_back_its_entries() -> None:
    entries = [b"", b"one", "案卷".encode(), bytes(65_535)]

    assert tile.encode_bundle(entries[:2]) == b"\x00\x00\x00\x03one"
    assert tile.decode_bundle(tile.encode_bundle(entries)) == entries


@pytest.mark.parametrize("bundle", [b"", b"\x00", b"\x00\x02a", b"\x00\x00" * 257])
def test_a_bundle_that_does_not_add_up_is_refused(bundle: bytes) -> None:
    with pytest.raises(ValueError, match="bundle"):
        tile.decode_bundle(bundle)


def test_an_entry_too_long_for_its_length_field_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        tile.encode_bundle([bytes(65_536)])


# --- checkpoints ---

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
NAME = "archive.example/ledger"
VKEY = checkpoint.encode_vkey(NAME, PUBLIC)


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


POINT = checkpoint.Checkpoint(origin=NAME, size=8, root=bytes.fromhex(ROOTS[8]))
NOTE = checkpoint.sign_note(POINT.body(), NAME, PUBLIC, KEY.sign)


def test_a_checkpoint_is_spelt_as_in_the_specification() -> None:
    printed = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    read = checkpoint.parse_checkpoint(printed)

    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert read.body() == printed


def test_the_example_note_of_the_go_library_verifies() -> None:
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    key = checkpoint.decode_vkey(vkey)
    body, signatures = checkpoint.parse_note(note)

    assert checkpoint.encode_vkey(key.name, key.public_key) == vkey
    assert signatures[0].key_id == key.key_id == bytes.fromhex("c74f20a3")
    assert verify(key.public_key, signatures[0].signature, body.encode())


def test_a_signed_checkpoint_reads_back() -> None:
    assert checkpoint.verify_note(NOTE, VKEY, verify) == POINT
    assert checkpoint.verify_note(NOTE, checkpoint.decode_vkey(VKEY), verify, origin=NAME) == POINT


def test_every_changed_byte_of_a_checkpoint_is_rejected() -> None:
    octets = NOTE.encode()
    for at in range(len(octets)):
        for flip in (0x01, 0x04, 0x20, 0x80):
            changed = octets[:at] + bytes([octets[at] ^ flip]) + octets[at + 1 :]
            try:
                text = changed.decode()
            except UnicodeDecodeError:
                continue
            with pytest.raises(checkpoint.MalformedNote):
                checkpoint.verify_note(text, VKEY, verify)
    for at in range(len(NOTE)):
        with pytest.raises(checkpoint.MalformedNote):
            checkpoint.verify_note(NOTE[:at], VKEY, verify)
        with pytest.raises(checkpoint.MalformedNote):
            checkpoint.verify_note(NOTE[:at] + "\n" + NOTE[at:], VKEY, verify)


def test_signatures_of_other_keys_are_left_alone_but_a_bad_one_of_ours_is_not() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    witnessed = NOTE + checkpoint.sign_note(
        POINT.body(), "witness.example", other.public_key().public_bytes_raw(), other.sign
    ).removeprefix(POINT.body() + "\n")
    forged = NOTE + checkpoint.sign_note(POINT.body(), NAME, PUBLIC, other.sign).removeprefix(POINT.body() + "\n")

    assert checkpoint.verify_note(witnessed, VKEY, verify) == POINT
    with pytest.raises(checkpoint.MalformedNote, match="does not fit"):
        checkpoint.verify_note(forged, VKEY, verify)


def test_a_checkpoint_of_another_log_is_rejected() -> None:
    with pytest.raises(checkpoint.MalformedNote, match="another log"):
        checkpoint.verify_note(NOTE, VKEY, verify, origin="elsewhere.example")


ROOT64 = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "body",
    [
        f"log\n08\n{ROOT64}\n",
        f"log\n+8\n{ROOT64}\n",
        f"log\n8 \n{ROOT64}\n",
        f"log\n-8\n{ROOT64}\n",
        f"log\n８\n{ROOT64}\n",
        f"log\n9223372036854775808\n{ROOT64}\n",
        f"\n8\n{ROOT64}\n",
        f"log\n8\n{ROOT64}",
        f"log\n8\n{ROOT64}\n\n",
        f"log\n8\n{ROOT64[:-2]}J=\n",
        f"log\n8\n{ROOT64[:-1]}\n",
        "log\n8\nAAAA\n",
        "log\n8\n",
    ],
)
def test_a_checkpoint_has_one_spelling_only(body: str) -> None:
    with pytest.raises(checkpoint.MalformedNote):
        checkpoint.parse_checkpoint(body)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("+", "", 1),
        lambda text: text.replace(NAME, "other"),
        lambda text: text[:-4] + "AAA=",
        lambda text: text.upper(),
        lambda text: checkpoint.encode_vkey(NAME, PUBLIC).rsplit("+", 1)[0] + "+Ag==",
    ],
)
def test_a_verifier_key_that_does_not_fit_its_identifier_is_rejected(change: Callable[[str], str]) -> None:
    with pytest.raises(checkpoint.MalformedNote):
        checkpoint.decode_vkey(change(VKEY))


@pytest.mark.parametrize("name", ["", "two words", "a+b", "tab\there", "全角\u3000空格"])
def test_a_key_name_that_would_break_the_line_is_rejected(name: str) -> None:
    with pytest.raises(checkpoint.MalformedNote):
        checkpoint.encode_vkey(name, PUBLIC)


def test_extension_lines_are_kept_and_signed() -> None:
    point = checkpoint.Checkpoint(origin=NAME, size=0, root=tree.EMPTY_ROOT, extensions=("说明 一",))

    note = checkpoint.sign_note(point.body(), NAME, PUBLIC, KEY.sign)

    assert checkpoint.verify_note(note, VKEY, verify) == point
