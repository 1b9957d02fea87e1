"""Plain dataclasses and rules about them: no Flask, no reading or writing."""
