"""One module a step, in order. A step that was released is never changed; a change of tables is a new step."""
