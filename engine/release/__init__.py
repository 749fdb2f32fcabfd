"""Who may run what: the policy of a folder, the audit log beside a recipe, and the signatures that release it."""
