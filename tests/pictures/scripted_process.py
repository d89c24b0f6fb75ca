"""A confined process that misbehaves on request; started by `test_confinement`."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping

from appliance.errors import PictureRefused
from appliance.pictures.confined import Arguments, Job, serve
from appliance.pictures.confinement import Message
from appliance.pictures.exchange import Exchange, Stage


def add(question: Message, exchange: Exchange) -> Message:
    with exchange.view(0, 3) as numbers:
        return {"sum": sum(numbers)}


def refuse(question: Message, exchange: Exchange) -> Message:
    raise PictureRefused("memory")


def limits(question: Message, exchange: Exchange) -> Message:
    names = ("RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_FSIZE")
    return {name: resource.getrlimit(getattr(resource, name))[0] for name in names}


def environment(question: Message, exchange: Exchange) -> Message:
    return {"names": sorted(os.environ), "arguments": sys.argv[6:]}


def free(question: Message, exchange: Exchange) -> Message:
    """Fill a piece of memory, give it back, and count the runs left of it; only pieces that stay mapped can be asked.

    Runs, because the C library writes addresses into a free piece, and one byte of an address may look like the mark.
    """
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.free.argtypes = [ctypes.c_void_p]
    size_bytes = int(str(question["size_bytes"]))
    place, _neighbour = library.malloc(size_bytes), library.malloc(size_bytes)
    ctypes.memset(place, 0x77, size_bytes)
    library.free(place)
    return {"runs_left": ctypes.string_at(place, size_bytes).count(b"\x77" * 16)}


def hoard(question: Message, exchange: Exchange) -> Message:
    bytearray(10 * 1024**3)
    return {}


def write_file(question: Message, exchange: Exchange) -> Message:
    descriptor = os.memfd_create("file")
    try:
        os.write(descriptor, b"x")
    except OSError as error:
        return {"errno": error.errno}
    return {}


def interrupt(question: Message, exchange: Exchange) -> Message:
    os.kill(os.getpid(), signal.SIGINT)
    return {"alive": True}


def spin(question: Message, exchange: Exchange) -> Message:
    while True:
        pass


def hang(question: Message, exchange: Exchange) -> Message:
    exchange.stage = Stage.DECODING
    signal.pause()
    return {}


def crash(question: Message, exchange: Exchange) -> Message:
    exchange.stage = Stage.DECODING
    os.kill(os.getpid(), signal.SIGSEGV)
    return {}


def not_a_number(question: Message, exchange: Exchange) -> Message:
    return {"score": float("nan")}


def speak(question: Message, exchange: Exchange) -> Message:
    os.write(int(sys.argv[1]), str(question["words"]).encode())
    return {}


def prepare(words: tuple[str, ...]) -> Mapping[str, Job]:
    if words[:1] == ("refuse",):
        raise PictureRefused("format")
    jobs = (
        add,
        refuse,
        limits,
        environment,
        free,
        hoard,
        write_file,
        interrupt,
        spin,
        hang,
        crash,
        not_a_number,
        speak,
    )
    return {job.__name__: job for job in jobs}


if __name__ == "__main__":
    serve(Arguments.parse(sys.argv[1:]), prepare)
