"""The practice org: a faithful local Salesforce over HTTP and HTTPS, for first loads, demos and tests."""
