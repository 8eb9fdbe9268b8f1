"""What builds the book around Quarto, and instead of it where Quarto is not to be had."""

import warnings

# Of Panflute's source, which Python 3.12 and later warn of when they first compile it.
warnings.filterwarnings("ignore", "invalid escape sequence", SyntaxWarning)
