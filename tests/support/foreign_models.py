"""A small collection of models as other programs export them, each with what DeepSegment has to make of it.

All that tell classes apart tell dark (class 0), grey (class 1) and bright (class 2) apart, where ``DARK_GREY_BRIGHT``
is right; with fewer planes, what there is of it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

SIDE = 32
"""Width and height in px of the parts of ``BANDS``: whole multiples of what models reduce a picture by."""
BANDS = np.repeat(np.array([0, 128, 255], np.uint8), SIDE)[None].repeat(3 * SIDE, axis=0)
"""A picture that is dark, grey and bright from left to right."""

DARK_GREY_BRIGHT = (0, 1, 2)

WEIGHTS = """
  float[3,3,1,1] w = {-13.3333, -13.3333, -13.3333, 0, 0, 0, 13.3333, 13.3333, 13.3333},
  float[3,1,1,1] grey_w = {-40, 0, 40},
  float[3] b = {10, 0, -30},
  float[2,3,1,1] ends_w = {-13.3333, -13.3333, -13.3333, 13.3333, 13.3333, 13.3333},
  float[2] ends_b = {10, -30},
  float[1,3,1,1] bright_w = {13.3333, 13.3333, 13.3333},
  float[1] bright_b = {-30},
  float white = {255},
  float half = {0.5},
  int64[1] first = {0},
  int64[1] first_axis = {1},
  int64[4] always_24 = {1, 3, 24, 24},
  float[3] none_three_times = {0, 0, 0},
  int64[1] again = {127},
  float[1,1,1,3] row = {-5, 0, 5},
  float[1,1,3,1] column = {-5, 0, 5},
  int64[3] as_list = {0, 4, -1},
  float[4] doubled = {1, 1, 2, 2},
  float[4] quadrupled = {1, 1, 4, 4}
"""
"""Scores of dark, grey and bright for colour (w, b) and for grey pictures (grey_w), of dark and bright alone (ends),
and of bright alone."""


class Foreign(NamedTuple):
    """A model: what it takes and gives and its steps, in ONNX's text form; the settings that a person gives; and the
    classes of a dark, a grey and a bright part, or a piece of the sentence by which it is refused."""

    takes: str
    gives: str
    steps: str
    expected: tuple[int, ...] | str = DARK_GREY_BRIGHT
    settings: Mapping[str, Any] = {}


def write(model: Foreign, path: Path) -> Path:
    """Write a model as an ONNX file."""
    import onnx
    from onnx import parser

    text = (
        f'<ir_version: 9, opset_import: ["": 17]> g ({model.takes}) => ({model.gives}) <{WEIGHTS}> {{ {model.steps} }}'
    )
    onnx.save(parser.parse_model(text), path)
    return path


COLOUR, SCORES = "float[n,3,h,w] x", "float[n,3,h,w] y"
PLAIN = "y = Conv(x, w, b)"


def _reduced(times: int, ending: str = "y = Conv(small, w, b)") -> str:
    return f"small = AveragePool <kernel_shape = [{times}, {times}], strides = [{times}, {times}]> (x) {ending}"


ACCEPTED: Mapping[str, Foreign] = {
    "scores": Foreign(COLOUR, SCORES, PLAIN),
    "softmax": Foreign(COLOUR, SCORES, "s = Conv(x, w, b) y = Softmax <axis = 1> (s)"),
    "log softmax": Foreign(COLOUR, SCORES, "s = Conv(x, w, b) y = LogSoftmax <axis = 1> (s)"),
    "sigmoid a class": Foreign(
        COLOUR, "float[n,2,h,w] y", "s = Conv(x, ends_w, ends_b) y = Sigmoid(s)", expected=(1, 0, 2)
    ),
    "sigmoid scores": Foreign(
        COLOUR, "float[n,2,h,w] y", "y = Conv(x, ends_w, ends_b)", (1, 0, 2), {"output": "sigmoid scores"}
    ),
    "one mask": Foreign(COLOUR, "float[n,1,h,w] y", "y = Conv(x, bright_w, bright_b)", (0, 0, 1)),
    "argmax": Foreign(COLOUR, "int64[n,h,w] y", "s = Conv(x, w, b) y = ArgMax <axis = 1, keepdims = 0> (s)"),
    "argmax in bytes": Foreign(
        COLOUR, "uint8[n,1,h,w] y", "s = Conv(x, w, b) m = ArgMax <axis = 1> (s) y = Cast <to = 2> (m)"
    ),
    "mask of truth values": Foreign(
        COLOUR, "bool[n,1,h,w] y", "s = Conv(x, bright_w, bright_b) t = Sigmoid(s) y = Greater(t, half)", (0, 0, 1)
    ),
    "channels last": Foreign(
        "float[n,h,w,3] x",
        "float[n,h,w,3] y",
        "f = Transpose <perm = [0, 3, 1, 2]> (x) s = Conv(f, w, b) y = Transpose <perm = [0, 2, 3, 1]> (s)",
    ),
    "channels last, a quarter": Foreign(
        "float[n,h,w,3] i",
        "float[n,h,w,3] y",
        "x = Transpose <perm = [0, 3, 1, 2]> (i)"
        + _reduced(4, "s = Conv(small, w, b)")
        + "y = Transpose <perm = [0, 2, 3, 1]> (s)",
    ),
    "bytes": Foreign("uint8[n,3,h,w] i", SCORES, "f = Cast <to = 1> (i) x = Div(f, white)" + PLAIN),
    "whole numbers of 32 bits": Foreign("int32[n,3,h,w] i", SCORES, "f = Cast <to = 1> (i) x = Div(f, white)" + PLAIN),
    "whole numbers of 64 bits, channels last": Foreign(
        "int64[n,h,w,3] i",
        SCORES,
        "f = Cast <to = 1> (i) c = Transpose <perm = [0, 3, 1, 2]> (f) x = Div(c, white)" + PLAIN,
    ),
    "to 255": Foreign(
        COLOUR.replace("x", "i"), SCORES, "x = Div(i, white)" + PLAIN, settings={"grey_levels": "0 to 255"}
    ),
    "one size": Foreign("float[1,3,64,64] x", "float[1,3,64,64] y", PLAIN),
    "one size, an eighth": Foreign("float[1,3,64,64] x", "float[1,3,8,8] y", _reduced(8)),
    "one size, sampled at corners": Foreign(
        "float[1,3,65,65] x",
        "float[1,3,17,17] y",
        "small = AveragePool <kernel_shape = [1, 1], strides = [4, 4]> (x) y = Conv(small, w, b)",
    ),
    "batch of any": Foreign("float[n,3,64,64] x", "float[n,3,64,64] y", PLAIN),
    "batch of four": Foreign("float[4,3,h,w] x", "float[4,3,h,w] y", PLAIN),
    "names for all sides": Foreign("float[n,c,h,w] x", "float[n,k,h,w] y", PLAIN),
    "names for all sides, grey": Foreign("float[n,c,h,w] x", "float[n,k,h,w] y", "y = Conv(x, grey_w, b)"),
    "half": Foreign(COLOUR, SCORES, _reduced(2)),
    "a quarter": Foreign(COLOUR, SCORES, _reduced(4)),
    "a quarter of one picture": Foreign(
        COLOUR,
        "float[k,h,w] y",
        _reduced(4, "s = Conv(small, w, b) y = Squeeze(s, first)"),
        settings={"processor": "CPU"},
    ),
    "an eighth, probabilities": Foreign(
        COLOUR, SCORES, _reduced(8, "s = Conv(small, w, b) y = Softmax <axis = 1> (s)")
    ),
    "a sixteenth, sigmoids": Foreign(
        COLOUR, "float[n,2,h,w] y", _reduced(16, "s = Conv(small, ends_w, ends_b) y = Sigmoid(s)"), (1, 0, 2)
    ),
    "a quarter, class numbers": Foreign(
        COLOUR,
        "int64[n,h,w] y",
        _reduced(4, "s = Conv(small, w, b) y = ArgMax <axis = 1, keepdims = 0> (s)"),
        settings={"class_count": 3},
    ),
    "whole beside a quarter": Foreign(
        COLOUR, "float[n,3,h,w] early, float[n,3,h,w] y", _reduced(4, "early = Conv(small, w, b)") + PLAIN
    ),
    "scores beside a number": Foreign(
        COLOUR, "float sure, float[n,3,h,w] y", "sure = ReduceMean <keepdims = 0> (x)" + PLAIN
    ),
    "grey levels to 1 looked up in a table": Foreign(
        COLOUR,
        SCORES,
        """brightest = ReduceMax <keepdims = 0> (x) place = Cast <to = 7> (brightest)
        more = Gather(none_three_times, place) s = Conv(x, w, b) y = Add(s, more)""",
        settings={"processor": "CPU"},
    ),
    "scores beside a vector": Foreign(
        COLOUR, "float[n,k,i,j] style, float[n,3,h,w] y", "style = GlobalAveragePool(x)" + PLAIN
    ),
}

REFUSED: Mapping[str, Foreign] = {
    "larger than the picture": Foreign(
        COLOUR, SCORES, 's = Conv(x, w, b) y = Resize <mode = "nearest"> (s, , doubled)', "export it so"
    ),
    "signed bytes": Foreign("int8[n,3,h,w] i", SCORES, "x = Cast <to = 1> (i)" + PLAIN, "takes tensor.int8."),
    "flows and a probability": Foreign(
        COLOUR,
        "float[n,3,h,w] y, float[n,k,i,j] style",
        """style = GlobalAveragePool(x)
        g = Conv(x, bright_w, bright_b)
        across = Conv <pads = [0, 1, 0, 1]> (g, row) down = Conv <pads = [1, 0, 1, 0]> (g, column)
        y = Concat <axis = 1> (down, across, g)""",
        "point",
    ),
    "prototypes beside objects": Foreign(
        COLOUR,
        "float[n,k,m] objects, float[n,3,h,w] parts",
        _reduced(4, "parts = Conv(small, w, b) objects = Reshape(x, as_list)"),
        "objects",
    ),
    "names of things": Foreign(
        COLOUR, "string[n,3,h,w] y", "s = Conv(x, w, b) y = Cast <to = 8> (s)", "cannot be used"
    ),
    "one number": Foreign(COLOUR, "float y", "y = ReduceMean <keepdims = 0> (x)", "not one plane a class"),
    "no planes": Foreign(
        COLOUR, "float[n,0,h,w] y", "s = Conv(x, w, b) y = Slice(s, first, first, first_axis)", "not one plane a class"
    ),
    "a picture beyond memory": Foreign(
        "float[1,3,60000,60000] x", SCORES, PLAIN, r"more at once \(1 × 60000×60000 px\) than memory may hold"
    ),
    "a side beyond memory": Foreign("float[n,3,60000,w] x", SCORES, PLAIN, "than memory may hold"),
    "too many pictures at once": Foreign("float[1000000,3,h,w] x", SCORES, PLAIN, "one picture at a time"),
    "too many pictures, of any channels": Foreign("float[1000000,c,h,w] x", SCORES, PLAIN, "one picture at a time"),
    "numbers up to 255": Foreign(
        COLOUR,
        "int64[n,1,h,w] y",
        "s = Conv(x, w, b) m = ArgMax <axis = 1> (s) y = Mul(m, again)",
        "classes",
        {},
    ),
}
