"""The verifier's plain-Python cryptography against other people's."""

import hashlib

import gmalg
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anjuan_verify import curves, der, x509
from anjuan_verify.sm3 import sm3

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
private_numbers = st.integers(min_value=1, max_value=curves.P256.n - 1)
sm2_numbers = st.integers(min_value=1, max_value=curves.SM2.n - 2)
messages = st.binary(max_size=300)


def flipped(octets: bytes, bit: int) -> bytes:
    place = bit % (len(octets) * 8)
    changed = bytearray(octets)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def key_of(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> x509.PublicKey:
    encoded = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    algorithm, material = der.read(encoded).children()
    return x509.PublicKey(algorithm.encoded, der.bits(material))


@few
@given(number=private_numbers, message=messages, bit=st.integers(min_value=0))
def test_ecdsa_on_p256_agrees_with_cryptography(number: int, message: bytes, bit: int) -> None:
    private = ec.derive_private_key(number, ec.SECP256R1())
    signature = private.sign(message, ec.ECDSA(hashes.SHA256()))
    r, s = utils.decode_dss_signature(signature)
    numbers = private.public_key().public_numbers()
    point = numbers.x, numbers.y

    assert curves.verify_ecdsa(point, r, s, message)
    assert key_of(private.public_key()).verify(x509.ECDSA_SHA256, signature, message)
    assert not curves.verify_ecdsa(point, r, s, message + b"x")
    assert not curves.verify_ecdsa(point, r ^ 1 << bit % 256, s, message)
    assert not curves.verify_ecdsa(point, r, s ^ 1 << bit % 256, message)
    assert not curves.verify_ecdsa((point[0], point[1] ^ 1), r, s, message)


@few
@given(seed=st.binary(min_size=32, max_size=32), message=messages, bit=st.integers(min_value=0))
def test_ed25519_agrees_with_cryptography(seed: bytes, message: bytes, bit: int) -> None:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    signature = private.sign(message)

    assert curves.verify_ed25519(public, signature, message)
    assert key_of(private.public_key()).verify(x509.ED25519, signature, message)
    assert not curves.verify_ed25519(public, flipped(signature, bit), message)
    assert not curves.verify_ed25519(public, signature, message + b"x")
    other = flipped(public, bit)
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(other).verify(signature, message)
        accepted = True
    except InvalidSignature:
        accepted = False
    assert curves.verify_ed25519(other, signature, message) == accepted


def test_ed25519_refuses_a_second_spelling_of_the_same_signature() -> None:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"x")
    order = 2**252 + 27742317777372353535851937790883648493
    larger = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")

    assert curves.verify_ed25519(public, signature, b"x")
    assert not curves.verify_ed25519(public, signature[:32] + larger, b"x")
    assert not curves.verify_ed25519(public, signature[:63], b"x")
    assert not curves.verify_ed25519(b"\xff" * 32, signature, b"x")


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_rsa_agrees_with_cryptography(rsa_key: rsa.RSAPrivateKey) -> None:
    public = key_of(rsa_key.public_key())
    for number in range(12):
        message = hashlib.sha256(bytes([number])).digest() * number
        signature = rsa_key.sign(message, padding.PKCS1v15(), hashes.SHA256())

        assert public.verify(x509.RSA_SHA256, signature, message)
        assert not public.verify(x509.RSA_SHA256, flipped(signature, number * 171), message)
        assert not public.verify(x509.RSA_SHA256, signature, message + b"x")
        assert not public.verify(x509.RSA_SHA256, b"\x00" + signature, message)
        assert not public.verify(x509.ECDSA_SHA256, signature, message)


def test_rsa_with_other_padding_or_a_short_key_is_refused(rsa_key: rsa.RSAPrivateKey) -> None:
    pss = rsa_key.sign(b"x", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    sha512 = rsa_key.sign(b"x", padding.PKCS1v15(), hashes.SHA512())
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    weak = short.sign(b"x", padding.PKCS1v15(), hashes.SHA256())

    assert not key_of(rsa_key.public_key()).verify(x509.RSA_SHA256, pss, b"x")
    assert not key_of(rsa_key.public_key()).verify(x509.RSA_SHA256, sha512, b"x")
    assert not key_of(short.public_key()).verify(x509.RSA_SHA256, weak, b"x")


@few
@given(message=st.binary(max_size=400))
def test_sm3_agrees_with_cryptography(message: bytes) -> None:
    other = hashes.Hash(hashes.SM3())
    other.update(message)

    assert sm3(message) == other.finalize()


@pytest.mark.parametrize("length", [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 5000])
def test_sm3_pads_every_length_right(length: int) -> None:
    other = hashes.Hash(hashes.SM3())
    other.update(b"a" * length)

    assert sm3(b"a" * length) == other.finalize()


def test_sm3_gives_the_digest_of_the_standard() -> None:
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@settings(max_examples=8, deadline=None)
@given(number=sm2_numbers, message=messages, bit=st.integers(min_value=0, max_value=255))
def test_sm2_agrees_with_gmalg(number: int, message: bytes, bit: int) -> None:
    signer = gmalg.SM2(number.to_bytes(32, "big"), curves.SM2_DEFAULT_ID)
    public = signer.generate_pk(number.to_bytes(32, "big"))
    signer = gmalg.SM2(number.to_bytes(32, "big"), curves.SM2_DEFAULT_ID, public)
    first, second = signer.sign(message)
    r, s = int.from_bytes(first, "big"), int.from_bytes(second, "big")
    point = curves.SM2.point(public)
    assert point is not None

    assert curves.verify_sm2(point, r, s, message)
    assert not curves.verify_sm2(point, r, s, message + b"x")
    assert not curves.verify_sm2(point, r ^ 1 << bit, s, message)
    assert not curves.verify_sm2(point, r, s ^ 1 << bit, message)
    assert not curves.verify_sm2(point, r, s, message, b"another identity")

    algorithm = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
    key, encoded = x509.PublicKey(algorithm, public), utils.encode_dss_signature(r, s)
    assert key.verify(x509.SM2_SM3, encoded, message)
    assert key.verify(x509.SM2_SM3_NULL, encoded, message)
    assert not key.verify(x509.ECDSA_SHA256, encoded, message)


def test_sm2_verifies_the_example_of_the_standard() -> None:
    """GB/T 32918.5-2017, annex A.2: the recommended curve, message ``message digest``."""
    point = (
        0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
        0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
    )
    r = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
    s = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA

    assert curves.verify_sm2(point, r, s, b"message digest")
    assert not curves.verify_sm2(point, r, s, b"message digesu")


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (curves.P256.n, 1), (1, curves.P256.n), (-1, 1)])
def test_numbers_outside_the_group_are_refused(r: int, s: int) -> None:
    assert not curves.verify_ecdsa(curves.P256.g, r, s, b"x")


def test_sm2_numbers_outside_the_group_are_refused() -> None:
    n = curves.SM2.n
    for r, s in ((0, 1), (1, 0), (n, 1), (1, n), (1, n - 1)):
        assert not curves.verify_sm2(curves.SM2.g, r, s, b"x")


@pytest.mark.parametrize(
    "octets", [b"", b"\x04" + bytes(64), b"\x02" + bytes(32), b"\x04" + b"\xff" * 64, b"\x05" * 65]
)
def test_points_off_the_curve_are_refused(octets: bytes) -> None:
    assert curves.P256.point(octets) is None
    assert curves.SM2.point(octets) is None


@settings(max_examples=200, deadline=None)
@given(octets=st.binary(max_size=60))
def test_der_has_one_spelling_or_none(octets: bytes) -> None:
    try:
        node = der.read(octets)
    except der.Malformed:
        return
    assert node.encoded == octets
    length = len(node.content)
    size = bytes([length]) if length < 0x80 else bytes([0x80 | (length.bit_length() + 7) // 8])
    assert octets[1:2] == size
    try:
        assert b"".join(child.encoded for child in node.children()) == node.content
    except der.Malformed:
        return
