"""Salesforce over the wire: sign-in, describe, REST query and Bulk API 2.0, written from the protocol's facts."""
