"""The org's own HTTP/1.1 server: in charge of every byte of a connection, so that it can also fail on purpose."""
