"""Records of text, fixed-width or delimited: where fields lie, how kinds are told apart, how they nest."""
