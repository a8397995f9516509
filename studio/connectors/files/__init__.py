"""Files as sources: recognised, decoded strictly and streamed."""
