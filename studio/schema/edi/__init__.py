"""X12 and EDIFACT: messages as samples, definitions of messages, and both matched."""
