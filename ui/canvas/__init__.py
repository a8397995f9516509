"""The mapping canvas: two trees, the links between them, and the gestures."""
