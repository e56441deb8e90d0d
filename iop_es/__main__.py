"""The command `iop-es`, also as `python -m iop_es`."""

import gc


def main() -> None:
    """Runs the command. Nothing of what is imported is ever garbage: looking for some was a sixth of each start."""
    gc.disable()
    from iop_es.cli import main as command_line  # noqa: PLC0415 - see above

    gc.freeze()
    gc.enable()
    command_line()


if __name__ == "__main__":
    main()
