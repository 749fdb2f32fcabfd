"""What a person says of a model from elsewhere: the grey levels it takes, and how its output is read."""

from typing import Literal, NamedTuple

GreyLevels = Literal["0 to 1", "0 to 255", "as for ImageNet", "mean 0, spread 1"]
"""The numbers that a model takes for grey levels: black to white, or with the mean and the spread (standard deviation)
of ImageNet, or of the image itself, taken out."""

Output = Literal["probabilities", "scores", "sigmoids", "sigmoids to 255", "sigmoid scores", "class numbers"]
"""How the planes that a model gives are read: probabilities that add up to 1; scores, of which softmax makes them;
independent probabilities of classes beside which a pixel may be none of them, from 0 to 1 or to 255 (as a mask in black
and white), or the scores of such; or one plane with the number of the class."""


class ForeignReading(NamedTuple):
    """What a person says of a foreign model: the grey levels it takes, how its ``output`` is read (None: as it looks),
    how many ``classes`` its class numbers count (0: as many as were seen), and by name which of its outputs is read
    ("": the one that looks like a map of classes)."""

    levels: GreyLevels = "0 to 1"
    output: Output | None = None
    classes: int = 0
    output_name: str = ""


AS_IT_LOOKS = ForeignReading()
