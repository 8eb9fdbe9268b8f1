"""The renderer for machines without Quarto: pages and paper from the same sources."""
