"""Signatures on elliptic curves, verified in plain Python (椭圆曲线验签): ECDSA on P-256, SM2, Ed25519.

Only public values pass through here, so nothing needs to take constant time.
"""

import hashlib
from dataclasses import dataclass

from anjuan_verify.sm3 import sm3

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_INFINITY: _Jacobian = (1, 1, 0)


@dataclass(frozen=True)
class Curve:
    """A short Weierstrass curve y² = x³ + ax + b over a prime field, with cofactor 1."""

    p: int
    a: int
    b: int
    n: int
    g: Point

    def holds(self, point: Point) -> bool:
        """Whether a point is on the curve."""
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0

    def point(self, octets: bytes) -> Point | None:
        """An uncompressed point, if the bytes are one and it is on the curve."""
        if len(octets) != 65 or octets[0] != 4:
            return None
        point = int.from_bytes(octets[1:33], "big"), int.from_bytes(octets[33:], "big")
        return point if self.holds(point) else None

    def sum_of_products(self, u: int, v: int, q: Point) -> Point | None:
        """u·G + v·Q in one pass over the bits; None at infinity."""
        table: dict[int, _Jacobian] = {1: (*self.g, 1), 2: (*q, 1)}
        table[3] = self._add(table[1], table[2])
        total = _INFINITY
        for bit in range(max(u.bit_length(), v.bit_length()) - 1, -1, -1):
            total = self._double(total)
            choice = (u >> bit & 1) | (v >> bit & 1) << 1
            if choice:
                total = self._add(total, table[choice])
        x, y, z = total
        if z == 0:
            return None
        inverse = pow(z, -1, self.p)
        return x * inverse * inverse % self.p, y * inverse * inverse * inverse % self.p

    def _double(self, point: _Jacobian) -> _Jacobian:
        x, y, z = point
        p = self.p
        if z == 0 or y == 0:
            return _INFINITY
        square = y * y % p
        s = 4 * x * square % p
        zz = z * z % p
        m = (3 * x * x + self.a * zz * zz) % p
        new_x = (m * m - 2 * s) % p
        return new_x, (m * (s - new_x) - 8 * square * square) % p, 2 * y * z % p

    def _add(self, one: _Jacobian, two: _Jacobian) -> _Jacobian:
        x1, y1, z1 = one
        x2, y2, z2 = two
        p = self.p
        if z1 == 0:
            return two
        if z2 == 0:
            return one
        zz1, zz2 = z1 * z1 % p, z2 * z2 % p
        u1, u2 = x1 * zz2 % p, x2 * zz1 % p
        s1, s2 = y1 * z2 * zz2 % p, y2 * z1 * zz1 % p
        if u1 == u2:
            return self._double(one) if s1 == s2 else _INFINITY
        h, r = (u2 - u1) % p, (s2 - s1) % p
        hh = h * h % p
        hhh, v = h * hh % p, u1 * hh % p
        x3 = (r * r - hhh - 2 * v) % p
        return x3, (r * (v - x3) - s1 * hhh) % p, h * z1 * z2 % p


P256 = Curve(
    p=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
    a=0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    g=(
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
)
SM2 = Curve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    a=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
    g=(
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
)
SM2_DEFAULT_ID = b"1234567812345678"


def verify_ecdsa(point: Point, r: int, s: int, message: bytes) -> bool:
    """ECDSA on P-256 with SHA-256 (FIPS 186-5, 6.4.2)."""
    n = P256.n
    if not (0 < r < n and 0 < s < n and P256.holds(point)):
        return False
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, n)
    found = P256.sum_of_products(digest * inverse % n, r * inverse % n, point)
    return found is not None and found[0] % n == r


def verify_sm2(point: Point, r: int, s: int, message: bytes, identity: bytes = SM2_DEFAULT_ID) -> bool:
    """SM2 with SM3 (GB/T 32918.2-2016, 7)."""
    n = SM2.n
    if not (0 < r < n and 0 < s < n and SM2.holds(point)):
        return False
    t = (r + s) % n
    if t == 0:
        return False
    words = (SM2.a, SM2.b, *SM2.g, *point)
    z = sm3((len(identity) * 8).to_bytes(2, "big") + identity + b"".join(word.to_bytes(32, "big") for word in words))
    digest = int.from_bytes(sm3(z + message), "big")
    found = SM2.sum_of_products(s, t, point)
    return found is not None and (digest + found[0]) % n == r


# Ed25519: -x² + y² = 1 + dx²y²
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Extended = tuple[int, int, int, int]


def _edwards_x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _edwards_point(octets: bytes) -> _Extended | None:
    number = int.from_bytes(octets, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= _P:  # a second spelling of a smaller y
        return None
    x = _edwards_x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _edwards_add(one: _Extended, two: _Extended) -> _Extended:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _base_point() -> _Extended:
    y = 4 * pow(5, -1, _P) % _P
    x = _edwards_x(y, 0) or 0
    return x, y, 1, x * y % _P


_BASE = _base_point()
_NEUTRAL: _Extended = (0, 1, 1, 0)


def verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Ed25519 (RFC 8032, 5.1.7), without the cofactor, as common libraries do."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = _edwards_point(public_key), _edwards_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % _L
    negative: _Extended = (-key[0] % _P, key[1], 1, -key[3] % _P)
    table = {1: _BASE, 2: negative, 3: _edwards_add(_BASE, negative)}
    total = _NEUTRAL
    for bit in range(max(s.bit_length(), h.bit_length()) - 1, -1, -1):
        total = _edwards_add(total, total)
        choice = (s >> bit & 1) | (h >> bit & 1) << 1
        if choice:
            total = _edwards_add(total, table[choice])
    same_x = (total[0] * commitment[2] - commitment[0] * total[2]) % _P == 0
    return same_x and (total[1] * commitment[2] - commitment[1] * total[2]) % _P == 0


_RSA_DIGESTS = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def verify_rsa(modulus: int, exponent: int, signature: bytes, message: bytes, digest: str = "sha256") -> bool:
    """RSA PKCS #1 v1.5 (RFC 8017, 8.2.2): the padding is rebuilt and compared, never parsed."""
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if modulus.bit_length() < 2048 or exponent < 3 or exponent % 2 == 0 or len(signature) != size or number >= modulus:
        return False
    info = _RSA_DIGESTS[digest] + hashlib.new(digest, message).digest()
    expected = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
    return pow(number, exponent, modulus).to_bytes(size, "big") == expected
