"""W3C XML Schema 1.0: files, symbols, types and content models, each read when first asked for."""
