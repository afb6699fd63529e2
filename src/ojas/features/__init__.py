"""One folder a capability. Which may call which stands in pyproject.toml and ARCHITECTURE.md."""
