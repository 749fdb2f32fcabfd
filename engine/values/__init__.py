"""What flows along the wires, and how each kind of value is stored."""
