"""`python -m iop_es` is the command `iop-es`."""

from iop_es.cli import main

if __name__ == "__main__":
    main()
