"""The cloud repository, seen from here: who is signed in, what differs, pull, push, merge, deploy."""
