"""How read-only values come about: formula names of the object tables and the SQL over a record's own columns."""

from __future__ import annotations

_PERSON = """trim(coalesce("FirstName" || ' ', '') || "LastName")"""
_CLOSED_STAGES = """("StageName" IN ('Closed Won', 'Closed Lost'))"""
_MONTH = """cast(substr("CloseDate", 6, 2) AS INTEGER)"""

FORMULAS = {
    "person-name": _PERSON,
    "stage-closed": _CLOSED_STAGES,
    "stage-won": """("StageName" = 'Closed Won')""",
    "stage-forecast": (
        """CASE WHEN "StageName" = 'Closed Lost' THEN 'Omitted' WHEN "StageName" = 'Closed Won' THEN 'Closed' """
        """WHEN "StageName" = 'Negotiation/Review' THEN 'Forecast' ELSE 'Pipeline' END"""
    ),
    "expected-revenue": """("Amount" * "Probability" / 100.0)""",
    "fiscal-year": """cast(substr("CloseDate", 1, 4) AS INTEGER)""",
    "fiscal-quarter": f"(({_MONTH} + 2) / 3)",
    "fiscal": f"""(substr("CloseDate", 1, 4) || ' ' || (({_MONTH} + 2) / 3))""",
    "case-closed": """("Status" = 'Closed')""",
    "task-closed": """("Status" = 'Completed')""",
    "task-high": """("Priority" = 'High')""",
    "member-responded": """("Status" = 'Responded')""",
    "product-line-total": """round("Quantity" * "UnitPrice" * (1 - coalesce("Discount", 0) / 100.0), 2)""",
    "order-line-total": """round("Quantity" * "UnitPrice", 2)""",
    "project-left": """("Budget__c" - coalesce("Spent__c", 0))""",
    "line-amount": """round("Quantity__c" * "Unit_Price__c", 2)""",
}


def auto_number(pattern: str) -> str:
    """The SQL of an auto-number: `INV-{00000}` counts records from 1, filled with zeros."""
    before, _brace, rest = pattern.partition("{")
    zeros, _brace, after = rest.partition("}")
    width = max(1, min(len(zeros), 10))
    quoted = [part.replace("'", "''").replace("%", "%%") for part in (before, after)]
    return f"""printf('{quoted[0]}%0{width}d{quoted[1]}', "seq")"""
