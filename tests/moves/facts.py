"""An object as an org would describe it, small enough to see whole."""

from __future__ import annotations

from studio.connectors.salesforce.describe import Field, ObjectFacts

ACCOUNT = ObjectFacts(
    "Account",
    "Account",
    (
        Field("Id", "Account ID", "id", length=18, nillable=False, createable=False, updateable=False,
              defaulted=True, id_lookup=True),
        Field("Name", "Account Name", "string", length=255, nillable=False),
        Field("ERP_Id__c", "External key", "string", length=18, external_id=True, id_lookup=True, unique=True),
        Field("Phone", "Account Phone", "phone", length=40),
        Field("AnnualRevenue", "Annual Revenue", "currency", precision=18, scale=0),
        Field("NumberOfEmployees", "Employees", "int", digits=8),
        Field("Founded__c", "Founded on", "date"),
        Field("Seen__c", "Last seen", "datetime"),
        Field("Active__c", "Active", "boolean", nillable=False, defaulted=True),
        Field("Industry", "Industry", "picklist", length=40, restricted=True, values=("Retail", "Textile")),
        Field("ParentId", "Parent Account ID", "reference", length=18, reference_to=("Account",), relationship="Parent"),
        Field("OwnerId", "Owner ID", "reference", length=18, nillable=False, defaulted=True,
              reference_to=("User",), relationship="Owner"),
        Field("Region__c", "Region", "string", length=20),
        Field("Region2__c", "Region", "string", length=20),
        Field("CreatedDate", "Created Date", "datetime", nillable=False, createable=False, updateable=False,
              defaulted=True),
        Field("BillingAddress", "Billing Address", "address", createable=False, updateable=False),
    ),
    key_prefix="001",
)  # fmt: skip
