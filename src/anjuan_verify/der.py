"""DER read strictly (严格解析): one spelling for each value, so that no byte can change without being noticed."""

import datetime as dt
import re
from dataclasses import dataclass

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8 = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C
SEQUENCE, SET, UTC_TIME, GENERALIZED_TIME = 0x30, 0x31, 0x17, 0x18


class Malformed(ValueError):
    """The bytes are not spelt as they must be."""


@dataclass(frozen=True)
class Node:
    """One element.

    Attributes:
        tag: the identifier byte.
        content: what stands in it.
        encoded: the whole element as it was read.
    """

    tag: int
    content: bytes
    encoded: bytes

    def children(self) -> list["Node"]:
        """The elements inside a constructed one."""
        if not self.tag & 0x20:
            raise Malformed("an element that should hold others does not")
        found: list[Node] = []
        rest = self.content
        while rest:
            node, rest = _first(rest)
            found.append(node)
        return found


def _first(octets: bytes) -> tuple[Node, bytes]:
    if len(octets) < 2:
        raise Malformed("an element is cut short")
    tag, length, start = octets[0], octets[1], 2
    if tag & 0x1F == 0x1F:
        raise Malformed("a long tag")
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or len(octets) < 2 + count:
            raise Malformed("a length that DER does not know")
        length, start = int.from_bytes(octets[2 : 2 + count], "big"), 2 + count
        if length < 0x80 or length >> (8 * (count - 1)) == 0:
            raise Malformed("a length not spelt the shortest way")
    end = start + length
    if end > len(octets):
        raise Malformed("an element is cut short")
    return Node(tag, octets[start:end], octets[:end]), octets[end:]


def read(octets: bytes) -> Node:
    """Exactly one element and nothing after it."""
    node, rest = _first(octets)
    if rest:
        raise Malformed("something follows the element")
    return node


def read_prefix(octets: bytes) -> tuple[Node, bytes]:
    """The first element and what follows it."""
    return _first(octets)


def expect(node: Node, tag: int) -> Node:
    """The same element, if it is of that kind."""
    if node.tag != tag:
        raise Malformed(f"expected tag {tag:#04x}, found {node.tag:#04x}")
    return node


def integer(node: Node) -> int:
    """A whole number."""
    octets = expect(node, INTEGER).content
    if not octets or (len(octets) > 1 and octets[0] in (0x00, 0xFF) and (octets[0] ^ octets[1]) < 0x80):
        raise Malformed("a number not spelt the shortest way")
    return int.from_bytes(octets, "big", signed=True)


def boolean(node: Node) -> bool:
    """True, which DER spells 0xff. False is never written where it is the default."""
    if expect(node, BOOLEAN).content != b"\xff":
        raise Malformed("a truth value not spelt as DER spells it")
    return True


def oid(node: Node) -> str:
    """An object identifier with dots."""
    octets = expect(node, OID).content
    if not octets or octets[-1] & 0x80:
        raise Malformed("an object identifier is cut short")
    arcs: list[int] = []
    value, fresh = 0, True
    for octet in octets:
        if fresh and octet == 0x80:
            raise Malformed("an object identifier not spelt the shortest way")
        value, fresh = value << 7 | octet & 0x7F, not octet & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def bits(node: Node) -> bytes:
    """A bit string of whole bytes."""
    content = expect(node, BIT_STRING).content
    if not content or content[0] != 0:
        raise Malformed("a bit string that is not of whole bytes")
    return content[1:]


def named_bits(node: Node) -> frozenset[int]:
    """The numbers of the bits that are set, in a list of named bits such as key usage."""
    content = expect(node, BIT_STRING).content
    if not content or content[0] > 7 or (len(content) == 1 and content[0]):
        raise Malformed("a bit string that says a wrong number of unused bits")
    if len(content) > 1 and (content[-1] & ((1 << content[0]) - 1) or not content[-1] >> content[0] & 1):
        raise Malformed("a list of bits not spelt the shortest way")
    return frozenset(
        number * 8 + bit for number, octet in enumerate(content[1:]) for bit in range(8) if octet & 0x80 >> bit
    )


def time(node: Node) -> dt.datetime:
    """A time in UTC to the second."""
    text = node.content.decode("ascii", "replace")
    if node.tag == UTC_TIME and re.fullmatch(r"[0-9]{12}Z", text):
        text = ("20" if text < "50" else "19") + text
    elif node.tag != GENERALIZED_TIME or not re.fullmatch(r"[0-9]{14}Z", text):
        raise Malformed("a time not spelt as DER spells it")
    try:
        return dt.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise Malformed("a time that does not exist") from None
