"""Coverage-guided fuzzing: ``make fuzz``; see ``docs/security.md``."""
