"""What is done to images to see how far a result hangs on how they were taken and etched."""

from graingraph.engine.batch.sensitivity import Disturbance
from graingraph.nodes.reading.disturbed import out_of_focus, with_contrast

DISTURBANCES = (
    Disturbance("Focus: blurred by px", 0.0, 1.0, "focus_uncertainty", out_of_focus),
    Disturbance("Etching: contrast times", 0.9, 1.1, "preparation_uncertainty", with_contrast),
)
"""By the lines of a report's uncertainty budget (``uncertainty_budget.STATED``) that they enter."""
