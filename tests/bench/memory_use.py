"""S10: the memory of `field` with the face engine at work, and of `sync`, in the processes that they really are.

`field` runs on a terminal of its own and is worked by keys up to the face advice, so camera, card pictures and comparisons are
in it. What counts is its process and the confined ones that it starts; the training kit's own (card service, broker,
office) are left out, but the kit's simulated card reader and drawn camera live in `field` itself and are counted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.simulated.people import training_people
from tests.bench.card_stand import BenchFailed
from tests.bench.field_terminal import FieldOnTerminal, compare_first_person, signed_in
from tests.bench.figures import Bench, Limit, Row, Table, Told

FIELD_LIMIT: Final = Limit(must=400, stretch=250)
SYNC_LIMIT: Final = Limit(must=80, stretch=50)
"""Megabytes, proof.md S10."""
CONFINED: Final = ("appliance.face.", "appliance.pictures.", "appliance.card_front.")
"""Modules that the unit's confined processes run."""
_PROC: Final = Path("/proc")
_SETTLING_S: Final = 3.0
_KIB_IN_MB: Final = 1_000_000 / 1024
_FIELD_NOTE: Final = (
    "Real processes: `mynavisit field --training` on a terminal of its own, worked by keys. Judged is the sum of its process and "
    "the confined ones, each page divided among those who share it, `sync` and the kit's office too; the last column counts such "
    "pages again for each process. The kit's simulated reader and drawn camera are in it; its card service, broker and office are "
    "not. On a unit in service a real camera takes the drawn one's place."
)
_SYNC_NOTE: Final = (
    "The line to the office beside the same program, in a process of its own, which a unit runs as a service. Judged is the last "
    "column, so that nothing depends on what else runs."
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process holds, in kibibytes."""

    words: tuple[str, ...]
    """Its command line."""
    resident_kib: int
    """Pages in memory, those that it shares counted in full."""
    proportional_kib: int
    """The same, shared pages divided among those who share them."""

    @property
    def is_confined(self) -> bool:
        """Whether it is one of the unit's confined processes."""
        return any(word.startswith(CONFINED) for word in self.words)

    @property
    def is_sync(self) -> bool:
        """Whether it is the line to the office."""
        return self.words[-1:] == ("sync",)


def memory_of(process_id: int) -> Memory | None:
    """Return what a process holds, or None when it has gone (proc(5), smaps_rollup)."""
    try:
        lines = (_PROC / str(process_id) / "smaps_rollup").read_text("ascii").splitlines()
        words = (_PROC / str(process_id) / "cmdline").read_bytes().decode().split("\0")[:-1]
    except OSError:
        return None
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return Memory(tuple(words), sizes["Rss"], sizes["Pss"])


def descendants(process_id: int) -> list[int]:
    """Return the processes that one started, and those that these started."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        parent = _parent_of(entry) if entry.name.isdigit() else None
        if parent is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [process_id]
    while waiting:
        of_this = children.get(waiting.pop(), [])
        found += of_this
        waiting += of_this
    return found


def _parent_of(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return None


def measure(told: Told) -> tuple[Table, ...]:
    """Start the program, work it, and look at its processes twice."""
    with tempfile.TemporaryDirectory() as home, signed_in(Path(home)) as field:
        field.settle(_SETTLING_S)
        told()
        waiting = _field_row("the day's list, engine loaded", field)
        compare_first_person(field, training_people()[0].code_b)
        field.settle(_SETTLING_S)
        told()
        at_work = _field_row("after reading a card and comparing a face", field)
        sync = _sync_row(field)
    return (_field_table(waiting, at_work), _sync_table(sync))


def _field_row(when: str, field: FieldOnTerminal) -> Row:
    own = memory_of(field.process_id)
    confined = [memory for memory in _memories(descendants(field.process_id)) if memory.is_confined]
    if own is None or not confined:
        raise BenchFailed("looking at the memory of field")
    return row_of(when, own, confined)


def row_of(when: str, own: Memory, confined: Sequence[Memory]) -> Row:
    """Return the row of `field`: its process, its confined ones, and the sum that is judged."""
    whole_mb = _mb([own, *confined])
    return Row(
        {
            "when": when,
            "whole MB": whole_mb,
            "its own process MB": _mb([own]),
            "confined processes MB": _mb(confined),
            "confined processes": len(confined),
            "shared pages counted in full MB": sum(each.resident_kib for each in [own, *confined])
            / _KIB_IN_MB,
        },
        FIELD_LIMIT.verdict(whole_mb),
    )


def _sync_row(field: FieldOnTerminal) -> Row:
    found = [memory for memory in _memories(descendants(field.process_id)) if memory.is_sync]
    if len(found) != 1:
        raise BenchFailed("looking at the memory of sync")
    (sync,) = found
    resident_mb = sync.resident_kib / _KIB_IN_MB
    cells = {"MB": _mb([sync]), "shared pages counted in full MB": resident_mb}
    return Row({"when": "connected, nothing to send", **cells}, SYNC_LIMIT.verdict(resident_mb))


def _memories(process_ids: Iterable[int]) -> list[Memory]:
    return [memory for memory in map(memory_of, process_ids) if memory is not None]


def _mb(memories: Iterable[Memory]) -> float:
    return sum(memory.proportional_kib for memory in memories) / _KIB_IN_MB


def _field_table(*rows: Row) -> Table:
    return Table(
        "S10",
        "Memory of `field` with the face engine loaded",
        f"at most {FIELD_LIMIT.must:g} MB; stretch {FIELD_LIMIT.stretch:g} MB",
        rows,
        (_FIELD_NOTE,),
    )


def _sync_table(*rows: Row) -> Table:
    return Table(
        "S10",
        "Memory of `sync`",
        f"at most {SYNC_LIMIT.must:g} MB; stretch {SYNC_LIMIT.stretch:g} MB",
        rows,
        (_SYNC_NOTE,),
    )


BENCH: Final = Bench("S10", 2, measure)
