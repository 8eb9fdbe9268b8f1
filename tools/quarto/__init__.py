"""What runs Quarto and completes what it makes."""
