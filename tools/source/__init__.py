"""What the book is written in: its configuration and chapters, read, run, numbered and checked."""
