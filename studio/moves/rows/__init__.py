"""A source's rows made ready: recognised, changed, staged once, cut into what is sent, those held back told."""
