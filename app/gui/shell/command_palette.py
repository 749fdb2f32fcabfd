"""The command palette: every command of the menus, every node of the recipe to go to, every node to add, by typing."""

from collections.abc import Callable, Iterable
from functools import partial

from graingraph.app.document.names import title_in
from graingraph.app.document.node_search import along_the_flow, search
from graingraph.app.gui.base.search_popup import WIDTH, Entry, SearchPopup, best
from graingraph.app.gui.canvas.palette import entry_of, entry_of_snippet
from graingraph.app.gui.shell.actions import ACTIONS
from graingraph.app.gui.shell.application import Application
from graingraph.app.library.snippets import models_of_snippets, snippets
from graingraph.engine.declare.node import known_types
from graingraph.engine.recipe.groups import path_to, steps_in
from graingraph.engine.recipe.lock import require_unlocked

SEARCH = "Search commands and nodes"
GO_TO, ADD = "Go to a node", "Add a node"
ADD_THIS = "Add {node}"
WITHIN = "in {groups}"
GROUP, SNIPPET = "group", "snippet"


class CommandPalette(SearchPopup):
    """One list for two questions: all that can be done ("everything"), and where a node is ("nodes")."""

    def __init__(self, app: Application) -> None:
        super().__init__(app, SEARCH, self._matching, self._do, self.hide)
        self._application = app
        self._acts: dict[Entry, Callable[[], object]] = {}
        self._only_nodes = False

    def ask(self, what: str, area: tuple[float, float]) -> None:
        """Open it in the middle of the window's upper part."""
        self._only_nodes = what == "nodes"
        self.open(((area[0] - WIDTH * self._application.ui_scale) / 2, area[1] / 8), area)

    def _matching(self, typed: str) -> list[Entry]:
        self._acts = dict(self._nodes())
        if not self._only_nodes:
            self._acts |= dict(self._commands())
        found = best(typed, self._acts)
        if typed.strip() and not self._only_nodes:
            added = dict(self._additions(typed))
            self._acts |= added
            found += list(added)
        return found

    def _nodes(self) -> Iterable[tuple[Entry, Callable[[], object]]]:
        recipe = self._application.session.recipe
        for node in recipe.order:
            step = recipe.steps[node]
            title = title_in(recipe, node)
            behind = "" if title.startswith(step.type) else step.type
            summary = step.declared.summary if step.declared else ""
            around = " › ".join(title_in(recipe, group) for group in path_to(recipe, node))
            behind = ", ".join(part for part in (behind, WITHIN.format(groups=around) if around else "") if part)
            yield Entry(title, GO_TO, behind, summary), partial(self._go_to, node)
        for group, held in recipe.layout.groups.items():
            steps = ", ".join(title_in(recipe, step) for step in steps_in(recipe, [group]))
            yield Entry(held.name, GO_TO, GROUP, steps), partial(self._go_to, group)

    def _commands(self) -> Iterable[tuple[Entry, Callable[[], object]]]:
        for action in ACTIONS:
            if action.menu:
                first_key = action.keys.partition(" ")[0]
                yield Entry(action.label, action.menu, first_key), partial(action.run, self._application)

    def _additions(self, typed: str) -> Iterable[tuple[Entry, Callable[[], object]]]:
        for kind in search(typed, along_the_flow(known_types().values())):
            entry = entry_of(kind, self._application.colors)
            yield Entry(ADD_THIS.format(node=kind.name), ADD, help=entry.help), partial(self._add, kind.name)
        kept = {entry_of_snippet(snippet): snippet for snippet in snippets()}
        for entry in best(typed, kept):
            put = partial(self._application.put_in_middle, kept[entry].recipe, models_of_snippets())
            yield Entry(ADD_THIS.format(node=entry.name), ADD, SNIPPET, entry.help), put

    def _do(self, entry: Entry) -> None:
        self.hide()
        self._application.attempt(self._acts[entry])

    def _go_to(self, node: str) -> None:
        canvas = self._application.canvas
        self._application.session.select([node])
        canvas.fit()
        self._application.session.view(node)

    def _add(self, name: str) -> None:
        require_unlocked(self._application.session.recipe)
        canvas = self._application.canvas
        canvas.add(name, canvas.middle)
