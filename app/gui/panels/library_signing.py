"""Signing a version in a library: whose signature, for what, and why."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.theme import primary_button
from graingraph.app.gui.panels.library_work import LibraryWork
from graingraph.app.library.shelf import Shelf
from graingraph.app.library.signing import sign_in_library
from graingraph.app.library.versions import Version
from graingraph.engine.account import account_name
from graingraph.engine.problem import Problem
from graingraph.engine.release.keys import is_in_keyring, known_keys, load_key
from graingraph.engine.release.stage import Act, Stage

SIGN = "Sign"
SIGNED: dict[str, Act] = {"Review": "reviewed", "Release": "released", "Withdraw": "withdrawn"}
"""What one signs for, as buttons say it."""
PASSPHRASE = "passphrase of the key"
WHY = "why"
CANCEL = "Cancel"
NO_KEY = "You have no key to sign with; make one in a terminal: graingraph keys --new NAME"
SIGNING = "Signing…"
SIGNED_AS = "{recipe}, version {version}, is {stage}."


class Signing:
    """The fields below the version that is being signed, ``version`` by its id; empty for none.

    ``signed`` hears of what the library holds then, and of the name of what was signed.
    """

    def __init__(
        self,
        app: AppContext,
        work: LibraryWork,
        widgets: dict[str, int | str],
        signed: Callable[[Shelf, str], None],
    ) -> None:
        self._app, self._work, self._widgets, self._signed = app, work, widgets, signed
        self.version = ""
        self._row: FlowRow | None = None

    def toggle(self, sender: int, value: object, version: str) -> None:
        """Ask for what a signature takes below a version, or no longer."""
        if self.version == version or known_keys():
            self.version = "" if self.version == version else version
        else:
            self._app.session.report(Problem(NO_KEY))

    def build(self, parent: int | str, shelf: Shelf, version: Version) -> None:
        """Make the fields."""
        scale, names, widgets = self._app.ui_scale, list(known_keys()), self._widgets
        row = self._row = FlowRow(parent, scale)
        with row.part():
            widgets["sign act"] = dpg.add_combo(
                list(SIGNED), default_value=next(iter(SIGNED)), width=round(100 * scale)
            )
        with row.part():
            widgets["sign key"] = dpg.add_combo(names, default_value=names[0], width=round(150 * scale))
        with row.part():
            widgets["sign passphrase"] = dpg.add_input_text(password=True, hint=PASSPHRASE, width=round(160 * scale))
        with row.part():
            widgets["sign why"] = dpg.add_input_text(hint=WHY, width=round(180 * scale))
        with row.part():
            widgets["sign now"] = dpg.add_button(label=SIGN, callback=lambda: self._sign(shelf, version))
            dpg.bind_item_theme(widgets["sign now"], primary_button(self._app.colors))
            dpg.add_button(label=CANCEL, user_data=version.id, callback=self.toggle)

    def clear(self) -> None:
        """Forget the fields, which have been deleted."""
        self._row = None

    def refresh(self) -> None:
        """Follow the width of the panel while the fields are shown."""
        if self._row:
            self._row.refresh()

    def _sign(self, shelf: Shelf, version: Version) -> None:
        name, passphrase, why = (dpg.get_value(self._widgets[f"sign {part}"]) for part in ("key", "passphrase", "why"))
        act = SIGNED[dpg.get_value(self._widgets["sign act"])]

        def write() -> Callable[[], None]:
            key = load_key(name, None if is_in_keyring(name) else passphrase.encode() or None)
            signed, stage = sign_in_library(shelf.library, version, act, key, why.strip(), author=account_name())
            now = Shelf.of(shelf.library)
            return lambda: self._end(now, signed, stage)

        self._work.do(SIGNING, write)

    def _end(self, shelf: Shelf, version: Version, stage: Stage) -> None:
        self.version = ""
        self._signed(shelf, version.name)
        said = SIGNED_AS.format(recipe=version.name, version=version.short, stage=stage.predicate)
        self._app.session.say(said)
