"""Controls that know nothing of the product."""
