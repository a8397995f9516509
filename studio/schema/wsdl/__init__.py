"""WSDL 1.1: service descriptions as operations with their messages."""
