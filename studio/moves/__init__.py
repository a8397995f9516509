"""One-shot Salesforce loads and exports."""
