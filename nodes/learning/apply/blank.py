"""Saying that part of a picture which is segmented shows no specimen."""

from graingraph.engine.values import Image
from graingraph.engine.values.notes import Note
from graingraph.nodes.imaging.picture.blank_margin import blank_margin

BLANK = (
    "The {place} {count} of {rows} rows are blank, as a data bar or a mount is, and count as specimen in all that is "
    "measured; leave them out with a Crop after Load."
)


def blank_notes(image: Image) -> list[Note]:
    """A note on rows without a specimen: grains that they cut count as whole, and they themselves as field."""
    margin = blank_margin(image)
    if margin is None:
        return []
    place, count = "last" if margin.start else "first", margin.stop - margin.start
    return [Note("advice", BLANK.format(place=place, count=count, rows=image.shape[0]))]
