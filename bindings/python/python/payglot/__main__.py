"""`python -m payglot`: the `payglot` command."""

from ._command import main

main()
