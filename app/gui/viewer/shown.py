"""What the viewer shows, of which output and image, what it is compared with, and where it looks. No display."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from graingraph.app.document.content import Content, Feature, content_of, features_for, needs
from graingraph.app.document.names import output_title
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.viewer import captions
from graingraph.app.gui.viewer.viewpoint import Viewpoint
from graingraph.app.rendering.geometry import Point
from graingraph.app.services.live_evaluation import Wanted
from graingraph.engine.images.image_set import printable
from graingraph.engine.values import Labels

STOPPED = ("failed", "needs training", "not computed", "unknown")
"""States of a node that has no result until something is changed."""


class Shown:
    """Follows ``session.viewed`` and the image of the tray; what is being recomputed stays until it is replaced.

    What cannot be computed any more goes: it is not what the recipe gives.

    ``other`` is the other side of a comparison with its name, ``looks`` rises when the picture is to be drawn anew
    though nothing else says so.
    """

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self.viewpoint = Viewpoint()
        self.content = Content()
        self.output: OutputRef | None = None
        self.image: Path | None = None
        self.other: tuple[Content, str] | None = None
        self.looks = 0
        self._seen: tuple[object, ...] = ()

    def follow(self) -> None:
        """Take up what is viewed now."""
        session, live = self._app.session, self._app.live
        seen = (session.revision, id(live.evaluation))
        if seen == self._seen:
            return
        self._seen = seen
        viewed = session.viewed
        if viewed is None or viewed.node not in session.recipe.steps or session.image is None:
            self.output, self.image, self.content = None, None, Content()
            live.want("viewer", ())
            return
        live.want("viewer", [Wanted(*place) for place in needs(session.recipe, viewed)])
        found = content_of(session.recipe, viewed, live.value)
        if (self.output, self.image) == (viewed, session.image):
            if live.value(*viewed) is None and not self._stopped(viewed.node):
                part = live.part(*viewed)
                if part is not None and self.content.features is not None:
                    self.content = replace(self.content, part=part)
                return
        elif found.shape is None and self.content.shape is not None and live.busy:
            return
        self.output, self.image, self.content = viewed, session.image, found

    def _stopped(self, node: str) -> bool:
        """Whether a node has no result, and none is on its way."""
        status = self._app.session.statuses.get(node)
        return status is not None and status.state in STOPPED

    def shows(self, image: Path | None, node: str) -> bool:
        """Whether the picture is that of a node for an image file."""
        if image is None or self.output is None:
            return False
        return (self.image, self.output.node) == (image.absolute(), node)

    # comparing ---------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Keep what is shown now as the other side of a comparison."""
        title = output_title(self._app.session.recipe, self.output) if self.output else ""
        name = f"{title}, {printable(self.image.name)}" if self.image else title
        self.other = (self.content, name) if self.content.shape else None

    def compare_with(self, content: Content, name: str) -> None:
        """Compare what is shown with another content, wiping from one to the other."""
        self.other = (content, name)
        self.viewpoint.compare = "wipe"

    def stop_comparing(self) -> None:
        """Show one picture again."""
        self.other = None
        self.viewpoint.compare = "off"

    def look_again(self) -> None:
        """Have the picture drawn anew."""
        self.looks += 1

    # the chosen feature ------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> int:
        """The label set off in the picture: the feature that was clicked here or in the table; 0 for none."""
        feature = self._app.feature
        if feature is None or self.output is None or feature.image != self._app.session.image:
            return 0
        return feature.label if feature.place == features_for(self._app.session.recipe, self.output) else 0

    def choose(self, at: Point) -> None:
        """Choose the feature under an image point; none where there is none."""
        session = self._app.session
        place = features_for(session.recipe, self.output) if self.output else None
        label = captions.label_at(self.content, at)
        self._app.feature = Feature(session.image, place, label) if label and place and session.image else None
        session.revision += 1

    def bring_in(self) -> None:
        """Move to the chosen feature where it is out of sight; a coarse look finds all but the smallest."""
        features, label = self.content.features, self.chosen
        if not label or not isinstance(features, Labels):
            return
        for step in (4, 1):
            rows, columns = np.nonzero(features.pixels[::step, ::step] == label)
            if len(rows):
                self.viewpoint.look_at((float(columns.mean()) * step, float(rows.mean()) * step))
                return
