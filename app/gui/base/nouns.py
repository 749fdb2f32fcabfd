"""What is counted in the window, as ``counted`` takes it: "1 image", "2 images"."""

DIFFERENCE = "difference"
FILE = "file"
IMAGE = "image"
NODE = "node"
ROW = "row"
STROKE = "stroke"
