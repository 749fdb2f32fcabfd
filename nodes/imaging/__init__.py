"""Array functions shared by nodes: no values, no declarations, no user messages."""
