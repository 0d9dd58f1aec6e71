"""`python -m app` is `worldloom`."""

from app.cli import main

main()
