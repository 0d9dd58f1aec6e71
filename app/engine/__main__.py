"""`python -m app.engine`: what a client starts."""

from app.engine.process import main

main()
