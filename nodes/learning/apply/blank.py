"""Saying that part of a picture which is segmented shows no specimen."""

from graingraph.engine.values import Image
from graingraph.engine.values.notes import Note
from graingraph.nodes.imaging.picture.blank_margin import blank_margins

BLANK = (
    "The {place} {count} of {rows} rows are blank, as a data bar or a mount is, and count as specimen in all that is "
    "measured; leave them out with a Crop after Load."
)


def blank_notes(image: Image) -> list[Note]:
    """A note for each margin without a specimen: grains that it cuts count as whole, and it counts as field itself."""
    rows = image.shape[0]
    return [
        Note("advice", BLANK.format(place="last" if one.start else "first", count=one.stop - one.start, rows=rows))
        for one in blank_margins(image)
    ]
