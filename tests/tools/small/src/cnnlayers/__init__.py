"""In place of the package."""
