"""What makes a rendered book a site that is found, linked and kept: the same for both renderers."""
