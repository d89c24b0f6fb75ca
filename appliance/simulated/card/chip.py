"""One powered chip: what is on it, what it remembers, and what is selected and unlocked right now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from appliance.simulated.card import status
from appliance.simulated.card.files import Application, ApplicationName, CardFile, CardImage
from appliance.simulated.card.habits import CardHabits
from appliance.simulated.card.secure_session import SecureSession
from appliance.simulated.card.state import CardState, ReferenceName
from appliance.simulated.card.status import Refused

CURRENT_FILE: Final = 0x80
"""P2 bit that makes the low five bits a short file identifier, or the current file when they are zero (card.md §2)."""
SFI_MASK: Final = 0x1F


@dataclass(slots=True)
class Chip:
    """The state that the command handlers share."""

    image: CardImage
    state: CardState
    random_bytes: Callable[[int], bytes] = field(repr=False)
    habits: CardHabits = field(default_factory=CardHabits)
    application: Application | None = None
    """None: the card manager is selected, or what stands above the applications of a chip without one."""
    file_id: int | None = None
    unlocked: set[int] = field(default_factory=set)
    """References of the current application that were verified."""
    session: SecureSession | None = None
    """The secure messaging session of the current application."""

    @property
    def application_name(self) -> ApplicationName:
        """The application that is selected now."""
        if self.application:
            return self.application.name
        return ApplicationName.CARD_MANAGER if self.image.has_card_manager else ApplicationName.TOP

    def forget_session(self) -> None:
        """Go back to the state after power-up."""
        self.application = None
        self._lock()

    def enter(self, application: Application | None) -> None:
        """Make `application` current; whatever was unlocked is locked again (card.md §1.4)."""
        is_selected_again = application is not None and application is self.application
        self.application = application
        self.file_id = None
        if not (is_selected_again and self.habits.reselect_keeps_session):
            self._lock()

    def _lock(self) -> None:
        self.file_id = None
        self.unlocked.clear()
        self.session = None

    def file(self, identifier: int) -> CardFile:
        """Return a file of the current application, without selecting it.

        Raises:
            Refused: 6A82, there is none.
        """
        files = self.application.files if self.application else self.image.top_files
        found = files.get(identifier)
        if found is None:
            raise Refused(status.FILE_NOT_FOUND)
        return found

    def current_file(self) -> CardFile:
        """Return the selected file.

        Raises:
            Refused: 6986, none is selected.
        """
        if self.file_id is None:
            raise Refused(status.NO_CURRENT_FILE)
        return self.file(self.file_id)

    def enter_named_file(self, p2: int) -> CardFile:
        """Return the file that a P2 of the form `80` (current) or `80|SFI` names, and make it current.

        Raises:
            Refused: 6A86, 6986 or 6A82.
        """
        if p2 & ~SFI_MASK != CURRENT_FILE:
            raise Refused(status.WRONG_PARAMETERS)
        identifier = p2 & SFI_MASK
        if identifier == 0:
            return self.current_file()
        found = self.file(identifier)
        self.file_id = identifier
        return found

    def require_access(self, opened_by: frozenset[int] | None) -> None:
        """Let pass what is free or unlocked.

        Raises:
            Refused: 6982, none of the references that open it was verified.
        """
        if opened_by is not None and not opened_by & self.unlocked:
            raise Refused(status.NOT_UNLOCKED)

    def reference_name(self) -> ReferenceName:
        """Return the name of the selected reference in the lasting state.

        Raises:
            Refused: 6986, no file is selected.
        """
        if self.file_id is None:
            raise Refused(status.NO_CURRENT_FILE)
        return self.application_name, self.file_id
