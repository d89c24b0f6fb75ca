"""Bending valid encodings: first as BER knows them (tags, lengths, nesting), then as plain bytes.

Written for the campaigns alone and apart from the product's own TLV reader, whose mistakes it must not share
(ISO/IEC 8825-1 §8.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

_NEST_MAX: Final = 12
_GROWTH_LIMIT_BYTES: Final = 70_000
"""Longer than any file of a card, to see that longer ones are refused too."""
_STRANGE_TAGS: Final = (
    b"\x00",
    b"\xff\x20",
    b"\xdf\x21",
    b"\x1f",
    b"\x1f\xff\xff\xff\x01",
    b"\x30",
    b"\x7f\x21",
    b"\xff",
)
_STRANGE_LENGTHS: Final = tuple(
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "01",
        "7F",
        "80",
        "8100",
        "81FF",
        "820000",
        "82FFFF",
        "83FFFFFF",
        "84FFFFFFFF",
        "88" + "FF" * 8,
        "FF",
    )
)
_STRANGE_BYTES: Final = (0x00, 0x01, 0x1F, 0x30, 0x39, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0xFF)


@dataclass(frozen=True, slots=True)
class Node:
    """One object of a valid encoding; `children` is empty when the value is no sequence of objects."""

    tag: bytes
    length: bytes
    value: bytes
    children: tuple[Node, ...]

    @property
    def encoded(self) -> bytes:
        """Tag, length and value."""
        return self.tag + self.length + self.value


@dataclass(frozen=True, slots=True)
class Seed:
    """A valid encoding to begin from, with the ways to each object in it."""

    content: bytes
    roots: tuple[Node, ...]
    paths: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, content: bytes) -> Seed:
        """Take an encoding apart as far as it is one; other bytes have no objects."""
        roots = _split(content) or ()
        return cls(content, roots, tuple(_paths(roots)))


def mutate(seed: Seed, others: Sequence[bytes], random: Random) -> bytes:
    """Return `seed` bent in one to three ways; `others` are encodings to splice with."""
    content = seed.content
    if seed.paths and random.random() < 0.6:
        content = _bend_structure(seed, random)
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        content = random.choice(_BYTE_WAYS)(content, others, random)
    return content[:_GROWTH_LIMIT_BYTES]


def _bend_structure(seed: Seed, random: Random) -> bytes:
    path = random.choice(seed.paths)
    lengths_follow = random.random() < 0.7
    bent = random.choice(_STRUCTURE_WAYS)(_node(seed.roots, path), random)
    return _rebuilt(seed.roots, path, bent, lengths_follow=lengths_follow)


def _node(nodes: tuple[Node, ...], path: tuple[int, ...]) -> Node:
    first, *rest = path
    return _node(nodes[first].children, tuple(rest)) if rest else nodes[first]


def _rebuilt(nodes: tuple[Node, ...], path: tuple[int, ...], bent: bytes, *, lengths_follow: bool) -> bytes:
    at, rest = path[0], path[1:]
    if rest:
        parent = nodes[at]
        value = _rebuilt(parent.children, rest, bent, lengths_follow=lengths_follow)
        length = shortest_length(len(value)) if lengths_follow else parent.length
        bent = parent.tag + length + value
    before = b"".join(node.encoded for node in nodes[:at])
    return before + bent + b"".join(node.encoded for node in nodes[at + 1 :])


def shortest_length(size: int) -> bytes:
    """Return the shortest BER length."""
    if size < 0x80:
        return bytes((size,))
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(digits),)) + digits


def longer_length(size: int, more_bytes: int) -> bytes:
    """Return a length with that many bytes more than needed."""
    digits = size.to_bytes(max(1, (size.bit_length() + 7) // 8) + more_bytes, "big")
    return bytes((0x80 | len(digits),)) + digits


def _other_tag(node: Node, random: Random) -> bytes:
    near = bytes((*node.tag[:-1], node.tag[-1] ^ 1 << random.randrange(8)))
    tag = random.choice((*_STRANGE_TAGS, near, near, random.randbytes(random.randint(1, 4))))
    return tag + node.length + node.value


def _other_length(node: Node, random: Random) -> bytes:
    near = shortest_length(max(0, len(node.value) + random.choice((-2, -1, 1, 2))))
    return node.tag + random.choice((*_STRANGE_LENGTHS, near, near, near)) + node.value


def _longer_length(node: Node, random: Random) -> bytes:
    return node.tag + longer_length(len(node.value), random.randint(0, 3)) + node.value


def _other_value(node: Node, random: Random) -> bytes:
    size = len(node.value)
    value = random.choice(
        (
            b"",
            bytes(size),
            b"\xff" * size,
            bytes(random.choices(b"0123456789", k=size)) if size < 100 else node.value[::-1],
            node.value[: random.randint(0, size)],
            node.value + random.randbytes(random.randint(1, 9)),
            node.value * 2,
        )
    )
    return node.tag + shortest_length(len(value)) + value


def _left_out(_node: Node, _random: Random) -> bytes:
    return b""


def _repeated(node: Node, random: Random) -> bytes:
    return node.encoded * random.choice((2, 2, 3, 40))


def _wrapped(node: Node, random: Random) -> bytes:
    encoded = node.encoded
    for _ in range(random.randint(1, _NEST_MAX)):
        encoded = random.choice((node.tag, b"\x30", b"\xff\x20")) + shortest_length(len(encoded)) + encoded
    return encoded


def _children_mixed(node: Node, random: Random) -> bytes:
    children = list(node.children)
    random.shuffle(children)
    value = b"".join(child.encoded for child in children) if children else node.value
    return node.tag + shortest_length(len(value)) + value


_STRUCTURE_WAYS: Final[tuple[Callable[[Node, Random], bytes], ...]] = (
    _other_tag,
    _other_length,
    _longer_length,
    _other_value,
    _left_out,
    _repeated,
    _wrapped,
    _children_mixed,
)


def _bits_flipped(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    if not content:
        return content
    flipped = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 8))):
        flipped[_place(flipped, random)] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _bytes_set(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    if not content:
        return content
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4))):
        changed[_place(changed, random)] = random.choice((*_STRANGE_BYTES, random.randrange(256)))
    return bytes(changed)


def _cut(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    return content[: random.randint(0, len(content))]


def _beginning_cut(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    return content[random.randint(0, len(content)) :]


def _piece_left_out(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    start = random.randint(0, len(content))
    return content[:start] + content[start + random.randint(1, 20) :]


def _piece_put_in(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    start = random.randint(0, len(content))
    return content[:start] + random.randbytes(random.randint(1, 20)) + content[start:]


def _spliced(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    other = random.choice(others)
    return content[: random.randint(0, len(content))] + other[random.randint(0, len(other)) :]


def _filled(content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    return content + random.choice((b"\x00", b"\xff", b"\x90\x00", b"\x01")) * random.choice((1, 9, 300))


def _random_bytes(_content: bytes, _others: Sequence[bytes], random: Random) -> bytes:
    return random.randbytes(random.choice((0, 1, 2, 3, 16, 64, 300)))


_BYTE_WAYS: Final[tuple[Callable[[bytes, Sequence[bytes], Random], bytes], ...]] = (
    _bits_flipped,
    _bits_flipped,
    _bytes_set,
    _bytes_set,
    _cut,
    _beginning_cut,
    _piece_left_out,
    _piece_put_in,
    _spliced,
    _filled,
    _random_bytes,
)


def _place(content: bytearray, random: Random) -> int:
    """Return a place, often near the beginning, where headers stand."""
    return random.randrange(min(len(content), random.choice((16, 64, len(content)))))


def _paths(nodes: tuple[Node, ...], before: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = []
    for at, node in enumerate(nodes):
        found.append((*before, at))
        found.extend(_paths(node.children, (*before, at)))
    return found


def _split(content: bytes) -> tuple[Node, ...] | None:
    """Return the objects that fill `content`, with filler behind the last left off; None when it is no such thing."""
    nodes: list[Node] = []
    at = 0
    while at < len(content):
        if nodes and not content[at:].strip(b"\x00\xff"):
            break
        head = _head(content, at)
        if head is None:
            return None
        tag, length, start, end = head
        value = content[start:end]
        is_constructed = bool(tag[0] & 0x20) or tag in {b"\xdf\x24", b"\xdf\x12", b"\xdf\x51"}
        nodes.append(Node(tag, length, value, (_split(value) or ()) if is_constructed else ()))
        at = end
    return tuple(nodes)


def _head(content: bytes, at: int) -> tuple[bytes, bytes, int, int] | None:
    after_tag = at + 1
    if content[at] & 0x1F == 0x1F:
        while after_tag < len(content) and content[after_tag] & 0x80:
            after_tag += 1
        after_tag += 1
    if after_tag >= len(content):
        return None
    first = content[after_tag]
    count = first & 0x7F if first & 0x80 else 0
    start = after_tag + 1 + count
    size = int.from_bytes(content[after_tag + 1 : start], "big") if count else first
    if count > 4 or start + size > len(content):
        return None
    return content[at:after_tag], content[after_tag:start], start, start + size
