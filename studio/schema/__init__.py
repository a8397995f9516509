"""The shape of documents: a tree of nodes with shared types and children made when first asked for."""
