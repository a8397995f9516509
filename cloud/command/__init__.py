"""The verbs of `weft-cloud`, one module each."""
