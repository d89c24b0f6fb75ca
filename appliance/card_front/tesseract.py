"""Tesseract called through its C interface: a line of grey pixels in, characters with confidences out, no file and no pipe.

The library comes from Debian (package tesseract-ocr, Apache-2.0, amd64 and arm64) and is loaded once per process, which
saves the tenth of a second that the command takes to start. Used in the confined reading process only. What the library
copies of a line lives in its own memory until the process ends; the characters handed over are overwritten there.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, c_bool, c_char_p, c_float, c_int, c_ubyte, c_void_p
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.errors import CardReadingMissing

LIBRARY: Final = "libtesseract.so.5"
PACKAGE: Final = "tesseract-ocr"
_LSTM_ONLY: Final = 1
_SINGLE_LINE: Final = 7
_SYMBOL: Final = 4
_DOTS_PER_INCH: Final = 300

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Symbol:
    """One character on a line."""

    character: str
    confidence: float
    """From 0 to 1, by the engine's own account."""

    def __repr__(self) -> str:
        """Show no character: it may be a digit of a code (F9.26)."""
        return "Symbol(hidden)"


class LineReader:
    """One language model, loaded for the life of the process."""

    def __init__(self, language: str, allowed: str = "") -> None:
        """Load `language`, such as `jpn`; with `allowed`, no other characters are read.

        Raises:
            CardReadingMissing: the library or the language's data is not installed.
        """
        self._library = _load()
        self._handle = self._library.TessBaseAPICreate()
        if self._library.TessBaseAPIInit2(self._handle, None, language.encode(), _LSTM_ONLY):
            raise CardReadingMissing(language, f"{PACKAGE}-{language}")
        self._library.TessBaseAPISetPageSegMode(self._handle, _SINGLE_LINE)
        # Dictionaries would rather read a word than what is printed.
        for name in ("load_system_dawg", "load_freq_dawg"):
            self._set(name, "0")
        if allowed:
            self._set("tessedit_char_whitelist", allowed)

    def _set(self, name: str, value: str) -> None:
        self._library.TessBaseAPISetVariable(self._handle, name.encode(), value.encode())

    def read(self, line: Grey) -> tuple[Symbol, ...]:
        """Read one line of dark characters on a light ground, from left to right."""
        library, handle = self._library, self._handle
        pixels = np.ascontiguousarray(line)
        height, width = pixels.shape
        library.TessBaseAPISetImage(handle, pixels.ctypes.data_as(POINTER(c_ubyte)), width, height, 1, width)
        library.TessBaseAPISetSourceResolution(handle, _DOTS_PER_INCH)
        try:
            if library.TessBaseAPIRecognize(handle, None):
                return ()
            return tuple(self._symbols())
        finally:
            library.TessBaseAPIClear(handle)

    def _symbols(self) -> Iterator[Symbol]:
        library = self._library
        found = library.TessBaseAPIGetIterator(self._handle)
        if not found:
            return
        try:
            while True:
                character = self._take_character(found)
                if character.strip():
                    yield Symbol(character, library.TessResultIteratorConfidence(found, _SYMBOL) / 100)
                if not library.TessResultIteratorNext(found, _SYMBOL):
                    return
        finally:
            library.TessResultIteratorDelete(found)

    def _take_character(self, found: int) -> str:
        """Return the character and overwrite the library's copy of it."""
        text = self._library.TessResultIteratorGetUTF8Text(found, _SYMBOL)
        if not text:
            return ""
        content = ctypes.string_at(text)
        ctypes.memset(text, 0, len(content))
        self._library.TessDeleteText(text)
        return content.decode(errors="replace")


def _load() -> ctypes.CDLL:
    """Load the library and declare the calls used.

    Raises:
        CardReadingMissing: it is not installed.
    """
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise CardReadingMissing(LIBRARY, PACKAGE) from error
    for name, (answer, arguments) in _CALLS.items():
        call = getattr(library, name)
        call.restype, call.argtypes = answer, arguments
    return library


_CALLS: Final = {
    "TessBaseAPICreate": (c_void_p, []),
    "TessBaseAPIInit2": (c_int, [c_void_p, c_char_p, c_char_p, c_int]),
    "TessBaseAPISetVariable": (c_bool, [c_void_p, c_char_p, c_char_p]),
    "TessBaseAPISetPageSegMode": (None, [c_void_p, c_int]),
    "TessBaseAPISetImage": (None, [c_void_p, POINTER(c_ubyte), c_int, c_int, c_int, c_int]),
    "TessBaseAPISetSourceResolution": (None, [c_void_p, c_int]),
    "TessBaseAPIRecognize": (c_int, [c_void_p, c_void_p]),
    "TessBaseAPIGetIterator": (c_void_p, [c_void_p]),
    "TessBaseAPIClear": (None, [c_void_p]),
    "TessResultIteratorGetUTF8Text": (c_void_p, [c_void_p, c_int]),
    "TessResultIteratorConfidence": (c_float, [c_void_p, c_int]),
    "TessResultIteratorNext": (c_bool, [c_void_p, c_int]),
    "TessResultIteratorDelete": (None, [c_void_p]),
    "TessDeleteText": (None, [c_void_p]),
}
"""Answer and argument types by the header capi.h of Tesseract 5."""
