"""The practice org: a faithful local Salesforce over HTTP and HTTPS; imports base only."""
