"""What builds the book around Quarto, and instead of it where Quarto is not to be had."""
